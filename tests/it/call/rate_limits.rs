//! The limits of endpoints, over HTTP and against a platform that enforces them.

use std::collections::HashSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use larkspur::drive::v1::media::Download;
use larkspur::endpoint::Window;
use larkspur::error::ErrorKind;
use larkspur::store::{Admission, MemoryWindows, Pending, StoreError, WindowKey, WindowStore};
use larkspur::{Client, ClientBuilder, RateLimitMode};
use larkspur_mock::{Failure, Mock};

use crate::support::{Platform, Reply};
use tokio::task::JoinSet;

/// Five in a second, and 10,000 in a day.
const ENDPOINT: &str = "drive.v1.media.download";
const TOKEN: &str = "boxcnrHpsg1QDqXAAAyachabcef";

async fn mock() -> Mock {
    let mock = Mock::start().await.unwrap();
    mock.put_file(TOKEN, "cover.png", "image/png", "the bytes");
    mock
}

fn client_of(mock: &Mock, set: impl FnOnce(ClientBuilder) -> ClientBuilder) -> Client {
    let builder = Client::builder()
        .app(mock.app_id(), mock.app_secret())
        .base_url(mock.base_url());
    set(builder).build().unwrap()
}

async fn download(client: &Client) -> larkspur::Result<()> {
    Download::new(TOKEN).send(client).await.map(drop)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn concurrent_calls_are_not_rejected() {
    let mock = mock().await;
    let client = client_of(&mock, |builder| builder);
    let mut calls = JoinSet::new();
    for _ in 0..20 {
        let client = client.clone();
        calls.spawn(async move { download(&client).await });
    }
    for result in calls.join_all().await {
        result.unwrap();
    }
    assert_eq!(mock.calls(ENDPOINT), 20);
}

#[tokio::test]
async fn fail_mode_reports_wait_without_sending() {
    let mock = mock().await;
    let client = client_of(&mock, |builder| builder.rate_limits(RateLimitMode::Fail));
    let mut limited = 0;
    for _ in 0..20 {
        if let Err(error) = download(&client).await {
            assert!(matches!(error.kind(), ErrorKind::RateLimited(_)), "{error}");
            assert!(error.retry_after().unwrap() <= Duration::from_millis(1040), "{error}");
            assert!(error.is_retryable());
            limited += 1;
        }
    }
    assert_eq!(mock.calls(ENDPOINT) + limited, 20);
    assert!(limited > 0);
}

#[tokio::test]
async fn off_mode_hits_platform_limits() {
    let mock = mock().await;
    let client = client_of(&mock, |builder| builder.rate_limits(RateLimitMode::Off));
    for _ in 0..7 {
        download(&client).await.unwrap();
    }
    assert!(mock.requests().iter().any(|request| request.status == 429));
}

#[tokio::test]
async fn fails_if_wait_exceeds_deadline() {
    let mock = mock().await;
    let client = client_of(&mock, |builder| builder);
    for _ in 0..5 {
        download(&client).await.unwrap();
    }
    let hurried = client.with_deadline(Duration::from_millis(50));
    let error = download(&hurried).await.unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::RateLimited(_)), "{error}");
    assert!(
        error.to_string().contains("not sent: the endpoint's rate limit"),
        "{error}"
    );
    assert_eq!(mock.calls(ENDPOINT), 5);
}

#[tokio::test]
async fn counts_failed_calls() {
    let mock = mock().await;
    let client = client_of(&mock, |builder| builder.rate_limits(RateLimitMode::Fail));
    mock.fail_next(ENDPOINT, Failure::status(403).times(5)).unwrap();
    for _ in 0..5 {
        assert_eq!(download(&client).await.unwrap_err().status(), Some(403));
    }
    let error = download(&client).await.unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::RateLimited(_)), "{error}");
}

