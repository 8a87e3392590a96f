//! Calls that are dropped while they wait for a token, a response, its body, or another attempt.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use larkspur::endpoint::{EndpointInfo, Method, Request, ResponseKind, TokenKind, Window};
use larkspur::error::ErrorKind;
use larkspur::store::TokenStore as _;
use larkspur::wire::{Encode, FieldInfo, Fields, object};
use larkspur::{Client, RateLimitMode};

use super::points::{Sent, at_each, built, elsewhere, no_task_is_left};
use crate::support::token_store::Tokens;
use crate::support::{APP_ID, APP_SECRET, Platform, Recorded, Reply, token};

/// No test lasts so long that the window lets a call go that it has counted.
pub const WINDOW: Window = Window::new(8, 3600);

static READ: EndpointInfo = EndpointInfo::new("test.v1.sample.read", Method::Get, "/open-apis/read")
    .tokens(&[TokenKind::Tenant])
    .limits(&[WINDOW]);

request!(Read, READ, {});

static FILE: EndpointInfo = EndpointInfo::new("test.v1.sample.file", Method::Get, "/open-apis/file")
    .tokens(&[TokenKind::Tenant])
    .response(ResponseKind::Binary {
        ranges: false,
        max_bytes: None,
    })
    .limits(&[WINDOW]);

request!(File, FILE, {});

/// What one run of a test has.
pub struct Setting {
    platform: Platform,
    tokens: Tokens,
    sent: Sent,
    pub client: Client,
}

impl Setting {
    /// With a platform whose first response is a fault, and a shared token store.
    async fn new(reply: Reply) -> Self {
        Self::answering(move |_| reply.clone()).await
    }

    /// The same with these further responses.
    pub async fn answering(answer: impl Fn(&Recorded) -> Reply + Send + Sync + 'static) -> Self {
        let number = AtomicUsize::new(0);
        let platform = elsewhere(Platform::start(move |request| match request.is_for_a_token() {
            true => token(7200),
            false if number.fetch_add(1, Ordering::SeqCst) == 0 => Reply::new(503, ""),
            false => answer(request),
        }))
        .await;
        let (tokens, sent) = (Tokens::default(), Sent::default());
        let builder = Client::builder()
            .app(APP_ID, APP_SECRET)
            .base_url(platform.base_url())
            .token_store(Arc::new(tokens.clone()));
        Self {
            client: built(builder, &sent),
            platform,
            tokens,
            sent,
        }
    }

    /// That all is as if the dropped call had not been, but for what it sent.
    pub async fn is_sound(&self, call: impl AsyncFn(&Client) -> larkspur::Result<()>) {
        no_task_is_left().await;
        let at_once = self.client.with_rate_limits(RateLimitMode::Fail);
        let error = loop {
            if let Err(error) = call(&at_once).await {
                break error;
            }
        };
        assert!(matches!(error.kind(), ErrorKind::RateLimited(_)), "{error}");
        assert_eq!(self.sent.count(), 8, "each permit is one of a call that was sent");
        assert_eq!(self.platform.token_requests(), 1);
        for name in self.tokens.names() {
            let lease = self.tokens.lock(&name, Duration::from_secs(1)).await.unwrap();
            assert!(lease.is_some(), "{name} is locked");
        }
        no_task_is_left().await;
    }
}

async fn read(client: &Client) -> larkspur::Result<()> {
    client.call_empty(&Read {}).await
}

async fn download(client: &Client) -> larkspur::Result<()> {
    let mut file = client.fetch(&File {}).await?;
    while file.chunk().await?.is_some() {}
    Ok(())
}

#[tokio::test]
async fn dropped_call_leaves_nothing() {
    let dropped = at_each(async |point| {
        let setting = Setting::new(Reply::data("{}")).await;
        let is_over = point.drop(read(&setting.client)).await.is_some();
        setting.is_sound(read).await;
        is_over
    })
    .await;
    // Before it began; in its waits for the token, the fault, the next attempt and the response; each when woken too.
    assert!(dropped >= 2 * 5, "it was dropped at {dropped} points only");
}

#[tokio::test]
async fn dropped_download_leaves_nothing() {
    let dropped = at_each(async |point| {
        let setting = Setting::new(Reply::new(200, vec![7; 1 << 20])).await;
        let is_over = point.drop(download(&setting.client)).await.is_some();
        setting.is_sound(download).await;
        is_over
    })
    .await;
    // As a call, and within the body.
    assert!(dropped >= 2 * 6, "it was dropped at {dropped} points only");
}
