//! Pauses that the platform asked for.

use super::*;

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
