//! What becomes of it while Redis is away.

use std::time::Duration;

use larkspur::endpoint::Window;
use larkspur::store::redis::{OnOutage, Redis};
use larkspur::store::{LoginStore, Taken, TokenStore};

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
async fn without_redis_a_process_counts_its_own_calls() {
    let redis = RedisServer::stopped().redis();
    assert_eq!(take(&redis, &windows()).await, Ok(Taken::Granted));
    assert_eq!(take(&redis, &windows()).await, Ok(Taken::Granted));
    assert!(matches!(take(&redis, &windows()).await, Ok(Taken::Wait(_))));
}

#[tokio::test]
async fn without_redis_a_call_fails_where_that_was_chosen() {
    let redis = RedisServer::stopped().redis().on_outage(OnOutage::Fail);
    let error = take(&redis, &windows()).await.unwrap_err().to_string();
    assert!(error.contains("Redis at") && error.contains("socket"), "{error}");
}

#[tokio::test]
async fn without_redis_no_token_is_found_and_no_login_may_be_renewed() {
    let redis = RedisServer::stopped().redis();
    let minute = Duration::from_secs(60);
    assert!(TokenStore::load(&redis, "name").await.is_err());
    assert!(TokenStore::lock(&redis, "name", minute).await.is_err());
    assert!(LoginStore::load(&redis, "ada").await.is_err());
    assert!(LoginStore::lock(&redis, "ada", minute).await.is_err());
}

#[tokio::test]
async fn a_redis_that_is_too_slow_is_away() {
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
async fn redis_is_used_again_once_it_is_back() {
    let mut server = RedisServer::start();
    let redis = server.redis();
    until_counted(&server, &redis).await;
    server.kill();
    assert_eq!(take(&redis, &windows()).await, Ok(Taken::Granted));
    server.run();
    until_counted(&server, &redis).await;
}

#[tokio::test]
async fn a_restart_between_two_calls_is_no_outage() {
    let mut server = RedisServer::start();
    let redis = server.redis().on_outage(OnOutage::Fail);
    take(&redis, &windows()).await.unwrap();
    server.kill();
    server.run();
    assert_eq!(take(&redis, &windows()).await, Ok(Taken::Granted));
    assert_eq!(server.calls().len(), 1);
}

#[tokio::test]
async fn a_connection_that_was_closed_is_no_outage() {
    let server = RedisServer::start();
    let redis = server.redis().on_outage(OnOutage::Fail);
    take(&redis, &windows()).await.unwrap();
    let () = server.command("CLIENT KILL TYPE normal");
    assert_eq!(take(&redis, &windows()).await, Ok(Taken::Granted));
    assert_eq!(server.calls().len(), 2);
}

#[tokio::test]
async fn scripts_that_were_flushed_are_no_outage() {
    let server = RedisServer::start();
    let redis = server.redis().on_outage(OnOutage::Fail);
    take(&redis, &windows()).await.unwrap();
    let () = server.command("SCRIPT FLUSH");
    assert_eq!(take(&redis, &windows()).await, Ok(Taken::Granted));
    assert_eq!(server.calls().len(), 2);
}

#[tokio::test]
async fn a_redis_that_takes_no_writes_is_away_until_it_does() {
    let server = RedisServer::start();
    let redis = server.redis();
    let () = server.command("REPLICAOF 127.0.0.1 1");
    assert_eq!(take(&redis, &windows()).await, Ok(Taken::Granted));
    assert_eq!(server.calls().len(), 0);
    let () = server.command("REPLICAOF NO ONE");
    until_counted(&server, &redis).await;
}

#[test]
fn a_redis_outlives_the_runtime_that_it_was_first_used_in() {
    let server = RedisServer::start();
    let redis = server.redis().on_outage(OnOutage::Fail);
    for _ in 0..2 {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        assert_eq!(runtime.block_on(take(&redis, &windows())), Ok(Taken::Granted));
    }
}
