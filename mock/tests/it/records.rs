use std::time::Duration;

use larkspur_mock::Mock;
use serde_json::json;

use crate::support::client::{Outcome, get, post};

#[tokio::test]
async fn records_complete_request() -> Outcome {
    let mock = Mock::start().await?;
    let path = "/open-apis/drive/v1/medias/box%20cn/download?extra=%7B%7D&extra=2";
    get(mock.base_url(), path)
        .token(mock.user_token())
        .header("X-Trace", "7")
        .send()
        .await?;
    let requests = mock.requests();
    let recorded = requests.first().ok_or("nothing was recorded")?;
    assert_eq!(recorded.method, "GET");
    assert_eq!(recorded.path, "/open-apis/drive/v1/medias/box%20cn/download");
    let query: Vec<_> = recorded
        .query
        .iter()
        .map(|(key, value)| (key.as_str(), value.as_str()))
        .collect();
    assert_eq!(query, [("extra", "{}"), ("extra", "2")]);
    assert_eq!(recorded.header("x-trace"), Some("7"));
    assert_eq!(recorded.endpoint.as_deref(), Some("drive.v1.media.download"));
    assert_eq!(recorded.status, 200);
    Ok(())
}

#[tokio::test]
async fn records_time_of_request() -> Outcome {
    let mock = Mock::builder().stopped_clock().start().await?;
    mock.advance(Duration::from_millis(1500));
    get(mock.base_url(), "/nowhere").send().await?;
    assert_eq!(mock.requests()[0].at, Duration::from_millis(1500));
    Ok(())
}

#[tokio::test]
async fn redacts_tokens_in_records() -> Outcome {
    let mock = Mock::start().await?;
    for token in [mock.tenant_token(), mock.user_token(), "strange".to_owned()] {
        get(mock.base_url(), "/open-apis/im/v1/files/a")
            .token(token)
            .send()
            .await?;
    }
    let requests = mock.requests();
    let recorded: Vec<_> = requests
        .iter()
        .filter_map(|recorded| recorded.header("authorization"))
        .collect();
    assert_eq!(recorded, ["Bearer t-***", "Bearer u-***", "***"]);
    Ok(())
}

#[tokio::test]
async fn debug_output_omits_recorded_body() -> Outcome {
    let mock = Mock::start().await?;
    let body = json!({ "app_id": mock.app_id(), "app_secret": mock.app_secret() });
    let request = post(mock.base_url(), "/open-apis/auth/v3/tenant_access_token/internal");
    request.json(&body).send().await?;
    let requests = mock.requests();
    assert_eq!(requests[0].body, body.to_string());
    assert!(!format!("{mock:?} {requests:?}").contains(mock.app_secret()));
    Ok(())
}

#[tokio::test]
async fn records_unrouted_request() -> Outcome {
    let mock = Mock::start().await?;
    get(mock.base_url(), "/nowhere").send().await?;
    assert_eq!(
        (mock.requests()[0].endpoint.as_deref(), mock.requests()[0].status),
        (None, 404)
    );
    Ok(())
}
