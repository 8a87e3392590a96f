//! Rate windows that processes count together.

use std::time::Duration;

use larkspur::endpoint::Window;
use larkspur::store::redis::Redis;
use larkspur::store::{Admission, WindowKey, WindowStore};
use redis::Commands;

use super::{KEY, ask_and_give_up, take, until, window};
use crate::support::redis_server::RedisServer;

const HOUR: u64 = 60 * 60 * 1000;

fn is_wait(taken: Admission) -> bool {
    matches!(taken, Admission::Wait(_))
}

/// Makes calls until so many were granted.
async fn make_calls(redis: Redis, windows: Vec<Window>, mut calls: u32) {
    while calls > 0 {
        match take(&redis, &windows).await.unwrap() {
            Admission::Granted => calls -= 1,
            Admission::Wait(wait) => tokio::time::sleep(wait).await,
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn never_exceeds_window_in_any_interval() {
    let server = RedisServer::start();
    // The long window keeps the whole list for the test to see.
    let windows = vec![window(10, 100), window(1000, HOUR)];
    let processes: Vec<_> = (0..4)
        .map(|_| tokio::spawn(make_calls(server.redis(), windows.clone(), 20)))
        .collect();
    for process in processes {
        process.await.unwrap();
    }
    let calls = server.calls();
    assert_eq!(calls.len(), 80);
    for eleven in calls.windows(11) {
        assert!(eleven[10] - eleven[0] >= 100_000, "{eleven:?}");
    }
}

#[tokio::test]
async fn processes_count_together() {
    let server = RedisServer::start();
    let (one, other) = (server.redis(), server.redis());
    let windows = [window(2, HOUR)];
    assert_eq!(take(&one, &windows).await, Ok(Admission::Granted));
    assert_eq!(take(&other, &windows).await, Ok(Admission::Granted));
    assert!(is_wait(take(&one, &windows).await.unwrap()));
    assert!(is_wait(take(&other, &windows).await.unwrap()));
}

#[tokio::test]
async fn a_refused_call_is_not_counted() {
    let server = RedisServer::start();
    let redis = server.redis();
    let windows = [window(5, HOUR), window(1, HOUR / 2)];
    for _ in 0..5 {
        take(&redis, &windows).await.unwrap();
    }
    assert_eq!(server.calls().len(), 1);
}

#[tokio::test]
async fn waits_for_the_longest_window() {
    let server = RedisServer::start();
    let redis = server.redis();
    let windows = [window(1, HOUR), window(1, 2 * HOUR)];
    take(&redis, &windows).await.unwrap();
    let Admission::Wait(wait) = take(&redis, &windows).await.unwrap() else {
        panic!("both windows are full");
    };
    let margin = Duration::from_millis(100);
    assert!(
        wait > Duration::from_millis(HOUR) && wait <= Duration::from_millis(2 * HOUR) + margin,
        "{wait:?}"
    );
}

#[tokio::test]
async fn counts_each_part_of_the_key_separately() {
    let server = RedisServer::start();
    let redis = server.redis();
    let others = [
        WindowKey { app: "cli_2", ..KEY },
        WindowKey {
            tenant: "tenant_2",
            ..KEY
        },
        WindowKey {
            endpoint: "im.v1.file.create",
            ..KEY
        },
        WindowKey { tenant: "", ..KEY },
        WindowKey {
            host: "open.larksuite.com",
            ..KEY
        },
    ];
    let windows = [window(1, HOUR)];
    take(&redis, &windows).await.unwrap();
    for other in others {
        assert_eq!(
            redis.acquire(other, &windows).await,
            Ok(Admission::Granted),
            "{other:?}"
        );
    }
}

#[tokio::test]
async fn counts_prefixes_separately() {
    let server = RedisServer::start();
    let windows = [window(1, HOUR)];
    take(&server.redis(), &windows).await.unwrap();
    let other = server.redis().prefix("other");
    assert_eq!(take(&other, &windows).await, Ok(Admission::Granted));
}

#[tokio::test]
async fn a_pause_holds_for_all_processes() {
    let server = RedisServer::start();
    let (one, other) = (server.redis(), server.redis());
    one.pause(KEY, Duration::from_millis(HOUR)).await.unwrap();
    assert!(is_wait(take(&other, &[]).await.unwrap()));
}

#[tokio::test]
async fn shorter_pause_keeps_longer_one() {
    let server = RedisServer::start();
    let (one, other) = (server.redis(), server.redis());
    one.pause(KEY, Duration::from_millis(2 * HOUR)).await.unwrap();
    other.pause(KEY, Duration::from_millis(HOUR)).await.unwrap();
    let taken = take(&other, &[]).await.unwrap();
    assert!(
        matches!(taken, Admission::Wait(wait) if wait > Duration::from_millis(HOUR)),
        "{taken:?}"
    );
}

#[tokio::test]
async fn without_windows_nothing_is_counted() {
    let server = RedisServer::start();
    assert_eq!(take(&server.redis(), &[]).await, Ok(Admission::Granted));
    assert_eq!(server.keys(), [""; 0]);
}

#[tokio::test]
async fn uncounts_cancelled_call() {
    let server = RedisServer::start();
    let redis = server.redis();
    let windows = [window(1, HOUR)];
    ask_and_give_up(&server, &redis, take(&redis, &windows)).await;
    until("the room of the call that was given up", || async {
        take(&server.redis(), &windows).await == Ok(Admission::Granted)
    })
    .await;
}

#[tokio::test]
async fn list_is_bounded_by_longest_window() {
    let server = RedisServer::start();
    make_calls(server.redis(), vec![window(5, 1), window(10, 5)], 100).await;
    assert!(server.calls().len() <= 10, "{}", server.calls().len());
}

#[tokio::test]
async fn survives_clock_set_back() {
    let server = RedisServer::start();
    let redis = server.redis();
    let windows = [window(1, HOUR)];
    take(&redis, &windows).await.unwrap();
    let key = server.keys().remove(0);
    let ahead = server.calls()[0] + 10_000_000;
    let () = server.connection().rpush(key, ahead).unwrap();
    assert_eq!(take(&redis, &windows).await, Ok(Admission::Granted));
    assert_eq!(server.calls().len(), 1);
}

#[tokio::test]
async fn counters_expire() {
    let server = RedisServer::start();
    let redis = server.redis();
    take(&redis, &[window(1, HOUR)]).await.unwrap();
    redis.pause(KEY, Duration::from_secs(60)).await.unwrap();
    assert_eq!(server.keys().len(), 2);
    for key in server.keys() {
        let left: i64 = server.connection().pttl(&key).unwrap();
        assert!(left > 0, "{key} stays");
    }
}

#[tokio::test]
async fn windowless_calls_ask_once_a_second() {
    let server = RedisServer::start();
    let redis = server.redis();
    take(&redis, &[]).await.unwrap();
    let () = server.command("CONFIG RESETSTAT");
    for _ in 0..50 {
        assert_eq!(take(&redis, &[]).await, Ok(Admission::Granted));
    }
    let statistics: String = server.command("INFO commandstats");
    assert!(!statistics.contains("cmdstat_evalsha:calls=5"), "{statistics}");
    // A pause of this process is known at once, that of another within a second.
    let other = server.redis();
    take(&other, &[]).await.unwrap();
    redis.pause(KEY, Duration::from_millis(HOUR)).await.unwrap();
    assert!(is_wait(take(&redis, &[]).await.unwrap()));
    until("the pause in another process", || async {
        is_wait(take(&other, &[]).await.unwrap())
    })
    .await;
}

#[tokio::test]
async fn lifts_pause_for_all_processes() {
    let server = RedisServer::start();
    let (one, other) = (server.redis(), server.redis());
    one.pause(KEY, Duration::from_millis(HOUR)).await.unwrap();
    assert!(is_wait(take(&other, &[]).await.unwrap()));
    other.lift_pause(KEY).await.unwrap();
    assert_eq!(take(&other, &[]).await, Ok(Admission::Granted));
    until("the end of the pause", || async {
        take(&one, &[]).await == Ok(Admission::Granted)
    })
    .await;
}
