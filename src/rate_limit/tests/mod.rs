//! Modes, pauses and stores of the rate limiter, in paused time.

mod concurrency;

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use tokio::task::JoinHandle;
use tokio::time::Instant;

use super::{Limits, RateLimitMode, Settings};
use crate::authentication::Identity;
use crate::endpoint::{EndpointInfo, Method, Window};
use crate::error::ErrorKind;
use crate::store::{MemoryWindows, Pending, StoreError, Taken, WindowKey, WindowStore};

/// Later than anything that these tests wait for.
const LATE: Duration = Duration::from_secs(10 * 24 * 60 * 60);

/// A limiter, an endpoint and a tenant.
#[derive(Clone)]
struct Bench {
    limits: Arc<Limits>,
    endpoint: &'static EndpointInfo,
    identity: Identity,
}

impl Bench {
    fn new(windows: &[Window]) -> Self {
        Self::with(windows, Settings::default())
    }

    fn with(windows: &[Window], settings: Settings) -> Self {
        let endpoint = EndpointInfo::new("test.v1.thing.get", Method::Get, "/open-apis/test/v1/things");
        Self {
            limits: Arc::new(Limits::new(settings)),
            endpoint: Box::leak(Box::new(endpoint.limits(windows.to_vec().leak()))),
            identity: Identity {
                app: "cli_1".into(),
                tenant: Arc::default(),
            },
        }
    }

    fn tenant(&self, tenant: &str) -> Self {
        let mut other = self.clone();
        other.identity.tenant = tenant.into();
        other
    }

    async fn pass(&self, mode: RateLimitMode, longest: Duration) -> Result<Duration, Duration> {
        let deadline = Instant::now() + longest;
        match self.limits.pass(self.endpoint, &self.identity, mode, deadline).await {
            Ok(waited) => Ok(waited),
            Err(ErrorKind::RateLimited(limited)) => Err(limited.wait),
            Err(other) => panic!("{other:?}"),
        }
    }

    async fn wait(&self) -> Result<Duration, Duration> {
        self.pass(RateLimitMode::Wait, LATE).await
    }

    /// A call that waits in a task, and tells when it was let through.
    fn spawn(&self) -> JoinHandle<Instant> {
        let bench = self.clone();
        tokio::spawn(async move {
            bench.wait().await.unwrap();
            Instant::now()
        })
    }

    /// A call that waits, and whose future is at hand.
    fn boxed(&self) -> Pin<Box<dyn Future<Output = Result<Duration, Duration>> + Send>> {
        let bench = self.clone();
        Box::pin(async move { bench.wait().await })
    }

    async fn pause(&self, duration: Duration) {
        self.limits.pause(self.endpoint, &self.identity, duration).await;
    }
}

/// Polls once, with nobody to wake.
fn poll<T>(future: &mut Pin<Box<dyn Future<Output = T> + Send>>) -> Poll<T> {
    future.as_mut().poll(&mut Context::from_waker(Waker::noop()))
}

fn seconds(seconds: f64) -> Duration {
    Duration::from_secs_f64(seconds)
}

/// Lets all tasks run that can.
async fn settle() {
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
}

const WINDOW: &[Window] = &[Window::new(5, 10)];

#[tokio::test(start_paused = true)]
async fn a_call_that_is_told_to_fail_says_how_long_to_wait() {
    let bench = Bench::new(WINDOW);
    for _ in 0..5 {
        assert_eq!(bench.pass(RateLimitMode::Fail, LATE).await, Ok(Duration::ZERO));
        tokio::time::advance(seconds(1.0)).await;
    }
    let wait = bench.pass(RateLimitMode::Fail, LATE).await.unwrap_err();
    assert_eq!(wait, seconds(5.1));
    tokio::time::advance(wait).await;
    assert_eq!(bench.pass(RateLimitMode::Fail, LATE).await, Ok(Duration::ZERO));
}

#[tokio::test(start_paused = true)]
async fn without_limits_nothing_is_counted() {
    let bench = Bench::new(WINDOW);
    for _ in 0..100 {
        assert_eq!(bench.pass(RateLimitMode::Off, LATE).await, Ok(Duration::ZERO));
    }
    assert_eq!(bench.pass(RateLimitMode::Fail, LATE).await, Ok(Duration::ZERO));
}

