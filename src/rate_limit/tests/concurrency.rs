//! Queue order, cancelled calls, and utilization of windows.

use std::sync::Mutex;

use proptest::prelude::*;

use super::*;

#[tokio::test(start_paused = true)]
async fn admits_calls_in_order_of_arrival() {
    let limiter = Fixture::new(&[Window::new(3, 1)]);
    let order = Arc::new(Mutex::new(Vec::new()));
    let mut calls = Vec::new();
    for number in 0..50 {
        let (limiter, order) = (limiter.clone(), Arc::clone(&order));
        calls.push(tokio::spawn(async move {
            limiter.wait().await.unwrap();
            order.lock().unwrap().push(number);
        }));
        // Some calls arrive while others are waiting.
        tokio::time::sleep(Duration::from_millis(number % 7)).await;
    }
    for call in calls {
        call.await.unwrap();
    }
    let order = order.lock().unwrap();
    assert!(order.is_sorted(), "{order:?}");
}

#[tokio::test(start_paused = true)]
async fn fail_mode_does_not_overtake_waiting_calls() {
    let limiter = Fixture::new(&[Window::new(2, 1)]);
    let waiting: Vec<_> = (0..4).map(|_| limiter.spawn()).collect();
    settle().await;
    // There is room for two calls, and two are waiting.
    tokio::time::advance(seconds(1.04)).await;
    let wait = limiter.pass(RateLimitMode::Fail, FAR_DEADLINE).await.unwrap_err();
    assert_eq!(wait, seconds(1.04));
    for call in waiting {
        call.await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn new_call_does_not_overtake_waiting_calls() {
    let limiter = Fixture::new(&[Window::new(1, 1)]);
    limiter.wait().await.unwrap();
    let (mut first, mut second) = (limiter.boxed(), limiter.boxed());
    assert!(poll(&mut first).is_pending());
    tokio::time::advance(seconds(1.05)).await;
    assert!(poll(&mut second).is_pending());
    assert!(poll(&mut first).is_ready());
}

#[tokio::test(start_paused = true)]
async fn removes_empty_queues() {
    let limiter = Fixture::new(&[Window::new(1, 1)]);
    let waiting: Vec<_> = (0..5).map(|_| limiter.tenant("a").spawn()).collect();
    settle().await;
    assert_eq!(limiter.limiter.queues.len(), 1);
    for call in waiting {
        call.await.unwrap();
    }
    assert_eq!(limiter.limiter.queues.len(), 0);
}

#[tokio::test(start_paused = true)]
async fn wakes_only_the_head_of_the_queue() {
    let limiter = Fixture::new(&[Window::new(1, 10)]);
    limiter.wait().await.unwrap();
    let polls = Arc::new(Mutex::new(0_u32));
    let started = Instant::now();
    let calls: Vec<_> = (0..10)
        .map(|_| {
            let (mut call, polls) = (limiter.boxed(), Arc::clone(&polls));
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
    // Each call is polled on arrival, at the head of the queue, and when its time has come.
    let polls = *polls.lock().unwrap();
    assert!(polls <= 30, "{polls}");
}

#[tokio::test(start_paused = true)]
async fn dropped_head_passes_its_turn_on() {
    let limiter = Fixture::new(&[Window::new(1, 10)]);
    limiter.wait().await.unwrap();
    let started = Instant::now();
    let mut head = limiter.boxed();
    assert!(poll(&mut head).is_pending());
    let next = limiter.spawn();
    settle().await;
    drop(head);
    let waited = next.await.unwrap() - started;
    assert!(waited < seconds(10.21), "{waited:?}");
}

#[tokio::test(start_paused = true)]
async fn dropped_new_head_passes_its_turn_on() {
    let limiter = Fixture::new(&[Window::new(1, 10)]);
    limiter.wait().await.unwrap();
    let mut calls: Vec<_> = (0..3).map(|_| limiter.boxed()).collect();
    assert!(calls.iter_mut().all(|call| poll(call).is_pending()));
    // The second call becomes the head and is dropped before it is polled.
    calls.drain(..2).for_each(drop);
    let waited = calls.remove(0).await.unwrap();
    assert!(waited < seconds(10.21), "{waited:?}");
}

#[tokio::test(start_paused = true)]
async fn dropped_call_is_not_counted() {
    let limiter = Fixture::new(&[Window::new(1, 10)]);
    limiter.wait().await.unwrap();
    let mut head = limiter.boxed();
    assert!(poll(&mut head).is_pending());
    tokio::time::advance(seconds(10.21)).await;
    drop(head);
    assert_eq!(
        limiter.pass(RateLimitMode::Fail, FAR_DEADLINE).await,
        Ok(Duration::ZERO)
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn admits_all_despite_concurrent_drops() {
    let mut window = Window::new(20, 1);
    window.per = Duration::from_millis(5);
    let limiter = Fixture::new(&[window]);
    let mut kept = Vec::new();
    for number in 0..2_000 {
        let call = limiter.spawn();
        match number % 3 {
            0 => call.abort(),
            _ => kept.push(call),
        }
        // Some calls are dropped before their first poll, some in the queue, some when admitted.
        tokio::task::yield_now().await;
    }
    for call in kept {
        call.await.unwrap();
    }
    assert_eq!(limiter.limiter.queues.len(), 0);
}

/// A call that is dropped after a number of milliseconds unless it was admitted before.
async fn dropped_after(limiter: Fixture, milliseconds: Option<u64>) -> (Instant, Option<Instant>) {
    let arrived_at = Instant::now();
    let longest = milliseconds.map_or(FAR_DEADLINE, Duration::from_millis);
    let passed = tokio::time::timeout(longest, limiter.wait()).await;
    (arrived_at, passed.is_ok().then(Instant::now))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Gaps between arrivals in milliseconds, and the time after which each call is dropped, if at all.
    #[test]
    fn dropped_calls_do_not_delay_others(
        calls in prop::collection::vec((0..50_u64, prop::option::of(0..4_000_u64)), 1..80),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        let window = Window::new(3, 1);
        let limiter = Fixture::new(&[window]);
        let ended: Vec<_> = runtime.block_on(async {
            let mut tasks = Vec::new();
            for (gap, longest) in &calls {
                tokio::time::sleep(Duration::from_millis(*gap)).await;
                tasks.push(tokio::spawn(dropped_after(limiter.clone(), *longest)));
            }
            let mut ended = Vec::new();
            for task in tasks {
                ended.push(task.await.unwrap());
            }
            ended
        });
        for ((_, longest), (_, passed)) in calls.iter().zip(&ended) {
            prop_assert!(longest.is_some() || passed.is_some(), "a call that was not dropped was never admitted");
        }
        // A call is admitted once it has arrived and the third call before it is no longer counted; dropped calls do
        // not delay others.
        let passed: Vec<_> = ended.iter().filter_map(|(arrived_at, passed)| Some((*arrived_at, (*passed)?))).collect();
        for four in passed.windows(4) {
            let soonest = four[3].0.max(four[0].1 + window.counting_period());
            prop_assert!(four[3].1 <= soonest + Duration::from_millis(2), "{:?} late", four[3].1 - soonest);
        }
        prop_assert_eq!(limiter.limiter.queues.len(), 0);
    }
}

/// Windows like those of the platform, small enough to be filled often.
fn windows() -> impl Strategy<Value = Vec<Window>> {
    let window = (1..30_u32, 1..20_u64).prop_map(|(calls, seconds)| Window::new(calls, seconds));
    prop::collection::vec(window, 1..4)
}

/// Returns the times at which calls with these gaps in milliseconds were admitted.
async fn passes(limiter: &Fixture, gaps: &[u64]) -> Vec<Instant> {
    let mut calls = Vec::new();
    for gap in gaps {
        tokio::time::sleep(Duration::from_millis(*gap)).await;
        calls.push(limiter.spawn());
    }
    let mut passes = Vec::new();
    for call in calls {
        passes.push(call.await.unwrap());
    }
    passes
}

/// Returns the first and last call of an interval of the window's length with too many calls.
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
    fn never_exceeds_a_window(windows in windows(), gaps in prop::collection::vec(0..400_u64, 1..120)) {
        let passes = run(async { passes(&Fixture::new(&windows), &gaps).await });
        for window in windows {
            prop_assert_eq!(too_many(&passes, window), None, "{:?}", window);
        }
    }

    #[test]
    fn uses_95_percent_of_a_window(calls in 1..60_u32, seconds in 1..100_u64, rounds in 2..5_u32) {
        let window = Window::new(calls, seconds);
        let used = run(async {
            let started = Instant::now();
            let demand = vec![0; (calls * rounds) as usize];
            passes(&Fixture::new(&[window]), &demand).await;
            // The last round begins when the one before it is over.
            f64::from(rounds - 1) * window.per.as_secs_f64() / started.elapsed().as_secs_f64()
        });
        prop_assert!(used > 0.95, "{used}");
    }
}

#[tokio::test(start_paused = true)]
async fn enforces_all_windows_together() {
    let limiter = Fixture::new(&[Window::new(2, 1), Window::new(5, 60)]);
    let started = Instant::now();
    let passes = passes(&limiter, &[0; 6]).await;
    let waits: Vec<u64> = passes.iter().map(|pass| (*pass - started).as_secs()).collect();
    assert_eq!(waits, [0, 0, 1, 1, 2, 60]);
}

#[tokio::test(start_paused = true)]
async fn enforces_a_daily_window_of_10_000_calls() {
    let limiter = Fixture::new(&[Window::new(10_000, 24 * 60 * 60)]);
    for _ in 0..10_000 {
        assert_eq!(limiter.wait().await, Ok(Duration::ZERO));
    }
    let waited = limiter.wait().await.unwrap().as_secs_f64();
    assert!((86_400.1..86_400.2).contains(&waited), "{waited}");
}

#[tokio::test(start_paused = true)]
async fn does_not_delay_calls_one_window_apart() {
    let limiter = Fixture::new(&[Window::new(1, 1)]);
    for _ in 0..5 {
        assert_eq!(limiter.wait().await, Ok(Duration::ZERO));
        tokio::time::advance(seconds(1.04)).await;
    }
}

#[tokio::test(start_paused = true)]
async fn separates_tenants_and_endpoints() {
    let limiter = Fixture::new(&[Window::new(1, 60)]);
    let mut endpoint = limiter.clone();
    endpoint.endpoint = Box::leak(Box::new(EndpointInfo {
        id: "test.v1.thing.list",
        ..*limiter.endpoint
    }));
    for limiter in [limiter.tenant("a"), limiter.tenant("b"), endpoint] {
        assert_eq!(limiter.wait().await, Ok(Duration::ZERO));
        limiter.pass(RateLimitMode::Fail, FAR_DEADLINE).await.unwrap_err();
    }
}

#[tokio::test(start_paused = true)]
async fn waiting_tenant_does_not_delay_others() {
    let limiter = Fixture::new(&[Window::new(1, 60)]);
    limiter.wait().await.unwrap();
    let waiting = limiter.spawn();
    settle().await;
    assert_eq!(limiter.tenant("b").wait().await, Ok(Duration::ZERO));
    assert!(!waiting.is_finished());
}
