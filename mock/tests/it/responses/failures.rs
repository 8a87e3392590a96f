use larkspur_mock::{Failure, Mock};
use serde_json::json;

use crate::support::client::{Ask, Outcome, get};
use crate::support::spec;

fn file(mock: &Mock) -> Ask {
    get(mock.base_url(), "/open-apis/im/v1/files/file_1").token(mock.tenant_token())
}

const ID: &str = "im.v1.file.get";

#[tokio::test]
async fn a_documented_code_comes_with_its_status_and_message() -> Outcome {
    let mock = Mock::start().await?;
    mock.fail_next(ID, Failure::code(234002))?;
    let reply = file(&mock).send().await?;
    assert_eq!(reply.outcome(), (401, Some(234002)));
    assert_eq!(reply.json()["msg"], "Unauthorized.");
    Ok(())
}

#[tokio::test]
async fn a_failure_ends_after_as_many_calls_as_were_asked_for() -> Outcome {
    let mock = Mock::start().await?;
    mock.fail_next(ID, Failure::status(500).times(2))?;
    mock.fail_next(ID, Failure::status(403))?;
    let mut statuses = Vec::new();
    for _ in 0..4 {
        statuses.push(file(&mock).send().await?.status);
    }
    assert_eq!(statuses, [500, 500, 403, 200]);
    Ok(())
}

#[tokio::test]
async fn a_failure_meets_its_own_endpoint_only() -> Outcome {
    let mock = Mock::start().await?;
    mock.fail_next("drive.v1.media.download", Failure::status(500))?;
    assert_eq!(file(&mock).send().await?.status, 200);
    Ok(())
}

#[tokio::test]
async fn an_endpoint_that_the_spec_does_not_have_cannot_be_made_to_fail() -> Outcome {
    let mock = Mock::start().await?;
    assert!(mock.fail_next("im.v1.file.gets", Failure::status(500)).is_err());
    Ok(())
}

#[tokio::test]
async fn a_header_asks_for_a_code_or_a_status() -> Outcome {
    let mock = Mock::start().await?;
    let code = file(&mock).header("x-mock-error", "234008").send().await?;
    let status = file(&mock).header("x-mock-error", "http 403").send().await?;
    assert_eq!((code.outcome(), status.status), ((400, Some(234008)), 403));
    Ok(())
}

#[tokio::test]
async fn a_header_that_cannot_be_read_is_told_how_to_be_written() -> Outcome {
    let mock = Mock::start().await?;
    for value in ["often", "0", "http", "http 200", "http many"] {
        let reply = file(&mock).header("x-mock-error", value).send().await?;
        let text = String::from_utf8_lossy(&reply.body).into_owned();
        assert!(reply.status == 400 && text.contains("http 403"), "{value}: {text}");
    }
    Ok(())
}

#[tokio::test]
async fn a_code_can_come_on_a_status_that_does_not_fit() -> Outcome {
    let mock = Mock::start().await?;
    mock.fail_next(ID, Failure::code(99991663).http(200))?;
    assert_eq!(file(&mock).send().await?.outcome(), (200, Some(99991663)));
    Ok(())
}

#[tokio::test]
async fn a_failure_can_have_no_body() -> Outcome {
    let mock = Mock::start().await?;
    mock.fail_next(ID, Failure::status(400).empty())?;
    let reply = file(&mock).send().await?;
    assert_eq!((reply.status, reply.body.len()), (400, 0));
    Ok(())
}

#[tokio::test]
async fn a_rate_failure_says_when_to_come_back() -> Outcome {
    let mock = Mock::start().await?;
    mock.fail_next(ID, Failure::code(99991400).reset(7))?;
    let reply = file(&mock).send().await?;
    assert_eq!(reply.outcome(), (429, Some(99991400)));
    assert_eq!(reply.header("x-ogw-ratelimit-reset").as_deref(), Some("7"));
    Ok(())
}

#[tokio::test]
async fn a_missing_scope_names_the_scopes() -> Outcome {
    let mock = spec::notes().start().await?;
    mock.fail_next("test.v1.note.list", Failure::code(99991672))?;
    let reply = get(mock.base_url(), "/open-apis/test/v1/notes").send().await?;
    assert_eq!(reply.json()["error"]["permission_violations"][0]["scope"], "test:note");
    Ok(())
}

#[tokio::test]
async fn every_error_has_the_log_id_of_its_header_and_a_troubleshooter() -> Outcome {
    let mock = Mock::start().await?;
    mock.fail_next(ID, Failure::code(234001))?;
    let reply = file(&mock).send().await?;
    let error = &reply.json()["error"];
    assert_eq!(error["log_id"].as_str().map(str::to_owned), reply.header("x-tt-logid"));
    let troubleshooter = error["troubleshooter"].as_str().unwrap_or_default();
    assert!(troubleshooter.contains("code=234001"), "{troubleshooter}");
    assert_eq!(
        reply.header("content-type").as_deref(),
        Some("application/json; charset=utf-8")
    );
    assert_eq!(error.get("field_violations"), None, "{}", json!(error));
    Ok(())
}
