//! Stores for tokens, logins and rate-limit windows, which the processes of one app can share.
//!
//! Without a store, a client keeps all three in memory.
//! Processes that call the platform for the same app can share them through an implementation of these traits,
//! which is passed to the client builder.

mod file;
mod memory;
#[cfg(feature = "redis")]
pub mod redis;

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use secrecy::SecretString;

use crate::endpoint::Window;
pub use crate::error::StoreError;
pub use file::FileLogins;
#[cfg(feature = "redis")]
use file::{decode_login, encode_login};
pub(crate) use memory::{KeyMap, get_or_insert};
pub use memory::{MemoryLogins, MemoryWindows};

/// The boxed future that a store method returns, so that the traits work as trait objects.
pub type Pending<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// A stored token.
#[derive(Clone)]
pub struct StoredToken {
    /// The token.
    pub text: SecretString,
    /// Remaining lifetime.
    pub ttl: Duration,
}

/// Omits the token.
impl fmt::Debug for StoredToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoredToken")
            .field("left", &self.ttl)
            .finish_non_exhaustive()
    }
}

/// A store for tenant and app tokens that processes share, with a lock for fetching each token.
///
/// The client calls it when it fetches or refreshes a token, not for each call.
pub trait TokenStore: Send + Sync + 'static {
    /// Returns the token stored under this name, unless it has expired. Its `ttl` is the lifetime remaining now.
    fn load<'a>(&'a self, name: &'a str) -> Pending<'a, Result<Option<StoredToken>, StoreError>>;

    /// Stores a token under this name until it expires, replacing the previous one.
    fn save<'a>(&'a self, name: &'a str, token: &'a StoredToken) -> Pending<'a, Result<(), StoreError>>;

    /// Acquires the lock for fetching the token of this name; `None` if another process holds it. The lock is released
    /// when the lease is dropped, and expires after `ttl` if its process dies.
    fn lock<'a>(&'a self, name: &'a str, ttl: Duration) -> Pending<'a, Result<Option<Lease>, StoreError>>;
}

/// A lock that is released on drop.
#[must_use = "the lock is released when the lease is dropped"]
pub struct Lease {
    release: Option<Box<dyn FnOnce() + Send>>,
    extend: Option<ExtendLock>,
}

/// Extends a lock.
type ExtendLock = Box<dyn Fn(Duration) -> Pending<'static, Result<bool, StoreError>> + Send>;

impl Lease {
    /// Creates a lease that calls `release` when dropped. `release` must not block; long work belongs in a task.
    pub fn new(release: impl FnOnce() + Send + 'static) -> Self {
        Self {
            release: Some(Box::new(release)),
            extend: None,
        }
    }

    /// Sets the function that extends the lock to a TTL from now, and returns false if another holds it. A login store whose
    /// locks expire needs it: the client holds the lock for as long as it has a refresh token that is not saved.
    pub fn extended_by(
        mut self,
        extend: impl Fn(Duration) -> Pending<'static, Result<bool, StoreError>> + Send + 'static,
    ) -> Self {
        self.extend = Some(Box::new(extend));
        self
    }

    /// Extends the lock to this TTL from now; false if another holds it. Without a function of
    /// [`Lease::extended_by`] the lock does not expire.
    pub fn extend(&self, ttl: Duration) -> Pending<'static, Result<bool, StoreError>> {
        match &self.extend {
            Some(extend) => extend(ttl),
            None => Box::pin(async { Ok(true) }),
        }
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        if let Some(release) = self.release.take() {
            release();
        }
    }
}

impl fmt::Debug for Lease {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Lease")
    }
}

/// The key under which calls are counted: the platform's limits apply per app, tenant and endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct WindowKey<'a> {
    /// Host of the platform, with the port and the path of a custom base URL.
    pub host: &'a str,
    /// Id of the app. For a client that does not know it, a digest of the token, or of the user's name for a login.
    pub app: &'a str,
    /// Key of the tenant; empty for the only tenant of a custom app.
    pub tenant: &'a str,
    /// Id of the endpoint.
    pub endpoint: &'a str,
}

/// The result of [`WindowStore::acquire`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Admission {
    /// The call may be made now and is counted in all windows.
    Granted,
    /// The call may not be made yet and is counted in no window; retry after this duration.
    Wait(Duration),
}

