//! Secrets of tokens and logins, in every position, are found nowhere. Alone in its file, for it listens to all that is traced.

mod support;

use std::fmt::Debug;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use larkspur::Client;
use larkspur::drive::v1::media::BatchGetTmpDownloadUrl;
use larkspur::login::LoginAttempt;
use larkspur::shared::{FileLogins, LoginStore, MemoryLogins, StoredLogin};
use larkspur::tickets::Tickets;
use support::{Platform, Recorded, Reply};

/// What every secret here holds.
const CANARY: &str = "canary";

/// All that was written down, and shown by `Debug` and `Display`.
#[derive(Clone, Default)]
struct Seen(Arc<Mutex<String>>);

impl Seen {
    fn add(&self, shown: impl Debug) {
        self.0.lock().unwrap().push_str(&format!("{shown:?}\n{shown:#?}\n"));
    }
}

/// Refuses what is tried a second time, and repeats all that it was sent.
fn answer(request: &Recorded) -> Reply {
    let sent = format!(
        "{} {}",
        request.header("authorization"),
        String::from_utf8_lossy(&request.body)
    );
    let repeated = |code: i64| {
        let sent = serde_json::to_string(&sent).unwrap();
        Reply::json(
            400,
            &format!(r#"{{"code":{code},"error":"invalid","msg":{sent},"error_description":{sent}}}"#),
        )
    };
    match request.target.rsplit('/').next().unwrap_or_default() {
        "token" if sent.contains("code-canary-good") => Reply::json(
            200,
            r#"{"code":0,"access_token":"u-canary-1","expires_in":7200,"refresh_token":"r-canary-1","refresh_token_expires_in":9}"#,
        ),
        "token" if sent.contains("r-canary-final") => repeated(20073),
        "token" => repeated(20003),
        "app_access_token" if sent.contains("ticket-canary-good") => {
            Reply::json(200, r#"{"code":0,"app_access_token":"a-canary","expire":7200}"#)
        }
        "app_access_token" => repeated(10014),
        "tenant_access_token" => repeated(10003),
        "internal" => Reply::json(200, r#"{"code":0,"tenant_access_token":"t-canary","expire":7200}"#),
        _ => repeated(99991663),
    }
}

async fn call(client: &Client, seen: &Seen) {
    let request = BatchGetTmpDownloadUrl::new(["boxcn1"]);
    let error = request.send(client).await.unwrap_err();
    seen.add(&error);
    seen.add(error.to_string());
    seen.add(client);
}

fn stored(refresh_token: &str) -> StoredLogin {
    StoredLogin {
        access_token: "u-canary-old".into(),
        access_expires: SystemTime::UNIX_EPOCH,
        refresh_token: Some(refresh_token.into()),
        refresh_expires: Some(SystemTime::now() + Duration::from_secs(60)),
        scope: String::new(),
    }
}

#[tokio::test]
async fn no_secret_of_a_token_or_a_login_is_shown_anywhere() {
    let seen = Seen::default();
    tracing::subscriber::set_global_default(Collector(seen.clone())).unwrap();
    let platform = Platform::start(answer).await;
    custom_app(&platform, &seen).await;
    store_app(&platform, &seen).await;
    logins(&platform, &seen).await;
    let seen = seen.0.lock().unwrap();
    assert!(seen.contains("authen.v2.oauth.token") && seen.contains("[redacted]"));
    let lines: Vec<_> = seen.lines().filter(|line| line.contains(CANARY)).collect();
    assert!(lines.is_empty(), "{lines:#?}");
}

async fn custom_app(platform: &Platform, seen: &Seen) {
    let builder = Client::builder()
        .app("cli_1", "secret-canary")
        .user_token("u-canary-fixed")
        .base_url(platform.base_url());
    seen.add(&builder);
    let client = builder.build().unwrap();
    call(&client, seen).await;
    call(&client.as_user("u-canary-fixed"), seen).await;
    call(&client.as_app(), seen).await;
}

async fn store_app(platform: &Platform, seen: &Seen) {
    let tickets = Tickets::new();
    let builder = Client::builder()
        .store_app("cli_1", "secret-canary", tickets.clone())
        .base_url(platform.base_url());
    seen.add(&builder);
    let client = builder.build().unwrap().for_tenant("tenant-1");
    for ticket in ["ticket-canary-bad", "ticket-canary-good"] {
        tickets.push(ticket);
        seen.add(&tickets);
        call(&client, seen).await;
    }
}

async fn logins(platform: &Platform, seen: &Seen) {
    let store = MemoryLogins::new();
    let client = Client::builder()
        .app("cli_1", "secret-canary")
        .logins(store.clone())
        .base_url(platform.base_url())
        .build()
        .unwrap();
    let login = client.login("ada");
    let begun = client.login_page("https://example.com").unwrap().begin().unwrap();
    let attempt = LoginAttempt::resume("https://example.com", "state-canary", "verifier-canary".repeat(3));
    for code in ["code-canary-good", "code-canary-bad"] {
        if let Err(error) = login.exchange(code, &attempt).await {
            seen.add(&error);
            seen.add(error.to_string());
        }
    }
    seen.add(attempt.code("code=code-canary&state=other-canary").unwrap_err());
    seen.add((&begun, &attempt, &login, &store, stored("r-canary-final")));
    call(&client.as_login(&login), seen).await;
    for refresh_token in ["r-canary-final", "r-canary-other"] {
        let user = format!("user of {}", refresh_token.len());
        store.save(&user, &stored(refresh_token)).await.unwrap();
        call(&client.as_login(&client.login(&user)), seen).await;
    }
}

#[cfg(unix)]
#[tokio::test]
async fn the_only_files_with_secrets_are_those_of_the_store_of_logins() {
    let directory = tempfile::tempdir().unwrap();
    let store = FileLogins::new(directory.path().join("logins")).unwrap();
    store.save("ada-canary", &stored("r-canary")).await.unwrap();
    drop(store.lock("ada-canary", Duration::from_secs(1)).await.unwrap());
    for entry in std::fs::read_dir(directory.path().join("logins")).unwrap() {
        let path = entry.unwrap().path();
        assert!(!path.to_str().unwrap().contains(CANARY), "{}", path.display());
        let holds = std::fs::read_to_string(&path).unwrap().contains(CANARY);
        assert_eq!(holds, path.extension().unwrap() == "json", "{}", path.display());
    }
}

/// Writes down all fields of all spans and events, from all crates.
#[derive(Clone)]
struct Collector(Seen);

impl tracing::field::Visit for &Collector {
    fn record_debug(&mut self, field: &tracing::field::Field, value: &dyn Debug) {
        self.0.0.lock().unwrap().push_str(&format!("{field}={value:?}\n"));
    }
}

impl tracing::Subscriber for Collector {
    fn enabled(&self, _: &tracing::Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, span: &tracing::span::Attributes<'_>) -> tracing::span::Id {
        span.record(&mut &*self);
        tracing::span::Id::from_u64(1)
    }

    fn record(&self, _: &tracing::span::Id, values: &tracing::span::Record<'_>) {
        values.record(&mut &*self);
    }

    fn event(&self, event: &tracing::Event<'_>) {
        event.record(&mut &*self);
    }

    fn record_follows_from(&self, _: &tracing::span::Id, _: &tracing::span::Id) {}
    fn enter(&self, _: &tracing::span::Id) {}
    fn exit(&self, _: &tracing::span::Id) {}
}
