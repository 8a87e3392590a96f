//! Retries: which failures are retried, after which delay, and how often.
//!
//! Nothing in this module sends, waits or knows a client. The loop that applies it is `call/retry_loop.rs`.

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
