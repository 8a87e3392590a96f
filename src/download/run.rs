//! A transfer as it runs: attempts until the file is whole or there is no hope.

use std::time::Duration;

use tokio::time::{Instant, sleep, timeout_at};

use super::attempt_error::AttemptError;
use super::byte_spans::ByteSpans;
use super::report::Report;
use super::sink::Sink;
use super::source::Source;
use super::target::Overwrite;
use super::validator::Validator;
use crate::error::{Error, ErrorKind, Result, Stopped, TransportError, Tries};
use crate::retry::Backoff;
use crate::transfer::{Progress, ProgressListener};

/// No piece is smaller unless something else is set: it must be worth a call of its own.
pub(crate) const DEFAULT_MIN_PART_SIZE: u64 = 8 * 1024 * 1024;
/// How often a file may have to come anew from its start.
const MAX_RESTARTS: u32 = 4;

/// A transfer as it runs.
pub(crate) struct Run<'a> {
    pub source: &'a dyn Source,
    pub sink: &'a mut dyn Sink,
    pub options: &'a mut Options,
    /// What is known of the file.
    pub validator: Validator,
    /// How many bytes of it are there: its beginning, unless it comes in pieces.
    pub position: u64,
    /// Which bytes are there, where it comes in pieces.
    pub there: ByteSpans,
    /// Whether they came from the start of the file in one answer.
    pub came_whole: bool,
    /// Whether what is there is of no use to the next attempt.
    pub anew: bool,
    /// Whether ranges lead to nothing here.
    pub unranged: bool,
    /// Whether the file cannot be had in pieces.
    pub undivided: bool,
    /// How often what was there had to be given up.
    pub restarts: u32,
    pub attempts: u32,
    pub resumed_from: Option<u64>,
    started: Instant,
}

impl<'a> Run<'a> {
    /// A transfer that goes on with what is there, if anything is.
    pub(crate) fn new(
        source: &'a dyn Source,
        sink: &'a mut dyn Sink,
        options: &'a mut Options,
        there: Option<(Validator, ByteSpans)>,
    ) -> Self {
        let resumed_from = there.as_ref().map(|(_, there)| there.count());
        let (validator, there) = there.unwrap_or_default();
        Self {
            source,
            sink,
            options,
            validator,
            position: there.count(),
            there,
            came_whole: false,
            anew: false,
            unranged: false,
            undivided: false,
            restarts: 0,
            attempts: 0,
            resumed_from,
            started: Instant::now(),
        }
    }

    /// Brings the file to its place, or leaves what a later transfer can go on with.
    pub(crate) async fn complete(mut self) -> Result<Report> {
        let ended = match self.deadline() {
            None => self.attempts().await,
            Some(deadline) => {
                let ended = timeout_at(deadline, self.attempts()).await;
                ended.unwrap_or_else(|_| Err(self.too_late()))
            }
        };
        let finished = match ended {
            Ok(()) => {
                let finished = self.sink.finish(&self.validator, self.position).await;
                finished.map_err(|kind| self.error(kind))
            }
            Err(error) => Err(error),
        };
        match finished {
            Ok(finished) => Ok(Report {
                path: finished.path,
                name: self.validator.name.clone(),
                bytes: self.position,
                content_type: self.validator.content_type.clone(),
                sha256: finished.sha256,
                attempts: self.attempts,
                resumed_from: self.resumed_from,
                elapsed: self.started.elapsed(),
            }),
            Err(error) => {
                let known = (self.validator != Validator::default()).then_some(&self.validator);
                self.sink.suspend(known).await;
                Err(error)
            }
        }
    }

    async fn attempts(&mut self) -> Result<()> {
        let policy = self.source.retries();
        let mut backoff = Backoff::new(policy);
        let mut waits = Vec::new();
        loop {
            self.attempts += 1;
            let (position, restarts) = (self.position, self.restarts);
            let Err(fault) = self.attempt().await else {
                return Ok(());
            };
            let begun = if self.restarts > restarts { 0 } else { position };
            let progress = self.position > begun;
            if let AttemptError::Exhausted(error) = fault {
                return Err(error);
            }
            if progress {
                backoff = Backoff::new(policy);
                waits.clear();
            }
            match self.next(&fault, &mut backoff, progress) {
                Ok(wait) => {
                    tracing::debug!(error = %fault.error(), position = self.position, ?wait, "another attempt follows");
                    waits.push(wait);
                    self.anew |= matches!(fault, AttemptError::Restart(_) | AttemptError::RangesUnsupported(_));
                    self.unranged |= matches!(fault, AttemptError::RangesUnsupported(_));
                    sleep(wait).await;
                }
                Err(stopped) => {
                    let attempts = self.attempts;
                    return Err(fault.into_error().after_all(Tries {
                        attempts,
                        waits,
                        stopped,
                    }));
                }
            }
        }
    }

    /// How long to wait before another attempt, or why there is none.
    pub(super) fn next(
        &self,
        fault: &AttemptError,
        backoff: &mut Backoff,
        progress: bool,
    ) -> Result<Duration, Option<Stopped>> {
        if matches!(fault, AttemptError::Fatal(_)) {
            return Err(None);
        }
        if self.restarts >= MAX_RESTARTS {
            return Err(Some(Stopped::Attempts));
        }
        let wait = backoff.next().ok_or(Stopped::Attempts)?;
        let wait = wait.max(fault.error().retry_after().unwrap_or_default());
        if self.ends_before(wait) {
            return Err(Some(Stopped::Deadline));
        }
        match progress || self.source.draw(fault.error()) {
            true => Ok(wait),
            false => Err(Some(Stopped::Budget)),
        }
    }

    /// Begins at the start of the file.
    pub(super) fn begin(&mut self) {
        self.position = 0;
        self.there = ByteSpans::default();
        self.resumed_from = None;
        self.anew = false;
    }

    /// Whether the wait is longer than a call may take, or the transfer would be over before its end.
    fn ends_before(&self, wait: Duration) -> bool {
        let left = |deadline: Instant| deadline.saturating_duration_since(Instant::now());
        wait >= self.source.max_backoff() || self.deadline().is_some_and(|deadline| wait >= left(deadline))
    }

    /// When the transfer is over at the latest; `None` where no clock gets there.
    fn deadline(&self) -> Option<Instant> {
        self.started.checked_add(self.options.deadline?)
    }

    fn too_late(&self) -> Error {
        let deadline = self.options.deadline.unwrap_or_default();
        self.error(ErrorKind::Transport(TransportError::timeout(
            deadline,
            "end of the file",
        )))
    }

    pub(super) fn error(&self, kind: ErrorKind) -> Error {
        Error::at(self.source.endpoint(), kind)
    }

    /// Tells whoever wants to know how far it is.
    pub(super) fn tell(&mut self) {
        if let Some(listener) = &mut self.options.listener {
            listener(Progress {
                bytes: self.position,
                total: self.validator.total,
                attempt: self.attempts,
            });
        }
    }
}

/// What a transfer was told.
pub(crate) struct Options {
    pub resume: bool,
    pub sha256: bool,
    pub overwrite: Option<Overwrite>,
    pub stall: Duration,
    /// How many pieces of the file may be under way at a time.
    pub connections: u32,
    /// How many bytes a piece has at least.
    pub min_part_size: u64,
    pub deadline: Option<Duration>,
    pub listener: Option<ProgressListener>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            resume: false,
            sha256: false,
            overwrite: None,
            stall: Duration::from_secs(30),
            connections: 1,
            min_part_size: DEFAULT_MIN_PART_SIZE,
            deadline: None,
            listener: None,
        }
    }
}
