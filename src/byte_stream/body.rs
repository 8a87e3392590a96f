//! The body of a byte stream, and whether it is complete.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use futures_core::Stream;
use tokio::time::{Sleep, sleep};

use crate::error::{DownloadError, ErrorKind, TransportError};
use crate::transport;

type Chunks = Pin<Box<dyn Stream<Item = reqwest::Result<Bytes>> + Send + Sync>>;

/// The body of a byte stream. It fails if it is shorter or longer than announced, if no byte arrives within the timeout, or if
/// its end is not framed.
pub(super) struct Body {
    /// Bytes that were read for content sniffing.
    beginning: Option<Bytes>,
    rest: Chunks,
    received: u64,
    announced: Option<u64>,
    /// Whether the response is framed: the end of the connection alone does not end it.
    has_framed_end: bool,
    timeout: Duration,
    /// Runs only while a caller waits for the next chunk.
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
            has_framed_end: announced.is_some() || transport::has_end(&response),
            rest: Box::pin(response.bytes_stream()),
            received: 0,
            announced,
            timeout,
            timer: None,
            ended: false,
        }
    }

    fn count_chunk(&mut self, chunk: Bytes) -> Option<Result<Bytes, ErrorKind>> {
        self.received += chunk.len() as u64;
        self.timer = None;
        match self.announced {
            // Immediately, since the body may be endless.
            Some(announced) if self.received > announced => {
                self.fail(ErrorKind::Transport(TransportError::overlong(announced)))
            }
            _ => Some(Ok(chunk)),
        }
    }

    fn fail(&mut self, kind: ErrorKind) -> Option<Result<Bytes, ErrorKind>> {
        self.ended = true;
        Some(Err(kind))
    }

    fn end(&mut self) -> Option<Result<Bytes, ErrorKind>> {
        self.ended = true;
        match self.announced {
            Some(announced) if announced != self.received => {
                let cut = TransportError::cut(self.received, announced);
                Some(Err(ErrorKind::Transport(cut)))
            }
            None if !self.has_framed_end => Some(Err(ErrorKind::Download(DownloadError::Unbounded {
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
            return Poll::Ready(body.count_chunk(beginning));
        }
        Poll::Ready(match body.rest.as_mut().poll_next(context) {
            Poll::Ready(Some(Ok(chunk))) => body.count_chunk(chunk),
            Poll::Ready(Some(Err(error))) => body.fail(ErrorKind::Transport(TransportError::receiving(error))),
            Poll::Ready(None) => body.end(),
            Poll::Pending => match body.poll_timer(context) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(()) => {
                    let error = TransportError::timeout(body.timeout, "further bytes");
                    body.fail(ErrorKind::Transport(error))
                }
            },
        })
    }
}
