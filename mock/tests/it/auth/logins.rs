use std::time::Duration;

use larkspur_mock::{Failure, Login, Mock};
use serde_json::{Value, json};

use crate::support::client::{Outcome, Response, get, post};

const TOKEN: &str = "/open-apis/authen/v2/oauth/token";
const MEDIA: &str = "/open-apis/drive/v1/medias/boxcn1/download";
/// Verifier and challenge of RFC 7636.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

type TestResult = Result<Response, Box<dyn std::error::Error>>;

fn offline() -> Login {
    Login::new("offline_access drive:drive")
}

async fn start() -> Result<Mock, Box<dyn std::error::Error>> {
    Ok(Mock::builder().stopped_clock().start().await?)
}

/// Requests a token with these fields and the credentials of the app.
async fn request(mock: &Mock, fields: Value) -> TestResult {
    let mut body = json!({ "client_id": mock.app_id(), "client_secret": mock.app_secret() });
    for (key, value) in fields.as_object().into_iter().flatten() {
        body[key] = value.clone();
    }
    post(mock.base_url(), TOKEN).json(&body).send().await
}

async fn exchange(mock: &Mock, code: &str) -> TestResult {
    request(mock, json!({ "grant_type": "authorization_code", "code": code })).await
}

async fn refresh(mock: &Mock, refresh_token: &str) -> TestResult {
    let fields = json!({ "grant_type": "refresh_token", "refresh_token": refresh_token });
    request(mock, fields).await
}

/// Returns access and refresh token of a login.
async fn log_in(mock: &Mock) -> Result<(String, String), Box<dyn std::error::Error>> {
    Ok(pair(&exchange(mock, &mock.login_code(offline())).await?))
}

fn pair(response: &Response) -> (String, String) {
    let json = response.json();
    let text = |key: &str| json[key].as_str().unwrap_or_default().to_owned();
    (text("access_token"), text("refresh_token"))
}

async fn opens(mock: &Mock, token: &str) -> Result<bool, Box<dyn std::error::Error>> {
    Ok(get(mock.base_url(), MEDIA).token(token).send().await?.status == 200)
}

#[tokio::test]
async fn code_exchange_returns_valid_user_token() -> Outcome {
    let mock = start().await?;
    let response = exchange(&mock, &mock.login_code(offline())).await?;
    let json = response.json();
    assert_eq!(
        (response.status, &json["code"], &json["msg"]),
        (200, &json!(0), &Value::Null)
    );
    assert_eq!(
        (&json["expires_in"], &json["token_type"]),
        (&json!(7200), &json!("Bearer"))
    );
    assert_eq!(json["refresh_token_expires_in"], 604_800);
    assert_eq!(json["scope"], "offline_access drive:drive");
    assert!(opens(&mock, &pair(&response).0).await?);
    Ok(())
}

#[tokio::test]
async fn login_tokens_have_platform_length() -> Outcome {
    let mock = start().await?;
    let (access, refresh) = log_in(&mock).await?;
    assert!((1000..2048).contains(&access.len()) && (1000..2048).contains(&refresh.len()));
    Ok(())
}

#[tokio::test]
async fn no_refresh_token_without_offline_access() -> Outcome {
    let mock = start().await?;
    let json = exchange(&mock, &mock.login_code(Login::new("drive:drive")))
        .await?
        .json();
    assert_eq!((&json["code"], &json["refresh_token"]), (&json!(0), &Value::Null));
    assert_eq!(json["refresh_token_expires_in"], Value::Null);
    Ok(())
}

#[tokio::test]
async fn code_works_once() -> Outcome {
    let mock = start().await?;
    let code = mock.login_code(offline());
    assert_eq!(exchange(&mock, &code).await?.status, 200);
    assert_eq!(exchange(&mock, &code).await?.outcome(), (400, Some(20065)));
    Ok(())
}

#[tokio::test]
async fn code_expires_after_five_minutes() -> Outcome {
    let mock = start().await?;
    let (early, late) = (mock.login_code(offline()), mock.login_code(offline()));
    mock.advance(Duration::from_secs(299));
    assert_eq!(exchange(&mock, &early).await?.status, 200);
    mock.advance(Duration::from_secs(1));
    assert_eq!(exchange(&mock, &late).await?.outcome(), (400, Some(20004)));
    Ok(())
}

