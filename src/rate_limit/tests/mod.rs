//! Modes, pauses and stores of the rate limiter, in paused time.

mod concurrency;

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use tokio::task::JoinHandle;
use tokio::time::Instant;

use super::RateLimitScope;
use super::{RateLimitMode, RateLimiter, Settings};
use crate::endpoint::{EndpointInfo, Method, Window};
use crate::error::ErrorKind;
use crate::store::{Admission, MemoryWindows, Pending, StoreError, WindowKey, WindowStore};

/// Later than any wait in these tests.
const FAR_DEADLINE: Duration = Duration::from_secs(10 * 24 * 60 * 60);

/// A limiter, an endpoint and a scope.
#[derive(Clone)]
struct Fixture {
    limiter: Arc<RateLimiter>,
    endpoint: &'static EndpointInfo,
    scope: RateLimitScope,
}

impl Fixture {
    fn new(windows: &[Window]) -> Self {
        Self::with(windows, Settings::default())
    }

    fn with(windows: &[Window], settings: Settings) -> Self {
        let endpoint = EndpointInfo::new("test.v1.thing.get", Method::Get, "/open-apis/test/v1/things");
        Self {
            limiter: Arc::new(RateLimiter::new(settings)),
            endpoint: Box::leak(Box::new(endpoint.limits(windows.to_vec().leak()))),
            scope: RateLimitScope {
                host: "open.feishu.cn".into(),
                app: "cli_1".into(),
                tenant: Arc::default(),
            },
        }
    }

    fn tenant(&self, tenant: &str) -> Self {
        let mut other = self.clone();
        other.scope.tenant = tenant.into();
        other
    }

    async fn lift(&self) -> Result<(), StoreError> {
        self.limiter.lift_pause(self.endpoint, &self.scope).await
    }

    /// Returns the message of the store or transport error.
    async fn store_error(&self, timeout: Duration) -> String {
        let deadline = Instant::now() + timeout;
        let mode = RateLimitMode::Wait;
        match self
            .limiter
            .acquire(self.endpoint, &self.scope, mode, deadline, &|_| ())
            .await
        {
            Err(ErrorKind::Store(error)) => error.to_string(),
            Err(ErrorKind::Transport(error)) => error.to_string(),
            other => panic!("{other:?}"),
        }
    }

    async fn pass(&self, mode: RateLimitMode, timeout: Duration) -> Result<Duration, Duration> {
        let deadline = Instant::now() + timeout;
        match self
            .limiter
            .acquire(self.endpoint, &self.scope, mode, deadline, &|_| ())
            .await
        {
            Ok(waited) => Ok(waited),
            Err(ErrorKind::RateLimited(limited)) => Err(limited.wait),
            Err(other) => panic!("{other:?}"),
        }
    }

    async fn wait(&self) -> Result<Duration, Duration> {
        self.pass(RateLimitMode::Wait, FAR_DEADLINE).await
    }

    /// Spawns a waiting call; returns the time at which it was made.
    fn spawn(&self) -> JoinHandle<Instant> {
        let limiter = self.clone();
        tokio::spawn(async move {
            limiter.wait().await.unwrap();
            Instant::now()
        })
    }

    /// Returns a waiting call as a future.
    fn boxed(&self) -> Pin<Box<dyn Future<Output = Result<Duration, Duration>> + Send>> {
        let limiter = self.clone();
        Box::pin(async move { limiter.wait().await })
    }

    async fn pause(&self, duration: Duration) {
        self.limiter.pause(self.endpoint, &self.scope, duration).await;
    }
}

/// Polls a future once.
fn poll<T>(future: &mut Pin<Box<dyn Future<Output = T> + Send>>) -> Poll<T> {
    future.as_mut().poll(&mut Context::from_waker(Waker::noop()))
}

fn seconds(seconds: f64) -> Duration {
    Duration::from_secs_f64(seconds)
}

/// Runs all tasks that are ready.
async fn settle() {
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
}

const WINDOW: &[Window] = &[Window::new(5, 10)];

#[tokio::test(start_paused = true)]
async fn fail_mode_returns_the_wait() {
    let limiter = Fixture::new(WINDOW);
    for _ in 0..5 {
        assert_eq!(
            limiter.pass(RateLimitMode::Fail, FAR_DEADLINE).await,
            Ok(Duration::ZERO)
        );
        tokio::time::advance(seconds(1.0)).await;
    }
    let wait = limiter.pass(RateLimitMode::Fail, FAR_DEADLINE).await.unwrap_err();
    assert_eq!(wait, seconds(5.1));
    tokio::time::advance(wait).await;
    assert_eq!(
        limiter.pass(RateLimitMode::Fail, FAR_DEADLINE).await,
        Ok(Duration::ZERO)
    );
}

