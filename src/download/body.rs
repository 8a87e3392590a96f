//! The body of one response, and whether it is complete.

use std::time::Duration;

use bytes::Bytes;
use reqwest::header::{CONTENT_LENGTH, HeaderMap, TRANSFER_ENCODING};

use crate::call::Opened;
use crate::error::TransportError;
use crate::transport;

/// The body of one response. It fails if it is shorter or longer than announced, or if no byte arrives for `stall` while the
/// reader waits; a slow reader does not count as a stall.
pub(crate) struct Body {
    response: reqwest::Response,
    /// Bytes that were read ahead.
    ahead: Option<Bytes>,
    received: u64,
    announced: Option<u64>,
    /// Whether the response is framed: the end of the connection alone does not end it.
    has_framed_end: bool,
    stall: Duration,
}

impl Body {
    pub(crate) fn new(opened: Opened, announced: Option<u64>, stall: Duration) -> Self {
        let response = opened.response;
        Self {
            has_framed_end: announced.is_some() || transport::has_end(&response),
            response,
            ahead: opened.beginning,
            received: 0,
            announced,
            stall,
        }
    }

    /// Returns the next chunk, or `None` at the end.
    pub(crate) async fn chunk(&mut self) -> Result<Option<Bytes>, TransportError> {
        if let Some(ahead) = self.ahead.take().filter(|ahead| !ahead.is_empty()) {
            return self.count_chunk(ahead);
        }
        let next = tokio::time::timeout(self.stall, self.response.chunk());
        match next.await {
            Err(_) => Err(TransportError::timeout(self.stall, "further bytes")),
            Ok(Err(error)) => Err(TransportError::receiving(error)),
            Ok(Ok(Some(chunk))) => self.count_chunk(chunk),
            Ok(Ok(None)) => match self.announced {
                Some(announced) if announced != self.received => Err(TransportError::cut(self.received, announced)),
                _ => Ok(None),
            },
        }
    }

    fn count_chunk(&mut self, chunk: Bytes) -> Result<Option<Bytes>, TransportError> {
        self.received += chunk.len() as u64;
        match self.announced {
            // Immediately, since the body may be endless.
            Some(announced) if self.received > announced => Err(TransportError::overlong(announced)),
            _ => Ok(Some(chunk)),
        }
    }

    /// Returns a chunk to the front of the body.
    pub(crate) fn unread(&mut self, chunk: Bytes) {
        self.received -= chunk.len() as u64;
        self.ahead = Some(chunk);
    }

    /// Returns whether the end of the body was a framed end, and not possibly a closed connection.
    pub(crate) fn has_framed_end(&self) -> bool {
        self.has_framed_end
    }
}

/// Returns the announced length. With `Transfer-Encoding` the header `Content-Length` is ignored.
pub(crate) fn content_length(headers: &HeaderMap) -> Option<u64> {
    if headers.contains_key(TRANSFER_ENCODING) {
        return None;
    }
    crate::range::number(headers.get(CONTENT_LENGTH)?.to_str().ok()?.trim())
}

/// Checks the announced length of a response against its `Content-Range`.
pub(crate) fn check_length(headers: &HeaderMap, expected: u64) -> Result<(), &'static str> {
    match content_length(headers) {
        Some(announced) if announced != expected => Err("Content-Length and Content-Range differ"),
        _ => Ok(()),
    }
}

/// Reads `count` bytes from the beginning of a body.
pub(crate) async fn read_prefix(body: &mut Body, count: u64) -> Result<Vec<u8>, TransportError> {
    let mut prefix = Vec::new();
    let mut missing = usize::try_from(count).unwrap_or(usize::MAX);
    while missing > 0
        && let Some(mut chunk) = body.chunk().await?
    {
        let bytes = chunk.split_to(chunk.len().min(missing));
        missing -= bytes.len();
        prefix.extend_from_slice(&bytes);
        if !chunk.is_empty() {
            body.unread(chunk);
        }
    }
    Ok(prefix)
}

/// Reads the beginning of a body and returns whether it equals `expected`.
pub(crate) async fn matches_prefix(body: &mut Body, expected: &[u8]) -> Result<bool, TransportError> {
    let mut rest = expected;
    while !rest.is_empty() {
        let Some(mut chunk) = body.chunk().await? else {
            return Ok(false);
        };
        let count = chunk.len().min(rest.len());
        let bytes = chunk.split_to(count);
        if bytes != rest[..count] {
            return Ok(false);
        }
        rest = &rest[count..];
        if !chunk.is_empty() {
            body.unread(chunk);
        }
    }
    Ok(true)
}
