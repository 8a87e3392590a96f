//! Logins of users, stored for all processes.

use std::time::{Duration, SystemTime};

use larkspur::secret::ExposeSecret;
use larkspur::store::{LoginStore, StoredLogin};
use redis::Commands;

use crate::support::redis_server::RedisServer;

fn login() -> StoredLogin {
    let now = SystemTime::now();
    StoredLogin {
        access_token: "u-1".into(),
        access_expires: now + Duration::from_secs(7200),
        refresh_token: Some("ur-1".into()),
        refresh_expires: Some(now + Duration::from_secs(604_800)),
        scope: "offline_access im:chat".to_owned(),
    }
}

/// To the millisecond, the stored precision.
fn millis(time: SystemTime) -> u128 {
    time.duration_since(SystemTime::UNIX_EPOCH).unwrap().as_millis()
}

#[tokio::test]
async fn login_round_trips() {
    let server = RedisServer::start();
    let saved = login();
    server.redis().save("ada", &saved).await.unwrap();
    let found = server.redis().load("ada").await.unwrap().unwrap();
    assert_eq!(found.access_token.expose_secret(), "u-1");
    assert_eq!(millis(found.access_expires), millis(saved.access_expires));
    assert_eq!(found.refresh_token.unwrap().expose_secret(), "ur-1");
    assert_eq!(found.refresh_expires.map(millis), saved.refresh_expires.map(millis));
    assert_eq!(found.scope, saved.scope);
}

#[tokio::test]
async fn login_without_refresh_token_round_trips() {
    let server = RedisServer::start();
    let saved = StoredLogin {
        refresh_token: None,
        refresh_expires: None,
        ..login()
    };
    server.redis().save("ada", &saved).await.unwrap();
    let found = server.redis().load("ada").await.unwrap().unwrap();
    assert!(found.refresh_token.is_none() && found.refresh_expires.is_none());
}

#[tokio::test]
async fn a_user_who_never_logged_in_has_no_login() {
    let server = RedisServer::start();
    assert!(server.redis().load("ada").await.unwrap().is_none());
}

#[tokio::test]
async fn login_expires_with_its_tokens() {
    let server = RedisServer::start();
    server.redis().save("ada", &login()).await.unwrap();
    let left: u64 = server.connection().ttl(&server.keys()[0]).unwrap();
    assert!((604_800..604_800 + 7200).contains(&left), "{left}");
}

#[tokio::test]
async fn invalid_login_is_an_error_without_content() {
    let server = RedisServer::start();
    let () = server
        .connection()
        .set("larkspur:login:ada", r#"{"access_token":"u-1"}"#)
        .unwrap();
    let error = server.redis().load("ada").await.err().unwrap().to_string();
    assert!(error.contains("log in again") && !error.contains("u-1"), "{error}");
}