#[tokio::test]
async fn errors_have_oauth_form() -> Outcome {
    let mock = start().await?;
    let response = exchange(&mock, "made-up").await?;
    let expected = json!({
        "code": 20003,
        "error": "invalid_grant",
        "error_description": "The authorization code is not found. Please note that an authorization code can only be used once.",
    });
    assert_eq!((response.status, response.json()), (400, expected));
    Ok(())
}

#[tokio::test]
async fn injected_failure_has_oauth_form() -> Outcome {
    let mock = start().await?;
    mock.fail_next("authen.v2.oauth.token", Failure::code(20050))?;
    let response = exchange(&mock, "made-up").await?;
    assert_eq!(
        (response.status, &response.json()["error"]),
        (500, &json!("server_error"))
    );
    Ok(())
}

#[tokio::test]
async fn authenticates_app_by_id_and_secret() -> Outcome {
    let mock = start().await?;
    let code = mock.login_code(offline());
    for (fields, expected) in [
        (
            json!({ "grant_type": "authorization_code", "code": code, "client_id": "cli_unknown" }),
            20048,
        ),
        (
            json!({ "grant_type": "authorization_code", "code": code, "client_secret": "wrong" }),
            20002,
        ),
    ] {
        assert_eq!(request(&mock, fields).await?.outcome(), (400, Some(expected)));
    }
    Ok(())
}

#[tokio::test]
async fn grant_requires_its_parameters() -> Outcome {
    let mock = start().await?;
    for grant_type in ["authorization_code", "refresh_token"] {
        let response = request(&mock, json!({ "grant_type": grant_type })).await?;
        assert_eq!(response.outcome(), (400, Some(20001)), "{grant_type}");
    }
    Ok(())
}

#[tokio::test]
async fn code_belongs_to_app_of_login() -> Outcome {
    let mock = Mock::builder().app("cli_a", "one").app("cli_b", "two").start().await?;
    let code = mock.login_code(offline().app("cli_b"));
    assert_eq!(exchange(&mock, &code).await?.outcome(), (400, Some(20024)));
    Ok(())
}

#[tokio::test]
async fn challenge_requires_verifier() -> Outcome {
    let mock = start().await?;
    let other = "x".repeat(43);
    for login in [offline().challenge_s256(CHALLENGE), offline().challenge_plain(VERIFIER)] {
        let code = mock.login_code(login);
        let with =
            |verifier: Value| json!({ "grant_type": "authorization_code", "code": code, "code_verifier": verifier });
        assert_eq!(request(&mock, with(Value::Null)).await?.code(), Some(20049));
        assert_eq!(request(&mock, with(json!(other))).await?.code(), Some(20049));
        assert_eq!(request(&mock, with(json!(VERIFIER))).await?.code(), Some(0));
    }
    Ok(())
}

#[tokio::test]
async fn redirect_uri_must_match_login() -> Outcome {
    let mock = start().await?;
    let code = mock.login_code(offline().redirect_uri("https://example.com/a"));
    let with = |address: &str| json!({ "grant_type": "authorization_code", "code": code, "redirect_uri": address });
    assert_eq!(request(&mock, with("https://example.com/b")).await?.code(), Some(20071));
    assert_eq!(request(&mock, with("https://example.com/a")).await?.code(), Some(0));
    Ok(())
}

#[tokio::test]
async fn scopes_can_only_be_narrowed() -> Outcome {
    let mock = start().await?;
    let code = mock.login_code(offline());
    let with = |scope: &str| json!({ "grant_type": "authorization_code", "code": code, "scope": scope });
    assert_eq!(
        request(&mock, with("drive:drive drive:drive")).await?.code(),
        Some(20067)
    );
    assert_eq!(request(&mock, with("contact:contact")).await?.code(), Some(20068));
    let json = request(&mock, with("drive:drive")).await?.json();
    assert_eq!(
        (&json["scope"], &json["refresh_token"]),
        (&json!("drive:drive"), &Value::Null)
    );
    Ok(())
}

