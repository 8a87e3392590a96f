//! Transfers to object stores: an object is there with all of one version of the file, or not at all.
//!
//! `cargo test --features object-store --test it download::object_stores`

use crate::support::fault;
use std::fs;
use std::path::Path as FilePath;
use std::sync::Mutex;
use std::time::Duration;

use crate::support::fault::{Case, KINDS, Kind, PROTOCOLS, Protocol};
use crate::support::{Platform, Reply};
use larkspur::download::Overwrite;
use larkspur::drive::v1::media;
use larkspur::error::{DownloadError, ErrorKind};
use larkspur::{Client, Download, Error, RateLimitMode, RetryPolicy};
use object_store::local::LocalFileSystem;
use object_store::memory::InMemory;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt as _};

/// More than two parts.
const SIZE: usize = 20 << 20;

fn file(length: usize) -> Vec<u8> {
    (0..length as u32)
        .map(|index| (index.wrapping_mul(2_654_435_761) >> 24) as u8)
        .collect()
}

fn whole(bytes: &[u8]) -> Reply {
    let reply = Reply::new(200, bytes.to_vec()).length();
    reply.header("content-type", "image/png").header("etag", "\"v1\"")
}

fn transfer(client: &Client) -> Download {
    let patient = RetryPolicy::new().initial_backoff(Duration::from_millis(1));
    let client = client.with_retries(patient).with_rate_limits(RateLimitMode::Off);
    client.download(media::Download::new("boxcn1"))
}

async fn content(store: &dyn ObjectStore, path: &Path) -> Option<Vec<u8>> {
    let found = store.get(path).await.ok()?;
    Some(found.bytes().await.unwrap().to_vec())
}

fn is_fault(error: &Error, expected: impl Fn(&DownloadError) -> bool) -> bool {
    matches!(error.kind(), ErrorKind::Download(fault) if expected(fault))
}

/// A directory as a store, and how many files lie in it, uploads under way included.
fn local() -> (tempfile::TempDir, LocalFileSystem) {
    // Where flushing costs nothing, if there is such a place.
    let shared = FilePath::new("/dev/shm");
    let directory = match shared.is_dir() {
        true => tempfile::tempdir_in(shared).unwrap(),
        false => tempfile::tempdir().unwrap(),
    };
    let store = LocalFileSystem::new_with_prefix(directory.path()).unwrap();
    (directory, store)
}

fn left_in(directory: &FilePath) -> usize {
    fs::read_dir(directory).unwrap().count()
}

#[tokio::test]
async fn a_file_of_several_parts_becomes_an_object() {
    let platform = Platform::replying(whole(&file(SIZE))).await;
    let path = Path::from("a/b.png");
    let (_directory, local) = local();
    let memory = InMemory::new();
    for store in [&local as &dyn ObjectStore, &memory] {
        let report = transfer(&platform.client())
            .sha256()
            .to_store(store, &path)
            .await
            .unwrap();
        assert!(content(store, &path).await == Some(file(SIZE)));
        assert_eq!((report.bytes, report.path), (SIZE as u64, None));
        assert!(report.sha256.is_some());
    }
}

#[tokio::test]
async fn an_empty_file_becomes_an_empty_object() {
    let platform = Platform::replying(whole(b"")).await;
    let (_directory, local) = local();
    let path = Path::from("empty");
    transfer(&platform.client()).to_store(&local, &path).await.unwrap();
    assert_eq!(content(&local, &path).await, Some(Vec::new()));
}

#[tokio::test]
async fn an_object_stays_unless_it_may_be_replaced() {
    let platform = Platform::replying(whole(&file(10))).await;
    let (store, path) = (InMemory::new(), Path::from("b.png"));
    store.put(&path, "mine".into()).await.unwrap();
    let client = platform.client();
    let error = transfer(&client).to_store(&store, &path).await.unwrap_err();
    assert!(
        is_fault(&error, |fault| matches!(fault, DownloadError::Exists { .. })),
        "{error}"
    );
    assert_eq!(platform.calls().len(), 0);
    let numbered = transfer(&client).overwrite(Overwrite::Number).to_store(&store, &path);
    let error = numbered.await.unwrap_err();
    assert!(
        is_fault(&error, |fault| matches!(fault, DownloadError::Store { .. })),
        "{error}"
    );
    assert_eq!(content(&store, &path).await, Some(b"mine".to_vec()));

    let replacing = transfer(&client).overwrite(Overwrite::Replace);
    replacing.to_store(&store, &path).await.unwrap();
    assert_eq!(content(&store, &path).await, Some(file(10)));
}

#[tokio::test]
async fn failed_download_leaves_no_object() {
    let half = whole(&file(SIZE)).cut_in_half();
    let platform = Platform::replying(half).await;
    let (directory, local) = local();
    let path = Path::from("b.png");
    let client = platform.client();
    let impatient = client
        .with_retries(RetryPolicy::none())
        .download(media::Download::new("boxcn1"));
    impatient.to_store(&local, &path).await.unwrap_err();
    assert_eq!(left_in(directory.path()), 0);
}

