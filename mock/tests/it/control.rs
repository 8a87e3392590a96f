use larkspur_mock::Mock;
use serde_json::json;

use crate::support::client::{Outcome, get, post, request};

const FILE: &str = "/open-apis/im/v1/files/file_1";

#[tokio::test]
async fn injects_failures_over_http() -> Outcome {
    let mock = Mock::start().await?;
    let json = json!({ "endpoint": "im.v1.file.get", "code": 234005, "times": 2 });
    assert_eq!(
        post(mock.base_url(), "/_mock/fail").json(&json).send().await?.status,
        200
    );
    let mut codes = Vec::new();
    for _ in 0..3 {
        codes.push(
            get(mock.base_url(), FILE)
                .token(mock.tenant_token())
                .send()
                .await?
                .code(),
        );
    }
    assert_eq!(codes, [Some(234005), Some(234005), None]);
    Ok(())
}

#[tokio::test]
async fn rejects_invalid_failure_with_example() -> Outcome {
    let mock = Mock::start().await?;
    let fail = || post(mock.base_url(), "/_mock/fail");
    for json in [
        json!({}),
        json!({ "endpoint": "im.v1.file.get" }),
        json!({ "endpoint": "im.v1.file.get", "http": 7 }),
        json!({ "endpoint": "im.v1.file.get", "code": 0 }),
        json!({ "endpoint": "im.v1.file.get", "code": 1, "time": 2 }),
        json!(["im.v1.file.get", 1]),
    ] {
        let response = fail().json(&json).send().await?;
        assert!(response.status == 400 && !response.body.is_empty(), "{json}");
    }
    let unknown = json!({ "endpoint": "im.v1.file.gets", "code": 1 });
    assert_eq!(fail().json(&unknown).send().await?.status, 404);
    Ok(())
}

#[tokio::test]
async fn stores_files_over_http() -> Outcome {
    let mock = Mock::start().await?;
    let put = request("PUT", mock.base_url(), "/_mock/files/file_1?name=%E8%A1%A8.csv");
    assert_eq!(
        put.header("content-type", "text/csv").body("1,2").send().await?.status,
        200
    );
    let request = get(mock.base_url(), FILE)
        .token(mock.tenant_token())
        .header("content-type", "application/json");
    let response = request.send().await?;
    assert_eq!(response.body, "1,2");
    assert_eq!(
        response.header("content-disposition").as_deref(),
        Some("attachment; filename=\"表.csv\"")
    );
    Ok(())
}

#[tokio::test]
async fn lists_requests_over_http_without_secrets() -> Outcome {
    let mock = Mock::start().await?;
    get(mock.base_url(), FILE).token(mock.tenant_token()).send().await?;
    let response = get(mock.base_url(), "/_mock/requests").send().await?;
    let list = response.json();
    assert_eq!(
        (&list[0]["endpoint"], list.as_array().map(Vec::len)),
        (&json!("im.v1.file.get"), Some(1))
    );
    assert!(String::from_utf8_lossy(&response.body).contains("Bearer t-***"));
    Ok(())
}
