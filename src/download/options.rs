//! What a transfer was told.

use std::time::Duration;

use super::pieces;
use super::place::Overwrite;
use super::progress::Listener;

/// What a transfer was told.
pub(crate) struct Options {
    pub resume: bool,
    pub sha256: bool,
    pub overwrite: Option<Overwrite>,
    pub stall: Duration,
    /// How many pieces of the file may be under way at a time.
    pub connections: u32,
    /// How many bytes a piece has at least.
    pub smallest_piece: u64,
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
            connections: 1,
            smallest_piece: pieces::SMALLEST,
            deadline: None,
            listener: None,
        }
    }
}
