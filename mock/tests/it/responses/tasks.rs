//! Long-running tasks: one endpoint starts them, another reports their state.

use larkspur_codegen::Source;
use larkspur_mock::{Builder, Mock, Task, TaskError};
use serde_json::{Value, json};

use crate::support::client::{Outcome, get, post};

const EXPORTS: &str = r#"
doc: Exports, for tests.

endpoints:
  create:
    http: POST /open-apis/test/v1/exports
    tokens: []
    scopes: []
    limits: []
    body:
      token: { type: string, required: true }
    response:
      ticket: { type: string, example: "69330" }
    poll:
      endpoint: test.v1.export.get
      from_response: { ticket: ticket }
      from_request: { token: token }
      state: result.job_status
      done: [0]
      failed: [3, 107]
      reason: result.job_error_msg

  remove:
    http: DELETE /open-apis/test/v1/exports
    tokens: []
    scopes: []
    limits: []
    response:
      job: { type: int }
    poll:
      endpoint: test.v1.export.get_removal
      from_response: { job: job }
      state: state
      done: [done]

  get:
    http: GET /open-apis/test/v1/exports/:ticket
    tokens: []
    scopes: []
    limits: []
    path:
      ticket: { type: string }
    query:
      token: { type: string, required: true }
    response:
      result:
        type: object
        fields:
          job_status: { type: int, required: true }
          file_token: { type: string }
          job_error_msg: { type: string, example: success }

  get_removal:
    http: GET /open-apis/test/v1/removals/:job
    tokens: []
    scopes: []
    limits: []
    path:
      job: { type: int }
    response:
      state: { type: string, enum: [done, waiting, odd] }
"#;

const CREATE: &str = "test.v1.export.create";

fn exports() -> Builder {
    let mut source = Source::new();
    source.add("spec/test/v1/export.yaml", EXPORTS);
    Mock::builder().spec(source)
}

/// Starts an export and returns its ticket.
async fn start(mock: &Mock, token: &str) -> Result<String, Box<dyn std::error::Error>> {
    let request = post(mock.base_url(), "/open-apis/test/v1/exports").json(&json!({ "token": token }));
    let response = request.send().await?.json();
    Ok(response["data"]["ticket"].as_str().ok_or("a ticket")?.to_owned())
}

/// Returns the states in the next responses for an export.
async fn states(
    mock: &Mock,
    ticket: &str,
    token: &str,
    count: usize,
) -> Result<Vec<Value>, Box<dyn std::error::Error>> {
    let mut states = Vec::new();
    for _ in 0..count {
        let path = format!("/open-apis/test/v1/exports/{ticket}?token={token}");
        let response = get(mock.base_url(), &path).send().await?.json();
        states.push(response["data"]["result"]["job_status"].clone());
    }
    Ok(states)
}

#[tokio::test]
async fn task_is_pending_twice_then_done() -> Outcome {
    let mock = exports().start().await?;
    let ticket = start(&mock, "a").await?;
    assert_eq!(states(&mock, &ticket, "a", 4).await?, [1, 1, 0, 0]);
    Ok(())
}

#[tokio::test]
async fn pending_polls_are_configurable() -> Outcome {
    let mock = exports().polls(0).start().await?;
    let ticket = start(&mock, "a").await?;
    assert_eq!(states(&mock, &ticket, "a", 1).await?, [0]);
    Ok(())
}

#[tokio::test]
async fn next_task_has_set_outcome() -> Outcome {
    let mock = exports().start().await?;
    mock.next_task(CREATE, Task::failed().after(1))?;
    let (failing, usual) = (start(&mock, "a").await?, start(&mock, "a").await?);
    assert_eq!(states(&mock, &failing, "a", 3).await?, [1, 3, 3]);
    assert_eq!(states(&mock, &usual, "a", 3).await?, [1, 1, 0]);
    Ok(())
}

