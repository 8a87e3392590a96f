//! Setting up what a client lets others see.

use super::ClientBuilder;
use crate::interceptor::Interceptor;

impl ClientBuilder {
    /// Code of your own that sees and changes what is sent and what comes. There may be several; they run in the order
    /// in which they were given.
    pub fn interceptor(mut self, hook: impl Interceptor) -> Self {
        self.hooks.add(hook);
        self
    }
}
