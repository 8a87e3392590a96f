//! Binary responses: distinguished from errors, checked against the request, saved completely or not at all.

use std::fs;
use std::path::Path;
use std::time::Duration;

use crate::support::{Platform, Reply};
use larkspur::drive::v1::media;
use larkspur::error::{DownloadError, ErrorKind, RangeError, TransportKind};
use larkspur::im::v1::{ErrorCode, file};
use larkspur::{ByteRange, ByteStream, Client, Error, Result};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpListener;

const PNG: &[u8] = b"\x89PNG not really, but bytes";

fn png() -> Reply {
    Reply::new(200, PNG)
        .header("content-type", "image/png")
        .header("content-disposition", "attachment; filename=\"封面.png\"".as_bytes())
}

async fn download(reply: Reply) -> Result<ByteStream> {
    let platform = Platform::replying(reply).await;
    media::Download::new("boxcn1").send(&platform.client()).await
}

async fn range(range: impl Into<ByteRange>, reply: Reply) -> Result<ByteStream> {
    let platform = Platform::replying(reply).await;
    let request = media::Download::new("boxcn1").range(range);
    request.send(&platform.client()).await
}

fn part(content_range: &str, body: &'static str) -> Reply {
    Reply::new(206, body).header("content-range", content_range)
}

fn range_fault(result: Result<ByteStream>) -> RangeError {
    match result.unwrap_err().kind() {
        ErrorKind::Range(fault) => fault.clone(),
        other => panic!("{other:?}"),
    }
}

fn transport_kind(error: &Error) -> TransportKind {
    match error.kind() {
        ErrorKind::Transport(fault) => fault.kind,
        other => panic!("{other:?}"),
    }
}

