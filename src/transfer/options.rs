//! What a transfer was told.

use std::time::Duration;

use super::place::Overwrite;
use super::progress::Listener;

/// What a transfer was told.
pub(crate) struct Options {
    pub resume: bool,
    pub sha256: bool,
    pub overwrite: Option<Overwrite>,
    pub stall: Duration,
    pub deadline: Option<Duration>,
    pub listener: Option<Listener>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            resume: false,
            sha256: false,
            overwrite: None,
            stall: Duration::from_secs(30),
            deadline: None,
            listener: None,
        }
    }
}
