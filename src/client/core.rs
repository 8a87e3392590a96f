//! The way of every call: check, token, send, read.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use reqwest::Response;
use reqwest::header::CONTENT_ENCODING;
use tracing::Instrument as _;

use super::host::BaseUrl;
use super::outgoing::Outgoing;
use super::view::View;
use crate::access::{Access, AccessToken};
use crate::endpoint::{Endpoint, Request, ResponseKind};
use crate::envelope::Envelope;
use crate::error::{Answer, Error, Problem, Result, TransportFault, Unreadable};
use crate::failure::{self, Reader};
use crate::limit::Limits;
use crate::secret::Scrubber;
use crate::transport;
use crate::wire::{self, FieldsMut};

/// Largest JSON answer.
const JSON_LIMIT: u64 = 64 * 1024 * 1024;
/// Largest part of a failure's body that is read.
pub(super) const FAILURE_LIMIT: u64 = 64 * 1024;

/// What the clones and views of a client share.
pub(crate) struct Core {
    pub http: reqwest::Client,
    pub base: BaseUrl,
    pub access: Access,
    pub limits: Limits,
}

/// An answer whose body is still to be read, and what it takes to tell of a failure.
pub(super) struct Incoming {
    core: Arc<Core>,
    token: Option<AccessToken>,
    pub endpoint: &'static Endpoint,
    pub response: Response,
    pub scrubber: Scrubber,
}

impl Core {
    /// A call with a JSON answer.
    pub(crate) async fn call(
        self: &Arc<Self>,
        request: &dyn Request,
        into: Option<&mut (dyn FieldsMut + Send)>,
        view: &View,
    ) -> Result<()> {
        let endpoint = request.endpoint();
        let call = async {
            let incoming = self.send(request, view).await?;
            incoming.json(into).await
        };
        let call = in_time(endpoint, view.timeout, call);
        traced(call).instrument(super::span(endpoint)).await
    }

    /// Sends a request that is in order, with the token that its endpoint takes.
    pub(super) async fn send(self: &Arc<Self>, request: &dyn Request, view: &View) -> Result<Incoming> {
        let endpoint = request.endpoint();
        let violations = wire::check(request);
        if !violations.is_empty() {
            return Err(Error::at(endpoint, Problem::Invalid(violations)));
        }
        let token = self.access.token(self, endpoint, &view.caller).await?;
        let identity = self.access.identity(&view.caller);
        let deadline = tokio::time::Instant::now() + view.timeout;
        self.limits
            .pass(endpoint, &identity, view.limits, deadline)
            .await
            .map_err(|limited| Error::at(endpoint, Problem::Limited(limited)))?;
        let outgoing = Outgoing {
            request,
            base: &self.base,
            token: token.as_ref().map(|token| &token.text),
            headers: &view.headers,
        };
        let sent = outgoing
            .build(&self.http)
            .map_err(|problem| Error::at(endpoint, problem))?;
        let response = self
            .http
            .execute(sent)
            .await
            .map_err(|error| Error::at(endpoint, Problem::Transport(TransportFault::sending(error))))?;
        let scrubber = outgoing.scrubber();
        let incoming = Incoming {
            core: Arc::clone(self),
            token,
            endpoint,
            response,
            scrubber,
        };
        incoming.record();
        incoming.check(&self.base)?;
        Ok(incoming)
    }
}

impl Incoming {
    /// Refuses an answer that is not the platform's, and one that is not what it says it is.
    fn check(&self, base: &BaseUrl) -> Result<()> {
        let url = self.response.url();
        if !base.is_origin_of(url) {
            let host = url.host_str().unwrap_or_default();
            let problem = format!(
                "it came from {host}, to which the HTTP client that the builder was given followed a redirect: \
                 build that client with `redirect::Policy::none()`"
            );
            return Err(self.unreadable("", &problem));
        }
        match self.response.headers().get(CONTENT_ENCODING) {
            Some(encoding) if self.response.status().is_success() && encoding != "identity" => {
                let problem = format!(
                    "it came compressed ({encoding:?}) and was not asked for in that form: look what changes it on its way, \
                     or give the builder an HTTP client that unpacks it"
                );
                Err(self.unreadable("", &problem))
            }
            _ => Ok(()),
        }
    }

