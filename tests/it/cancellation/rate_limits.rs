//! Calls that are dropped while they wait for their endpoint's limit.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use larkspur::endpoint::{EndpointInfo, Method, Request, TokenKind, Window};
use larkspur::error::ErrorKind;
use larkspur::interceptor::{Interceptor, RequestEvent};
use larkspur::wire::{Encode, FieldInfo, Fields, object};
use larkspur::{Client, RateLimitMode};

use super::points::{Sent, at_each, built, elsewhere, no_task_is_left};
use crate::support::{Platform, Reply};

static READ: EndpointInfo = EndpointInfo::new("test.v1.sample.read", Method::Get, "/open-apis/read")
    .tokens(&[TokenKind::Tenant])
    .limits(&[Window::new(3, 3600)]);

request!(Read, READ, {});

async fn read(client: &Client) -> larkspur::Result<()> {
    client.call_empty(&Read {}).await
}

/// A clock that can be stopped, and resumes as soon as something is sent: a response takes real time only.
#[derive(Clone, Default)]
struct Clock(Arc<AtomicBool>);

impl Clock {
    /// From here on time passes at once where there is nothing to do but wait for it.
    fn stop(&self) {
        tokio::time::pause();
        self.0.store(true, Ordering::SeqCst);
    }
}

impl Interceptor for Clock {
    fn on_request(&self, _: &mut RequestEvent<'_>) {
        if self.0.swap(false, Ordering::SeqCst) {
            tokio::time::resume();
        }
    }
}

#[tokio::test]
async fn dropped_queued_call_releases_permit() {
    let platform = elsewhere(Platform::replying(Reply::data("{}"))).await;
    let dropped = at_each(async |point| {
        let (sent, clock) = (Sent::default(), Clock::default());
        let builder = Client::builder()
            .tenant_token("t-1")
            .base_url(platform.base_url())
            .deadline(Duration::from_secs(2 * 3600))
            .interceptor(clock.clone());
        let client = built(builder, &sent);
        for _ in 0..3 {
            read(&client).await.unwrap();
        }
        no_task_is_left().await;

        clock.stop();
        let behind = tokio::spawn({
            let client = client.clone();
            async move { read(&client).await }
        });
        let is_over = point.drop(read(&client)).await.is_some();
        behind.await.unwrap().unwrap();
        no_task_is_left().await;

        // The first three are now all counted no longer: each permit is one of a call that was sent since.
        tokio::time::pause();
        tokio::time::advance(Duration::from_secs(60)).await;
        tokio::time::resume();
        let at_once = client.with_rate_limits(RateLimitMode::Fail);
        let error = loop {
            if let Err(error) = read(&at_once).await {
                break error;
            }
        };
        assert!(matches!(error.kind(), ErrorKind::RateLimited(_)), "{error}");
        assert_eq!(sent.count(), 6, "{point:?}");
        no_task_is_left().await;
        is_over
    })
    .await;
    // Before it began, in the queue, and in the wait for the response.
    assert!(dropped >= 2 * 3, "it was dropped at {dropped} points only");
}
