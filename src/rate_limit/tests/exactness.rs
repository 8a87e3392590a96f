//! Never more than a window allows, and hardly less.

use proptest::prelude::*;

use super::*;

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
