use std::time::Duration;

use larkspur_mock::{Failure, Login, Mock};
use serde_json::{Value, json};

use crate::support::client::{Outcome, Reply, get, post};

const TOKEN: &str = "/open-apis/authen/v2/oauth/token";
const MEDIA: &str = "/open-apis/drive/v1/medias/boxcn1/download";
/// The pair of RFC 7636.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

type Answer = Result<Reply, Box<dyn std::error::Error>>;

fn offline() -> Login {
    Login::new("offline_access drive:drive")
}

async fn start() -> Result<Mock, Box<dyn std::error::Error>> {
    Ok(Mock::builder().stopped_clock().start().await?)
}

/// Asks for a token with these fields and the app's id and secret.
async fn ask(mock: &Mock, fields: Value) -> Answer {
    let mut body = json!({ "client_id": mock.app_id(), "client_secret": mock.app_secret() });
    for (key, value) in fields.as_object().into_iter().flatten() {
        body[key] = value.clone();
    }
    post(mock.base_url(), TOKEN).json(&body).send().await
}

async fn exchange(mock: &Mock, code: &str) -> Answer {
    ask(mock, json!({ "grant_type": "authorization_code", "code": code })).await
}

async fn refresh(mock: &Mock, refresh_token: &str) -> Answer {
    let fields = json!({ "grant_type": "refresh_token", "refresh_token": refresh_token });
    ask(mock, fields).await
}

/// Access and refresh token of a login.
async fn log_in(mock: &Mock) -> Result<(String, String), Box<dyn std::error::Error>> {
    Ok(pair(&exchange(mock, &mock.login_code(offline())).await?))
}

fn pair(reply: &Reply) -> (String, String) {
    let json = reply.json();
    let text = |key: &str| json[key].as_str().unwrap_or_default().to_owned();
    (text("access_token"), text("refresh_token"))
}

async fn opens(mock: &Mock, token: &str) -> Result<bool, Box<dyn std::error::Error>> {
    Ok(get(mock.base_url(), MEDIA).token(token).send().await?.status == 200)
}

#[tokio::test]
async fn a_code_gives_a_user_token_that_opens_an_endpoint() -> Outcome {
    let mock = start().await?;
    let reply = exchange(&mock, &mock.login_code(offline())).await?;
    let json = reply.json();
    assert_eq!(
        (reply.status, &json["code"], &json["msg"]),
        (200, &json!(0), &Value::Null)
    );
    assert_eq!(
        (&json["expires_in"], &json["token_type"]),
        (&json!(7200), &json!("Bearer"))
    );
    assert_eq!(json["refresh_token_expires_in"], 604_800);
    assert_eq!(json["scope"], "offline_access drive:drive");
    assert!(opens(&mock, &pair(&reply).0).await?);
    Ok(())
}

#[tokio::test]
async fn tokens_of_a_login_are_as_long_as_those_of_the_platform() -> Outcome {
    let mock = start().await?;
    let (access, refresh) = log_in(&mock).await?;
    assert!((1000..2048).contains(&access.len()) && (1000..2048).contains(&refresh.len()));
    Ok(())
}

#[tokio::test]
async fn without_the_scope_for_it_there_is_no_refresh_token() -> Outcome {
    let mock = start().await?;
    let json = exchange(&mock, &mock.login_code(Login::new("drive:drive")))
        .await?
        .json();
    assert_eq!((&json["code"], &json["refresh_token"]), (&json!(0), &Value::Null));
    assert_eq!(json["refresh_token_expires_in"], Value::Null);
    Ok(())
}

#[tokio::test]
async fn a_code_works_once() -> Outcome {
    let mock = start().await?;
    let code = mock.login_code(offline());
    assert_eq!(exchange(&mock, &code).await?.status, 200);
    assert_eq!(exchange(&mock, &code).await?.outcome(), (400, Some(20065)));
    Ok(())
}

#[tokio::test]
async fn a_code_lives_for_five_minutes() -> Outcome {
    let mock = start().await?;
    let (early, late) = (mock.login_code(offline()), mock.login_code(offline()));
    mock.advance(Duration::from_secs(299));
    assert_eq!(exchange(&mock, &early).await?.status, 200);
    mock.advance(Duration::from_secs(1));
    assert_eq!(exchange(&mock, &late).await?.outcome(), (400, Some(20004)));
    Ok(())
}

#[tokio::test]
async fn a_refusal_has_the_form_of_oauth() -> Outcome {
    let mock = start().await?;
    let reply = exchange(&mock, "made-up").await?;
    let expected = json!({
        "code": 20003,
        "error": "invalid_grant",
        "error_description": "The authorization code is not found. Please note that an authorization code can only be used once.",
    });
    assert_eq!((reply.status, reply.json()), (400, expected));
    Ok(())
}

#[tokio::test]
async fn a_failure_on_request_has_that_form_too() -> Outcome {
    let mock = start().await?;
    mock.fail_next("authen.v2.oauth.token", Failure::code(20050))?;
    let reply = exchange(&mock, "made-up").await?;
    assert_eq!((reply.status, &reply.json()["error"]), (500, &json!("server_error")));
    Ok(())
}

#[tokio::test]
async fn the_app_is_told_by_id_and_secret() -> Outcome {
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
        assert_eq!(ask(&mock, fields).await?.outcome(), (400, Some(expected)));
    }
    Ok(())
}

