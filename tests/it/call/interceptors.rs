//! What interceptors see and may change.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::support::{APP_ID, APP_SECRET, Platform, Reply, TENANT_TOKEN};
use larkspur::drive::v1::media::{BatchGetTmpDownloadUrl, Download};
use larkspur::endpoint::{BodyKind, EndpointInfo, Method, Request, TokenKind};
use larkspur::interceptor::{CallEvent, HeaderValue, Interceptor, Outcome, RequestEvent, ResponseEvent, WaitEvent};
use larkspur::secret::SecretString;
use larkspur::wire::{Encode, FieldInfo, Fields, object};
use larkspur::{Client, RetryPolicy};

const LINKS: &str = r#"{"tmp_download_urls":[]}"#;

/// Writes down what it sees.
#[derive(Clone, Default)]
struct Notes(Arc<Mutex<Vec<String>>>);

impl Notes {
    fn add(&self, note: String) {
        self.0.lock().unwrap().push(note);
    }

    fn all(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }
}

impl Interceptor for Notes {
    fn on_request(&self, attempt: &mut RequestEvent<'_>) {
        let headers: Vec<_> = attempt
            .headers
            .iter()
            .map(|(name, value)| format!("{name}={}", String::from_utf8_lossy(value.as_bytes())))
            .collect();
        self.add(format!(
            "{} {} {:?} {} {}",
            attempt.endpoint.id,
            attempt.attempt,
            attempt.method,
            attempt.url,
            headers.join(" ")
        ));
    }

    fn on_response(&self, answer: &mut ResponseEvent<'_>) {
        self.add(format!("{} {}", answer.attempt, answer.status));
    }

    fn on_complete(&self, call: &CallEvent<'_>) {
        let outcome = match call.outcome {
            Outcome::Success => "done".to_owned(),
            Outcome::Failed(error) => format!("{:?}", error.status()),
            Outcome::Dropped => "dropped".to_owned(),
            _ => "unknown".to_owned(),
        };
        assert!(call.waited <= call.elapsed);
        self.add(format!("{} {outcome} after {}", call.endpoint.id, call.attempts));
    }
}

fn client(platform: &Platform, hook: impl Interceptor) -> Client {
    Client::builder()
        .tenant_token(TENANT_TOKEN)
        .base_url(platform.base_url())
        .retries(RetryPolicy::new().attempts(2).initial_backoff(Duration::from_millis(1)))
        .interceptor(hook)
        .build()
        .unwrap()
}

async fn read(client: &Client) -> larkspur::Result<()> {
    let request = BatchGetTmpDownloadUrl::new(["in-the-query"]);
    request.send(client).await.map(|_| ())
}

#[tokio::test]
async fn sees_attempts_responses_and_completion() {
    let platform = Platform::replying(Reply::new(503, "")).await;
    let notes = Notes::default();
    read(&client(&platform, notes.clone())).await.unwrap_err();
    let id = "drive.v1.media.batch_get_tmp_download_url";
    let url = format!(
        "{}/open-apis/drive/v1/medias/batch_get_tmp_download_url",
        platform.base_url()
    );
    assert_eq!(
        notes.all(),
        [
            format!("{id} 1 Get {url} "),
            "1 503".to_owned(),
            format!("{id} 2 Get {url} "),
            "2 503".to_owned(),
            format!("{id} Some(503) after 2"),
        ]
    );
}

#[tokio::test]
async fn sees_token_calls() {
    let platform = Platform::replying(Reply::data(LINKS)).await;
    let notes = Notes::default();
    let client = Client::builder()
        .app(APP_ID, APP_SECRET)
        .base_url(platform.base_url())
        .interceptor(notes.clone())
        .build()
        .unwrap();
    read(&client).await.unwrap();
    let notes = notes.all().join("\n");
    assert!(
        notes.contains("auth.v3.tenant_access_token.internal done after 1"),
        "{notes}"
    );
    for secret in [APP_SECRET, TENANT_TOKEN, "in-the-query"] {
        assert!(!notes.contains(secret), "{notes}");
    }
}

static SECRETS: EndpointInfo = EndpointInfo::new("test.v1.secret.put", Method::Put, "/open-apis/secret/:key")
    .tokens(&[TokenKind::Tenant])
    .body(BodyKind::None);

request!(Secrets, SECRETS, {
    key: SecretString = FieldInfo::path("key"),
    header: SecretString = FieldInfo::header("X-Secret"),
    open: String = FieldInfo::header("X-Open"),
});

#[tokio::test]
async fn sees_no_secret() {
    let platform = Platform::replying(Reply::data("{}")).await;
    let notes = Notes::default();
    let request = Secrets {
        key: "canary-path".into(),
        header: "canary-header".into(),
        open: "open".to_owned(),
    };
    client(&platform, notes.clone()).call_empty(&request).await.unwrap();
    let notes = notes.all().join("\n");
    assert!(notes.contains("/open-apis/secret/:key x-open=open"), "{notes}");
    assert!(!notes.contains("canary") && !notes.contains(TENANT_TOKEN), "{notes}");
    let call = platform.call();
    assert_eq!(call.target, "/open-apis/secret/canary-path");
    assert_eq!(call.header("x-secret"), "canary-header");
    assert_eq!(call.header("authorization"), format!("Bearer {TENANT_TOKEN}"));
}

