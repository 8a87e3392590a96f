//! The limiter in a time that stands still unless somebody sleeps.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use tokio::task::JoinHandle;
use tokio::time::Instant;

use super::{Limits, RateLimitMode, Settings};
use crate::authentication::Identity;
use crate::endpoint::{EndpointInfo, Method, Window};
use crate::error::ErrorKind;

mod cancellation;
mod exactness;
mod modes;
mod pauses;
mod queue;
mod stores;

/// Later than anything that these tests wait for.
const LATE: Duration = Duration::from_secs(10 * 24 * 60 * 60);

/// A limiter, an endpoint and a tenant.
#[derive(Clone)]
struct Bench {
    limits: Arc<Limits>,
    endpoint: &'static EndpointInfo,
    identity: Identity,
}

impl Bench {
    fn new(windows: &[Window]) -> Self {
        Self::with(windows, Settings::default())
    }

    fn with(windows: &[Window], settings: Settings) -> Self {
        let endpoint = EndpointInfo::new("test.v1.thing.get", Method::Get, "/open-apis/test/v1/things");
        Self {
            limits: Arc::new(Limits::new(settings)),
            endpoint: Box::leak(Box::new(endpoint.limits(windows.to_vec().leak()))),
            identity: Identity {
                app: "cli_1".into(),
                tenant: Arc::default(),
            },
        }
    }

    fn tenant(&self, tenant: &str) -> Self {
        let mut other = self.clone();
        other.identity.tenant = tenant.into();
        other
    }

    async fn pass(&self, mode: RateLimitMode, longest: Duration) -> Result<Duration, Duration> {
        let deadline = Instant::now() + longest;
        match self.limits.pass(self.endpoint, &self.identity, mode, deadline).await {
            Ok(waited) => Ok(waited),
            Err(ErrorKind::RateLimited(limited)) => Err(limited.wait),
            Err(other) => panic!("{other:?}"),
        }
    }

    async fn wait(&self) -> Result<Duration, Duration> {
        self.pass(RateLimitMode::Wait, LATE).await
    }

    /// A call that waits in a task, and tells when it was let through.
    fn spawn(&self) -> JoinHandle<Instant> {
        let bench = self.clone();
        tokio::spawn(async move {
            bench.wait().await.unwrap();
            Instant::now()
        })
    }

    /// A call that waits, and whose future is at hand.
    fn boxed(&self) -> Pin<Box<dyn Future<Output = Result<Duration, Duration>> + Send>> {
        let bench = self.clone();
        Box::pin(async move { bench.wait().await })
    }

    async fn pause(&self, duration: Duration) {
        self.limits.pause(self.endpoint, &self.identity, duration).await;
    }
}

/// Polls once, with nobody to wake.
fn poll<T>(future: &mut Pin<Box<dyn Future<Output = T> + Send>>) -> Poll<T> {
    future.as_mut().poll(&mut Context::from_waker(Waker::noop()))
}

fn seconds(seconds: f64) -> Duration {
    Duration::from_secs_f64(seconds)
}

/// Lets all tasks run that can.
async fn settle() {
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
}
