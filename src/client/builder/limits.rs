//! Setting up what a client does at the limits of endpoints.

use super::ClientBuilder;
use crate::rate_limit::RateLimitMode;

impl ClientBuilder {
    /// What a call does where the endpoint's limit is reached; it waits unless set.
    pub fn rate_limits(mut self, mode: RateLimitMode) -> Self {
        self.limits.mode = mode;
        self
    }
}
