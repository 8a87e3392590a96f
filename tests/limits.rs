//! The limits of endpoints, over HTTP and against a platform that enforces them.

use std::time::Duration;

use larkspur::drive::v1::media::Download;
use larkspur::error::Problem;
use larkspur::{Client, ClientBuilder, LimitMode, RetryPolicy};
use larkspur_mock::{Failure, Mock};
use tokio::task::JoinSet;

/// Every answer is one of a call.
const ONCE: RetryPolicy = RetryPolicy::none();
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
async fn a_run_of_many_calls_at_once_meets_no_refusal() {
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
async fn a_client_that_is_told_to_fail_sends_nothing_over_the_limit_and_says_how_long_to_wait() {
    let mock = mock().await;
    let client = client_of(&mock, |builder| builder.limits(LimitMode::Fail));
    let mut limited = 0;
    for _ in 0..20 {
        if let Err(error) = download(&client).await {
            assert!(matches!(error.problem(), Problem::Limited(_)), "{error}");
            assert!(error.retry_after().unwrap() <= Duration::from_millis(1020), "{error}");
            assert!(error.is_retryable());
            limited += 1;
        }
    }
    assert_eq!(mock.calls(ENDPOINT) + limited, 20);
    assert!(limited > 0);
}

#[tokio::test]
async fn a_client_without_limits_meets_those_of_the_platform() {
    let mock = mock().await;
    let client = client_of(&mock, |builder| builder.limits(LimitMode::Off).retries(ONCE));
    let mut refused = false;
    for _ in 0..20 {
        refused |= download(&client)
            .await
            .is_err_and(|error| error.code() == Some(99991400));
    }
    assert!(refused);
}

#[tokio::test]
async fn a_call_that_would_have_to_wait_too_long_is_not_sent() {
    let mock = mock().await;
    let client = client_of(&mock, |builder| builder.deadline(Duration::from_millis(300)));
    for _ in 0..5 {
        download(&client).await.unwrap();
    }
    let error = download(&client).await.unwrap_err();
    assert!(matches!(error.problem(), Problem::Limited(_)), "{error}");
    assert_eq!(mock.calls(ENDPOINT), 5);
}

#[tokio::test]
async fn a_call_that_failed_counts_as_any_other() {
    let mock = mock().await;
    let client = client_of(&mock, |builder| builder.limits(LimitMode::Fail).retries(ONCE));
    mock.fail_next(ENDPOINT, Failure::status(500).times(5)).unwrap();
    for _ in 0..5 {
        assert_eq!(download(&client).await.unwrap_err().status(), Some(500));
    }
    let error = download(&client).await.unwrap_err();
    assert!(matches!(error.problem(), Problem::Limited(_)), "{error}");
}
