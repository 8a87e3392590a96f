use std::time::Duration;

use larkspur_mock::{Builder, Mock};
use serde_json::{Value, json};

use crate::support::client::{Outcome, Response, get, post};

const APP: &str = "/open-apis/auth/v3/app_access_token";
const TENANT: &str = "/open-apis/auth/v3/tenant_access_token";
const RESEND: &str = "/open-apis/auth/v3/app_ticket/resend";
const FILE: &str = "/open-apis/im/v1/files/file_1";
const MEDIA: &str = "/open-apis/drive/v1/medias/boxcn1/download";

type TestResult = Result<Response, Box<dyn std::error::Error>>;

fn builder() -> Builder {
    Mock::builder().store_app("cli_store", "secret").stopped_clock()
}

async fn app_token(mock: &Mock, ticket: &str) -> TestResult {
    let body = json!({ "app_id": "cli_store", "app_secret": "secret", "app_ticket": ticket });
    post(mock.base_url(), APP).json(&body).send().await
}

async fn tenant_token(mock: &Mock, app_token: &str, tenant: &str) -> TestResult {
    let body = json!({ "app_access_token": app_token, "tenant_key": tenant });
    post(mock.base_url(), TENANT).json(&body).send().await
}

/// Requests a tenant token, with all requests that it needs.
async fn tenant(mock: &Mock, tenant: &str) -> Result<String, Box<dyn std::error::Error>> {
    let ticket = mock.push_ticket("cli_store");
    let app = app_token(mock, &ticket).await?.json();
    let response = tenant_token(mock, text(&app["app_access_token"]), tenant).await?.json();
    Ok(text(&response["tenant_access_token"]).to_owned())
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

#[tokio::test]
async fn ticket_leads_to_valid_tenant_token() -> Outcome {
    let mock = builder().start().await?;
    let token = tenant(&mock, "tenant_1").await?;
    assert_eq!(get(mock.base_url(), FILE).token(token).send().await?.status, 200);
    Ok(())
}

#[tokio::test]
async fn rejects_unknown_ticket() -> Outcome {
    let mock = builder().start().await?;
    assert_eq!(app_token(&mock, "made-up").await?.outcome(), (400, Some(10012)));
    Ok(())
}

#[tokio::test]
async fn next_ticket_invalidates_previous() -> Outcome {
    let mock = builder().start().await?;
    let (old, new) = (mock.push_ticket("cli_store"), mock.push_ticket("cli_store"));
    assert_eq!(app_token(&mock, &old).await?.code(), Some(10012));
    assert_eq!(app_token(&mock, &new).await?.code(), Some(0));
    Ok(())
}

#[tokio::test]
async fn ticket_stays_valid_during_grace() -> Outcome {
    let mock = builder().ticket_grace(Duration::from_secs(60)).start().await?;
    let old = mock.push_ticket("cli_store");
    mock.push_ticket("cli_store");
    mock.advance(Duration::from_secs(59));
    assert_eq!(app_token(&mock, &old).await?.code(), Some(0));
    mock.advance(Duration::from_secs(1));
    assert_eq!(app_token(&mock, &old).await?.code(), Some(10012));
    Ok(())
}

#[tokio::test]
async fn ticket_request_is_counted_only() -> Outcome {
    let mock = builder().start().await?;
    let ticket = mock.push_ticket("cli_store");
    let body = json!({ "app_id": "cli_store", "app_secret": "secret" });
    let response = post(mock.base_url(), RESEND).json(&body).send().await?;
    assert_eq!(
        (response.outcome(), mock.ticket_requests("cli_store")),
        ((200, Some(0)), 1)
    );
    assert_eq!(app_token(&mock, &ticket).await?.code(), Some(0));
    Ok(())
}

#[tokio::test]
async fn tenants_have_separate_tokens_until_renewal() -> Outcome {
    let mock = builder().start().await?;
    let (one, two) = (tenant(&mock, "tenant_1").await?, tenant(&mock, "tenant_2").await?);
    assert_ne!(one, two);
    assert_eq!(tenant(&mock, "tenant_1").await?, one);
    mock.advance(Duration::from_secs(5401));
    assert_ne!(tenant(&mock, "tenant_1").await?, one);
    Ok(())
}

#[tokio::test]
async fn tenants_have_separate_windows() -> Outcome {
    let mock = builder().start().await?;
    let (one, two) = (tenant(&mock, "tenant_1").await?, tenant(&mock, "tenant_2").await?);
    for _ in 0..5 {
        assert_eq!(get(mock.base_url(), MEDIA).token(&one).send().await?.status, 200);
    }
    assert_eq!(get(mock.base_url(), MEDIA).token(&one).send().await?.status, 429);
    assert_eq!(get(mock.base_url(), MEDIA).token(&two).send().await?.status, 200);
    Ok(())
}

#[tokio::test]
async fn tenant_token_needs_valid_app_token() -> Outcome {
    let mock = builder().start().await?;
    let ticket = mock.push_ticket("cli_store");
    let app = app_token(&mock, &ticket).await?.json();
    let held = text(&app["app_access_token"]);
    mock.expire_tokens();
    for token in [held, "a-forged", &mock.tenant_token()] {
        let response = tenant_token(&mock, token, "tenant_1").await?;
        assert_eq!(response.outcome(), (400, Some(99991664)), "{token}");
    }
    Ok(())
}

#[tokio::test]
async fn custom_app_token_issues_no_tenant_token() -> Outcome {
    let mock = builder().start().await?;
    let response = tenant_token(&mock, &mock.app_token(), "tenant_1").await?;
    assert_eq!(response.outcome(), (400, Some(10013)));
    Ok(())
}

#[tokio::test]
async fn endpoint_rejects_other_kind_of_app() -> Outcome {
    let mock = builder().app("cli_custom", "secret").start().await?;
    let custom = json!({ "app_id": "cli_custom", "app_secret": "secret", "app_ticket": "ticket" });
    let store = json!({ "app_id": "cli_store", "app_secret": "secret" });
    for (path, body, code) in [
        (APP, &custom, 10005),
        (RESEND, &custom, 10016),
        ("/open-apis/auth/v3/tenant_access_token/internal", &store, 10005),
        ("/open-apis/auth/v3/app_access_token/internal", &store, 10005),
    ] {
        let response = post(mock.base_url(), path).json(body).send().await?;
        assert_eq!(response.outcome(), (400, Some(code)), "{path}");
    }
    Ok(())
}

#[tokio::test]
async fn custom_app_token_is_its_tenant_token() -> Outcome {
    let mock = Mock::start().await?;
    let body = json!({ "app_id": mock.app_id(), "app_secret": mock.app_secret() });
    let path = "/open-apis/auth/v3/app_access_token/internal";
    let response = post(mock.base_url(), path).json(&body).send().await?.json();
    let token = text(&response["app_access_token"]);
    assert_eq!(token, text(&response["tenant_access_token"]));
    assert_eq!(get(mock.base_url(), FILE).token(token).send().await?.status, 200);
    Ok(())
}

#[tokio::test]
async fn default_app_is_not_a_store_app() -> Outcome {
    let mock = builder().start().await?;
    assert_ne!(mock.app_id(), "cli_store");
    Ok(())
}
