//! The span of a call and its events.

use crate::support::child;
use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::support::{Platform, Reply};
use larkspur::drive::v1::media::BatchGetTmpDownloadUrl;
use larkspur::{Client, RetryPolicy};

#[tokio::test]
async fn call_is_a_span_with_an_event_per_attempt() {
    if !child::is_alone(module_path!(), "call_is_a_span_with_an_event_per_attempt") {
        return;
    }
    let collector = Collector::default();
    tracing::subscriber::set_global_default(collector.clone()).unwrap();
    let number = AtomicUsize::new(0);
    let platform = Platform::start(move |_| {
        let log_id = format!("log-{}", number.fetch_add(1, Ordering::SeqCst) + 1);
        let body = r#"{"code":2200,"msg":"internal error"}"#;
        Reply::json(500, body).header("x-tt-logid", log_id)
    })
    .await;
    let client = Client::builder()
        .tenant_token("t-1")
        .base_url(platform.base_url())
        .retries(RetryPolicy::new().attempts(2).initial_backoff(Duration::from_millis(1)))
        .build()
        .unwrap();
    let request = BatchGetTmpDownloadUrl::new(["boxcn1"]);
    request.send(&client).await.unwrap_err();

    let notes = collector.0.lock().unwrap();
    let [span] = &*notes.spans else {
        panic!("{:?}", notes.spans)
    };
    let field = |name| span.get(name).map(String::as_str);
    assert_eq!(field("endpoint"), Some("\"drive.v1.media.batch_get_tmp_download_url\""));
    assert_eq!(
        (field("attempt"), field("status"), field("code")),
        (Some("2"), Some("500"), Some("2200"))
    );
    assert_eq!(field("log_id"), Some("\"log-2\""));
    assert!(field("waited_ms").is_some(), "{span:?}");

    let [first, second] = &*notes.events else {
        panic!("{:?}", notes.events)
    };
    assert_eq!(
        (first["message"].as_str(), first["attempt"].as_str()),
        ("retrying", "1")
    );
    assert_eq!((first["status"].as_str(), first["code"].as_str()), ("500", "2200"));
    assert_eq!(first["log_id"], "\"log-1\"");
    assert!(
        first.contains_key("wait_ms") && first.contains_key("elapsed_ms"),
        "{first:?}"
    );
    assert_eq!(
        (second["message"].as_str(), second["attempt"].as_str()),
        ("failed", "2")
    );
}

type Values = BTreeMap<&'static str, String>;

/// The spans and events of larkspur.
#[derive(Default)]
struct Notes {
    spans: Vec<Values>,
    events: Vec<Values>,
}

#[derive(Clone, Default)]
struct Collector(Arc<Mutex<Notes>>, Arc<AtomicU64>);

struct Visitor<'a>(&'a mut Values);

impl tracing::field::Visit for Visitor<'_> {
    fn record_debug(&mut self, field: &tracing::field::Field, value: &dyn Debug) {
        self.0.insert(field.name(), format!("{value:?}"));
    }
}

impl tracing::Subscriber for Collector {
    fn enabled(&self, metadata: &tracing::Metadata<'_>) -> bool {
        metadata.target().starts_with("larkspur")
    }

    fn new_span(&self, attributes: &tracing::span::Attributes<'_>) -> tracing::span::Id {
        let mut values = Values::new();
        attributes.record(&mut Visitor(&mut values));
        self.0.lock().unwrap().spans.push(values);
        tracing::span::Id::from_u64(self.1.fetch_add(1, Ordering::SeqCst) + 1)
    }

    fn record(&self, id: &tracing::span::Id, record: &tracing::span::Record<'_>) {
        let mut notes = self.0.lock().unwrap();
        let index = usize::try_from(id.into_u64()).unwrap() - 1;
        record.record(&mut Visitor(&mut notes.spans[index]));
    }

    fn event(&self, event: &tracing::Event<'_>) {
        let mut values = Values::new();
        event.record(&mut Visitor(&mut values));
        self.0.lock().unwrap().events.push(values);
    }

    fn record_follows_from(&self, _: &tracing::span::Id, _: &tracing::span::Id) {}
    fn enter(&self, _: &tracing::span::Id) {}
    fn exit(&self, _: &tracing::span::Id) {}
}
