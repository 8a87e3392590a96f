//! The way of every call: check, then attempt after attempt until one of them settles it.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, sleep, timeout_at};
use tracing::Instrument as _;

use super::context::{CallOptions, Core};
use super::file_fields::FilledRequest;
use super::request::Outgoing;
use super::response::Incoming;
use super::span::Watch;
use crate::authentication::{AccessToken, is_token_error};
use crate::endpoint::{BodyKind, EndpointInfo, Request};
use crate::error::{Error, ErrorKind, Result, Stopped, TransportError};
use crate::rate_limit::{RateLimitMode, RateLimitScope};
use crate::retry::{Backoff, Cause, Draw, Failure, Purpose, Repeat, Verdict, classify_failure};
use crate::upload_source::Meter;
use crate::wire;

/// How long an endpoint is paused where the platform says that there are too many calls, and not for how long.
/// Most windows are of one second.
const UNSTATED_PAUSE: Duration = Duration::from_secs(1);
/// A deadline that no clock reaches.
const NEVER: Duration = Duration::from_secs(30 * 365 * 24 * 60 * 60);

/// Reads the answer of an attempt. There are two ways: as JSON, and as a file.
pub(super) trait Read: Send {
    type Output: Send;

    /// What the call gives, or why it failed.
    fn read(&mut self, incoming: Incoming<'_>) -> impl Future<Output = Result<Self::Output>> + Send;

    /// Whether a failed attempt left nothing behind.
    fn is_blank(&self) -> bool;
}

/// One call.
struct Call<'a> {
    core: &'a Arc<Core>,
    request: &'a dyn Request,
    endpoint: &'static EndpointInfo,
    options: &'a CallOptions,
    deadline: Instant,
    scope: RateLimitScope,
    backoff: Backoff,
    /// That of the last attempt.
    token: Option<AccessToken>,
    /// Whether a token was replaced, which is done once.
    replaced: bool,
    /// Why the last attempt failed.
    failed: Option<Error>,
    watch: Watch<'a>,
    /// How files go out.
    meter: Arc<Meter>,
}

/// Why an attempt failed.
enum Failed {
    /// Before it was sent: trying again would not change it.
    Unsent(Error),
    /// On the way, or by what the platform said.
    Sent(Error),
}

