//! Users who log in: the page, the exchange, the renewal, and refresh tokens that work once.

use std::collections::HashMap;
use std::time::Duration;

use crate::support::clock::wait;
use crate::support::login_store::{Steps, expire};
use larkspur::drive::v1::media::BatchGetTmpDownloadUrl;
use larkspur::error::{ErrorKind, LoginError};
use larkspur::login::{Login, LoginAttempt};
use larkspur::store::{LoginStore, MemoryLogins};
use larkspur::{Client, Error};
use larkspur_mock::{Failure, Mock};

const USER: &str = "ada@example.com";
const CALLBACK: &str = "https://example.com/callback?from=feishu";
const OAUTH: &str = "authen.v2.oauth.token";

async fn mock() -> Mock {
    Mock::builder().stopped_clock().start().await.unwrap()
}

fn client(mock: &Mock, store: impl LoginStore) -> Client {
    Client::builder()
        .app(mock.app_id(), mock.app_secret())
        .base_url(mock.base_url())
        .logins(store)
        .build()
        .unwrap()
}

async fn call(client: &Client) -> larkspur::Result<()> {
    BatchGetTmpDownloadUrl::new(["boxcn1"]).send(client).await.map(|_| ())
}

/// The parameters of the authorization URL of this attempt.
fn asked(attempt: &LoginAttempt) -> HashMap<String, String> {
    let url = reqwest::Url::parse(&attempt.url).unwrap();
    url.query_pairs().into_owned().collect()
}

/// The user consents on the page of this attempt, and comes back with this code.
fn consent(mock: &Mock, attempt: &LoginAttempt) -> String {
    let asked = asked(attempt);
    mock.login_code(
        larkspur_mock::Login::new(&asked["scope"])
            .redirect_uri(&asked["redirect_uri"])
            .challenge_s256(&asked["code_challenge"]),
    )
}

fn begin(client: &Client, scope: &str) -> LoginAttempt {
    client.login_page(CALLBACK).unwrap().scope(scope).begin().unwrap()
}

async fn log_in(mock: &Mock, client: &Client, scope: &str) -> Login {
    let attempt = begin(client, scope);
    let login = client.login(USER);
    login.exchange(consent(mock, &attempt), &attempt).await.unwrap();
    login
}

const OFFLINE: &str = "offline_access drive:drive";

fn login_error(error: &Error) -> &LoginError {
    match error.kind() {
        ErrorKind::Login(login) => login,
        _ => panic!("{error}"),
    }
}

#[tokio::test]
async fn calls_as_logged_in_user() {
    let mock = mock().await;
    let client = client(&mock, MemoryLogins::new());
    let login = log_in(&mock, &client, OFFLINE).await;
    call(&client.as_login(&login)).await.unwrap();
    assert_eq!(
        mock.requests().last().unwrap().header("authorization"),
        Some("Bearer u-***")
    );
    assert_eq!((mock.exchange_count(), mock.refresh_count()), (1, 0));
}

#[test]
fn builds_authorization_url() {
    let build = |host| Client::builder().app("cli_1", "s3cret").host(host).build().unwrap();
    for (host, accounts) in [
        (larkspur::Host::Feishu, "https://accounts.feishu.cn"),
        (larkspur::Host::Lark, "https://accounts.larksuite.com"),
    ] {
        let attempt = begin(&build(host), OFFLINE);
        let page = format!("{accounts}/open-apis/authen/v1/authorize?");
        assert!(attempt.url.starts_with(&page), "{}", attempt.url);
        let asked = asked(&attempt);
        assert_eq!(asked["client_id"], "cli_1");
        assert_eq!(asked["response_type"], "code");
        assert_eq!(asked["redirect_uri"], CALLBACK);
        assert_eq!(asked["scope"], OFFLINE);
        assert_eq!(asked["state"], attempt.state);
        assert_eq!(asked["code_challenge_method"], "S256");
    }
}

#[test]
fn no_two_attempts_are_alike() {
    let client = Client::builder().app("cli_1", "s3cret").build().unwrap();
    let (one, other) = (asked(&begin(&client, "")), asked(&begin(&client, "")));
    assert_ne!(one["state"], other["state"]);
    assert_ne!(one["code_challenge"], other["code_challenge"]);
}

#[test]
fn accepts_code_of_own_attempt_only() {
    let attempt = LoginAttempt::resume(CALLBACK, "state-1", "verifier");
    let code = |query: &str| attempt.code(query);
    assert!(code("code=c%2D1&state=state-1").is_ok());
    for (query, expected) in [
        ("code=c-1&state=state-2", LoginError::OtherAttempt),
        ("code=c-1", LoginError::OtherAttempt),
        ("state=state-1", LoginError::NoCode),
        (
            "error=access_denied&state=state-1",
            LoginError::Denied("access_denied".to_owned()),
        ),
    ] {
        assert_eq!(*login_error(&code(query).unwrap_err()), expected, "{query}");
    }
    let forgotten = LoginAttempt::resume(CALLBACK, "", "verifier");
    assert!(forgotten.code("code=c-1&state=").is_err());
}

