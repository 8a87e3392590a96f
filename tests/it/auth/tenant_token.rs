//! The tenant token: fetched once, cached, refreshed, and sent to nobody else.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use crate::support::clock::wait;
use crate::support::{APP_ID, APP_SECRET, Platform, Reply, token};
use larkspur::Client;
use larkspur::auth::v3::tenant_access_token::Internal;
use larkspur::drive::v1::media::BatchGetTmpDownloadUrl;

const LINKS: &str = r#"{"tmp_download_urls":[]}"#;
const WRONG_SECRET: &str = r#"{"code":10014,"msg":"app secret invalid"}"#;

async fn call(client: &Client) -> larkspur::Result<()> {
    let request = BatchGetTmpDownloadUrl::new(["boxcn1"]);
    request.send(client).await.map(|_| ())
}

#[tokio::test]
async fn sixty_four_callers_fetch_one_token() {
    let platform = Platform::replying(Reply::data(LINKS)).await;
    platform.hold_tokens();
    let client = platform.client();
    let calls: Vec<_> = (0..64)
        .map(|_| {
            let client = client.clone();
            tokio::spawn(async move { call(&client).await })
        })
        .collect();
    while platform.token_requests() == 0 {
        tokio::task::yield_now().await;
    }
    platform.give_tokens();
    for call in calls {
        call.await.unwrap().unwrap();
    }
    assert_eq!(platform.token_requests(), 1);
    assert_eq!(platform.calls().len(), 64);
}

#[tokio::test]
async fn cancelled_caller_keeps_fetch_running() {
    let platform = Platform::replying(Reply::data(LINKS)).await;
    platform.hold_tokens();
    let client = platform.client();
    let first = tokio::spawn({
        let client = client.clone();
        async move { call(&client).await }
    });
    while platform.token_requests() == 0 {
        tokio::task::yield_now().await;
    }
    first.abort();
    assert!(first.await.unwrap_err().is_cancelled());
    platform.give_tokens();
    call(&client).await.unwrap();
    assert_eq!(platform.token_requests(), 1);
}

#[tokio::test]
async fn callers_share_the_error_if_there_is_no_token() {
    let platform = Platform::start(|_| Reply::json(400, WRONG_SECRET)).await;
    platform.hold_tokens();
    let client = platform.client();
    let calls: Vec<_> = (0..8)
        .map(|_| {
            let client = client.clone();
            tokio::spawn(async move { call(&client).await })
        })
        .collect();
    while platform.token_requests() == 0 {
        tokio::task::yield_now().await;
    }
    platform.give_tokens();
    for call in calls {
        let error = call.await.unwrap().unwrap_err();
        assert_eq!(error.code(), Some(10014));
        assert_eq!(error.endpoint().unwrap().id, Internal::ENDPOINT.id);
    }
}

#[tokio::test]
async fn retries_failed_token_fetch() {
    let fails = Arc::new(AtomicBool::new(true));
    let failing = Arc::clone(&fails);
    let platform = Platform::start(move |request| match request.is_for_a_token() {
        true if failing.load(Ordering::SeqCst) => Reply::new(503, ""),
        true => token(7200),
        false => Reply::data(LINKS),
    })
    .await;
    let client = platform.client();
    assert_eq!(call(&client).await.unwrap_err().status(), Some(503));
    fails.store(false, Ordering::SeqCst);
    wait(Duration::from_secs(1)).await;
    call(&client).await.unwrap();
}

#[tokio::test]
async fn caches_wrong_secret_error() {
    let platform = Platform::start(|_| Reply::json(400, WRONG_SECRET)).await;
    let client = platform.client();
    for _ in 0..100 {
        assert_eq!(call(&client).await.unwrap_err().code(), Some(10014));
    }
    assert_eq!(platform.token_requests(), 1);
    // Then less often, but at least once in five seconds: a corrected secret takes effect soon.
    for asked in 2..=10 {
        wait(Duration::from_secs(5)).await;
        for _ in 0..10 {
            call(&client).await.unwrap_err();
        }
        assert_eq!(platform.token_requests(), asked);
    }
}

