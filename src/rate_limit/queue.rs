//! Queues of the calls that wait, one for each endpoint and tenant, in the order in which they came.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Poll;
use std::time::Duration;

use tokio::sync::{MutexGuard as Turn, watch};
use tokio::time::{Instant, sleep_until, timeout_at};

use crate::store::{KeyMap, WindowKey, get_or_insert};

/// The queues. One is there only while a call waits in it.
#[derive(Default)]
pub(super) struct Queues(Mutex<KeyMap<Queued>>);

/// A queue and how many wait in it.
struct Queued {
    queue: Arc<Queue>,
    waiting: usize,
}

struct Queue {
    /// Only its holder asks whether it may go. The lock is fair, and whoever is dropped while it waits for it
    /// leaves it to the next.
    turn: tokio::sync::Mutex<()>,
    /// Before when nobody can go. A pause wakes those that wait, the rest is for those who come.
    opens: watch::Sender<Instant>,
}

/// A place in a queue. Dropping it leaves the queue.
pub(super) struct Place<'a> {
    queues: &'a Queues,
    key: WindowKey<'a>,
    queue: Arc<Queue>,
    /// How many calls were there before.
    pub ahead: usize,
}

/// A wait that would last longer than it may.
pub(super) struct TooLong(pub Duration);

impl Queues {
    /// How many calls wait.
    pub(super) fn waiting(&self, key: &WindowKey<'_>) -> usize {
        let queues = self.lock();
        // There is nothing to look up in most cases.
        if queues.is_empty() {
            return 0;
        }
        queues.get(key).map_or(0, |queued| queued.waiting)
    }

    /// How many queues there are.
    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.lock().len()
    }

    /// Goes to the end of the queue.
    pub(super) fn enter<'a>(&'a self, key: WindowKey<'a>) -> Place<'a> {
        let mut queues = self.lock();
        let queued = get_or_insert(&mut queues, &key, Queued::new);
        let ahead = queued.waiting;
        queued.waiting += 1;
        Place {
            queues: self,
            key,
            queue: Arc::clone(&queued.queue),
            ahead,
        }
    }

    /// Tells those that wait of a pause: whoever cannot wait so long fails at once.
    pub(super) fn paused(&self, key: &WindowKey<'_>, until: Instant) {
        if let Some(queued) = self.lock().get(key) {
            queued.queue.opens.send_if_modified(|opens| {
                let later = until > *opens;
                *opens = until.max(*opens);
                later
            });
        }
    }

    /// Nothing that is done under the lock can panic half-way.
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

impl Place<'_> {
    /// Before when nobody in this queue can go, as far as is known.
    pub(super) fn opens(&self) -> Instant {
        *self.queue.opens.borrow()
    }

    /// Waits until all who came before are gone. Only the holder of the turn may ask whether it can go.
    pub(super) async fn turn(&self, deadline: Instant) -> Result<Turn<'_, ()>, TooLong> {
        self.unless_paused(self.queue.turn.lock(), deadline).await
    }

    /// Sleeps at the head of the queue.
    pub(super) async fn sleep(&self, until: Instant, deadline: Instant) -> Result<(), TooLong> {
        self.queue.opens.send_if_modified(|opens| {
            *opens = until.max(*opens);
            false
        });
        self.unless_paused(sleep_until(until), deadline).await
    }

    /// What the future gives, unless the deadline comes, or a pause that will last longer than until then.
    async fn unless_paused<T>(&self, future: impl Future<Output = T>, deadline: Instant) -> Result<T, TooLong> {
        let mut opens = self.queue.opens.subscribe();
        let mut paused = pin!(opens.wait_for(|opens| *opens > deadline));
        let mut future = pin!(timeout_at(deadline, future));
        let first = poll_fn(|context| match future.as_mut().poll(context) {
            Poll::Ready(result) => Poll::Ready(result.ok()),
            Poll::Pending => paused.as_mut().poll(context).map(|_| None),
        });
        let result = first.await;
        result.ok_or_else(|| TooLong(self.opens().saturating_duration_since(Instant::now())))
    }
}

impl Drop for Place<'_> {
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
