//! The store while Redis is unavailable.

use std::time::Duration;

use larkspur::endpoint::Window;
use larkspur::store::redis::{OnOutage, Redis};
use larkspur::store::{Admission, LoginStore, TokenStore};

use super::{take, until, window};
use crate::support::redis_server::RedisServer;

const HOUR: u64 = 60 * 60 * 1000;

fn windows() -> [Window; 1] {
    [window(2, HOUR)]
}

/// Makes calls until Redis counts one.
async fn until_counted(server: &RedisServer, redis: &Redis) {
    let before = server.calls().len();
    until("a call that Redis counts", || async {
        take(redis, &[window(1_000_000, HOUR)]).await.unwrap();
        server.calls().len() > before
    })
    .await;
}

#[tokio::test]
async fn counts_locally_without_redis() {
    let redis = RedisServer::stopped().redis();
    assert_eq!(take(&redis, &windows()).await, Ok(Admission::Granted));
    assert_eq!(take(&redis, &windows()).await, Ok(Admission::Granted));
    assert!(matches!(take(&redis, &windows()).await, Ok(Admission::Wait(_))));
}

#[tokio::test]
async fn fails_without_redis_if_configured() {
    let redis = RedisServer::stopped().redis().on_outage(OnOutage::Fail);
    let error = take(&redis, &windows()).await.unwrap_err().to_string();
    assert!(error.contains("Redis at") && error.contains("socket"), "{error}");
}

#[tokio::test]
async fn finds_no_token_or_lock_without_redis() {
    let redis = RedisServer::stopped().redis();
    let minute = Duration::from_secs(60);
    assert!(TokenStore::load(&redis, "name").await.is_err());
    assert!(TokenStore::lock(&redis, "name", minute).await.is_err());
    assert!(LoginStore::load(&redis, "ada").await.is_err());
    assert!(LoginStore::lock(&redis, "ada", minute).await.is_err());
}

#[tokio::test]
async fn slow_redis_is_unavailable() {
    let server = RedisServer::start();
    let redis = server
        .redis()
        .timeout(Duration::from_millis(50))
        .on_outage(OnOutage::Fail);
    let () = server.command("CLIENT PAUSE 1000 ALL");
    let error = take(&redis, &windows()).await.unwrap_err().to_string();
    assert!(error.contains("within 50 ms"), "{error}");
}

#[tokio::test]
async fn uses_redis_after_recovery() {
    let mut server = RedisServer::start();
    let redis = server.redis();
    until_counted(&server, &redis).await;
    server.kill();
    assert_eq!(take(&redis, &windows()).await, Ok(Admission::Granted));
    server.run();
    until_counted(&server, &redis).await;
}

#[tokio::test]
async fn survives_restart_between_calls() {
    let mut server = RedisServer::start();
    let redis = server.redis().on_outage(OnOutage::Fail);
    take(&redis, &windows()).await.unwrap();
    server.kill();
    server.run();
    assert_eq!(take(&redis, &windows()).await, Ok(Admission::Granted));
    assert_eq!(server.calls().len(), 1);
}

#[tokio::test]
async fn survives_closed_connection() {
    let server = RedisServer::start();
    let redis = server.redis().on_outage(OnOutage::Fail);
    take(&redis, &windows()).await.unwrap();
    let () = server.command("CLIENT KILL TYPE normal");
    assert_eq!(take(&redis, &windows()).await, Ok(Admission::Granted));
    assert_eq!(server.calls().len(), 2);
}

#[tokio::test]
async fn survives_flushed_scripts() {
    let server = RedisServer::start();
    let redis = server.redis().on_outage(OnOutage::Fail);
    take(&redis, &windows()).await.unwrap();
    let () = server.command("SCRIPT FLUSH");
    assert_eq!(take(&redis, &windows()).await, Ok(Admission::Granted));
    assert_eq!(server.calls().len(), 2);
}

#[tokio::test]
async fn read_only_redis_is_unavailable() {
    let server = RedisServer::start();
    let redis = server.redis();
    let () = server.command("REPLICAOF 127.0.0.1 1");
    assert_eq!(take(&redis, &windows()).await, Ok(Admission::Granted));
    assert_eq!(server.calls().len(), 0);
    let () = server.command("REPLICAOF NO ONE");
    until_counted(&server, &redis).await;
}

#[test]
fn outlives_its_first_runtime() {
    let server = RedisServer::start();
    let redis = server.redis().on_outage(OnOutage::Fail);
    for _ in 0..2 {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        assert_eq!(runtime.block_on(take(&redis, &windows())), Ok(Admission::Granted));
    }
}
