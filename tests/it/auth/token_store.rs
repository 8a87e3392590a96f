//! Tokens that processes share: here, clients with one store.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use crate::support::clock::wait;
use crate::support::token_store::{Mood, Tokens};
use crate::support::{APP_ID, APP_SECRET, Platform, Reply};
use larkspur::Client;
use larkspur::drive::v1::media::BatchGetTmpDownloadUrl;

const LINKS: &str = r#"{"tmp_download_urls":[]}"#;

/// Gives out t-0, t-1 and so on to who has the right secret.
async fn platform() -> Platform {
    let given = AtomicUsize::new(0);
    Platform::start(move |request| match request.is_for_a_token() {
        true if !String::from_utf8_lossy(&request.body).contains(APP_SECRET) => {
            Reply::json(400, r#"{"code":10014,"msg":"app secret invalid"}"#)
        }
        true => {
            let number = given.fetch_add(1, Ordering::SeqCst);
            let body = format!(r#"{{"code":0,"tenant_access_token":"t-{number}","expire":7200}}"#);
            Reply::json(200, &body)
        }
        false => Reply::data(LINKS),
    })
    .await
}

fn client_with(platform: &Platform, store: &Tokens, secret: &str) -> Client {
    Client::builder()
        .app(APP_ID, secret)
        .token_store(store.clone())
        .base_url(platform.base_url())
        .build()
        .unwrap()
}

fn clients(platform: &Platform, store: &Tokens) -> Vec<Client> {
    (0..8).map(|_| client_with(platform, store, APP_SECRET)).collect()
}

async fn call(client: &Client) -> larkspur::Result<()> {
    BatchGetTmpDownloadUrl::new(["boxcn1"]).send(client).await.map(|_| ())
}

async fn call_all(clients: &[Client]) {
    let calls: Vec<_> = clients
        .iter()
        .cloned()
        .map(|client| tokio::spawn(async move { call(&client).await }))
        .collect();
    for call in calls {
        call.await.unwrap().unwrap();
    }
}

#[tokio::test]
async fn processes_share_fetched_token() {
    let (platform, store) = (platform().await, Tokens::default());
    let clients = clients(&platform, &store);
    call_all(&clients).await;
    assert_eq!(platform.token_requests(), 1);
    wait(Duration::from_secs(7200)).await;
    call_all(&clients).await;
    assert_eq!(platform.token_requests(), 2);
}

#[tokio::test]
async fn one_process_refreshes_for_all() {
    let (platform, store) = (platform().await, Tokens::default());
    let clients = clients(&platform, &store);
    call_all(&clients).await;
    // Past five minutes before its end, and the minute that chance adds.
    wait(Duration::from_secs(7200 - 200)).await;
    call_all(&clients).await;
    while platform.token_requests() < 2 {
        tokio::task::yield_now().await;
    }
    tokio::time::sleep(Duration::from_millis(400)).await;
    call_all(&clients).await;
    assert_eq!(platform.token_requests(), 2);
    assert_eq!(platform.calls().last().unwrap().header("authorization"), "Bearer t-1");
}

#[tokio::test]
async fn new_process_uses_stored_token() {
    let (platform, store) = (platform().await, Tokens::default());
    call(&client_with(&platform, &store, APP_SECRET)).await.unwrap();
    call(&client_with(&platform, &store, APP_SECRET)).await.unwrap();
    assert_eq!(platform.token_requests(), 1);
}

#[tokio::test]
async fn wrong_secret_gets_no_stored_token() {
    let (platform, store) = (platform().await, Tokens::default());
    call(&client_with(&platform, &store, APP_SECRET)).await.unwrap();
    let error = call(&client_with(&platform, &store, "wrong-secret")).await.unwrap_err();
    assert_eq!(error.code(), Some(10014));
}

#[tokio::test]
async fn ignores_rejected_stored_token() {
    let (platform, store) = (refusing().await, Tokens::default());
    let client = client_with(&platform, &store, APP_SECRET);
    call(&client).await.unwrap();
    assert_eq!(platform.calls().last().unwrap().header("authorization"), "Bearer t-1");
    assert_eq!(platform.token_requests(), 2);
}

/// Refuses t-0.
async fn refusing() -> Platform {
    let given = AtomicUsize::new(0);
    Platform::start(move |request| match request.is_for_a_token() {
        true => {
            let number = given.fetch_add(1, Ordering::SeqCst);
            let body = format!(r#"{{"code":0,"tenant_access_token":"t-{number}","expire":7200}}"#);
            Reply::json(200, &body)
        }
        false if request.header("authorization") == "Bearer t-0" => {
            Reply::json(400, r#"{"code":99991663,"msg":"Invalid access token"}"#)
        }
        false => Reply::data(LINKS),
    })
    .await
}

#[tokio::test]
async fn fetches_locally_without_store() {
    let (platform, store) = (platform().await, Tokens::default());
    store.mood(Mood::Fails);
    call_all(&clients(&platform, &store)).await;
    assert_eq!(platform.token_requests(), 8);
}

#[tokio::test]
async fn hanging_store_delays_at_most_two_seconds() {
    let (platform, store) = (platform().await, Tokens::default());
    store.mood(Mood::Hangs);
    let client = client_with(&platform, &store, APP_SECRET);
    let calling = tokio::spawn(async move { call(&client).await });
    tokio::time::sleep(Duration::from_millis(20)).await;
    assert_eq!(platform.token_requests(), 0);
    wait(Duration::from_secs(2)).await;
    // Saving hangs as well, and keeps nobody waiting longer.
    while platform.token_requests() == 0 {
        tokio::task::yield_now().await;
    }
    tokio::time::sleep(Duration::from_millis(50)).await;
    wait(Duration::from_secs(2)).await;
    calling.await.unwrap().unwrap();
}

#[tokio::test]
async fn crashed_refresh_delays_others_briefly() {
    let (platform, store) = (platform().await, Tokens::default());
    let first = client_with(&platform, &store, APP_SECRET);
    call(&first).await.unwrap();
    store.lock_all();
    wait(Duration::from_secs(7200)).await;
    let calling = tokio::spawn(async move { call(&first).await });
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!(platform.token_requests(), 1);
    wait(Duration::from_secs(5)).await;
    calling.await.unwrap().unwrap();
    assert_eq!(platform.token_requests(), 2);
}

#[tokio::test]
async fn stored_token_keys_reveal_nothing() {
    let (platform, store) = (platform().await, Tokens::default());
    call(&client_with(&platform, &store, APP_SECRET)).await.unwrap();
    let names = store.names();
    assert_eq!(names.len(), 1);
    assert!(names[0].starts_with("token:tenant:"), "{names:?}");
    assert!(!names[0].contains(APP_ID), "{names:?}");
}
