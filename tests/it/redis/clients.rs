//! Calls while Redis is unavailable.

use larkspur::drive::v1::media::{BatchGetTmpDownloadUrl, Download};
use larkspur::error::{ErrorKind, LoginError};
use larkspur::interceptor::{Interceptor, ResponseEvent};
use larkspur::store::redis::{OnOutage, Redis};
use larkspur::{Client, Error, RateLimitMode};
use larkspur_mock::{Login, Mock};

use crate::support::redis_server::RedisServer;

const CALLBACK: &str = "https://example.com/callback";
const USER: &str = "ada";

/// A client whose logins, tokens and windows are all in this Redis.
fn client(mock: &Mock, redis: Redis) -> Client {
    let builder = Client::builder()
        .app(mock.app_id(), mock.app_secret())
        .base_url(mock.base_url());
    builder.logins(redis.clone()).redis(redis).build().unwrap()
}

async fn call(client: &Client) -> Result<(), Error> {
    let request = BatchGetTmpDownloadUrl::new(["boxcn1"]);
    request.send(client).await.map(drop)
}

async fn log_in(client: &Client, mock: &Mock) {
    let page = client.login_page(CALLBACK).unwrap();
    let attempt = page.scope("offline_access").begin().unwrap();
    let mut pairs = attempt.url.split(['?', '&']);
    let challenge = pairs.find_map(|pair| pair.strip_prefix("code_challenge=")).unwrap();
    let granted = Login::new("offline_access")
        .redirect_uri(CALLBACK)
        .challenge_s256(challenge);
    let code = mock.login_code(granted);
    client.login(USER).exchange(code, &attempt).await.unwrap();
}

#[tokio::test]
async fn calls_without_redis() {
    let mock = Mock::start().await.unwrap();
    call(&client(&mock, RedisServer::stopped().redis())).await.unwrap();
}

#[tokio::test]
async fn fails_uncounted_call_if_configured() {
    let mock = Mock::start().await.unwrap();
    let redis = RedisServer::stopped().redis().on_outage(OnOutage::Fail);
    let error = Download::new("boxcn1").send(&client(&mock, redis)).await.unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Store(_)), "{error}");
    assert_eq!(mock.calls("drive.v1.media.download"), 0);
}

#[tokio::test]
async fn outage_fails_only_counted_calls() {
    let mock = Mock::start().await.unwrap();
    let redis = RedisServer::stopped().redis().on_outage(OnOutage::Fail);
    let client = client(&mock, redis);
    call(&client).await.unwrap();
    let unlimited = client.with_rate_limits(RateLimitMode::Off);
    let _file = Download::new("boxcn1").send(&unlimited).await.unwrap();
    // A token request is a call of an endpoint without windows.
    let windowless = larkspur::auth::v3::tenant_access_token::Internal::new(mock.app_id(), mock.app_secret());
    windowless.send(&client).await.unwrap();
}

#[tokio::test]
async fn uses_valid_user_token_without_redis() {
    let mut server = RedisServer::start();
    let mock = Mock::start().await.unwrap();
    let client = client(&mock, server.redis());
    log_in(&client, &mock).await;
    let user = client.as_login(&client.login(USER));
    call(&user).await.unwrap();
    server.kill();
    call(&user).await.unwrap();
}

#[tokio::test]
async fn spends_no_refresh_token_without_redis() {
    let mut server = RedisServer::start();
    let mock = Mock::start().await.unwrap();
    let client = client(&mock, server.redis());
    log_in(&client, &mock).await;
    let user = client.as_login(&client.login(USER));
    call(&user).await.unwrap();
    server.kill();
    mock.expire_tokens();
    let error = call(&user).await.unwrap_err();
    assert!(
        matches!(error.kind(), ErrorKind::Login(LoginError::NotRead(_))),
        "{error}"
    );
    assert_eq!(mock.refresh_count(), 0);
}

#[tokio::test]
async fn two_clients_fetch_one_token() {
    let server = RedisServer::start();
    let mock = Mock::start().await.unwrap();
    for _ in 0..2 {
        call(&client(&mock, server.redis())).await.unwrap();
    }
    assert_eq!(mock.calls("auth.v3.tenant_access_token.internal"), 1);
}

/// Blocks Redis when the platform has spent a refresh token.
struct BlockRedis(String);

impl Interceptor for BlockRedis {
    fn on_response(&self, event: &mut ResponseEvent<'_>) {
        if event.endpoint.id == "authen.v2.oauth.token" {
            let client = redis::Client::open(&*self.0).unwrap();
            let mut pause = redis::cmd("CLIENT");
            let () = pause
                .arg("PAUSE")
                .arg(3000)
                .arg("ALL")
                .query(&mut client.get_connection().unwrap())
                .unwrap();
        }
    }
}

#[tokio::test]
async fn slow_redis_loses_no_login() {
    let server = RedisServer::start();
    let mock = Mock::start().await.unwrap();
    log_in(&client(&mock, server.redis()), &mock).await;
    mock.expire_tokens();
    // The timeout of an operation is over long before Redis responds, and opens the circuit breaker.
    let slow = server.redis().timeout(std::time::Duration::from_millis(100));
    let builder = Client::builder()
        .app(mock.app_id(), mock.app_secret())
        .base_url(mock.base_url());
    let refreshing = builder
        .logins(slow)
        .interceptor(BlockRedis(server.url()))
        .build()
        .unwrap();
    call(&refreshing.as_login(&refreshing.login(USER))).await.unwrap();
    let other = client(&mock, server.redis());
    call(&other.as_login(&other.login(USER))).await.unwrap();
    assert_eq!(mock.refresh_count(), 1);
}
