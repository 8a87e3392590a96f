use larkspur_mock::Mock;
use serde_json::json;

use crate::support::client::{Outcome, ask, get, post};

const FILE: &str = "/open-apis/im/v1/files/file_1";

#[tokio::test]
async fn failures_can_be_asked_for_over_http() -> Outcome {
    let mock = Mock::start().await?;
    let wish = json!({ "endpoint": "im.v1.file.get", "code": 234005, "times": 2 });
    assert_eq!(
        post(mock.base_url(), "/_mock/fail").json(&wish).send().await?.status,
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
async fn a_wish_that_makes_no_sense_is_refused_with_an_example() -> Outcome {
    let mock = Mock::start().await?;
    let fail = || post(mock.base_url(), "/_mock/fail");
    for wish in [
        json!({}),
        json!({ "endpoint": "im.v1.file.get" }),
        json!({ "endpoint": "im.v1.file.get", "http": 7 }),
        json!({ "endpoint": "im.v1.file.get", "code": 0 }),
        json!({ "endpoint": "im.v1.file.get", "code": 1, "time": 2 }),
        json!(["im.v1.file.get", 1]),
    ] {
        let reply = fail().json(&wish).send().await?;
        assert!(reply.status == 400 && !reply.body.is_empty(), "{wish}");
    }
    let unknown = json!({ "endpoint": "im.v1.file.gets", "code": 1 });
    assert_eq!(fail().json(&unknown).send().await?.status, 404);
    Ok(())
}

#[tokio::test]
async fn files_can_be_put_over_http() -> Outcome {
    let mock = Mock::start().await?;
    let put = ask("PUT", mock.base_url(), "/_mock/files/file_1?name=%E8%A1%A8.csv");
    assert_eq!(
        put.header("content-type", "text/csv").body("1,2").send().await?.status,
        200
    );
    let ask = get(mock.base_url(), FILE)
        .token(mock.tenant_token())
        .header("content-type", "application/json");
    let reply = ask.send().await?;
    assert_eq!(reply.body, "1,2");
    assert_eq!(
        reply.header("content-disposition").as_deref(),
        Some("attachment; filename=\"表.csv\"")
    );
    Ok(())
}

#[tokio::test]
async fn the_requests_can_be_read_over_http_without_secrets() -> Outcome {
    let mock = Mock::start().await?;
    get(mock.base_url(), FILE).token(mock.tenant_token()).send().await?;
    let reply = get(mock.base_url(), "/_mock/requests").send().await?;
    let list = reply.json();
    assert_eq!(
        (&list[0]["endpoint"], list.as_array().map(Vec::len)),
        (&json!("im.v1.file.get"), Some(1))
    );
    assert!(String::from_utf8_lossy(&reply.body).contains("Bearer t-***"));
    Ok(())
}
