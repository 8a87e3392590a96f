//! Who goes first.

use std::sync::Mutex;

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
