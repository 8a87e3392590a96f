//! What is retried, how often, and what it costs the platform.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use crate::support::clock::wait;
use crate::support::{Platform, Recorded, Reply};
use larkspur::drive::v1::media::{BatchGetTmpDownloadUrl, Download};
use larkspur::endpoint::{BodyKind, EndpointInfo, Method, Request, TokenKind};
use larkspur::error::{ErrorKind, TransportKind};
use larkspur::wire::{Encode, FieldInfo, Fields, object};
use larkspur::{Client, RateLimitMode, RetryPolicy};

const LINKS: &str = r#"{"tmp_download_urls":[]}"#;
/// So short that a test need not wait for it.
const QUICK: RetryPolicy = RetryPolicy::new().initial_backoff(Duration::from_millis(1));

/// A client that waits next to nothing between attempts, and for no window.
fn client(platform: &Platform) -> Client {
    client_at(platform.base_url())
}

fn client_at(url: String) -> Client {
    Client::builder()
        .tenant_token("t-1")
        .base_url(url)
        .retries(QUICK)
        .rate_limits(RateLimitMode::Off)
        .build()
        .unwrap()
}

/// Responds to the first calls with these, one each, and to all others with success.
async fn failing_with(first: Vec<Reply>) -> Platform {
    let count = AtomicUsize::new(0);
    Platform::start(move |_| {
        let index = count.fetch_add(1, Ordering::SeqCst);
        first.get(index).cloned().unwrap_or_else(|| Reply::data(LINKS))
    })
    .await
}

async fn read(client: &Client) -> larkspur::Result<()> {
    let request = BatchGetTmpDownloadUrl::new(["boxcn1"]);
    request.send(client).await.map(|_| ())
}

static CREATE: EndpointInfo = EndpointInfo::new("test.v1.sample.create", Method::Post, "/open-apis/create")
    .tokens(&[TokenKind::Tenant])
    .body(BodyKind::Json)
    .idempotency("uuid");
static SEARCH: EndpointInfo = EndpointInfo::new("test.v1.sample.search", Method::Post, "/open-apis/search")
    .tokens(&[TokenKind::Tenant])
    .body(BodyKind::Json)
    .repeatable();

request!(Create, CREATE, { name: String = FieldInfo::body("name"), uuid: Option<String> = FieldInfo::body("uuid") });
request!(CreateByQuery, CREATE, { uuid: Option<String> = FieldInfo::query("uuid") });
request!(Search, SEARCH, { name: String = FieldInfo::body("name") });

fn create(uuid: Option<&str>) -> Create {
    Create {
        name: "n".to_owned(),
        uuid: uuid.map(str::to_owned),
    }
}

