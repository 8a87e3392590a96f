//! Responses of the link host, and expired links.

use std::fs;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use larkspur::RetryPolicy;
use larkspur::error::{ErrorKind, TemporaryLinkError};

use super::{builder, client, download, entry, fault, file, host, link, linking, links, tokens_of};
use crate::support::{Platform, Reply};

/// Links are numbered, and the host takes from the second on.
async fn expiring() -> (Platform, Platform) {
    let end = host(|request| match request.target.as_str() {
        "/1" => Reply::new(403, "<Error><Code>AccessDenied</Code></Error>"),
        _ => Reply::new(200, file(10)).length(),
    })
    .await;
    let (url, count) = (end.base_url(), AtomicUsize::new(0));
    let platform = host(move |request| {
        let number = count.fetch_add(1, Ordering::SeqCst) + 1;
        let entries = tokens_of(request);
        links(entries.iter().map(|token| entry(token, &format!("{url}/{number}"))))
    });
    (platform.await, end)
}

#[tokio::test]
async fn renews_expired_link() {
    let (platform, end) = expiring().await;
    assert_eq!(download(&client(&platform)).await.unwrap(), file(10));
    let targets: Vec<_> = end.calls().into_iter().map(|call| call.target).collect();
    assert_eq!(targets, ["/1", "/2"]);
}

#[tokio::test]
async fn fails_when_renewed_link_is_rejected() {
    let end = host(|_| Reply::new(404, "no such file")).await;
    let (url, count) = (end.base_url(), AtomicUsize::new(0));
    let platform = host(move |request| {
        let number = count.fetch_add(1, Ordering::SeqCst);
        let url = format!("{url}/{number}");
        links(tokens_of(request).iter().map(|token| entry(token, &url)))
    })
    .await;
    let error = download(&client(&platform)).await.unwrap_err();
    assert!(
        matches!(fault(&error), TemporaryLinkError::Refused { status: 404, .. }),
        "{error}"
    );
    assert_eq!((end.calls().len(), error.status()), (2, Some(404)));
}

#[tokio::test]
async fn retries_busy_host() {
    let count = AtomicUsize::new(0);
    let end = host(move |_| match count.fetch_add(1, Ordering::SeqCst) {
        0 => Reply::new(503, ""),
        1 => Reply::new(429, ""),
        _ => Reply::new(200, file(10)).length(),
    })
    .await;
    let platform = linking(end.base_url()).await;
    assert_eq!(download(&client(&platform)).await.unwrap(), file(10));
    assert_eq!(platform.calls().len(), 1);
}

#[tokio::test]
async fn reports_platform_error_instead_of_file() {
    let end = host(|_| Reply::json(200, r#"{"code":1061045,"msg":"can retry"}"#)).await;
    let platform = linking(end.base_url()).await;
    let error = download(&client(&platform)).await.unwrap_err();
    assert!(
        matches!(fault(&error), TemporaryLinkError::Refused { status: 200, .. }),
        "{error}"
    );
}

#[tokio::test]
async fn resumes_in_later_process_with_new_link() {
    let bytes = file(100_000);
    let first = Mutex::new(true);
    let end = host(move |request| {
        let tagged = |reply: Reply| {
            let reply = reply.length().header("content-type", "image/png");
            reply.header("etag", "\"v1\"").header("accept-ranges", "bytes")
        };
        if std::mem::take(&mut *first.lock().unwrap()) {
            return tagged(Reply::new(200, bytes.clone())).cut_in_half();
        }
        let range = request.header("range");
        let start: usize = range["bytes=".len()..range.len() - 1].parse().unwrap();
        let content_range = format!("bytes {start}-{}/{}", bytes.len() - 1, bytes.len());
        tagged(Reply::new(206, bytes[start..].to_vec())).header("content-range", content_range)
    })
    .await;
    let (url, count) = (end.base_url(), AtomicUsize::new(0));
    let platform = host(move |request| {
        let number = count.fetch_add(1, Ordering::SeqCst);
        let url = format!("{url}/?signature=s3cret-{number}");
        links(tokens_of(request).iter().map(|token| entry(token, &url)))
    })
    .await;
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("file");
    let once = client(&platform).with_retries(RetryPolicy::none());
    once.download_link(&link(&once).await).to(&path).await.unwrap_err();
    for left in fs::read_dir(directory.path()).unwrap() {
        let left = fs::read(left.unwrap().path()).unwrap();
        assert!(!String::from_utf8_lossy(&left).contains("s3cret"));
    }
    let client = client(&platform);
    let transfer = client.download_link(&link(&client).await).resume();
    let report = transfer.to(&path).await.unwrap();
    assert_eq!(report.resumed_from, Some(50_000));
    assert_eq!(fs::read(&path).unwrap(), file(100_000));
}

#[tokio::test]
async fn a_link_is_never_printed() {
    let end = host(|_| Reply::new(404, "s3cret in the body")).await;
    let platform = linking(format!("{}/s3cret?signature=s3cret", end.base_url())).await;
    let client = client(&platform);
    let link = link(&client).await;
    let error = client
        .download_link(&link)
        .to_writer(tokio::io::sink())
        .await
        .unwrap_err();
    let transfer = client.download_link(&link);
    let shown = format!("{link:?} {link:#?} {error} {error:#?} {transfer:?} {client:?}");
    assert!(!shown.contains("s3cret"), "{shown}");
    drop(end);
    let refused = linking("https://s3cret-user@example.com/s3cret").await;
    let error = download(&builder(refused.base_url()).build().unwrap())
        .await
        .unwrap_err();
    assert!(!format!("{error} {error:#?}").contains("s3cret"), "{error}");
}

#[tokio::test]
async fn gives_up_on_stalled_response_head() {
    let end = host(|_| {
        let reply = Reply::new(200, "{").header("content-type", "application/json");
        reply.announcing(100).hang()
    })
    .await;
    let platform = linking(end.base_url()).await;
    let client = builder(platform.base_url()).allow_private_links(true);
    let client = client.timeout(Duration::from_millis(200)).build().unwrap();
    let error = download(&client.with_retries(RetryPolicy::none())).await.unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Transport(_)), "{error}");
}
