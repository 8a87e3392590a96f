//! Setting up what the processes of one app share.

use std::sync::Arc;

use super::ClientBuilder;
use crate::store::{TokenStore, WindowStore};

impl ClientBuilder {
    /// Where the processes of the app share tenant and app tokens; unless set, each gets its own.
    pub fn token_store(mut self, store: impl TokenStore) -> Self {
        self.access.store = Some(Arc::new(store));
        self
    }

    /// Where the processes of the app count calls together; unless set, each counts for itself.
    pub fn window_store(mut self, store: impl WindowStore) -> Self {
        self.limits.store = Some(Arc::new(store));
        self
    }

    /// Shares tokens and rate windows with all processes that use this Redis with the same prefix.
    #[cfg(feature = "redis")]
    pub fn redis(self, redis: crate::store::redis::Redis) -> Self {
        self.token_store(redis.clone()).window_store(redis)
    }
}
