//! The tenant token: fetched once, kept, renewed, and sent to nobody else.

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
async fn a_caller_that_gives_up_does_not_take_the_token_from_the_others() {
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
async fn a_token_that_could_not_be_had_is_asked_for_again() {
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
async fn a_wrong_secret_is_not_tried_again_by_each_call() {
    let platform = Platform::start(|_| Reply::json(400, WRONG_SECRET)).await;
    let client = platform.client();
    for _ in 0..100 {
        assert_eq!(call(&client).await.unwrap_err().code(), Some(10014));
    }
    assert_eq!(platform.token_requests(), 1);
    // Then less often, but never less than once in five seconds: whoever mends it does not want to wait.
    for asked in 2..=10 {
        wait(Duration::from_secs(5)).await;
        for _ in 0..10 {
            call(&client).await.unwrap_err();
        }
        assert_eq!(platform.token_requests(), asked);
    }
}

#[tokio::test]
async fn a_token_is_kept_until_five_minutes_before_it_expires() {
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
async fn a_renewal_that_hangs_holds_no_call_up_while_the_old_token_is_valid() {
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
async fn a_token_about_to_expire_is_not_sent_any_more() {
    let platform = Platform::replying(Reply::data(LINKS)).await;
    let client = platform.client();
    call(&client).await.unwrap();
    wait(Duration::from_secs(7200 - 20)).await;
    call(&client).await.unwrap();
    assert_eq!(platform.token_requests(), 2);
}

#[tokio::test]
async fn a_token_that_the_platform_refuses_is_replaced_and_not_sent_again() {
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
async fn a_thousand_callers_at_expiry_make_one_refresh() {
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
async fn the_first_of_a_thousand_callers_gives_up_and_there_is_still_one_refresh() {
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
async fn a_token_that_the_platform_gives_again_after_refusing_it_is_not_asked_for_by_each_call() {
    let platform = Platform::start(|request| match request.is_for_a_token() {
        true => token(7200),
        false => Reply::json(400, r#"{"code":99991663,"msg":"Invalid access token"}"#),
    })
    .await;
    let client = platform.client();
    let error = call(&client).await.unwrap_err();
    assert!(error.to_string().contains("gave the same token again"), "{error}");
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
async fn a_renewal_that_fails_is_not_tried_again_by_each_call() {
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
    // So near to its end calls wait for the renewal, and go on with the old token.
    for _ in 0..10 {
        call(&client).await.unwrap();
    }
    assert_eq!(platform.token_requests(), 2);
    wait(Duration::from_secs(1)).await;
    call(&client).await.unwrap();
    assert_eq!(platform.token_requests(), 3);
}

#[tokio::test]
async fn a_token_that_cannot_be_sent_is_not_kept() {
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
async fn a_renewal_that_fails_costs_nothing_while_the_old_token_is_valid() {
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
async fn the_token_is_asked_for_with_id_and_secret_and_without_a_token() {
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
async fn a_token_of_ones_own_is_sent_as_it_is() {
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
fn a_client_outlives_the_runtime_that_fetched_its_token() {
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
fn a_call_in_a_runtime_that_is_shutting_down_ends_with_an_error() {
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
