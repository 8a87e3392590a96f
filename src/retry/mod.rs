//! When a call is tried again: what an attempt's failure means, how long to wait, and how often in all.
//!
//! Nothing in here sends, waits or knows a client: [`parse_retry_after`] reads, [`classify_failure`] judges, [`Backoff`] draws
//! lots, [`Budget`] counts.
//! The loop that acts on it is in `client/call.rs`.

mod backoff;
mod budget;
mod classify;
mod policy;
mod repeat;
mod retry_after;

pub(crate) use backoff::Backoff;
pub(crate) use budget::{Budget, Draw, Purpose};
pub(crate) use classify::{Cause, Failure, Verdict, classify_failure};
pub use policy::RetryPolicy;
pub(crate) use repeat::Repeat;
pub(crate) use retry_after::parse_retry_after;
