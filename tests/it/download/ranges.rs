//! Downloads with parallel ranges.

use std::collections::HashSet;
use std::fs;
use std::sync::Mutex;
use std::time::Duration;

use crate::support::{Platform, Recorded, Reply};
use larkspur::drive::v1::media;
use larkspur::im::v1::file as messages;
use larkspur::{Client, Download, RateLimitMode, RetryPolicy};

const SIZE: usize = 1_000_000;
const SMALLEST: u64 = 100_000;

fn file() -> Vec<u8> {
    (0..SIZE as u32)
        .map(|index| (index.wrapping_mul(2_654_435_761) >> 24) as u8)
        .collect()
}

/// The requested range of the file, with this ETag.
fn answer(bytes: &[u8], request: &Recorded, tag: &str) -> Reply {
    let typed = |reply: Reply| {
        let reply = reply.length().header("content-type", "image/png");
        reply.header("etag", tag.as_bytes())
    };
    let Some((first, last)) = asked(request) else {
        return typed(Reply::new(200, bytes.to_vec()));
    };
    let last = last.min(bytes.len() - 1);
    let range = format!("bytes {first}-{last}/{}", bytes.len());
    typed(Reply::new(206, bytes[first..=last].to_vec())).header("content-range", range)
}

/// The positions of the first and the last requested byte.
fn asked(request: &Recorded) -> Option<(usize, usize)> {
    let range = request.header("range");
    let (first, last) = range.strip_prefix("bytes=")?.split_once('-')?;
    Some((first.parse().unwrap(), last.parse().unwrap_or(usize::MAX)))
}

async fn serving(tag: &'static str) -> Platform {
    answering(move |request| answer(&file(), request, tag)).await
}

async fn answering(answer: impl Fn(&Recorded) -> Reply + Send + Sync + 'static) -> Platform {
    Platform::start(move |request| match request.is_for_a_token() {
        true => crate::support::token(7200),
        false => answer(request),
    })
    .await
}

fn transfer(client: &Client) -> Download {
    let patient = RetryPolicy::new().initial_backoff(Duration::from_millis(1));
    let client = client.with_retries(patient).with_rate_limits(RateLimitMode::Off);
    let transfer = client.download(media::Download::new("boxcn1"));
    transfer.connections(4).min_part_size(SMALLEST)
}

#[tokio::test]
async fn parallel_ranges_send_validator() {
    let directory = tempfile::tempdir().unwrap();
    let platform = serving("\"v1\"").await;
    let path = directory.path().join("file");
    let report = transfer(&platform.client()).sha256().to(&path).await.unwrap();
    assert_eq!(fs::read(&path).unwrap(), file());
    assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1);
    let calls = platform.calls();
    assert_eq!((calls.len(), report.attempts), (5, 5));
    assert_eq!(calls[0].header("range"), format!("bytes=0-{}", SMALLEST - 1));
    let conditions: Vec<_> = calls[1..].iter().map(|call| call.header("if-range")).collect();
    assert_eq!(conditions, ["\"v1\""; 4]);

    // As that of a file from a single response.
    let other = directory.path().join("other");
    let whole = transfer(&platform.client())
        .connections(1)
        .sha256()
        .to(&other)
        .await
        .unwrap();
    assert_eq!(whole.attempts, 1);
    assert_eq!(report.sha256, whole.sha256);
}

#[tokio::test]
async fn refetches_only_the_overlap() {
    let directory = tempfile::tempdir().unwrap();
    let platform = serving("\"v1\"").await;
    transfer(&platform.client())
        .to(directory.path().join("file"))
        .await
        .unwrap();
    let count = |call: &Recorded| asked(call).map_or(SIZE, |(first, last)| last + 1 - first);
    let came: usize = platform.calls().iter().map(count).sum();
    assert_eq!(came, SIZE + 4 * 4096);
}

