//! A server that does wrong what a server can do wrong with a download.
#![allow(dead_code)] // Each test file uses a part of it.

mod answer;
mod case;
mod file;
mod http1;
mod http2;

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use answer::Answer;
pub use case::{Case, KINDS, Kind};
use tokio::net::TcpListener;

/// How responses are sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Protocol {
    /// HTTP/1.1 with `Content-Length`.
    Length,
    /// HTTP/1.1 with chunks.
    Chunked,
    /// HTTP/2 in clear text.
    Http2,
}

pub const PROTOCOLS: [Protocol; 3] = [Protocol::Length, Protocol::Chunked, Protocol::Http2];

/// The positions of the first and the last requested byte.
pub type Range = (usize, Option<usize>);

/// What a client requests.
#[derive(Debug, Default)]
pub struct Asked {
    target: String,
    range: Option<Range>,
    tag: Option<String>,
}

impl Asked {
    fn header(&mut self, name: &str, value: &str) {
        if name.eq_ignore_ascii_case("range") {
            let (first, last) = value
                .strip_prefix("bytes=")
                .and_then(|range| range.split_once('-'))
                .unwrap();
            let last = (!last.is_empty()).then(|| last.parse().unwrap());
            self.range = Some((first.parse().unwrap(), last));
        } else if name.eq_ignore_ascii_case("if-range") {
            self.tag = Some(value.to_owned());
        }
    }
}

/// The cases under way, and how many requests each has made.
#[derive(Clone, Default)]
pub struct Cases(Arc<Mutex<HashMap<String, u32>>>);

impl Cases {
    fn answer(&self, asked: &Asked) -> Answer {
        let token = asked.target.rsplit('/').nth(1).unwrap();
        let number = {
            let mut cases = self.0.lock().unwrap();
            let count = cases.entry(token.to_owned()).or_default();
            *count += 1;
            *count - 1
        };
        Case::parse(token).answer(number, asked.range, asked.tag.as_deref())
    }

    /// How many requests this case made; it is forgotten.
    pub fn end(&self, case: &Case) -> u32 {
        self.0.lock().unwrap().remove(&case.token()).unwrap_or_default()
    }
}

/// Starts a server for this protocol, and returns its URL.
pub async fn start(protocol: Protocol) -> (String, Cases) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let cases = Cases::default();
    let serving = cases.clone();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let cases = serving.clone();
            let _ = stream.set_nodelay(true);
            tokio::spawn(async move {
                // A client may close the connection.
                let _ = match protocol {
                    Protocol::Length => http1::serve(stream, cases, false).await,
                    Protocol::Chunked => http1::serve(stream, cases, true).await,
                    Protocol::Http2 => http2::serve(stream, cases).await,
                };
            });
        }
    });
    (url, cases)
}
