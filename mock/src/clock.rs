//! The time that tokens, limits and links go by. A test can stop it and move it on.

use std::sync::Mutex;
use std::time::{Duration, Instant};

use crate::sync::lock;

/// Time since the mock was started.
#[derive(Debug)]
pub(crate) struct Clock {
    started: Instant,
    stopped: bool,
    moved: Mutex<Duration>,
}

impl Clock {
    /// A clock that runs with the machine's, or stands still until it is moved.
    pub(crate) fn new(stopped: bool) -> Self {
        Self {
            started: Instant::now(),
            stopped,
            moved: Mutex::new(Duration::ZERO),
        }
    }

    /// How long ago the mock was started.
    pub(crate) fn now(&self) -> Duration {
        let ran = if self.stopped {
            Duration::ZERO
        } else {
            self.started.elapsed()
        };
        ran.saturating_add(*lock(&self.moved))
    }

    /// Moves the clock on.
    pub(crate) fn advance(&self, by: Duration) {
        let mut moved = lock(&self.moved);
        *moved = moved.saturating_add(by);
    }
}
