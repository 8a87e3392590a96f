//! Options of a call.

use std::time::Duration;

use reqwest::header::HeaderMap;

use crate::authentication::Caller;
use crate::rate_limit::RateLimitMode;
use crate::retry::RetryPolicy;

/// Options of a call: what the views of one client differ in.
#[derive(Clone)]
pub(crate) struct View {
    pub caller: Caller,
    /// Longest wait for the answer of one attempt.
    pub timeout: Duration,
    /// Longest time of the call with all that it waits for.
    pub deadline: Duration,
    pub limits: RateLimitMode,
    /// `None` for what the builder was told.
    pub retries: Option<RetryPolicy>,
    /// Headers on top of those of the request: which part of a file is asked for.
    pub headers: HeaderMap,
    /// Whether the call has a connection to itself.
    pub apart: bool,
}

impl View {
    /// Longest time of a call unless something else is set.
    const DEADLINE: Duration = Duration::from_secs(15 * 60);

    pub(crate) fn new(timeout: Duration) -> Self {
        Self {
            caller: Caller::default(),
            timeout,
            deadline: Self::DEADLINE,
            limits: RateLimitMode::default(),
            retries: None,
            headers: HeaderMap::new(),
            apart: false,
        }
    }
}
