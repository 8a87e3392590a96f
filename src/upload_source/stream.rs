//! A stream of bytes that can be read once.

use std::fmt;
use std::pin::Pin;
use std::sync::{Mutex, PoisonError};
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use futures_core::Stream;

use crate::error::UploadError;

/// A stream of chunks.
pub(crate) type Chunks = Pin<Box<dyn Stream<Item = Result<Bytes, UploadError>> + Send>>;

/// A stream of a known length that can be taken once.
pub(crate) struct StreamOnce {
    length: u64,
    stream: Mutex<Option<Chunks>>,
}

impl StreamOnce {
    pub(crate) fn new(length: u64, stream: Chunks) -> Self {
        Self {
            length,
            stream: Mutex::new(Some(stream)),
        }
    }

    pub(crate) fn length(&self) -> u64 {
        self.length
    }

    /// Returns whether the stream has not been taken.
    pub(crate) fn is_unread(&self) -> bool {
        self.stream.lock().unwrap_or_else(PoisonError::into_inner).is_some()
    }

    pub(crate) fn take(&self) -> Result<Chunks, UploadError> {
        let mut stream = self.stream.lock().unwrap_or_else(PoisonError::into_inner);
        stream.take().ok_or(UploadError::Used)
    }
}

impl fmt::Debug for StreamOnce {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StreamOnce")
            .field("length", &self.length)
            .finish_non_exhaustive()
    }
}

/// Boxes a stream and converts its errors.
pub(crate) fn map_errors<E>(stream: impl Stream<Item = Result<Bytes, E>> + Send + 'static) -> Chunks
where
    E: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    Box::pin(MappedStream(Box::pin(stream)))
}

struct MappedStream<S>(Pin<Box<S>>);

impl<S, E> Stream for MappedStream<S>
where
    S: Stream<Item = Result<Bytes, E>>,
    E: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    type Item = Result<Bytes, UploadError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let next = ready!(self.0.as_mut().poll_next(context));
        Poll::Ready(next.map(|item| item.map_err(|error| UploadError::Stream { source: error.into() })))
    }
}
