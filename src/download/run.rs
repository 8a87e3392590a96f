//! The loop of attempts until a file is complete, and the outcome of a failed attempt.

use std::time::Duration;

use tokio::time::{Instant, sleep, timeout_at};

use super::Report;
use super::byte_spans::ByteSpans;
use super::sink::Sink;
use super::source::Source;
use super::target::Overwrite;
use super::validator::Validator;
use crate::call::Opened;
use crate::endpoint::EndpointInfo;
use crate::error::{DecodeError, DownloadError, Error, ErrorKind, Result, Stopped, TransportError, Tries};
use crate::retry::Backoff;
use crate::transfer::{Progress, ProgressListener};

/// The default of [`Download::min_part_size`](super::Download::min_part_size): large enough to be worth a call.
pub(crate) const DEFAULT_MIN_PART_SIZE: u64 = 8 * 1024 * 1024;
const DEFAULT_STALL: Duration = Duration::from_secs(30);
/// The maximum number of restarts from the beginning of the file.
const MAX_RESTARTS: u32 = 4;

/// The options of a download.
pub(crate) struct Options {
    pub resume: bool,
    /// Whether a failed download leaves no partial file.
    pub temporary: bool,
    pub sha256: bool,
    pub overwrite: Option<Overwrite>,
    pub stall: Duration,
    /// The maximum number of parts that are downloaded at a time.
    pub connections: u32,
    /// The minimum size of a part in bytes.
    pub min_part_size: u64,
    pub deadline: Option<Duration>,
    pub listener: Option<ProgressListener>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            resume: false,
            temporary: false,
            sha256: false,
            overwrite: None,
            stall: DEFAULT_STALL,
            connections: 1,
            min_part_size: DEFAULT_MIN_PART_SIZE,
            deadline: None,
            listener: None,
        }
    }
}

/// A running download.
pub(crate) struct Run<'a> {
    pub source: &'a dyn Source,
    pub sink: &'a mut dyn Sink,
    pub options: &'a mut Options,
    /// The validators of the version that is downloaded.
    pub validator: Validator,
    /// The number of bytes that are present. Without parallel parts, they are the beginning of the file.
    pub position: u64,
    /// The present bytes, with parallel parts.
    pub present: ByteSpans,
    /// Whether the present bytes are from one response for the complete file.
    pub from_full_response: bool,
    /// Whether the next attempt restarts from the beginning.
    pub restart: bool,
    /// Whether an attempt showed that range requests do not work for this file.
    pub ranges_unsupported: bool,
    /// Whether an attempt showed that parallel parts do not work for this file.
    pub parts_unsupported: bool,
    /// The number of times that present bytes were discarded.
    pub restarts: u32,
    pub attempts: u32,
    pub resumed_from: Option<u64>,
    started: Instant,
}

impl<'a> Run<'a> {
    /// Creates a run that resumes after the present bytes, if any.
    pub(crate) fn new(
        source: &'a dyn Source,
        sink: &'a mut dyn Sink,
        options: &'a mut Options,
        resume_point: Option<(Validator, ByteSpans)>,
    ) -> Self {
        let resumed_from = resume_point.as_ref().map(|(_, present)| present.count());
        let (validator, present) = resume_point.unwrap_or_default();
        Self {
            source,
            sink,
            options,
            validator,
            position: present.count(),
            present,
            from_full_response: false,
            restart: false,
            ranges_unsupported: false,
            parts_unsupported: false,
            restarts: 0,
            attempts: 0,
            resumed_from,
            started: Instant::now(),
        }
    }

