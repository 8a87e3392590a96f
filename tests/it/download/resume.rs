//! Resuming a partial download: after a fault, and in a later run.

use std::fs;
use std::path::Path;
use std::sync::Mutex;
use std::time::Duration;

use crate::support::remote::{cutting, fault, file, hanging, names_in, once, rest, transfer, whole};
use crate::support::{Platform, Reply};
use larkspur::RetryPolicy;
use larkspur::drive::v1::media;
use larkspur::error::{DownloadError, ErrorKind};

#[tokio::test]
async fn resumes_with_overlap() {
    let directory = tempfile::tempdir().unwrap();
    let platform = cutting(file(100_000), 2).await;
    let path = directory.path().join("cover.png");
    let report = transfer(&platform.client()).to(&path).await.unwrap();
    assert_eq!(fs::read(&path).unwrap(), file(100_000));
    assert_eq!(report.attempts, 3);
    let calls = platform.calls();
    assert_eq!(calls[0].header("range"), "");
    assert_eq!(calls[1].header("range"), format!("bytes={}-", 50_000 - 4096));
    assert_eq!(calls[1].header("if-range"), "\"v1\"");
    assert_eq!(calls[1].header("accept-encoding"), "identity");
}

#[tokio::test]
async fn resumes_after_stall() {
    let directory = tempfile::tempdir().unwrap();
    let bytes = file(100_000);
    let first = Mutex::new(true);
    let platform = Platform::start(move |request| match request.is_for_a_token() {
        true => crate::support::token(7200),
        false if std::mem::take(&mut *first.lock().unwrap()) => whole(&bytes[..60_000]).announcing(100_000).hang(),
        false => rest(&bytes, request),
    })
    .await;
    let path = directory.path().join("cover.png");
    let transfer = transfer(&platform.client()).stall(Duration::from_millis(50));
    assert_eq!(transfer.to(&path).await.unwrap().attempts, 2);
    assert_eq!(fs::read(&path).unwrap(), file(100_000));
    assert_eq!(platform.calls()[1].header("range"), format!("bytes={}-", 60_000 - 4096));
}

#[tokio::test]
async fn later_download_resumes_partial_file() {
    let directory = tempfile::tempdir().unwrap();
    let platform = cutting(file(100_000), 1).await;
    let path = directory.path().join("cover.png");
    let client = platform.client();
    once(&client).to(&path).await.unwrap_err();
    assert_eq!(names_in(directory.path()).len(), 2);

    let report = transfer(&client).resume().sha256().to(&path).await.unwrap();
    assert_eq!(fs::read(&path).unwrap(), file(100_000));
    assert_eq!(names_in(directory.path()), ["cover.png"]);
    assert_eq!((report.attempts, report.resumed_from), (1, Some(50_000)));
    let sha256 = report.sha256.unwrap().to_string();
    assert_eq!(
        sha256,
        "e24ae9cbcc7500392dfa5d018f63f0bf87232dc30ae5996d8ca6b25c2ae4b665"
    );
}

#[tokio::test]
async fn restarts_without_resume() {
    let directory = tempfile::tempdir().unwrap();
    let platform = cutting(file(100_000), 1).await;
    let path = directory.path().join("cover.png");
    let client = platform.client();
    once(&client).to(&path).await.unwrap_err();
    let report = transfer(&client).to(&path).await.unwrap();
    assert_eq!((report.attempts, report.resumed_from), (1, None));
    assert_eq!(platform.calls()[1].header("range"), "");
}

