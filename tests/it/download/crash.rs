//! A process dies, or its disk fails, at each step of a download: the file under the final name is absent, the old one or
//! complete, and a second download completes it.
//!
//! The process that dies is another run of this test program.
#![allow(clippy::print_stdout, reason = "the counts are for people")]

use crate::support::{child, sampling};
use std::fs;
use std::path::Path;
use std::sync::{Arc, Mutex};

use crate::support::{Platform, Recorded, Reply};
use larkspur::download::Overwrite;
use larkspur::drive::v1::media;
use larkspur::error::ErrorKind;
use larkspur::{Client, RateLimitMode};

#[path = "../../../cli/src/disk_faults.rs"]
mod disk_faults;

/// More than two batches.
const SIZE: usize = 1_200_000;
const OVERLAP: usize = 4096;
const URL: &str = "LARKSPUR_TEST_URL";
const PATH: &str = "LARKSPUR_TEST_PATH";
/// The number of parallel ranges.
const CONNECTIONS: &str = "LARKSPUR_TEST_CONNECTIONS";
/// The exit code of the other process if its disk failed.
const DISK_FAILED: i32 = 7;
const OLD: &[u8] = b"the old file";

fn file() -> Vec<u8> {
    (0..SIZE as u32)
        .map(|index| (index.wrapping_mul(2_654_435_761) >> 24) as u8)
        .collect()
}

/// The download of the process that dies; without the variables, nothing.
#[tokio::test]
async fn child_process() {
    let (Ok(url), Ok(path)) = (std::env::var(URL), std::env::var(PATH)) else {
        return;
    };
    disk_faults::install_from_env();
    let client = Client::builder()
        .tenant_token("t-1")
        .base_url(url)
        .rate_limits(RateLimitMode::Off);
    let client = client.build().unwrap();
    let connections = std::env::var(CONNECTIONS).unwrap().parse().unwrap();
    let transfer = client.download(media::Download::new("boxcn1")).resume();
    let transfer = transfer.connections(connections).min_part_size(100_000);
    let Err(error) = transfer.overwrite(Overwrite::Replace).to(path).await else {
        return;
    };
    match error.kind() {
        ErrorKind::Io { source, .. } if matches!(source.raw_os_error(), Some(5 | 28)) => {
            std::process::exit(DISK_FAILED)
        }
        other => panic!("{other:?}"),
    }
}

/// The file with a strong ETag, whole or from an offset, and a log of how many bytes were requested.
async fn platform() -> (Platform, Arc<Mutex<usize>>) {
    let file = file();
    let log = Arc::new(Mutex::new(0));
    let counted = Arc::clone(&log);
    let platform = Platform::start(move |request| {
        let reply = answer(&file, request);
        *counted.lock().unwrap() += reply.1;
        reply.0
    });
    (platform.await, log)
}

fn answer(file: &[u8], request: &Recorded) -> (Reply, usize) {
    let range = request.header("range");
    let range = range.strip_prefix("bytes=").and_then(|range| range.split_once('-'));
    let Some((first, last)) = range.map(|(first, last)| (first.parse::<usize>().unwrap(), last)) else {
        let reply = Reply::new(200, file.to_vec()).length().header("etag", "\"v1\"");
        return (reply.header("content-type", "image/png"), file.len());
    };
    let last = last.parse().unwrap_or(file.len() - 1).min(file.len() - 1);
    let part = &file[first..=last];
    let range = format!("bytes {first}-{last}/{}", file.len());
    let reply = Reply::new(206, part.to_vec()).length().header("etag", "\"v1\"");
    let reply = reply.header("content-range", range).header("content-type", "image/png");
    (reply, part.len())
}

