//! The fields of all spans and events.

use crate::support::child;
use std::fmt::Debug;
use std::sync::{Arc, Mutex};

use crate::support::{APP_SECRET, Platform, Reply, TENANT_TOKEN, USER_TOKEN, token};
use larkspur::drive::v1::media::BatchGetTmpDownloadUrl;

#[tokio::test]
async fn traces_endpoint_without_secrets() {
    if !child::is_alone(module_path!(), "traces_endpoint_without_secrets") {
        return;
    }
    let collector = Collector::default();
    tracing::subscriber::set_global_default(collector.clone()).unwrap();
    // It repeats the token that it was sent.
    let platform = Platform::start(|request| match request.is_for_a_token() {
        true => token(7200),
        false => {
            let body = format!(r#"{{"code":1061002,"msg":"{}"}}"#, request.header("authorization"));
            Reply::json(400, &body).header("X-Tt-Logid", "log-1")
        }
    })
    .await;
    let client = platform.client();
    for client in [client.as_user(USER_TOKEN), client] {
        let request = BatchGetTmpDownloadUrl::new(["boxcn1"]).extra("in-the-query");
        request.send(&client).await.unwrap_err();
    }
    let link = r#"{"tmp_download_urls":[{"file_token":"a","tmp_download_url":"https://x/the-link"}]}"#;
    let links = Platform::replying(Reply::data(link)).await;
    BatchGetTmpDownloadUrl::new(["boxcn1"])
        .extra("in-the-query")
        .send(&links.client())
        .await
        .unwrap();
    let traced = collector.0.lock().unwrap().join("\n");
    assert!(traced.contains("auth.v3.tenant_access_token.internal"), "{traced}");
    for secret in [APP_SECRET, TENANT_TOKEN, USER_TOKEN, "in-the-query", "the-link"] {
        assert!(!traced.contains(secret), "{secret} is in:\n{traced}");
    }
    for part in ["drive.v1.media.batch_get_tmp_download_url", "400", "1061002", "log-1"] {
        assert!(traced.contains(part), "{part} is not in:\n{traced}");
    }
}

/// Writes down all fields of all spans and events, from all crates.
#[derive(Clone, Default)]
struct Collector(Arc<Mutex<Vec<String>>>);

impl tracing::field::Visit for &Collector {
    fn record_debug(&mut self, field: &tracing::field::Field, value: &dyn Debug) {
        self.0.lock().unwrap().push(format!("{field}={value:?}"));
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
