//! Transfers: the final name only ever holds all of one version of the file.

use std::fs;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::support::remote::{cutting, fault, file, hanging, names_in, transfer, typed, whole};
use crate::support::{Platform, Reply};
use larkspur::download::{CompleteFile, Overwrite};
use larkspur::drive::v1::media;
use larkspur::error::{DownloadError, ErrorKind};

#[tokio::test]
async fn downloads_file_and_leaves_no_sidecar() {
    let directory = tempfile::tempdir().unwrap();
    let platform = Platform::replying(whole(&file(10_000))).await;
    let path = directory.path().join("cover.png");
    let report = transfer(&platform.client()).sha256().to(&path).await.unwrap();
    assert_eq!(fs::read(&path).unwrap(), file(10_000));
    assert_eq!(names_in(directory.path()), ["cover.png"]);
    assert_eq!((report.bytes, report.attempts, report.resumed_from), (10_000, 1, None));
    assert_eq!(report.path.as_deref(), Some(&*path));
    assert_eq!(report.name.as_deref(), Some("封面.png"));
    assert_eq!(report.content_type.as_deref(), Some("image/png"));
    let sha256 = report.sha256.unwrap().to_string();
    assert_eq!(
        sha256,
        "a6d19f40528653c8fa0c558cb84dcf627ba8977c4b24cc8887f46a2589bd0480"
    );
}

#[tokio::test]
async fn directory_target_never_replaces() {
    let directory = tempfile::tempdir().unwrap();
    let platform = Platform::replying(whole(&file(10))).await;
    for _ in 0..2 {
        transfer(&platform.client()).to_dir(directory.path()).await.unwrap();
    }
    assert_eq!(names_in(directory.path()), ["封面 (1).png", "封面.png"]);
}

#[tokio::test]
async fn name_can_be_chosen_at_completion() {
    let directory = tempfile::tempdir().unwrap();
    let there = directory.path().to_owned();
    let platform = Platform::replying(whole(&file(10))).await;
    let choose = move |file: &CompleteFile<'_>| {
        assert_eq!(
            (file.name, file.default_name, file.bytes),
            (Some("封面.png"), "封面.png", 10)
        );
        assert!(names_in(&there).iter().all(|name| name.ends_with(".part")));
        Ok("chosen".into())
    };
    let transfer = transfer(&platform.client()).to_dir_as(directory.path(), choose);
    let report = transfer.await.unwrap();
    assert_eq!(report.path, Some(directory.path().join("chosen")));
    assert_eq!(names_in(directory.path()), ["chosen"]);
}

#[tokio::test]
async fn default_name_is_token_and_media_type() {
    let named = [
        ("image/png", "boxcn1.png"),
        ("text/csv; charset=utf-8", "boxcn1.csv"),
        ("application/octet-stream", "boxcn1"),
    ];
    for (media_type, expected) in named {
        let directory = tempfile::tempdir().unwrap();
        let reply = || Reply::new(200, "a,b").header("content-type", media_type);
        let platform = Platform::replying(reply()).await;
        let report = transfer(&platform.client()).to_dir(directory.path()).await.unwrap();
        assert_eq!(
            (report.name, names_in(directory.path())),
            (None, vec![expected.to_owned()])
        );

        let directory = tempfile::tempdir().unwrap();
        let platform = Platform::replying(reply()).await;
        let stream = media::Download::new("boxcn1").send(&platform.client()).await.unwrap();
        assert_eq!(stream.save_name(), expected);
        stream.save_in(directory.path()).await.unwrap();
        assert_eq!(names_in(directory.path()), [expected]);
    }
}

#[tokio::test]
async fn chosen_name_stays_in_directory() {
    let around = tempfile::tempdir().unwrap();
    let directory = around.path().join("files");
    fs::create_dir(&directory).unwrap();
    fs::write(directory.join("mine"), "mine").unwrap();
    let platform = Platform::replying(whole(&file(10))).await;
    for name in ["../out", "/out", "", ".", "..", "a/b", "a/", "mine"] {
        let chosen = transfer(&platform.client()).to_dir_as(&directory, move |_| Ok(name.into()));
        assert!(chosen.await.is_err(), "{name}");
    }
    assert_eq!(names_in(around.path()), ["files"]);
    assert_eq!(fs::read(directory.join("mine")).unwrap(), b"mine");
}

#[tokio::test]
async fn existing_chosen_name_is_an_error() {
    let directory = tempfile::tempdir().unwrap();
    let mine = directory.path().join("mine");
    fs::write(&mine, "mine").unwrap();
    let platform = Platform::replying(whole(&file(10))).await;
    let chosen = transfer(&platform.client()).to_dir_as(directory.path(), |_| Ok("mine".into()));
    let error = chosen.await.unwrap_err();
    assert!(
        matches!(fault(&error), DownloadError::Exists { path } if *path == mine),
        "{error}"
    );
}

#[tokio::test]
async fn existing_file_stays_by_default() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("cover.png");
    fs::write(&path, "mine").unwrap();
    let platform = Platform::replying(whole(&file(10))).await;
    let client = platform.client();
    let error = transfer(&client).to(&path).await.unwrap_err();
    assert!(matches!(fault(&error), DownloadError::Exists { .. }), "{error}");
    assert_eq!(platform.calls().len(), 0);
    assert_eq!(fs::read(&path).unwrap(), b"mine");

    transfer(&client).overwrite(Overwrite::Replace).to(&path).await.unwrap();
    assert_eq!(fs::read(&path).unwrap(), file(10));
    assert_eq!(names_in(directory.path()), ["cover.png"]);
}