#[tokio::test]
async fn failed_download_keeps_existing_object() {
    let platform = Platform::replying(whole(&file(SIZE)).cut_in_half()).await;
    let (store, path) = (InMemory::new(), Path::from("b.png"));
    store.put(&path, "mine".into()).await.unwrap();
    let client = platform.client().with_retries(RetryPolicy::none());
    let replacing = client
        .download(media::Download::new("boxcn1"))
        .overwrite(Overwrite::Replace);
    replacing.to_store(&store, &path).await.unwrap_err();
    assert_eq!(content(&store, &path).await, Some(b"mine".to_vec()));
}

#[tokio::test]
async fn dropped_download_leaves_no_object() {
    let platform = Platform::replying(whole(&file(SIZE)).cut_in_half().hang()).await;
    let (directory, local) = local();
    let client = platform.client();
    let (told, mut come) = tokio::sync::mpsc::unbounded_channel();
    let dropped = transfer(&client).progress(move |now| assert!(told.send(now.bytes).is_ok()));
    let running = tokio::spawn(async move { dropped.to_store(&local, &Path::from("b.png")).await });
    while come.recv().await.unwrap() < SIZE as u64 / 2 {}
    running.abort();
    assert!(running.await.unwrap_err().is_cancelled());
    // What cleans up is a task of its own.
    while left_in(directory.path()) > 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn restarts_for_changed_file() {
    let count = Mutex::new(0);
    let new: Vec<u8> = file(SIZE).iter().map(|byte| !byte).collect();
    let expected = new.clone();
    let platform = Platform::start(move |request| {
        if request.is_for_a_token() {
            return crate::support::token(7200);
        }
        let mut count = count.lock().unwrap();
        *count += 1;
        match *count {
            1 => whole(&file(SIZE)).cut_in_half(),
            _ => Reply::new(200, new.clone())
                .length()
                .header("content-type", "image/png")
                .header("etag", "\"v2\""),
        }
    })
    .await;
    let (directory, local) = local();
    let path = Path::from("b.png");
    transfer(&platform.client()).to_store(&local, &path).await.unwrap();
    assert!(content(&local, &path).await == Some(expected));
    assert_eq!(left_in(directory.path()), 1);
}

#[tokio::test]
async fn concurrently_created_object_stays() {
    let (store, path) = (std::sync::Arc::new(InMemory::new()), Path::from("b.png"));
    let platform = Platform::replying(whole(&file(100))).await;
    let (other, place) = (store.clone(), path.clone());
    let client = platform.client();
    let racing = transfer(&client).progress(move |_| {
        let (other, place) = (other.clone(), place.clone());
        // In memory nothing is waited for.
        let mut put = Box::pin(async move { other.put(&place, "mine".into()).await });
        let waker = std::task::Waker::noop();
        let _ = put.as_mut().poll(&mut std::task::Context::from_waker(waker));
    });
    let error = racing.to_store(&*store, &path).await.unwrap_err();
    assert!(
        is_fault(&error, |fault| matches!(fault, DownloadError::Exists { .. })),
        "{error}"
    );
    assert_eq!(content(&*store, &path).await, Some(b"mine".to_vec()));
}

/// Each fault at some offsets of a small file, over each protocol.
#[tokio::test(flavor = "multi_thread")]
#[allow(clippy::print_stdout)]
async fn every_fault_leaves_object_complete_or_absent() {
    let mut count = 0;
    for protocol in PROTOCOLS {
        let (url, served) = fault::start(protocol).await;
        let client = faulty_client(&url, protocol);
        for kind in KINDS.into_iter().filter(|kind| kind.exists_over(protocol)) {
            for offset in [0, 1, 255, 256, 2048, 4095, 4096] {
                let case = Case {
                    kind,
                    size: 4096,
                    offset,
                };
                let (directory, store) = local();
                let path = Path::from("file");
                let stall = if kind == Kind::Stall { 50 } else { 20_000 };
                let transfer = client.download(media::Download::new(case.token()));
                let came = transfer
                    .stall(Duration::from_millis(stall))
                    .to_store(&store, &path)
                    .await;
                let requests = served.end(&case);
                match came {
                    Ok(_) => {
                        let content = content(&store, &path).await.unwrap();
                        assert!(case.is_whole(&content, requests), "{protocol:?} {case:?}");
                        assert_eq!(left_in(directory.path()), 1, "{protocol:?} {case:?}");
                    }
                    Err(error) => {
                        assert!(kind.may_fail(), "{protocol:?} {case:?}: {error}");
                        assert_eq!(left_in(directory.path()), 0, "{protocol:?} {case:?}");
                    }
                }
                count += 1;
            }
        }
    }
    println!("{count} cases");
}

fn faulty_client(url: &str, protocol: Protocol) -> Client {
    let provider = std::sync::Arc::new(rustls::crypto::ring::default_provider());
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
        .retries(RetryPolicy::new().attempts(8).max_backoff(Duration::from_micros(100)))
        .http(http.build().unwrap())
        .build()
        .unwrap()
}