impl Core {
    /// Makes a call. One function for all requests, so that generated code costs nothing here.
    pub(super) async fn run<R: Read>(
        self: &Arc<Self>,
        request: &dyn Request,
        options: &CallOptions,
        mut read: R,
    ) -> Result<R::Output> {
        let (filled, unfit) = match request.endpoint().body {
            // Boxed, since hardly any request has a file.
            BodyKind::Multipart => match Box::pin(FilledRequest::from_request(request)).await {
                Ok(filled) => (filled, None),
                Err(problem) => (None, Some(problem)),
            },
            BodyKind::None | BodyKind::Json => (None, None),
        };
        let request = filled.as_ref().map_or(request, |filled| filled);
        let mut call = Call::new(self, request, options);
        let span = call.watch.span().clone();
        let ended = async {
            let result = match unfit.map_or_else(|| call.check(), |problem| Err(call.error(problem))) {
                Ok(()) => call.attempts(&mut read).await,
                Err(error) => Err(error),
            };
            call.watch.end(result)
        };
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
            deadline: now.checked_add(options.deadline).unwrap_or(now + NEVER),
            scope: core.auth.rate_limit_scope(&options.caller),
            backoff: Backoff::new(options.retries.unwrap_or(core.retries)),
            token: None,
            replaced: false,
            failed: None,
            watch: Watch::new(endpoint, &core.hooks, now),
            meter: Arc::default(),
        }
    }

    fn check(&self) -> Result<()> {
        let violations = wire::check(self.request);
        match violations.is_empty() {
            true => Ok(()),
            false => Err(self.error(ErrorKind::Validation(violations))),
        }
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
                Err(Failed::Sent(error)) => draw = Some(self.again(error, read.is_blank()).await?),
            }
        }
    }

    async fn attempt<R: Read>(&mut self, read: &mut R, draw: Option<Draw<'a>>) -> Result<R::Output, Failed> {
        let token = self.token().await.map_err(Failed::Unsent)?;
        if let Some(error) = self.refused_already(token.as_ref()) {
            return Err(Failed::Unsent(error));
        }
        self.token = token;
        self.pass().await.map_err(Failed::Unsent)?;
        let outgoing = Outgoing {
            request: self.request,
            base: &self.core.base,
            token: self.token.as_ref().map(|token| &token.text),
            headers: &self.options.headers,
            meter: &self.meter,
        };
        let sent = outgoing
            .build(
                self.core.http(self.options.apart),
                &self.core.hooks,
                self.watch.attempts() + 1,
            )
            .map_err(|problem| Failed::Unsent(self.error(problem)))?;
        // From here on it is made, and no longer given back.
        if let Some(draw) = draw {
            draw.spend();
        }
        let time = self.options.timeout.min(self.deadline - Instant::now());
        let watch = &mut self.watch;
        let exchange = async {
            watch.sent();
            let fault = |error| {
                // Why it broke off is the file's to say, where it did.
                let problem = outgoing.meter.take_error().map(ErrorKind::Upload);
                let problem = problem.unwrap_or_else(|| ErrorKind::Transport(TransportError::sending(error)));
                Error::at(outgoing.endpoint(), problem)
            };
            let mut response = self.core.http(self.options.apart).execute(sent).await.map_err(fault)?;
            watch.answered(&mut response, &outgoing);
            let app = &self.scope.app;
            read.read(Incoming::new(response, outgoing, app)?).await
        };
        match in_time(time, self.deadline, &self.meter, exchange).await {
            Some(result) => result.map_err(Failed::Sent),
            None => {
                let fault = TransportError::timeout(time, "answer");
                Err(Failed::Sent(self.error(ErrorKind::Transport(fault))))
            }
        }
    }

    /// The token to send, waited for as long as the deadline allows.
    async fn token(&self) -> Result<Option<AccessToken>> {
        let token = self.core.auth.token(self.core, self.endpoint, &self.options.caller);
        timeout_at(self.deadline, token).await.unwrap_or_else(|_| {
            let fault = TransportError::timeout(self.options.deadline, "token");
            Err(self.error(ErrorKind::Transport(fault)))
        })
    }

    /// Waits for the endpoint's limit. Where that takes too long, what the platform said last tells more.
    async fn pass(&mut self) -> Result<()> {
        let limits = &self.core.rate_limiter;
        let passed = limits.acquire(self.endpoint, &self.scope, self.options.limits, self.deadline);
        match passed.await {
            Ok(waited) => {
                self.watch.waited(waited);
                Ok(())
            }
            Err(problem @ ErrorKind::RateLimited(_)) => Err(self.failed.take().unwrap_or_else(|| self.error(problem))),
            Err(problem) => Err(self.error(problem)),
        }
    }

    /// Decides on another attempt, takes it out of the budget and waits for its time; gives the error where there
    /// is to be none.
    async fn again(&mut self, error: Error, blank: bool) -> Result<Draw<'a>> {
        self.pause(&error).await;
        let failure = Failure {
            endpoint: self.endpoint,
            problem: error.kind(),
            repeat: Repeat::of(self.request),
            another_token: self.is_token_refused(&error) && !self.replaced,
            decoded: !blank,
        };
        let next = match classify_failure(&failure) {
            Verdict::Replay => self.replay(),
            Verdict::Retry(Cause::Rate, _) if self.options.limits == RateLimitMode::Fail => Err(None),
            Verdict::Retry(cause, delay) => self.retry(cause, delay).map_err(Some),
            Verdict::GiveUp(stopped) => Err(stopped),
        };
        match next {
            Ok((draw, wait)) => {
                self.watch.again(&error);
                self.failed = Some(error);
                if !wait.is_zero() {
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

    /// Holds the calls of others back as well where the platform says that there are too many.
    async fn pause(&self, error: &Error) {
        if let Some(answer) = error.api_error()
            && answer.is_rate_refusal()
        {
            let pause = answer.retry_after.unwrap_or(UNSTATED_PAUSE);
            self.core.rate_limiter.pause(self.endpoint, &self.scope, pause).await;
        }
    }

    /// Tells who keeps the tokens that one was refused. Gives whether there can be another.
    fn is_token_refused(&self, error: &Error) -> bool {
        match (error.code(), &self.token) {
            (Some(code), Some(token)) => self.core.auth.invalidate(token, code),
            _ => false,
        }
    }

    /// Why the last attempt failed, if it was this very token that the platform refused: it gives the same one as
    /// long as it counts it as good.
    fn refused_already(&mut self, token: Option<&AccessToken>) -> Option<Error> {
        let failed = self.failed.as_ref()?;
        let refused = failed.code().is_some_and(is_token_error) && self.token.as_ref() == token;
        if !refused {
            return None;
        }
        self.watch.stopped(Some(Stopped::SameToken));
        self.failed.take()
    }

    /// Another attempt with another token, at once.
    fn replay(&mut self) -> Result<(Draw<'a>, Duration), Option<Stopped>> {
        let draw = self.core.budget.draw(Purpose::Token).ok_or(Some(Stopped::Budget))?;
        self.replaced = true;
        self.watch.will_wait(Duration::ZERO);
        Ok((draw, Duration::ZERO))
    }

    /// Another attempt of the same, and how long to sleep before it.
    fn retry(&mut self, cause: Cause, delay: Option<Duration>) -> Result<(Draw<'a>, Duration), Stopped> {
        let backoff = self.backoff.next().ok_or(Stopped::Attempts)?;
        let (purpose, delay) = match cause {
            Cause::Fault => (Purpose::Fault, delay.unwrap_or_default()),
            Cause::Rate => (Purpose::Rate, delay.unwrap_or(UNSTATED_PAUSE)),
        };
        let wait = backoff.max(delay);
        if wait >= self.deadline - Instant::now() {
            return Err(Stopped::Deadline);
        }
        let draw = self.core.budget.draw(purpose).ok_or(Stopped::Budget)?;
        self.watch.will_wait(wait);
        Ok(match cause {
            Cause::Fault => (draw, wait),
            // The rest is waited for in the queue of the limit, which is paused: there, others do not overtake it.
            Cause::Rate => (draw, backoff),
        })
    }

    fn error(&self, problem: ErrorKind) -> Error {
        Error::at(self.endpoint, problem)
    }
}

/// Waits so long for an exchange, and longer as long as bytes of a file go out: how large a file is must not decide whether
/// it can be sent. `None` where it took too long.
async fn in_time<T>(time: Duration, deadline: Instant, meter: &Meter, exchange: impl Future<Output = T>) -> Option<T> {
    let mut exchange = pin!(exchange);
    loop {
        let taken = meter.bytes_read();
        let until = Instant::now().checked_add(time).unwrap_or(deadline).min(deadline);
        match timeout_at(until, exchange.as_mut()).await {
            Ok(result) => return Some(result),
            Err(_) if meter.bytes_read() > taken && until < deadline => {}
            Err(_) => return None,
        }
    }
}
