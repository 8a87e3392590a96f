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

/// What a method of a store gives: a future without a name of its own, so that a trait object can give it.
pub type Pending<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

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

/// What a user's login gave: a token to call with, and where the user allowed it one to get the next pair with.
#[derive(Clone)]
pub struct StoredLogin {
    /// The user token.
    pub access_token: SecretString,
    /// When the user token expires.
    pub access_expires: SystemTime,
    /// What the next pair is got with. It works once.
    pub refresh_token: Option<SecretString>,
    /// When the refresh token expires.
    pub refresh_expires: Option<SystemTime>,
    /// The scopes that the user consented to, separated by spaces.
    pub scope: String,
}

/// Without tokens.
impl fmt::Debug for StoredLogin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoredLogin")
            .field("access_expires", &self.access_expires)
            .field("refresh_expires", &self.refresh_expires)
            .field("scope", &self.scope)
            .finish_non_exhaustive()
    }
}

/// Where a user's login is kept. The client saves a new pair before it uses it.
///
/// `user` is whatever the program calls its users; the client does not look into it.
pub trait LoginStore: Send + Sync + 'static {
    /// The login of this user, if there is one.
    fn load<'a>(&'a self, user: &'a str) -> Pending<'a, Result<Option<StoredLogin>, StoreError>>;

    /// Keeps the login in place of the one before. Once this has given `Ok`, it must survive the end of the process.
    fn save<'a>(&'a self, user: &'a str, login: &'a StoredLogin) -> Pending<'a, Result<(), StoreError>>;

    /// The right to spend this user's refresh token; `None` where another task or process has it. It ends when the
    /// lease is dropped, and after `longest` by itself; the client is done with the token before that.
    fn lock<'a>(&'a self, user: &'a str, longest: Duration) -> Pending<'a, Result<Option<Lease>, StoreError>>;
}

impl<S: TokenStore + ?Sized> TokenStore for Arc<S> {
    fn load<'a>(&'a self, name: &'a str) -> Pending<'a, Result<Option<StoredToken>, StoreError>> {
        (**self).load(name)
    }

    fn save<'a>(&'a self, name: &'a str, token: &'a StoredToken) -> Pending<'a, Result<(), StoreError>> {
        (**self).save(name, token)
    }

    fn lock<'a>(&'a self, name: &'a str, longest: Duration) -> Pending<'a, Result<Option<Lease>, StoreError>> {
        (**self).lock(name, longest)
    }
}

impl<S: LoginStore + ?Sized> LoginStore for Arc<S> {
    fn load<'a>(&'a self, user: &'a str) -> Pending<'a, Result<Option<StoredLogin>, StoreError>> {
        (**self).load(user)
    }

    fn save<'a>(&'a self, user: &'a str, login: &'a StoredLogin) -> Pending<'a, Result<(), StoreError>> {
        (**self).save(user, login)
    }

    fn lock<'a>(&'a self, user: &'a str, longest: Duration) -> Pending<'a, Result<Option<Lease>, StoreError>> {
        (**self).lock(user, longest)
    }
}

impl<S: WindowStore + ?Sized> WindowStore for Arc<S> {
    fn take<'a>(&'a self, key: WindowKey<'a>, windows: &'a [Window]) -> Pending<'a, Result<Taken, StoreError>> {
        (**self).take(key, windows)
    }

    fn pause<'a>(&'a self, key: WindowKey<'a>, duration: Duration) -> Pending<'a, Result<(), StoreError>> {
        (**self).pause(key, duration)
    }
}
