use std::time::Duration;

use larkspur_mock::Mock;
use serde_json::{Value, json};

use crate::support::client::{Outcome, Response, get, post};
use crate::support::spec;

const TOKEN: &str = "/open-apis/auth/v3/tenant_access_token/internal";
const FILE: &str = "/open-apis/im/v1/files/file_1";
const MEDIA: &str = "/open-apis/drive/v1/medias/boxcn1/download";

async fn fetch(mock: &Mock, app_id: &str, app_secret: &str) -> Result<Response, Box<dyn std::error::Error>> {
    let body = json!({ "app_id": app_id, "app_secret": app_secret });
    post(mock.base_url(), TOKEN).json(&body).send().await
}

async fn own_token(mock: &Mock) -> Result<Value, Box<dyn std::error::Error>> {
    Ok(fetch(mock, mock.app_id(), mock.app_secret()).await?.json())
}

fn text(value: &Value) -> &str {
    value["tenant_access_token"].as_str().unwrap_or_default()
}

#[tokio::test]
async fn accepts_fetched_token() -> Outcome {
    let mock = Mock::start().await?;
    let token = own_token(&mock).await?;
    assert_eq!((&token["code"], &token["expire"]), (&json!(0), &json!(7200)));
    let response = get(mock.base_url(), FILE).token(text(&token)).send().await?;
    assert_eq!(response.status, 200);
    Ok(())
}

#[tokio::test]
async fn reuses_token_until_half_an_hour_is_left() -> Outcome {
    let mock = Mock::builder().stopped_clock().start().await?;
    let first = own_token(&mock).await?;
    mock.advance(Duration::from_secs(5400));
    let second = own_token(&mock).await?;
    assert_eq!((text(&second), &second["expire"]), (text(&first), &json!(1800)));
    Ok(())
}

#[tokio::test]
async fn renews_token_and_keeps_both_valid() -> Outcome {
    let mock = Mock::builder().stopped_clock().start().await?;
    let first = own_token(&mock).await?;
    mock.advance(Duration::from_secs(5401));
    let second = own_token(&mock).await?;
    assert_ne!(text(&first), text(&second));
    for token in [&first, &second] {
        assert_eq!(get(mock.base_url(), FILE).token(text(token)).send().await?.status, 200);
    }
    Ok(())
}

#[tokio::test]
async fn token_lifetime_is_configurable() -> Outcome {
    let mock = Mock::builder()
        .token_lifetime(Duration::from_secs(3))
        .stopped_clock()
        .start()
        .await?;
    let token = own_token(&mock).await?;
    assert_eq!(token["expire"], 3);
    mock.advance(Duration::from_secs(3));
    let response = get(mock.base_url(), FILE).token(text(&token)).send().await?;
    assert_eq!(response.outcome(), (400, Some(99991663)));
    Ok(())
}

#[tokio::test]
async fn expires_all_tokens() -> Outcome {
    let mock = Mock::start().await?;
    let (tenant, user) = (mock.tenant_token(), mock.user_token());
    mock.expire_tokens();
    let tenant = get(mock.base_url(), MEDIA).token(tenant).send().await?;
    let user = get(mock.base_url(), MEDIA).token(user).send().await?;
    assert_eq!((tenant.code(), user.code()), (Some(99991663), Some(99991677)));
    Ok(())
}

#[tokio::test]
async fn distinguishes_unknown_app_and_wrong_secret() -> Outcome {
    let mock = Mock::start().await?;
    let unknown = fetch(&mock, "cli_unknown", mock.app_secret()).await?;
    let wrong = fetch(&mock, mock.app_id(), "wrong").await?;
    assert_eq!(
        (unknown.outcome(), wrong.outcome()),
        ((400, Some(10003)), (400, Some(10015)))
    );
    Ok(())
}

#[tokio::test]
async fn apps_have_separate_secrets_and_tokens() -> Outcome {
    let mock = Mock::builder().app("cli_a", "one").app("cli_b", "two").start().await?;
    assert_eq!((mock.app_id(), mock.app_secret()), ("cli_a", "one"));
    let one = fetch(&mock, "cli_a", "one").await?.json();
    let two = fetch(&mock, "cli_b", "two").await?.json();
    assert_ne!(text(&one), text(&two));
    Ok(())
}

#[tokio::test]
async fn rejects_missing_token() -> Outcome {
    let mock = Mock::start().await?;
    let none = get(mock.base_url(), FILE).send().await?;
    let basic = get(mock.base_url(), FILE)
        .header("authorization", "Basic eA==")
        .send()
        .await?;
    let empty = get(mock.base_url(), FILE).token("").send().await?;
    for response in [none, basic, empty] {
        assert_eq!(response.outcome(), (400, Some(99991661)));
    }
    Ok(())
}

#[tokio::test]
async fn unknown_prefix_is_malformed_token() -> Outcome {
    let mock = Mock::start().await?;
    let response = get(mock.base_url(), FILE).token("abc").send().await?;
    assert_eq!(response.outcome(), (400, Some(99991671)));
    Ok(())
}

#[tokio::test]
async fn rejects_unknown_token() -> Outcome {
    let mock = Mock::start().await?;
    let tenant = get(mock.base_url(), MEDIA).token("t-forged").send().await?;
    let user = get(mock.base_url(), MEDIA).token("u-forged").send().await?;
    assert_eq!((tenant.code(), user.code()), (Some(99991663), Some(99991668)));
    Ok(())
}

#[tokio::test]
async fn accepts_documented_token_kinds() -> Outcome {
    let mock = Mock::start().await?;
    for token in [mock.tenant_token(), mock.user_token()] {
        assert_eq!(get(mock.base_url(), MEDIA).token(token).send().await?.status, 200);
    }
    let user = get(mock.base_url(), FILE).token(mock.user_token()).send().await?;
    assert_eq!(user.outcome(), (400, Some(99991668)));
    assert_eq!(user.json()["msg"], "user access token not support");
    let app = get(mock.base_url(), FILE).token(mock.app_token()).send().await?;
    assert_eq!(app.outcome(), (400, Some(99991664)));
    Ok(())
}

#[tokio::test]
async fn user_endpoint_rejects_tenant_token() -> Outcome {
    let mock = spec::notes().start().await?;
    let response = post(mock.base_url(), "/open-apis/test/v1/notes")
        .token(mock.tenant_token())
        .send()
        .await?;
    assert_eq!(response.outcome(), (400, Some(99991663)));
    Ok(())
}

#[tokio::test]
async fn endpoint_without_tokens_ignores_token() -> Outcome {
    let mock = spec::notes().start().await?;
    let response = get(mock.base_url(), "/open-apis/test/v1/notes/latest")
        .token("nonsense")
        .send()
        .await?;
    assert_eq!(response.status, 200);
    Ok(())
}

#[tokio::test]
async fn revoked_token_is_invalid_and_not_reused() -> Outcome {
    let mock = Mock::start().await?;
    let first = own_token(&mock).await?;
    assert!(mock.revoke(text(&first)));
    let response = get(mock.base_url(), FILE).token(text(&first)).send().await?;
    assert_eq!(response.outcome(), (400, Some(99991663)));
    let second = own_token(&mock).await?;
    assert_ne!(text(&first), text(&second));
    assert_eq!(
        get(mock.base_url(), FILE).token(text(&second)).send().await?.status,
        200
    );
    Ok(())
}

#[tokio::test]
async fn unknown_token_cannot_be_revoked() -> Outcome {
    assert!(!Mock::start().await?.revoke("t-forged"));
    Ok(())
}
