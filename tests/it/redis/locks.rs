//! Rights that one process has at a time.

use std::time::Duration;

use larkspur::store::redis::Redis;
use larkspur::store::{Lease, TokenStore};

use super::{ask_and_give_up, until};
use crate::support::redis_server::RedisServer;

const LONG: Duration = Duration::from_secs(60 * 60);

async fn lock(redis: &Redis, longest: Duration) -> Option<Lease> {
    TokenStore::lock(redis, "tenant of cli_1", longest).await.unwrap()
}

#[tokio::test]
async fn one_process_has_a_lock_at_a_time() {
    let server = RedisServer::start();
    let lease = lock(&server.redis(), LONG).await;
    assert!(lease.is_some());
    assert!(lock(&server.redis(), LONG).await.is_none());
}

#[tokio::test]
async fn the_locks_of_a_token_and_of_a_login_are_two() {
    let server = RedisServer::start();
    let redis = server.redis();
    let _lease = TokenStore::lock(&redis, "name", LONG).await.unwrap().unwrap();
    assert!(
        larkspur::store::LoginStore::lock(&redis, "name", LONG)
            .await
            .unwrap()
            .is_some()
    );
}

#[tokio::test]
async fn a_lock_is_free_once_its_lease_is_dropped() {
    let server = RedisServer::start();
    drop(lock(&server.redis(), LONG).await.unwrap());
    until("the end of the lock", || async {
        lock(&server.redis(), LONG).await.is_some()
    })
    .await;
}

#[tokio::test]
async fn the_lock_of_a_process_that_died_ends_by_itself() {
    let server = RedisServer::start();
    std::mem::forget(lock(&server.redis(), Duration::from_millis(50)).await.unwrap());
    until("the end of the lock", || async {
        lock(&server.redis(), LONG).await.is_some()
    })
    .await;
}

#[tokio::test]
async fn a_lease_that_has_expired_does_not_end_the_lock_of_another() {
    let server = RedisServer::start();
    let (late, other) = (server.redis(), server.redis());
    let expired = lock(&late, Duration::from_millis(1)).await.unwrap();
    let mut held = None;
    while held.is_none() {
        held = lock(&other, LONG).await;
    }
    let before = scripts_run(&server);
    drop(expired);
    until("the release", || async { scripts_run(&server) > before }).await;
    assert!(lock(&other, LONG).await.is_none());
}

#[tokio::test]
async fn a_lock_whose_caller_gave_up_while_it_was_taken_is_free() {
    let server = RedisServer::start();
    let redis = server.redis();
    // The server knows the script: it takes the lock without being told what it is.
    let _other = TokenStore::lock(&redis, "another", LONG).await.unwrap();
    ask_and_give_up(&server, &redis, lock(&redis, LONG)).await;
    until("the end of the lock", || async {
        lock(&server.redis(), LONG).await.is_some()
    })
    .await;
}

/// How many scripts have run.
fn scripts_run(server: &RedisServer) -> u64 {
    let statistics: String = server.command("INFO commandstats");
    let calls = statistics.split("cmdstat_evalsha:calls=").nth(1).unwrap_or_default();
    calls
        .split(',')
        .next()
        .and_then(|calls| calls.parse().ok())
        .unwrap_or_default()
}