/// Runs the other process. Returns `false` if the injected fault ended it as expected.
async fn run(platform: &Platform, path: &Path, connections: u32, inject: &str) -> bool {
    let mut command = child::test(module_path!(), "child_process");
    command
        .env(URL, platform.base_url())
        .env(PATH, path)
        .env(CONNECTIONS, connections.to_string())
        .env("LARKSPUR_INJECT", inject);
    let run = tokio::task::spawn_blocking(move || command.output().unwrap());
    let output = run.await.unwrap();
    let dies = inject.starts_with("kill") || inject.starts_with("torn");
    match (output.status.code(), dies) {
        (Some(0), _) => true,
        (None, true) | (Some(DISK_FAILED), false) => false,
        (other, _) => panic!("{inject}: {other:?}\n{}", String::from_utf8_lossy(&output.stdout)),
    }
}

/// The bytes of the partial file, if there is one that can be resumed.
fn partial(directory: &Path) -> usize {
    let entries = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap());
    let names: Vec<_> = entries.map(|entry| entry.path()).collect();
    let described = names
        .iter()
        .filter(|name| name.to_string_lossy().ends_with(".part.json"))
        .any(|name| serde_json::from_slice::<serde_json::Value>(&fs::read(name).unwrap()).is_ok());
    let length = names
        .iter()
        .find(|name| name.to_string_lossy().ends_with(".part"))
        .map_or(0, |name| fs::metadata(name).unwrap().len());
    if described { length as usize } else { 0 }
}

/// Injects the fault at each step in turn, until the download completes without reaching it. A sample has every second step,
/// of parallel ranges every sixth, and every second of these with an old file; all run with
/// `LARKSPUR_EXHAUSTIVE=1 cargo test --test it download::crash`.
async fn at_each_step(what: &str, connections: u32) {
    let (platform, log) = platform().await;
    let stride = match (sampling::is_exhaustive(), connections) {
        (true, _) => 1,
        (false, 1) => 2,
        (false, _) => 6,
    };
    let first = if stride > 1 { sampling::seed() % stride } else { 0 };
    let mut steps = first;
    loop {
        let both: &[Option<&[u8]>] = &[None, Some(OLD)];
        let olds = if stride > 1 {
            &both[steps / stride % 2..][..1]
        } else {
            both
        };
        for &old in olds {
            let directory = tempfile::tempdir().unwrap();
            let path = directory.path().join("file");
            old.inspect(|old| fs::write(&path, old).unwrap());
            if run(&platform, &path, connections, &format!("{what}:{}", steps + 1)).await {
                println!("{what}: {steps} steps");
                assert!(steps > 8, "the steps are not counted");
                return;
            }
            match fs::read(&path).ok() {
                found if found.as_deref() == old => {}
                Some(found) if found == file() => {}
                other => panic!("{what}:{}: {:?} bytes", steps + 1, other.map(|found| found.len())),
            }
            let there = partial(directory.path());
            *log.lock().unwrap() = 0;
            assert!(
                run(&platform, &path, connections, "").await,
                "{what}:{}: the second one failed",
                steps + 1
            );
            assert!(
                fs::read(&path).unwrap() == file(),
                "{what}:{}: the file is corrupt",
                steps + 1
            );
            assert_eq!(
                fs::read_dir(directory.path()).unwrap().count(),
                1,
                "{what}:{}",
                steps + 1
            );
            let asked = *log.lock().unwrap();
            assert!(
                // With parallel ranges the length does not show which bytes are present.
                connections > 1 || asked <= SIZE - there + OVERLAP,
                "{what}:{}: {asked} of {there}",
                steps + 1
            );
        }
        steps += stride;
    }
}

#[tokio::test]
async fn survives_kill_at_every_step() {
    at_each_step("kill", 1).await;
}

#[tokio::test]
async fn survives_torn_write_at_every_step() {
    at_each_step("torn", 1).await;
}

#[tokio::test]
async fn survives_full_disk_at_every_step() {
    at_each_step("ENOSPC", 1).await;
}

#[tokio::test]
async fn survives_failing_disk_at_every_step() {
    at_each_step("EIO", 1).await;
}

#[tokio::test]
async fn survives_faults_with_parallel_ranges() {
    for what in ["kill", "torn", "ENOSPC", "EIO"] {
        at_each_step(what, 4).await;
    }
}