fn names_in(directory: &Path) -> Vec<String> {
    let entries = fs::read_dir(directory).unwrap();
    let mut names: Vec<_> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[tokio::test]
async fn file_has_name_type_and_length() {
    let file = download(png().header("content-length", "26")).await.unwrap();
    assert_eq!(file.file_name(), Some("封面.png"));
    assert_eq!(file.content_type(), Some("image/png"));
    assert_eq!(file.content_length(), Some(26));
    assert_eq!((file.content_range(), file.is_partial()), (None, false));
    assert_eq!(file.bytes().await.unwrap(), PNG);
}

#[tokio::test]
async fn requests_identity_encoding_and_headers() {
    let platform = Platform::replying(png()).await;
    let request = file::Get::new("file_1");
    let _file = request.send(&platform.client()).await.unwrap();
    let call = platform.call();
    assert_eq!(call.header("accept-encoding"), "identity");
    assert_eq!(call.header("content-type"), "application/json");
    assert_eq!(call.header("range"), "");
}

#[tokio::test]
async fn the_stream_has_all_the_bytes() {
    let mut file = download(png()).await.unwrap();
    let mut bytes = Vec::new();
    while let Some(chunk) = file.chunk().await.unwrap() {
        bytes.extend_from_slice(&chunk);
    }
    assert_eq!(bytes, PNG);
    assert!(file.chunk().await.unwrap().is_none());
}

#[tokio::test]
async fn a_json_error_is_an_error_on_every_status() {
    for status in [200, 201, 400, 500] {
        let reply = Reply::json(status, r#"{"code":234005,"msg":"Image has been deleted"}"#);
        let platform = Platform::replying(reply).await;
        let error = file::Get::new("file_1").send(&platform.client()).await.unwrap_err();
        assert_eq!(error.code_as(), Some(ErrorCode::FileDeleted));
    }
}

#[tokio::test]
async fn json_error_is_an_error_with_any_media_type() {
    let envelope = r#" {"code":1061002,"msg":"params error.","error":{"log_id":"l1"}}"#;
    for media_type in ["text/plain", "text/html", "application/octet-stream", ""] {
        let reply = Reply::new(200, envelope).header("content-type", media_type);
        let error = download(reply).await.unwrap_err();
        assert_eq!(
            (error.code(), error.log_id()),
            (Some(1061002), Some("l1")),
            "{media_type}"
        );
    }
    let without_message = r#"{"code":1061002,"error":{"log_id":"l1"}}"#;
    let error = download(Reply::new(200, without_message)).await.unwrap_err();
    assert_eq!(error.code(), Some(1061002));
}

const LOGIN_PAGE: &str = "\n<!DOCTYPE HTML>\n<html><title>Log in</title></html>";

fn is_foreign_page(error: &Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::Download(DownloadError::ForeignPage { status: 200 })
    )
}

#[tokio::test]
async fn rejects_html_page_of_a_gateway() {
    let typed = Reply::new(200, "Log in").header("content-type", "text/html; charset=utf-8");
    let identified = Reply::new(200, LOGIN_PAGE).header("x-request-id", "of-the-gateway");
    for reply in [Reply::new(200, LOGIN_PAGE), typed, identified] {
        let error = download(reply.clone()).await.unwrap_err();
        assert!(is_foreign_page(&error), "{error:?}");

        let directory = tempfile::tempdir().unwrap();
        let platform = Platform::replying(reply).await;
        let transfer = platform.client().download(media::Download::new("boxcn1"));
        let error = transfer.to(directory.path().join("f")).await.unwrap_err();
        assert!(is_foreign_page(&error), "{error:?}");
        assert_eq!(names_in(directory.path()), <[String; 0]>::default());
    }
}

#[tokio::test]
async fn html_file_of_the_platform_is_a_file() {
    let named = Reply::new(200, LOGIN_PAGE).header("content-disposition", "attachment; filename=a.html");
    let logged = Reply::new(200, LOGIN_PAGE).header("x-tt-logid", "l1");
    for reply in [named, logged] {
        let reply = reply.header("content-type", "text/html");
        assert_eq!(download(reply).await.unwrap().bytes().await.unwrap(), LOGIN_PAGE);
    }
}

#[tokio::test]
async fn common_code_wins_over_documented_status() {
    for code in [99991663, 99991672, 99991677] {
        let reply = Reply::json(400, &format!(r#"{{"code":{code},"msg":"no"}}"#));
        let error = download(reply).await.unwrap_err();
        assert_eq!(media::Download::ENDPOINT.documented(error.code(), 400), None, "{code}");
        let report = error.report().to_string();
        assert!(!report.contains("`extra`"), "{report}");
        assert!(error.is_auth(), "{error:?}");
    }
    let reply = Reply::json(400, r#"{"code":1,"msg":"no"}"#);
    let error = download(reply).await.unwrap_err();
    assert!(error.hint().unwrap().contains("`extra`"), "{error:?}");
}

#[tokio::test]
async fn oversized_body_reports_attempts() {
    let file = download(png()).await.unwrap();
    let error = file.bytes_up_to(3).await.unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::TooLarge { limit: 3, .. }));
    assert_eq!(error.attempts(), 1);
}

#[tokio::test]
async fn unreachable_host_is_named_with_port() {
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = closed.local_addr().unwrap();
    drop(closed);
    let client = Client::builder()
        .tenant_token("t-1")
        .base_url(format!("http://{address}"));
    let client = client.retries(larkspur::RetryPolicy::none()).build().unwrap();
    let error = media::Download::new("boxcn1").send(&client).await.unwrap_err();
    assert_eq!(transport_kind(&error), TransportKind::Connect);
    assert!(error.to_string().contains(&address.to_string()), "{error}");
    assert!(std::error::Error::source(&error).is_some());
}

#[tokio::test]
async fn json_error_to_range_request_is_an_error() {
    let reply = Reply::json(200, r#"{"code":1061002,"msg":"params error."}"#);
    assert_eq!(range(0..10, reply).await.unwrap_err().code(), Some(1061002));
}

#[tokio::test]
async fn a_json_file_is_a_file() {
    let looks_like_an_error = r#"{"code":1,"msg":"mine"}"#;
    let named = Reply::json(200, looks_like_an_error).header("content-disposition", "attachment; filename=a.json");
    let file = download(named).await.unwrap();
    assert_eq!(file.file_name(), Some("a.json"));
    assert_eq!(file.bytes().await.unwrap(), looks_like_an_error);

    for body in [r#"{"colour":"red"}"#, "[1,2]", r#"{"code":0,"msg":"x"}"#, "no json", ""] {
        let file = download(Reply::json(200, body)).await.unwrap();
        assert_eq!(file.bytes().await.unwrap(), body);
    }
}

#[tokio::test]
async fn downloads_large_json_file() {
    let body = format!(r#"{{"code":1,"msg":"{}"}}"#, "x".repeat(300_000));
    let file = download(Reply::json(200, &body)).await.unwrap();
    assert_eq!(file.bytes().await.unwrap(), body);
}

#[tokio::test]
async fn returns_requested_range() {
    let platform = Platform::replying(part("bytes 2-5/10", "2345")).await;
    let request = media::Download::new("boxcn1").range(2..=5);
    let file = request.send(&platform.client()).await.unwrap();
    assert_eq!(platform.call().header("range"), "bytes=2-5");
    let came = file.content_range().unwrap();
    assert_eq!((came.first, came.last, came.total), (2, 5, Some(10)));
    assert_eq!(file.content_length(), Some(4));
    assert_eq!(file.bytes().await.unwrap(), "2345");
}

#[tokio::test]
async fn explains_range_past_end() {
    let error = range(100..200, Reply::new(416, "")).await.unwrap_err();
    assert!(
        error.to_string().contains("the range starts after the end of the file"),
        "{error}"
    );
}

#[tokio::test]
async fn accepts_206_for_range_requests_only() {
    let result = download(part("bytes 0-3/10", "0123")).await;
    assert_eq!(range_fault(result), RangeError::Unrequested);
}

#[tokio::test]
async fn rejects_200_to_range_request() {
    let asked = ByteRange::from(0..10);
    assert_eq!(
        range_fault(range(asked, png()).await),
        RangeError::Ignored { requested: asked }
    );
}

#[tokio::test]
async fn rejects_shifted_range() {
    let asked = ByteRange::from(0..4);
    let content_range = "bytes 4-7/10".to_owned();
    let result = range(asked, part(&content_range, "4567")).await;
    assert_eq!(
        range_fault(result),
        RangeError::Other {
            requested: asked,
            content_range
        }
    );
}

#[tokio::test]
async fn rejects_206_without_content_range() {
    let result = range(0..4, Reply::new(206, "0123")).await;
    assert_eq!(range_fault(result), RangeError::Unknown { content_range: None });
    let result = range(0..4, part("bytes */10", "0123")).await;
    assert!(matches!(
        range_fault(result),
        RangeError::Unknown { content_range: Some(_) }
    ));
}

#[tokio::test]
async fn short_range_is_truncated() {
    let file = range(0..4, part("bytes 0-3/10", "01")).await.unwrap();
    let error = file.bytes().await.unwrap_err();
    assert_eq!(transport_kind(&error), TransportKind::CutBody);
}

#[tokio::test]
async fn long_range_is_rejected() {
    let endless = part("bytes 0-3/10", "01234").hang();
    let error = range(0..4, endless).await.unwrap().bytes().await.unwrap_err();
    assert!(error.to_string().contains("received more than the 4"), "{error}");
}

#[tokio::test]
async fn accepts_range_from_start() {
    let file = range(..4, part("bytes 0-3/10", "0123")).await.unwrap();
    assert_eq!(file.bytes().await.unwrap(), "0123");
    assert_eq!(ByteRange::from(..=3), ByteRange::from(..4));
}

#[tokio::test]
async fn rejects_compressed_body() {
    let error = download(png().header("content-encoding", "gzip")).await.unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Decode(_)), "{error}");
}

#[tokio::test]
async fn reports_416_of_platform() {
    let error = range(100.., Reply::new(416, "")).await.unwrap_err();
    assert_eq!(error.status(), Some(416));
}

#[tokio::test]
async fn an_empty_range_is_not_sent() {
    let error = range(5..5, png()).await.unwrap_err();
    assert_eq!(error.violations()[0].rule, "empty_range");
}

#[tokio::test]
async fn save_replaces_existing_file() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("cover.png");
    fs::write(&path, "old").unwrap();
    let saved = download(png()).await.unwrap().save(&path).await.unwrap();
    assert_eq!((saved.path.as_path(), saved.bytes), (path.as_path(), PNG.len() as u64));
    assert_eq!(fs::read(&path).unwrap(), PNG);
    assert_eq!(names_in(directory.path()), ["cover.png"]);
}

#[tokio::test]
async fn save_in_directory_never_replaces() {
    let directory = tempfile::tempdir().unwrap();
    for _ in 0..3 {
        download(png()).await.unwrap().save_in(directory.path()).await.unwrap();
    }
    assert_eq!(names_in(directory.path()), ["封面 (1).png", "封面 (2).png", "封面.png"]);
}

#[tokio::test]
async fn server_name_stays_in_directory() {
    for name in ["../../evil", "/etc/passwd", "..\\evil", "..", "a\0b", "C:evil", ""] {
        let outer = tempfile::tempdir().unwrap();
        let directory = outer.path().join("inner");
        fs::create_dir(&directory).unwrap();
        let encoded = name.replace('\0', "%00").replace('/', "%2F").replace('\\', "%5C");
        let header = format!("attachment; filename*=UTF-8''{encoded}");
        let reply = Reply::new(200, PNG).header("content-disposition", header);
        let saved = download(reply).await.unwrap().save_in(&directory).await.unwrap();
        assert_eq!(saved.path.parent(), Some(directory.as_path()), "{name}");
        assert_eq!(names_in(outer.path()), ["inner"], "{name}");
        assert_eq!(names_in(&directory).len(), 1, "{name}");
    }
}

#[tokio::test]
async fn file_without_a_name_is_named_by_its_token() {
    let directory = tempfile::tempdir().unwrap();
    let file = download(Reply::new(200, PNG).header("content-type", "image/png"))
        .await
        .unwrap();
    assert_eq!(file.file_name(), None);
    file.save_in(directory.path()).await.unwrap();
    assert_eq!(names_in(directory.path()), ["boxcn1.png"]);
}

#[tokio::test]
async fn truncated_body_keeps_existing_file() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("cover.png");
    fs::write(&path, "old").unwrap();
    for reply in [png().header("content-length", "1000").cut(), png().cut()] {
        let error = download(reply).await.unwrap().save(&path).await.unwrap_err();
        assert_eq!(transport_kind(&error), TransportKind::CutBody);
        assert!(error.is_retryable());
    }
    assert_eq!(fs::read(&path).unwrap(), b"old");
    assert_eq!(names_in(directory.path()), ["cover.png"]);
}

