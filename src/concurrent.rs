//! Futures that run beside one another within one task.

use std::future::poll_fn;
use std::task::Poll;

use crate::store::Pending;

/// Futures that run beside one another within one task, and end with it.
pub(crate) struct ConcurrentFutures<'a, T> {
    /// In the order in which they came: the one that has waited longest is looked at first.
    futures: Vec<Pending<'a, T>>,
}

impl<'a, T> ConcurrentFutures<'a, T> {
    pub(crate) fn new() -> Self {
        Self { futures: Vec::new() }
    }

    /// Adds one. It does nothing before [`ConcurrentFutures::next`] is awaited.
    pub(crate) fn push(&mut self, future: impl Future<Output = T> + Send + 'a) {
        self.futures.push(Box::pin(future));
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.futures.len()
    }

    /// What the next of them gives; `None` once there is none left.
    pub(crate) async fn next(&mut self) -> Option<T> {
        if self.futures.is_empty() {
            return None;
        }
        let ended = poll_fn(|context| {
            for (index, future) in self.futures.iter_mut().enumerate() {
                if let Poll::Ready(ended) = future.as_mut().poll(context) {
                    return Poll::Ready((index, ended));
                }
            }
            Poll::Pending
        });
        let (index, ended) = ended.await;
        drop(self.futures.remove(index));
        Some(ended)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn what_is_ready_first_comes_first() {
        let mut futures = ConcurrentFutures::new();
        for seconds in [3, 1, 2] {
            futures.push(async move {
                tokio::time::sleep(Duration::from_secs(seconds)).await;
                seconds
            });
        }
        assert_eq!(futures.len(), 3);
        let mut came = Vec::new();
        while let Some(seconds) = futures.next().await {
            came.push(seconds);
        }
        assert_eq!(came, [1, 2, 3]);
    }

    #[tokio::test]
    async fn none_that_is_always_ready_keeps_another_waiting() {
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
