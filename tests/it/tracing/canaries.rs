//! Secrets, in every position, are found nowhere.

use crate::support::child;
use crate::support::clock;
use std::fmt::Debug;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use crate::support::{Platform, Recorded, Reply};
use larkspur::drive::v1::media::{BatchGetTmpDownloadUrl, Download};
use larkspur::interceptor::{CallEvent, Interceptor, RequestEvent, ResponseEvent};
use larkspur::login::LoginAttempt;
use larkspur::store::{FileLogins, LoginStore, MemoryLogins, StoredLogin};
use larkspur::tickets::Tickets;
use larkspur::{Client, Error, RetryPolicy};
use serde_json::json;

/// What every secret here holds.
const CANARY: &str = "canary";

/// A link whose query lets anybody in.
const LINK: &str = r#"{"code":0,"data":{"tmp_download_urls":[{"file_token":"link","tmp_download_url":"https://x/?code=link-canary"}]}}"#;

/// All that was written down, and shown by `Debug` and `Display`.
#[derive(Clone, Default)]
struct Seen(Arc<Mutex<String>>);

impl Seen {
    fn add(&self, shown: impl Debug) {
        self.0.lock().unwrap().push_str(&format!("{shown:?}\n{shown:#?}\n"));
    }

    /// An error with all that caused it.
    fn add_error(&self, error: &Error) {
        self.add(error);
        let mut cause: Option<&dyn std::error::Error> = Some(error);
        while let Some(error) = cause {
            self.add(error);
            self.0.lock().unwrap().push_str(&format!("{error}\n{error:#}\n"));
            cause = error.source();
        }
    }
}

/// An interceptor that records everything it sees.
impl Interceptor for Seen {
    fn on_request(&self, attempt: &mut RequestEvent<'_>) {
        self.add(attempt);
    }

    fn on_response(&self, answer: &mut ResponseEvent<'_>) {
        self.add(answer);
    }

    fn on_complete(&self, call: &CallEvent<'_>) {
        self.add(call);
    }
}

/// Everything in a request as text.
fn text(request: &Recorded) -> String {
    format!(
        "{} {}",
        request.header("authorization"),
        String::from_utf8_lossy(&request.body)
    )
}

/// Refuses what is tried a second time, and repeats all that it was sent.
fn answer(request: &Recorded) -> Reply {
    let sent = text(request);
    let repeated = |code: i64| repeating(400, &in_an_envelope(code, &sent), &sent);
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
        _ => match asked(request).as_str() {
            "excerpt" => repeating(502, &format!("upstream refused {sent}"), &sent),
            "redirect" => repeating(302, "", &sent),
            "encoded" => repeating(200, "{}", &sent).header("content-encoding", in_a_header(&sent)),
            "no_json" => repeating(200, &format!("\"{sent}"), &sent),
            "misfit" => repeating(
                200,
                r#"{"code":0,"data":{"tmp_download_urls":"https://x/?code=link-canary"}}"#,
                &sent,
            ),
            "link" => repeating(200, LINK, &sent),
            "cut" => repeating(200, LINK, &sent).cut(),
            "range" => repeating(206, "", &sent).header("content-range", in_a_header(&sent)),
            "file" => Reply::new(200, "what is in the file").header("x-tt-logid", in_a_header(&sent)),
            "another" => repeated(99991663),
            other => panic!("{other}"),
        },
    }
}

/// The token of a request for a link or a download.
fn asked(request: &Recorded) -> String {
    let target = request.target.trim_end_matches("/download");
    target.rsplit(['=', '/']).next().unwrap().to_owned()
}

/// A failure that repeats what was sent wherever text can stand.
fn in_an_envelope(code: i64, sent: &str) -> String {
    let entry = json!({
        "url": sent, "description": sent, "field": sent, "value": sent, "scope": sent, "subject": sent, "type": sent,
    });
    let error = json!({
        "log_id": sent, "troubleshooter": sent, "helps": [entry], "field_violations": [entry], "permission_violations": [entry],
    });
    json!({"code": code, "msg": sent, "error_description": sent, "error": error, sent: sent}).to_string()
}

/// A response whose headers repeat what was sent.
fn repeating(status: u16, body: &str, sent: &str) -> Reply {
    let sent = in_a_header(sent);
    let token = sent.split(' ').nth(1).unwrap_or_default();
    Reply::json(status, body)
        .header("location", format!("https://{token}.example/{token}?{token}"))
        .header("x-tt-logid", sent.as_str())
        .header("x-request-id", sent.as_str())
        .header("retry-after", sent.as_str())
        .header("x-ogw-ratelimit-reset", sent.as_str())
}

