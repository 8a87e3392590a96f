//! What a call does where it cannot go at once.

use super::*;

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
