//! A login store that fails, is slow or stops on demand.
#![allow(dead_code)] // Each test file uses a part of it.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use larkspur::store::{Lease, LoginStore, MemoryLogins, Pending, StoreError, StoredLogin};

/// What happens before a step of a store is taken: nothing, or the process ends there.
pub type Before = Arc<dyn Fn(Step) -> Pending<'static, ()> + Send + Sync>;

/// A step of a store, and whether it has been taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    Load,
    Lock,
    Locked,
    Save,
    Saved,
}

/// The store of one process: what is behind it is shared with others.
#[derive(Clone)]
pub struct Steps {
    pub behind: MemoryLogins,
    pub before: Before,
    pub failing: Arc<AtomicBool>,
    pub saves: Arc<AtomicUsize>,
}

impl Steps {
    pub fn new(behind: &MemoryLogins) -> Self {
        Self::with(behind, Arc::new(|_| Box::pin(async {})))
    }

    pub fn with(behind: &MemoryLogins, before: Before) -> Self {
        Self {
            behind: behind.clone(),
            before,
            failing: Arc::default(),
            saves: Arc::default(),
        }
    }

    pub fn fail(&self, fails: bool) {
        self.failing.store(fails, Ordering::SeqCst);
    }
}

impl LoginStore for Steps {
    fn load<'a>(&'a self, user: &'a str) -> Pending<'a, Result<Option<StoredLogin>, StoreError>> {
        Box::pin(async move {
            (self.before)(Step::Load).await;
            self.behind.load(user).await
        })
    }

    fn save<'a>(&'a self, user: &'a str, login: &'a StoredLogin) -> Pending<'a, Result<(), StoreError>> {
        Box::pin(async move {
            (self.before)(Step::Save).await;
            self.saves.fetch_add(1, Ordering::SeqCst);
            if self.failing.load(Ordering::SeqCst) {
                return Err(StoreError::new("the disk is full"));
            }
            self.behind.save(user, login).await?;
            (self.before)(Step::Saved).await;
            Ok(())
        })
    }

    fn lock<'a>(&'a self, user: &'a str, longest: Duration) -> Pending<'a, Result<Option<Lease>, StoreError>> {
        Box::pin(async move {
            (self.before)(Step::Lock).await;
            let lease = self.behind.lock(user, longest).await?;
            if lease.is_some() {
                (self.before)(Step::Locked).await;
            }
            Ok(lease)
        })
    }
}

/// Makes the saved user token one that has ended; the refresh token is still good.
pub async fn expire(store: &impl LoginStore, user: &str) {
    let mut login = store.load(user).await.unwrap().unwrap();
    login.access_expires = SystemTime::UNIX_EPOCH;
    store.save(user, &login).await.unwrap();
}

/// What happened, in its order.
#[derive(Clone, Default)]
pub struct Journal(Arc<Mutex<Vec<String>>>);

impl Journal {
    pub fn write(&self, line: impl Into<String>) {
        self.0.lock().unwrap().push(line.into());
    }

    pub fn lines(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }
}
