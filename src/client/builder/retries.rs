//! Setting up how long calls may take, and how often they are tried.

use std::time::Duration;

use super::ClientBuilder;
use crate::retry::RetryPolicy;

impl ClientBuilder {
    /// Longest wait for the answer of one attempt, 30 seconds unless set. What the attempt waits for before it is sent,
    /// a token or its turn within the endpoint's limit, is not part of it. For a download it is the longest wait until
    /// it begins, and then for each further chunk: a large file takes as long as it takes.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// Longest time of a whole call, 15 minutes unless set: its attempts, and all waits for a token, for its turn within
    /// the endpoint's limit, and between attempts. A wait that could not end in time is not begun; the call fails at
    /// once. For a download it is the longest time until it begins.
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = Some(deadline);
        self
    }

    /// How often a call is tried again; see [`RetryPolicy`] for what holds unless this is set.
    pub fn retries(mut self, policy: RetryPolicy) -> Self {
        self.retries = policy;
        self
    }
}
