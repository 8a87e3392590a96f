//! The password of Redis is never printed.

use larkspur::store::redis::{OnOutage, Redis};

use super::{take, window};
use crate::support::redis_server::RedisServer;

const CANARY: &str = "canary-of-redis";

#[test]
fn debug_redacts_password() {
    let redis = Redis::open(format!("redis://ada:{CANARY}@127.0.0.1:1/0")).unwrap();
    let printed = format!("{redis:?}");
    assert!(
        printed.contains("127.0.0.1:1") && !printed.contains(CANARY),
        "{printed}"
    );
}

#[test]
fn invalid_url_error_redacts_password() {
    for url in [
        format!("http://:{CANARY}@127.0.0.1/"),
        format!("redis://:{CANARY}@127.0.0.1/x{CANARY}"),
        format!("redis://:{CANARY}@127.0.0.1/?protocol={CANARY}"),
        CANARY.to_owned(),
    ] {
        let error = Redis::open(url).err().unwrap();
        let printed = format!("{error} {error:?} {error:#?}");
        assert!(printed.contains("redis://") && !printed.contains(CANARY), "{printed}");
    }
}

#[tokio::test]
async fn wrong_password_error_redacts_password() {
    let server = RedisServer::start_with(&["--requirepass", "password"]);
    let url = server.url().replace("pass=password", &format!("pass={CANARY}"));
    let redis = Redis::open(url).unwrap().on_outage(OnOutage::Fail);
    let error = take(&redis, &[window(1, 1000)]).await.unwrap_err();
    let printed = format!("{error} {error:?}");
    assert!(printed.contains("Redis at") && !printed.contains(CANARY), "{printed}");
}

#[tokio::test]
async fn connects_with_password() {
    let server = RedisServer::start_with(&["--requirepass", "password"]);
    take(&server.redis().on_outage(OnOutage::Fail), &[window(1, 1000)])
        .await
        .unwrap();
}
