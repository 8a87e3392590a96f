//! A mock server over real HTTP whose responses each test defines.
#![allow(dead_code)] // Each test file uses a part of it.

pub mod child;
pub mod clock;
pub mod drive;
pub mod fault;
pub mod form;
pub mod login_store;
#[cfg(feature = "redis")]
pub mod redis_server;
pub mod remote;
#[macro_use]
pub mod sample;
pub mod sampling;
pub mod token_store;

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use http_body_util::{BodyExt, StreamBody};
use hyper::body::{Bytes, Frame, Incoming};
use hyper::service::service_fn;
use hyper::{HeaderMap, Method, Request, Response};
use hyper_util::rt::TokioIo;
use larkspur::{Client, RetryPolicy};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;

pub const APP_ID: &str = "cli_stand_in";
pub const APP_SECRET: &str = "s3cret-of-the-app";
/// Every tenant token that is given out begins with this.
pub const TENANT_TOKEN: &str = "t-tenant-token";
pub const USER_TOKEN: &str = "u-user-token";

const TOKEN_PATH: &str = "/open-apis/auth/v3/tenant_access_token/internal";

/// The mock server. It lives as long as the test's runtime.
#[derive(Clone)]
pub struct Platform {
    address: SocketAddr,
    requests: Arc<Mutex<Vec<Recorded>>>,
    connections: Arc<AtomicUsize>,
    /// Closed while the responses to token requests are held back.
    gate: Arc<Semaphore>,
    /// The same for all others.
    calls_gate: Arc<Semaphore>,
}

/// A received request.
#[derive(Debug, Clone)]
pub struct Recorded {
    pub method: Method,
    /// Path and query as they stood in the request line.
    pub target: String,
    pub headers: HeaderMap,
    pub body: Bytes,
}

/// A response.
#[derive(Debug, Clone)]
pub struct Reply {
    status: u16,
    headers: Vec<(&'static str, Vec<u8>)>,
    body: Bytes,
    /// What happens once the body has been sent.
    then: Then,
}

#[derive(Debug, Clone, Copy)]
enum Then {
    End,
    Cut,
    Hang,
}

impl Platform {
    /// Responds to every call with this, and to every token request with a token.
    pub async fn replying(reply: Reply) -> Self {
        Self::start(move |request| {
            if request.target == TOKEN_PATH {
                token(7200)
            } else {
                reply.clone()
            }
        })
        .await
    }

    /// Responds to every request, token requests included, as this function determines.
    pub async fn start(answer: impl Fn(&Recorded) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let platform = Self {
            address: listener.local_addr().unwrap(),
            requests: Arc::default(),
            connections: Arc::default(),
            gate: Arc::new(Semaphore::new(Semaphore::MAX_PERMITS)),
            calls_gate: Arc::new(Semaphore::new(Semaphore::MAX_PERMITS)),
        };
        let answer: Arc<dyn Fn(&Recorded) -> Reply + Send + Sync> = Arc::new(answer);
        tokio::spawn(platform.clone().accept(listener, answer));
        platform
    }

    async fn accept(self, listener: TcpListener, answer: Arc<dyn Fn(&Recorded) -> Reply + Send + Sync>) {
        while let Ok((stream, _)) = listener.accept().await {
            self.connections.fetch_add(1, Ordering::SeqCst);
            let (platform, answer) = (self.clone(), Arc::clone(&answer));
            let service = service_fn(move |request| {
                let (platform, answer) = (platform.clone(), Arc::clone(&answer));
                async move { platform.answer(request, &*answer).await }
            });
            tokio::spawn(async move {
                let connection = hyper::server::conn::http1::Builder::new();
                // A cut body is an error of the connection, and meant to be.
                let _ = connection.serve_connection(TokioIo::new(stream), service).await;
            });
        }
    }

    async fn answer(
        &self,
        request: Request<Incoming>,
        answer: &(dyn Fn(&Recorded) -> Reply + Send + Sync),
    ) -> Result<Response<impl hyper::body::Body<Data = Bytes, Error = io::Error> + use<>>, Infallible> {
        let (head, body) = request.into_parts();
        let recorded = Recorded {
            method: head.method,
            target: head.uri.to_string(),
            headers: head.headers,
            body: body.collect().await.unwrap().to_bytes(),
        };
        let reply = answer(&recorded);
        let is_token = recorded.target == TOKEN_PATH;
        self.requests.lock().unwrap().push(recorded);
        let gate = if is_token { &self.gate } else { &self.calls_gate };
        gate.acquire().await.unwrap().forget();
        Ok(reply.into_response())
    }

    pub fn base_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// A client for the mock server's app that tries each call once, so that each response belongs to one call.
    pub fn client(&self) -> Client {
        Client::builder()
            .app(APP_ID, APP_SECRET)
            .base_url(self.base_url())
            .retries(RetryPolicy::none())
            .build()
            .unwrap()
    }