    /// Downloads the file and finishes the sink, or suspends the sink and returns the error.
    pub(crate) async fn complete(mut self) -> Result<Report> {
        let downloaded = match self.deadline() {
            None => self.run_attempts().await,
            Some(deadline) => {
                let downloaded = timeout_at(deadline, self.run_attempts()).await;
                downloaded.unwrap_or_else(|_| Err(self.deadline_error()))
            }
        };
        let finished = match downloaded {
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
                attempts: self.total_attempts(),
                resumed_from: self.resumed_from,
                elapsed: self.started.elapsed(),
            }),
            Err(error) => {
                let validator = (self.validator != Validator::default()).then_some(&self.validator);
                self.sink.suspend(validator).await;
                Err(error)
            }
        }
    }

    async fn run_attempts(&mut self) -> Result<()> {
        let policy = self.source.retry_policy();
        let mut backoff = Backoff::new(policy);
        let mut waits = Vec::new();
        // The error of the first request if its fallbacks are made.
        let mut refused: Option<Error> = None;
        let mut fallbacks = 0;
        loop {
            self.attempts += 1;
            let (position, restarts) = (self.position, self.restarts);
            let Err(failure) = self.attempt().await else {
                return Ok(());
            };
            let start = if self.restarts > restarts { 0 } else { position };
            let progress = self.position > start;
            if let AttemptError::Exhausted(error) = failure {
                return Err(error);
            }
            if failure.is_forbidden() && self.source.use_fallback() {
                fallbacks += 1;
                refused.get_or_insert_with(|| failure.into_error());
                continue;
            }
            if progress {
                backoff = Backoff::new(policy);
                waits.clear();
            }
            match self.next_wait(&failure, &mut backoff, progress) {
                Ok(wait) => {
                    tracing::debug!(error = %failure.error(), position = self.position, ?wait, "retrying the download");
                    waits.push(wait);
                    self.restart |= matches!(failure, AttemptError::Restart(_) | AttemptError::RangesUnsupported(_));
                    self.ranges_unsupported |= matches!(failure, AttemptError::RangesUnsupported(_));
                    sleep(wait).await;
                }
                Err(stopped) => {
                    // A fallback may be refused in its own way; the first refusal is about the file.
                    let is_refused = matches!(failure, AttemptError::Fatal(_));
                    let error = refused.filter(|_| is_refused).unwrap_or_else(|| failure.into_error());
                    return Err(error.after_all(Tries {
                        attempts: self.total_attempts(),
                        waits,
                        stopped,
                        fallbacks,
                    }));
                }
            }
        }
    }

    /// Returns the number of attempts, with those within a call.
    pub(super) fn total_attempts(&self) -> u32 {
        self.attempts + self.source.additional_attempts()
    }

    /// Returns the wait before the next attempt, or the reason for no further attempt.
    pub(super) fn next_wait(
        &self,
        failure: &AttemptError,
        backoff: &mut Backoff,
        progress: bool,
    ) -> Result<Duration, Option<Stopped>> {
        if matches!(failure, AttemptError::Fatal(_)) {
            return Err(None);
        }
        if self.restarts >= MAX_RESTARTS {
            return Err(Some(Stopped::Attempts));
        }
        let wait = backoff.next().ok_or(Stopped::Attempts)?;
        let wait = wait.max(failure.error().retry_after().unwrap_or_default());
        if self.exceeds_deadline(wait) {
            return Err(Some(Stopped::Deadline));
        }
        if progress || self.source.draw_retry(failure.error()) {
            Ok(wait)
        } else {
            Err(Some(Stopped::Budget))
        }
    }

    /// Resets the state to the beginning of the file.
    pub(super) fn reset(&mut self) {
        self.position = 0;
        self.present = ByteSpans::default();
        self.resumed_from = None;
        self.restart = false;
    }

    /// Returns whether the wait exceeds the deadline of a call or of the download.
    fn exceeds_deadline(&self, wait: Duration) -> bool {
        let left = |deadline: Instant| deadline.saturating_duration_since(Instant::now());
        wait >= self.source.max_backoff() || self.deadline().is_some_and(|deadline| wait >= left(deadline))
    }

    /// Returns the deadline of the download, or `None` if it is unset or exceeds the clock.
    fn deadline(&self) -> Option<Instant> {
        self.started.checked_add(self.options.deadline?)
    }

    fn deadline_error(&self) -> Error {
        let deadline = self.options.deadline.unwrap_or_default();
        self.error(ErrorKind::Transport(TransportError::timeout(
            deadline,
            "end of the file",
        )))
    }

    pub(super) fn error(&self, kind: ErrorKind) -> Error {
        Error::at(self.source.endpoint(), kind)
    }

    pub(super) fn report_progress(&mut self) {
        let attempt = self.total_attempts();
        if let Some(listener) = &mut self.options.listener {
            listener(Progress {
                bytes: self.position,
                total: self.validator.total,
                attempt,
            });
        }
    }
}

/// A failed attempt, classified by what the download does next.
pub(crate) enum AttemptError {
    /// Fails the download.
    Fatal(Error),
    /// Fails the download; the error already contains the retries.
    Exhausted(Error),
    /// The next attempt resumes after the received bytes.
    Retryable(Error),
    /// The received bytes are unusable, and the next attempt restarts from the beginning.
    Restart(Error),
    /// As `Restart`, and ranges are not requested any more.
    RangesUnsupported(Error),
}

impl AttemptError {
    /// A call without a usable response. `ranged` is whether it requested a part of a file, of which another part was received.
    ///
    /// A page of a gateway in place of a part may be gone at the next attempt. An error of the platform in place of a part may
    /// be about the range: the complete file is requested then, whose response decides.
    pub(crate) fn from_call(error: Error, ranged: bool) -> Self {
        let is_page = matches!(error.kind(), ErrorKind::Download(DownloadError::ForeignPage { .. }));
        let may_be_about_range = error.api_error().is_some() && !error.is_auth() && !error.is_not_found();
        if error.is_retryable() || ranged && is_page {
            Self::Retryable(error)
        } else if ranged && may_be_about_range {
            Self::RangesUnsupported(error)
        } else {
            Self::Fatal(error)
        }
    }

    /// A response that ended early.
    pub(crate) fn interrupted(endpoint: &'static EndpointInfo, error: TransportError) -> Self {
        Self::Retryable(Error::at(endpoint, ErrorKind::Transport(error)))
    }

    /// A response for another version of the file.
    pub(crate) fn file_changed(endpoint: &'static EndpointInfo, reason: &'static str) -> Self {
        Self::Restart(Error::at(
            endpoint,
            ErrorKind::Download(DownloadError::Changed { what: reason }),
        ))
    }

    /// Returns whether the platform refuses the request, whatever its range.
    fn is_forbidden(&self) -> bool {
        match self {
            Self::Fatal(error) | Self::RangesUnsupported(error) => error.status() == Some(403) && !error.is_auth(),
            _ => false,
        }
    }

    pub(crate) fn error(&self) -> &Error {
        match self {
            Self::Fatal(error)
            | Self::Exhausted(error)
            | Self::Retryable(error)
            | Self::Restart(error)
            | Self::RangesUnsupported(error) => error,
        }
    }

    pub(crate) fn into_error(self) -> Error {
        match self {
            Self::Fatal(error)
            | Self::Exhausted(error)
            | Self::Retryable(error)
            | Self::Restart(error)
            | Self::RangesUnsupported(error) => error,
        }
    }
}

/// The error for an unexpected status.
pub(crate) fn unexpected_status(endpoint: &'static EndpointInfo, opened: &Opened) -> Error {
    let error = DecodeError {
        status: opened.status.as_u16(),
        path: String::new(),
        problem: "expected a file (HTTP 200) or the requested range (HTTP 206)".to_owned(),
        log_id: opened.log_id.clone(),
    };
    Error::at(endpoint, ErrorKind::Decode(error))
}
