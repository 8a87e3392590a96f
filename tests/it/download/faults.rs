//! Every fault at every offset: no file is ever corrupt, and none is taken for whole that is not.
//!
//! A file of 4 KiB breaks off at each offset, one of 1 MiB around each boundary of 4 KiB, and then what each kind of fault
//! is about happens, over each protocol. A sample of the cases runs, spread over all of them; all run with
//! `LARKSPUR_EXHAUSTIVE=1 cargo test --profile exhaustive --test it download::faults`.
#![allow(clippy::print_stdout, reason = "the counts are for people")]

use crate::support::{fault, sampling};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::support::fault::{Case, Cases, KINDS, Kind, PROTOCOLS, Protocol};
use larkspur::download::Report;
use larkspur::drive::v1::media;
use larkspur::interceptor::{Interceptor, ResponseEvent};
use larkspur::{Client, Download, RateLimitMode, Result, RetryPolicy};

/// Transfers at a time, over each protocol.
const WORKERS: usize = 32;
const SMALL: usize = 4 << 10;
const LARGE: usize = 1 << 20;
/// One case in so many is in a sample. It has no factor in common with the number of kinds.
const SHARE: usize = 307;

/// The number of parallel ranges, and their minimum size.
const IN_PIECES: (u32, u64) = (4, 300);

/// Where the bytes go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum To {
    File,
    /// To a file, with parallel ranges.
    FileInPieces,
    Writer,
}