#[tokio::test]
async fn code_requires_its_verifier() {
    let mock = mock().await;
    let client = client(&mock, MemoryLogins::new());
    let (attempt, other) = (begin(&client, OFFLINE), begin(&client, OFFLINE));
    let login = client.login(USER);
    let error = login.exchange(consent(&mock, &attempt), &other).await.unwrap_err();
    assert_eq!(error.code(), Some(20049));
}

#[tokio::test]
async fn unknown_user_needs_login() {
    let mock = mock().await;
    let client = client(&mock, MemoryLogins::new());
    let error = call(&client.as_login(&client.login(USER))).await.unwrap_err();
    assert_eq!(*login_error(&error), LoginError::None);
    assert!(error.needs_login());
    assert!(!error.to_string().contains(USER), "{error}");
}

#[tokio::test]
async fn uses_builder_user_for_user_only_endpoint() {
    let mock = mock().await;
    let store = MemoryLogins::new();
    log_in(&mock, &client(&mock, store.clone()), OFFLINE).await;
    let client = Client::builder()
        .base_url(mock.base_url())
        .logins(store)
        .login(USER)
        .build()
        .unwrap();
    // It has no app: the login is the only credential that it can have.
    call(&client).await.unwrap();
}

#[tokio::test]
async fn refreshes_expired_token_and_saves_pair() {
    let mock = mock().await;
    let store = MemoryLogins::new();
    log_in(&mock, &client(&mock, store.clone()), OFFLINE).await;
    for refreshes in 1..=3 {
        expire(&store, USER).await;
        // Another process, that knows nothing but what is saved.
        let client = client(&mock, store.clone());
        call(&client.as_login(&client.login(USER))).await.unwrap();
        assert_eq!(mock.refresh_count(), refreshes);
    }
}

#[tokio::test]
async fn refreshes_once_for_a_thousand_callers() {
    let mock = mock().await;
    let store = MemoryLogins::new();
    log_in(&mock, &client(&mock, store.clone()), OFFLINE).await;
    expire(&store, USER).await;
    let client = client(&mock, store);
    let calls: Vec<_> = (0..1000)
        .map(|_| {
            let client = client.as_login(&client.login(USER));
            tokio::spawn(async move { call(&client).await })
        })
        .collect();
    for call in calls {
        call.await.unwrap().unwrap();
    }
    assert_eq!(mock.refresh_count(), 1);
}

#[tokio::test]
async fn refreshes_rejected_user_token() {
    let mock = mock().await;
    let client = client(&mock, MemoryLogins::new());
    let client = client.as_login(&log_in(&mock, &client, OFFLINE).await);
    mock.expire_tokens();
    call(&client).await.unwrap();
    assert_eq!(mock.refresh_count(), 1);
}

#[tokio::test]
async fn login_without_offline_access_expires() {
    let mock = mock().await;
    let store = MemoryLogins::new();
    log_in(&mock, &client(&mock, store.clone()), "drive:drive").await;
    expire(&store, USER).await;
    let client = client(&mock, store);
    let error = call(&client.as_login(&client.login(USER))).await.unwrap_err();
    assert_eq!(*login_error(&error), LoginError::NoRefreshToken);
    assert!(error.needs_login());
}

#[tokio::test]
async fn drops_permanently_rejected_refresh_token() {
    for code in [20026, 20037, 20064, 20073] {
        let mock = mock().await;
        let store = MemoryLogins::new();
        log_in(&mock, &client(&mock, store.clone()), OFFLINE).await;
        expire(&store, USER).await;
        mock.fail_next(OAUTH, Failure::code(code)).unwrap();
        let client = client(&mock, store);
        let client_of_user = client.as_login(&client.login(USER));
        for _ in 0..3 {
            let error = call(&client_of_user).await.unwrap_err();
            assert_eq!(error.code(), Some(code));
            assert!(error.needs_login(), "{error}");
            assert!(error.report().to_string().contains("log in again"), "{error}");
        }
        assert_eq!(mock.refresh_count(), 1);
        // And a new login is a new login.
        log_in(&mock, &client, OFFLINE).await;
        call(&client_of_user).await.unwrap();
    }
}

