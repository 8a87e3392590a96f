//! The retry loop of a call.

use std::pin::{Pin, pin};
use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, sleep, timeout_at};
use tracing::Instrument as _;

use super::request::{self, FilledRequest, Outgoing};
use super::response::{Incoming, Read};
use super::span::CallSpan;
use super::{CallOptions, Core};
use crate::authentication::{AccessToken, is_token_error};
use crate::endpoint::{BodyKind, EndpointInfo, Request};
use crate::error::{Error, ErrorKind, Result, Stopped, TransportError, TransportKind};
use crate::rate_limit::{RateLimitMode, RateLimitScope};
use crate::retry::{Backoff, Cause, Draw, Failure, Purpose, Repeat, Verdict, classify_failure};
use crate::upload_source::Meter;
use crate::wire;

/// Delay after a rate limit without `Retry-After`. Most windows are of one second.
const DEFAULT_RATE_DELAY: Duration = Duration::from_secs(1);
/// A deadline beyond any program's lifetime.
const MAX_DEADLINE: Duration = Duration::from_secs(30 * 365 * 24 * 60 * 60);

/// One call.
struct Call<'a> {
    core: &'a Arc<Core>,
    request: &'a dyn Request,
    endpoint: &'static EndpointInfo,
    options: &'a CallOptions,
    deadline: Instant,
    scope: RateLimitScope,
    backoff: Backoff,
    /// The token of the last attempt.
    token: Option<AccessToken>,
    /// Whether a token was replaced, which happens once.
    replaced: bool,
    /// Whether the header that only serves the name of the file is omitted.
    omit_name_header: bool,
    /// The error of the last attempt.
    failed: Option<Error>,
    watch: CallSpan<'a>,
    /// Progress of the request body.
    meter: Arc<Meter>,
}

/// Why an attempt failed.
enum Failed {
    /// Before it was sent; not retryable.
    Unsent(Error),
    /// After it was sent.
    Sent(Error),
}

impl Core {
    /// Makes a call. Not generic over requests, so that generated code is not compiled into it.
    pub(super) async fn run<R: Read>(
        self: &Arc<Self>,
        request: &dyn Request,
        options: &CallOptions,
        mut read: R,
    ) -> Result<R::Output> {
        let (filled, invalid) = match request.endpoint().body {
            // Boxed, since few requests have a file.
            BodyKind::Multipart => match Box::pin(FilledRequest::from_request(request)).await {
                Ok(filled) => (filled, None),
                Err(kind) => (None, Some(kind)),
            },
            BodyKind::None | BodyKind::Json => (None, None),
        };
        let request = filled.as_ref().map_or(request, |filled| filled);
        let mut call = Call::new(self, request, options);
        let span = call.watch.span().clone();
        // Pinned, since moving a future copies all its state.
        let ended = pin!(async {
            let result = match invalid.map_or_else(|| call.check(), |kind| Err(call.error(kind))) {
                Ok(()) => call.attempts(&mut read).await,
                Err(error) => Err(error),
            };
            call.watch.end(result)
        });
        ended.instrument(span).await
    }
}

impl<'a> Call<'a> {
    fn new(core: &'a Arc<Core>, request: &'a dyn Request, options: &'a CallOptions) -> Self {
        let endpoint = request.endpoint();
        let now = Instant::now();
        Self {
            core,
            request,
            endpoint,
            options,
            deadline: now.checked_add(options.deadline).unwrap_or(now + MAX_DEADLINE),
            scope: core.auth.rate_limit_scope(&core.base, &options.caller),
            backoff: Backoff::new(options.retries.unwrap_or(core.retries)),
            token: None,
            replaced: false,
            omit_name_header: options.name_header.as_ref().is_some_and(|shared| shared.is_refused()),
            failed: None,
            watch: CallSpan::new(endpoint, &core.interceptors, now),
            meter: Arc::default(),
        }
    }

    fn check(&self) -> Result<()> {
        let mut violations = if self.options.allow_undocumented {
            wire::validate_sendable(self.request)
        } else {
            wire::validate(self.request)
        };
        if let Some(extra) = &self.options.extra {
            violations.extend_from_slice(extra.violations());
        }
        if violations.is_empty() {
            return Ok(());
        }
        Err(self.error(ErrorKind::Validation(violations)))
    }

    async fn attempts<R: Read>(&mut self, read: &mut R) -> Result<R::Output> {
        let mut draw = None;
        loop {
            match self.attempt(read, draw).await {
                Ok(output) => {
                    self.core.budget.succeeded(self.watch.attempts() == 1);
                    return Ok(output);
                }
                Err(Failed::Unsent(error)) => return Err(error),
                Err(Failed::Sent(error)) => draw = Some(self.schedule_retry(error, read.is_blank()).await?),
            }
        }
    }