/// The base URL of a platform that responds to one call without a length, and closes the connection after it.
async fn closing() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        let mut stream = BufReader::new(stream);
        let mut line = String::new();
        while stream.read_line(&mut line).await.unwrap() > 2 {
            line.clear();
        }
        let answer = b"HTTP/1.1 200 OK\r\ncontent-type: image/png\r\nconnection: close\r\n\r\nthe beginning";
        stream.write_all(answer).await.unwrap();
        stream.shutdown().await.unwrap();
    });
    format!("http://{address}")
}

#[tokio::test]
async fn rejects_possibly_truncated_body() {
    let directory = tempfile::tempdir().unwrap();
    let client = Client::builder().tenant_token("t-1").base_url(closing().await);
    let file = media::Download::new("boxcn1").send(&client.build().unwrap()).await;
    let error = file.unwrap().save(directory.path().join("a.png")).await.unwrap_err();
    let unbounded = matches!(
        error.kind(),
        ErrorKind::Download(DownloadError::Unbounded { bytes: 13 })
    );
    assert!(unbounded, "{error}");
    assert!(names_in(directory.path()).is_empty());
}

#[tokio::test]
async fn a_body_that_stalls_leaves_no_file() {
    let directory = tempfile::tempdir().unwrap();
    let platform = Platform::replying(png().hang()).await;
    let client = platform.client().with_timeout(Duration::from_millis(50));
    let file = media::Download::new("boxcn1").send(&client).await.unwrap();
    let error = file.save_in(directory.path()).await.unwrap_err();
    assert_eq!(transport_kind(&error), TransportKind::Timeout);
    assert!(names_in(directory.path()).is_empty());
}