#[tokio::test]
async fn missing_refresh_permission_keeps_login() {
    let mock = mock().await;
    let store = MemoryLogins::new();
    log_in(&mock, &client(&mock, store.clone()), OFFLINE).await;
    expire(&store, USER).await;
    mock.fail_next(OAUTH, Failure::code(20074)).unwrap();
    let client = client(&mock, store);
    let client = client.as_login(&client.login(USER));
    let error = call(&client).await.unwrap_err();
    assert_eq!((error.code(), error.needs_login()), (Some(20074), false));
    wait(Duration::from_secs(1)).await;
    call(&client).await.unwrap();
}

#[tokio::test]
async fn retries_refresh_after_platform_fault() {
    for code in [20050, 20072] {
        let mock = mock().await;
        let store = MemoryLogins::new();
        log_in(&mock, &client(&mock, store.clone()), OFFLINE).await;
        expire(&store, USER).await;
        mock.fail_next(OAUTH, Failure::code(code).times(2)).unwrap();
        let client = client(&mock, store);
        call(&client.as_login(&client.login(USER))).await.unwrap();
        assert_eq!(mock.refresh_count(), 3);
    }
}

#[tokio::test]
async fn saves_unsaved_pair_before_use() {
    let mock = mock().await;
    let memory = MemoryLogins::new();
    log_in(&mock, &client(&mock, memory.clone()), OFFLINE).await;
    expire(&memory, USER).await;
    let store = Steps::new(&memory);
    store.fail(true);
    let client = client(&mock, store.clone());
    let client = client.as_login(&client.login(USER));
    for _ in 0..3 {
        let error = call(&client).await.unwrap_err();
        assert!(matches!(login_error(&error), LoginError::NotSaved(_)), "{error}");
        assert!(error.to_string().contains("the disk is full"), "{error}");
    }
    assert_eq!(mock.refresh_count(), 1);
    store.fail(false);
    call(&client).await.unwrap();
    assert_eq!(mock.refresh_count(), 1);
    // Another process resumes with what is saved.
    expire(&memory, USER).await;
    let other = self::client(&mock, memory);
    call(&other.as_login(&other.login(USER))).await.unwrap();
}

#[tokio::test]
async fn unsaved_pair_holds_refresh_lock() {
    let mock = mock().await;
    let memory = MemoryLogins::new();
    log_in(&mock, &client(&mock, memory.clone()), OFFLINE).await;
    expire(&memory, USER).await;
    let store = Steps::new(&memory);
    store.fail(true);
    let failing = client(&mock, store.clone());
    let failing = failing.as_login(&failing.login(USER));
    call(&failing).await.unwrap_err();
    let other = client(&mock, memory);
    let other = other.as_login(&other.login(USER));
    let waiting = tokio::spawn(async move { call(&other).await });
    tokio::time::sleep(Duration::from_millis(400)).await;
    assert_eq!(mock.refresh_count(), 1);
    store.fail(false);
    call(&failing).await.unwrap();
    waiting.await.unwrap().unwrap();
    assert_eq!(mock.refresh_count(), 1);
}

#[tokio::test]
async fn cancelled_caller_keeps_pair() {
    let mock = mock().await;
    let store = MemoryLogins::new();
    log_in(&mock, &client(&mock, store.clone()), OFFLINE).await;
    expire(&store, USER).await;
    let client = client(&mock, store);
    let client = client.as_login(&client.login(USER));
    let waiting = tokio::spawn({
        let client = client.clone();
        async move { call(&client).await }
    });
    while mock.refresh_count() == 0 {
        tokio::task::yield_now().await;
    }
    waiting.abort();
    call(&client).await.unwrap();
    assert_eq!(mock.refresh_count(), 1);
}

#[tokio::test]
async fn exchange_waits_for_concurrent_refresh() {
    let mock = mock().await;
    let store = MemoryLogins::new();
    let lease = store.lock(USER, Duration::from_secs(60)).await.unwrap().unwrap();
    let client = client(&mock, store);
    let waiting = tokio::spawn(async move {
        let mock = mock;
        log_in(&mock, &client, OFFLINE).await;
        mock
    });
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert!(!waiting.is_finished());
    drop(lease);
    assert_eq!(waiting.await.unwrap().exchange_count(), 1);
}

#[tokio::test]
async fn abandoned_exchange_completes() {
    let mock = mock().await;
    let client = client(&mock, MemoryLogins::new());
    let attempt = begin(&client, OFFLINE);
    let code = consent(&mock, &attempt);
    let login = client.login(USER);
    let exchange = tokio::spawn({
        let login = login.clone();
        async move { login.exchange(code, &attempt).await }
    });
    while mock.exchange_count() == 0 {
        tokio::task::yield_now().await;
    }
    exchange.abort();
    let client = client.as_login(&login);
    while call(&client).await.is_err() {
        tokio::task::yield_now().await;
    }
}
