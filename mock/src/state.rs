//! The state of a running mock server, with its clock and its apps.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use larkspur_codegen::model::{Api, AppKind};

use crate::error_code;
use crate::file::{File, sample};
use crate::login::Logins;
use crate::rate_limit::RateLimiter;
use crate::record::Records;
use crate::response::ErrorResponse;
use crate::route::Routes;
use crate::stub::{Failures, StubResponses};
use crate::task::Tasks;
use crate::temporary_link::Links;
use crate::token::{Tickets, Tokens};
use crate::upload::Uploads;

/// The configuration of a mock server and everything that its calls change.
pub(crate) struct State {
    pub(crate) api: Arc<Api>,
    pub(crate) routes: Routes,
    /// `http://127.0.0.1:port`.
    pub(crate) base_url: String,
    pub(crate) clock: Clock,
    pub(crate) apps: Apps,
    /// Whether rate limits are enforced.
    pub(crate) rate_limited: bool,
    pub(crate) tokens: Mutex<Tokens>,
    pub(crate) tickets: Mutex<Tickets>,
    /// Locked before `tokens` where both are locked.
    pub(crate) logins: Mutex<Logins>,
    pub(crate) limiter: Mutex<RateLimiter>,
    pub(crate) failures: Mutex<Failures>,
    pub(crate) stub_responses: Mutex<StubResponses>,
    pub(crate) files: Mutex<HashMap<String, File>>,
    pub(crate) links: Links,
    pub(crate) tasks: Mutex<Tasks>,
    pub(crate) uploads: Mutex<Uploads>,
    pub(crate) requests: Mutex<Records>,
    pub(crate) response_count: AtomicU64,
}

impl State {
    /// Returns the file stored for a token, else its sample file.
    pub(crate) fn file(&self, endpoint: &str, token: &str) -> File {
        let stored = lock(&self.files).get(token).cloned();
        stored.unwrap_or_else(|| sample(endpoint, token))
    }

    /// Returns a new log id in the platform's format.
    pub(crate) fn next_log_id(&self) -> String {
        let number = self.response_count.fetch_add(1, Ordering::Relaxed);
        format!("20260101000000{number:020X}")
    }
}

/// Locks a mutex, also if a thread panicked while holding it.
///
/// The data behind every lock of this crate is consistent at each step, so a poisoned lock is safe to use.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The clock of tokens, rate limits and links, as time since the start of the mock server.
#[derive(Debug)]
pub(crate) struct Clock {
    started: Instant,
    stopped: bool,
    advanced: Mutex<Duration>,
}

impl Clock {
    /// Creates a clock that runs, or one that only [`Clock::advance`] moves.
    pub(crate) fn new(stopped: bool) -> Self {
        Self {
            started: Instant::now(),
            stopped,
            advanced: Mutex::new(Duration::ZERO),
        }
    }

    /// Returns the time since the start of the mock server.
    pub(crate) fn now(&self) -> Duration {
        let elapsed = if self.stopped {
            Duration::ZERO
        } else {
            self.started.elapsed()
        };
        elapsed.saturating_add(*lock(&self.advanced))
    }

    /// Advances the clock.
    pub(crate) fn advance(&self, by: Duration) {
        let mut advanced = lock(&self.advanced);
        *advanced = advanced.saturating_add(by);
    }
}

/// An app that the mock server accepts.
#[derive(Clone)]
pub(crate) struct App {
    pub(crate) secret: String,
    pub(crate) kind: AppKind,
}

/// The apps by id.
pub(crate) struct Apps(HashMap<String, App>);

impl Apps {
    /// Creates the set of accepted apps.
    pub(crate) fn new(apps: HashMap<String, App>) -> Self {
        Self(apps)
    }

    /// Returns the app with this id, of any kind.
    pub(crate) fn get(&self, id: &str) -> Option<&App> {
        self.0.get(id)
    }

    /// Checks id, secret and kind of an app. An app of another kind is refused with `wrong_kind_code`.
    pub(crate) fn authenticate(
        &self,
        id: &str,
        secret: &str,
        kind: AppKind,
        wrong_kind_code: i64,
    ) -> Result<(), ErrorResponse> {
        match self.get(id) {
            None => Err(ErrorResponse::common(error_code::APP_PARAMETER)),
            Some(app) if app.secret != secret => Err(ErrorResponse::common(error_code::APP_SECRET)),
            Some(app) if app.kind != kind => Err(ErrorResponse::common(wrong_kind_code)),
            Some(_) => Ok(()),
        }
    }
}
