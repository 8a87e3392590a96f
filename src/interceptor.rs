//! Hooks: code of your own that sees and changes what a client sends and receives.
//!
//! A hook adds a header to each request, or counts calls for a metric:
//!
//! ```
//! use std::sync::Arc;
//! use std::sync::atomic::{AtomicU64, Ordering};
//! use larkspur::Client;
//! use larkspur::interceptor::{Ended, HeaderValue, Interceptor, Sending};
//!
//! #[derive(Default)]
//! struct Watcher {
//!     failed: AtomicU64,
//! }
//!
//! impl Interceptor for Watcher {
//!     fn sending(&self, attempt: &mut Sending<'_>) {
//!         attempt.headers.insert("x-team", HeaderValue::from_static("billing"));
//!     }
//!
//!     fn ended(&self, call: &Ended<'_>) {
//!         if !call.outcome.is_done() {
//!             self.failed.fetch_add(1, Ordering::Relaxed);
//!         }
//!     }
//! }
//!
//! # fn main() -> larkspur::Result<()> {
//! let watcher = Arc::new(Watcher::default());
//! let client = Client::builder().tenant_token("t-xxx").interceptor(Arc::clone(&watcher)).build()?;
//! println!("{} calls failed", watcher.failed.load(Ordering::Relaxed));
//! # Ok(())
//! # }
//! ```

use std::fmt;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Arc;
use std::time::Duration;

pub use reqwest::header::{HeaderMap, HeaderName, HeaderValue};

use reqwest::header::{AUTHORIZATION, CONNECTION, CONTENT_LENGTH, HOST, TRANSFER_ENCODING, UPGRADE};

use crate::endpoint::{EndpointInfo, Method};
use crate::error::Error;

/// Code of your own that sees and changes what a client sends and receives.
///
/// It is called for every call of the client, those with which it gets its tokens included. It must not block: the
/// call waits for it, and so does all else on its thread. A panic in it is caught and told to the log as an error;
/// the call goes on.
pub trait Interceptor: Send + Sync + 'static {
    /// An attempt is about to be sent.
    fn sending(&self, attempt: &mut Sending<'_>) {
        let _ = attempt;
    }

    /// The head of an answer has come; its body is still on its way.
    fn answered(&self, answer: &mut Answered<'_>) {
        let _ = answer;
    }

    /// A call is over, however it ended.
    fn ended(&self, call: &Ended<'_>) {
        let _ = call;
    }
}

/// A hook that the program keeps too, to read what it counted.
impl<H: Interceptor + ?Sized> Interceptor for Arc<H> {
    fn sending(&self, attempt: &mut Sending<'_>) {
        (**self).sending(attempt);
    }

    fn answered(&self, answer: &mut Answered<'_>) {
        (**self).answered(answer);
    }

    fn ended(&self, call: &Ended<'_>) {
        (**self).ended(call);
    }
}

/// An attempt that is about to be sent.
#[derive(Debug)]
#[non_exhaustive]
pub struct Sending<'a> {
    /// The endpoint that is called.
    pub endpoint: &'static EndpointInfo,
    /// Number of the attempt within its call; the first is 1.
    pub attempt: u32,
    /// HTTP method.
    pub method: Method,
    /// Where it goes, without the query, which may hold secrets. It cannot be changed.
    pub url: &'a str,
    /// The headers, without those that hold secrets, such as `Authorization`: they are added afterwards. So `Authorization`
    /// cannot be set, and neither can `Host` nor what frames the body or the connection; what is set of them is dropped.
    pub headers: &'a mut HeaderMap,
}

/// The head of an answer.
#[non_exhaustive]
pub struct Answered<'a> {
    /// The endpoint that was called.
    pub endpoint: &'static EndpointInfo,
    /// Number of the attempt within its call; the first is 1.
    pub attempt: u32,
    /// HTTP status.
    pub status: u16,
    /// The headers. The client reads them after the hooks have.
    pub headers: &'a mut HeaderMap,
    /// How long ago the attempt was sent.
    pub elapsed: Duration,
}

/// With the names of the headers alone: a value may repeat what was sent.
impl fmt::Debug for Answered<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Answered")
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

/// A call that is over.
#[derive(Debug)]
#[non_exhaustive]
pub struct Ended<'a> {
    /// The endpoint that was called.
    pub endpoint: &'static EndpointInfo,
    /// How the call ended.
    pub outcome: Outcome<'a>,
    /// How many times it was sent; 0 where it was not.
    pub attempts: u32,
    /// How long it waited for the endpoint's limit and between attempts.
    pub waited: Duration,
    /// How long it took, with all that it waited for. For a download that is until it begins.
    pub elapsed: Duration,
}

/// How a call ended.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum Outcome<'a> {
    /// It succeeded.
    Done,
    /// It failed.
    Failed(&'a Error),
    /// Whoever made it did not wait for its end: its future was dropped.
    Dropped,
}

impl Outcome<'_> {
    /// Whether the call succeeded.
    pub fn is_done(&self) -> bool {
        matches!(self, Self::Done)
    }
}

/// What a hook cannot set: where the call goes, in whose name, and where its body ends.
const RESERVED: [HeaderName; 6] = [
    AUTHORIZATION,
    HOST,
    CONTENT_LENGTH,
    TRANSFER_ENCODING,
    CONNECTION,
    UPGRADE,
];

/// The hooks of a client, in the order in which they were given.
#[derive(Clone, Default)]
pub(crate) struct Hooks(Vec<Arc<dyn Interceptor>>);

impl Hooks {
    pub(crate) fn add(&mut self, hook: impl Interceptor) {
        self.0.push(Arc::new(hook));
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Lets the hooks see and change an attempt. Its headers must not hold secrets yet.
    pub(crate) fn sending(&self, attempt: &mut Sending<'_>) {
        let own = RESERVED.map(|name| attempt.headers.remove(name));
        self.each(|hook| hook.sending(attempt));
        for (name, value) in RESERVED.into_iter().zip(own) {
            match value {
                Some(value) => drop(attempt.headers.insert(name, value)),
                None => drop(attempt.headers.remove(name)),
            }
        }
    }

    pub(crate) fn answered(&self, answer: &mut Answered<'_>) {
        self.each(|hook| hook.answered(answer));
    }

    pub(crate) fn ended(&self, call: &Ended<'_>) {
        self.each(|hook| hook.ended(call));
    }

    /// Runs each of them. A panic ends here: that a metric is wrong is no reason to lose a call, and while a dropped
    /// call is unwinding it would end the process.
    fn each(&self, mut run: impl FnMut(&dyn Interceptor)) {
        for (index, hook) in self.0.iter().enumerate() {
            if panic::catch_unwind(AssertUnwindSafe(|| run(&**hook))).is_err() {
                tracing::error!(hook = index, "a hook panicked; the call goes on without it");
            }
        }
    }
}

impl fmt::Debug for Hooks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} hooks", self.0.len())
    }
}
