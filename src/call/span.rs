//! The tracing span of a call, the events for interceptors, and the attempts for its error.

use std::time::Duration;

use reqwest::Response;
use tokio::time::Instant;
use tracing::Span;
use tracing::field::Empty;

use super::envelope;
use super::request::Outgoing;
use crate::endpoint::EndpointInfo;
use crate::error::{Error, Result, Stopped, Tries};
use crate::interceptor::{CallEvent, Interceptors, Outcome, ResponseEvent};

/// The state that a call reports. Dropping it before the end reports the call as dropped.
pub(super) struct CallSpan<'a> {
    endpoint: &'static EndpointInfo,
    interceptors: &'a Interceptors,
    span: Span,
    began: Instant,
    sent: Instant,
    tries: Tries,
    waited: Duration,
    /// Status of the last attempt's response.
    status: Option<u16>,
    log_id: Option<String>,
    /// Whether the last attempt's response is HTTP 5xx without the platform's log id.
    is_foreign: bool,
    ended: bool,
}

impl<'a> CallSpan<'a> {
    pub(super) fn new(endpoint: &'static EndpointInfo, interceptors: &'a Interceptors, now: Instant) -> Self {
        Self {
            endpoint,
            interceptors,
            span: span(endpoint),
            began: now,
            sent: now,
            tries: Tries::default(),
            waited: Duration::ZERO,
            status: None,
            log_id: None,
            is_foreign: false,
            ended: false,
        }
    }

    pub(super) fn span(&self) -> &Span {
        &self.span
    }

    /// Returns the number of attempts sent.
    pub(super) fn attempts(&self) -> u32 {
        self.tries.attempts
    }

    /// Returns whether the response to the last attempt is HTTP 5xx without the platform's log id.
    pub(super) fn is_foreign_failure(&self) -> bool {
        self.is_foreign
    }

    /// Records that an attempt is sent.
    pub(super) fn sent(&mut self, now: Instant) {
        self.tries.attempts += 1;
        self.sent = now;
        self.status = None;
        self.log_id = None;
        self.is_foreign = false;
    }

    /// Records the head of a response.
    pub(super) fn received(&mut self, response: &mut Response, outgoing: &Outgoing<'_>) {
        let status = response.status().as_u16();
        if !self.interceptors.is_empty() {
            self.interceptors.on_response(&mut ResponseEvent {
                endpoint: self.endpoint,
                attempt: self.tries.attempts,
                status,
                headers: response.headers_mut(),
                elapsed: self.sent.elapsed(),
            });
        }
        self.status = Some(status);
        self.is_foreign = status >= 500 && !response.headers().contains_key(envelope::LOG_ID);
        if !self.span.is_disabled() {
            self.log_id = envelope::log_id(response.headers(), &outgoing.scrubber());
        }
    }

    /// Adds time that the call waited.
    pub(super) fn waited(&mut self, duration: Duration) {
        self.waited += duration;
    }

    /// Records the delay before the next attempt.
    pub(super) fn will_wait(&mut self, wait: Duration) {
        self.tries.waits.push(wait);
    }

    /// Records that there is no further attempt.
    pub(super) fn stopped(&mut self, why: Option<Stopped>) {
        self.tries.stopped = why;
        // A delay counts only if an attempt followed.
        let followed = self.tries.attempts.saturating_sub(1);
        self.tries
            .waits
            .truncate(usize::try_from(followed).unwrap_or(usize::MAX));
    }

    /// Logs a failed attempt that is retried.
    pub(super) fn log_retry(&self, error: &Error) {
        tracing::debug!(
            attempt = self.tries.attempts,
            status = self.status,
            code = error.code(),
            log_id = self.log_id,
            elapsed_ms = milliseconds(self.sent.elapsed()),
            wait_ms = self.tries.waits.last().copied().map(milliseconds),
            error = %error,
            "retrying"
        );
    }

    /// Ends the call and adds its attempts to an error.
    pub(super) fn end<T>(&mut self, result: Result<T>) -> Result<T> {
        // A delay counts only if an attempt followed.
        let between = self.tries.attempts.saturating_sub(1);
        self.tries
            .waits
            .truncate(usize::try_from(between).unwrap_or(usize::MAX));
        let tries = &self.tries;
        let result = result.map_err(|error| error.after(tries.clone()));
        self.report(match &result {
            Ok(_) => Outcome::Success,
            Err(error) => Outcome::Failed(error),
        });
        result
    }

    fn report(&mut self, outcome: Outcome<'_>) {
        self.ended = true;
        if !self.span.is_disabled() {
            self.record(outcome);
        }
        if !self.interceptors.is_empty() {
            self.interceptors.on_complete(&CallEvent {
                endpoint: self.endpoint,
                outcome,
                attempts: self.tries.attempts,
                waited: self.waited,
                elapsed: self.began.elapsed(),
            });
        }
    }

    /// Fills in the span and logs the last attempt.
    fn record(&self, outcome: Outcome<'_>) {
        let attempt = self.tries.attempts;
        self.span.record("attempt", attempt);
        self.span.record("waited_ms", milliseconds(self.waited));
        self.span.record("status", self.status);
        self.span.record("log_id", self.log_id.as_deref());
        let elapsed_ms = milliseconds(self.sent.elapsed());
        match outcome {
            Outcome::Success => tracing::debug!(parent: &self.span, attempt, elapsed_ms, "succeeded"),
            Outcome::Dropped => tracing::debug!(parent: &self.span, attempt, elapsed_ms, "dropped"),
            Outcome::Failed(error) => {
                self.span.record("code", error.code());
                tracing::debug!(parent: &self.span, attempt, elapsed_ms, error = %error, "failed");
            }
        }
    }
}

impl Drop for CallSpan<'_> {
    fn drop(&mut self) {
        if !self.ended {
            self.report(Outcome::Dropped);
        }
    }
}

/// Creates the span of a call; empty fields are filled in at the end.
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
