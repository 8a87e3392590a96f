//! Logins in memory.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::{Lease, LoginStore, Pending, StoreError, StoredLogin};

/// Logins in memory: they end with the process. Cheap to clone; the clones are one store, which several clients of
/// one process may share.
#[derive(Clone, Default)]
pub struct MemoryLogins(Arc<Mutex<Held>>);

#[derive(Default)]
struct Held {
    logins: HashMap<String, StoredLogin>,
    locked: HashSet<String>,
}

impl MemoryLogins {
    /// Without logins.
    pub fn new() -> Self {
        Self::default()
    }

    /// Nothing panics with the lock held.
    fn held(&self) -> MutexGuard<'_, Held> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl LoginStore for MemoryLogins {
    fn load<'a>(&'a self, user: &'a str) -> Pending<'a, Result<Option<StoredLogin>, StoreError>> {
        Box::pin(async move { Ok(self.held().logins.get(user).cloned()) })
    }

    fn save<'a>(&'a self, user: &'a str, login: &'a StoredLogin) -> Pending<'a, Result<(), StoreError>> {
        Box::pin(async move {
            self.held().logins.insert(user.to_owned(), login.clone());
            Ok(())
        })
    }

    /// It does not end by itself: what holds it in this process gives it back even where it fails.
    fn lock<'a>(&'a self, user: &'a str, _longest: Duration) -> Pending<'a, Result<Option<Lease>, StoreError>> {
        Box::pin(async move {
            if !self.held().locked.insert(user.to_owned()) {
                return Ok(None);
            }
            let (store, user) = (self.clone(), user.to_owned());
            Ok(Some(Lease::new(move || {
                store.held().locked.remove(&user);
            })))
        })
    }
}

/// Without tokens.
impl fmt::Debug for MemoryLogins {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MemoryLogins")
    }
}
