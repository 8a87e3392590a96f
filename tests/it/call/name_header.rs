//! Proxies that refuse the header which only makes the platform name a file.

use std::path::Path;
use std::time::Duration;

use crate::support::{Platform, Recorded, Reply};
use larkspur::endpoint::{EndpointInfo, FixedHeader, Method, Request, ResponseKind, TokenKind};
use larkspur::im::v1::message_resource::{Get, GetType};
use larkspur::wire::{Encode, FieldInfo, Fields, object};
use larkspur::{Client, RateLimitMode, RetryPolicy};
use larkspur_codegen::Source;
use larkspur_codegen::model::Response;

const CONTENT: &str = "content of the file";
const PAGE: &str = "<html><title>502 Bad Gateway</title></html>";

fn client(platform: &Platform) -> Client {
    Client::builder()
        .tenant_token("t-1")
        .base_url(platform.base_url())
        .retries(RetryPolicy::new().initial_backoff(Duration::from_millis(1)))
        .rate_limits(RateLimitMode::Off)
        .build()
        .unwrap()
}

fn get() -> Get {
    Get::new("om_1", "file_1", GetType::File)
}

/// A proxy that responds with this to a request with the header, and passes on all others.
async fn refusing_header(refusal: Reply) -> Platform {
    Platform::start(move |request| {
        if request.headers.contains_key("content-type") {
            refusal.clone()
        } else {
            Reply::new(200, CONTENT)
        }
    })
    .await
}

/// Whether each call carried the header.
fn carried(platform: &Platform) -> Vec<bool> {
    let carries = |call: &Recorded| call.headers.contains_key("content-type");
    platform.calls().iter().map(carries).collect()
}

#[tokio::test]
async fn retries_without_name_header() {
    let platform = refusing_header(Reply::new(502, PAGE)).await;
    let file = get().send(&client(&platform)).await.unwrap();
    assert_eq!(file.file_name(), None);
    assert_eq!(file.bytes().await.unwrap(), CONTENT);
    assert_eq!(carried(&platform), [true, false]);
}

#[tokio::test]
async fn omits_name_header_without_retries() {
    let platform = refusing_header(Reply::new(501, PAGE)).await;
    let client = client(&platform).with_retries(RetryPolicy::none());
    assert_eq!(get().send(&client).await.unwrap().bytes().await.unwrap(), CONTENT);
    assert_eq!(carried(&platform), [true, false]);
}

#[tokio::test]
async fn download_omits_refused_name_header() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("file");
    let platform = refusing_header(Reply::new(502, PAGE)).await;
    let report = client(&platform).download(get()).to(&path).await.unwrap();
    assert_eq!(std::fs::read_to_string(path).unwrap(), CONTENT);
    assert_eq!((report.attempts, report.name), (2, None));
    assert_eq!(carried(&platform), [true, false]);
}

#[tokio::test]
async fn download_resumes_without_name_header() {
    let directory = tempfile::tempdir().unwrap();
    let content = CONTENT.repeat(100);
    let expected = content.clone();
    let platform = Platform::start(move |request| {
        if request.headers.contains_key("content-type") {
            return Reply::new(502, PAGE);
        }
        let file = Reply::new(200, content.clone())
            .header("etag", "\"1\"")
            .header("accept-ranges", "bytes");
        match request.header("range").as_str() {
            "" => file.cut_in_half(),
            range => {
                let start: usize = range
                    .trim_start_matches("bytes=")
                    .trim_end_matches('-')
                    .parse()
                    .unwrap();
                let (last, total) = (content.len() - 1, content.len());
                Reply::new(206, content[start..].to_owned())
                    .header("etag", "\"1\"")
                    .header("content-range", format!("bytes {start}-{last}/{total}"))
            }
        }
    })
    .await;
    let path = directory.path().join("file");
    let report = client(&platform).download(get()).to(&path).await.unwrap();
    assert_eq!(std::fs::read_to_string(path).unwrap(), expected);
    assert_eq!(carried(&platform), [true, false, false]);
    assert_eq!(report.attempts, 3);
}

