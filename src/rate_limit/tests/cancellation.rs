//! Calls that are dropped while they wait.

use proptest::prelude::*;

use super::*;

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
    calls.drain(..2).for_each(drop);
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
    assert_eq!(bench.pass(RateLimitMode::Fail, LATE).await, Ok(Duration::ZERO));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn calls_that_wait_on_several_threads_while_others_are_dropped_all_pass() {
    let mut window = Window::new(20, 1);
    window.per = Duration::from_millis(5);
    let bench = Bench::new(&[window]);
    let mut kept = Vec::new();
    for number in 0..2_000 {
        let call = bench.spawn();
        match number % 3 {
            0 => call.abort(),
            _ => kept.push(call),
        }
        // Some are dropped before their first poll, some in the queue, some as they go.
        tokio::task::yield_now().await;
    }
    for call in kept {
        call.await.unwrap();
    }
    assert_eq!(bench.limits.queues.len(), 0);
}

/// A call that is dropped so many milliseconds after it came, if it has not passed by then.
async fn dropped_after(bench: Bench, milliseconds: Option<u64>) -> (Instant, Option<Instant>) {
    let came = Instant::now();
    let longest = milliseconds.map_or(LATE, Duration::from_millis);
    let passed = tokio::time::timeout(longest, bench.wait()).await;
    (came, passed.is_ok().then(Instant::now))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Each call comes so many milliseconds after the one before it and is dropped after so many more, or not at all.
    #[test]
    fn whoever_is_dropped_holds_up_nobody_and_takes_nothing_along(
        calls in prop::collection::vec((0..50_u64, prop::option::of(0..4_000_u64)), 1..80),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        let window = Window::new(3, 1);
        let bench = Bench::new(&[window]);
        let ended: Vec<_> = runtime.block_on(async {
            let mut tasks = Vec::new();
            for (gap, longest) in &calls {
                tokio::time::sleep(Duration::from_millis(*gap)).await;
                tasks.push(tokio::spawn(dropped_after(bench.clone(), *longest)));
            }
            let mut ended = Vec::new();
            for task in tasks {
                ended.push(task.await.unwrap());
            }
            ended
        });
        for ((_, longest), (_, passed)) in calls.iter().zip(&ended) {
            prop_assert!(longest.is_some() || passed.is_some(), "one that was not dropped never passed");
        }
        // A call passes as soon as it has come and the third before it is no longer counted: whatever the dropped
        // ones had of their wait is nobody's loss.
        let passed: Vec<_> = ended.iter().filter_map(|(came, passed)| Some((*came, (*passed)?))).collect();
        for four in passed.windows(4) {
            let soonest = four[3].0.max(four[0].1 + window.counted_for());
            prop_assert!(four[3].1 <= soonest + Duration::from_millis(2), "{:?} late", four[3].1 - soonest);
        }
        prop_assert_eq!(bench.limits.queues.len(), 0);
    }
}
