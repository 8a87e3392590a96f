//! Setting up what the processes of one app share.

use std::sync::Arc;

use super::ClientBuilder;
use crate::shared::{TokenStore, WindowStore};

impl ClientBuilder {
    /// Where the processes of the app share tenant and app tokens; unless set, each gets its own.
    pub fn token_store(mut self, store: Arc<dyn TokenStore>) -> Self {
        self.access.store = Some(store);
        self
    }

    /// Where the processes of the app count calls together; unless set, each counts for itself.
    pub fn window_store(mut self, store: Arc<dyn WindowStore>) -> Self {
        self.limits.store = Some(store);
        self
    }

    /// Shares tokens and rate windows with all processes that use this Redis with the same prefix.
    #[cfg(feature = "redis")]
    pub fn redis(self, redis: crate::redis::Redis) -> Self {
        let redis = Arc::new(redis);
        self.token_store(Arc::clone(&redis) as Arc<dyn TokenStore>)
            .window_store(redis)
    }
}
