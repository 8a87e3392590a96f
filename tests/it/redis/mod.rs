//! State that processes share through Redis, and its outages. Needs a `redis-server`.

mod clients;
mod locks;
mod logins;
mod outage_log;
mod outages;
mod secrets;
#[cfg(feature = "redis-tls")]
mod tls;
mod tokens;
mod windows;

use crate::support::redis_server;
use std::time::Duration;

use larkspur::endpoint::Window;
use larkspur::store::redis::Redis;
use larkspur::store::{Admission, StoreError, WindowKey, WindowStore};

const KEY: WindowKey<'static> = WindowKey {
    host: "open.feishu.cn",
    app: "cli_1",
    tenant: "tenant_1",
    endpoint: "im.v1.file.get",
};

/// Counts a call of `KEY`.
async fn take(redis: &Redis, windows: &[Window]) -> Result<Admission, StoreError> {
    redis.acquire(KEY, windows).await
}

/// `calls` in so many milliseconds.
fn window(calls: u32, millis: u64) -> Window {
    let mut window = Window::new(calls, 0);
    window.per = Duration::from_millis(millis);
    window
}

/// Checks again and again until the condition holds; panics if that takes too long.
async fn until<F: Future<Output = bool>>(what: &str, mut ask: impl FnMut() -> F) {
    let asking = async {
        while !ask().await {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    let done = tokio::time::timeout(Duration::from_secs(20), asking).await;
    assert!(done.is_ok(), "{what} did not happen");
}

/// Sends a command to Redis and drops it before the response; the server runs it nevertheless.
async fn ask_and_give_up(server: &redis_server::RedisServer, redis: &Redis, future: impl Future) {
    // Over a connection that is there: what is given up earlier was never asked.
    take(redis, &[]).await.unwrap();
    let () = server.command("CLIENT PAUSE 1000 ALL");
    let waited = tokio::time::timeout(Duration::from_millis(100), future).await;
    assert!(waited.is_err(), "dropped before the server responds");
}