#[tokio::test]
async fn what_a_grant_needs_has_to_be_there() -> Outcome {
    let mock = start().await?;
    for grant_type in ["authorization_code", "refresh_token"] {
        let reply = ask(&mock, json!({ "grant_type": grant_type })).await?;
        assert_eq!(reply.outcome(), (400, Some(20001)), "{grant_type}");
    }
    Ok(())
}

#[tokio::test]
async fn a_code_is_for_the_app_that_the_login_was_at() -> Outcome {
    let mock = Mock::builder().app("cli_a", "one").app("cli_b", "two").start().await?;
    let code = mock.login_code(offline().app("cli_b"));
    assert_eq!(exchange(&mock, &code).await?.outcome(), (400, Some(20024)));
    Ok(())
}

#[tokio::test]
async fn a_login_with_a_challenge_asks_for_its_verifier() -> Outcome {
    let mock = start().await?;
    let other = "x".repeat(43);
    for login in [offline().challenge_s256(CHALLENGE), offline().challenge_plain(VERIFIER)] {
        let code = mock.login_code(login);
        let with =
            |verifier: Value| json!({ "grant_type": "authorization_code", "code": code, "code_verifier": verifier });
        assert_eq!(ask(&mock, with(Value::Null)).await?.code(), Some(20049));
        assert_eq!(ask(&mock, with(json!(other))).await?.code(), Some(20049));
        assert_eq!(ask(&mock, with(json!(VERIFIER))).await?.code(), Some(0));
    }
    Ok(())
}

#[tokio::test]
async fn an_address_is_that_of_the_login() -> Outcome {
    let mock = start().await?;
    let code = mock.login_code(offline().redirect_uri("https://example.com/a"));
    let with = |address: &str| json!({ "grant_type": "authorization_code", "code": code, "redirect_uri": address });
    assert_eq!(ask(&mock, with("https://example.com/b")).await?.code(), Some(20071));
    assert_eq!(ask(&mock, with("https://example.com/a")).await?.code(), Some(0));
    Ok(())
}

#[tokio::test]
async fn scopes_can_be_fewer_but_no_others() -> Outcome {
    let mock = start().await?;
    let code = mock.login_code(offline());
    let with = |scope: &str| json!({ "grant_type": "authorization_code", "code": code, "scope": scope });
    assert_eq!(ask(&mock, with("drive:drive drive:drive")).await?.code(), Some(20067));
    assert_eq!(ask(&mock, with("contact:contact")).await?.code(), Some(20068));
    let json = ask(&mock, with("drive:drive")).await?.json();
    assert_eq!(
        (&json["scope"], &json["refresh_token"]),
        (&json!("drive:drive"), &Value::Null)
    );
    Ok(())
}

#[tokio::test]
async fn a_refresh_token_gives_a_new_pair_with_the_scopes_of_the_login() -> Outcome {
    let mock = start().await?;
    let (access, first) = log_in(&mock).await?;
    let reply = refresh(&mock, &first).await?;
    let (new_access, second) = pair(&reply);
    assert_eq!(reply.json()["scope"], "offline_access drive:drive");
    assert!(access != new_access && first != second && opens(&mock, &new_access).await?);
    assert_eq!(refresh(&mock, &second).await?.code(), Some(0));
    Ok(())
}

#[tokio::test]
async fn a_refresh_token_works_once() -> Outcome {
    let mock = start().await?;
    let (_, token) = log_in(&mock).await?;
    assert_eq!(refresh(&mock, &token).await?.code(), Some(0));
    assert_eq!(refresh(&mock, &token).await?.outcome(), (400, Some(20073)));
    Ok(())
}

#[tokio::test]
async fn a_refused_refresh_does_not_use_the_token_up() -> Outcome {
    let mock = start().await?;
    let (_, token) = log_in(&mock).await?;
    let fields = json!({ "grant_type": "refresh_token", "refresh_token": token, "scope": "contact:contact" });
    assert_eq!(ask(&mock, fields).await?.code(), Some(20068));
    assert_eq!(refresh(&mock, &token).await?.code(), Some(0));
    Ok(())
}

#[tokio::test]
async fn a_refresh_token_expires() -> Outcome {
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
async fn a_login_ends_after_a_year_however_often_it_was_refreshed() -> Outcome {
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
async fn the_old_user_token_holds_for_a_minute_after_a_refresh() -> Outcome {
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
async fn a_refresh_token_that_nobody_gave_is_invalid() -> Outcome {
    let mock = start().await?;
    assert_eq!(refresh(&mock, "made-up").await?.outcome(), (400, Some(20026)));
    Ok(())
}

#[tokio::test]
async fn a_refresh_token_can_be_revoked() -> Outcome {
    let mock = start().await?;
    let (_, token) = log_in(&mock).await?;
    assert!(mock.revoke(&token));
    assert_eq!(refresh(&mock, &token).await?.outcome(), (400, Some(20064)));
    Ok(())
}

#[tokio::test]
async fn of_many_refreshes_at_once_with_one_token_one_goes_through() -> Outcome {
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
async fn exchanges_and_refreshes_are_counted() -> Outcome {
    let mock = start().await?;
    let (_, token) = log_in(&mock).await?;
    refresh(&mock, &token).await?;
    refresh(&mock, &token).await?;
    assert_eq!((mock.exchange_count(), mock.refresh_count()), (1, 2));
    Ok(())
}
