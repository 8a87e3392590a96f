//! Logins of users, which must outlive the process and be spent once.

use std::fmt;
use std::time::{Duration, SystemTime};

use secrecy::SecretString;

use super::{Lease, Pending, StoreError};

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
