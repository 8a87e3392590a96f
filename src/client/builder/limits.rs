//! Setting up what a client does at the limits of endpoints.

use super::ClientBuilder;
use crate::limit::LimitMode;

impl ClientBuilder {
    /// What a call does where the endpoint's limit is reached; it waits unless set.
    pub fn limits(mut self, mode: LimitMode) -> Self {
        self.limits.mode = mode;
        self
    }
}
