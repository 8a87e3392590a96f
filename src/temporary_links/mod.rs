//! Temporary links, with which media can be downloaded for a day without a token.
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

use crate::call::{Opened, Sniffed, sniff};
use crate::client::Client;
use crate::download::{Download, RetryDraws, Source};
use crate::drive::v1::media::BatchGetTmpDownloadUrl;
use crate::endpoint::EndpointInfo;
use crate::error::{Error, ErrorKind, Result, TemporaryLinkError, TransportError};
use crate::retry::parse_retry_after;
use crate::store::Pending;

/// A temporary link to a media file. It is valid for [`BatchGetTmpDownloadUrl::LIFETIME`] and never printed.
#[derive(Clone)]
pub struct TemporaryLink {
    file_token: String,
    extra: Option<String>,
    url: SecretString,
}

impl TemporaryLink {
    /// Returns the token of the media.
    pub fn file_token(&self) -> &str {
        &self.file_token
    }

    /// Returns the URL. Anyone who has it can download the media.
    pub fn url(&self) -> &SecretString {
        &self.url
    }
}

/// Omits the URL.
impl fmt::Debug for TemporaryLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TemporaryLink")
            .field("file_token", &self.file_token)
            .finish_non_exhaustive()
    }
}

/// Requests temporary links for media tokens; returns one result per token, in the same order, duplicates included.
///
/// Tokens are sent in calls of five, at most four at a time and within the rate limits. An error concerns only its
/// token: the platform omits the token from its response
/// ([`TemporaryLinkError::Missing`]) or rejects a call because of it, after
/// which the other tokens of that call are sent one by one.
pub async fn resolve(
    client: &Client,
    tokens: impl IntoIterator<Item = impl Into<String>>,
) -> Vec<(String, Result<TemporaryLink>)> {
    batch::resolve(client, tokens.into_iter().map(Into::into).collect(), None).await
}

/// Requests temporary links for media of a base with advanced permissions, which need this proof of access:
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
    /// Downloads the file behind a link, with all features of [`Download`].
    ///
    /// Requests carry no token, cookie or Referer. At most five redirects are followed: none from https to http, and
    /// none to an address outside the public internet unless
    /// [`ClientBuilder::allow_private_links`](crate::ClientBuilder::allow_private_links) is set. If the host rejects
    /// the link, it is assumed to have expired and the client requests a new one.
    ///
    /// A failed download can be resumed with a later link to the same media.
    pub fn download_link(&self, link: &TemporaryLink) -> Download {
        Download::from_source(Box::new(LinkSource::new(self.clone(), link.clone())))
    }
}

/// Creates an error of the links endpoint.
fn error(kind: ErrorKind) -> Error {
    Error::at(&BatchGetTmpDownloadUrl::ENDPOINT, kind)
}

/// A download source that requests a new link if the host rejects the current one.
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

    /// Requests a new link. Returns false if it is the same.
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
        let (links, url, timeout) = (self.client.links(), self.url(), self.client.timeout());
        let response = links.follow(&url, headers, timeout).await.map_err(error)?;
        // Reading the beginning of the body may time out too.
        let checked = tokio::time::timeout(timeout, read_file_or_error(response)).await;
        let timed_out = |_| Err(ErrorKind::Transport(TransportError::timeout(timeout, "answer")));
        checked.unwrap_or_else(timed_out).map_err(error)
    }

    async fn open_or_renew(&self, headers: HeaderMap) -> Result<Opened> {
        match self.try_open(headers.clone()).await {
            Err(rejected) if may_be_expired(&rejected) => match self.renew().await? {
                true => self.try_open(headers).await,
                false => Err(rejected),
            },
            other => other,
        }
    }
}

fn may_be_expired(error: &Error) -> bool {
    matches!(error.kind(), ErrorKind::TemporaryLink(fault) if fault.may_be_expired())
}

/// Distinguishes a file, or a part of one, from an error page.
async fn read_file_or_error(mut response: Response) -> Result<Opened, ErrorKind> {
    let status = response.status();
    let rejected = |response: &Response| {
        ErrorKind::TemporaryLink(TemporaryLinkError::Refused {
            host: redirect::host(response.url()),
            status: status.as_u16(),
            retry_after: parse_retry_after(response.headers()),
        })
    };
    if !status.is_success() && status != StatusCode::RANGE_NOT_SATISFIABLE {
        return Err(rejected(&response));
    }
    let beginning = match sniff(&mut response).await.map_err(ErrorKind::Transport)? {
        Sniffed::File(beginning) => beginning,
        Sniffed::Error(_) => return Err(rejected(&response)),
    };
    Ok(Opened {
        status,
        response,
        beginning,
        // Other hosts have no log id of the platform, and their headers may contain the link.
        log_id: None,
    })
}

impl Source for LinkSource {
    fn endpoint(&self) -> &'static EndpointInfo {
        &BatchGetTmpDownloadUrl::ENDPOINT
    }

    /// The hosts of links are not documented; their responses decide.
    fn supports_ranges(&self) -> bool {
        false
    }

    /// Identifies the media, not the link: later links lead to the same file.
    fn identity(&self) -> String {
        let mut text = String::new();
        for value in [Some(&self.file_token), self.extra.as_ref()].into_iter().flatten() {
            // The length prefix makes the encoding unambiguous.
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
