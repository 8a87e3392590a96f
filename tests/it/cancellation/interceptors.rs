//! Interceptors see the completion of a dropped call once.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use crate::support::{APP_ID, APP_SECRET, Platform, Reply, token};
use larkspur::drive::v1::media::BatchGetTmpDownloadUrl;
use larkspur::interceptor::{CallEvent, Interceptor, Outcome};
use larkspur::{Client, RetryPolicy};

/// Counts how calls ended; those for tokens do not count.
#[derive(Clone, Default)]
struct Count {
    dropped: Arc<AtomicUsize>,
    others: Arc<AtomicUsize>,
}

impl Interceptor for Count {
    fn on_complete(&self, call: &CallEvent<'_>) {
        if call.endpoint.id.starts_with("drive.") {
            let count = match call.outcome {
                Outcome::Dropped => &self.dropped,
                _ => &self.others,
            };
            count.fetch_add(1, Ordering::SeqCst);
        }
    }
}

/// Every second response is a fault, so that calls wait for a token, a response and another attempt.
async fn platform() -> Platform {
    let number = AtomicUsize::new(0);
    Platform::start(move |request| match request.is_for_a_token() {
        true => token(7200),
        false if number.fetch_add(1, Ordering::SeqCst).is_multiple_of(2) => Reply::new(503, ""),
        false => Reply::data(r#"{"tmp_download_urls":[]}"#),
    })
    .await
}

/// Polls a call so often and drops it; gives whether it was over by then.
async fn dropped_after(polls: usize, client: &Client) -> bool {
    let request = BatchGetTmpDownloadUrl::new(["boxcn1"]);
    let mut call = pin!(request.send(client));
    let mut context = Context::from_waker(Waker::noop());
    for _ in 0..polls {
        if let Poll::Ready(result) = call.as_mut().poll(&mut context) {
            result.unwrap();
            return true;
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    false
}

#[tokio::test]
async fn dropped_call_completes_once() {
    let platform = platform().await;
    let count = Count::default();
    let mut calls = 0;
    let mut polls = 0;
    loop {
        // Each with a client of its own, whose first call has to get a token.
        let client = Client::builder()
            .app(APP_ID, APP_SECRET)
            .base_url(platform.base_url())
            .retries(RetryPolicy::new().initial_backoff(Duration::from_millis(2)))
            .interceptor(count.clone())
            .build()
            .unwrap();
        let is_over = dropped_after(polls, &client).await;
        BatchGetTmpDownloadUrl::new(["boxcn1"]).send(&client).await.unwrap();
        calls += 2;
        polls += 1;
        if is_over {
            break;
        }
    }
    let ended = count.dropped.load(Ordering::SeqCst) + count.others.load(Ordering::SeqCst);
    // The first was dropped before it had begun.
    assert_eq!(ended, calls - 1);
    assert_eq!(count.dropped.load(Ordering::SeqCst), polls - 2);
}
