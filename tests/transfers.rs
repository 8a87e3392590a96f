//! Transfers: the final name only ever holds all of one version of the file.

mod support;

use std::fs;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use larkspur::drive::v1::media;
use larkspur::error::{Problem, TransferFault};
use larkspur::transfer::Overwrite;
use larkspur::{Client, Error, Transfer};
use support::{Platform, Recorded, Reply};

fn file(length: usize) -> Vec<u8> {
    (0..length as u32)
        .map(|index| (index.wrapping_mul(2_654_435_761) >> 24) as u8)
        .collect()
}

fn transfer(client: &Client) -> Transfer {
    let request = media::Download::new("boxcn1");
    client.download(request).backoff(Duration::from_millis(1))
}

fn whole(bytes: &[u8]) -> Reply {
    Reply::new(200, bytes.to_vec())
        .header("content-type", "image/png")
        .header("content-disposition", "attachment; filename=\"封面.png\"".as_bytes())
        .header("content-length", bytes.len().to_string())
        .header("etag", "\"v1\"")
}

/// The rest of the file, as the request asks for it.
fn rest(bytes: &[u8], request: &Recorded) -> Reply {
    let range = request.header("range");
    let first: usize = range["bytes=".len()..range.len() - 1].parse().unwrap();
    Reply::new(206, bytes[first..].to_vec())
        .header("content-type", "image/png")
        .header(
            "content-range",
            format!("bytes {first}-{}/{}", bytes.len() - 1, bytes.len()),
        )
        .header("etag", "\"v1\"")
}

/// Answers with the file: the first `cuts` times only the half of what was asked for.
async fn cutting(bytes: Vec<u8>, cuts: usize) -> Platform {
    let left = Mutex::new(cuts);
    Platform::start(move |request| {
        if request.is_for_a_token() {
            return support::token(7200);
        }
        let mut left = left.lock().unwrap();
        let cut = *left > 0;
        *left = left.saturating_sub(1);
        let reply = match request.header("range").is_empty() {
            true => whole(&bytes),
            false => rest(&bytes, request),
        };
        if cut { reply.cut_in_half() } else { reply }
    })
    .await
}

fn names_in(directory: &Path) -> Vec<String> {
    let entries = fs::read_dir(directory).unwrap();
    let mut names: Vec<_> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

fn fault(error: &Error) -> &TransferFault {
    match error.problem() {
        Problem::Transfer(fault) => fault,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_file_gets_its_name_and_leaves_nothing_beside_it() {
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
async fn in_a_directory_the_name_is_the_servers_and_nothing_is_replaced() {
    let directory = tempfile::tempdir().unwrap();
    let platform = Platform::replying(whole(&file(10))).await;
    for _ in 0..2 {
        transfer(&platform.client()).to_dir(directory.path()).await.unwrap();
    }
    assert_eq!(names_in(directory.path()), ["封面 (1).png", "封面.png"]);
}

#[tokio::test]
async fn a_file_of_that_name_stays_unless_it_may_be_replaced() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("cover.png");
    fs::write(&path, "mine").unwrap();
    let platform = Platform::replying(whole(&file(10))).await;
    let client = platform.client();
    let error = transfer(&client).to(&path).await.unwrap_err();
    assert!(matches!(fault(&error), TransferFault::Exists { .. }), "{error}");
    assert_eq!(platform.calls().len(), 0);
    assert_eq!(fs::read(&path).unwrap(), b"mine");

    transfer(&client).overwrite(Overwrite::Replace).to(&path).await.unwrap();
    assert_eq!(fs::read(&path).unwrap(), file(10));
    assert_eq!(names_in(directory.path()), ["cover.png"]);
}

#[tokio::test]
async fn a_body_that_breaks_off_is_continued_with_an_overlap() {
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
async fn a_later_transfer_goes_on_with_what_a_failed_one_left() {
    let directory = tempfile::tempdir().unwrap();
    let platform = cutting(file(100_000), 1).await;
    let path = directory.path().join("cover.png");
    let client = platform.client();
    transfer(&client).attempts(1).to(&path).await.unwrap_err();
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
async fn without_resume_a_transfer_begins_at_the_start() {
    let directory = tempfile::tempdir().unwrap();
    let platform = cutting(file(100_000), 1).await;
    let path = directory.path().join("cover.png");
    let client = platform.client();
    transfer(&client).attempts(1).to(&path).await.unwrap_err();
    let report = transfer(&client).to(&path).await.unwrap();
    assert_eq!((report.attempts, report.resumed_from), (1, None));
    assert_eq!(platform.calls()[1].header("range"), "");
}

#[tokio::test]
async fn a_writer_has_each_byte_once() {
    let platform = cutting(file(100_000), 3).await;
    let mut writer = Vec::new();
    let report = transfer(&platform.client()).to_writer(&mut writer).await.unwrap();
    assert_eq!(writer, file(100_000));
    assert_eq!((report.path, report.attempts), (None, 4));
}

#[tokio::test]
async fn progress_is_a_position_that_never_passes_the_total() {
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
