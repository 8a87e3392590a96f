use std::time::Duration;

use larkspur_mock::{Builder, Mock};
use serde_json::{Value, json};

use crate::support::client::{Outcome, Reply, get, post};

const APP: &str = "/open-apis/auth/v3/app_access_token";
const TENANT: &str = "/open-apis/auth/v3/tenant_access_token";
const RESEND: &str = "/open-apis/auth/v3/app_ticket/resend";
const FILE: &str = "/open-apis/im/v1/files/file_1";
const MEDIA: &str = "/open-apis/drive/v1/medias/boxcn1/download";

type Answer = Result<Reply, Box<dyn std::error::Error>>;

fn builder() -> Builder {
    Mock::builder().store_app("cli_store", "secret").stopped_clock()
}

async fn app_token(mock: &Mock, ticket: &str) -> Answer {
    let body = json!({ "app_id": "cli_store", "app_secret": "secret", "app_ticket": ticket });
    post(mock.base_url(), APP).json(&body).send().await
}

async fn tenant_token(mock: &Mock, app_token: &str, tenant: &str) -> Answer {
    let body = json!({ "app_access_token": app_token, "tenant_key": tenant });
    post(mock.base_url(), TENANT).json(&body).send().await
}

/// A tenant token, by the whole way.
async fn tenant(mock: &Mock, tenant: &str) -> Result<String, Box<dyn std::error::Error>> {
    let ticket = mock.push_ticket("cli_store");
    let app = app_token(mock, &ticket).await?.json();
    let reply = tenant_token(mock, text(&app["app_access_token"]), tenant).await?.json();
    Ok(text(&reply["tenant_access_token"]).to_owned())
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

#[tokio::test]
async fn a_ticket_gives_an_app_token_and_that_a_tenant_token_which_opens_an_endpoint() -> Outcome {
    let mock = builder().start().await?;
    let token = tenant(&mock, "tenant_1").await?;
    assert_eq!(get(mock.base_url(), FILE).token(token).send().await?.status, 200);
    Ok(())
}

#[tokio::test]
async fn a_ticket_that_was_never_pushed_is_refused() -> Outcome {
    let mock = builder().start().await?;
    assert_eq!(app_token(&mock, "made-up").await?.outcome(), (400, Some(10012)));
    Ok(())
}

#[tokio::test]
async fn a_ticket_is_refused_once_the_next_one_is_pushed() -> Outcome {
    let mock = builder().start().await?;
    let (old, new) = (mock.push_ticket("cli_store"), mock.push_ticket("cli_store"));
    assert_eq!(app_token(&mock, &old).await?.code(), Some(10012));
    assert_eq!(app_token(&mock, &new).await?.code(), Some(0));
    Ok(())
}

#[tokio::test]
async fn a_ticket_can_hold_for_a_while_beside_the_next_one() -> Outcome {
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
async fn asking_for_the_ticket_is_counted_and_pushes_nothing() -> Outcome {
    let mock = builder().start().await?;
    let ticket = mock.push_ticket("cli_store");
    let body = json!({ "app_id": "cli_store", "app_secret": "secret" });
    let reply = post(mock.base_url(), RESEND).json(&body).send().await?;
    assert_eq!(
        (reply.outcome(), mock.ticket_requests("cli_store")),
        ((200, Some(0)), 1)
    );
    assert_eq!(app_token(&mock, &ticket).await?.code(), Some(0));
    Ok(())
}

#[tokio::test]
async fn each_tenant_has_a_token_of_its_own_until_half_an_hour_is_left() -> Outcome {
    let mock = builder().start().await?;
    let (one, two) = (tenant(&mock, "tenant_1").await?, tenant(&mock, "tenant_2").await?);
    assert_ne!(one, two);
    assert_eq!(tenant(&mock, "tenant_1").await?, one);
    mock.advance(Duration::from_secs(5401));
    assert_ne!(tenant(&mock, "tenant_1").await?, one);
    Ok(())
}

#[tokio::test]
async fn each_tenant_has_windows_of_its_own() -> Outcome {
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
async fn an_app_token_that_does_not_hold_gives_no_tenant_token() -> Outcome {
    let mock = builder().start().await?;
    let ticket = mock.push_ticket("cli_store");
    let app = app_token(&mock, &ticket).await?.json();
    let held = text(&app["app_access_token"]);
    mock.expire_tokens();
    for token in [held, "a-forged", &mock.tenant_token()] {
        let reply = tenant_token(&mock, token, "tenant_1").await?;
        assert_eq!(reply.outcome(), (400, Some(99991664)), "{token}");
    }
    Ok(())
}

#[tokio::test]
async fn the_app_token_of_a_custom_app_opens_no_tenant() -> Outcome {
    let mock = builder().start().await?;
    let reply = tenant_token(&mock, &mock.app_token(), "tenant_1").await?;
    assert_eq!(reply.outcome(), (400, Some(10013)));
    Ok(())
}

#[tokio::test]
async fn an_endpoint_for_one_kind_of_app_refuses_the_other() -> Outcome {
    let mock = builder().app("cli_custom", "secret").start().await?;
    let custom = json!({ "app_id": "cli_custom", "app_secret": "secret", "app_ticket": "ticket" });
    let store = json!({ "app_id": "cli_store", "app_secret": "secret" });
    for (path, body, code) in [
        (APP, &custom, 10005),
        (RESEND, &custom, 10016),
        ("/open-apis/auth/v3/tenant_access_token/internal", &store, 10005),
        ("/open-apis/auth/v3/app_access_token/internal", &store, 10005),
    ] {
        let reply = post(mock.base_url(), path).json(body).send().await?;
        assert_eq!(reply.outcome(), (400, Some(code)), "{path}");
    }
    Ok(())
}

#[tokio::test]
async fn the_app_token_of_a_custom_app_is_its_tenant_token_too() -> Outcome {
    let mock = Mock::start().await?;
    let body = json!({ "app_id": mock.app_id(), "app_secret": mock.app_secret() });
    let path = "/open-apis/auth/v3/app_access_token/internal";
    let reply = post(mock.base_url(), path).json(&body).send().await?.json();
    let token = text(&reply["app_access_token"]);
    assert_eq!(token, text(&reply["tenant_access_token"]));
    assert_eq!(get(mock.base_url(), FILE).token(token).send().await?.status, 200);
    Ok(())
}

#[tokio::test]
async fn a_store_app_is_not_the_app_of_the_mock() -> Outcome {
    let mock = builder().start().await?;
    assert_ne!(mock.app_id(), "cli_store");
    Ok(())
}