#[tokio::test]
async fn uses_one_connection_by_default() {
    let directory = tempfile::tempdir().unwrap();
    let platform = serving("\"v1\"").await;
    let transfer = platform.client().download(media::Download::new("boxcn1"));
    transfer.to(directory.path().join("file")).await.unwrap();
    assert_eq!(platform.call().header("range"), "");
}

#[tokio::test]
async fn weak_validator_disables_parallel_ranges() {
    for tag in ["W/\"v1\"", "v1"] {
        let directory = tempfile::tempdir().unwrap();
        let platform = serving(tag).await;
        let path = directory.path().join("file");
        let report = transfer(&platform.client()).to(&path).await.unwrap();
        assert_eq!(fs::read(&path).unwrap(), file());
        assert_eq!((platform.calls().len(), report.attempts), (2, 2));
    }
}

#[tokio::test]
async fn sends_no_range_to_unsupported_endpoint() {
    let directory = tempfile::tempdir().unwrap();
    let platform = serving("\"v1\"").await;
    let request = messages::Get::new("file_1");
    let endpoint = messages::Get::ENDPOINT.response;
    assert!(matches!(
        endpoint,
        larkspur::endpoint::ResponseKind::Binary { ranges: false, .. }
    ));
    let transfer = platform.client().download(request).connections(4);
    transfer.to(directory.path().join("file")).await.unwrap();
    assert_eq!(platform.call().header("range"), "");
}

#[tokio::test]
async fn falls_back_if_server_ignores_ranges() {
    let directory = tempfile::tempdir().unwrap();
    let whole = |_: &Recorded| Reply::new(200, file()).length().header("etag", "\"v1\"");
    let platform = answering(whole).await;
    let path = directory.path().join("file");
    let report = transfer(&platform.client()).to(&path).await.unwrap();
    assert_eq!(fs::read(&path).unwrap(), file());
    assert_eq!(report.attempts, 1);
}

#[tokio::test]
async fn an_empty_file_is_a_file() {
    let directory = tempfile::tempdir().unwrap();
    let platform = answering(|request| match asked(request) {
        Some(_) => Reply::new(416, "").header("content-range", "bytes */0"),
        None => Reply::new(200, "").length(),
    })
    .await;
    let path = directory.path().join("file");
    assert_eq!(transfer(&platform.client()).to(&path).await.unwrap().bytes, 0);
}

/// Each range is interrupted once.
#[tokio::test]
async fn resumes_interrupted_range() {
    let directory = tempfile::tempdir().unwrap();
    let ends = Mutex::new(HashSet::new());
    let platform = answering(move |request| {
        let reply = answer(&file(), request, "\"v1\"");
        let first_time = ends.lock().unwrap().insert(asked(request).map(|(_, last)| last));
        if first_time { reply.cut_in_half() } else { reply }
    })
    .await;
    let path = directory.path().join("file");
    let (sender, receiver) = std::sync::mpsc::channel();
    let listening = transfer(&platform.client()).progress(move |now| sender.send(now.bytes).unwrap());
    let report = listening.to(&path).await.unwrap();
    assert_eq!(fs::read(&path).unwrap(), file());
    assert_eq!((platform.calls().len(), report.attempts), (10, 10));
    let told: Vec<_> = receiver.iter().collect();
    assert!(told.is_sorted(), "{told:?}");
    assert_eq!(told.last(), Some(&(SIZE as u64)));
}

#[tokio::test]
async fn restarts_if_file_changes() {
    let directory = tempfile::tempdir().unwrap();
    let calls = Mutex::new(0);
    let platform = answering(move |request| {
        let mut calls = calls.lock().unwrap();
        *calls += 1;
        let new: Vec<u8> = file().iter().map(|byte| !byte).collect();
        match *calls {
            1 | 2 => answer(&file(), request, "\"v1\""),
            _ => answer(&new, request, "\"v2\""),
        }
    })
    .await;
    let path = directory.path().join("file");
    transfer(&platform.client()).to(&path).await.unwrap();
    let new: Vec<u8> = file().iter().map(|byte| !byte).collect();
    assert_eq!(fs::read(&path).unwrap(), new);
}