    async fn attempt<R: Read>(&mut self, read: &mut R, draw: Option<Draw<'a>>) -> Result<R::Output, Failed> {
        let token = self.token().await.map_err(Failed::Unsent)?;
        if let Some(error) = self.take_same_token_error(token.as_ref()) {
            return Err(Failed::Unsent(error));
        }
        self.token = token;
        self.wait_for_rate_limit().await.map_err(Failed::Unsent)?;
        let outgoing = Outgoing {
            request: self.request,
            base: self.core.base_of(self.endpoint),
            console: &self.core.base,
            token: self.token.as_ref().map(|token| &token.text),
            headers: &self.options.headers,
            extra: self.options.extra.as_deref(),
            omit_name_header: self.omit_name_header,
            meter: &self.meter,
        };
        let sent = outgoing
            .build(
                self.core.http(self.options.apart),
                &self.core.interceptors,
                self.watch.attempts() + 1,
            )
            .map_err(|problem| Failed::Unsent(self.error(problem)))?;
        // Code of the user has run: interceptors, and stores without an await.
        let now = Instant::now();
        if now >= self.deadline {
            return Err(Failed::Unsent(self.past_deadline()));
        }
        // The attempt is made from here on: the draw is not returned.
        if let Some(draw) = draw {
            draw.spend();
        }
        let time = self.options.timeout.min(self.deadline - now);
        let watch = &mut self.watch;
        let exchange = pin!(async {
            watch.sent(now);
            let transport_error = |error| {
                // A failure of the file explains an aborted body better than the HTTP client does.
                let problem = outgoing.meter.take_error().map(ErrorKind::Upload);
                let problem = problem.unwrap_or_else(|| ErrorKind::Transport(TransportError::sending(error)));
                Error::at(outgoing.endpoint(), problem)
            };
            let mut response = self
                .core
                .http(self.options.apart)
                .execute(sent)
                .await
                .map_err(transport_error)?;
            watch.received(&mut response, &outgoing);
            let app = self.core.auth.app_id();
            read.read(Incoming::new(response, outgoing, app, watch.attempts())?)
                .await
        });
        let exchanged = with_timeout(now, time, self.deadline, &self.meter, exchange).await;
        match exchanged {
            Some(result) => result.map_err(Failed::Sent),
            None => {
                let fault = TransportError::timeout(time, "response");
                Err(Failed::Sent(Error::at(self.endpoint, ErrorKind::Transport(fault))))
            }
        }
    }

    /// Returns the token to send, within the deadline.
    async fn token(&self) -> Result<Option<AccessToken>> {
        let options = self.options;
        let allow_undocumented = options.allow_undocumented;
        let token = pin!(
            self.core
                .auth
                .token(self.core, self.endpoint, &options.caller, allow_undocumented)
        );
        timeout_at(self.deadline, token).await.unwrap_or_else(|_| {
            let fault = TransportError::timeout(self.options.deadline, "token");
            Err(self.error(ErrorKind::Transport(fault)))
        })
    }

    /// Waits for the endpoint's rate limit. If that exceeds the deadline, the error of the last attempt is more useful.
    async fn wait_for_rate_limit(&mut self) -> Result<()> {
        let limits = &self.core.rate_limiter;
        let (endpoint, interceptors) = (self.endpoint, &self.core.interceptors);
        let on_wait = |wait| interceptors.on_wait(endpoint, wait);
        let passed = limits.acquire(endpoint, &self.scope, self.options.limits, self.deadline, &on_wait);
        match passed.await {
            Ok(waited) => {
                self.watch.waited(waited);
                Ok(())
            }
            Err(problem @ (ErrorKind::RateLimited(_) | ErrorKind::Transport(_))) => {
                Err(self.failed.take().unwrap_or_else(|| self.error(problem)))
            }
            Err(problem) => Err(self.error(problem)),
        }
    }

