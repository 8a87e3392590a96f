//! The bytes of a download as they come.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use futures_core::Stream;
use tokio::time::{Sleep, sleep};

use crate::error::{DownloadError, ErrorKind, TransportError};
use crate::transport;

type Chunks = Pin<Box<dyn Stream<Item = reqwest::Result<Bytes>> + Send + Sync>>;

/// The bytes of a download as they come. They end with an error if fewer or more come than were
/// announced, none for too long, or nothing says that all came.
pub(super) struct Body {
    /// What was read to find out whether it is a file.
    beginning: Option<Bytes>,
    rest: Chunks,
    received: u64,
    announced: Option<u64>,
    /// Whether the answer has an end of its own, apart from that of the connection.
    has_end: bool,
    timeout: Duration,
    /// Runs while the next chunk is waited for, and not while nobody asks for it.
    timer: Option<Pin<Box<Sleep>>>,
    ended: bool,
}

impl Body {
    pub(super) fn new(
        beginning: Option<Bytes>,
        response: reqwest::Response,
        announced: Option<u64>,
        timeout: Duration,
    ) -> Self {
        Self {
            beginning: beginning.filter(|bytes| !bytes.is_empty()),
            has_end: announced.is_some() || transport::has_end(&response),
            rest: Box::pin(response.bytes_stream()),
            received: 0,
            announced,
            timeout,
            timer: None,
            ended: false,
        }
    }

    fn came(&mut self, chunk: Bytes) -> Option<Result<Bytes, ErrorKind>> {
        self.received += chunk.len() as u64;
        self.timer = None;
        match self.announced {
            // At once, for there may be no end of it.
            Some(announced) if self.received > announced => {
                self.failed(ErrorKind::Transport(TransportError::overlong(announced)))
            }
            _ => Some(Ok(chunk)),
        }
    }

    fn failed(&mut self, problem: ErrorKind) -> Option<Result<Bytes, ErrorKind>> {
        self.ended = true;
        Some(Err(problem))
    }

    fn end(&mut self) -> Option<Result<Bytes, ErrorKind>> {
        self.ended = true;
        match self.announced {
            Some(announced) if announced != self.received => {
                let cut = TransportError::cut(self.received, announced);
                Some(Err(ErrorKind::Transport(cut)))
            }
            None if !self.has_end => Some(Err(ErrorKind::Download(DownloadError::Unbounded {
                bytes: self.received,
            }))),
            _ => None,
        }
    }

    fn poll_timer(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let timeout = self.timeout;
        self.timer
            .get_or_insert_with(|| Box::pin(sleep(timeout)))
            .as_mut()
            .poll(context)
    }
}

impl Stream for Body {
    type Item = Result<Bytes, ErrorKind>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let body = self.get_mut();
        if body.ended {
            return Poll::Ready(None);
        }
        if let Some(beginning) = body.beginning.take() {
            return Poll::Ready(body.came(beginning));
        }
        Poll::Ready(match body.rest.as_mut().poll_next(context) {
            Poll::Ready(Some(Ok(chunk))) => body.came(chunk),
            Poll::Ready(Some(Err(error))) => body.failed(ErrorKind::Transport(TransportError::receiving(error))),
            Poll::Ready(None) => body.end(),
            Poll::Pending => match body.poll_timer(context) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(()) => {
                    let fault = TransportError::timeout(body.timeout, "further bytes");
                    body.failed(ErrorKind::Transport(fault))
                }
            },
        })
    }
}
