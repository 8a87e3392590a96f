//! Everything that a running mock knows.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use larkspur_codegen::model::Api;

use crate::app::Apps;
use crate::clock::Clock;
use crate::failure::Failures;
use crate::file::File;
use crate::limit::Limiter;
use crate::link::Links;
use crate::logins::Logins;
use crate::progress::Progress;
use crate::record::Records;
use crate::reply::Replies;
use crate::route::Routes;
use crate::sample::sample;
use crate::sync::lock;
use crate::ticket::Tickets;
use crate::token::Tokens;
use crate::uploads::Uploads;

/// What the mock was started with, and what has happened since.
pub(crate) struct State {
    pub(crate) api: Arc<Api>,
    pub(crate) routes: Routes,
    /// `http://127.0.0.1:port`.
    pub(crate) base_url: String,
    pub(crate) clock: Clock,
    pub(crate) apps: Apps,
    /// Whether rate windows are enforced.
    pub(crate) limited: bool,
    pub(crate) tokens: Mutex<Tokens>,
    pub(crate) tickets: Mutex<Tickets>,
    /// Locked before `tokens` where both are.
    pub(crate) logins: Mutex<Logins>,
    pub(crate) limiter: Mutex<Limiter>,
    pub(crate) failures: Mutex<Failures>,
    pub(crate) replies: Mutex<Replies>,
    pub(crate) files: Mutex<HashMap<String, File>>,
    pub(crate) links: Links,
    pub(crate) progress: Mutex<Progress>,
    pub(crate) uploads: Mutex<Uploads>,
    pub(crate) requests: Mutex<Records>,
    pub(crate) answered: AtomicU64,
}

impl State {
    /// The file that a test put for a token, else the sample.
    pub(crate) fn file(&self, endpoint: &str, token: &str) -> File {
        let put = lock(&self.files).get(token).cloned();
        put.unwrap_or_else(|| sample(endpoint, token))
    }

    /// An id for the next answer, of the platform's shape.
    pub(crate) fn log_id(&self) -> String {
        let number = self.answered.fetch_add(1, Ordering::Relaxed);
        format!("20260101000000{number:020X}")
    }
}
