//! Tokens that one process got and all use.

use std::time::Duration;

use larkspur::secret::ExposeSecret;
use larkspur::store::{StoredToken, TokenStore};

use super::until;
use crate::support::redis_server::RedisServer;

const NAME: &str = "tenant of cli_1";

fn token(text: &str, left: Duration) -> StoredToken {
    StoredToken {
        text: text.into(),
        ttl: left,
    }
}

#[tokio::test]
async fn shares_token_with_remaining_lifetime() {
    let server = RedisServer::start();
    let life = Duration::from_secs(7200);
    server.redis().save(NAME, &token("t-1", life)).await.unwrap();
    let found = server.redis().load(NAME).await.unwrap().unwrap();
    assert_eq!(found.text.expose_secret(), "t-1");
    assert!(found.ttl <= life && found.ttl > life / 2, "{:?}", found.ttl);
}

#[tokio::test]
async fn replaces_previous_token() {
    let server = RedisServer::start();
    let redis = server.redis();
    redis.save(NAME, &token("t-1", Duration::from_secs(10))).await.unwrap();
    redis
        .save(NAME, &token("t-2", Duration::from_secs(7200)))
        .await
        .unwrap();
    let found = redis.load(NAME).await.unwrap().unwrap();
    assert_eq!(found.text.expose_secret(), "t-2");
    assert!(found.ttl > Duration::from_secs(10));
}

#[tokio::test]
async fn token_expires() {
    let server = RedisServer::start();
    let redis = server.redis();
    redis
        .save(NAME, &token("t-1", Duration::from_millis(50)))
        .await
        .unwrap();
    until("the end of the token", || async {
        redis.load(NAME).await.unwrap().is_none()
    })
    .await;
}

#[tokio::test]
async fn token_has_its_own_key() {
    let server = RedisServer::start();
    let redis = server.redis();
    redis.save(NAME, &token("t-1", Duration::from_secs(10))).await.unwrap();
    assert!(redis.load("tenant of cli_2").await.unwrap().is_none());
}
