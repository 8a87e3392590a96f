//! Where a file comes from.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use reqwest::header::HeaderMap;
use ring::digest::{Context, SHA256};

use super::report::Sha256;
use crate::call::Opened;
use crate::client::Client;
use crate::endpoint::{EndpointInfo, Request, ResponseKind};
use crate::error::{Error, Result};
use crate::retry::{Draw, Purpose, RetryPolicy};
use crate::store::Pending;
use crate::transfer::request_identity;
use crate::wire::{self, Fields};

/// Where a file comes from: it answers calls for the file or a part of it.
pub(crate) trait Source: Send + Sync {
    /// The endpoint that errors name.
    fn endpoint(&self) -> &'static EndpointInfo;

    /// Whether the documentation says that ranges are honoured.
    fn takes_ranges(&self) -> bool;

    /// What tells this file from others of the same endpoint.
    fn identity(&self) -> String;

    /// The client that makes the calls.
    fn client(&self) -> &Client;

    /// What the calls have taken out of the client's budget of retries.
    fn retry_draws(&self) -> &RetryDraws;

    /// What tells this file from others, without a word of the request: a digest.
    fn digest(&self) -> Sha256 {
        let mut context = Context::new(&SHA256);
        context.update(format!("{}\n{}\n", self.client().base_url(), self.endpoint().id).as_bytes());
        context.update(self.identity().as_bytes());
        Sha256::from(context)
    }

    /// How often and how patiently to try again.
    fn retries(&self) -> RetryPolicy {
        self.client().retries()
    }

    /// How long the wait before an attempt may be, whatever the platform asks for.
    fn max_backoff(&self) -> Duration {
        self.client().deadline()
    }

    /// Whether an attempt may follow on one that failed in this way and brought nothing. It is taken out of what all
    /// calls have for that.
    fn draw(&self, error: &Error) -> bool {
        self.retry_draws().draw(self.client(), error)
    }

    /// Makes one call with these headers, which ask for a part of the file or for nothing in particular.
    fn open(&self, headers: HeaderMap) -> Pending<'_, Result<Opened>>;

    /// The same over a connection that it shares with no other call, as far as that is in its hands.
    fn open_apart(&self, headers: HeaderMap) -> Pending<'_, Result<Opened>> {
        self.open(headers)
    }
}

/// A file that an endpoint gives.
pub(crate) struct EndpointSource {
    client: Client,
    request: Box<dyn Request>,
    retry_draws: RetryDraws,
}

/// Whether the next attempt was taken out of the client's budget of retries.
#[derive(Default)]
pub(crate) struct RetryDraws(AtomicBool);

impl RetryDraws {
    /// Takes an attempt out of the budget, if that has one left for a failure of this kind.
    pub(crate) fn draw(&self, client: &Client, error: &Error) -> bool {
        let is_rate = error.api_error().is_some_and(|answer| answer.is_rate_refusal());
        let purpose = if is_rate { Purpose::Rate } else { Purpose::Fault };
        let drawn = client.budget().draw(purpose).map(Draw::spend).is_some();
        self.0.fetch_or(drawn, Ordering::Relaxed);
        drawn
    }

    /// The attempt helped, and what it took out goes back.
    pub(crate) fn helped(&self, client: &Client) {
        if self.0.swap(false, Ordering::Relaxed) {
            client.budget().succeeded(false);
        }
    }
}

impl EndpointSource {
    pub(crate) fn new(client: Client, request: impl Request + 'static) -> Self {
        Self {
            client,
            request: Box::new(request),
            retry_draws: RetryDraws::default(),
        }
    }

    async fn call(&self, headers: HeaderMap, apart: bool) -> Result<Opened> {
        let opened = self.client.open(&*self.request, headers, apart).await;
        if opened.is_ok() {
            self.retry_draws.helped(&self.client);
        }
        opened
    }

    /// Whether the request itself asks for a part of the file.
    pub(crate) fn asks_for_a_part(&self) -> bool {
        let mut asks = false;
        let fields: &dyn Fields = &*self.request;
        fields.each(&mut |_, value| asks |= matches!(value.view(), wire::View::Range(_)));
        asks
    }
}

impl Source for EndpointSource {
    fn endpoint(&self) -> &'static EndpointInfo {
        self.request.endpoint()
    }

    fn takes_ranges(&self) -> bool {
        matches!(self.endpoint().response, ResponseKind::Binary { ranges: true, .. })
    }

    fn identity(&self) -> String {
        request_identity(&*self.request)
    }

    fn client(&self) -> &Client {
        &self.client
    }

    fn retry_draws(&self) -> &RetryDraws {
        &self.retry_draws
    }

    fn open(&self, headers: HeaderMap) -> Pending<'_, Result<Opened>> {
        Box::pin(self.call(headers, false))
    }

    fn open_apart(&self, headers: HeaderMap) -> Pending<'_, Result<Opened>> {
        Box::pin(self.call(headers, true))
    }
}