#[tokio::test(start_paused = true)]
async fn off_mode_counts_nothing() {
    let limiter = Fixture::new(WINDOW);
    for _ in 0..100 {
        assert_eq!(limiter.pass(RateLimitMode::Off, FAR_DEADLINE).await, Ok(Duration::ZERO));
    }
    assert_eq!(
        limiter.pass(RateLimitMode::Fail, FAR_DEADLINE).await,
        Ok(Duration::ZERO)
    );
}

#[tokio::test(start_paused = true)]
async fn endpoint_without_windows_is_unlimited() {
    let limiter = Fixture::new(&[]);
    for _ in 0..100 {
        assert_eq!(limiter.wait().await, Ok(Duration::ZERO));
    }
}

#[tokio::test(start_paused = true)]
async fn fails_if_wait_exceeds_deadline() {
    let limiter = Fixture::new(WINDOW);
    for _ in 0..5 {
        limiter.wait().await.unwrap();
    }
    let started = Instant::now();
    let result = limiter.pass(RateLimitMode::Wait, seconds(5.0)).await;
    assert_eq!(result, Err(seconds(10.1)));
    assert_eq!(started.elapsed(), Duration::ZERO);
    assert!(limiter.pass(RateLimitMode::Wait, seconds(10.2)).await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn fails_if_queue_exceeds_deadline() {
    let limiter = Fixture::new(WINDOW);
    let queue: Vec<_> = (0..22).map(|_| limiter.spawn()).collect();
    settle().await;
    let started = Instant::now();
    // Five calls were made and seventeen wait: the next one is in the fifth round.
    let result = limiter.pass(RateLimitMode::Wait, seconds(40.0)).await;
    assert_eq!(result, Err(seconds(40.4)));
    assert_eq!(started.elapsed(), Duration::ZERO);
    assert!(limiter.pass(RateLimitMode::Wait, seconds(41.0)).await.is_ok());
    for call in queue {
        call.await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn does_not_count_failed_calls() {
    let limiter = Fixture::new(&[Window::new(1, 10)]);
    limiter.wait().await.unwrap();
    for _ in 0..100 {
        limiter.pass(RateLimitMode::Wait, seconds(1.0)).await.unwrap_err();
    }
    let waited = limiter.wait().await.unwrap();
    assert!(waited < seconds(10.21), "{waited:?}");
}

#[tokio::test(start_paused = true)]
async fn pause_applies_to_all_modes() {
    let limiter = Fixture::new(&[Window::new(5, 1)]);
    limiter.pause(seconds(30.0)).await;
    assert_eq!(
        limiter.pass(RateLimitMode::Fail, FAR_DEADLINE).await,
        Err(seconds(30.0))
    );
    let modes = [RateLimitMode::Wait, RateLimitMode::Off].map(|mode| {
        let limiter = limiter.clone();
        tokio::spawn(async move { limiter.pass(mode, FAR_DEADLINE).await })
    });
    for call in modes {
        assert_eq!(call.await.unwrap(), Ok(seconds(30.0)));
    }
}

#[tokio::test(start_paused = true)]
async fn pause_applies_to_one_tenant() {
    let limiter = Fixture::new(&[Window::new(5, 1)]);
    limiter.pause(seconds(30.0)).await;
    assert_eq!(limiter.tenant("b").wait().await, Ok(Duration::ZERO));
}

#[tokio::test(start_paused = true)]
async fn pauses_endpoint_without_windows() {
    let limiter = Fixture::new(&[]);
    limiter.pause(seconds(3.0)).await;
    assert_eq!(limiter.wait().await, Ok(seconds(3.0)));
}

#[tokio::test(start_paused = true)]
async fn pause_delays_waiting_calls() {
    let limiter = Fixture::new(&[Window::new(1, 1)]);
    let started = Instant::now();
    let calls: Vec<_> = (0..3).map(|_| limiter.spawn()).collect();
    settle().await;
    limiter.pause(seconds(30.0)).await;
    let mut waits = Vec::new();
    for call in calls {
        waits.push((call.await.unwrap() - started).as_secs());
    }
    assert_eq!(waits, [0, 30, 31]);
}

#[tokio::test(start_paused = true)]
async fn enforces_window_after_a_pause() {
    let limiter = Fixture::new(&[Window::new(5, 1)]);
    limiter.pause(seconds(30.0)).await;
    let started = Instant::now();
    let calls: Vec<_> = (0..12).map(|_| limiter.spawn()).collect();
    let mut waits = Vec::new();
    for call in calls {
        waits.push((call.await.unwrap() - started).as_secs());
    }
    assert_eq!(waits, [30, 30, 30, 30, 30, 31, 31, 31, 31, 31, 32, 32]);
}

#[tokio::test(start_paused = true)]
async fn pause_fails_calls_with_earlier_deadline() {
    let limiter = Fixture::new(&[Window::new(1, 1)]);
    limiter.wait().await.unwrap();
    let calls: Vec<_> = (0..3)
        .map(|_| {
            let limiter = limiter.clone();
            tokio::spawn(async move { limiter.pass(RateLimitMode::Wait, seconds(10.0)).await })
        })
        .collect();
    settle().await;
    let started = Instant::now();
    limiter.pause(seconds(30.0)).await;
    for call in calls {
        assert_eq!(call.await.unwrap(), Err(seconds(30.0)));
    }
    assert_eq!(started.elapsed(), Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn keeps_the_longer_pause() {
    let limiter = Fixture::new(&[Window::new(5, 1)]);
    limiter.pause(seconds(30.0)).await;
    limiter.pause(seconds(1.0)).await;
    assert_eq!(limiter.wait().await, Ok(seconds(30.0)));
}

#[tokio::test(start_paused = true)]
async fn limits_a_pause_to_one_day() {
    let limiter = Fixture::new(&[Window::new(5, 1)]);
    limiter.pause(Duration::MAX).await;
    assert_eq!(limiter.wait().await, Ok(seconds(86_400.0)));
}

/// A full store that returns a zero wait for a number of requests.
struct ZeroWaitStore(AtomicUsize);

impl WindowStore for ZeroWaitStore {
    fn acquire<'a>(&'a self, _: WindowKey<'a>, _: &'a [Window]) -> Pending<'a, Result<Admission, StoreError>> {
        let taken = match self.0.fetch_sub(1, Ordering::Relaxed) {
            0 => Admission::Granted,
            _ => Admission::Wait(Duration::ZERO),
        };
        Box::pin(async move { Ok(taken) })
    }

    fn pause<'a>(&'a self, _: WindowKey<'a>, _: Duration) -> Pending<'a, Result<(), StoreError>> {
        Box::pin(async { Ok(()) })
    }

    fn lift_pause<'a>(&'a self, _: WindowKey<'a>) -> Pending<'a, Result<(), StoreError>> {
        Box::pin(async { Ok(()) })
    }
}

/// An unavailable store.
struct UnavailableStore;

impl WindowStore for UnavailableStore {
    fn acquire<'a>(&'a self, _: WindowKey<'a>, _: &'a [Window]) -> Pending<'a, Result<Admission, StoreError>> {
        Box::pin(async { Err(StoreError::new("the store is unavailable")) })
    }

    fn pause<'a>(&'a self, _: WindowKey<'a>, _: Duration) -> Pending<'a, Result<(), StoreError>> {
        Box::pin(async { Err(StoreError::new("the store is unavailable")) })
    }

    fn lift_pause<'a>(&'a self, _: WindowKey<'a>) -> Pending<'a, Result<(), StoreError>> {
        Box::pin(async { Err(StoreError::new("the store is unavailable")) })
    }
}

fn limiter_with_store(windows: &[Window], store: Arc<dyn WindowStore>) -> Fixture {
    let settings = Settings {
        store: Some(store),
        ..Settings::default()
    };
    Fixture::with(windows, settings)
}

#[tokio::test(start_paused = true)]
async fn clients_share_counts_through_a_store() {
    let windows = &[Window::new(2, 10)];
    let store = Arc::new(MemoryWindows::new());
    let clients = [
        limiter_with_store(windows, store.clone()),
        limiter_with_store(windows, store),
    ];
    for client in &clients {
        assert_eq!(client.wait().await, Ok(Duration::ZERO));
    }
    for client in &clients {
        assert_eq!(client.pass(RateLimitMode::Fail, FAR_DEADLINE).await, Err(seconds(10.1)));
    }
}

#[tokio::test(start_paused = true)]
async fn clients_share_pauses_through_a_store() {
    let store = Arc::new(MemoryWindows::new());
    let clients = [limiter_with_store(&[], store.clone()), limiter_with_store(&[], store)];
    clients[0].pause(seconds(30.0)).await;
    assert_eq!(clients[1].wait().await, Ok(seconds(30.0)));
}

#[tokio::test(start_paused = true)]
async fn sleeps_between_zero_waits_of_a_store() {
    let limiter = limiter_with_store(&[], Arc::new(ZeroWaitStore(AtomicUsize::new(20))));
    let waited = limiter.wait().await.unwrap();
    assert!(waited >= Duration::from_millis(19), "{waited:?}");
}

#[tokio::test(start_paused = true)]
async fn returns_the_error_of_the_store() {
    let limiter = limiter_with_store(&[Window::new(5, 1)], Arc::new(UnavailableStore));
    assert_eq!(limiter.store_error(FAR_DEADLINE).await, "the store is unavailable");
}

#[tokio::test(start_paused = true)]
async fn windowless_call_survives_store_failure() {
    for store in [
        Arc::new(UnavailableStore) as Arc<dyn WindowStore>,
        Arc::new(HangingStore),
    ] {
        let limiter = limiter_with_store(&[], store.clone());
        for mode in [RateLimitMode::Wait, RateLimitMode::Fail, RateLimitMode::Off] {
            assert!(limiter.pass(mode, FAR_DEADLINE).await.is_ok(), "{mode:?}");
        }
        let limited = limiter_with_store(&[Window::new(5, 1)], store);
        assert!(limited.pass(RateLimitMode::Off, FAR_DEADLINE).await.is_ok());
    }
}

/// A store that never responds.
struct HangingStore;

impl WindowStore for HangingStore {
    fn acquire<'a>(&'a self, _: WindowKey<'a>, _: &'a [Window]) -> Pending<'a, Result<Admission, StoreError>> {
        Box::pin(std::future::pending())
    }

    fn pause<'a>(&'a self, _: WindowKey<'a>, _: Duration) -> Pending<'a, Result<(), StoreError>> {
        Box::pin(std::future::pending())
    }

    fn lift_pause<'a>(&'a self, _: WindowKey<'a>) -> Pending<'a, Result<(), StoreError>> {
        Box::pin(std::future::pending())
    }
}

