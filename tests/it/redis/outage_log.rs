//! Events of an outage of Redis.

use crate::support::child;
use std::fmt::Debug;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::support::redis_server::RedisServer;
use larkspur::endpoint::Window;
use larkspur::store::redis::Redis;
use larkspur::store::{WindowKey, WindowStore};
use tracing::Level;

async fn take(redis: &Redis) {
    let key = WindowKey {
        host: "open.feishu.cn",
        app: "cli_1",
        tenant: "",
        endpoint: "im.v1.file.get",
    };
    redis.acquire(key, &[Window::new(1000, 3600)]).await.unwrap();
}

#[tokio::test]
async fn warns_once_per_outage_and_recovery() {
    if !child::is_alone(module_path!(), "warns_once_per_outage_and_recovery") {
        return;
    }
    let warnings = Collector::default();
    tracing::subscriber::set_global_default(warnings.clone()).unwrap();
    let mut server = RedisServer::stopped();
    let redis = server.redis();
    for _ in 0..3 {
        take(&redis).await;
    }
    assert_eq!(warnings.told(Level::WARN).len(), 1, "{:?}", warnings.told(Level::WARN));
    assert!(warnings.told(Level::WARN)[0].contains("Redis is unavailable"));
    server.run();
    // It is asked again a second after it failed.
    tokio::time::sleep(Duration::from_millis(1100)).await;
    take(&redis).await;
    take(&redis).await;
    assert_eq!(warnings.told(Level::INFO), ["message=Redis is available again"]);
}

/// Writes down the events of this crate, and their levels.
#[derive(Clone, Default)]
struct Collector(Arc<Mutex<Vec<(Level, String)>>>);

impl Collector {
    fn told(&self, level: Level) -> Vec<String> {
        let told = self.0.lock().unwrap();
        let of_level = told.iter().filter(|(of, _)| *of == level);
        of_level.map(|(_, text)| text.clone()).collect()
    }
}

/// The fields of an event as one text.
struct Text(String);

impl tracing::field::Visit for Text {
    fn record_debug(&mut self, field: &tracing::field::Field, value: &dyn Debug) {
        self.0.push_str(&format!("{field}={value:?}"));
    }
}

impl tracing::Subscriber for Collector {
    fn enabled(&self, metadata: &tracing::Metadata<'_>) -> bool {
        metadata.target().starts_with("larkspur")
    }

    fn event(&self, event: &tracing::Event<'_>) {
        let mut text = Text(String::new());
        event.record(&mut text);
        self.0.lock().unwrap().push((*event.metadata().level(), text.0));
    }

    fn new_span(&self, _: &tracing::span::Attributes<'_>) -> tracing::span::Id {
        tracing::span::Id::from_u64(1)
    }

    fn record(&self, _: &tracing::span::Id, _: &tracing::span::Record<'_>) {}
    fn record_follows_from(&self, _: &tracing::span::Id, _: &tracing::span::Id) {}
    fn enter(&self, _: &tracing::span::Id) {}
    fn exit(&self, _: &tracing::span::Id) {}
}
