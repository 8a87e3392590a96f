//! What a call costs beside the HTTP client and serde_json alone, in CPU time.
//!
//! `cargo bench --bench call` makes the same call in both ways in turn, to one server, and prints the medians.
//! The goal is at most 8 µs more for a call. Only the thread that calls is measured: the server runs in another.

// A benchmark prints, and needs no documentation.
#![allow(missing_docs, clippy::print_stdout)]

use std::time::Duration;

use counted::Counted;
use larkspur::Client;
use larkspur::drive::v1::media::{BatchGetTmpDownloadUrl, BatchGetTmpDownloadUrlResponse};
use larkspur::wire::Decode as _;
use rustix::time::{ClockId, clock_gettime};
use tokio::runtime::Runtime;

mod bare;
mod counted;
mod server;

/// Calls in one round: enough for the clock, few enough for both sides to see the same machine.
const CALLS: u32 = 2_000;
/// Rounds of each side.
const PAIRS: usize = 15;
/// File tokens of a call, the most that the endpoint takes.
const TOKENS: [&str; 5] = [
    "boxcnrHpsg1QDqXAAAyachabce1",
    "boxcnrHpsg1QDqXAAAyachabce2",
    "boxcnrHpsg1QDqXAAAyachabce3",
    "boxcnrHpsg1QDqXAAAyachabce4",
    "boxcnrHpsg1QDqXAAAyachabce5",
];

type Failure = Box<dyn std::error::Error>;

fn main() -> Result<(), Failure> {
    // cargo passes arguments of its own harness, such as --bench: there is nothing to choose here.
    let base_url = server::start()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let client = client(&base_url)?;
    let bare = bare::Bare::new(&base_url)?;

    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    // One round of each warms up connections, tokens and caches.
    for round in 0..=PAIRS {
        let (sdk, alone) = (
            measure(&runtime, || with_sdk(&client))?,
            measure(&runtime, || bare.call(&TOKENS))?,
        );
        if round > 0 {
            ours.push(sdk);
            theirs.push(alone);
        }
    }
    let more: Vec<Duration> = ours
        .iter()
        .zip(&theirs)
        .map(|(sdk, alone)| sdk.saturating_sub(*alone))
        .collect();
    println!("{PAIRS} pairs of {CALLS} calls, medians of the calling thread's CPU time for each call:");
    println!("  reqwest + serde_json  {:>7.2} µs", microseconds(median(theirs)));
    println!("  larkspur              {:>7.2} µs", microseconds(median(ours)));
    println!(
        "  more                  {:>7.2} µs (goal: at most 8)",
        microseconds(median(more))
    );
    Ok(())
}

fn client(base_url: &str) -> Result<Client, larkspur::Error> {
    Client::builder()
        .app("cli_slkdjalasdkjasd", "secret")
        .base_url(base_url)
        .build()
}

async fn with_sdk(client: &Client) -> Result<usize, Failure> {
    let request = Counted(BatchGetTmpDownloadUrl::new(TOKENS));
    let mut answer = BatchGetTmpDownloadUrlResponse::blank();
    client.call(&request, &mut answer).await?;
    Ok(answer.tmp_download_urls.len())
}

/// CPU time of one call.
fn measure<F: Future<Output = Result<usize, Failure>>>(
    runtime: &Runtime,
    call: impl Fn() -> F,
) -> Result<Duration, Failure> {
    runtime.block_on(async {
        let before = thread_time();
        for _ in 0..CALLS {
            let links = call().await?;
            assert_eq!(links, TOKENS.len(), "the answer has a link for each token");
        }
        Ok((thread_time() - before) / CALLS)
    })
}

fn thread_time() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec.unsigned_abs(), u32::try_from(time.tv_nsec).unwrap_or(0))
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

fn microseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}
