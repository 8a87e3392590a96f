//! What happens to a call whose token the platform refuses.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::support::{APP_ID, APP_SECRET, Platform, Reply};
use larkspur::drive::v1::media::BatchGetTmpDownloadUrl;
use larkspur::endpoint::{BodyKind, EndpointInfo, Method, Request, TokenKind};
use larkspur::wire::{Encode, FieldInfo, Fields, object};
use larkspur::{Client, RateLimitMode, RetryPolicy};

const LINKS: &str = r#"{"tmp_download_urls":[]}"#;
const REFUSED: &str = r#"{"code":99991663,"msg":"Invalid access token for authorization."}"#;

/// Gives the tokens t-0, t-1, … and refuses those before this one.
async fn platform(first_valid: &Arc<AtomicUsize>) -> Platform {
    let given = AtomicUsize::new(0);
    let first_valid = Arc::clone(first_valid);
    Platform::start(move |request| {
        if request.is_for_a_token() {
            let number = given.fetch_add(1, Ordering::SeqCst);
            let body = format!(r#"{{"code":0,"tenant_access_token":"t-{number}","expire":7200}}"#);
            return Reply::json(200, &body);
        }
        let header = request.header("authorization");
        let number: usize = header.trim_start_matches("Bearer t-").parse().unwrap();
        match number < first_valid.load(Ordering::SeqCst) {
            true => Reply::json(400, REFUSED),
            false => Reply::data(LINKS),
        }
    })
    .await
}

fn client(platform: &Platform) -> Client {
    Client::builder()
        .app(APP_ID, APP_SECRET)
        .base_url(platform.base_url())
        .rate_limits(RateLimitMode::Off)
        .build()
        .unwrap()
}

async fn read(client: &Client) -> larkspur::Result<()> {
    let request = BatchGetTmpDownloadUrl::new(["boxcn1"]);
    request.send(client).await.map(|_| ())
}

#[tokio::test]
async fn resends_with_fresh_token() {
    let first_valid = Arc::new(AtomicUsize::new(1));
    let platform = platform(&first_valid).await;
    read(&client(&platform)).await.unwrap();
    let tokens: Vec<_> = platform
        .calls()
        .iter()
        .map(|call| call.header("authorization"))
        .collect();
    assert_eq!(tokens, ["Bearer t-0", "Bearer t-1"]);
}

/// Waits until so many calls have been sent.
async fn sent(platform: &Platform, count: usize) {
    while platform.calls().len() < count {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn refreshes_once_for_64_stale_responses() {
    let first_valid = Arc::new(AtomicUsize::new(0));
    let platform = platform(&first_valid).await;
    let client = client(&platform);
    read(&client).await.unwrap();
    first_valid.store(1, Ordering::SeqCst);
    platform.forget();
    platform.hold_calls();
    let calls: Vec<_> = (0..64)
        .map(|_| {
            let client = client.clone();
            tokio::spawn(async move { read(&client).await })
        })
        .collect();
    // All have sent the stale token before the first of them learns that it is stale.
    sent(&platform, 64).await;
    platform.answer_calls(32);
    // The others learn it late: those 32 have been sent again with the new token by then.
    sent(&platform, 64 + 32).await;
    platform.answer_calls(32 + 64);
    for call in calls {
        call.await.unwrap().unwrap();
    }
    let sent = platform.calls();
    let with = |token: &str| sent.iter().filter(|call| call.header("authorization") == token).count();
    assert_eq!((with("Bearer t-0"), with("Bearer t-1"), sent.len()), (64, 64, 128));
    assert_eq!(platform.token_requests(), 1);
}

#[tokio::test]
async fn resends_once_if_new_token_is_rejected() {
    let first_valid = Arc::new(AtomicUsize::new(usize::MAX));
    let platform = platform(&first_valid).await;
    let error = read(&client(&platform)).await.unwrap_err();
    assert_eq!((error.code(), error.attempts()), (Some(99991663), 2));
    assert_eq!(platform.calls().len(), 2);
}

#[tokio::test]
async fn refreshes_without_retries() {
    let first_valid = Arc::new(AtomicUsize::new(1));
    let platform = platform(&first_valid).await;
    read(&client(&platform).with_retries(RetryPolicy::none()))
        .await
        .unwrap();
}

#[tokio::test]
async fn fixed_token_is_sent_once() {
    let platform = Platform::replying(Reply::json(400, REFUSED)).await;
    let client = Client::builder().tenant_token("t-0").base_url(platform.base_url());
    let error = read(&client.build().unwrap()).await.unwrap_err();
    assert_eq!((error.code(), error.attempts()), (Some(99991663), 1));
}

static CREATE: EndpointInfo = EndpointInfo::new("test.v1.sample.create", Method::Post, "/open-apis/create")
    .tokens(&[TokenKind::Tenant])
    .body(BodyKind::Json);

request!(Create, CREATE, { name: String = FieldInfo::body("name") });

#[tokio::test]
async fn resends_write_after_token_rejection() {
    let first_valid = Arc::new(AtomicUsize::new(1));
    let platform = platform(&first_valid).await;
    let request = Create { name: "n".to_owned() };
    client(&platform).call_empty(&request).await.unwrap();
    assert_eq!(platform.calls().len(), 2);
}
