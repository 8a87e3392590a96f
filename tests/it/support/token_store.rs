//! A store of tokens that clients of one test share, as processes share Redis.
#![allow(dead_code)] // Each test file uses a part of it.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use larkspur::store::{Lease, Pending, StoreError, StoredToken, TokenStore};
use tokio::time::Instant;

/// How the store behaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Mood {
    #[default]
    Works,
    Fails,
    Hangs,
}

#[derive(Clone, Default)]
pub struct Tokens(Arc<Mutex<Held>>);

#[derive(Default)]
struct Held {
    mood: Mood,
    tokens: HashMap<String, (StoredToken, Instant)>,
    locked: HashSet<String>,
}

impl Tokens {
    pub fn mood(&self, mood: Mood) {
        self.0.lock().unwrap().mood = mood;
    }

    /// The keys of the stored tokens.
    pub fn names(&self) -> Vec<String> {
        self.0.lock().unwrap().tokens.keys().cloned().collect()
    }

    /// Locks everything there is, as a process that hangs does.
    pub fn lock_all(&self) {
        let mut held = self.0.lock().unwrap();
        held.locked = held.tokens.keys().cloned().collect();
    }

    async fn answer<T>(&self, work: impl FnOnce(&mut Held) -> T + Send) -> Result<T, StoreError> {
        let mood = self.0.lock().unwrap().mood;
        tokio::task::yield_now().await;
        match mood {
            Mood::Works => Ok(work(&mut self.0.lock().unwrap())),
            Mood::Fails => Err(StoreError::new("the store is unavailable")),
            Mood::Hangs => std::future::pending().await,
        }
    }
}

impl TokenStore for Tokens {
    fn load<'a>(&'a self, name: &'a str) -> Pending<'a, Result<Option<StoredToken>, StoreError>> {
        Box::pin(self.answer(|held| {
            let (token, saved_at) = held.tokens.get(name)?.clone();
            let ttl = token.ttl.checked_sub(saved_at.elapsed())?;
            Some(StoredToken { ttl, ..token })
        }))
    }

    fn save<'a>(&'a self, name: &'a str, token: &'a StoredToken) -> Pending<'a, Result<(), StoreError>> {
        Box::pin(self.answer(|held| {
            held.tokens.insert(name.to_owned(), (token.clone(), Instant::now()));
        }))
    }

    fn lock<'a>(&'a self, name: &'a str, _longest: Duration) -> Pending<'a, Result<Option<Lease>, StoreError>> {
        Box::pin(self.answer(|held| {
            if !held.locked.insert(name.to_owned()) {
                return None;
            }
            let (store, name) = (self.clone(), name.to_owned());
            Some(Lease::new(move || {
                store.0.lock().unwrap().locked.remove(&name);
            }))
        }))
    }
}
