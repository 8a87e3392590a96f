//! The bytes of one answer as they come.

use std::time::Duration;

use bytes::Bytes;
use reqwest::header::{CONTENT_LENGTH, HeaderMap, TRANSFER_ENCODING};

use crate::call::Opened;
use crate::error::TransportError;
use crate::transport;

/// The bytes of one answer as they come. They end with an error if fewer or more come than were announced, or none for
/// too long while they are asked for: a slow reader is no stall.
pub(crate) struct Body {
    response: reqwest::Response,
    /// What was read before it was asked for.
    ahead: Option<Bytes>,
    received: u64,
    announced: Option<u64>,
    /// Whether the answer has an end of its own, apart from that of the connection.
    has_end: bool,
    stall: Duration,
}

impl Body {
    pub(crate) fn new(opened: Opened, announced: Option<u64>, stall: Duration) -> Self {
        let response = opened.response;
        Self {
            has_end: announced.is_some() || transport::has_end(&response),
            response,
            ahead: opened.beginning,
            received: 0,
            announced,
            stall,
        }
    }

    /// The next bytes; `None` once all have come.
    pub(crate) async fn chunk(&mut self) -> Result<Option<Bytes>, TransportError> {
        if let Some(ahead) = self.ahead.take().filter(|ahead| !ahead.is_empty()) {
            return self.came(ahead);
        }
        let next = tokio::time::timeout(self.stall, self.response.chunk());
        match next.await {
            Err(_) => Err(TransportError::timeout(self.stall, "further bytes")),
            Ok(Err(error)) => Err(TransportError::receiving(error)),
            Ok(Ok(Some(chunk))) => self.came(chunk),
            Ok(Ok(None)) => match self.announced {
                Some(announced) if announced != self.received => Err(TransportError::cut(self.received, announced)),
                _ => Ok(None),
            },
        }
    }

    fn came(&mut self, chunk: Bytes) -> Result<Option<Bytes>, TransportError> {
        self.received += chunk.len() as u64;
        match self.announced {
            // At once, for there may be no end of it.
            Some(announced) if self.received > announced => Err(TransportError::overlong(announced)),
            _ => Ok(Some(chunk)),
        }
    }

    /// Gives bytes back, which come again next.
    pub(crate) fn give_back(&mut self, chunk: Bytes) {
        self.received -= chunk.len() as u64;
        self.ahead = Some(chunk);
    }

    /// Whether the end of the bytes was the end of the answer, or may have been a cut.
    pub(crate) fn has_end(&self) -> bool {
        self.has_end
    }
}

/// The length that an answer announces. Chunks announce none, whatever the header says.
pub(crate) fn length(headers: &HeaderMap) -> Option<u64> {
    if headers.contains_key(TRANSFER_ENCODING) {
        return None;
    }
    crate::range::number(headers.get(CONTENT_LENGTH)?.to_str().ok()?.trim())
}

/// Reads so many bytes from the start of an answer.
pub(crate) async fn read_prefix(body: &mut Body, count: u64) -> Result<Vec<u8>, TransportError> {
    let mut taken = Vec::new();
    let mut missing = usize::try_from(count).unwrap_or(usize::MAX);
    while missing > 0
        && let Some(mut chunk) = body.chunk().await?
    {
        let came = chunk.split_to(chunk.len().min(missing));
        missing -= came.len();
        taken.extend_from_slice(&came);
        if !chunk.is_empty() {
            body.give_back(chunk);
        }
    }
    Ok(taken)
}

/// Reads what overlaps from the start of an answer, and tells whether it is what is there.
pub(crate) async fn matches_prefix(body: &mut Body, there: &[u8]) -> Result<bool, TransportError> {
    let mut rest = there;
    while !rest.is_empty() {
        let Some(mut chunk) = body.chunk().await? else {
            return Ok(false);
        };
        let count = chunk.len().min(rest.len());
        let came = chunk.split_to(count);
        if came != rest[..count] {
            return Ok(false);
        }
        rest = &rest[count..];
        if !chunk.is_empty() {
            body.give_back(chunk);
        }
    }
    Ok(true)
}