#[tokio::test]
async fn cancelled_save_leaves_no_file() {
    let directory = tempfile::tempdir().unwrap();
    let file = download(png().hang()).await.unwrap();
    let path = directory.path().to_owned();
    let saving = tokio::spawn(file.save_in(path));
    while names_in(directory.path()).is_empty() {
        tokio::task::yield_now().await;
    }
    saving.abort();
    assert!(saving.await.unwrap_err().is_cancelled());
    // A blocking thread that was still creating the file removes it once it is done.
    for _ in 0..1000 {
        if names_in(directory.path()).is_empty() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert!(names_in(directory.path()).is_empty());
}

#[tokio::test]
async fn rejects_directory_as_file_path() {
    let directory = tempfile::tempdir().unwrap();
    let error = download(png()).await.unwrap().save(directory.path()).await.unwrap_err();
    assert!(error.to_string().contains("save_in"), "{error}");
}

#[cfg(unix)]
#[tokio::test]
async fn never_replaces_special_file() {
    use std::os::unix::fs::FileTypeExt as _;
    // A socket stands for every special file: `/dev/null`, of the machine that runs the test, must not.
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("socket");
    let _socket = std::os::unix::net::UnixListener::bind(&path).unwrap();
    let error = download(png()).await.unwrap().save(&path).await.unwrap_err();
    assert!(error.to_string().contains("not a regular file"), "{error}");
    assert!(fs::symlink_metadata(&path).unwrap().file_type().is_socket());
}

#[tokio::test]
async fn names_missing_directory() {
    let directory = tempfile::tempdir().unwrap().path().join("none");
    let error = download(png()).await.unwrap().save_in(&directory).await.unwrap_err();
    assert!(error.to_string().contains(directory.to_str().unwrap()), "{error}");
}

#[cfg(unix)]
#[tokio::test]
async fn saved_file_has_default_permissions() {
    use std::os::unix::fs::PermissionsExt as _;
    let directory = tempfile::tempdir().unwrap();
    let ordinary = directory.path().join("ordinary");
    fs::write(&ordinary, "").unwrap();
    let saved = download(png()).await.unwrap().save_in(directory.path()).await.unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode();
    assert_eq!(mode(&saved.path), mode(&ordinary));
}

#[tokio::test]
async fn limits_bytes_in_memory() {
    for reply in [png(), png().header("content-length", "26")] {
        let error = download(reply).await.unwrap().bytes_up_to(25).await.unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::TooLarge { limit: 25, .. }), "{error}");
        assert!(error.to_string().contains("`save`"), "{error}");
    }
    let file = download(png()).await.unwrap();
    assert_eq!(file.bytes_up_to(26).await.unwrap(), PNG);
}

#[tokio::test]
async fn default_limit_is_documented_maximum() {
    let platform = Platform::replying(png().header("content-length", "104857601").hang()).await;
    let file = file::Get::new("file_1").send(&platform.client()).await.unwrap();
    let error = file.bytes().await.unwrap_err();
    assert!(
        matches!(error.kind(), ErrorKind::TooLarge { limit: 104_857_600, .. }),
        "{error}"
    );
}
