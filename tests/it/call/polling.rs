//! Tasks that are waited for, over HTTP.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use larkspur::drive::v1::ErrorCode;
use larkspur::drive::v1::export_task::{Create, CreateResponse, DocumentType, Extension, Get, GetResponse, JobStatus};
use larkspur::error::{ErrorKind, PollingError};
use larkspur::polling::Poller;
use larkspur::{Client, Error, RateLimitMode};
use larkspur_mock::{Failure, Mock, Task};

use crate::support::{Platform, Recorded, Reply, token};

const CREATE: &str = "drive.v1.export_task.create";
const GET: &str = "drive.v1.export_task.get";
const DOCUMENT: &str = "doxcnAbcdefghijklmnopqrstuv";
const SOON: Duration = Duration::from_millis(1);

fn export() -> Create {
    Create::new(Extension::Pdf, DOCUMENT, DocumentType::Docx)
}

fn client_of(mock: &Mock) -> Client {
    Client::builder()
        .app(mock.app_id(), mock.app_secret())
        .base_url(mock.base_url())
        .build()
        .unwrap()
}

fn fault(error: &Error) -> &PollingError {
    match error.kind() {
        ErrorKind::Polling(fault) => fault,
        _ => panic!("{error}"),
    }
}

/// Responds to the export with a ticket, and to each poll, counted from 0, with what `told` returns.
async fn platform(told: impl Fn(usize) -> Reply + Send + Sync + 'static) -> Platform {
    let asked = AtomicUsize::new(0);
    Platform::start(move |request: &Recorded| {
        if request.is_for_a_token() {
            token(7200)
        } else if request.method == "POST" {
            Reply::data(r#"{"ticket":"6933"}"#)
        } else {
            told(asked.fetch_add(1, Ordering::SeqCst))
        }
    })
    .await
}

fn state(status: i64) -> Reply {
    Reply::data(&format!(
        r#"{{"result":{{"job_status":{status},"job_error_msg":"none"}}}}"#
    ))
}

#[tokio::test]
async fn polls_export_until_done() {
    let mock = Mock::start().await.unwrap();
    mock.next_task(CREATE, Task::done().after(2)).unwrap();
    let answer = export().wait(&client_of(&mock)).interval(SOON).await.unwrap();
    assert_eq!(answer.result.job_status, JobStatus::Done);
    assert!(answer.result.file_token.is_some());
    assert_eq!((mock.calls(CREATE), mock.calls(GET)), (1, 3));
}

#[tokio::test]
async fn failed_task_error_has_state_and_reason() {
    let mock = Mock::start().await.unwrap();
    mock.next_task(CREATE, Task::failed().after(1)).unwrap();
    let error = export().wait(&client_of(&mock)).interval(SOON).await.unwrap_err();
    assert_eq!(
        fault(&error),
        &PollingError::Failed {
            state: "3".to_owned(),
            meaning: "An error of the platform.",
            reason: Some("the test made this task fail".to_owned()),
        }
    );
    assert_eq!(error.endpoint().unwrap().id, GET);
    assert!(!error.is_retryable());
    let text = error.report().to_string();
    let begin = "drive.v1.export_task.get: the task failed with state 3: An error of the platform. \
                 (reason of the platform: the test made this task fail)\n  the task: drive.v1.export_task.get with ticket ";
    assert!(text.starts_with(begin), "{text}");
}

#[tokio::test]
async fn classifies_every_documented_state() {
    for failed in [3, 107, 108, 109, 110, 111, 122, 123, 6000] {
        let platform = platform(move |_| state(failed)).await;
        let error = export().wait(&platform.client()).interval(SOON).await.unwrap_err();
        assert!(matches!(fault(&error), PollingError::Failed { .. }), "{error}");
    }
    // Starting, under way, and one that the spec does not know.
    let platform = platform(|asked| state([1, 2, 4711, 0][asked])).await;
    let answer = export().wait(&platform.client()).interval(SOON).await.unwrap();
    assert_eq!(answer.result.job_status, JobStatus::Done);
    assert_eq!(platform.calls().len(), 5);
}

#[tokio::test]
async fn timeout_error_has_request_to_resume() {
    let platform = platform(|asked| state(if asked < 2 { 2 } else { 0 })).await;
    let client = platform.client();
    let error = export().wait(&client).timeout(Duration::ZERO).await.unwrap_err();
    match fault(&error) {
        PollingError::Unfinished {
            state, polls: asked, ..
        } => assert_eq!((state.as_deref(), *asked), (Some("2"), 1)),
        other => panic!("{other:?}"),
    }
    assert!(error.is_retryable());
    let hint = format!("\n  the task continues; poll it with: {GET} with ticket \"6933\", token {DOCUMENT:?}");
    assert!(error.report().to_string().ends_with(&hint), "{error}");

    let get: Get = error.task().unwrap();
    assert_eq!((&*get.ticket, &*get.token), ("6933", DOCUMENT));
    assert!(error.task::<Create>().is_none(), "it is of another type");
    let answer = get.wait(&client).interval(SOON).await.unwrap();
    assert_eq!(answer.result.job_status, JobStatus::Done);
    assert_eq!(platform.calls().iter().filter(|call| call.method == "POST").count(), 1);
}

#[tokio::test]
async fn polls_task_of_another_process() {
    let platform = platform(|_| state(0)).await;
    let get = Get::new("6933", DOCUMENT);
    // Waiting for an hour first would be more than this test has.
    let answer = get.wait(&platform.client()).interval(Duration::from_secs(3600)).await;
    assert_eq!(answer.unwrap().result.job_status, JobStatus::Done);
    assert_eq!(
        platform.call().target,
        format!("/open-apis/drive/v1/export_tasks/6933?token={DOCUMENT}")
    );
}

#[tokio::test]
async fn retries_poll_requests() {
    let mock = Mock::start().await.unwrap();
    mock.fail_next(GET, Failure::status(503).times(2)).unwrap();
    let client = client_of(&mock);
    let answer = export().wait(&client).interval(SOON).await.unwrap();
    assert_eq!(answer.result.job_status, JobStatus::Done);
    assert_eq!(mock.calls(CREATE), 1);
}

#[tokio::test]
async fn transport_fault_keeps_task() {
    let platform = platform(|asked| match asked {
        0 => state(2),
        1 => state(2).cut_in_half(),
        _ => state(0),
    })
    .await;
    let client = platform.client();
    let error = export().wait(&client).interval(SOON).await.unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Transport(_)), "{error}");
    assert!(
        error
            .report()
            .to_string()
            .contains("poll it with: drive.v1.export_task.get with ticket \"6933\""),
        "{error}"
    );
    let answer = error.task::<Get>().unwrap().wait(&client).await.unwrap();
    assert_eq!(answer.result.job_status, JobStatus::Done);
}

