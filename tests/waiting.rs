//! Tasks that are waited for, over HTTP.

mod support;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use larkspur::drive::v1::export_task::{Create, DocumentType, Extension, Get, GetError, GetResponse, JobStatus};
use larkspur::error::{Problem, TaskFault};
use larkspur::{Client, Error, RetryPolicy};
use larkspur_mock::{Failure, Mock, Task};

use support::{APP_ID, APP_SECRET, Platform, Recorded, Reply, token};

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

fn fault(error: &Error) -> &TaskFault {
    match error.problem() {
        Problem::Task(fault) => fault,
        _ => panic!("{error}"),
    }
}

/// Answers the export with a ticket, and the questions for it with what `told` says of each, counted from 0.
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
async fn an_export_is_created_asked_for_until_it_is_done_and_gives_its_file() {
    let mock = Mock::start().await.unwrap();
    mock.next_task(CREATE, Task::done().after(2)).unwrap();
    let answer = export().wait(&client_of(&mock)).every(SOON).await.unwrap();
    assert_eq!(answer.result.job_status, JobStatus::Done);
    assert!(answer.result.file_token.is_some());
    assert_eq!((mock.calls(CREATE), mock.calls(GET)), (1, 3));
}

#[tokio::test]
async fn a_task_that_fails_is_an_error_with_endpoint_state_meaning_and_reason() {
    let mock = Mock::start().await.unwrap();
    mock.next_task(CREATE, Task::failed().after(1)).unwrap();
    let error = export().wait(&client_of(&mock)).every(SOON).await.unwrap_err();
    assert_eq!(
        fault(&error),
        &TaskFault::Failed {
            state: "3".to_owned(),
            meaning: "A fault of the platform.",
            reason: Some("this task was to fail".to_owned()),
        }
    );
    assert_eq!(error.endpoint().unwrap().id, GET);
    assert!(!error.is_retryable());
    let text = error.to_string();
    let begin = "drive.v1.export_task.get: the task failed with state 3: A fault of the platform.\n  \
                 the platform's reason: this task was to fail\n  the task: drive.v1.export_task.get with ticket ";
    assert!(text.starts_with(begin), "{text}");
}