/// A store for the rate-limit windows of endpoints and for delays that the platform imposes.
///
/// Each operation has a timeout of five seconds and ends with the deadline of its call. If it fails, calls of endpoints with
/// windows fail, and calls without windows are made.
///
/// The client's own is [`MemoryWindows`]. A shared store must give the same guarantee: any interval of
/// [`Window::counting_period`] contains at most `calls` calls.
pub trait WindowStore: Send + Sync + 'static {
    /// Counts a call in all these windows, or in none if a window is full or a pause is active.
    fn acquire<'a>(&'a self, key: WindowKey<'a>, windows: &'a [Window]) -> Pending<'a, Result<Admission, StoreError>>;

    /// Blocks all calls for this duration. A longer active pause remains. The client retains a pause that a store fails to
    /// save.
    fn pause<'a>(&'a self, key: WindowKey<'a>, duration: Duration) -> Pending<'a, Result<(), StoreError>>;

    /// Ends the active pause, if any.
    fn lift_pause<'a>(&'a self, key: WindowKey<'a>) -> Pending<'a, Result<(), StoreError>>;
}

/// The tokens of a user's login.
#[derive(Clone)]
pub struct StoredLogin {
    /// The user token.
    pub access_token: SecretString,
    /// Expiry of the user token.
    pub access_expires: SystemTime,
    /// The refresh token, if the user granted `offline_access`. It works once.
    pub refresh_token: Option<SecretString>,
    /// Expiry of the refresh token.
    pub refresh_expires: Option<SystemTime>,
    /// The scopes that the user granted, separated by spaces.
    pub scope: String,
}

/// Omits the tokens.
impl fmt::Debug for StoredLogin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoredLogin")
            .field("access_expires", &self.access_expires)
            .field("refresh_expires", &self.refresh_expires)
            .field("scope", &self.scope)
            .finish_non_exhaustive()
    }
}

/// A store for the logins of users. The client saves a new pair of tokens before it uses it.
///
/// Each operation has a timeout of five seconds. A save that fails is repeated until it succeeds, or until the stored login
/// is another one than the pair replaces, because the user has logged in again.
///
/// `user` is the program's own identifier of the user; the client does not interpret it.
pub trait LoginStore: Send + Sync + 'static {
    /// Returns the login of this user, if there is one.
    fn load<'a>(&'a self, user: &'a str) -> Pending<'a, Result<Option<StoredLogin>, StoreError>>;

    /// Stores the login, replacing the previous one. After `Ok` it must survive the end of the process.
    fn save<'a>(&'a self, user: &'a str, login: &'a StoredLogin) -> Pending<'a, Result<(), StoreError>>;

    /// Acquires the lock for spending this user's refresh token; `None` if another task or process holds it. The lock
    /// is released when the lease is dropped, and expires after `ttl`; the client finishes before that, or extends it ([`Lease::extended_by`]).
    fn lock<'a>(&'a self, user: &'a str, ttl: Duration) -> Pending<'a, Result<Option<Lease>, StoreError>>;
}

/// Limits the duration of an operation of a store or another source that users implement.
pub(crate) async fn with_timeout<T>(
    timeout: Duration,
    operation: Pending<'_, Result<T, StoreError>>,
) -> Result<T, StoreError> {
    match tokio::time::timeout(timeout, operation).await {
        Ok(result) => result,
        Err(_) => Err(StoreError::new(format!("no response within {timeout:?}"))),
    }
}

impl<S: TokenStore + ?Sized> TokenStore for Arc<S> {
    fn load<'a>(&'a self, name: &'a str) -> Pending<'a, Result<Option<StoredToken>, StoreError>> {
        (**self).load(name)
    }

    fn save<'a>(&'a self, name: &'a str, token: &'a StoredToken) -> Pending<'a, Result<(), StoreError>> {
        (**self).save(name, token)
    }

    fn lock<'a>(&'a self, name: &'a str, ttl: Duration) -> Pending<'a, Result<Option<Lease>, StoreError>> {
        (**self).lock(name, ttl)
    }
}

impl<S: LoginStore + ?Sized> LoginStore for Arc<S> {
    fn load<'a>(&'a self, user: &'a str) -> Pending<'a, Result<Option<StoredLogin>, StoreError>> {
        (**self).load(user)
    }

    fn save<'a>(&'a self, user: &'a str, login: &'a StoredLogin) -> Pending<'a, Result<(), StoreError>> {
        (**self).save(user, login)
    }

    fn lock<'a>(&'a self, user: &'a str, ttl: Duration) -> Pending<'a, Result<Option<Lease>, StoreError>> {
        (**self).lock(user, ttl)
    }
}

impl<S: WindowStore + ?Sized> WindowStore for Arc<S> {
    fn acquire<'a>(&'a self, key: WindowKey<'a>, windows: &'a [Window]) -> Pending<'a, Result<Admission, StoreError>> {
        (**self).acquire(key, windows)
    }

    fn pause<'a>(&'a self, key: WindowKey<'a>, duration: Duration) -> Pending<'a, Result<(), StoreError>> {
        (**self).pause(key, duration)
    }

    fn lift_pause<'a>(&'a self, key: WindowKey<'a>) -> Pending<'a, Result<(), StoreError>> {
        (**self).lift_pause(key)
    }
}
