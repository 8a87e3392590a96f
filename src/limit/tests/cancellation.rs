//! Calls that are dropped while they wait.

use std::task::{Context, Poll, Waker};

use proptest::prelude::*;

use super::*;

/// Polls once, with nobody to wake.
fn poll<T>(future: &mut Pin<Box<dyn Future<Output = T> + Send>>) -> Poll<T> {
    future.as_mut().poll(&mut Context::from_waker(Waker::noop()))
}

#[tokio::test(start_paused = true)]
async fn the_head_dropped_in_its_sleep_leaves_its_time_to_the_next() {
    let bench = Bench::new(&[Window::new(1, 10)]);
    bench.wait().await.unwrap();
    let started = Instant::now();
    let mut head = bench.boxed();
    assert!(poll(&mut head).is_pending());
    let next = bench.spawn();
    settle().await;
    drop(head);
    let waited = next.await.unwrap() - started;
    assert!(waited < seconds(10.21), "{waited:?}");
}

#[tokio::test(start_paused = true)]
async fn a_call_dropped_as_its_turn_comes_leaves_it_to_the_next() {
    let bench = Bench::new(&[Window::new(1, 10)]);
    bench.wait().await.unwrap();
    let mut calls: Vec<_> = (0..3).map(|_| bench.boxed()).collect();
    assert!(calls.iter_mut().all(|call| poll(call).is_pending()));
    // The second is the head from here on, and is dropped before it knows.
    calls.remove(0);
    calls.remove(0);
    let waited = calls.remove(0).await.unwrap();
    assert!(waited < seconds(10.21), "{waited:?}");
}

#[tokio::test(start_paused = true)]
async fn a_call_dropped_when_its_time_has_come_is_not_counted() {
    let bench = Bench::new(&[Window::new(1, 10)]);
    bench.wait().await.unwrap();
    let mut head = bench.boxed();
    assert!(poll(&mut head).is_pending());
    tokio::time::advance(seconds(10.21)).await;
    drop(head);
    assert_eq!(bench.pass(LimitMode::Fail, LATE).await, Ok(Duration::ZERO));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Each call comes so many milliseconds after the one before it and is dropped after so many more, or not at all.
    #[test]
    fn whoever_is_dropped_holds_up_nobody_and_takes_nothing_along(
        calls in prop::collection::vec((0..50_u64, prop::option::of(0..4_000_u64)), 1..80),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        let (kept, late, queues) = runtime.block_on(async {
            let window = Window::new(3, 1);
            let bench = Bench::new(&[window]);
            let mut tasks = Vec::new();
            for (gap, dropped_after) in calls {
                tokio::time::sleep(Duration::from_millis(gap)).await;
                let bench = bench.clone();
                tasks.push(tokio::spawn(async move {
                    let longest = dropped_after.map_or(LATE, Duration::from_millis);
                    let call = tokio::time::timeout(longest, bench.wait());
                    (dropped_after.is_none(), call.await.map(|_| Instant::now()))
                }));
            }
            let mut passed = Vec::new();
            let mut kept = Vec::new();
            for task in tasks {
                let (keeps, result) = task.await.unwrap();
                kept.extend(keeps.then_some(result.is_ok()));
                passed.extend(result.ok());
            }
            // While somebody waits, three calls pass in each second: never is one later than its third predecessor
            // and a second, unless it came later than that.
            let late = passed.windows(4).filter(|four| four[3] - four[0] > window.per + seconds(0.05)).count();
            let queues = bench.limits.queues.len();
            (kept, late, queues)
        });
        prop_assert!(kept.into_iter().all(|passed| passed));
        prop_assert_eq!(late, 0);
        prop_assert_eq!(queues, 0);
    }
}
