//! Sources of a file: an endpoint, or a temporary link.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use reqwest::header::HeaderMap;
use ring::digest::{Context, SHA256};

use super::Sha256;
use crate::call::{NameHeader, Opened};
use crate::client::Client;
use crate::endpoint::{EndpointInfo, Request, ResponseKind};
use crate::error::{Error, Result};
use crate::retry::{Draw, Purpose, RetryPolicy};
use crate::store::Pending;
use crate::transfer::request_identity;
use crate::wire::{self, Fields};

/// A source of a file. It makes the calls for the file or a range of it.
pub(crate) trait Source: Send + Sync {
    /// Returns the endpoint that errors name.
    fn endpoint(&self) -> &'static EndpointInfo;

    /// Returns whether the documentation states support for ranges.
    fn supports_ranges(&self) -> bool;

    /// Returns a text that identifies the file among those of the same endpoint.
    fn identity(&self) -> String;

    /// Returns the client that makes the calls.
    fn client(&self) -> &Client;

    /// Returns the state of the client's retry budget for this source.
    fn retry_draws(&self) -> &RetryDraws;

    /// Returns a digest that identifies the file and does not disclose the request.
    fn digest(&self) -> Sha256 {
        let mut context = Context::new(&SHA256);
        context.update(format!("{}\n{}\n", self.client().base_url(), self.endpoint().id).as_bytes());
        context.update(self.identity().as_bytes());
        Sha256::from(context)
    }

    /// Returns the retry policy.
    fn retry_policy(&self) -> RetryPolicy {
        self.client().retries()
    }

    /// Returns the maximum wait before an attempt, even with `Retry-After`.
    fn max_backoff(&self) -> Duration {
        self.client().deadline()
    }

    /// Returns the number of attempts in addition to the first one of each call.
    fn additional_attempts(&self) -> u32 {
        0
    }

    /// Takes a retry without progress out of the budget. Returns `false` if the budget is exhausted.
    fn draw_retry(&self, error: &Error) -> bool {
        self.retry_draws().draw(self.client(), error)
    }

    /// Returns the name of the file without an extension, if the platform returns none; not sanitized.
    fn default_stem(&self) -> Option<String> {
        None
    }

    /// Adds a request for the same file, for a refused one.
    fn add_fallback(&mut self, _: Box<dyn Request>) {}

    /// Turns to the next request for the file. Returns `false` after the last.
    fn use_fallback(&self) -> bool {
        false
    }

    /// Makes one call with these headers, which may request a range.
    fn open(&self, headers: HeaderMap) -> Pending<'_, Result<Opened>>;

    /// Makes one call, over a connection of its own if the source supports that.
    fn open_on_own_connection(&self, headers: HeaderMap) -> Pending<'_, Result<Opened>> {
        self.open(headers)
    }
}

/// An endpoint that returns a file.
pub(crate) struct EndpointSource {
    client: Client,
    /// The request for the file, and those to make if the previous one is refused.
    requests: Vec<Box<dyn Request>>,
    /// Index of the request to make.
    current: AtomicUsize,
    name_header: Arc<NameHeader>,
    retry_draws: RetryDraws,
}

/// Whether the current attempt was taken out of the client's retry budget.
#[derive(Default)]
pub(crate) struct RetryDraws(AtomicBool);

impl RetryDraws {
    /// Takes a retry out of the budget for failures of this kind. Returns `false` if the budget is exhausted.
    pub(crate) fn draw(&self, client: &Client, error: &Error) -> bool {
        let is_rate = error.api_error().is_some_and(|response| response.is_rate_limited());
        let purpose = if is_rate { Purpose::Rate } else { Purpose::Fault };
        let drawn = client.budget().draw(purpose).map(Draw::spend).is_some();
        self.0.fetch_or(drawn, Ordering::Relaxed);
        drawn
    }

    /// Returns the retry to the budget after a successful attempt.
    pub(crate) fn refund(&self, client: &Client) {
        if self.0.swap(false, Ordering::Relaxed) {
            client.budget().succeeded(false);
        }
    }
}

impl EndpointSource {
    pub(crate) fn new(client: Client, request: impl Request + 'static) -> Self {
        Self {
            client,
            requests: vec![Box::new(request)],
            current: AtomicUsize::new(0),
            name_header: Arc::default(),
            retry_draws: RetryDraws::default(),
        }
    }

    async fn call(&self, headers: HeaderMap, own_connection: bool) -> Result<Opened> {
        let opened = self
            .client
            .open(self.current(), headers, own_connection, &self.name_header)
            .await;
        if opened.is_ok() {
            self.retry_draws.refund(&self.client);
        }
        opened
    }

    /// Returns the request that identifies the file.
    fn first(&self) -> &dyn Request {
        &*self.requests[0]
    }

    /// Returns the request to make.
    fn current(&self) -> &dyn Request {
        &*self.requests[self.current.load(Ordering::Relaxed)]
    }

    /// Returns whether the request itself contains a range.
    pub(crate) fn requests_range(&self) -> bool {
        let mut found = false;
        let fields: &dyn Fields = self.first();
        fields.each(&mut |_, value| found |= matches!(value.view(), wire::View::Range(_)));
        found
    }
}

impl Source for EndpointSource {
    fn endpoint(&self) -> &'static EndpointInfo {
        self.first().endpoint()
    }

    fn supports_ranges(&self) -> bool {
        matches!(self.endpoint().response, ResponseKind::Binary { ranges: true, .. })
    }

    fn identity(&self) -> String {
        request_identity(self.first())
    }

    fn client(&self) -> &Client {
        &self.client
    }

    fn retry_draws(&self) -> &RetryDraws {
        &self.retry_draws
    }

    fn default_stem(&self) -> Option<String> {
        wire::last_path_parameter(self.first())
    }

    fn add_fallback(&mut self, request: Box<dyn Request>) {
        self.requests.push(request);
    }

    fn use_fallback(&self) -> bool {
        let next = self.current.load(Ordering::Relaxed) + 1;
        let exists = next < self.requests.len();
        if exists {
            self.current.store(next, Ordering::Relaxed);
        }
        exists
    }

    fn additional_attempts(&self) -> u32 {
        self.name_header.retries()
    }

    fn open(&self, headers: HeaderMap) -> Pending<'_, Result<Opened>> {
        Box::pin(self.call(headers, false))
    }

    fn open_on_own_connection(&self, headers: HeaderMap) -> Pending<'_, Result<Opened>> {
        Box::pin(self.call(headers, true))
    }
}