#[tokio::test]
async fn an_empty_file_is_a_file() {
    let directory = tempfile::tempdir().unwrap();
    let platform = Platform::replying(whole(b"")).await;
    let path = directory.path().join("empty");
    assert_eq!(transfer(&platform.client()).to(&path).await.unwrap().bytes, 0);
    assert_eq!(fs::read(&path).unwrap(), b"");
}

#[tokio::test]
async fn progress_never_exceeds_total() {
    let platform = cutting(file(100_000), 2).await;
    let seen: Arc<Mutex<Vec<u64>>> = Arc::default();
    let told = Arc::clone(&seen);
    let transfer = transfer(&platform.client()).progress(move |progress| {
        assert_eq!(progress.total, Some(100_000));
        told.lock().unwrap().push(progress.bytes);
    });
    transfer.to_writer(tokio::io::sink()).await.unwrap();
    let seen = seen.lock().unwrap();
    assert!(seen.is_sorted() && seen.last() == Some(&100_000), "{seen:?}");
}

#[tokio::test]
async fn deadline_keeps_partial_file() {
    let directory = tempfile::tempdir().unwrap();
    let platform = hanging(file(2_000_000)).await;
    let path = directory.path().join("cover.png");
    let transfer = transfer(&platform.client()).deadline(Duration::from_millis(300));
    let error = transfer.to(&path).await.unwrap_err();
    assert!(error.to_string().contains("300ms"), "{error}");
    let partial = directory.path().join(&names_in(directory.path())[0]);
    // All but what was gathered for the next write.
    assert!(fs::metadata(partial).unwrap().len() > 400_000);
}

#[tokio::test]
async fn rejects_range_request() {
    let platform = Platform::replying(whole(&file(10))).await;
    let client = platform.client();
    let json = media::BatchGetTmpDownloadUrl::new(["boxcn1"]);
    let error = client.download(json).to_writer(tokio::io::sink()).await.unwrap_err();
    assert!(matches!(fault(&error), DownloadError::NotBinary), "{error}");
    let part = media::Download::new("boxcn1").range(0..10);
    let error = client.download(part).to_writer(tokio::io::sink()).await.unwrap_err();
    assert!(matches!(fault(&error), DownloadError::Ranged), "{error}");
    assert_eq!(platform.calls().len(), 0);
}

#[tokio::test]
async fn api_error_leaves_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let platform = Platform::replying(Reply::new(403, "")).await;
    let error = transfer(&platform.client()).to_dir(directory.path()).await.unwrap_err();
    assert_eq!(error.status(), Some(403));
    assert_eq!(platform.calls().len(), 1);
    assert_eq!(names_in(directory.path()), [""; 0]);
}

#[tokio::test]
async fn gives_up_without_progress() {
    let directory = tempfile::tempdir().unwrap();
    let platform = Platform::replying(Reply::new(503, "")).await;
    let error = transfer(&platform.client()).to_dir(directory.path()).await.unwrap_err();
    assert_eq!((error.status(), error.attempts()), (Some(503), 4));
    assert_eq!(platform.calls().len(), 4);
}

#[tokio::test]
async fn gives_up_on_ever_changing_file() {
    let count = Mutex::new(0);
    let platform = Platform::start(move |request| {
        if request.is_for_a_token() {
            return crate::support::token(7200);
        }
        let mut count = count.lock().unwrap();
        *count += 1;
        let tag = format!("\"v{count}\"");
        typed(&file(10_000)).length().header("etag", tag).cut_in_half()
    })
    .await;
    let directory = tempfile::tempdir().unwrap();
    transfer(&platform.client()).to_dir(directory.path()).await.unwrap_err();
    assert_eq!(platform.calls().len(), 5);
}

#[tokio::test]
async fn rejects_invalid_target_before_sending() {
    let directory = tempfile::tempdir().unwrap();
    let platform = Platform::replying(whole(&file(10))).await;
    let client = platform.client();
    let missing = directory.path().join("missing");
    for path in [
        directory.path(),
        Path::new("/dev/null"),
        &missing.join(""),
        &missing.join("file"),
    ] {
        let error = transfer(&client)
            .overwrite(Overwrite::Replace)
            .to(path)
            .await
            .unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Io { .. }), "{error}");
    }
    assert_eq!(platform.calls().len(), 0);
    assert_eq!(names_in(directory.path()), [""; 0]);
}

#[tokio::test]
async fn a_hostile_name_stays_in_the_directory() {
    let directory = tempfile::tempdir().unwrap();
    let hostile = typed(b"bytes").header(
        "content-disposition",
        "attachment; filename=\"../../.ssh/\\..\\keys\u{202e}\"",
    );
    let platform = Platform::replying(hostile).await;
    let report = transfer(&platform.client()).to_dir(directory.path()).await.unwrap();
    assert_eq!(report.path.as_deref().and_then(Path::parent), Some(directory.path()));
    assert_eq!(names_in(directory.path()).len(), 1);
}

#[tokio::test]
async fn unreachable_deadline_is_unlimited() {
    let platform = Platform::replying(whole(&file(10))).await;
    let transfer = transfer(&platform.client())
        .deadline(Duration::MAX)
        .stall(Duration::MAX);
    assert_eq!(transfer.to_writer(tokio::io::sink()).await.unwrap().bytes, 10);
}

#[tokio::test]
async fn never_waits_past_call_deadline() {
    let busy = Reply::new(503, "").header("retry-after", "1000000000000");
    let platform = Platform::replying(busy).await;
    let error = transfer(&platform.client())
        .to_writer(tokio::io::sink())
        .await
        .unwrap_err();
    assert_eq!((error.status(), platform.calls().len()), (Some(503), 1));
}
