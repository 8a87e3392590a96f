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
mod redirect;

use std::collections::{HashMap, HashSet};
use std::fmt::{self, Write as _};
use std::sync::{Mutex, PoisonError};

use futures_util::stream::{FuturesUnordered, StreamExt as _};
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
    resolve_all(client, tokens.into_iter().map(Into::into).collect(), None).await
}

/// Requests temporary links for media of a base with advanced permissions, which need this proof of access:
/// [`BatchGetTmpDownloadUrl::extra`].
pub async fn resolve_with_extra(
    client: &Client,
    tokens: impl IntoIterator<Item = impl Into<String>>,
    extra: &str,
) -> Vec<(String, Result<TemporaryLink>)> {
    let tokens = tokens.into_iter().map(Into::into).collect();
    resolve_all(client, tokens, Some(extra)).await
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
        let links = resolve_all(&self.client, tokens, self.extra.as_deref()).await;
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
        Sniffed::Error(_) | Sniffed::ForeignPage => return Err(rejected(&response)),
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

    fn default_stem(&self) -> Option<String> {
        Some(self.file_token.clone())
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

/// Maximum number of tokens per call, as in the spec; a larger request fails validation.
const MAX_TOKENS_PER_CALL: usize = 5;
/// Maximum number of concurrent calls.
const MAX_CONCURRENT_CALLS: usize = 4;

/// The result of each token.
type Links = HashMap<String, Result<TemporaryLink>>;

/// Returns one result per token, in the same order.
async fn resolve_all(
    client: &Client,
    tokens: Vec<String>,
    extra: Option<&str>,
) -> Vec<(String, Result<TemporaryLink>)> {
    let mut seen = HashSet::new();
    let distinct: Vec<_> = tokens.iter().filter(|token| seen.insert(token.as_str())).collect();
    let mut chunks = distinct.chunks(MAX_TOKENS_PER_CALL);
    let mut running = FuturesUnordered::new();
    let mut links = Links::new();
    loop {
        while running.len() < MAX_CONCURRENT_CALLS
            && let Some(chunk) = chunks.next()
        {
            let chunk = chunk.iter().map(|token| (*token).clone()).collect();
            running.push(resolve_chunk(client, chunk, extra));
        }
        match running.next().await {
            Some(urls) => links.extend(urls),
            None => break,
        }
    }
    let result_of = |token: String| {
        let link = links.get(&token).cloned().unwrap_or_else(|| Err(missing()));
        (token, link)
    };
    tokens.into_iter().map(result_of).collect()
}

/// Resolves the tokens of one call. If the call fails because of one token, sends a call for each.
async fn resolve_chunk(client: &Client, tokens: Vec<String>, extra: Option<&str>) -> Links {
    let error = match request_links(client, &tokens, extra).await {
        Ok(links) => return links,
        Err(error) => error,
    };
    let mut links = Links::new();
    for token in &tokens {
        let result = match tokens.len() > 1 && is_about_one_token(&error) {
            true => request_links(client, std::slice::from_ref(token), extra).await,
            false => Err(error.clone()),
        };
        match result {
            Ok(urls) => links.extend(urls),
            Err(error) => drop(links.insert(token.clone(), Err(error))),
        }
    }
    links
}

/// Returns whether a call may have failed because of one token and would succeed for the others.
fn is_about_one_token(error: &Error) -> bool {
    let from_links_endpoint = error.endpoint().map(|endpoint| endpoint.id) == Some(BatchGetTmpDownloadUrl::ENDPOINT.id);
    let rejected = error.api_error().is_some_and(|error| {
        let is_client_error = matches!(error.status, 400 | 403 | 404) || error.status == 200;
        is_client_error && !error.is_about_scopes()
    });
    let invalid = matches!(error.kind(), ErrorKind::Validation(_));
    from_links_endpoint && !error.is_retryable() && (rejected || invalid)
}

/// Sends one call.
async fn request_links(client: &Client, tokens: &[String], extra: Option<&str>) -> Result<Links> {
    let mut request = BatchGetTmpDownloadUrl::new(tokens);
    request.extra = extra.map(str::to_owned);
    let mut urls = request.send(client).await?.tmp_download_urls;
    let link = |token: &String| {
        let index = urls.iter().position(|entry| entry.file_token == *token);
        let link = index.map(|index| TemporaryLink {
            file_token: token.clone(),
            extra: extra.map(str::to_owned),
            url: urls.swap_remove(index).tmp_download_url,
        });
        (token.clone(), link.ok_or_else(missing))
    };
    Ok(tokens.iter().map(link).collect())
}

fn missing() -> Error {
    error(ErrorKind::TemporaryLink(TemporaryLinkError::Missing))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::RateLimitMode;

    /// Sends nothing; checks that the constant and the spec agree.
    #[tokio::test]
    async fn limits_tokens_per_call_as_the_spec_does() {
        let client = Client::builder().tenant_token("t-1").base_url("http://127.0.0.1:9");
        let client = client.rate_limits(RateLimitMode::Off).build().unwrap();
        let client = client.with_retries(crate::RetryPolicy::none());
        let send = |count: usize| BatchGetTmpDownloadUrl::new(vec!["boxcn"; count]).send(&client);
        assert!(send(MAX_TOKENS_PER_CALL).await.unwrap_err().violations().is_empty());
        assert!(!send(MAX_TOKENS_PER_CALL + 1).await.unwrap_err().violations().is_empty());
    }
}
