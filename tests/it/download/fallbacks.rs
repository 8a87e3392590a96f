//! Requests for the same file that are made if the platform refuses the previous one.

use std::fs;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::support::remote::{file, names_in, once, rest, transfer, whole};
use crate::support::{Platform, Recorded, Reply, token};
use larkspur::Download;
use larkspur::drive::v1::{file as drive_file, media};
use larkspur::error::{DownloadError, ErrorKind};

/// The refusal of a file.
fn forbidden() -> Reply {
    Reply::json(403, r#"{"code":1061004,"msg":"forbidden."}"#)
}

/// Serves the file for requests with this parameter only.
async fn serving(parameter: &'static str, reply: impl Fn(&Recorded) -> Reply + Send + Sync + 'static) -> Platform {
    Platform::start(move |request| match request.target.as_str() {
        _ if request.is_for_a_token() => token(7200),
        target if target.contains(parameter) => reply(request),
        _ => forbidden(),
    })
    .await
}

fn with_fallbacks(platform: &Platform) -> Download {
    let extra = |extra: &str| media::Download::new("boxcn1").extra(extra);
    transfer(&platform.client())
        .fallback(extra("one"))
        .fallback(extra("two"))
}

fn targets(platform: &Platform) -> Vec<String> {
    let calls = platform.calls().into_iter();
    calls
        .map(|call: Recorded| call.target.rsplit('/').next().unwrap_or_default().to_owned())
        .collect()
}

#[tokio::test]
async fn makes_fallbacks_in_order_until_one_works() {
    let directory = tempfile::tempdir().unwrap();
    let platform = serving("extra=two", |_| whole(&file(10))).await;
    let report = with_fallbacks(&platform).to(directory.path().join("f")).await.unwrap();
    assert_eq!(report.attempts, 3);
    assert_eq!(
        targets(&platform),
        ["download", "download?extra=one", "download?extra=two"]
    );
    assert_eq!(fs::read(directory.path().join("f")).unwrap(), file(10));
}

#[tokio::test]
async fn refused_fallbacks_leave_the_first_error() {
    let directory = tempfile::tempdir().unwrap();
    let platform = serving("extra=none", |_| whole(&file(10))).await;
    let error = with_fallbacks(&platform)
        .to(directory.path().join("f"))
        .await
        .unwrap_err();
    assert_eq!(
        (error.status(), error.code(), error.attempts()),
        (Some(403), Some(1_061_004), 3)
    );
    let hint = error.hint().unwrap();
    assert!(
        hint.ends_with("2 other requests for the file were refused too."),
        "{hint}"
    );
    assert_eq!(names_in(directory.path()), Vec::<String>::new());
}

#[tokio::test]
async fn other_refusals_use_no_fallback() {
    let directory = tempfile::tempdir().unwrap();
    for reply in [
        Reply::json(404, r#"{"code":1061003,"msg":"not found."}"#),
        Reply::json(400, r#"{"code":1061002,"msg":"params error."}"#),
    ] {
        let platform = Platform::replying(reply).await;
        let error = with_fallbacks(&platform)
            .to(directory.path().join("f"))
            .await
            .unwrap_err();
        assert!(!error.hint().unwrap_or_default().contains("refused too"), "{error}");
        assert_eq!(targets(&platform), ["download"]);
    }
}

#[tokio::test]
async fn later_run_resumes_through_fallback() {
    let directory = tempfile::tempdir().unwrap();
    let target = directory.path().join("f");
    let is_first = AtomicBool::new(true);
    let platform = serving("extra=one", move |request| match request.header("range").as_str() {
        _ if is_first.swap(false, Ordering::Relaxed) => whole(&file(100_000)).cut_in_half(),
        "" => whole(&file(100_000)),
        _ => rest(&file(100_000), request),
    })
    .await;
    let download = || {
        let fallback = media::Download::new("boxcn1").extra("one");
        once(&platform.client()).fallback(fallback).resume()
    };
    download().to(&target).await.unwrap_err();
    let report = download().to(&target).await.unwrap();
    assert_eq!((report.resumed_from.is_some(), report.attempts), (true, 2));
    assert_eq!(fs::read(&target).unwrap(), file(100_000));
}

#[tokio::test]
async fn rejects_fallback_without_a_file() {
    let platform = Platform::replying(whole(&file(10))).await;
    let download = transfer(&platform.client()).fallback(drive_file::List::new());
    let error = download.to_writer(tokio::io::sink()).await.unwrap_err();
    assert!(
        matches!(error.kind(), ErrorKind::Download(DownloadError::NotBinary)),
        "{error}"
    );
    assert_eq!(targets(&platform), Vec::<String>::new());
}