#[tokio::test]
async fn refresh_returns_pair_with_login_scopes() -> Outcome {
    let mock = start().await?;
    let (access, first) = log_in(&mock).await?;
    let response = refresh(&mock, &first).await?;
    let (new_access, second) = pair(&response);
    assert_eq!(response.json()["scope"], "offline_access drive:drive");
    assert!(access != new_access && first != second && opens(&mock, &new_access).await?);
    assert_eq!(refresh(&mock, &second).await?.code(), Some(0));
    Ok(())
}

#[tokio::test]
async fn refresh_token_works_once() -> Outcome {
    let mock = start().await?;
    let (_, token) = log_in(&mock).await?;
    assert_eq!(refresh(&mock, &token).await?.code(), Some(0));
    assert_eq!(refresh(&mock, &token).await?.outcome(), (400, Some(20073)));
    Ok(())
}

#[tokio::test]
async fn refused_refresh_does_not_consume_token() -> Outcome {
    let mock = start().await?;
    let (_, token) = log_in(&mock).await?;
    let fields = json!({ "grant_type": "refresh_token", "refresh_token": token, "scope": "contact:contact" });
    assert_eq!(request(&mock, fields).await?.code(), Some(20068));
    assert_eq!(refresh(&mock, &token).await?.code(), Some(0));
    Ok(())
}

#[tokio::test]
async fn refresh_token_expires() -> Outcome {
    let mock = Mock::builder()
        .refresh_lifetime(Duration::from_secs(100))
        .stopped_clock()
        .start()
        .await?;
    let (_, token) = log_in(&mock).await?;
    mock.advance(Duration::from_secs(100));
    assert_eq!(refresh(&mock, &token).await?.outcome(), (400, Some(20037)));
    Ok(())
}

#[tokio::test]
async fn login_expires_after_a_year() -> Outcome {
    let mock = start().await?;
    let (_, mut token) = log_in(&mock).await?;
    for _ in 0..60 {
        mock.advance(Duration::from_secs(6 * 24 * 60 * 60));
        token = pair(&refresh(&mock, &token).await?).1;
    }
    mock.advance(Duration::from_secs(5 * 24 * 60 * 60));
    assert_eq!(refresh(&mock, &token).await?.outcome(), (400, Some(20037)));
    Ok(())
}

#[tokio::test]
async fn old_user_token_valid_a_minute_after_refresh() -> Outcome {
    let mock = start().await?;
    let (access, token) = log_in(&mock).await?;
    refresh(&mock, &token).await?;
    mock.advance(Duration::from_secs(59));
    assert!(opens(&mock, &access).await?);
    mock.advance(Duration::from_secs(1));
    assert!(!opens(&mock, &access).await?);
    Ok(())
}

#[tokio::test]
async fn unknown_refresh_token_is_invalid() -> Outcome {
    let mock = start().await?;
    assert_eq!(refresh(&mock, "made-up").await?.outcome(), (400, Some(20026)));
    Ok(())
}

#[tokio::test]
async fn revokes_refresh_token() -> Outcome {
    let mock = start().await?;
    let (_, token) = log_in(&mock).await?;
    assert!(mock.revoke(&token));
    assert_eq!(refresh(&mock, &token).await?.outcome(), (400, Some(20064)));
    Ok(())
}

#[tokio::test]
async fn only_one_concurrent_refresh_succeeds() -> Outcome {
    let mock = start().await?;
    let (_, token) = log_in(&mock).await?;
    let (a, b, c, d) = tokio::join!(
        refresh(&mock, &token),
        refresh(&mock, &token),
        refresh(&mock, &token),
        refresh(&mock, &token)
    );
    let codes = [a?.code(), b?.code(), c?.code(), d?.code()];
    assert_eq!(codes.iter().filter(|code| **code == Some(0)).count(), 1, "{codes:?}");
    assert_eq!(
        codes.iter().filter(|code| **code == Some(20073)).count(),
        3,
        "{codes:?}"
    );
    Ok(())
}

#[tokio::test]
async fn counts_exchanges_and_refreshes() -> Outcome {
    let mock = start().await?;
    let (_, token) = log_in(&mock).await?;
    refresh(&mock, &token).await?;
    refresh(&mock, &token).await?;
    assert_eq!((mock.exchange_count(), mock.refresh_count()), (1, 2));
    Ok(())
}
