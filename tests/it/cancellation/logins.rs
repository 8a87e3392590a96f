//! What is dropped while a login begins or is renewed.

use std::time::{Duration, SystemTime};

use larkspur::Client;
use larkspur::drive::v1::media::BatchGetTmpDownloadUrl;
use larkspur::login::LoginAttempt;
use larkspur::store::{LoginStore as _, MemoryLogins};
use larkspur_mock::{Login, Mock};

use super::points::{Sent, at_each, built, elsewhere, no_task_is_left};

const USER: &str = "ada@example.com";
const CALLBACK: &str = "https://example.com/callback";
const SCOPE: &str = "offline_access drive:drive";

async fn mock() -> Mock {
    let mock = Mock::builder().stopped_clock().rate_limits(false);
    elsewhere(async { mock.start().await.unwrap() }).await
}

fn client(mock: &Mock, store: &MemoryLogins) -> Client {
    let builder = Client::builder()
        .app(mock.app_id(), mock.app_secret())
        .base_url(mock.base_url())
        .logins(store.clone());
    built(builder, &Sent::default())
}

/// An attempt, and the code with which the user comes back.
fn consent(mock: &Mock, client: &Client) -> (LoginAttempt, String) {
    let attempt = client.login_page(CALLBACK).unwrap().scope(SCOPE).begin().unwrap();
    let url = reqwest::Url::parse(&attempt.url).unwrap();
    let challenge = url.query_pairs().find(|(name, _)| name == "code_challenge").unwrap().1;
    let login = Login::new(SCOPE).redirect_uri(CALLBACK).challenge_s256(challenge);
    let code = mock.login_code(login);
    (attempt, code)
}

async fn log_in(mock: &Mock, client: &Client) {
    let (attempt, code) = consent(mock, client);
    client.login(USER).exchange(code, &attempt).await.unwrap();
}

async fn call(client: &Client) -> larkspur::Result<()> {
    let client = client.as_login(&client.login(USER));
    BatchGetTmpDownloadUrl::new(["boxcn1"]).send(&client).await.map(|_| ())
}

async fn is_unlocked(store: &MemoryLogins) -> bool {
    store.lock(USER, Duration::from_secs(1)).await.unwrap().is_some()
}

#[tokio::test]
async fn dropped_refresh_releases_login() {
    let mock = mock().await;
    let dropped = at_each(async |point| {
        let store = MemoryLogins::new();
        log_in(&mock, &client(&mock, &store)).await;
        let mut login = store.load(USER).await.unwrap().unwrap();
        login.access_expires = SystemTime::UNIX_EPOCH;
        store.save(USER, &login).await.unwrap();
        let renewed = mock.refresh_count();

        // As after a restart: it has the login from the store.
        let client = client(&mock, &store);
        let is_over = point.drop(call(&client)).await.is_some();
        no_task_is_left().await;
        assert!(is_unlocked(&store).await, "{point:?}");
        call(&client).await.unwrap();
        assert_eq!(mock.refresh_count(), renewed + 1, "{point:?}");
        no_task_is_left().await;
        is_over
    })
    .await;
    assert!(dropped >= 2 * 3, "it was dropped at {dropped} points only");
}

#[tokio::test]
async fn dropped_exchange_saves_login() {
    let mock = mock().await;
    let dropped = at_each(async |point| {
        let store = MemoryLogins::new();
        let client = client(&mock, &store);
        let (attempt, code) = consent(&mock, &client);
        let spent = mock.exchange_count();
        let ended = point.drop(client.login(USER).exchange(code, &attempt)).await;
        no_task_is_left().await;
        assert!(is_unlocked(&store).await, "{point:?}");
        // Where it never began the code is still good.
        assert_eq!(mock.exchange_count(), spent + usize::from(point.polls > 0), "{point:?}");
        if point.polls > 0 {
            call(&client).await.unwrap();
        }
        log_in(&mock, &client).await;
        no_task_is_left().await;
        ended.is_some()
    })
    .await;
    assert!(dropped >= 2 * 2, "it was dropped at {dropped} points only");
}
