//! Temporary links: requested in batches of five, followed without the token, and never to private addresses.

mod addresses;
mod batches;
mod proxies;
mod redirects;
mod renewal;

use std::time::Duration;

use crate::support::{Platform, Recorded, Reply};
use larkspur::error::{ErrorKind, TemporaryLinkError};
use larkspur::temporary_links::TemporaryLink;
use larkspur::{Client, ClientBuilder, Error, RateLimitMode, Result, RetryPolicy};

const TOKEN: &str = "t-tenant-token";

fn file(length: usize) -> Vec<u8> {
    (0..length as u32)
        .map(|index| (index.wrapping_mul(2_654_435_761) >> 24) as u8)
        .collect()
}

fn builder(base_url: impl Into<String>) -> ClientBuilder {
    Client::builder()
        .tenant_token(TOKEN)
        .base_url(base_url)
        .rate_limits(RateLimitMode::Off)
        .connect_timeout(Duration::from_millis(200))
        .retries(RetryPolicy::new().initial_backoff(Duration::from_millis(1)))
}

/// A client that follows links to this machine.
fn client(platform: &Platform) -> Client {
    builder(platform.base_url()).allow_private_links(true).build().unwrap()
}

fn tokens_of(request: &Recorded) -> Vec<String> {
    let query = request.target.split_once('?').map_or("", |(_, query)| query);
    let tokens = query.split('&').filter_map(|pair| pair.strip_prefix("file_tokens="));
    tokens.map(str::to_owned).collect()
}

fn entry(token: &str, url: &str) -> String {
    format!(r#"{{"file_token":"{token}","tmp_download_url":"{url}"}}"#)
}

fn links(entries: impl IntoIterator<Item = String>) -> Reply {
    let entries: Vec<_> = entries.into_iter().collect();
    Reply::data(&format!(r#"{{"tmp_download_urls":[{}]}}"#, entries.join(",")))
}

/// A platform whose every link is this.
async fn linking(url: impl Into<String>) -> Platform {
    let url = url.into();
    Platform::start(move |request| links(tokens_of(request).iter().map(|token| entry(token, &url)))).await
}

/// A host that responds to each request as this function determines.
async fn host(answer: impl Fn(&Recorded) -> Reply + Send + Sync + 'static) -> Platform {
    Platform::start(answer).await
}

async fn link(client: &Client) -> TemporaryLink {
    larkspur::temporary_links::resolve(client, ["boxcn1"])
        .await
        .remove(0)
        .1
        .unwrap()
}

async fn download(client: &Client) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    client.download_link(&link(client).await).to_writer(&mut bytes).await?;
    Ok(bytes)
}

fn fault(error: &Error) -> &TemporaryLinkError {
    match error.kind() {
        ErrorKind::TemporaryLink(fault) => fault,
        _ => panic!("{error}"),
    }
}
