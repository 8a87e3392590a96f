//! What is told of a call while it goes on: to its span, to hooks, and in its error.

use std::fmt;
use std::time::Duration;

use reqwest::Response;
use tokio::time::Instant;
use tracing::Span;
use tracing::field::Empty;

use super::failure;
use super::request::Outgoing;
use crate::endpoint::EndpointInfo;
use crate::error::{Error, Result, Stopped, Tries};
use crate::interceptor::{Answered, Ended, Hooks, Outcome};

/// What is told of a call while it goes on. Where the call is dropped before its end, that is told as well.
pub(super) struct Watch<'a> {
    endpoint: &'static EndpointInfo,
    hooks: &'a Hooks,
    span: Span,
    began: Instant,
    sent: Instant,
    tries: Tries,
    waited: Duration,
    /// Of the last answer; without one where none came.
    status: Option<u16>,
    log_id: Option<String>,
    ended: bool,
}

impl<'a> Watch<'a> {
    pub(super) fn new(endpoint: &'static EndpointInfo, hooks: &'a Hooks, now: Instant) -> Self {
        Self {
            endpoint,
            hooks,
            span: span(endpoint),
            began: now,
            sent: now,
            tries: Tries::default(),
            waited: Duration::ZERO,
            status: None,
            log_id: None,
            ended: false,
        }
    }

    pub(super) fn span(&self) -> &Span {
        &self.span
    }

    /// How many attempts were sent.
    pub(super) fn attempts(&self) -> u32 {
        self.tries.attempts
    }

    /// An attempt is sent.
    pub(super) fn sent(&mut self) {
        self.tries.attempts += 1;
        self.sent = Instant::now();
        self.status = None;
        self.log_id = None;
    }

    /// The head of the answer to this has come.
    pub(super) fn answered(&mut self, response: &mut Response, outgoing: &Outgoing<'_>) {
        let status = response.status().as_u16();
        if !self.hooks.is_empty() {
            self.hooks.answered(&mut Answered {
                endpoint: self.endpoint,
                attempt: self.tries.attempts,
                status,
                headers: response.headers_mut(),
                elapsed: self.sent.elapsed(),
            });
        }
        self.status = Some(status);
        if !self.span.is_disabled() {
            self.log_id = failure::log_id(response.headers(), &outgoing.scrubber());
        }
    }

    /// The call has waited.
    pub(super) fn waited(&mut self, duration: Duration) {
        self.waited += duration;
    }

    /// There will be another attempt, after a wait of at least this.
    pub(super) fn will_wait(&mut self, wait: Duration) {
        self.tries.waits.push(wait);
    }

    /// There will be no other attempt.
    pub(super) fn stopped(&mut self, why: Option<Stopped>) {
        self.tries.stopped = why;
        // A wait counts by the attempt that came after it.
        let followed = self.tries.attempts.saturating_sub(1);
        self.tries
            .waits
            .truncate(usize::try_from(followed).unwrap_or(usize::MAX));
    }

    /// An attempt failed with this, and another will follow.
    pub(super) fn again(&self, error: &Error) {
        tracing::debug!(
            attempt = self.tries.attempts,
            status = self.status,
            code = error.code(),
            log_id = self.log_id,
            elapsed_ms = milliseconds(self.sent.elapsed()),
            wait_ms = self.tries.waits.last().copied().map(milliseconds),
            error = %FirstLine(error),
            "trying again"
        );
    }

    /// The call is over. Gives its result, with what was tried if it is an error.
    pub(super) fn end<T>(&mut self, result: Result<T>) -> Result<T> {
        // A wait that no attempt came after is not one between attempts.
        let between = self.tries.attempts.saturating_sub(1);
        self.tries
            .waits
            .truncate(usize::try_from(between).unwrap_or(usize::MAX));
        let tries = &self.tries;
        let result = result.map_err(|error| error.after(tries.clone()));
        self.tell(match &result {
            Ok(_) => Outcome::Done,
            Err(error) => Outcome::Failed(error),
        });
        result
    }

    fn tell(&mut self, outcome: Outcome<'_>) {
        self.ended = true;
        if !self.span.is_disabled() {
            self.record(outcome);
        }
        if !self.hooks.is_empty() {
            self.hooks.ended(&Ended {
                endpoint: self.endpoint,
                outcome,
                attempts: self.tries.attempts,
                waited: self.waited,
                elapsed: self.began.elapsed(),
            });
        }
    }

    /// Fills the span in, and tells of the last attempt.
    fn record(&self, outcome: Outcome<'_>) {
        let attempt = self.tries.attempts;
        self.span.record("attempt", attempt);
        self.span.record("waited_ms", milliseconds(self.waited));
        self.span.record("status", self.status);
        self.span.record("log_id", self.log_id.as_deref());
        let elapsed_ms = milliseconds(self.sent.elapsed());
        match outcome {
            Outcome::Done => tracing::debug!(parent: &self.span, attempt, elapsed_ms, "answered"),
            Outcome::Dropped => tracing::debug!(parent: &self.span, attempt, elapsed_ms, "dropped"),
            Outcome::Failed(error) => {
                self.span.record("code", error.code());
                tracing::debug!(parent: &self.span, attempt, elapsed_ms, error = %FirstLine(error), "failed");
            }
        }
    }
}

impl Drop for Watch<'_> {
    fn drop(&mut self) {
        if !self.ended {
            self.tell(Outcome::Dropped);
        }
    }
}

/// What an error says in its first line: what happened. The others, with what helps, would tear a log apart.
struct FirstLine<'a>(&'a Error);

impl fmt::Display for FirstLine<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.0.to_string();
        f.write_str(text.lines().next().unwrap_or_default())
    }
}

/// A span of one call; what is empty is filled in when it ends.
fn span(endpoint: &EndpointInfo) -> Span {
    tracing::debug_span!(
        "larkspur.call",
        endpoint = endpoint.id,
        attempt = Empty,
        waited_ms = Empty,
        status = Empty,
        code = Empty,
        log_id = Empty,
    )
}

fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
