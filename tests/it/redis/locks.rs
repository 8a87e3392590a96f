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
async fn lock_is_exclusive() {
    let server = RedisServer::start();
    let lease = lock(&server.redis(), LONG).await;
    assert!(lease.is_some());
    assert!(lock(&server.redis(), LONG).await.is_none());
}

#[tokio::test]
async fn token_and_login_locks_are_separate() {
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
async fn dropping_lease_releases_lock() {
    let server = RedisServer::start();
    drop(lock(&server.redis(), LONG).await.unwrap());
    until("the end of the lock", || async {
        lock(&server.redis(), LONG).await.is_some()
    })
    .await;
}

#[tokio::test]
async fn lock_of_dead_process_expires() {
    let server = RedisServer::start();
    std::mem::forget(lock(&server.redis(), Duration::from_millis(50)).await.unwrap());
    until("the end of the lock", || async {
        lock(&server.redis(), LONG).await.is_some()
    })
    .await;
}

#[tokio::test]
async fn expired_lease_keeps_lock_of_another() {
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
async fn cancelled_acquisition_releases_lock() {
    let server = RedisServer::start();
    let redis = server.redis();
    // The server has the script: it takes the lock by the digest of the script.
    let _other = TokenStore::lock(&redis, "another", LONG).await.unwrap();
    ask_and_give_up(&server, &redis, lock(&redis, LONG)).await;
    until("the end of the lock", || async {
        lock(&server.redis(), LONG).await.is_some()
    })
    .await;
}

#[tokio::test]
async fn extends_and_reacquires_lock() {
    let server = RedisServer::start();
    let lease = lock(&server.redis(), Duration::from_millis(300)).await.unwrap();
    assert_eq!(lease.extend(LONG).await, Ok(true));
    tokio::time::sleep(Duration::from_millis(400)).await;
    assert!(lock(&server.redis(), LONG).await.is_none());
    let () = server.command("FLUSHALL");
    assert_eq!(lease.extend(LONG).await, Ok(true));
    let () = server.command("FLUSHALL");
    let _other = lock(&server.redis(), LONG).await.unwrap();
    assert_eq!(lease.extend(LONG).await, Ok(false));
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
