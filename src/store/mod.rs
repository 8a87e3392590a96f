//! What the processes of one app have in common, behind small traits.
//!
//! A client keeps tokens and counts calls in memory. Where several processes call for the same app they should
//! share both, and these traits are what such a store has to do. Whoever writes one gives it to the builder.

mod arc;
mod file_logins;
mod login;
pub(crate) mod login_text;
mod memory_logins;
#[cfg(feature = "redis")]
pub mod redis;

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use secrecy::SecretString;

use crate::endpoint::Window;

pub use crate::rate_limit::MemoryWindows;
pub use file_logins::FileLogins;
pub use login::{LoginStore, StoredLogin};
pub use memory_logins::MemoryLogins;

/// What a method of a store gives: a future without a name of its own, so that a trait object can give it.
pub type Pending<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Why a store could not do what it was asked for.
///
/// It is told to the log and in errors: it never holds a token, a secret or the password of a URL.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct StoreError(String);

impl StoreError {
    /// An error with this text, which says what failed, where, and why.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }
}

/// A token as a store keeps it.
#[derive(Clone)]
pub struct StoredToken {
    /// The token.
    pub text: SecretString,
    /// How long it still lives.
    pub left: Duration,
}

/// Without the token.
impl fmt::Debug for StoredToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoredToken")
            .field("left", &self.left)
            .finish_non_exhaustive()
    }
}

/// Tenant and app tokens that several processes share, and the right to renew one.
///
/// The client asks it when a token is about to end, not for each call.
pub trait TokenStore: Send + Sync + 'static {
    /// The token under this name, if there is one that still lives. `left` is what is left of its life now.
    fn load<'a>(&'a self, name: &'a str) -> Pending<'a, Result<Option<StoredToken>, StoreError>>;

    /// Keeps a token under this name for as long as it lives, in place of what was there.
    fn save<'a>(&'a self, name: &'a str, token: &'a StoredToken) -> Pending<'a, Result<(), StoreError>>;

    /// The right to renew what is under this name; `None` where another process has it. It ends when the lease is
    /// dropped, and after `longest` by itself, so that a process which dies holds nothing.
    fn lock<'a>(&'a self, name: &'a str, longest: Duration) -> Pending<'a, Result<Option<Lease>, StoreError>>;
}

/// A right that ends when this is dropped.
#[must_use = "the right ends at once where the lease is dropped"]
pub struct Lease(Option<Box<dyn FnOnce() + Send>>);

impl Lease {
    /// A right that `release` gives back. It must not block; what takes time goes into a task.
    pub fn new(release: impl FnOnce() + Send + 'static) -> Self {
        Self(Some(Box::new(release)))
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        if let Some(release) = self.0.take() {
            release();
        }
    }
}

impl fmt::Debug for Lease {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Lease")
    }
}

/// What calls are counted under: the platform's limits hold for one endpoint, app and tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct WindowKey<'a> {
    /// Id of the app; empty where the client does not know it.
    pub app: &'a str,
    /// Key of the tenant; empty for the one tenant of a custom app.
    pub tenant: &'a str,
    /// Id of the endpoint.
    pub endpoint: &'a str,
}

/// Whether a call may be made now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    /// It may, and is counted in all windows.
    Granted,
    /// It may not, and is counted in none; asking again makes sense after this time.
    Wait(Duration),
}

/// The rate windows of endpoints, and pauses that the platform asked for.
///
/// [`MemoryWindows`] is the client's own. One that several processes share has to promise the same: never more than
/// `calls` in any interval of [`Window::counted_for`], wherever it begins.
pub trait WindowStore: Send + Sync + 'static {
    /// Counts a call in all these windows at once, or in none of them where one is full or a pause is on.
    fn take<'a>(&'a self, key: WindowKey<'a>, windows: &'a [Window]) -> Pending<'a, Result<Taken, StoreError>>;

    /// Lets no call through for so long from now. A longer pause that is already on stays.
    fn pause<'a>(&'a self, key: WindowKey<'a>, duration: Duration) -> Pending<'a, Result<(), StoreError>>;
}