#[tokio::test]
async fn retries_transient_fault() {
    let cut = Reply::json(200, r#"{"code":0,"#).cut();
    let codes = Reply::json(200, r#"{"code":2200,"msg":"internal error"}"#);
    for failure in [Reply::new(500, ""), Reply::new(503, "busy"), codes, cut] {
        let platform = failing_with(vec![failure.clone(), failure]).await;
        read(&client(&platform)).await.unwrap();
        assert_eq!(platform.calls().len(), 3);
    }
}

#[tokio::test]
async fn retries_download_until_it_begins() {
    let platform = failing_with(vec![
        Reply::new(502, ""),
        Reply::json(500, r#"{"code":2200,"msg":"x"}"#),
    ])
    .await;
    let file = Download::new("boxcn1").send(&client(&platform)).await.unwrap();
    assert!(!file.bytes().await.unwrap().is_empty());
    assert_eq!(platform.calls().len(), 3);
}

#[tokio::test]
async fn error_has_attempts_and_wait() {
    let platform = Platform::replying(Reply::new(503, "").header("x-tt-logid", "log-1")).await;
    let error = read(&client(&platform)).await.unwrap_err();
    assert_eq!(platform.calls().len(), 4);
    assert_eq!((error.attempts(), error.waits().len()), (4, 3));
    assert_eq!((error.status(), error.log_id()), (Some(503), Some("log-1")));
    assert!(
        error
            .report()
            .to_string()
            .contains("sent 4 times, with delays of 0.0 s"),
        "{error}"
    );
}

#[tokio::test]
async fn returns_last_error() {
    let replies = (1..=4).map(|number| Reply::new(503, "").header("x-tt-logid", format!("log-{number}")));
    let platform = failing_with(replies.collect()).await;
    let error = read(&client(&platform)).await.unwrap_err();
    assert_eq!(error.log_id(), Some("log-4"));
}

#[tokio::test]
async fn permanent_failure_is_sent_once() {
    for reply in [
        Reply::json(400, r#"{"code":1061002,"msg":"params error."}"#),
        Reply::json(403, r#"{"code":99991672,"msg":"Access denied."}"#),
        Reply::new(404, ""),
        Reply::new(501, ""),
        Reply::json(200, "[]"),
    ] {
        let platform = Platform::replying(reply).await;
        let error = read(&client(&platform)).await.unwrap_err();
        assert_eq!((platform.calls().len(), error.attempts()), (1, 1), "{error}");
    }
}

#[tokio::test]
async fn a_request_that_is_wrong_is_never_sent() {
    let platform = Platform::replying(Reply::data(LINKS)).await;
    let none: [String; 0] = [];
    let error = BatchGetTmpDownloadUrl::new(none)
        .send(&client(&platform))
        .await
        .unwrap_err();
    assert_eq!((platform.calls().len(), error.attempts()), (0, 0));
}

#[tokio::test]
async fn a_view_has_its_own_number_of_attempts() {
    for attempts in [1, 2, 6] {
        let platform = Platform::replying(Reply::new(503, "")).await;
        let client = client(&platform).with_retries(QUICK.attempts(attempts));
        let error = read(&client).await.unwrap_err();
        assert_eq!(
            (platform.calls().len(), error.attempts()),
            (attempts as usize, attempts)
        );
    }
}

#[tokio::test]
async fn uncertain_write_is_not_retried() {
    for reply in [Reply::new(503, ""), Reply::json(200, r#"{"code":0"#).cut()] {
        let platform = failing_with(vec![reply]).await;
        let error = client(&platform).call_empty(&create(None)).await.unwrap_err();
        assert_eq!(platform.calls().len(), 1);
        assert!(error.report().to_string().contains("set `uuid`"), "{error}");
    }
}

#[tokio::test]
async fn retries_with_same_idempotency_key() {
    let platform = failing_with(vec![Reply::new(503, "")]).await;
    client(&platform).call_empty(&create(Some("u-1"))).await.unwrap();
    let bodies: Vec<_> = platform.calls().into_iter().map(|call| call.body).collect();
    assert_eq!(bodies, [r#"{"name":"n","uuid":"u-1"}"#; 2]);
}

#[tokio::test]
async fn an_idempotency_key_may_stand_in_the_query() {
    for (uuid, calls) in [(Some("u-1"), 2), (Some(""), 1), (None, 1)] {
        let platform = failing_with(vec![Reply::new(503, "")]).await;
        let request = CreateByQuery {
            uuid: uuid.map(str::to_owned),
        };
        let _ = client(&platform).call_empty(&request).await;
        assert_eq!(platform.calls().len(), calls, "{uuid:?}");
    }
}

#[tokio::test]
async fn retries_repeatable_call() {
    let platform = failing_with(vec![Reply::new(503, "")]).await;
    let request = Search { name: "n".to_owned() };
    client(&platform).call_empty(&request).await.unwrap();
    assert_eq!(platform.calls().len(), 2);
}

#[tokio::test]
async fn retries_unprocessed_write() {
    let too_many = Reply::json(400, r#"{"code":99991400,"msg":"too many"}"#).header("x-ogw-ratelimit-reset", "0");
    let platform = failing_with(vec![too_many]).await;
    client(&platform).call_empty(&create(None)).await.unwrap();
    assert_eq!(platform.calls().len(), 2);
}

#[tokio::test]
async fn retries_failed_connection_for_writes() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let error = client_at(url).call_empty(&create(None)).await.unwrap_err();
    let ErrorKind::Transport(fault) = error.kind() else {
        panic!("{error}")
    };
    assert_eq!((fault.kind, fault.unprocessed), (TransportKind::Connect, true));
    assert_eq!(error.attempts(), 4);
}

#[tokio::test]
async fn retries_after_response_timeout() {
    let platform = failing_with(vec![Reply::json(200, r#"{"code":0"#).hang()]).await;
    let client = client(&platform).with_timeout(Duration::from_millis(200));
    read(&client).await.unwrap();
    assert_eq!(platform.calls().len(), 2);
}

#[tokio::test]
async fn honors_retry_after() {
    let dated = Reply::new(503, "").header("date", "Fri, 02 Jan 2026 12:00:00 GMT");
    for reply in [
        Reply::new(503, "").header("retry-after", "70"),
        dated.header("retry-after", "Fri, 02 Jan 2026 12:01:10 GMT"),
    ] {
        let platform = failing_with(vec![reply]).await;
        let client = client(&platform);
        let call = tokio::spawn(async move { read(&client).await });
        answered(&platform).await;
        wait(Duration::from_secs(60)).await;
        assert_eq!(platform.calls().len(), 1);
        wait(Duration::from_secs(11)).await;
        call.await.unwrap().unwrap();
        assert_eq!(platform.calls().len(), 2);
    }
}

#[tokio::test]
async fn retry_after_pauses_all_callers() {
    let too_many = Reply::json(400, r#"{"code":99991400,"msg":"too many"}"#).header("x-ogw-ratelimit-reset", "70");
    let platform = failing_with(vec![too_many]).await;
    let client = client(&platform).with_rate_limits(RateLimitMode::Wait);
    let call = || {
        let client = client.clone();
        tokio::spawn(async move { read(&client).await })
    };
    let first = call();
    answered(&platform).await;
    let second = call();
    wait(Duration::from_secs(60)).await;
    tokio::time::sleep(Duration::from_millis(5)).await;
    assert_eq!(platform.calls().len(), 1);
    wait(Duration::from_secs(11)).await;
    first.await.unwrap().unwrap();
    second.await.unwrap().unwrap();
    assert_eq!(platform.calls().len(), 3);
}

#[tokio::test]
async fn never_waits_past_deadline() {
    for status in [503, 429] {
        let platform = Platform::replying(Reply::new(status, "").header("retry-after", "3600")).await;
        let client = client(&platform).with_deadline(Duration::from_secs(60));
        let error = read(&client).await.unwrap_err();
        assert_eq!((error.status(), error.attempts()), (Some(status), 1));
        assert_eq!(error.retry_after(), Some(Duration::from_secs(3600)));
        assert!(
            error.report().to_string().contains("would exceed the deadline"),
            "{error}"
        );
    }
}

#[tokio::test]
async fn an_absurd_wait_is_survived() {
    let seconds = u64::MAX.to_string();
    for status in [503, 429] {
        let reply = Reply::json(status, r#"{"code":1,"msg":"later"}"#);
        let platform = Platform::replying(reply.header("retry-after", seconds.clone())).await;
        let client = client(&platform).with_deadline(Duration::MAX);
        let error = read(&client).await.unwrap_err();
        assert_eq!((error.status(), error.attempts()), (Some(status), 1));
    }
}

#[tokio::test]
async fn deadline_ends_running_attempt() {
    let platform = Platform::replying(Reply::json(200, r#"{"code":0"#).hang()).await;
    let client = client(&platform).with_deadline(Duration::from_millis(100));
    let error = read(&client).await.unwrap_err();
    assert!(
        matches!(error.kind(), ErrorKind::Transport(fault) if fault.kind == TransportKind::Timeout),
        "{error}"
    );
    assert_eq!(platform.calls().len(), 1);
}

#[tokio::test]
async fn fail_mode_ignores_retry_after() {
    let platform = Platform::replying(Reply::json(429, r#"{"code":99991400,"msg":"too many"}"#)).await;
    let client = client(&platform).with_rate_limits(RateLimitMode::Fail);
    let error = read(&client).await.unwrap_err();
    assert_eq!((error.code(), error.attempts()), (Some(99991400), 1));
}

/// Two thousand calls, fifty at a time. Returns the number of attempts that their errors report.
async fn many_calls(client: &Client) -> u32 {
    const CALLS: usize = 2000;
    let left = Arc::new(AtomicUsize::new(CALLS));
    let workers: Vec<_> = (0..50)
        .map(|_| {
            let (client, left) = (client.clone(), Arc::clone(&left));
            tokio::spawn(async move {
                let mut attempts = 0;
                let take = |left: usize| left.checked_sub(1);
                while left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, take).is_ok() {
                    attempts += read(&client).await.unwrap_err().attempts();
                }
                attempts
            })
        })
        .collect();
    let mut attempts = 0;
    for worker in workers {
        attempts += worker.await.unwrap();
    }
    attempts
}

#[tokio::test]
async fn retry_budget_bounds_outage_traffic() {
    for status in [503, 429] {
        let reply = Reply::new(status, "").header("retry-after", "0");
        let platform = Platform::replying(reply).await;
        many_calls(&client(&platform)).await;
        let sent = platform.calls().len();
        assert!((2001..2400).contains(&sent), "{status}: {sent} requests for 2000 calls");
    }
}

#[tokio::test]
async fn retry_budget_bounds_refused_connections() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let sent = many_calls(&client_at(url)).await;
    assert!((2001..2400).contains(&sent), "{sent} attempts for 2000 calls");
}

#[tokio::test]
async fn retry_budget_bounds_reset_connections() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let connections = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&connections);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            count.fetch_add(1, Ordering::SeqCst);
            // With a reset, before any byte of the response.
            stream.set_zero_linger().unwrap();
        }
    });
    many_calls(&client_at(url)).await;
    let sent = connections.load(Ordering::SeqCst);
    assert!((2001..2400).contains(&sent), "{sent} connections for 2000 calls");
}

#[tokio::test]
async fn retry_budget_bounds_token_fetches() {
    let platform = Platform::start(|_| Reply::new(503, "")).await;
    let client = Client::builder()
        .app(crate::support::APP_ID, crate::support::APP_SECRET)
        .base_url(platform.base_url())
        .retries(QUICK)
        .rate_limits(RateLimitMode::Off)
        .build()
        .unwrap();
    many_calls(&client).await;
    let sent = platform.token_requests();
    assert!(sent < 2400, "{sent} requests for 2000 calls");
    assert_eq!(platform.calls().len(), 0);
}

#[tokio::test]
async fn retries_after_recovery() {
    let failing = Arc::new(AtomicUsize::new(1));
    let fails = Arc::clone(&failing);
    let platform = Platform::start(move |_: &Recorded| match fails.load(Ordering::SeqCst) {
        0 => Reply::data(LINKS),
        _ => Reply::new(503, ""),
    })
    .await;
    let client = client(&platform);
    many_calls(&client).await;
    failing.store(0, Ordering::SeqCst);
    for _ in 0..20 {
        read(&client).await.unwrap();
    }
    failing.store(1, Ordering::SeqCst);
    assert_eq!(read(&client).await.unwrap_err().attempts(), 3);
}

#[tokio::test]
async fn reuses_connection_after_small_error() {
    for (size, connections) in [(10, 1), (60 * 1024, 1), (4 * 1024 * 1024, 4)] {
        let platform = Platform::replying(Reply::new(503, vec![b'x'; size])).await;
        read(&client(&platform)).await.unwrap_err();
        assert_eq!(
            (platform.calls().len(), platform.connections()),
            (4, connections),
            "{size}"
        );
    }
}

#[tokio::test]
async fn rejects_response_above_custom_limit() {
    let data = format!(r#"{{"tmp_download_urls":[],"more":"{}"}}"#, "x".repeat(2000));
    let platform = Platform::replying(Reply::data(&data)).await;
    let built = |bytes| {
        let builder = Client::builder().tenant_token("t-1").base_url(platform.base_url());
        builder.max_json_bytes(bytes).build().unwrap()
    };
    read(&built(10_000)).await.unwrap();
    let error = read(&built(1000)).await.unwrap_err();
    assert!(
        matches!(error.kind(), ErrorKind::TooLarge { limit: 1000, .. }),
        "{error}"
    );
    assert!(error.to_string().contains("max_json_bytes"), "{error}");
}

#[tokio::test]
async fn dropped_waits_cost_no_retries() {
    let number = AtomicUsize::new(0);
    let platform = Platform::start(move |_| match number.fetch_add(1, Ordering::SeqCst) {
        0..200 => Reply::new(503, "").header("retry-after", "3600"),
        _ => Reply::new(503, ""),
    })
    .await;
    let client = client(&platform).with_deadline(Duration::MAX);
    for _ in 0..200 {
        tokio::select! {
            _ = read(&client) => unreachable!("it waits for an hour"),
            () = answered(&platform) => platform.forget(),
        }
    }
    assert_eq!(read(&client).await.unwrap_err().attempts(), 4);
}

/// Waits until a call was received and its response had the time to arrive.
async fn answered(platform: &Platform) {
    while platform.calls().is_empty() {
        tokio::task::yield_now().await;
    }
    tokio::time::sleep(Duration::from_millis(2)).await;
}

#[test]
fn futures_of_calls_can_move_between_threads() {
    fn assert_send<T: Send>(_: T) {}
    let client = Client::builder().tenant_token("t-1").build().unwrap();
    assert_send(BatchGetTmpDownloadUrl::new(["boxcn1"]).send(&client));
    assert_send(Download::new("boxcn1").send(&client));
    assert_send(client.call_empty(&create(None)));
}
