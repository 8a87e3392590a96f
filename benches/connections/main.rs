//! What parallel ranges bring if the server limits the rate of each connection.
//!
//! `cargo bench --bench connections` prints the time of a transfer over 1 and over 4 connections, behind a server that gives
//! 20 MB/s to each: pairs that run one after the other, and the median of their quotients.

mod server;

use std::path::Path;
use std::time::Duration;

use larkspur::download::Overwrite;
use larkspur::drive::v1::media;
use larkspur::{Client, RateLimitMode};

const SIZE: u64 = 128 * 1024 * 1024;
const BYTES_PER_SECOND: u64 = 20_000_000;
const CONNECTIONS: u32 = 4;
const PAIRS: usize = 5;

#[tokio::main]
#[allow(clippy::print_stdout)]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let url = server::start(SIZE, BYTES_PER_SECOND).await?;
    let client = Client::builder().tenant_token("t-1").rate_limits(RateLimitMode::Off);
    let client = client.base_url(url).build()?;
    // The disk is not what is measured.
    let shared = Path::new("/dev/shm");
    let directory = match shared.is_dir() {
        true => tempfile::tempdir_in(shared)?,
        false => tempfile::tempdir()?,
    };
    let path = directory.path().join("file");
    let mut quotients = Vec::new();
    for _ in 0..PAIRS {
        let one = transfer(&client, &path, 1).await?;
        let several = transfer(&client, &path, CONNECTIONS).await?;
        let quotient = one.as_secs_f64() / several.as_secs_f64();
        println!("1 connection {one:.2?}, {CONNECTIONS} connections {several:.2?}: {quotient:.2} times as fast");
        quotients.push(quotient);
    }
    quotients.sort_by(f64::total_cmp);
    println!("median of {PAIRS} pairs: {:.2}", quotients[PAIRS / 2]);
    Ok(())
}

async fn transfer(client: &Client, path: &Path, connections: u32) -> larkspur::Result<Duration> {
    let transfer = client.download(media::Download::new("boxcn1"));
    let transfer = transfer.connections(connections).overwrite(Overwrite::Replace);
    Ok(transfer.to(path).await?.elapsed)
}
