//! The retry budget that all calls of a client share.

use std::sync::atomic::{AtomicU32, Ordering};

/// The retry budget of a client: a token bucket that retries draw from and successes refill.
///
/// During an outage nothing refills it, so the client sends little more than its first attempts. A successful retry returns
/// its token, so that isolated failures cost nothing.
///
/// There is one bucket with a floor for each purpose, below which it is reserved for more useful purposes: a retry into an
/// outage rarely succeeds, while a call with a new access token most likely does.
#[derive(Debug)]
pub(crate) struct Budget {
    /// In tenths of a token.
    left: AtomicU32,
}

/// The purpose of a further attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// A retry after a transient failure.
    Fault,
    /// A retry after a rate limit: the server-imposed delay reduces the load as well.
    Rate,
    /// A replay with another access token after the platform rejected one, once per call.
    Token,
}

/// A token drawn for one further attempt. Dropping it unspent returns it.
#[derive(Debug)]
#[must_use = "dropping it returns the token"]
pub(crate) struct Draw<'a> {
    budget: &'a Budget,
    spent: bool,
}

impl Budget {
    /// A token, in the unit of the bucket.
    const TOKEN: u32 = 10;
    /// What a success at the first attempt refills: after an outage ten of them allow a retry.
    const SUCCESS: u32 = 1;
    const CAPACITY: u32 = 1000 * Self::TOKEN;

    pub(crate) fn new() -> Self {
        Self {
            left: AtomicU32::new(Self::CAPACITY),
        }
    }

    /// Draws a token; `None` if the budget for this purpose is exhausted.
    pub(crate) fn draw(&self, purpose: Purpose) -> Option<Draw<'_>> {
        let floor = Self::TOKEN
            * match purpose {
                Purpose::Fault => 900,
                Purpose::Rate => 700,
                Purpose::Token => 0,
            };
        let take = |left: u32| left.checked_sub(Self::TOKEN).filter(|rest| *rest >= floor);
        self.left
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, take)
            .ok()?;
        Some(Draw {
            budget: self,
            spent: false,
        })
    }

    /// Records a success, at the first attempt or at a later one.
    pub(crate) fn succeeded(&self, at_once: bool) {
        self.refill(if at_once { Self::SUCCESS } else { Self::TOKEN });
    }

    fn refill(&self, amount: u32) {
        // It is full most of the time: skipping the write avoids contention.
        if self.left.load(Ordering::Relaxed) < Self::CAPACITY {
            let add = |left: u32| Some((left + amount).min(Self::CAPACITY));
            let _ = self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, add);
        }
    }
}

impl Draw<'_> {
    /// Marks the attempt as made.
    pub(crate) fn spend(mut self) {
        self.spent = true;
    }
}

impl Drop for Draw<'_> {
    fn drop(&mut self) {
        if !self.spent {
            self.budget.refill(Budget::TOKEN);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spend(budget: &Budget, purpose: Purpose) -> usize {
        std::iter::from_fn(|| budget.draw(purpose).map(Draw::spend)).count()
    }

    #[test]
    fn each_purpose_has_a_floor() {
        let budget = Budget::new();
        assert_eq!(spend(&budget, Purpose::Fault), 100);
        assert_eq!(spend(&budget, Purpose::Rate), 200);
        assert_eq!(spend(&budget, Purpose::Token), 700);
        assert_eq!(spend(&budget, Purpose::Token), 0);
    }

    #[test]
    fn ten_successes_allow_a_retry() {
        let budget = Budget::new();
        spend(&budget, Purpose::Fault);
        (0..10).for_each(|_| budget.succeeded(true));
        assert_eq!(spend(&budget, Purpose::Fault), 1);
    }

    #[test]
    fn successful_retry_costs_nothing() {
        let budget = Budget::new();
        for _ in 0..10_000 {
            budget.draw(Purpose::Fault).unwrap().spend();
            budget.succeeded(false);
        }
    }

    #[test]
    fn unspent_draw_costs_nothing() {
        let budget = Budget::new();
        for _ in 0..10_000 {
            drop(budget.draw(Purpose::Fault).unwrap());
        }
    }

    #[test]
    fn successes_do_not_exceed_the_capacity() {
        let budget = Budget::new();
        (0..10_000).for_each(|_| budget.succeeded(false));
        assert_eq!(spend(&budget, Purpose::Fault), 100);
    }
}
