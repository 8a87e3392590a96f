//! Requests for many links.

use std::collections::{HashMap, HashSet};

use futures_util::stream::{FuturesUnordered, StreamExt as _};

use super::TemporaryLink;
use crate::Client;
use crate::drive::v1::media::BatchGetTmpDownloadUrl;
use crate::error::{Error, ErrorKind, Result, TemporaryLinkError};

/// Maximum number of tokens per call, as in the spec; a larger request fails validation.
const MAX_TOKENS_PER_CALL: usize = 5;
/// Maximum number of concurrent calls.
const MAX_CONCURRENT_CALLS: usize = 4;

/// The result of each token.
type Links = HashMap<String, Result<TemporaryLink>>;

/// Returns one result per token, in the same order.
pub(super) async fn resolve(
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
    super::error(ErrorKind::TemporaryLink(TemporaryLinkError::Missing))
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