#[tokio::test]
async fn only_failed_task_has_reason() -> Outcome {
    let mock = exports().polls(0).start().await?;
    mock.next_task(CREATE, Task::failed())?;
    let (failing, usual) = (start(&mock, "a").await?, start(&mock, "a").await?);
    let mut reasons = Vec::new();
    for ticket in [failing, usual] {
        let path = format!("/open-apis/test/v1/exports/{ticket}?token=a");
        let response = get(mock.base_url(), &path).send().await?.json();
        reasons.push(response["data"]["result"]["job_error_msg"].clone());
    }
    assert_eq!(reasons, ["the test made this task fail", "success"]);
    Ok(())
}

#[tokio::test]
async fn concurrent_tasks_have_separate_state() -> Outcome {
    let mock = exports().polls(1).start().await?;
    let (one, two) = (start(&mock, "a").await?, start(&mock, "b").await?);
    assert_ne!(one, two);
    assert_eq!(states(&mock, &one, "a", 2).await?, [1, 0]);
    assert_eq!(states(&mock, &two, "b", 2).await?, [1, 0]);
    Ok(())
}

#[tokio::test]
async fn request_feeds_identify_task() -> Outcome {
    let mock = exports().start().await?;
    let ticket = start(&mock, "a").await?;
    assert_eq!(states(&mock, &ticket, "other", 1).await?, [0], "no such task: done");
    assert_eq!(states(&mock, &ticket, "a", 1).await?, [1]);
    Ok(())
}

#[tokio::test]
async fn pending_state_is_documented_value() -> Outcome {
    let mock = exports().start().await?;
    let path = "/open-apis/test/v1/exports";
    let job = crate::support::client::request("DELETE", mock.base_url(), path)
        .send()
        .await?
        .json()["data"]["job"]
        .clone();
    let path = format!("/open-apis/test/v1/removals/{job}");
    let response = get(mock.base_url(), &path).send().await?.json();
    assert_eq!(response["data"]["state"], "waiting");
    Ok(())
}

#[tokio::test]
async fn rejects_undocumented_task_outcomes() -> Outcome {
    let mock = exports().start().await?;
    for (endpoint, task, expected) in [
        (
            "test.v1.export.give",
            Task::done(),
            TaskError::UnknownEndpoint("test.v1.export.give".to_owned()),
        ),
        (
            "test.v1.export.get",
            Task::done(),
            TaskError::NoTask("test.v1.export.get".to_owned()),
        ),
        (
            "test.v1.export.remove",
            Task::failed(),
            TaskError::NoFailure("test.v1.export.remove".to_owned()),
        ),
    ] {
        assert_eq!(mock.next_task(endpoint, task), Err(expected));
    }
    Ok(())
}

#[tokio::test]
async fn sets_task_over_http() -> Outcome {
    let mock = exports().start().await?;
    let set_task = |json: Value| post(mock.base_url(), "/_mock/task").json(&json).send();
    let status = set_task(json!({ "endpoint": CREATE, "outcome": "failed", "polls": 0 }))
        .await?
        .status;
    assert_eq!(status, 200);
    let ticket = start(&mock, "a").await?;
    assert_eq!(states(&mock, &ticket, "a", 1).await?, [3]);
    for (wrong, expected) in [
        (json!({ "endpoint": CREATE, "outcome": "lost" }), 400),
        (json!({ "endpoint": CREATE, "outcome": "done", "poll": 1 }), 400),
        (json!({ "endpoint": "test.v1.export.get", "outcome": "done" }), 404),
    ] {
        assert_eq!(set_task(wrong.clone()).await?.status, expected, "{wrong}");
    }
    Ok(())
}

#[tokio::test]
async fn refused_call_starts_no_task() -> Outcome {
    let mock = exports().start().await?;
    mock.next_task(CREATE, Task::failed().after(0))?;
    let refused = post(mock.base_url(), "/open-apis/test/v1/exports")
        .json(&json!({}))
        .send()
        .await?;
    assert_eq!(refused.status, 400);
    let ticket = start(&mock, "a").await?;
    assert_eq!(states(&mock, &ticket, "a", 1).await?, [3]);
    Ok(())
}
