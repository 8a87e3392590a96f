//! Interceptors: code of your own that observes and modifies requests and responses of a client.
//!
//! An interceptor adds a header to each request, or counts calls for a metric:
//!
//! ```
//! use std::sync::Arc;
//! use std::sync::atomic::{AtomicU64, Ordering};
//! use larkspur::Client;
//! use larkspur::interceptor::{CallEvent, HeaderValue, Interceptor, RequestEvent};
//!
//! #[derive(Default)]
//! struct Metrics {
//!     failed: AtomicU64,
//! }
//!
//! impl Interceptor for Metrics {
//!     fn on_request(&self, event: &mut RequestEvent<'_>) {
//!         event.headers.insert("x-team", HeaderValue::from_static("billing"));
//!     }
//!
//!     fn on_complete(&self, event: &CallEvent<'_>) {
//!         if !event.outcome.is_success() {
//!             self.failed.fetch_add(1, Ordering::Relaxed);
//!         }
//!     }
//! }
//!
//! # fn main() -> larkspur::Result<()> {
//! let metrics = Arc::new(Metrics::default());
//! let client = Client::builder().tenant_token("t-xxx").interceptor(Arc::clone(&metrics)).build()?;
//! println!("{} calls failed", metrics.failed.load(Ordering::Relaxed));
//! # Ok(())
//! # }
//! ```

use std::fmt;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Arc;
use std::time::{Duration, Instant};

pub use reqwest::header::{HeaderMap, HeaderName, HeaderValue};

use reqwest::header::{AUTHORIZATION, CONNECTION, CONTENT_LENGTH, HOST, TRANSFER_ENCODING, UPGRADE};

use crate::endpoint::{EndpointInfo, Method};
use crate::error::Error;

/// Observes and modifies requests and responses of a client.
///
/// It runs for every call of the client, including those that fetch tokens. It must not block: the call, and everything else
/// on its thread, waits for it. A call whose deadline has passed by then is not sent, and an interceptor that takes longer than
/// 0.1 seconds is logged. A panic is caught and logged as an error; the call continues.
pub trait Interceptor: Send + Sync + 'static {
    /// Called before an attempt is sent.
    fn on_request(&self, event: &mut RequestEvent<'_>) {
        let _ = event;
    }

    /// Called when the head of a response is received, before its body.
    fn on_response(&self, event: &mut ResponseEvent<'_>) {
        let _ = event;
    }

    /// Called before a call waits for the endpoint's rate limit, for a delay that the platform imposes, or for its next
    /// attempt.
    fn on_wait(&self, event: &WaitEvent) {
        let _ = event;
    }

    /// Called when a call has ended, with any outcome.
    fn on_complete(&self, event: &CallEvent<'_>) {
        let _ = event;
    }
}

/// A shared interceptor, from which the program can read.
impl<I: Interceptor + ?Sized> Interceptor for Arc<I> {
    fn on_request(&self, event: &mut RequestEvent<'_>) {
        (**self).on_request(event);
    }

    fn on_response(&self, event: &mut ResponseEvent<'_>) {
        (**self).on_response(event);
    }

    fn on_wait(&self, event: &WaitEvent) {
        (**self).on_wait(event);
    }

    fn on_complete(&self, event: &CallEvent<'_>) {
        (**self).on_complete(event);
    }
}

/// An attempt before it is sent.
#[derive(Debug)]
#[non_exhaustive]
pub struct RequestEvent<'a> {
    /// The endpoint to call.
    pub endpoint: &'static EndpointInfo,
    /// Number of the attempt within the call, from 1.
    pub attempt: u32,
    /// HTTP method.
    pub method: Method,
    /// The URL without the query, which may contain secrets. It cannot be changed.
    pub url: &'a str,
    /// The headers, without those that contain secrets, such as `Authorization`, which are added afterwards. `Authorization`,
    /// `Host` and headers that frame the body or the connection cannot be set; such values are dropped.
    pub headers: &'a mut HeaderMap,
}

/// The head of a response.
#[non_exhaustive]
pub struct ResponseEvent<'a> {
    /// The endpoint that was called.
    pub endpoint: &'static EndpointInfo,
    /// Number of the attempt within the call, from 1.
    pub attempt: u32,
    /// HTTP status.
    pub status: u16,
    /// The headers. The client reads them after the interceptors.
    pub headers: &'a mut HeaderMap,
    /// Time since the attempt was sent.
    pub elapsed: Duration,
}