#[tokio::test(start_paused = true)]
async fn an_endpoint_without_windows_lets_all_pass() {
    let bench = Bench::new(&[]);
    for _ in 0..100 {
        assert_eq!(bench.wait().await, Ok(Duration::ZERO));
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_whose_turn_comes_too_late_fails_at_once_with_the_wait() {
    let bench = Bench::new(WINDOW);
    for _ in 0..5 {
        bench.wait().await.unwrap();
    }
    let started = Instant::now();
    let result = bench.pass(RateLimitMode::Wait, seconds(5.0)).await;
    assert_eq!(result, Err(seconds(10.1)));
    assert_eq!(started.elapsed(), Duration::ZERO);
    assert!(bench.pass(RateLimitMode::Wait, seconds(10.2)).await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn a_call_deep_in_the_queue_fails_at_once_if_its_turn_comes_too_late() {
    let bench = Bench::new(WINDOW);
    let queue: Vec<_> = (0..22).map(|_| bench.spawn()).collect();
    settle().await;
    let started = Instant::now();
    // Five went, seventeen wait: the next one is in the fifth round.
    let result = bench.pass(RateLimitMode::Wait, seconds(40.0)).await;
    assert_eq!(result, Err(seconds(40.4)));
    assert_eq!(started.elapsed(), Duration::ZERO);
    assert!(bench.pass(RateLimitMode::Wait, seconds(41.0)).await.is_ok());
    for call in queue {
        call.await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_that_gave_up_does_not_count() {
    let bench = Bench::new(&[Window::new(1, 10)]);
    bench.wait().await.unwrap();
    for _ in 0..100 {
        bench.pass(RateLimitMode::Wait, seconds(1.0)).await.unwrap_err();
    }
    let waited = bench.wait().await.unwrap();
    assert!(waited < seconds(10.21), "{waited:?}");
}

#[tokio::test(start_paused = true)]
async fn a_pause_holds_for_all_callers_of_the_endpoint_whatever_their_mode() {
    let bench = Bench::new(&[Window::new(5, 1)]);
    bench.pause(seconds(30.0)).await;
    assert_eq!(bench.pass(RateLimitMode::Fail, LATE).await, Err(seconds(30.0)));
    let modes = [RateLimitMode::Wait, RateLimitMode::Off].map(|mode| {
        let bench = bench.clone();
        tokio::spawn(async move { bench.pass(mode, LATE).await })
    });
    for call in modes {
        assert_eq!(call.await.unwrap(), Ok(seconds(30.0)));
    }
}

#[tokio::test(start_paused = true)]
async fn a_pause_holds_for_one_tenant() {
    let bench = Bench::new(&[Window::new(5, 1)]);
    bench.pause(seconds(30.0)).await;
    assert_eq!(bench.tenant("b").wait().await, Ok(Duration::ZERO));
}

#[tokio::test(start_paused = true)]
async fn an_endpoint_without_windows_can_be_paused() {
    let bench = Bench::new(&[]);
    bench.pause(seconds(3.0)).await;
    assert_eq!(bench.wait().await, Ok(seconds(3.0)));
}

#[tokio::test(start_paused = true)]
async fn a_pause_holds_for_those_that_wait_already() {
    let bench = Bench::new(&[Window::new(1, 1)]);
    let started = Instant::now();
    let calls: Vec<_> = (0..3).map(|_| bench.spawn()).collect();
    settle().await;
    bench.pause(seconds(30.0)).await;
    let mut waits = Vec::new();
    for call in calls {
        waits.push((call.await.unwrap() - started).as_secs());
    }
    assert_eq!(waits, [0, 30, 31]);
}

#[tokio::test(start_paused = true)]
async fn after_a_pause_no_more_go_at_once_than_the_window_has() {
    let bench = Bench::new(&[Window::new(5, 1)]);
    bench.pause(seconds(30.0)).await;
    let started = Instant::now();
    let calls: Vec<_> = (0..12).map(|_| bench.spawn()).collect();
    let mut waits = Vec::new();
    for call in calls {
        waits.push((call.await.unwrap() - started).as_secs());
    }
    assert_eq!(waits, [30, 30, 30, 30, 30, 31, 31, 31, 31, 31, 32, 32]);
}

#[tokio::test(start_paused = true)]
async fn those_that_cannot_wait_for_its_end_fail_as_the_pause_begins() {
    let bench = Bench::new(&[Window::new(1, 1)]);
    bench.wait().await.unwrap();
    let calls: Vec<_> = (0..3)
        .map(|_| {
            let bench = bench.clone();
            tokio::spawn(async move { bench.pass(RateLimitMode::Wait, seconds(10.0)).await })
        })
        .collect();
    settle().await;
    let started = Instant::now();
    bench.pause(seconds(30.0)).await;
    for call in calls {
        assert_eq!(call.await.unwrap(), Err(seconds(30.0)));
    }
    assert_eq!(started.elapsed(), Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn a_shorter_pause_ends_no_longer_one() {
    let bench = Bench::new(&[Window::new(5, 1)]);
    bench.pause(seconds(30.0)).await;
    bench.pause(seconds(1.0)).await;
    assert_eq!(bench.wait().await, Ok(seconds(30.0)));
}

#[tokio::test(start_paused = true)]
async fn no_pause_is_longer_than_a_day() {
    let bench = Bench::new(&[Window::new(5, 1)]);
    bench.pause(Duration::MAX).await;
    assert_eq!(bench.wait().await, Ok(seconds(86_400.0)));
}

/// A store that is always full, with nothing to say of when that ends, until it has been asked so often.
struct Vague(AtomicUsize);

impl WindowStore for Vague {
    fn take<'a>(&'a self, _: WindowKey<'a>, _: &'a [Window]) -> Pending<'a, Result<Taken, StoreError>> {
        let taken = match self.0.fetch_sub(1, Ordering::Relaxed) {
            0 => Taken::Granted,
            _ => Taken::Wait(Duration::ZERO),
        };
        Box::pin(async move { Ok(taken) })
    }

    fn pause<'a>(&'a self, _: WindowKey<'a>, _: Duration) -> Pending<'a, Result<(), StoreError>> {
        Box::pin(async { Ok(()) })
    }
}

/// A store that has gone away.
struct Gone;

impl WindowStore for Gone {
    fn take<'a>(&'a self, _: WindowKey<'a>, _: &'a [Window]) -> Pending<'a, Result<Taken, StoreError>> {
        Box::pin(async { Err(StoreError::new("the store is gone")) })
    }

    fn pause<'a>(&'a self, _: WindowKey<'a>, _: Duration) -> Pending<'a, Result<(), StoreError>> {
        Box::pin(async { Err(StoreError::new("the store is gone")) })
    }
}

fn bench_with_store(windows: &[Window], store: Arc<dyn WindowStore>) -> Bench {
    let settings = Settings {
        store: Some(store),
        ..Settings::default()
    };
    Bench::with(windows, settings)
}

#[tokio::test(start_paused = true)]
async fn clients_with_one_store_count_together() {
    let windows = &[Window::new(2, 10)];
    let store = Arc::new(MemoryWindows::new());
    let clients = [
        bench_with_store(windows, store.clone()),
        bench_with_store(windows, store),
    ];
    for client in &clients {
        assert_eq!(client.wait().await, Ok(Duration::ZERO));
    }
    for client in &clients {
        assert_eq!(client.pass(RateLimitMode::Fail, LATE).await, Err(seconds(10.1)));
    }
}

#[tokio::test(start_paused = true)]
async fn clients_with_one_store_pause_together() {
    let store = Arc::new(MemoryWindows::new());
    let clients = [bench_with_store(&[], store.clone()), bench_with_store(&[], store)];
    clients[0].pause(seconds(30.0)).await;
    assert_eq!(clients[1].wait().await, Ok(seconds(30.0)));
}

#[tokio::test(start_paused = true)]
async fn a_store_that_does_not_say_how_long_to_wait_is_not_asked_in_a_busy_loop() {
    let bench = bench_with_store(&[], Arc::new(Vague(AtomicUsize::new(20))));
    let waited = bench.wait().await.unwrap();
    assert!(waited >= Duration::from_millis(19), "{waited:?}");
}

#[tokio::test(start_paused = true)]
async fn what_a_store_fails_with_is_what_the_call_fails_with() {
    let bench = bench_with_store(&[], Arc::new(Gone));
    let deadline = Instant::now() + LATE;
    let passed = bench
        .limits
        .pass(bench.endpoint, &bench.identity, RateLimitMode::Wait, deadline);
    let problem = passed.await.unwrap_err();
    assert!(matches!(problem, ErrorKind::Store(error) if error.to_string() == "the store is gone"));
}

#[tokio::test(start_paused = true)]
async fn a_pause_that_the_store_does_not_take_holds_in_this_client() {
    let bench = bench_with_store(&[], Arc::new(Gone));
    bench.pause(seconds(30.0)).await;
    assert_eq!(bench.pass(RateLimitMode::Fail, LATE).await, Err(seconds(30.0)));
}