#[tokio::test]
async fn detects_mixed_versions_at_range_seams() {
    let directory = tempfile::tempdir().unwrap();
    let calls = Mutex::new(0);
    let platform = answering(move |request| {
        let mut calls = calls.lock().unwrap();
        *calls += 1;
        let new: Vec<u8> = file().iter().map(|byte| !byte).collect();
        match *calls {
            1 | 2 => answer(&file(), request, "\"v1\""),
            _ => answer(&new, request, "\"v1\""),
        }
    })
    .await;
    let path = directory.path().join("file");
    transfer(&platform.client()).to(&path).await.unwrap();
    let new: Vec<u8> = file().iter().map(|byte| !byte).collect();
    assert_eq!(fs::read(&path).unwrap(), new);
}

/// The second and the fourth quarter of the file do not come.
async fn half_missing() -> (Platform, std::sync::Arc<Mutex<bool>>) {
    let missing = std::sync::Arc::new(Mutex::new(true));
    let are_missing = std::sync::Arc::clone(&missing);
    let platform = answering(move |request| {
        let quarter = asked(request).map(|(first, _)| (first + 4096) / (SIZE / 4));
        match quarter {
            Some(1 | 3) if *are_missing.lock().unwrap() => Reply::new(206, "").hang(),
            _ => answer(&file(), request, "\"v1\""),
        }
    })
    .await;
    (platform, missing)
}

#[tokio::test]
async fn later_download_fetches_missing_ranges() {
    let directory = tempfile::tempdir().unwrap();
    let (platform, missing) = half_missing().await;
    let path = directory.path().join("file");
    let client = platform.client();
    let impatient = transfer(&client).deadline(Duration::from_secs(1));
    impatient.to(&path).await.unwrap_err();
    assert!(!path.exists());
    *missing.lock().unwrap() = false;
    platform.forget();
    let report = transfer(&client).resume().sha256().to(&path).await.unwrap();
    assert_eq!(fs::read(&path).unwrap(), file());
    assert_eq!(report.resumed_from, Some(SIZE as u64 / 2));
    let mut ranges: Vec<_> = platform.calls().iter().filter_map(asked).collect();
    ranges.sort();
    let second = [(245_904, 374_999), (370_904, 499_999)];
    let fourth = [(745_904, 874_999), (870_904, 999_999)];
    assert_eq!(ranges, [second, fourth].concat());
    assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1);
}

#[tokio::test]
async fn single_connection_resumes_parallel_partial() {
    let directory = tempfile::tempdir().unwrap();
    let (platform, missing) = half_missing().await;
    let path = directory.path().join("file");
    let client = platform.client();
    let impatient = transfer(&client).deadline(Duration::from_secs(1));
    impatient.to(&path).await.unwrap_err();
    *missing.lock().unwrap() = false;
    platform.forget();
    let report = transfer(&client).connections(1).resume().to(&path).await.unwrap();
    assert_eq!(fs::read(&path).unwrap(), file());
    assert_eq!(report.resumed_from, Some(SIZE as u64 / 4));
    assert_eq!(platform.call().header("range"), "bytes=245904-");
}

#[tokio::test]
async fn ranges_count_against_rate_limit() {
    let directory = tempfile::tempdir().unwrap();
    let platform = serving("\"v1\"").await;
    let client = platform.client().with_rate_limits(RateLimitMode::Fail);
    let transfer = client.download(media::Download::new("boxcn1"));
    let transfer = transfer.connections(8).min_part_size(SMALLEST);
    let error = transfer.to(directory.path().join("file")).await.unwrap_err();
    assert!(
        matches!(error.kind(), larkspur::error::ErrorKind::RateLimited(_)),
        "{error}"
    );
    // What the documentation allows in a second.
    assert!(platform.calls().len() <= 5);
}
