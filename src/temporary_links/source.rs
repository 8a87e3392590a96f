//! A file behind a link.

use std::fmt::Write as _;
use std::sync::{Mutex, PoisonError};

use reqwest::header::HeaderMap;
use reqwest::{Response, StatusCode};
use secrecy::{ExposeSecret, SecretString};

use super::{TemporaryLink, batch, error, way};
use crate::client::{Client, Glance, Opened, glance};
use crate::download::{RetryDraws, Source};
use crate::drive::v1::media::BatchGetTmpDownloadUrl;
use crate::endpoint::EndpointInfo;
use crate::error::{Error, ErrorKind, Result, TemporaryLinkError, TransportError};
use crate::retry::asked_wait;
use crate::store::Pending;

/// A file behind a link. Where the link is refused, a new one is asked for.
pub(super) struct LinkSource {
    client: Client,
    file_token: String,
    extra: Option<String>,
    url: Mutex<SecretString>,
    retry_draws: RetryDraws,
}

impl LinkSource {
    pub(super) fn new(client: Client, link: TemporaryLink) -> Self {
        Self {
            client,
            file_token: link.file_token,
            extra: link.extra,
            url: Mutex::new(link.url),
            retry_draws: RetryDraws::default(),
        }
    }

    fn url(&self) -> SecretString {
        self.url.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Asks for a new link; `false` where it is the same.
    async fn renew(&self) -> Result<bool> {
        let tokens = vec![self.file_token.clone()];
        let links = batch::resolve(&self.client, tokens, self.extra.as_deref()).await;
        let missing = || Err(error(ErrorKind::TemporaryLink(TemporaryLinkError::Missing)));
        let link = links.into_iter().next().map_or_else(missing, |(_, link)| link)?;
        let mut url = self.url.lock().unwrap_or_else(PoisonError::into_inner);
        let differs = url.expose_secret() != link.url.expose_secret();
        *url = link.url;
        Ok(differs)
    }

    async fn try_open(&self, headers: HeaderMap) -> Result<Opened> {
        let (way, url, timeout) = (self.client.links(), self.url(), self.client.timeout());
        let response = way.follow(&url, headers, timeout).await.map_err(error)?;
        // What is read to tell a file from an error may never come either.
        let judged = tokio::time::timeout(timeout, judge(response)).await;
        let too_late = |_| Err(ErrorKind::Transport(TransportError::timeout(timeout, "answer")));
        judged.unwrap_or_else(too_late).map_err(error)
    }

    async fn open_or_renew(&self, headers: HeaderMap) -> Result<Opened> {
        match self.try_open(headers.clone()).await {
            Err(refused) if may_be_expired(&refused) => match self.renew().await? {
                true => self.try_open(headers).await,
                false => Err(refused),
            },
            other => other,
        }
    }
}

fn may_be_expired(error: &Error) -> bool {
    matches!(error.kind(), ErrorKind::TemporaryLink(fault) if fault.may_be_expired())
}

/// Tells a file, or a part of one, from what came in its place.
async fn judge(mut response: Response) -> Result<Opened, ErrorKind> {
    let status = response.status();
    let refused = |response: &Response| {
        ErrorKind::TemporaryLink(TemporaryLinkError::Refused {
            host: way::host(response.url()),
            status: status.as_u16(),
            retry_after: asked_wait(response.headers()),
        })
    };
    if !status.is_success() && status != StatusCode::RANGE_NOT_SATISFIABLE {
        return Err(refused(&response));
    }
    let beginning = match glance(&mut response).await.map_err(ErrorKind::Transport)? {
        Glance::File(beginning) => beginning,
        Glance::Error(_) => return Err(refused(&response)),
    };
    Ok(Opened {
        status,
        response,
        beginning,
        // Whatever a host says that a link leads to, it is no id of the platform's, and may repeat the link.
        log_id: None,
    })
}

impl Source for LinkSource {
    fn endpoint(&self) -> &'static EndpointInfo {
        &BatchGetTmpDownloadUrl::ENDPOINT
    }

    /// Nothing is documented of the hosts that links lead to; what they say themselves counts.
    fn takes_ranges(&self) -> bool {
        false
    }

    /// Of the media and not of the link: a later one leads to the same file.
    fn identity(&self) -> String {
        let mut text = String::new();
        for value in [Some(&self.file_token), self.extra.as_ref()].into_iter().flatten() {
            // Its length in front, so that no two have the same text.
            let _ = writeln!(text, "{}:{value}", value.len());
        }
        text
    }

    fn client(&self) -> &Client {
        &self.client
    }

    fn retry_draws(&self) -> &RetryDraws {
        &self.retry_draws
    }

    fn open(&self, headers: HeaderMap) -> Pending<'_, Result<Opened>> {
        Box::pin(async move {
            let opened = self.open_or_renew(headers).await;
            if opened.is_ok() {
                self.retry_draws.helped(&self.client);
            }
            opened
        })
    }
}
