//! Futures that run concurrently within one task.

use std::future::poll_fn;
use std::task::Poll;

use crate::store::Pending;

/// Futures that run concurrently within one task and are dropped with it.
pub(crate) struct ConcurrentFutures<'a, T> {
    /// In the order of insertion: the one that has waited longest is polled first.
    futures: Vec<Pending<'a, T>>,
}

impl<'a, T> ConcurrentFutures<'a, T> {
    pub(crate) fn new() -> Self {
        Self { futures: Vec::new() }
    }

    /// Adds a future. It makes progress only while [`ConcurrentFutures::next`] is awaited.
    pub(crate) fn push(&mut self, future: impl Future<Output = T> + Send + 'a) {
        self.futures.push(Box::pin(future));
    }

    /// Returns the number of unfinished futures.
    pub(crate) fn len(&self) -> usize {
        self.futures.len()
    }

    /// Returns the output of the next future to finish, or `None` if there are no futures.
    pub(crate) async fn next(&mut self) -> Option<T> {
        if self.futures.is_empty() {
            return None;
        }
        let finished = poll_fn(|context| {
            for (index, future) in self.futures.iter_mut().enumerate() {
                if let Poll::Ready(output) = future.as_mut().poll(context) {
                    return Poll::Ready((index, output));
                }
            }
            Poll::Pending
        });
        let (index, output) = finished.await;
        drop(self.futures.remove(index));
        Some(output)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn returns_futures_in_order_of_completion() {
        let mut futures = ConcurrentFutures::new();
        for seconds in [3, 1, 2] {
            futures.push(async move {
                tokio::time::sleep(Duration::from_secs(seconds)).await;
                seconds
            });
        }
        assert_eq!(futures.len(), 3);
        let mut finished = Vec::new();
        while let Some(seconds) = futures.next().await {
            finished.push(seconds);
        }
        assert_eq!(finished, [1, 2, 3]);
    }

    #[tokio::test]
    async fn does_not_starve_waiting_futures() {
        let mut futures = ConcurrentFutures::new();
        (0..3).for_each(|name| futures.push(std::future::ready(name)));
        let mut counts = [0; 3];
        for _ in 0..30 {
            let Some(name) = futures.next().await else { break };
            counts[name] += 1;
            futures.push(std::future::ready(name));
        }
        assert!(counts.iter().all(|count| *count >= 9), "{counts:?}");
    }
}