#[tokio::test]
async fn resumes_after_drop() {
    let directory = tempfile::tempdir().unwrap();
    let bytes = file(2_000_000);
    let first = Mutex::new(true);
    let platform = Platform::start(move |request| match request.is_for_a_token() {
        true => crate::support::token(7200),
        false if std::mem::take(&mut *first.lock().unwrap()) => whole(&bytes[..1_500_000]).announcing(2_000_000).hang(),
        false => rest(&bytes, request),
    })
    .await;
    let path = directory.path().join("cover.png");
    let client = platform.client();
    let (told, mut come) = tokio::sync::mpsc::unbounded_channel();
    let dropped = transfer(&client).progress(move |progress| assert!(told.send(progress.bytes).is_ok()));
    let running = tokio::spawn(dropped.to(path.clone()));
    while come.recv().await.unwrap() < 1_500_000 {}
    running.abort();
    assert!(running.await.unwrap_err().is_cancelled());
    // A running write completes, and releases its lock.
    let report = loop {
        match transfer(&client).resume().to(&path).await {
            Err(error) if matches!(error.kind(), ErrorKind::Download(DownloadError::Busy { .. })) => {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            other => break other.unwrap(),
        }
    };
    assert!(report.resumed_from > Some(500_000), "{report:?}");
    assert_eq!(fs::read(&path).unwrap(), file(2_000_000));
}

#[cfg(unix)]
#[tokio::test]
async fn partial_file_is_private_without_secrets() {
    let directory = tempfile::tempdir().unwrap();
    let platform = cutting(file(100_000), 1).await;
    let request = media::Download::new("boxcnSecretToken").extra("{\"secret\":\"extra\"}");
    let path = directory.path().join("cover.png");
    let client = platform.client().with_retries(RetryPolicy::none());
    client.download(request).to(&path).await.unwrap_err();
    let names = names_in(directory.path());
    assert!(
        names[0].starts_with(".cover.png.") && names[0].ends_with(".part"),
        "{names:?}"
    );
    assert_eq!(names[1], format!("{}.json", names[0]));
    for name in &names {
        use std::os::unix::fs::PermissionsExt as _;
        let metadata = fs::metadata(directory.path().join(name)).unwrap();
        assert_eq!(metadata.permissions().mode() & 0o777, 0o600, "{name}");
    }
    let sidecar = fs::read_to_string(directory.path().join(&names[1])).unwrap();
    for secret in [
        "boxcnSecretToken",
        "extra",
        crate::support::TENANT_TOKEN,
        crate::support::APP_SECRET,
        "http",
    ] {
        assert!(!sidecar.contains(secret), "{sidecar}");
    }
    assert!(sidecar.contains("drive.v1.media.download"), "{sidecar}");
}

#[cfg(unix)]
#[tokio::test]
async fn rejects_symlink_as_partial_file() {
    let directory = tempfile::tempdir().unwrap();
    let platform = cutting(file(100_000), 1).await;
    let path = directory.path().join("cover.png");
    let client = platform.client();
    once(&client).to(&path).await.unwrap_err();
    let partial = directory.path().join(&names_in(directory.path())[0]);
    let victim = directory.path().join("victim");
    fs::write(&victim, "precious").unwrap();
    for link in [std::os::unix::fs::symlink, fs::hard_link::<&Path, &Path>] {
        fs::remove_file(&partial).unwrap();
        link(&victim, &partial).unwrap();
        let error = transfer(&client).to(&path).await.unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Io { .. }), "{error}");
        let named = partial.file_name().unwrap().to_str().unwrap();
        assert!(error.to_string().contains(named), "{error}");
        assert_eq!(fs::read(&victim).unwrap(), b"precious");
    }
}

#[tokio::test]
async fn concurrent_downloads_use_separate_partials() {
    let directory = tempfile::tempdir().unwrap();
    let platform = hanging(file(100_000)).await;
    let path = directory.path().join("cover.png");
    let client = platform.client();
    let (told, mut begun) = tokio::sync::mpsc::unbounded_channel();
    let first = transfer(&client)
        .progress(move |_| assert!(told.send(()).is_ok()))
        .to(path.clone());
    let first = tokio::spawn(first);
    begun.recv().await.unwrap();
    let error = transfer(&client).resume().to(&path).await.unwrap_err();
    assert!(matches!(fault(&error), DownloadError::Busy { .. }), "{error}");
    first.abort();
}

#[tokio::test]
async fn error_for_a_range_leads_to_the_whole_file() {
    for connections in [1, 4] {
        let directory = tempfile::tempdir().unwrap();
        let bytes = file(100_000);
        let first = Mutex::new(connections == 1);
        let platform = Platform::start(move |request| match request.is_for_a_token() {
            true => crate::support::token(7200),
            false if !request.header("range").is_empty() => {
                Reply::json(206, r#"{"code":1061002,"msg":"params error."}"#)
                    .header("content-range", "bytes 0-1/100000")
            }
            false if std::mem::take(&mut *first.lock().unwrap()) => whole(&bytes).cut_in_half(),
            false => whole(&bytes),
        })
        .await;
        let path = directory.path().join("cover.png");
        let transfer = transfer(&platform.client())
            .connections(connections)
            .min_part_size(10_000);
        transfer.to(&path).await.unwrap();
        assert!(fs::read(&path).unwrap() == file(100_000), "{connections}");
        let calls = platform.calls();
        assert!(
            calls.iter().any(|call| !call.header("range").is_empty()),
            "{connections}"
        );
    }
}