    /// Decodes the answer.
    async fn json(mut self, into: Option<&mut (dyn FieldsMut + Send)>) -> Result<()> {
        if !self.response.status().is_success() {
            return Err(self.failure().await);
        }
        let body = transport::read_all(&mut self.response, JSON_LIMIT)
            .await
            .map_err(|problem| Error::at(self.endpoint, problem))?;
        let flat = matches!(self.endpoint.response, ResponseKind::Json { flat: true });
        let envelope = if body.is_empty() {
            return Err(self.unreadable("", "the body is empty"));
        } else {
            Envelope::read(&body, flat, into.map(|into| into as &mut dyn FieldsMut))
                .map_err(|failure| self.unreadable(&failure.path, &failure.problem))?
        };
        match envelope.code {
            Some(0) => Ok(()),
            None if flat => Ok(()),
            None => Err(self.unreadable("code", "expected a whole number, found nothing")),
            Some(_) => Err(self.answered(self.reader().envelope(envelope))),
        }
    }

    /// The error for an answer whose status tells of a failure.
    pub(super) async fn failure(mut self) -> Error {
        match transport::read_up_to(&mut self.response, FAILURE_LIMIT).await {
            Ok(body) => self.refused(&body.bytes),
            Err(fault) => Error::at(self.endpoint, Problem::Transport(fault)),
        }
    }

    /// The error for an answer with this body.
    pub(super) fn refused(&self, body: &Bytes) -> Error {
        self.answered(self.reader().body(body))
    }

    fn answered(&self, answer: Answer) -> Error {
        if let (Some(code), Some(token)) = (answer.code, &self.token) {
            self.core.access.refused(token, code);
        }
        Error::at(self.endpoint, Problem::Answered(Box::new(answer)))
    }

    fn unreadable(&self, path: &str, problem: &str) -> Error {
        let unreadable = Unreadable {
            status: self.response.status().as_u16(),
            path: self.reader().clean(path),
            problem: self.reader().clean(problem),
            log_id: failure::log_id(self.response.headers()),
        };
        Error::at(self.endpoint, Problem::Unreadable(unreadable))
    }

    fn reader(&self) -> Reader<'_> {
        Reader {
            status: self.response.status(),
            url: self.response.url(),
            headers: self.response.headers(),
            scrubber: &self.scrubber,
        }
    }

    /// Tells the span what is known once the headers have come.
    fn record(&self) {
        let span = tracing::Span::current();
        span.record("status", self.response.status().as_u16());
        if let Some(log_id) = failure::log_id(self.response.headers()) {
            span.record("log_id", log_id);
        }
    }
}

/// What a call gives, or an error if it takes too long.
pub(super) async fn in_time<T>(
    endpoint: &'static Endpoint,
    timeout: Duration,
    call: impl Future<Output = Result<T>>,
) -> Result<T> {
    match tokio::time::timeout(timeout, call).await {
        Ok(result) => result,
        Err(_) => {
            let fault = TransportFault::timeout(timeout, "answer");
            Err(Error::at(endpoint, Problem::Transport(fault)))
        }
    }
}

/// Tells the span and whoever listens how a call ended.
pub(super) async fn traced<T>(call: impl Future<Output = Result<T>>) -> Result<T> {
    let result = call.await;
    match &result {
        Ok(_) => tracing::debug!("answered"),
        Err(error) => {
            if let Some(code) = error.code() {
                tracing::Span::current().record("code", code);
            }
            tracing::debug!(%error, "failed");
        }
    }
    result
}

impl fmt::Debug for Core {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Core").finish_non_exhaustive()
    }
}