/// What a header can carry of a text.
fn in_a_header(text: &str) -> String {
    text.chars().filter(|c| *c == ' ' || c.is_ascii_graphic()).collect()
}

/// Makes a call that fails, as the platform repeats all that it was sent.
async fn call(client: &Client, seen: &Seen) {
    ask("another", client, seen).await;
}

async fn ask(what: &str, client: &Client, seen: &Seen) {
    let request = BatchGetTmpDownloadUrl::new([what]);
    seen.add(&request);
    match request.send(client).await {
        Ok(links) if matches!(what, "link" | "misfit") => seen.add(links),
        Err(error) if !matches!(what, "link" | "misfit") => seen.add_error(&error),
        result => panic!("{what}: {result:?}"),
    }
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
async fn no_secret_is_logged_or_printed() {
    if !child::is_alone(module_path!(), "no_secret_is_logged_or_printed") {
        return;
    }
    let seen = Seen::default();
    tracing::subscriber::set_global_default(Collector(seen.clone())).unwrap();
    let platform = Platform::start(answer).await;
    custom_app(&platform, &seen).await;
    answers(&platform, &seen).await;
    downloads(&platform, &seen).await;
    #[cfg(feature = "redis")]
    redis(&platform, &seen).await;
    store_app(&platform, &seen).await;
    logins(&platform, &seen).await;
    all_were_sent(&platform);
    let seen = seen.0.lock().unwrap();
    assert!(seen.contains("authen.v2.oauth.token") && seen.contains("[redacted]"));
    let lines: Vec<_> = seen.lines().filter(|line| line.contains(CANARY)).collect();
    assert!(lines.is_empty(), "{lines:#?}");
}

/// That the platform had each of these secrets to repeat.
fn all_were_sent(platform: &Platform) {
    let sent: Vec<_> = platform.calls().iter().map(text).collect();
    for secret in [
        "u-canary-fixed",
        "t-canary",
        "a-canary",
        "u-canary-1",
        "secret-canary",
        "ticket-canary-bad",
        "ticket-canary-good",
        "code-canary-good",
        "code-canary-bad",
        "verifier-canary",
        "r-canary-final",
        "r-canary-other",
    ] {
        assert!(sent.iter().any(|sent| sent.contains(secret)), "{secret} was never sent");
    }
}

/// Responses of every kind.
async fn answers(platform: &Platform, seen: &Seen) {
    let client = Client::builder()
        .user_token("u-canary-fixed")
        .base_url(platform.base_url())
        .retries(RetryPolicy::new().attempts(2).initial_backoff(Duration::from_millis(1)))
        .interceptor(seen.clone())
        .build()
        .unwrap();
    for what in ["excerpt", "redirect", "encoded", "no_json", "misfit", "link", "cut"] {
        ask(what, &client, seen).await;
    }
}

async fn downloads(platform: &Platform, seen: &Seen) {
    let client = Client::builder()
        .user_token("u-canary-fixed")
        .base_url(platform.base_url())
        .build()
        .unwrap();
    let range = Download::new("range").range(0..=9);
    seen.add_error(&range.send(&client).await.unwrap_err());
    let directory = tempfile::tempdir().unwrap();
    let file = Download::new("file").send(&client).await.unwrap();
    seen.add(&file);
    seen.add(file.save(directory.path().join("file")).await.unwrap());
    for entry in std::fs::read_dir(directory.path()).unwrap() {
        let path = entry.unwrap().path();
        seen.add(std::fs::read_to_string(&path).unwrap());
    }
}

/// A Redis that is unavailable, with which a client continues or fails.
#[cfg(feature = "redis")]
async fn redis(platform: &Platform, seen: &Seen) {
    use larkspur::store::redis::{OnOutage, Redis};
    for on_outage in [OnOutage::Local, OnOutage::Fail] {
        let redis = Redis::open("redis://ada:redis-canary@127.0.0.1:9/0").unwrap();
        let redis = redis.on_outage(on_outage);
        seen.add(&redis);
        let builder = Client::builder().app("cli_1", "secret-canary").redis(redis);
        let client = builder.base_url(platform.base_url()).build().unwrap();
        call(&client, seen).await;
    }
    assert!(seen.0.lock().unwrap().contains("Redis is unavailable"));
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
        // A fetch that failed is remembered for a moment.
        clock::wait(Duration::from_secs(1)).await;
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
            seen.add_error(&error);
        }
    }
    seen.add_error(&attempt.code("code=code-canary&state=other-canary").unwrap_err());
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
async fn only_login_store_files_have_secrets() {
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