    /// Decides on another attempt, draws it from the budget and waits for its delay; returns the error if the call is not retried.
    async fn schedule_retry(&mut self, error: Error, blank: bool) -> Result<Draw<'a>> {
        self.pause(&error).await;
        let failure = Failure {
            endpoint: self.endpoint,
            problem: error.kind(),
            repeat: Repeat::classify(self.request),
            another_token: self.is_token_refused(&error) && !self.replaced,
            name_header: self.is_name_header_refused(&error),
            decoded: !blank,
        };
        let next = match classify_failure(&failure) {
            Verdict::Replay => self.replay(),
            Verdict::OmitNameHeader(delay) => self.retry_without_name_header(delay).map_err(Some),
            Verdict::Retry(Cause::Rate, _) if self.options.limits == RateLimitMode::Fail => Err(None),
            Verdict::Retry(cause, delay) => self.retry(cause, delay).map_err(Some),
            Verdict::GiveUp(stopped) => Err(stopped),
        };
        match next {
            Ok((draw, wait)) => {
                self.watch.log_retry(&error);
                self.failed = Some(error);
                if !wait.is_zero() {
                    self.core.interceptors.on_wait(self.endpoint, wait);
                    sleep(wait).await;
                    self.watch.waited(wait);
                }
                Ok(draw)
            }
            Err(stopped) => {
                self.watch.stopped(stopped);
                Err(error)
            }
        }
    }

    /// Pauses the endpoint for all calls after a rate limit.
    async fn pause(&self, error: &Error) {
        if let Some(response) = error.api_error()
            && response.is_rate_limited()
        {
            let pause = response.imposed_delay().unwrap_or(DEFAULT_RATE_DELAY);
            self.core.rate_limiter.pause(self.endpoint, &self.scope, pause).await;
        }
    }

    /// Reports a rejected token to its cache. Returns whether another one may be available.
    fn is_token_refused(&self, error: &Error) -> bool {
        match (error.code(), &self.token) {
            (Some(code), Some(token)) => self.core.auth.invalidate(token, code),
            _ => false,
        }
    }

    /// Returns whether a page of a proxy is the response to a request with the header that only serves the name of the file.
    fn is_name_header_refused(&self, error: &Error) -> bool {
        let is_page =
            self.watch.is_foreign_failure() && error.api_error().is_some_and(|response| response.code.is_none());
        is_page && !self.omit_name_header && request::has_name_header(self.request, self.options.extra.as_deref())
    }

    /// Returns the error of the last attempt if the platform rejected this very token: it issues the same token until that
    /// expires.
    fn take_same_token_error(&mut self, token: Option<&AccessToken>) -> Option<Error> {
        let failed = self.failed.as_ref()?;
        let refused = failed.code().is_some_and(is_token_error) && self.token.as_ref() == token;
        if !refused {
            return None;
        }
        self.watch.stopped(Some(Stopped::SameToken));
        self.failed.take()
    }

    /// Draws an attempt with another token, without delay.
    fn replay(&mut self) -> Result<(Draw<'a>, Duration), Option<Stopped>> {
        let draw = self.core.budget.draw(Purpose::Token).ok_or(Some(Stopped::Budget))?;
        self.replaced = true;
        self.watch.will_wait(Duration::ZERO);
        Ok((draw, Duration::ZERO))
    }

    /// Draws an attempt without the header that only serves the name of the file, which further attempts omit too.
    fn retry_without_name_header(&mut self, delay: Option<Duration>) -> Result<(Draw<'a>, Duration), Stopped> {
        self.omit_name_header = true;
        self.options.name_header.as_ref().inspect(|shared| shared.refuse());
        let wait = delay.unwrap_or_default();
        if wait >= self.deadline - Instant::now() {
            return Err(Stopped::Deadline);
        }
        let draw = self.core.budget.draw(Purpose::Fault).ok_or(Stopped::Budget)?;
        self.options.name_header.as_ref().inspect(|shared| shared.count_retry());
        self.watch.will_wait(wait);
        Ok((draw, wait))
    }

    /// Draws a retry, with the delay before it.
    fn retry(&mut self, cause: Cause, delay: Option<Duration>) -> Result<(Draw<'a>, Duration), Stopped> {
        let backoff = self.backoff.next().ok_or(Stopped::Attempts)?;
        let (purpose, delay) = match cause {
            Cause::Fault => (Purpose::Fault, delay.unwrap_or_default()),
            Cause::Rate => (Purpose::Rate, delay.unwrap_or(DEFAULT_RATE_DELAY)),
        };
        let wait = backoff.max(delay);
        if wait >= self.deadline - Instant::now() {
            return Err(Stopped::Deadline);
        }
        let draw = self.core.budget.draw(purpose).ok_or(Stopped::Budget)?;
        self.watch.will_wait(wait);
        Ok(match cause {
            Cause::Fault => (draw, wait),
            // The rest of the delay passes in the queue of the paused rate limit, which keeps the order of calls.
            Cause::Rate => (draw, backoff),
        })
    }

    fn past_deadline(&self) -> Error {
        let detail = format!("not sent: the deadline of {:?} has passed", self.options.deadline);
        self.error(ErrorKind::Transport(TransportError::new(
            TransportKind::Timeout,
            detail,
        )))
    }

    fn error(&self, problem: ErrorKind) -> Error {
        Error::at(self.endpoint, problem)
    }
}

/// Applies the timeout to an exchange, and extends it while the file of the request makes progress, so that large files can be
/// sent. Returns `None` after the timeout.
async fn with_timeout<T>(
    now: Instant,
    time: Duration,
    deadline: Instant,
    meter: &Meter,
    mut exchange: Pin<&mut impl Future<Output = T>>,
) -> Option<T> {
    let mut start = now;
    loop {
        let taken = meter.bytes_read();
        let until = start.checked_add(time).unwrap_or(deadline).min(deadline);
        match timeout_at(until, exchange.as_mut()).await {
            Ok(result) => return Some(result),
            Err(_) if meter.bytes_read() > taken && until < deadline => start = Instant::now(),
            Err(_) => return None,
        }
    }
}
