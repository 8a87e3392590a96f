use larkspur_mock::{Failure, Mock};
use serde_json::json;

use crate::support::client::{Outcome, TestRequest, get};
use crate::support::spec;

fn file(mock: &Mock) -> TestRequest {
    get(mock.base_url(), "/open-apis/im/v1/files/file_1").token(mock.tenant_token())
}

const ID: &str = "im.v1.file.get";

#[tokio::test]
async fn documented_code_has_status_and_message() -> Outcome {
    let mock = Mock::start().await?;
    mock.fail_next(ID, Failure::code(234002))?;
    let response = file(&mock).send().await?;
    assert_eq!(response.outcome(), (401, Some(234002)));
    assert_eq!(response.json()["msg"], "Unauthorized.");
    Ok(())
}

#[tokio::test]
async fn failure_ends_after_given_count() -> Outcome {
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
async fn failure_applies_to_its_endpoint_only() -> Outcome {
    let mock = Mock::start().await?;
    mock.fail_next("drive.v1.media.download", Failure::status(500))?;
    assert_eq!(file(&mock).send().await?.status, 200);
    Ok(())
}

#[tokio::test]
async fn rejects_failure_for_unknown_endpoint() -> Outcome {
    let mock = Mock::start().await?;
    assert!(mock.fail_next("im.v1.file.gets", Failure::status(500)).is_err());
    Ok(())
}

#[tokio::test]
async fn header_injects_code_or_status() -> Outcome {
    let mock = Mock::start().await?;
    let code = file(&mock).header("x-mock-error", "234008").send().await?;
    let status = file(&mock).header("x-mock-error", "http 403").send().await?;
    assert_eq!((code.outcome(), status.status), ((400, Some(234008)), 403));
    Ok(())
}

#[tokio::test]
async fn invalid_error_header_explains_format() -> Outcome {
    let mock = Mock::start().await?;
    for value in ["often", "0", "http", "http 200", "http many"] {
        let response = file(&mock).header("x-mock-error", value).send().await?;
        let text = String::from_utf8_lossy(&response.body).into_owned();
        assert!(response.status == 400 && text.contains("http 403"), "{value}: {text}");
    }
    Ok(())
}

#[tokio::test]
async fn code_can_have_unusual_status() -> Outcome {
    let mock = Mock::start().await?;
    mock.fail_next(ID, Failure::code(99991663).http(200))?;
    assert_eq!(file(&mock).send().await?.outcome(), (200, Some(99991663)));
    Ok(())
}

#[tokio::test]
async fn failure_without_body() -> Outcome {
    let mock = Mock::start().await?;
    mock.fail_next(ID, Failure::status(400).empty())?;
    let response = file(&mock).send().await?;
    assert_eq!((response.status, response.body.len()), (400, 0));
    Ok(())
}

#[tokio::test]
async fn rate_limit_failure_has_reset_headers() -> Outcome {
    let mock = Mock::start().await?;
    mock.fail_next(ID, Failure::code(99991400).reset(7))?;
    let response = file(&mock).send().await?;
    assert_eq!(response.outcome(), (429, Some(99991400)));
    assert_eq!(response.header("x-ogw-ratelimit-reset").as_deref(), Some("7"));
    Ok(())
}

#[tokio::test]
async fn missing_scope_lists_scopes() -> Outcome {
    let mock = spec::notes().start().await?;
    mock.fail_next("test.v1.note.list", Failure::code(99991672))?;
    let response = get(mock.base_url(), "/open-apis/test/v1/notes").send().await?;
    assert_eq!(
        response.json()["error"]["permission_violations"][0]["scope"],
        "test:note"
    );
    Ok(())
}

#[tokio::test]
async fn errors_have_log_id_and_troubleshooter() -> Outcome {
    let mock = Mock::start().await?;
    mock.fail_next(ID, Failure::code(234001))?;
    let response = file(&mock).send().await?;
    let error = &response.json()["error"];
    assert_eq!(
        error["log_id"].as_str().map(str::to_owned),
        response.header("x-tt-logid")
    );
    let troubleshooter = error["troubleshooter"].as_str().unwrap_or_default();
    assert!(troubleshooter.contains("code=234001"), "{troubleshooter}");
    assert_eq!(
        response.header("content-type").as_deref(),
        Some("application/json; charset=utf-8")
    );
    assert_eq!(error.get("field_violations"), None, "{}", json!(error));
    Ok(())
}
