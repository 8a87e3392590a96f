//! Order of the queue, cancelled calls, and how exactly windows are used.

use std::sync::Mutex;

use proptest::prelude::*;

use super::*;

#[tokio::test(start_paused = true)]
async fn calls_pass_in_the_order_in_which_they_came() {
    let bench = Bench::new(&[Window::new(3, 1)]);
    let order = Arc::new(Mutex::new(Vec::new()));
    let mut calls = Vec::new();
    for number in 0..50 {
        let (bench, order) = (bench.clone(), Arc::clone(&order));
        calls.push(tokio::spawn(async move {
            bench.wait().await.unwrap();
            order.lock().unwrap().push(number);
        }));
        // Some of them come while others wait already.
        tokio::time::sleep(Duration::from_millis(number % 7)).await;
    }
    for call in calls {
        call.await.unwrap();
    }
    let order = order.lock().unwrap();
    assert!(order.is_sorted(), "{order:?}");
}

#[tokio::test(start_paused = true)]
async fn a_call_that_does_not_wait_overtakes_none_that_does() {
    let bench = Bench::new(&[Window::new(2, 1)]);
    let waiting: Vec<_> = (0..4).map(|_| bench.spawn()).collect();
    settle().await;
    // The time is there for two more, and two have waited for it.
    tokio::time::advance(seconds(1.04)).await;
    let wait = bench.pass(RateLimitMode::Fail, LATE).await.unwrap_err();
    assert_eq!(wait, seconds(1.04));
    for call in waiting {
        call.await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_that_comes_as_there_is_room_again_goes_behind_those_that_wait() {
    let bench = Bench::new(&[Window::new(1, 1)]);
    bench.wait().await.unwrap();
    let (mut first, mut second) = (bench.boxed(), bench.boxed());
    assert!(poll(&mut first).is_pending());
    tokio::time::advance(seconds(1.05)).await;
    assert!(poll(&mut second).is_pending());
    assert!(poll(&mut first).is_ready());
}

#[tokio::test(start_paused = true)]
async fn a_queue_is_gone_with_the_last_that_waited() {
    let bench = Bench::new(&[Window::new(1, 1)]);
    let waiting: Vec<_> = (0..5).map(|_| bench.tenant("a").spawn()).collect();
    settle().await;
    assert_eq!(bench.limits.queues.len(), 1);
    for call in waiting {
        call.await.unwrap();
    }
    assert_eq!(bench.limits.queues.len(), 0);
}

#[tokio::test(start_paused = true)]
async fn only_the_head_of_a_queue_wakes_and_only_when_its_time_has_come() {
    let bench = Bench::new(&[Window::new(1, 10)]);
    bench.wait().await.unwrap();
    let polls = Arc::new(Mutex::new(0_u32));
    let started = Instant::now();
    let calls: Vec<_> = (0..10)
        .map(|_| {
            let (mut call, polls) = (bench.boxed(), Arc::clone(&polls));
            tokio::spawn(std::future::poll_fn(move |context| {
                *polls.lock().unwrap() += 1;
                call.as_mut().poll(context)
            }))
        })
        .collect();
    for call in calls {
        call.await.unwrap().unwrap();
    }
    assert!(started.elapsed() > seconds(100.0));
    // Each is polled as it comes, as it becomes the head, and as its time has come.
    let polls = *polls.lock().unwrap();
    assert!(polls <= 30, "{polls}");
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

/// Windows as the platform has them, small enough to be filled often.
fn windows() -> impl Strategy<Value = Vec<Window>> {
    let window = (1..30_u32, 1..20_u64).prop_map(|(calls, seconds)| Window::new(calls, seconds));
    prop::collection::vec(window, 1..4)
}

/// When each of the calls passed that came these milliseconds after one another.
async fn passes(bench: &Bench, gaps: &[u64]) -> Vec<Instant> {
    let mut calls = Vec::new();
    for gap in gaps {
        tokio::time::sleep(Duration::from_millis(*gap)).await;
        calls.push(bench.spawn());
    }
    let mut passes = Vec::new();
    for call in calls {
        passes.push(call.await.unwrap());
    }
    passes
}

/// The two calls that make one too many in an interval of the window's length, wherever it begins.
fn too_many(passes: &[Instant], window: Window) -> Option<(Instant, Instant)> {
    let calls = window.calls as usize;
    let pairs = passes.iter().zip(passes.iter().skip(calls));
    let mut close = pairs.filter(|(first, last)| **last - **first <= window.per);
    close.next().map(|(first, last)| (*first, *last))
}

fn run<T>(test: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap()
        .block_on(test)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_interval_holds_more_than_its_window(windows in windows(), gaps in prop::collection::vec(0..400_u64, 1..120)) {
        let passes = run(async { passes(&Bench::new(&windows), &gaps).await });
        for window in windows {
            prop_assert_eq!(too_many(&passes, window), None, "{:?}", window);
        }
    }

    #[test]
    fn of_steady_demand_95_percent_of_a_window_are_used(calls in 1..60_u32, seconds in 1..100_u64, rounds in 2..5_u32) {
        let window = Window::new(calls, seconds);
        let used = run(async {
            let started = Instant::now();
            let demand = vec![0; (calls * rounds) as usize];
            passes(&Bench::new(&[window]), &demand).await;
            // The last round begins as soon as the one before it is over.
            f64::from(rounds - 1) * window.per.as_secs_f64() / started.elapsed().as_secs_f64()
        });
        prop_assert!(used > 0.95, "{used}");
    }
}

#[tokio::test(start_paused = true)]
async fn every_window_of_an_endpoint_holds_at_once() {
    let bench = Bench::new(&[Window::new(2, 1), Window::new(5, 60)]);
    let started = Instant::now();
    let passes = passes(&bench, &[0; 6]).await;
    let waits: Vec<u64> = passes.iter().map(|pass| (*pass - started).as_secs()).collect();
    assert_eq!(waits, [0, 0, 1, 1, 2, 60]);
}

#[tokio::test(start_paused = true)]
async fn a_window_of_10_000_a_day_lets_10_000_pass_and_the_next_one_a_day_later() {
    let bench = Bench::new(&[Window::new(10_000, 24 * 60 * 60)]);
    for _ in 0..10_000 {
        assert_eq!(bench.wait().await, Ok(Duration::ZERO));
    }
    let waited = bench.wait().await.unwrap().as_secs_f64();
    assert!((86_400.1..86_400.2).contains(&waited), "{waited}");
}

#[tokio::test(start_paused = true)]
async fn calls_that_come_a_window_apart_are_never_late() {
    let bench = Bench::new(&[Window::new(1, 1)]);
    for _ in 0..5 {
        assert_eq!(bench.wait().await, Ok(Duration::ZERO));
        tokio::time::advance(seconds(1.04)).await;
    }
}

#[tokio::test(start_paused = true)]
async fn tenants_and_endpoints_have_windows_of_their_own() {
    let bench = Bench::new(&[Window::new(1, 60)]);
    let mut endpoint = bench.clone();
    endpoint.endpoint = Box::leak(Box::new(EndpointInfo {
        id: "test.v1.thing.list",
        ..*bench.endpoint
    }));
    for bench in [bench.tenant("a"), bench.tenant("b"), endpoint] {
        assert_eq!(bench.wait().await, Ok(Duration::ZERO));
        bench.pass(RateLimitMode::Fail, LATE).await.unwrap_err();
    }
}

#[tokio::test(start_paused = true)]
async fn a_tenant_that_waits_holds_up_no_other() {
    let bench = Bench::new(&[Window::new(1, 60)]);
    bench.wait().await.unwrap();
    let waiting = bench.spawn();
    settle().await;
    assert_eq!(bench.tenant("b").wait().await, Ok(Duration::ZERO));
    assert!(!waiting.is_finished());
}
