//! When a call is tried again: what an attempt's failure means, how long to wait, and how often in all.
//!
//! Nothing in here sends, waits or knows a client: [`asked_wait`] reads, [`verdict`] judges, [`Backoff`] draws
//! lots, [`Budget`] counts.
//! The loop that acts on it is in `client/call.rs`.

mod asked;
mod backoff;
mod budget;
mod policy;
mod repeat;
mod verdict;

pub(crate) use asked::asked_wait;
pub(crate) use backoff::Backoff;
pub(crate) use budget::{Budget, Draw, Purpose};
pub use policy::RetryPolicy;
pub(crate) use repeat::Repeat;
pub(crate) use verdict::{Cause, Failure, Verdict, verdict};