#[tokio::test]
async fn rejected_poll_keeps_task() {
    let mock = Mock::start().await.unwrap();
    mock.fail_next(GET, Failure::code(1069902)).unwrap();
    let error = export().wait(&client_of(&mock)).interval(SOON).await.unwrap_err();
    assert_eq!(error.code_as(), Some(ErrorCode::NoPermission));
    assert!(error.task::<Get>().is_some());
}

#[tokio::test]
async fn failed_start_is_not_polled() {
    let mock = Mock::start().await.unwrap();
    mock.fail_next(CREATE, Failure::code(1069906)).unwrap();
    let error = export().wait(&client_of(&mock)).interval(SOON).await.unwrap_err();
    assert_eq!(error.code(), Some(1069906));
    assert!(error.task::<Get>().is_none());
    assert_eq!(mock.calls(GET), 0);
}

#[tokio::test]
async fn missing_ticket_reports_started_task() {
    let platform = platform(|_| state(0)).await;
    let poll = |_: &Create, _: &CreateResponse| None::<Get>;
    let error = Poller::start(&platform.client(), export(), poll).await.unwrap_err();
    assert_eq!(fault(&error), &PollingError::MissingTask { by: GET });
    assert_eq!(error.endpoint().unwrap().id, CREATE);
}

#[tokio::test]
async fn polls_within_rate_limit() {
    let platform = platform(|_| state(2)).await;
    let client = platform.client().with_rate_limits(RateLimitMode::Fail);
    let error = export().wait(&client).interval(Duration::ZERO).await.unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::RateLimited(_)), "{error}");
    assert_eq!(platform.calls().iter().filter(|call| call.method == "GET").count(), 100);
    assert!(error.task::<Get>().is_some());
}

#[tokio::test]
async fn nothing_is_sent_before_it_is_awaited() {
    let platform = platform(|_| state(0)).await;
    drop(export().wait(&platform.client()));
    assert!(platform.calls().is_empty());
}

#[tokio::test]
async fn it_can_be_awaited_in_another_task() {
    let platform = platform(|_| state(0)).await;
    let waiting = export().wait(&platform.client()).interval(SOON).into_future();
    let answer: larkspur::Result<GetResponse> = tokio::spawn(waiting).await.unwrap();
    assert_eq!(answer.unwrap().result.job_status, JobStatus::Done);
}

#[tokio::test]
async fn shows_multiline_reason_on_one_line() {
    let reply = r#"{"result":{"job_status":107,"job_error_msg":"too\nlarge"}}"#;
    let platform = platform(|_| Reply::data(reply)).await;
    let error = export().wait(&platform.client()).interval(SOON).await.unwrap_err();
    let text = error.report().to_string();
    assert!(
        text.contains("state 107: The document is too large. (reason of the platform: too large)\n"),
        "{text}"
    );
}
