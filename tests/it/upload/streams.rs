//! Files that come from a stream.

use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use futures_core::Stream;
use hyper::body::Bytes;
use larkspur::UploadSource;
use larkspur::error::{ErrorKind, TransportKind, UploadError};
use tokio::sync::mpsc;

use crate::support::drive::{BLOCK, Drive, Free, Whole, client, content};
use crate::support::{Reply, form};

/// Chunks that somebody sends.
struct Chunks(mpsc::Receiver<io::Result<Bytes>>);

impl Stream for Chunks {
    type Item = io::Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.poll_recv(context)
    }
}

/// A stream of these chunks.
fn stream(chunks: impl IntoIterator<Item = io::Result<Bytes>>) -> Chunks {
    let (sender, receiver) = mpsc::channel(1000);
    for chunk in chunks {
        sender.try_send(chunk).unwrap();
    }
    Chunks(receiver)
}

/// So many bytes in chunks of a size that fits nothing, with empty ones between.
fn uneven(length: usize) -> Chunks {
    let content = content(length);
    let chunks: Vec<_> = content.chunks(7).map(Bytes::copy_from_slice).collect();
    stream(chunks.into_iter().flat_map(|chunk| [Ok(chunk), Ok(Bytes::new())]))
}

#[tokio::test]
async fn stream_has_length_without_checksum() {
    let drive = Drive::start().await;
    let file = UploadSource::stream("a.txt", 90, uneven(90));
    Whole::new("fld", file).send(&drive.client()).await.unwrap();
    let call = drive.platform.call();
    assert_eq!(form::text(&call, "size").as_deref(), Some("90"));
    assert_eq!(form::text(&call, "checksum"), None);
    assert_eq!(drive.files(), [("a.txt".to_owned(), content(90))]);
}

#[tokio::test]
async fn rejects_stream_of_wrong_length() {
    let drive = Drive::start().await;
    for (length, came) in [(89, 90), (91, 90), (10, 14)] {
        let file = UploadSource::stream("a.txt", length, uneven(90));
        let error = Whole::new("fld", file).send(&drive.client()).await.unwrap_err();
        match error.kind() {
            ErrorKind::Upload(UploadError::Length {
                declared,
                received: seen,
            }) => {
                assert_eq!((*declared, *seen), (length, came), "{error}");
            }
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(drive.files(), []);
}

#[tokio::test]
async fn stream_error_has_its_source() {
    let drive = Drive::start().await;
    let failing = stream([Ok(Bytes::from("abc")), Err(io::Error::other("the tape ended"))]);
    let file = UploadSource::stream("a.txt", 90, failing);
    let error = Whole::new("fld", file).send(&drive.client()).await.unwrap_err();
    assert!(error.to_string().contains("the tape ended"), "{error}");
    assert_eq!(error.attempts(), 1);
}

#[tokio::test]
async fn consumed_stream_is_not_retried() {
    let drive = Drive::faulty(|_| Some(Reply::json(500, r#"{"code":1,"msg":"down"}"#))).await;
    let request = Free(UploadSource::stream("a.txt", 90, uneven(90)));
    let client = drive.client();
    let error = client.call_empty(&request).await.unwrap_err();
    assert_eq!((error.status(), error.attempts()), (Some(500), 1));
    let error = client.call_empty(&request).await.unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Upload(UploadError::Used)), "{error}");
}

#[tokio::test]
async fn unread_stream_can_be_retried() {
    // Nobody listens there.
    let client = client("http://127.0.0.1:1").with_retries(crate::support::drive::at_once());
    let error = client
        .call_empty(&Free(UploadSource::stream("a.txt", 90, uneven(90))))
        .await
        .unwrap_err();
    assert!(error.attempts() > 1, "{error}");
}

#[tokio::test]
async fn slow_upload_outlasts_response_timeout() {
    let drive = Drive::start().await;
    let (sender, receiver) = mpsc::channel(1);
    let limit = Duration::from_millis(400);
    tokio::spawn(async move {
        for chunk in content(90).chunks(10) {
            tokio::time::sleep(limit / 4).await;
            sender.send(Ok(Bytes::copy_from_slice(chunk))).await.unwrap();
        }
    });
    let file = UploadSource::stream("a.txt", 90, Chunks(receiver));
    let client = drive.client().with_timeout(limit);
    Whole::new("fld", file).send(&client).await.unwrap();
}

#[tokio::test]
async fn stalled_upload_times_out() {
    let drive = Drive::start().await;
    let (sender, receiver) = mpsc::channel(1);
    let file = UploadSource::stream("a.txt", 90, Chunks(receiver));
    let client = drive.client().with_timeout(Duration::from_millis(50));
    let error = Whole::new("fld", file).send(&client).await.unwrap_err();
    drop(sender);
    let timeout =
        |problem: &ErrorKind| matches!(problem, ErrorKind::Transport(fault) if fault.kind == TransportKind::Timeout);
    assert!(timeout(error.kind()), "{error}");
}

#[tokio::test]
async fn splits_long_stream_into_parts() {
    let drive = Drive::start().await;
    let file = UploadSource::stream("film.mp4", 1000, uneven(1000));
    drive.client().upload(Whole::new("fld", file)).await.unwrap();
    assert_eq!(drive.files(), [("film.mp4".to_owned(), content(1000))]);
}

/// The part is still in memory.
#[tokio::test]
async fn retries_part_of_stream() {
    let count = AtomicUsize::new(0);
    let drive = Drive::faulty(move |request| {
        let third = request.target == "/part" && count.fetch_add(1, Ordering::SeqCst) == 2;
        third.then(|| Reply::json(502, "bad gateway"))
    })
    .await;
    let file = UploadSource::stream("film.mp4", 5 * BLOCK as u64, uneven(5 * BLOCK));
    drive.client().upload(Whole::new("fld", file)).await.unwrap();
    assert_eq!(drive.files(), [("film.mp4".to_owned(), content(5 * BLOCK))]);
}

#[tokio::test]
async fn rejects_multipart_stream_of_wrong_length() {
    let drive = Drive::start().await;
    for length in [999, 1001] {
        let file = UploadSource::stream("film.mp4", length, uneven(1000));
        let error = drive.client().upload(Whole::new("fld", file)).await.unwrap_err();
        let wrong = matches!(error.kind(), ErrorKind::Upload(UploadError::Length { .. }));
        assert!(wrong, "{error}");
    }
    assert_eq!(drive.files(), []);
}

#[tokio::test]
async fn stream_cannot_restart() {
    let count = AtomicUsize::new(0);
    let drive = Drive::faulty(move |request| {
        let third = request.target == "/part" && count.fetch_add(1, Ordering::SeqCst) == 2;
        third.then(|| crate::support::drive::refused(crate::support::drive::FORGOTTEN, "upload id expire."))
    })
    .await;
    let file = UploadSource::stream("film.mp4", 1000, uneven(1000));
    let error = drive.client().upload(Whole::new("fld", file)).await.unwrap_err();
    assert_eq!(error.code(), Some(crate::support::drive::FORGOTTEN));
    assert_eq!(drive.calls(), ["prepare", "part 0", "part 1", "part 2"]);
}

#[tokio::test]
async fn stream_cannot_resume_later() {
    let drive = Drive::start().await;
    let file = UploadSource::stream("film.mp4", 1000, uneven(1000));
    let error = drive
        .client()
        .upload(Whole::new("fld", file))
        .resume()
        .await
        .unwrap_err();
    let refused = matches!(error.kind(), ErrorKind::Upload(UploadError::NotResumable { .. }));
    assert!(refused, "{error}");
    assert_eq!(drive.calls(), [""; 0]);
}
