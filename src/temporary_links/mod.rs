//! Temporary links: whoever has one can download the media for a day, without a token.
//!
//! ```no_run
//! # async fn example(client: larkspur::Client, tokens: Vec<String>) -> larkspur::Result<()> {
//! use larkspur::temporary_links;
//!
//! for (token, link) in temporary_links::resolve(&client, tokens).await {
//!     match link {
//!         Ok(link) => println!("{:?}", client.download_link(&link).to_dir("downloads").await?.path),
//!         Err(error) => eprintln!("{token}: {error}"),
//!     }
//! }
//! # Ok(())
//! # }
//! ```

mod address;
mod batch;
mod redirect;

use std::fmt;
use std::fmt::Write as _;
use std::sync::{Mutex, PoisonError};

use reqwest::header::HeaderMap;
use reqwest::{Response, StatusCode};
use secrecy::{ExposeSecret, SecretString};

use crate::call::{Glance, Opened, glance};
use crate::client::Client;
use crate::download::{Download, RetryDraws, Source};
use crate::drive::v1::media::BatchGetTmpDownloadUrl;
use crate::endpoint::EndpointInfo;
use crate::error::{Error, ErrorKind, Result, TemporaryLinkError, TransportError};
use crate::retry::parse_retry_after;
use crate::store::Pending;

/// A temporary link to one media. It lives for [`BatchGetTmpDownloadUrl::LIFETIME`] and is never printed.
#[derive(Clone)]
pub struct TemporaryLink {
    file_token: String,
    extra: Option<String>,
    url: SecretString,
}

impl TemporaryLink {
    /// Token of the media that it leads to.
    pub fn file_token(&self) -> &str {
        &self.file_token
    }

    /// The link itself, to hand it on. Whoever has it can download the media.
    pub fn url(&self) -> &SecretString {
        &self.url
    }
}

/// Without the link.
impl fmt::Debug for TemporaryLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TemporaryLink")
            .field("file_token", &self.file_token)
            .finish_non_exhaustive()
    }
}

/// A temporary link for each of these tokens of media, in their order, a token that comes twice included.
///
/// Any number of tokens is asked for in calls of five, four of them at a time as far as the limits let them. What goes
/// wrong with one token is the error of that token alone: where the platform leaves it out of its answer
/// ([`TemporaryLinkError::Missing`](crate::error::TemporaryLinkError::Missing)), and where it refuses a call over it, the other tokens of which
/// are then asked for one by one.
pub async fn resolve(
    client: &Client,
    tokens: impl IntoIterator<Item = impl Into<String>>,
) -> Vec<(String, Result<TemporaryLink>)> {
    batch::resolve(client, tokens.into_iter().map(Into::into).collect(), None).await
}

/// The same for media of a base with advanced permissions, which need this proof of access:
/// [`BatchGetTmpDownloadUrl::extra`].
pub async fn resolve_with_extra(
    client: &Client,
    tokens: impl IntoIterator<Item = impl Into<String>>,
    extra: &str,
) -> Vec<(String, Result<TemporaryLink>)> {
    let tokens = tokens.into_iter().map(Into::into).collect();
    batch::resolve(client, tokens, Some(extra)).await
}

impl Client {
    /// A download of the file that this link leads to, with all that a [`Download`] promises.
    ///
    /// The request carries no token, no cookie and no Referer. At most five redirects are followed: none from https to http, and
    /// none to an address that is not on the public internet, unless
    /// [`ClientBuilder::allow_private_links`](crate::ClientBuilder::allow_private_links) says otherwise. A link that the host
    /// refuses is taken to have ended, and a new one is asked for in the name of this client's caller.
    ///
    /// What a failed transfer leaves can be gone on with over a later link to the same media.
    pub fn download_link(&self, link: &TemporaryLink) -> Download {
        Download::from_source(Box::new(LinkSource::new(self.clone(), link.clone())))
    }
}

/// An error in what has to do with links.
fn error(problem: ErrorKind) -> Error {
    Error::at(&BatchGetTmpDownloadUrl::ENDPOINT, problem)
}

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
            host: redirect::host(response.url()),
            status: status.as_u16(),
            retry_after: parse_retry_after(response.headers()),
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
    fn supports_ranges(&self) -> bool {
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
                self.retry_draws.refund(&self.client);
            }
            opened
        })
    }
}
