//! Prints the spans of a client's calls: `cargo run --example trace`.
//!
//! The calls go to a local mock server with injected failures.

use std::error::Error;

use larkspur::Client;
use larkspur::drive::v1::media::{BatchGetTmpDownloadUrl, Download};
use larkspur_mock::{Failure, Mock};
use tracing::Level;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt::{self, format::FmtSpan};
use tracing_subscriber::prelude::*;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    // One line per closed span, with all recorded fields.
    let printed = fmt::layer().compact().without_time().with_span_events(FmtSpan::CLOSE);
    let only_larkspur = Targets::new().with_target("larkspur", Level::DEBUG);
    tracing_subscriber::registry()
        .with(printed.with_filter(only_larkspur))
        .init();

    let mock = Mock::start().await?;
    let client = Client::builder()
        .app(mock.app_id(), mock.app_secret())
        .base_url(mock.base_url())
        .build()?;

    let request = BatchGetTmpDownloadUrl::new(["boxcnrHpsg1QDqXAAAyachabcef"]);
    let endpoint = BatchGetTmpDownloadUrl::ENDPOINT.id;
    mock.fail_next(endpoint, Failure::status(503))?;
    mock.fail_next(endpoint, Failure::code(99991400).reset(1))?;
    request.send(&client).await?;

    mock.fail_next(Download::ENDPOINT.id, Failure::status(403))?;
    let refused = Download::new("boxcnrHpsg1QDqXAAAyachabcef").send(&client).await;
    refused.err().ok_or("expected the injected failure")?;
    Ok(())
}