    /// The number of connections.
    pub fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    /// Holds the responses to token requests back until `give_tokens`.
    pub fn hold_tokens(&self) {
        self.gate.forget_permits(Semaphore::MAX_PERMITS);
    }

    pub fn give_tokens(&self) {
        self.gate.add_permits(1000);
    }

    /// Holds the responses to calls back until `answer_calls`. They are determined when the calls are received.
    pub fn hold_calls(&self) {
        self.calls_gate.forget_permits(Semaphore::MAX_PERMITS);
    }

    /// Releases this many responses, in the order of the calls.
    pub fn answer_calls(&self, count: usize) {
        self.calls_gate.add_permits(count);
    }

    /// The received calls without token requests.
    pub fn calls(&self) -> Vec<Recorded> {
        let requests = self.requests.lock().unwrap();
        let calls = requests.iter().filter(|request| request.target != TOKEN_PATH);
        calls.cloned().collect()
    }

    /// Forgets the received requests.
    pub fn forget(&self) {
        self.requests.lock().unwrap().clear();
    }

    /// The only received call.
    pub fn call(&self) -> Recorded {
        let calls = self.calls();
        assert_eq!(calls.len(), 1, "{calls:?}");
        calls[0].clone()
    }

    /// The number of token requests.
    pub fn token_requests(&self) -> usize {
        let requests = self.requests.lock().unwrap();
        requests.iter().filter(|request| request.target == TOKEN_PATH).count()
    }
}

impl Recorded {
    /// A header as text; empty where it is missing.
    pub fn header(&self, name: &str) -> String {
        let value = self.headers.get(name).map(|value| value.as_bytes());
        String::from_utf8_lossy(value.unwrap_or_default()).into_owned()
    }

    pub fn is_for_a_token(&self) -> bool {
        self.target == TOKEN_PATH
    }
}

/// The response with a token.
pub fn token(seconds: u64) -> Reply {
    Reply::json(
        200,
        &format!(r#"{{"code":0,"msg":"ok","tenant_access_token":"{TENANT_TOKEN}","expire":{seconds}}}"#),
    )
}

impl Reply {
    pub fn new(status: u16, body: impl Into<Bytes>) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: body.into(),
            then: Then::End,
        }
    }

    pub fn json(status: u16, body: &str) -> Self {
        Self::new(status, body.to_owned()).header("content-type", "application/json; charset=utf-8")
    }

    /// A successful envelope around this data.
    pub fn data(data: &str) -> Self {
        Self::json(200, &format!(r#"{{"code":0,"msg":"success","data":{data}}}"#))
    }

    pub fn header(mut self, name: &'static str, value: impl Into<Vec<u8>>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// Closes the connection after the body, before the response is complete.
    pub fn cut(mut self) -> Self {
        self.then = Then::Cut;
        self
    }

    /// Closes the connection in the middle of the body.
    pub fn cut_in_half(mut self) -> Self {
        if !self.headers.iter().any(|(name, _)| *name == "content-length") {
            self = self.length();
        }
        self.body.truncate(self.body.len() / 2);
        self.cut()
    }

    /// Announces another length than that of the body.
    pub fn announcing(mut self, length: usize) -> Self {
        self.headers.retain(|(name, _)| *name != "content-length");
        self.header("content-length", length.to_string())
    }

    /// Announces the length of the body.
    pub fn length(self) -> Self {
        let length = self.body.len().to_string();
        self.header("content-length", length)
    }

    /// Sends nothing after the body, and does not end either.
    pub fn hang(mut self) -> Self {
        self.then = Then::Hang;
        self
    }

    fn into_response(self) -> Response<impl hyper::body::Body<Data = Bytes, Error = io::Error> + use<>> {
        let (sender, receiver) = tokio::sync::mpsc::channel(2);
        tokio::spawn(async move {
            if !self.body.is_empty() {
                let _ = sender.send(Ok(Frame::data(self.body))).await;
            }
            match self.then {
                Then::End => {}
                Then::Cut => {
                    // What was sent before must have left first.
                    tokio::time::sleep(std::time::Duration::from_millis(20)).await;
                    let _ = sender.send(Err(io::Error::other("cut"))).await;
                }
                Then::Hang => std::future::pending().await,
            }
        });
        let mut response = Response::builder().status(self.status);
        for (name, value) in self.headers {
            response = response.header(name, hyper::header::HeaderValue::from_bytes(&value).unwrap());
        }
        let receiver = Arc::new(Mutex::new(receiver));
        response.body(StreamBody::new(Frames(receiver))).unwrap()
    }
}

type Receiver = tokio::sync::mpsc::Receiver<Result<Frame<Bytes>, io::Error>>;

/// The frames of a body.
struct Frames(Arc<Mutex<Receiver>>);

impl futures_core::Stream for Frames {
    type Item = Result<Frame<Bytes>, io::Error>;

    fn poll_next(
        self: std::pin::Pin<&mut Self>,
        context: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Self::Item>> {
        self.0.lock().unwrap().poll_recv(context)
    }
}