#[tokio::test(flavor = "multi_thread")]
async fn every_fault_leaves_file_correct() {
    run_all(To::File, 1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_fault_leaves_parallel_file_correct() {
    run_all(To::FileInPieces, 1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_fault_leaves_writer_correct() {
    // The attempts are the same; what differs is what becomes of the bytes.
    run_all(To::Writer, 7).await;
}

/// Runs one case in `share`, and fewer unless the run is exhaustive.
async fn run_all(to: To, share: usize) {
    let (share, first) = if sampling::is_exhaustive() {
        (share, 0)
    } else {
        (share * SHARE, sampling::seed() % (share * SHARE))
    };
    let directory = tempfile::tempdir_in(in_memory()).unwrap();
    let runs = PROTOCOLS.map(|protocol| {
        let directory = directory.path().join(format!("{protocol:?}"));
        tokio::spawn(run(protocol, to, cases(protocol, to, first, share), directory))
    });
    let mut count = 0;
    let mut wrong = Vec::new();
    for run in runs {
        let (ran, found) = run.await.unwrap();
        count += ran;
        wrong.extend(found);
    }
    println!("{to:?}: {count} cases, {} wrong", wrong.len());
    assert!(wrong.is_empty(), "{:#?}", &wrong[..wrong.len().min(20)]);
}

/// Every case, or an even share of them.
fn cases(protocol: Protocol, to: To, first: usize, share: usize) -> Vec<Case> {
    // A range has no more bytes than that.
    let last = match to {
        To::FileInPieces => SMALL / IN_PIECES.0 as usize,
        _ => SMALL,
    };
    let small = (0..=last).map(|offset| (SMALL, offset));
    let boundaries = (0..=LARGE).step_by(4096);
    let large = boundaries.flat_map(|boundary| {
        let around = boundary.saturating_sub(1)..=(boundary + 1).min(LARGE);
        around.map(|offset| (LARGE, offset))
    });
    let kinds = KINDS.iter().filter(|kind| kind.exists_over(protocol));
    let at = |kind: &Kind| {
        let kind = *kind;
        let places = small.clone().chain(large.clone());
        places.map(move |(size, offset)| Case { kind, size, offset })
    };
    kinds.flat_map(at).skip(first).step_by(share).collect()
}

/// Runs the cases, and returns their number and a description of each failure.
async fn run(protocol: Protocol, to: To, cases: Vec<Case>, directory: PathBuf) -> (usize, Vec<String>) {
    let (url, served) = fault::start(protocol).await;
    let cases = Arc::new(cases);
    let next = Arc::new(AtomicUsize::new(0));
    let workers: Vec<_> = (0..WORKERS)
        .map(|worker| {
            let (cases, next, served, url) = (Arc::clone(&cases), Arc::clone(&next), served.clone(), url.clone());
            let directory = directory.join(worker.to_string());
            tokio::spawn(async move {
                fs::create_dir_all(&directory).unwrap();
                let seen = Seen::default();
                let mut client = client(&url, protocol, &seen);
                let mut wrong = Vec::new();
                while let Some(case) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
                    if to == To::FileInPieces {
                        // One fault ends several ranges over HTTP/2; so many in a row use up a client's retry budget.
                        client = self::client(&url, protocol, &seen);
                    }
                    let checked = match to {
                        To::File | To::FileInPieces => check(&client, &seen, case, to, &served, &directory).await,
                        To::Writer => check_writer(&client, &seen, case, &served).await,
                    };
                    wrong.extend(checked.err().map(|what| format!("{protocol:?} {case:?}: {what}")));
                }
                wrong
            })
        })
        .collect();
    let mut wrong = Vec::new();
    for worker in workers {
        wrong.extend(worker.await.unwrap());
    }
    (cases.len(), wrong)
}

/// One download; if it may fail and does, one more that resumes it.
async fn check(
    client: &Client,
    seen: &Seen,
    case: &Case,
    to: To,
    served: &Cases,
    directory: &Path,
) -> Result<(), String> {
    let path = directory.join("file");
    let first = transfer(client, case, to, &path).await;
    if let Err(error) = first {
        if path.exists() {
            return Err(format!("it failed and the file has its name: {error}"));
        }
        if !case.kind.may_fail() {
            let _ = fs::remove_dir_all(directory);
            let _ = fs::create_dir_all(directory);
            served.end(case);
            return Err(format!("it failed: {error}"));
        }
        transfer(client, case, to, &path)
            .await
            .map_err(|error| format!("the second one failed: {error}"))?;
    }
    let requests = served.end(case);
    let content = fs::read(&path).map_err(|error| error.to_string())?;
    fs::remove_file(&path).map_err(|error| error.to_string())?;
    if !case.is_whole(&content, requests) && !seen.only_the_page(case, &content) {
        return Err(format!("the file is corrupt: {} bytes", content.len()));
    }
    match fs::read_dir(directory).map_err(|error| error.to_string())?.count() {
        0 => Ok(()),
        count => Err(format!("{count} other files are left in the directory")),
    }
}

/// One transfer to a writer: it has had all of one version, or a beginning of the first.
async fn check_writer(client: &Client, seen: &Seen, case: &Case, served: &Cases) -> Result<(), String> {
    let mut written = Vec::new();
    let ended = transfer_of(client, case).to_writer(&mut written).await;
    let requests = served.end(case);
    match ended {
        Ok(_) if case.is_whole(&written, requests) || seen.only_the_page(case, &written) => Ok(()),
        Ok(_) => Err(format!(
            "it succeeded with {} bytes that are not the file",
            written.len()
        )),
        Err(_) if case.is_beginning(&written) => Ok(()),
        Err(error) => Err(format!(
            "the writer has had {} bytes of no version: {error}",
            written.len()
        )),
    }
}

/// The cases whose first response a client has seen.
#[derive(Clone, Default)]
struct Seen(Arc<Mutex<BTreeSet<String>>>);

impl Interceptor for Seen {
    fn on_response(&self, answer: &mut ResponseEvent<'_>) {
        if let Some(case) = answer.headers.get(Case::FIRST) {
            self.0.lock().unwrap().insert(case.to_str().unwrap().to_owned());
        }
    }
}

impl Seen {
    /// Whether the client has seen only the page of a gateway. Over HTTP/2 a reset can overtake the head of the previous
    /// response, and then the page cannot be distinguished from a file.
    fn only_the_page(&self, case: &Case, content: &[u8]) -> bool {
        case.is_page(content) && !self.0.lock().unwrap().contains(&case.token())
    }
}

async fn transfer(client: &Client, case: &Case, to: To, path: &Path) -> Result<Report> {
    let (connections, smallest) = if to == To::FileInPieces { IN_PIECES } else { (1, 1) };
    let transfer = transfer_of(client, case)
        .connections(connections)
        .min_part_size(smallest);
    transfer.resume().to(path).await
}

fn transfer_of(client: &Client, case: &Case) -> Download {
    let stall = match case.kind {
        Kind::Stall => Duration::from_millis(50),
        _ => Duration::from_secs(20),
    };
    client.download(media::Download::new(case.token())).stall(stall)
}

/// A client with connections of its own.
fn client(url: &str, protocol: Protocol, seen: &Seen) -> Client {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let tls = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(rustls::RootCertStore::empty())
        .with_no_client_auth();
    let http = reqwest::Client::builder().tls_backend_preconfigured(tls).no_proxy();
    let http = match protocol {
        Protocol::Http2 => http.http2_prior_knowledge(),
        _ => http.http1_only(),
    };
    Client::builder()
        .tenant_token("t-tenant-token")
        .base_url(url)
        .rate_limits(RateLimitMode::Off)
        .interceptor(seen.clone())
        .retries(RetryPolicy::new().attempts(8).max_backoff(Duration::from_micros(100)))
        .http(http.build().unwrap())
        .build()
        .unwrap()
}

/// Where flushing costs nothing, if there is such a place.
fn in_memory() -> PathBuf {
    let shared = PathBuf::from("/dev/shm");
    if shared.is_dir() { shared } else { std::env::temp_dir() }
}