/// With the names of the headers only: a value may repeat a secret of the request.
impl fmt::Debug for ResponseEvent<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseEvent")
            .field("endpoint", &self.endpoint.id)
            .field("attempt", &self.attempt)
            .field("status", &self.status)
            .field(
                "headers",
                &self.headers.keys().map(HeaderName::as_str).collect::<Vec<_>>(),
            )
            .field("elapsed", &self.elapsed)
            .finish()
    }
}

/// A wait of a call.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct WaitEvent {
    /// The endpoint to call.
    pub endpoint: &'static EndpointInfo,
    /// Estimated duration of the wait.
    pub wait: Duration,
}

/// A call that has ended.
#[derive(Debug)]
#[non_exhaustive]
pub struct CallEvent<'a> {
    /// The endpoint that was called.
    pub endpoint: &'static EndpointInfo,
    /// The outcome of the call.
    pub outcome: Outcome<'a>,
    /// Number of attempts sent; 0 if the call was not sent.
    pub attempts: u32,
    /// Time spent waiting for the endpoint's rate limit and between attempts.
    pub waited: Duration,
    /// Total time with all waits. For a download, the time until the body starts.
    pub elapsed: Duration,
}

/// The outcome of a call.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum Outcome<'a> {
    /// The call succeeded.
    Success,
    /// The call failed.
    Failed(&'a Error),
    /// The future of the call was dropped before its end.
    Dropped,
}

impl Outcome<'_> {
    /// Returns whether the call succeeded.
    pub fn is_success(&self) -> bool {
        matches!(self, Self::Success)
    }
}

/// Headers that an interceptor cannot set: the target, the credentials, and the framing.
const RESERVED: [HeaderName; 6] = [
    AUTHORIZATION,
    HOST,
    CONTENT_LENGTH,
    TRANSFER_ENCODING,
    CONNECTION,
    UPGRADE,
];

/// Time above which an interceptor is logged.
const MAX_TIME: Duration = Duration::from_millis(100);

/// The interceptors of a client, in the order of their registration.
#[derive(Clone, Default)]
pub(crate) struct Interceptors(Vec<Arc<dyn Interceptor>>);

impl Interceptors {
    pub(crate) fn add(&mut self, interceptor: impl Interceptor) {
        self.0.push(Arc::new(interceptor));
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Runs the interceptors before an attempt. Its headers must not contain secrets yet.
    pub(crate) fn on_request(&self, event: &mut RequestEvent<'_>) {
        let own = RESERVED.map(|name| event.headers.remove(name));
        self.each(|interceptor| interceptor.on_request(event));
        for (name, value) in RESERVED.into_iter().zip(own) {
            match value {
                Some(value) => drop(event.headers.insert(name, value)),
                None => drop(event.headers.remove(name)),
            }
        }
    }

    pub(crate) fn on_response(&self, event: &mut ResponseEvent<'_>) {
        self.each(|interceptor| interceptor.on_response(event));
    }

    pub(crate) fn on_wait(&self, endpoint: &'static EndpointInfo, wait: Duration) {
        self.each(|interceptor| interceptor.on_wait(&WaitEvent { endpoint, wait }));
    }

    pub(crate) fn on_complete(&self, event: &CallEvent<'_>) {
        self.each(|interceptor| interceptor.on_complete(event));
    }

    /// Runs each interceptor and catches panics: a wrong metric must not fail a call, and a panic while a dropped call unwinds
    /// would abort the process.
    fn each(&self, mut run: impl FnMut(&dyn Interceptor)) {
        for (index, interceptor) in self.0.iter().enumerate() {
            let began = Instant::now();
            if panic::catch_unwind(AssertUnwindSafe(|| run(&**interceptor))).is_err() {
                tracing::error!(interceptor = index, "an interceptor panicked; the call continues");
            }
            let elapsed = began.elapsed();
            if elapsed > MAX_TIME {
                tracing::warn!(interceptor = index, ?elapsed, "an interceptor blocked its thread");
            }
        }
    }
}

impl fmt::Debug for Interceptors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} interceptors", self.0.len())
    }
}