#[tokio::test(start_paused = true)]
async fn hanging_store_is_under_timeout_and_deadline() {
    let limiter = limiter_with_store(&[Window::new(5, 1)], Arc::new(HangingStore));
    let started = Instant::now();
    assert_eq!(limiter.store_error(FAR_DEADLINE).await, "no response within 5s");
    assert_eq!(started.elapsed(), seconds(5.0));
    // The deadline of the call is not a failure of the store.
    assert_eq!(
        limiter.store_error(seconds(1.0)).await,
        "the call timed out: not sent: the deadline passed while waiting for the window store"
    );
    assert_eq!(started.elapsed(), seconds(6.0));
    limiter.pause(seconds(30.0)).await;
    assert_eq!(started.elapsed(), seconds(11.0));
}

#[tokio::test(start_paused = true)]
async fn lifted_pause_releases_waiting_calls() {
    for mode in [RateLimitMode::Wait, RateLimitMode::Off] {
        let limiter = Fixture::new(&[Window::new(5, 1)]);
        limiter.pause(seconds(3600.0)).await;
        let started = Instant::now();
        let waiting: Vec<_> = (0..3)
            .map(|_| {
                let limiter = limiter.clone();
                tokio::spawn(async move { limiter.pass(mode, FAR_DEADLINE).await })
            })
            .collect();
        tokio::time::sleep(seconds(10.0)).await;
        limiter.lift().await.unwrap();
        for call in waiting {
            call.await.unwrap().unwrap();
        }
        assert_eq!(started.elapsed(), seconds(10.0), "{mode:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn lifted_pause_releases_other_clients() {
    let store = Arc::new(MemoryWindows::new());
    let clients = [limiter_with_store(&[], store.clone()), limiter_with_store(&[], store)];
    for client in &clients {
        client.pause(seconds(3600.0)).await;
    }
    let waiting = clients
        .clone()
        .map(|client| tokio::spawn(async move { client.wait().await }));
    tokio::time::sleep(seconds(1.0)).await;
    clients[0].lift().await.unwrap();
    for call in waiting {
        assert!(call.await.unwrap().unwrap() <= seconds(60.0));
    }
}

#[tokio::test(start_paused = true)]
async fn keeps_pause_in_memory_if_store_fails() {
    let limiter = limiter_with_store(&[], Arc::new(UnavailableStore));
    limiter.pause(seconds(30.0)).await;
    assert_eq!(
        limiter.pass(RateLimitMode::Fail, FAR_DEADLINE).await,
        Err(seconds(30.0))
    );
}
