//! Setting up what the processes of one app share.

use std::sync::Arc;

use super::ClientBuilder;
use crate::shared::TokenStore;

impl ClientBuilder {
    /// Where the processes of the app share tenant and app tokens; unless set, each gets its own.
    pub fn token_store(mut self, store: Arc<dyn TokenStore>) -> Self {
        self.access.store = Some(store);
        self
    }
}