/// Sets headers.
struct Sets(&'static [(&'static str, &'static str)]);

impl Interceptor for Sets {
    fn on_request(&self, attempt: &mut RequestEvent<'_>) {
        for (name, value) in self.0 {
            attempt.headers.insert(*name, HeaderValue::from_static(value));
        }
    }
}

#[tokio::test]
async fn adds_header() {
    let platform = Platform::replying(Reply::data(LINKS)).await;
    read(&client(&platform, Sets(&[("x-team", "billing")]))).await.unwrap();
    assert_eq!(platform.call().header("x-team"), "billing");
}

#[tokio::test]
async fn cannot_change_credentials_or_host() {
    let platform = Platform::replying(Reply::data(LINKS)).await;
    let hook = Sets(&[
        ("authorization", "Bearer mine"),
        ("host", "elsewhere.example"),
        ("content-length", "7"),
        ("transfer-encoding", "chunked"),
    ]);
    read(&client(&platform, hook)).await.unwrap();
    let call = platform.call();
    assert_eq!(call.header("authorization"), format!("Bearer {TENANT_TOKEN}"));
    assert_eq!(format!("http://{}", call.header("host")), platform.base_url());
    assert_eq!(call.header("transfer-encoding") + &call.header("content-length"), "");
}

#[tokio::test]
async fn sees_changes_of_earlier_interceptor() {
    let platform = Platform::replying(Reply::data(LINKS)).await;
    let notes = Notes::default();
    let client = Client::builder()
        .tenant_token(TENANT_TOKEN)
        .base_url(platform.base_url())
        .interceptor(Sets(&[("x-team", "billing")]))
        .interceptor(notes.clone())
        .build()
        .unwrap();
    read(&client).await.unwrap();
    assert!(notes.all()[0].ends_with(" x-team=billing"), "{:?}", notes.all());
}

/// Removes the file name that the platform sent.
struct Renames;

impl Interceptor for Renames {
    fn on_response(&self, answer: &mut ResponseEvent<'_>) {
        let name = HeaderValue::from_static("attachment; filename=\"mine.png\"");
        answer.headers.insert("content-disposition", name);
    }
}

#[tokio::test]
async fn changes_response_headers_before_parsing() {
    let reply = Reply::new(200, "png").header("content-type", "image/png");
    let platform = Platform::replying(reply).await;
    let file = Download::new("boxcn1").send(&client(&platform, Renames)).await.unwrap();
    assert_eq!(file.file_name(), Some("mine.png"));
}

#[tokio::test]
async fn completion_follows_cancellation() {
    let platform = Platform::replying(Reply::json(200, "{").hang()).await;
    let notes = Notes::default();
    let client = client(&platform, notes.clone());
    let call = tokio::spawn(async move { read(&client).await });
    while notes.all().len() < 2 {
        tokio::task::yield_now().await;
    }
    call.abort();
    assert!(call.await.unwrap_err().is_cancelled());
    let last = notes.all().pop().unwrap();
    assert!(last.ends_with("dropped after 1"), "{last}");
}

/// Panics at every step.
struct Panics;

impl Interceptor for Panics {
    fn on_request(&self, _: &mut RequestEvent<'_>) {
        panic!("sending");
    }

    fn on_response(&self, _: &mut ResponseEvent<'_>) {
        panic!("answered");
    }

    fn on_complete(&self, _: &CallEvent<'_>) {
        panic!("ended");
    }
}

#[tokio::test]
async fn panic_is_isolated() {
    let platform = Platform::replying(Reply::data(LINKS)).await;
    let notes = Notes::default();
    let client = Client::builder()
        .tenant_token(TENANT_TOKEN)
        .base_url(platform.base_url())
        .interceptor(Panics)
        .interceptor(notes.clone())
        .build()
        .unwrap();
    read(&client).await.unwrap();
    assert_eq!(notes.all().len(), 3);
    assert_eq!(
        platform.call().header("authorization"),
        format!("Bearer {TENANT_TOKEN}")
    );
}

/// Blocks the thread of the call.
struct Blocking;

impl Interceptor for Blocking {
    fn on_request(&self, _: &mut RequestEvent<'_>) {
        std::thread::sleep(Duration::from_millis(60));
    }
}

#[tokio::test]
async fn blocked_call_is_not_sent_past_deadline() {
    let platform = Platform::replying(Reply::data("{}")).await;
    let client = Client::builder()
        .tenant_token("t-1")
        .base_url(platform.base_url())
        .interceptor(Blocking)
        .deadline(Duration::from_millis(50));
    let error = BatchGetTmpDownloadUrl::new(["boxcn1"])
        .send(&client.build().unwrap())
        .await
        .unwrap_err();
    assert!(error.is_timeout() && error.to_string().contains("not sent"), "{error}");
    assert_eq!((error.attempts(), platform.connections()), (0, 0));
}

/// Writes down the waits.
#[derive(Clone, Default)]
struct Waits(Arc<Mutex<Vec<Duration>>>);

impl Interceptor for Waits {
    fn on_wait(&self, event: &WaitEvent) {
        assert_eq!(event.endpoint.id, "drive.v1.media.batch_get_tmp_download_url");
        self.0.lock().unwrap().push(event.wait);
    }
}

#[tokio::test]
async fn sees_waits_before_they_pass() {
    let limited = Reply::new(429, r#"{"code":99991400,"msg":"limited"}"#).header("x-ogw-ratelimit-reset", "86400");
    let platform = Platform::replying(limited).await;
    let waits = Waits::default();
    let client = client(&platform, waits.clone()).with_deadline(Duration::from_secs(2 * 86_400));
    let waiting = tokio::time::timeout(Duration::from_secs(1), read(&client)).await;
    assert!(waiting.is_err(), "the call did not wait");
    let longest = waits.0.lock().unwrap().iter().max().copied();
    assert!(
        longest.is_some_and(|wait| wait > Duration::from_secs(86_000)),
        "{longest:?}"
    );
}
