//! Windows that something else keeps.

use std::sync::atomic::{AtomicUsize, Ordering};

use super::*;
use crate::store::{MemoryWindows, Pending, StoreError, Taken, WindowKey, WindowStore};

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

fn bench(windows: &[Window], store: Arc<dyn WindowStore>) -> Bench {
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
    let clients = [bench(windows, store.clone()), bench(windows, store)];
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
    let clients = [bench(&[], store.clone()), bench(&[], store)];
    clients[0].pause(seconds(30.0)).await;
    assert_eq!(clients[1].wait().await, Ok(seconds(30.0)));
}

#[tokio::test(start_paused = true)]
async fn a_store_that_does_not_say_how_long_to_wait_is_not_asked_in_a_busy_loop() {
    let bench = bench(&[], Arc::new(Vague(AtomicUsize::new(20))));
    let waited = bench.wait().await.unwrap();
    assert!(waited >= Duration::from_millis(19), "{waited:?}");
}

#[tokio::test(start_paused = true)]
async fn what_a_store_fails_with_is_what_the_call_fails_with() {
    let bench = bench(&[], Arc::new(Gone));
    let deadline = Instant::now() + LATE;
    let passed = bench
        .limits
        .pass(bench.endpoint, &bench.identity, RateLimitMode::Wait, deadline);
    let problem = passed.await.unwrap_err();
    assert!(matches!(problem, ErrorKind::Store(error) if error.to_string() == "the store is gone"));
}

#[tokio::test(start_paused = true)]
async fn a_pause_that_the_store_does_not_take_holds_in_this_client() {
    let bench = bench(&[], Arc::new(Gone));
    bench.pause(seconds(30.0)).await;
    assert_eq!(bench.pass(RateLimitMode::Fail, LATE).await, Err(seconds(30.0)));
}
