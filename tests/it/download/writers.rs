//! Transfers to a writer, which cannot take anything back.

use std::sync::Mutex;
use std::time::Duration;

use crate::support::Platform;
use crate::support::remote::{cutting, fault, file, transfer, typed};
use larkspur::error::DownloadError;

#[tokio::test]
async fn a_writer_has_each_byte_once() {
    let platform = cutting(file(100_000), 3).await;
    let mut writer = Vec::new();
    let report = transfer(&platform.client()).to_writer(&mut writer).await.unwrap();
    assert_eq!(writer, file(100_000));
    assert_eq!((report.path, report.attempts), (None, 4));
}

/// Takes nothing for a while before each write.
struct Slow(Vec<u8>, Option<std::pin::Pin<Box<tokio::time::Sleep>>>);

impl tokio::io::AsyncWrite for Slow {
    fn poll_write(
        mut self: std::pin::Pin<&mut Self>,
        context: &mut std::task::Context<'_>,
        bytes: &[u8],
    ) -> std::task::Poll<std::io::Result<usize>> {
        let wait = self
            .1
            .get_or_insert_with(|| Box::pin(tokio::time::sleep(Duration::from_millis(300))));
        std::task::ready!(Future::poll(wait.as_mut(), context));
        self.1 = None;
        self.0.extend_from_slice(bytes);
        std::task::Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(
        self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<std::io::Result<()>> {
        std::task::Poll::Ready(Ok(()))
    }

    fn poll_shutdown(
        self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<std::io::Result<()>> {
        std::task::Poll::Ready(Ok(()))
    }
}

#[tokio::test]
async fn slow_reader_is_not_a_stall() {
    let platform = cutting(file(10_000), 0).await;
    let mut slow = Slow(Vec::new(), None);
    let transfer = transfer(&platform.client()).stall(Duration::from_millis(100));
    assert_eq!(transfer.to_writer(&mut slow).await.unwrap().attempts, 1);
    assert_eq!(slow.0, file(10_000));
}

#[tokio::test]
async fn stops_writer_if_version_changes() {
    let bytes = file(100_000);
    let count = Mutex::new(0);
    let platform = Platform::start(move |request| {
        if request.is_for_a_token() {
            return crate::support::token(7200);
        }
        let mut count = count.lock().unwrap();
        *count += 1;
        let untagged = |bytes: &[u8]| typed(bytes).length();
        match *count {
            1 => untagged(&bytes).cut_in_half(),
            2 => untagged(&bytes).cut_in_half(),
            _ => untagged(&bytes.iter().map(|byte| !byte).collect::<Vec<_>>()),
        }
    })
    .await;
    let mut writer = Vec::new();
    let error = transfer(&platform.client()).to_writer(&mut writer).await.unwrap_err();
    assert!(
        matches!(fault(&error), DownloadError::Diverged { bytes: 50_000 }),
        "{error}"
    );
    assert_eq!(writer, file(100_000)[..50_000]);
}

#[tokio::test]
async fn writer_skips_repeated_beginning() {
    let bytes = file(100_000);
    let count = Mutex::new(0);
    let platform = Platform::start(move |request| {
        if request.is_for_a_token() {
            return crate::support::token(7200);
        }
        let mut count = count.lock().unwrap();
        *count += 1;
        let reply = typed(&bytes).length();
        if *count < 3 { reply.cut_in_half() } else { reply }
    })
    .await;
    let mut writer = Vec::new();
    let report = transfer(&platform.client())
        .sha256()
        .to_writer(&mut writer)
        .await
        .unwrap();
    assert_eq!(writer, file(100_000));
    assert_eq!((report.attempts, report.bytes), (3, 100_000));
}
