//! Prints what a client tells of its calls: `cargo run --example trace`.
//!
//! The calls go to a stand-in of the platform on this machine, which fails twice as it is told.

use larkspur::drive::v1::media::{BatchGetTmpDownloadUrl, Download};
use larkspur::{Client, Error};
use larkspur_mock::{Failure, Mock};
use tracing::Level;
use tracing_subscriber::fmt::format::FmtSpan;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    tracing_subscriber::fmt()
        .with_max_level(Level::DEBUG)
        // A line for each span when it ends, with all that was filled in.
        .with_span_events(FmtSpan::CLOSE)
        .with_env_filter_of("larkspur")
        .init();

    let mock = Mock::builder().start()?;
    let client = Client::builder()
        .app(mock.app_id(), mock.app_secret())
        .base_url(mock.base_url())
        .build()?;

    let links = "drive.v1.media.batch_get_tmp_download_url";
    mock.fail_next(links, Failure::status(503).times(1))?;
    mock.fail_next(links, Failure::code(99991400).reset(1).times(1))?;
    let request = BatchGetTmpDownloadUrl::new(["boxcnrHpsg1QDqXAAAyachabcef"]);
    request.send(&client).await?;

    let refused: Result<_, Error> = Download::new("no-such-file").send(&client).await;
    assert!(refused.is_err());
    Ok(())
}
