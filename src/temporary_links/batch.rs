//! Asking for many links.

use std::collections::{HashMap, HashSet};

use super::TemporaryLink;
use crate::Client;
use crate::concurrent::ConcurrentFutures;
use crate::drive::v1::media::BatchGetTmpDownloadUrl;
use crate::error::{Error, ErrorKind, Result, TemporaryLinkError};

/// How many tokens one call takes. The spec says so too, and a request that has more is not sent.
const MOST_TOKENS: usize = 5;
/// How many calls are under way at a time, as far as the limits let them.
const CALLS: usize = 4;

/// What became of each token.
type Links = HashMap<String, Result<TemporaryLink>>;

/// A link, or why there is none, for each of these tokens, in their order.
pub(super) async fn resolve(
    client: &Client,
    tokens: Vec<String>,
    extra: Option<&str>,
) -> Vec<(String, Result<TemporaryLink>)> {
    let mut seen = HashSet::new();
    let distinct: Vec<_> = tokens.iter().filter(|token| seen.insert(token.as_str())).collect();
    let mut chunks = distinct.chunks(MOST_TOKENS);
    let mut running = ConcurrentFutures::new();
    let mut links = Links::new();
    loop {
        while running.len() < CALLS
            && let Some(chunk) = chunks.next()
        {
            let chunk = chunk.iter().map(|token| (*token).clone()).collect();
            running.push(ask(client, chunk, extra));
        }
        match running.next().await {
            Some(came) => links.extend(came),
            None => break,
        }
    }
    let of = |token: String| {
        let link = links.get(&token).cloned().unwrap_or_else(|| Err(missing()));
        (token, link)
    };
    tokens.into_iter().map(of).collect()
}

/// What becomes of these tokens, which one call takes. Where it fails over one of them, each gets a call of its own.
async fn ask(client: &Client, tokens: Vec<String>, extra: Option<&str>) -> Links {
    let error = match call(client, &tokens, extra).await {
        Ok(links) => return links,
        Err(error) => error,
    };
    let mut links = Links::new();
    for token in &tokens {
        let alone = match tokens.len() > 1 && is_about_a_token(&error) {
            true => call(client, std::slice::from_ref(token), extra).await,
            false => Err(error.clone()),
        };
        match alone {
            Ok(came) => links.extend(came),
            Err(error) => drop(links.insert(token.clone(), Err(error))),
        }
    }
    links
}

/// Whether a call may have failed over one token, and would succeed for the others.
fn is_about_a_token(error: &Error) -> bool {
    let ours = error.endpoint().map(|endpoint| endpoint.id) == Some(BatchGetTmpDownloadUrl::ENDPOINT.id);
    let answered = error.api_error().is_some_and(|answer| {
        let refused = matches!(answer.status, 400 | 403 | 404) || answer.status == 200;
        refused && !answer.is_about_scopes()
    });
    let invalid = matches!(error.kind(), ErrorKind::Validation(_));
    ours && !error.is_retryable() && (answered || invalid)
}

/// One call.
async fn call(client: &Client, tokens: &[String], extra: Option<&str>) -> Result<Links> {
    let mut request = BatchGetTmpDownloadUrl::new(tokens);
    request.extra = extra.map(str::to_owned);
    let mut came = request.send(client).await?.tmp_download_urls;
    let link = |token: &String| {
        let index = came.iter().position(|entry| entry.file_token == *token);
        let link = index.map(|index| TemporaryLink {
            file_token: token.clone(),
            extra: extra.map(str::to_owned),
            url: came.swap_remove(index).tmp_download_url,
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

    /// Nothing is sent for it: the spec and this file agree on how many tokens a call takes.
    #[tokio::test]
    async fn a_call_takes_as_many_tokens_as_the_spec_says() {
        let client = Client::builder().tenant_token("t-1").base_url("http://127.0.0.1:9");
        let client = client.rate_limits(RateLimitMode::Off).build().unwrap();
        let client = client.with_retries(crate::RetryPolicy::none());
        let send = |count: usize| BatchGetTmpDownloadUrl::new(vec!["boxcn"; count]).send(&client);
        assert!(send(MOST_TOKENS).await.unwrap_err().violations().is_empty());
        assert!(!send(MOST_TOKENS + 1).await.unwrap_err().violations().is_empty());
    }
}
