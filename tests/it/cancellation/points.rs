//! Drops a future at each point at which it waits, and looks for what it left behind.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock};
use std::task::Poll;
use std::time::{Duration, Instant};

use larkspur::interceptor::{Interceptor, RequestEvent};
use larkspur::{Client, ClientBuilder, RetryPolicy};
use tokio::runtime::{Builder, Handle, Runtime};

/// Longest time after which a task still counts as one that is about to end.
const GRACE: Duration = Duration::from_secs(20);

/// Where a future is dropped.
#[derive(Debug, Clone, Copy)]
pub struct Point {
    /// After so many polls, each upon a wake-up.
    pub polls: usize,
    /// Not before it is woken once more: what it waited for is there, and it has not seen it.
    pub woken: bool,
}

impl Point {
    /// Polls a future up to this point and drops it there. Returns its output if it completed before.
    pub async fn drop<F: Future>(self, future: F) -> Option<F::Output> {
        let mut future = pin!(future);
        let mut polls = 0;
        let polled = poll_fn(|context| {
            if polls == self.polls {
                return Poll::Ready(None);
            }
            polls += 1;
            match future.as_mut().poll(context) {
                Poll::Ready(output) => Poll::Ready(Some(output)),
                Poll::Pending if polls == self.polls && !self.woken => Poll::Ready(None),
                Poll::Pending => Poll::Pending,
            }
        });
        polled.await
    }
}

/// Runs a test at one point after the other, until its future is over before. Gives at how many it was dropped.
pub async fn at_each(test: impl AsyncFn(Point) -> bool) -> usize {
    let mut dropped = 0;
    for woken in [false, true] {
        let mut polls = 0;
        while !test(Point { polls, woken }).await {
            polls += 1;
            dropped += 1;
            assert!(polls < 1000, "the future never ends");
        }
    }
    dropped
}

/// Runs what is not the client's in another runtime, so that its tasks are not taken for the client's.
pub async fn elsewhere<T: Send + 'static>(start: impl Future<Output = T> + Send + 'static) -> T {
    static OTHER: LazyLock<Runtime> = LazyLock::new(|| {
        Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap()
    });
    OTHER.spawn(start).await.unwrap()
}

/// Waits until all tasks of this runtime have ended. Clients are those of [`built`], whose connections end with their
/// requests.
pub async fn no_task_is_left() {
    let metrics = Handle::current().metrics();
    let began = Instant::now();
    while metrics.num_alive_tasks() > 0 {
        assert!(began.elapsed() < GRACE, "{} tasks are left", metrics.num_alive_tasks());
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

/// A client that retries at once, counts what it sends, and keeps no connection open.
pub fn built(builder: ClientBuilder, sent: &Sent) -> Client {
    // Fails where a test before this one has done it.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let http = reqwest::Client::builder().no_proxy().pool_max_idle_per_host(0).build();
    builder
        .http(http.unwrap())
        .retries(RetryPolicy::new().initial_backoff(Duration::from_millis(2)))
        .interceptor(sent.clone())
        .build()
        .unwrap()
}

/// Counts the requests that were sent of the endpoints of tests.
#[derive(Clone, Default)]
pub struct Sent(Arc<AtomicUsize>);

impl Sent {
    pub fn count(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }
}

impl Interceptor for Sent {
    fn on_request(&self, attempt: &mut RequestEvent<'_>) {
        if attempt.endpoint.id.starts_with("test.") {
            self.0.fetch_add(1, Ordering::SeqCst);
        }
    }
}
