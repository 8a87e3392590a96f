//! Users who log in: the page, the exchange, the renewal, and refresh tokens that work once.

use std::collections::HashMap;
use std::time::Duration;

use crate::support::clock::wait;
use crate::support::login_store::{Steps, expire};
use crate::support::{Platform, Reply};
use larkspur::drive::v1::media::BatchGetTmpDownloadUrl;
use larkspur::error::{ErrorKind, LoginError};
use larkspur::login::{Login, LoginAttempt};
use larkspur::secret::ExposeSecret as _;
use larkspur::store::{Lease, LoginStore, MemoryLogins, Pending, StoreError, StoredLogin};
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

/// A user whose token has expired, a process whose store fails, and one that has the same store.
async fn process_with_unsaved_pair(mock: &Mock, memory: &MemoryLogins) -> (Steps, Client) {
    log_in(mock, &client(mock, memory.clone()), OFFLINE).await;
    expire(memory, USER).await;
    let store = Steps::new(memory);
    store.fail(true);
    let failing = client(mock, store.clone());
    let failing = failing.as_login(&failing.login(USER));
    let error = call(&failing).await.unwrap_err();
    assert!(matches!(login_error(&error), LoginError::NotSaved(_)), "{error}");
    (store, failing)
}

#[tokio::test]
async fn task_saves_pair_once_store_works() {
    let mock = mock().await;
    let memory = MemoryLogins::new();
    let (store, _failing) = process_with_unsaved_pair(&mock, &memory).await;
    wait(Duration::from_secs(60)).await;
    store.fail(false);
    let saves = store.saves.load(std::sync::atomic::Ordering::SeqCst);
    let other = client(&mock, memory);
    let other = other.as_login(&other.login(USER));
    let waiting = tokio::spawn(async move { call(&other).await });
    while store.saves.load(std::sync::atomic::Ordering::SeqCst) == saves {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    waiting.await.unwrap().unwrap();
    assert_eq!(mock.refresh_count(), 1);
}

#[tokio::test]
async fn new_login_replaces_unsaved_pair() {
    let mock = mock().await;
    let memory = MemoryLogins::new();
    let (store, failing) = process_with_unsaved_pair(&mock, &memory).await;
    let other = client(&mock, memory.clone());
    let attempt = begin(&other, OFFLINE);
    let code = consent(&mock, &attempt);
    let exchange = tokio::spawn(async move { other.login(USER).exchange(code, &attempt).await });
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert!(!exchange.is_finished());
    wait(Duration::from_secs(11)).await;
    exchange.await.unwrap().unwrap();
    let new = memory.load(USER).await.unwrap().unwrap();
    // The process with the unsaved pair recovers, and finds the new login.
    store.fail(false);
    call(&failing).await.unwrap();
    let stored = memory.load(USER).await.unwrap().unwrap();
    assert_eq!(stored.access_token.expose_secret(), new.access_token.expose_secret());
    assert_eq!((mock.exchange_count(), mock.refresh_count()), (2, 1));
    // And the lock is free.
    assert!(memory.lock(USER, Duration::from_secs(1)).await.unwrap().is_some());
}

#[tokio::test]
async fn own_new_login_supersedes_unsaved_pair() {
    let mock = mock().await;
    let memory = MemoryLogins::new();
    let (store, failing) = process_with_unsaved_pair(&mock, &memory).await;
    store.fail(false);
    log_in(&mock, &failing, OFFLINE).await;
    let new = memory.load(USER).await.unwrap().unwrap();
    wait(Duration::from_secs(60)).await;
    call(&failing).await.unwrap();
    let stored = memory.load(USER).await.unwrap().unwrap();
    assert_eq!(stored.access_token.expose_secret(), new.access_token.expose_secret());
}

/// A store with locks that expire unless they are extended.
#[derive(Clone)]
struct Expiring(Steps, std::sync::Arc<std::sync::atomic::AtomicUsize>);

impl LoginStore for Expiring {
    fn load<'a>(&'a self, user: &'a str) -> Pending<'a, Result<Option<StoredLogin>, StoreError>> {
        self.0.load(user)
    }

    fn save<'a>(&'a self, user: &'a str, login: &'a StoredLogin) -> Pending<'a, Result<(), StoreError>> {
        self.0.save(user, login)
    }

    fn lock<'a>(&'a self, user: &'a str, ttl: Duration) -> Pending<'a, Result<Option<Lease>, StoreError>> {
        Box::pin(async move {
            let extensions = std::sync::Arc::clone(&self.1);
            let lease = self.0.lock(user, ttl).await?;
            Ok(lease.map(|lease| {
                lease.extended_by(move |_| {
                    extensions.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
                    Box::pin(async { Ok(true) })
                })
            }))
        })
    }
}