#[tokio::test]
async fn proxy_that_refuses_all_bounds_attempts() {
    let platform = Platform::replying(Reply::new(502, PAGE)).await;
    let client = client(&platform);
    let error = get().send(&client).await.unwrap_err();
    assert_eq!(
        (error.attempts(), error.waits().len(), error.status()),
        (5, 4, Some(502))
    );
    assert_eq!(carried(&platform), [true, false, false, false, false]);

    platform.forget();
    let directory = tempfile::tempdir().unwrap();
    let download = client.download(get()).to(directory.path().join("file"));
    let error = download.await.unwrap_err();
    assert_eq!((error.attempts(), error.status()), (5, Some(502)));
    assert_eq!(carried(&platform), [true, false, false, false, false]);
}

#[tokio::test]
async fn response_of_platform_keeps_name_header() {
    for refusal in [
        Reply::new(502, "").header("x-tt-logid", "log-1"),
        Reply::json(500, r#"{"code":2200,"msg":"internal error"}"#),
    ] {
        let platform = refusing_header(refusal).await;
        let error = get().send(&client(&platform)).await.unwrap_err();
        assert_eq!(error.attempts(), 4);
        assert_eq!(carried(&platform), [true; 4]);
    }
}

#[tokio::test]
async fn header_of_caller_is_not_omitted() {
    let platform = refusing_header(Reply::new(502, PAGE)).await;
    let client = client(&platform).extra_header("Content-Type", "text/plain");
    let error = get().send(&client).await.unwrap_err();
    assert_eq!(error.attempts(), 4);
    assert_eq!(carried(&platform), [true; 4]);
}

static PLAIN: EndpointInfo = EndpointInfo::new("test.v1.sample.get", Method::Get, "/open-apis/sample")
    .tokens(&[TokenKind::Tenant])
    .headers(&[FixedHeader::new("x-view", "full")])
    .response(ResponseKind::Binary {
        ranges: false,
        max_bytes: None,
    });

request!(Plain, PLAIN, { id: Option<String> = FieldInfo::query("id") });

#[tokio::test]
async fn request_without_name_header_is_unchanged() {
    let platform = Platform::replying(Reply::new(502, PAGE)).await;
    let error = client(&platform).fetch(&Plain { id: None }).await.unwrap_err();
    assert_eq!(error.attempts(), 4);
    assert!(platform.calls().iter().all(|call| call.header("x-view") == "full"));
}

#[tokio::test]
async fn imposed_delay_precedes_retry_without_header() {
    let platform = refusing_header(Reply::new(503, PAGE).header("retry-after", "60")).await;
    let client = client(&platform).with_deadline(Duration::from_secs(30));
    let error = get().send(&client).await.unwrap_err();
    assert_eq!((error.attempts(), error.status()), (1, Some(503)));
}

#[tokio::test]
async fn retries_without_header_draw_from_budget() {
    let platform = Platform::replying(Reply::new(502, PAGE)).await;
    let client = client(&platform);
    for _ in 0..60 {
        get().send(&client).await.unwrap_err();
    }
    // One hundred retries of sixty calls.
    assert_eq!(platform.calls().len(), 160);
}

#[test]
fn name_headers_are_those_of_the_spec() {
    let source = Source::read_dir(&Path::new(env!("CARGO_MANIFEST_DIR")).join("spec")).unwrap();
    let api = larkspur_codegen::load(&source).unwrap();
    let mut count = 0;
    for info in larkspur::catalog::ENDPOINTS {
        let Some(endpoint) = api.endpoint(info.id) else {
            continue;
        };
        let Response::Binary(binary) = &endpoint.response else {
            continue;
        };
        let needed = binary.headers.iter().find_map(|header| header.needs.as_deref());
        count += usize::from(needed.is_some());
        // A page that requires the header does not name its purpose; a GET has no other.
        let required = endpoint.fixed_headers.iter().find(|header| header.required);
        let expected = needed.or(required.map(|header| header.name.as_str()));
        assert_eq!(info.name_header().map(|header| header.name), expected, "{}", info.id);
    }
    assert!(count >= 3, "{count}");
}