#[tokio::test]
async fn rejection_pauses_endpoint_and_tenant() {
    for refusal in [Failure::status(429), Failure::code(99991400).http(400)] {
        let mock = mock().await;
        let client = client_of(&mock, |builder| builder.rate_limits(RateLimitMode::Fail));
        mock.fail_next(ENDPOINT, refusal.reset(2)).unwrap();
        download(&client).await.unwrap_err();
        for mode in [RateLimitMode::Fail, RateLimitMode::Wait, RateLimitMode::Off] {
            let hurried = client.with_rate_limits(mode).with_deadline(Duration::from_millis(50));
            let error = download(&hurried).await.unwrap_err();
            assert!(matches!(error.kind(), ErrorKind::RateLimited(_)), "{mode:?}: {error}");
        }
        assert_eq!(mock.calls(ENDPOINT), 1);
        download(&client.with_rate_limits(RateLimitMode::Wait)).await.unwrap();
        assert_eq!(mock.calls(ENDPOINT), 2);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn retries_rejected_calls_within_limit() {
    let mock = mock().await;
    let client = client_of(&mock, |builder| builder);
    mock.fail_next(ENDPOINT, Failure::code(99991400).reset(1).times(2))
        .unwrap();
    let mut calls = JoinSet::new();
    for _ in 0..8 {
        let client = client.clone();
        calls.spawn(async move { download(&client).await });
    }
    for result in calls.join_all().await {
        result.unwrap();
    }
    let refused = mock.requests().iter().filter(|request| request.status >= 400).count();
    assert_eq!(refused, 2);
    assert_eq!(mock.calls(ENDPOINT), 10);
}

#[tokio::test]
async fn clients_with_one_store_count_together() {
    let mock = mock().await;
    let windows = Arc::new(MemoryWindows::new());
    let client = || {
        let windows = Arc::clone(&windows);
        client_of(&mock, |builder| {
            builder.rate_limits(RateLimitMode::Fail).window_store(windows)
        })
    };
    let clients = [client(), client()];
    for number in 0..10 {
        let result = download(&clients[number % 2]).await;
        // Alone, neither would come to its limit of five.
        if let Err(error) = result {
            assert!(matches!(error.kind(), ErrorKind::RateLimited(_)), "{error}");
            return;
        }
    }
    panic!("no call reached the limit");
}

/// A gateway in front of the platform that rejects calls for a day.
async fn gateway(reply: Reply) -> Platform {
    Platform::replying(reply.header("retry-after", "86400")).await
}

#[tokio::test]
async fn foreign_page_pauses_for_a_minute_at_most() {
    let page = Reply::new(429, "<html>Too Many Requests</html>");
    let envelope = Reply::json(429, r#"{"code":99991400,"msg":"request trigger frequency limit"}"#);
    for (reply, seconds) in [(page, 60), (envelope, 86_400)] {
        let platform = gateway(reply).await;
        let client = platform.client().with_rate_limits(RateLimitMode::Fail);
        assert_eq!(download(&client).await.unwrap_err().status(), Some(429));
        let error = download(&client).await.unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::RateLimited(_)), "{error}");
        let wait = error.retry_after().unwrap();
        assert!(
            wait <= Duration::from_secs(seconds) && wait > Duration::from_secs(seconds - 30),
            "{wait:?}"
        );
        assert_eq!(platform.calls().len(), 1);
    }
}

#[tokio::test]
async fn lifting_a_pause_allows_calls() {
    let platform = gateway(Reply::json(429, r#"{"code":99991400,"msg":"limited"}"#)).await;
    let client = platform.client().with_rate_limits(RateLimitMode::Fail);
    download(&client).await.unwrap_err();
    client.lift_pause(&Download::ENDPOINT).await.unwrap();
    assert_eq!(download(&client).await.unwrap_err().status(), Some(429));
    assert_eq!(platform.calls().len(), 2);
}

/// A store that records under which keys calls are counted.
#[derive(Clone, Default)]
struct CountedAs(Arc<Mutex<Vec<[String; 2]>>>);

impl WindowStore for CountedAs {
    fn acquire<'a>(&'a self, key: WindowKey<'a>, _: &'a [Window]) -> Pending<'a, Result<Admission, StoreError>> {
        if key.endpoint == ENDPOINT {
            self.0.lock().unwrap().push([key.host.to_owned(), key.app.to_owned()]);
        }
        Box::pin(async { Ok(Admission::Granted) })
    }

    fn pause<'a>(&'a self, _: WindowKey<'a>, _: Duration) -> Pending<'a, Result<(), StoreError>> {
        Box::pin(async { Ok(()) })
    }

    fn lift_pause<'a>(&'a self, _: WindowKey<'a>) -> Pending<'a, Result<(), StoreError>> {
        Box::pin(async { Ok(()) })
    }
}

#[tokio::test]
async fn counts_hosts_and_unknown_apps_separately() {
    let first = Platform::replying(Reply::new(200, "x")).await;
    let second = Platform::replying(Reply::new(200, "x")).await;
    let counted = CountedAs::default();
    let client = |platform: &Platform, builder: ClientBuilder| {
        let builder = builder.base_url(platform.base_url()).window_store(counted.clone());
        builder.build().unwrap()
    };
    let app = || Client::builder().app("cli_1", "s3cret");
    let token = |token: &str| Client::builder().tenant_token(token);
    let without_app = client(&first, Client::builder());
    for client in [
        client(&first, app()),
        client(&second, app()),
        client(&first, token("t-canary")),
        client(&first, token("t-2")),
        client(&first, Client::builder().user_token("u-1")),
        without_app.as_user("u-2"),
        without_app.as_user("u-3"),
    ] {
        download(&client).await.unwrap();
    }
    let keys = counted.0.lock().unwrap().clone();
    let distinct: HashSet<_> = keys.iter().collect();
    assert_eq!(distinct.len(), 7, "{keys:?}");
    assert_eq!(keys[0], [first.base_url().replace("http://", ""), "cli_1".to_owned()]);
    assert!(keys.iter().all(|[_, app]| !app.contains("canary")), "{keys:?}");
    // The user of a known app counts with the app, and a token counts alike in two clients.
    for (client, index) in [
        (client(&first, app()).as_user("u-9"), 0),
        (client(&first, token("t-canary")), 2),
    ] {
        download(&client).await.unwrap();
        assert_eq!(counted.0.lock().unwrap().last(), Some(&keys[index]));
    }
}