#[tokio::test]
async fn refreshes_five_minutes_before_expiry() {
    let platform = Platform::replying(Reply::data(LINKS)).await;
    let client = platform.client();
    call(&client).await.unwrap();
    wait(Duration::from_secs(7200 - 310)).await;
    call(&client).await.unwrap();
    assert_eq!(platform.token_requests(), 1);
    // Up to a minute later, by chance.
    wait(Duration::from_secs(70)).await;
    call(&client).await.unwrap();
    while platform.token_requests() == 1 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn hanging_refresh_keeps_valid_token() {
    let platform = Platform::replying(Reply::data(LINKS)).await;
    let client = platform.client();
    call(&client).await.unwrap();
    platform.hold_tokens();
    wait(Duration::from_secs(7200 - 100)).await;
    call(&client).await.unwrap();
    call(&client).await.unwrap();
    while platform.token_requests() == 1 {
        tokio::task::yield_now().await;
    }
    assert_eq!(platform.token_requests(), 2);
}

#[tokio::test]
async fn replaces_token_about_to_expire() {
    let platform = Platform::replying(Reply::data(LINKS)).await;
    let client = platform.client();
    call(&client).await.unwrap();
    wait(Duration::from_secs(7200 - 20)).await;
    call(&client).await.unwrap();
    assert_eq!(platform.token_requests(), 2);
}

#[tokio::test]
async fn replaces_rejected_token() {
    let given = AtomicUsize::new(0);
    let platform = Platform::start(move |request| match request.is_for_a_token() {
        true => {
            let number = given.fetch_add(1, Ordering::SeqCst);
            Reply::json(
                200,
                &format!(r#"{{"code":0,"tenant_access_token":"t-{number}","expire":7200}}"#),
            )
        }
        false if request.header("authorization") == "Bearer t-0" => {
            Reply::json(400, r#"{"code":99991663,"msg":"Invalid access token"}"#)
        }
        false => Reply::data(LINKS),
    })
    .await;
    let client = platform.client();
    call(&client).await.unwrap();
    call(&client).await.unwrap();
    let stale = |call: &&crate::support::Recorded| call.header("authorization") == "Bearer t-0";
    assert_eq!(platform.calls().iter().filter(stale).count(), 1);
    assert_eq!(platform.token_requests(), 2);
}

#[tokio::test]
async fn refreshes_once_for_all_callers() {
    let platform = Platform::replying(Reply::data(LINKS)).await;
    let client = platform.client();
    call(&client).await.unwrap();
    platform.hold_tokens();
    wait(Duration::from_secs(7200)).await;
    let calls: Vec<_> = (0..1000)
        .map(|_| {
            let client = client.clone();
            tokio::spawn(async move { call(&client).await })
        })
        .collect();
    while platform.token_requests() == 1 {
        tokio::task::yield_now().await;
    }
    platform.give_tokens();
    for call in calls {
        call.await.unwrap().unwrap();
    }
    assert_eq!(platform.token_requests(), 2);
}

#[tokio::test]
async fn refreshes_once_if_first_caller_cancels() {
    let platform = Platform::replying(Reply::data(LINKS)).await;
    let client = platform.client();
    call(&client).await.unwrap();
    platform.hold_tokens();
    wait(Duration::from_secs(7200)).await;
    let spawn = || {
        let client = client.clone();
        tokio::spawn(async move { call(&client).await })
    };
    let first = spawn();
    while platform.token_requests() == 1 {
        tokio::task::yield_now().await;
    }
    let others: Vec<_> = (1..1000).map(|_| spawn()).collect();
    // They get to where they wait for what the first has begun.
    for _ in 0..10 {
        tokio::task::yield_now().await;
    }
    first.abort();
    assert!(first.await.unwrap_err().is_cancelled());
    platform.give_tokens();
    for call in others {
        call.await.unwrap().unwrap();
    }
    assert_eq!((platform.token_requests(), platform.calls().len()), (2, 1000));
}

#[tokio::test]
async fn limits_fetches_of_reissued_rejected_token() {
    let platform = Platform::start(|request| match request.is_for_a_token() {
        true => token(7200),
        false => Reply::json(400, r#"{"code":99991663,"msg":"Invalid access token"}"#),
    })
    .await;
    let client = platform.client();
    let error = call(&client).await.unwrap_err();
    assert!(
        error.report().to_string().contains("issued the same token again"),
        "{error}"
    );
    for _ in 0..9 {
        let error = call(&client).await.unwrap_err();
        assert_eq!((error.code(), error.attempts()), (Some(99991663), 1));
    }
    assert_eq!((platform.calls().len(), platform.token_requests()), (10, 2));
    // It is not given up for ever: later refusals are about the token, perhaps.
    wait(Duration::from_secs(61)).await;
    call(&client).await.unwrap_err();
    call(&client).await.unwrap_err();
    assert_eq!(platform.token_requests(), 3);
}

#[tokio::test]
async fn failed_refresh_backs_off() {
    let fails = Arc::new(AtomicBool::new(false));
    let failing = Arc::clone(&fails);
    let platform = Platform::start(move |request| match request.is_for_a_token() {
        true if failing.load(Ordering::SeqCst) => Reply::json(400, r#"{"code":10014,"msg":"no"}"#),
        true => token(7200),
        false => Reply::data(LINKS),
    })
    .await;
    let client = platform.client();
    call(&client).await.unwrap();
    fails.store(true, Ordering::SeqCst);
    wait(Duration::from_secs(7200 - 20)).await;
    // This close to expiry calls wait for the refresh, and fall back to the old token.
    for _ in 0..10 {
        call(&client).await.unwrap();
    }
    assert_eq!(platform.token_requests(), 2);
    wait(Duration::from_secs(1)).await;
    call(&client).await.unwrap();
    assert_eq!(platform.token_requests(), 3);
}

#[tokio::test]
async fn rejects_unsendable_token() {
    for text in ["", "t-1\\n"] {
        let body = format!(r#"{{"code":0,"tenant_access_token":"{text}","expire":7200}}"#);
        let platform = Platform::start(move |_| Reply::json(200, &body)).await;
        let client = platform.client();
        for asked in 1..=2 {
            let error = call(&client).await.unwrap_err();
            assert_eq!(error.endpoint().unwrap().id, Internal::ENDPOINT.id);
            assert_eq!(platform.token_requests(), asked);
            wait(Duration::from_secs(1)).await;
        }
    }
}

#[tokio::test]
async fn failed_refresh_uses_valid_token() {
    let fails = Arc::new(AtomicBool::new(false));
    let failing = Arc::clone(&fails);
    let platform = Platform::start(move |request| match request.is_for_a_token() {
        true if failing.load(Ordering::SeqCst) => Reply::new(503, ""),
        true => token(7200),
        false => Reply::data(LINKS),
    })
    .await;
    let client = platform.client();
    call(&client).await.unwrap();
    fails.store(true, Ordering::SeqCst);
    wait(Duration::from_secs(7200 - 20)).await;
    call(&client).await.unwrap();
    wait(Duration::from_secs(20)).await;
    assert_eq!(call(&client).await.unwrap_err().status(), Some(503));
}

#[tokio::test]
async fn an_absurd_lifetime_is_survived() {
    for seconds in [0, 1, u64::MAX >> 1] {
        let platform = Platform::start(move |request| match request.is_for_a_token() {
            true => token(seconds),
            false => Reply::data(LINKS),
        })
        .await;
        call(&platform.client()).await.unwrap();
    }
}

#[tokio::test]
async fn fetches_token_with_id_and_secret() {
    let platform = Platform::start(move |request| match request.is_for_a_token() {
        true => {
            let body: larkspur::wire::Value = serde_json::from_slice(&request.body).unwrap();
            assert_eq!(body["app_id"], APP_ID);
            assert_eq!(body["app_secret"], APP_SECRET);
            assert_eq!(request.header("content-type"), "application/json; charset=utf-8");
            assert_eq!(request.header("authorization"), "");
            token(7200)
        }
        false => Reply::data(LINKS),
    })
    .await;
    call(&platform.client()).await.unwrap();
}

#[tokio::test]
async fn sends_fixed_token_unchanged() {
    let platform = Platform::replying(Reply::data(LINKS)).await;
    let client = Client::builder()
        .tenant_token("t-mine")
        .base_url(platform.base_url())
        .build()
        .unwrap();
    call(&client).await.unwrap();
    assert_eq!(platform.call().header("authorization"), "Bearer t-mine");
    assert_eq!(platform.token_requests(), 0);
}

#[test]
fn client_outlives_runtime_of_its_fetch() {
    let runtime = || {
        tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap()
    };
    let server = tokio::runtime::Runtime::new().unwrap();
    let platform = server.block_on(Platform::replying(Reply::data(LINKS)));
    platform.hold_tokens();
    let client = platform.client();
    let first = runtime();
    first.block_on(async {
        let waiting = client.with_deadline(Duration::from_millis(50));
        call(&waiting).await.unwrap_err();
    });
    drop(first);
    platform.give_tokens();
    runtime().block_on(call(&client)).unwrap();
}

#[test]
fn call_fails_during_runtime_shutdown() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    let client = Client::builder()
        .app(APP_ID, APP_SECRET)
        .base_url("http://127.0.0.1:9")
        .build()
        .unwrap();
    let (started, has_started) = std::sync::mpsc::channel();
    let (ended, has_ended) = std::sync::mpsc::channel();
    runtime.spawn(async move {
        let open = Arc::new(());
        let held = Arc::clone(&open);
        tokio::spawn(async move {
            std::future::pending::<()>().await;
            drop(held);
        });
        started.send(()).unwrap();
        // The other worker closes the runtime and drops its tasks while this one is busy here.
        while Arc::strong_count(&open) > 1 {
            std::thread::yield_now();
        }
        ended.send(call(&client).await.is_err()).unwrap();
    });
    has_started.recv().unwrap();
    runtime.shutdown_background();
    assert_eq!(has_ended.recv_timeout(Duration::from_secs(60)), Ok(true));
}

#[test]
fn another_runtime_takes_over_from_an_idle_one() {
    let runtime = || {
        tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap()
    };
    let server = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .unwrap();
    let platform = server.block_on(Platform::replying(Reply::data(LINKS)));
    let client = platform.client();
    platform.hold_tokens();
    let idle = runtime();
    let impatient = client.with_deadline(Duration::from_millis(200));
    assert!(idle.block_on(call(&impatient)).unwrap_err().is_timeout());
    assert_eq!(platform.token_requests(), 1);
    platform.give_tokens();
    runtime()
        .block_on(call(&client.with_deadline(Duration::from_secs(10))))
        .unwrap();
    assert_eq!(platform.token_requests(), 2);
    // The first resumes, and has the token of the other.
    idle.block_on(call(&client)).unwrap();
}
