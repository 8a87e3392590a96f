//! FIFO queues of waiting calls, one per endpoint and tenant.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Poll;
use std::time::Duration;

use tokio::sync::{MutexGuard as Turn, watch};
use tokio::time::{Instant, timeout_at};

use crate::store::{KeyMap, WindowKey, get_or_insert};

/// All queues; each exists only while a call waits in it.
#[derive(Default)]
pub(super) struct Queues(Mutex<KeyMap<Queued>>);

/// A queue and its length.
struct Queued {
    queue: Arc<Queue>,
    waiting: usize,
}

struct Queue {
    /// Held by the head of the queue. The lock is fair, and a waiter that is dropped passes it on.
    turn: tokio::sync::Mutex<()>,
    /// Earliest time of the next call. A pause wakes all waiters; other changes only inform new arrivals.
    opens: watch::Sender<Instant>,
}

/// A position in a queue. Dropping it leaves the queue.
pub(super) struct QueuePosition<'a> {
    queues: &'a Queues,
    key: WindowKey<'a>,
    queue: Arc<Queue>,
    /// Number of calls ahead.
    pub ahead: usize,
}

/// A wait that would exceed the deadline.
pub(super) struct WaitTooLong(pub Duration);

impl Queues {
    /// Returns the number of waiting calls.
    pub(super) fn waiting(&self, key: &WindowKey<'_>) -> usize {
        let queues = self.lock();
        // Usually no call waits.
        if queues.is_empty() {
            return 0;
        }
        queues.get(key).map_or(0, |queued| queued.waiting)
    }

    /// Returns the number of queues.
    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.lock().len()
    }

    /// Enters the queue at its end.
    pub(super) fn enter<'a>(&'a self, key: WindowKey<'a>) -> QueuePosition<'a> {
        let mut queues = self.lock();
        let queued = get_or_insert(&mut queues, &key, Queued::new);
        let ahead = queued.waiting;
        queued.waiting += 1;
        QueuePosition {
            queues: self,
            key,
            queue: Arc::clone(&queued.queue),
            ahead,
        }
    }

    /// Notifies waiters of a pause; those whose deadline is earlier fail immediately.
    pub(super) fn notify_pause(&self, key: &WindowKey<'_>, until: Instant) {
        if let Some(queued) = self.lock().get(key) {
            queued.queue.opens.send_if_modified(|opens| {
                let later = until > *opens;
                *opens = until.max(*opens);
                later
            });
        }
    }

    /// Resets the time of the next call after a pause was lifted.
    pub(super) fn notify_lift(&self, key: &WindowKey<'_>) {
        if let Some(queued) = self.lock().get(key) {
            queued.queue.opens.send_replace(Instant::now());
        }
    }

    /// No code panics while it holds the lock.
    fn lock(&self) -> MutexGuard<'_, KeyMap<Queued>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Queued {
    fn new() -> Self {
        Self {
            queue: Arc::new(Queue {
                turn: tokio::sync::Mutex::new(()),
                opens: watch::Sender::new(Instant::now()),
            }),
            waiting: 0,
        }
    }
}

impl QueuePosition<'_> {
    /// Returns the earliest known time of the next call of this queue.
    pub(super) fn opens_at(&self) -> Instant {
        *self.queue.opens.borrow()
    }

    /// Waits for the head of the queue. Only the head asks the store.
    pub(super) async fn turn(&self, deadline: Instant) -> Result<Turn<'_, ()>, WaitTooLong> {
        self.unless_paused(self.queue.turn.lock(), deadline).await
    }

    /// Awaits `sleep` at the head of the queue, which opens at `until`.
    pub(super) async fn sleep(
        &self,
        until: Instant,
        deadline: Instant,
        sleep: impl Future<Output = ()>,
    ) -> Result<(), WaitTooLong> {
        self.queue.opens.send_if_modified(|opens| {
            *opens = until.max(*opens);
            false
        });
        self.unless_paused(sleep, deadline).await
    }

    /// Awaits the future, unless the deadline passes or a pause extends beyond it.
    async fn unless_paused<T>(&self, future: impl Future<Output = T>, deadline: Instant) -> Result<T, WaitTooLong> {
        let mut opens = self.queue.opens.subscribe();
        let mut paused = pin!(opens.wait_for(|opens| *opens > deadline));
        let mut future = pin!(timeout_at(deadline, future));
        let first = poll_fn(|context| match future.as_mut().poll(context) {
            Poll::Ready(result) => Poll::Ready(result.ok()),
            Poll::Pending => paused.as_mut().poll(context).map(|_| None),
        });
        let result = first.await;
        result.ok_or_else(|| WaitTooLong(self.opens_at().saturating_duration_since(Instant::now())))
    }
}

impl Drop for QueuePosition<'_> {
    fn drop(&mut self) {
        let mut queues = self.queues.lock();
        if let Some(queued) = queues.get_mut(&self.key) {
            queued.waiting -= 1;
            if queued.waiting == 0 {
                queues.remove(&self.key);
            }
        }
    }
}
