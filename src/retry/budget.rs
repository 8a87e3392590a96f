//! How much all calls of a client may send on top of what they were asked for.

use std::sync::atomic::{AtomicU32, Ordering};

/// The budget of a client: a bucket of tokens that retries take from and successes put into.
///
/// Where all fails, nothing comes back into it: the client sends what it is asked to send, and little more. A retry
/// that helps gives its token back, so that single failures cost nothing.
///
/// There is one bucket, and a floor for each purpose, below which it is left for the purposes that serve a client
/// better: a retry into an outage helps nobody, while a call that has a new token in its hand will most likely succeed.
#[derive(Debug)]
pub(crate) struct Budget {
    /// In tenths of a token.
    left: AtomicU32,
}

/// What a further attempt is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// To try again after a fault.
    Fault,
    /// To try again after the platform said that there are too many calls: the pause that it asks for holds the load
    /// down as well.
    Rate,
    /// To send another token in place of one that the platform refused, once in a call.
    Token,
}

/// A token, taken for one further attempt. It goes back where the attempt is not made.
#[derive(Debug)]
#[must_use = "the token goes back where this is dropped"]
pub(crate) struct Draw<'a> {
    budget: &'a Budget,
    spent: bool,
}

impl Budget {
    /// A token, in the unit of the bucket.
    const TOKEN: u32 = 10;
    /// What a call that succeeds at once puts in: after an outage it takes ten of them for a retry.
    const SUCCESS: u32 = 1;
    const CAPACITY: u32 = 1000 * Self::TOKEN;

    pub(crate) fn new() -> Self {
        Self {
            left: AtomicU32::new(Self::CAPACITY),
        }
    }

    /// Takes a token; `None` where there is none for this purpose.
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

    /// Tells that a call succeeded, at its first attempt or at a later one.
    pub(crate) fn succeeded(&self, at_once: bool) {
        self.put(if at_once { Self::SUCCESS } else { Self::TOKEN });
    }

    fn put(&self, amount: u32) {
        // Most of the time it is full, and then no core needs to write what the others read.
        if self.left.load(Ordering::Relaxed) < Self::CAPACITY {
            let add = |left: u32| Some((left + amount).min(Self::CAPACITY));
            let _ = self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, add);
        }
    }
}

impl Draw<'_> {
    /// The attempt is about to be made.
    pub(crate) fn spend(mut self) {
        self.spent = true;
    }
}

impl Drop for Draw<'_> {
    fn drop(&mut self) {
        if !self.spent {
            self.budget.put(Budget::TOKEN);
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
    fn each_purpose_leaves_the_rest_to_those_that_serve_better() {
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
    fn a_retry_that_helps_costs_nothing() {
        let budget = Budget::new();
        for _ in 0..10_000 {
            budget.draw(Purpose::Fault).unwrap().spend();
            budget.succeeded(false);
        }
    }

    #[test]
    fn an_attempt_that_is_not_made_costs_nothing() {
        let budget = Budget::new();
        for _ in 0..10_000 {
            drop(budget.draw(Purpose::Fault).unwrap());
        }
    }

    #[test]
    fn successes_do_not_fill_it_beyond_its_capacity() {
        let budget = Budget::new();
        (0..10_000).for_each(|_| budget.succeeded(false));
        assert_eq!(spend(&budget, Purpose::Fault), 100);
    }
}
