//! Request bodies from upload sources, and streams that can be read once.

use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};
use std::{fmt, io};

use bytes::Bytes;
use futures_core::Stream;
use tokio::task::{JoinHandle, spawn_blocking};

use super::local_file::LocalFile;
use super::{Content, UploadSource};
use crate::error::UploadError;

/// The size of chunks of bytes in memory, which is the resolution of the meter.
const CHUNK_SIZE: usize = 256 * 1024;

impl UploadSource {
    /// Returns the content as a request body, with its length. The meter records its progress and its error.
    pub(crate) fn body(&self, meter: &Arc<Meter>) -> (reqwest::Body, u64) {
        let length = self.length().unwrap_or_default();
        let source = match &self.content {
            Content::Bytes(bytes) => Source::Bytes(bytes.clone()),
            Content::Local(file) => Source::File(FileReader::new(file.clone())),
            Content::Stream(once) => Source::StreamOnce(once.clone()),
            // Paths are opened before a request is sent.
            Content::Path(_) => Source::Bytes(Bytes::new()),
        };
        let exact = ExactLengthStream {
            source,
            declared: length,
            received: 0,
            last_chunk: None,
            meter: meter.clone(),
        };
        (reqwest::Body::wrap_stream(exact), length)
    }
}

/// The source of the chunks.
enum Source {
    Bytes(Bytes),
    File(FileReader),
    /// Not taken before the HTTP client polls it: if the connection fails, the stream is unread.
    StreamOnce(Arc<StreamOnce>),
    Stream(Chunks),
}

impl Source {
    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Bytes, UploadError>>> {
        match self {
            Self::Bytes(bytes) if bytes.is_empty() => Poll::Ready(None),
            Self::Bytes(bytes) => Poll::Ready(Some(Ok(bytes.split_to(bytes.len().min(CHUNK_SIZE))))),
            Self::File(reading) => reading.poll(context),
            Self::StreamOnce(once) => match once.take() {
                Ok(stream) => {
                    *self = Self::Stream(stream);
                    self.poll(context)
                }
                Err(error) => Poll::Ready(Some(Err(error))),
            },
            Self::Stream(stream) => stream.as_mut().poll_next(context),
        }
    }
}

/// A file that is read in chunks on the blocking thread pool.
struct FileReader {
    file: Arc<LocalFile>,
    position: u64,
    next: Option<JoinHandle<Result<Bytes, UploadError>>>,
}

impl FileReader {
    fn new(file: Arc<LocalFile>) -> Self {
        Self {
            file,
            position: 0,
            next: None,
        }
    }

    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Bytes, UploadError>>> {
        let (file, position) = (&self.file, self.position);
        let next = self.next.get_or_insert_with(|| {
            let file = file.clone();
            spawn_blocking(move || file.chunk(position))
        });
        let read = ready!(Pin::new(next).poll(context));
        self.next = None;
        Poll::Ready(match read {
            Ok(Ok(chunk)) if chunk.is_empty() => None,
            Ok(Ok(chunk)) => {
                self.position += chunk.len() as u64;
                Some(Ok(chunk))
            }
            Ok(Err(error)) => Some(Err(error)),
            Err(error) => Some(Err(UploadError::Read {
                path: self.file.path().to_owned(),
                source: io::Error::other(error),
            })),
        })
    }
}

/// A stream of exactly the declared length. The last chunk is held back until the source ends: once the HTTP client has the
/// announced number of bytes, it does not poll again, and an error would be lost.
struct ExactLengthStream {
    source: Source,
    declared: u64,
    received: u64,
    last_chunk: Option<Bytes>,
    meter: Arc<Meter>,
}

impl ExactLengthStream {
    fn next(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Bytes, UploadError>>> {
        loop {
            let Some(next) = ready!(self.source.poll(context)) else {
                return Poll::Ready(if self.received < self.declared {
                    Some(Err(self.wrong_length()))
                } else {
                    self.last_chunk.take().map(Ok)
                });
            };
            let chunk = match next {
                Ok(chunk) => chunk,
                Err(error) => return Poll::Ready(Some(Err(error))),
            };
            self.received += chunk.len() as u64;
            if self.received > self.declared {
                return Poll::Ready(Some(Err(self.wrong_length())));
            }
            if chunk.is_empty() {
                continue;
            }
            if self.received < self.declared {
                return Poll::Ready(Some(Ok(chunk)));
            }
            self.last_chunk = Some(chunk);
        }
    }

    fn wrong_length(&self) -> UploadError {
        UploadError::Length {
            declared: self.declared,
            received: self.received,
        }
    }
}

impl Stream for ExactLengthStream {
    type Item = io::Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let next = ready!(self.next(context));
        Poll::Ready(next.map(|chunk| match chunk {
            Ok(chunk) => {
                self.meter.add(chunk.len());
                Ok(chunk)
            }
            Err(error) => {
                let message = io::Error::other(error.to_string());
                self.meter.fail(error);
                Err(message)
            }
        }))
    }
}

/// The progress and the error of a request body. The HTTP client owns the body and does not always return its error: over HTTP/2
/// it only reports a reset stream.
#[derive(Debug, Default)]
pub(crate) struct Meter {
    bytes_read: AtomicU64,
    error: Mutex<Option<UploadError>>,
}

impl Meter {
    /// Returns the number of bytes that the HTTP client has read, in all attempts.
    pub(crate) fn bytes_read(&self) -> u64 {
        self.bytes_read.load(Ordering::Relaxed)
    }

    fn add(&self, bytes: usize) {
        self.bytes_read.fetch_add(bytes as u64, Ordering::Relaxed);
    }

    fn fail(&self, error: UploadError) {
        *self.error.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
    }

    /// Takes the error of the last body, if it was an error of the file.
    pub(crate) fn take_error(&self) -> Option<UploadError> {
        self.error.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

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
