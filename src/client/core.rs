//! What the clones and views of a client share.

use std::fmt;

use super::host::BaseUrl;
use crate::access::Access;
use crate::hook::Hooks;
use crate::limit::Limits;
use crate::retry::{Budget, RetryPolicy};

/// What the clones and views of a client share.
pub(crate) struct Core {
    pub http: reqwest::Client,
    pub base: BaseUrl,
    pub access: Access,
    pub limits: Limits,
    /// For calls whose view has none of its own, those for tokens included.
    pub retries: RetryPolicy,
    pub budget: Budget,
    pub hooks: Hooks,
    /// How temporary links are followed.
    #[cfg(feature = "drive")]
    pub links: crate::links::Way,
    /// Largest JSON answer, in bytes.
    pub largest_json: u64,
}

impl fmt::Debug for Core {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Core").finish_non_exhaustive()
    }
}