#[tokio::test]
async fn unsaved_pair_extends_its_lock() {
    let mock = mock().await;
    let memory = MemoryLogins::new();
    log_in(&mock, &client(&mock, memory.clone()), OFFLINE).await;
    expire(&memory, USER).await;
    let store = Expiring(Steps::new(&memory), Default::default());
    store.0.fail(true);
    let client = client(&mock, store.clone());
    call(&client.as_login(&client.login(USER))).await.unwrap_err();
    let extensions = || store.1.load(std::sync::atomic::Ordering::SeqCst);
    for _ in 0..3 {
        let before = extensions();
        wait(Duration::from_secs(11)).await;
        while extensions() == before {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}

/// The platform's response to a token request, changed.
async fn platform_with(pair: serde_json::Value) -> Platform {
    Platform::start(move |request| match request.target.as_str() {
        "/open-apis/authen/v2/oauth/token" => Reply::json(200, &pair.to_string()),
        _ => Reply::data(r#"{"tmp_download_urls":[]}"#),
    })
    .await
}

#[tokio::test]
async fn malformed_access_token_keeps_refresh_token() {
    for (access_token, expires_in) in [
        (serde_json::json!("u bad"), serde_json::json!(7200)),
        (serde_json::json!(7), serde_json::json!(7200)),
        (serde_json::json!("u-1"), serde_json::json!("soon")),
        (serde_json::Value::Null, serde_json::Value::Null),
    ] {
        let platform = platform_with(serde_json::json!({
            "code": 0,
            "access_token": access_token,
            "expires_in": expires_in,
            "refresh_token": "ur-2",
            "refresh_token_expires_in": 604800,
        }))
        .await;
        let memory = MemoryLogins::new();
        let expired = StoredLogin {
            access_token: "u-0".into(),
            access_expires: std::time::SystemTime::UNIX_EPOCH,
            refresh_token: Some("ur-1".into()),
            refresh_expires: None,
            scope: String::new(),
        };
        memory.save(USER, &expired).await.unwrap();
        let client = Client::builder()
            .app("cli_1", "s3cret")
            .base_url(platform.base_url())
            .logins(memory.clone())
            .build()
            .unwrap();
        let result = call(&client.as_login(&client.login(USER))).await;
        assert_eq!(result.is_ok(), access_token == "u-1", "{access_token}: {result:?}");
        let stored = memory.load(USER).await.unwrap().unwrap();
        assert_eq!(stored.refresh_token.unwrap().expose_secret(), "ur-2", "{access_token}");
    }
}

#[tokio::test]
async fn expiry_of_refresh_token_is_up_to_platform() {
    let mock = mock().await;
    let memory = MemoryLogins::new();
    log_in(&mock, &client(&mock, memory.clone()), OFFLINE).await;
    expire(&memory, USER).await;
    // As on a machine whose clock is a year ahead.
    let mut login = memory.load(USER).await.unwrap().unwrap();
    login.refresh_expires = Some(std::time::SystemTime::UNIX_EPOCH);
    memory.save(USER, &login).await.unwrap();
    let client = client(&mock, memory);
    call(&client.as_login(&client.login(USER))).await.unwrap();
    assert_eq!(mock.refresh_count(), 1);
}
