//! The bytes of a file on their way into a request.

use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use futures_core::Stream;
use tokio::task::{JoinHandle, spawn_blocking};

use super::local_file::LocalFile;
use super::stream::{Chunks, StreamOnce};
use super::{Content, UploadSource};
use crate::error::UploadError;

/// How much of what is in memory is given at a time, so that the meter tells how it goes on.
const CHUNK: usize = 256 * 1024;

impl UploadSource {
    /// The content as a body, with its length. What breaks off on the way is told to the meter.
    pub(crate) fn body(&self, meter: &Arc<Meter>) -> (reqwest::Body, u64) {
        let length = self.length().unwrap_or_default();
        let source = match &self.content {
            Content::Bytes(bytes) => Source::Bytes(bytes.clone()),
            Content::Local(file) => Source::File(FileReader::new(file.clone())),
            Content::Stream(once) => Source::StreamOnce(once.clone()),
            // Never sent: a path is opened before.
            Content::Path(_) => Source::Bytes(Bytes::new()),
        };
        let exact = ExactLengthStream {
            source,
            declared: length,
            came: 0,
            held: None,
            meter: meter.clone(),
        };
        (reqwest::Body::wrap_stream(exact), length)
    }
}

/// Where the chunks come from.
enum Source {
    Bytes(Bytes),
    File(FileReader),
    /// Not taken before the HTTP client asks for its first bytes: without a connection it is still whole.
    StreamOnce(Arc<StreamOnce>),
    Stream(Chunks),
}

impl Source {
    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Bytes, UploadError>>> {
        match self {
            Self::Bytes(bytes) if bytes.is_empty() => Poll::Ready(None),
            Self::Bytes(bytes) => Poll::Ready(Some(Ok(bytes.split_to(bytes.len().min(CHUNK))))),
            Self::File(reading) => reading.poll(context),
            Self::StreamOnce(once) => match once.take() {
                Ok(stream) => {
                    *self = Self::Stream(stream);
                    self.poll(context)
                }
                Err(fault) => Poll::Ready(Some(Err(fault))),
            },
            Self::Stream(stream) => stream.as_mut().poll_next(context),
        }
    }
}

/// A file that is read chunk by chunk, each where it may block.
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
            Ok(Err(fault)) => Some(Err(fault)),
            Err(error) => Some(Err(UploadError::DecodeError {
                path: self.file.path().to_owned(),
                source: io::Error::other(error),
            })),
        })
    }
}

/// As many bytes as were declared, or an error. The last chunk is held back until the source has come to its end: once
/// the HTTP client has as many bytes as it announced, it asks for no more, and nobody would hear of a fault.
struct ExactLengthStream {
    source: Source,
    declared: u64,
    came: u64,
    held: Option<Bytes>,
    meter: Arc<Meter>,
}

impl ExactLengthStream {
    fn next(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Bytes, UploadError>>> {
        loop {
            let Some(next) = ready!(self.source.poll(context)) else {
                return Poll::Ready(match self.came < self.declared {
                    true => Some(Err(self.wrong_length())),
                    false => self.held.take().map(Ok),
                });
            };
            let chunk = match next {
                Ok(chunk) => chunk,
                Err(fault) => return Poll::Ready(Some(Err(fault))),
            };
            self.came += chunk.len() as u64;
            if self.came > self.declared {
                return Poll::Ready(Some(Err(self.wrong_length())));
            }
            match chunk.is_empty() {
                true => {}
                false if self.came == self.declared => self.held = Some(chunk),
                false => return Poll::Ready(Some(Ok(chunk))),
            }
        }
    }

    fn wrong_length(&self) -> UploadError {
        UploadError::Length {
            declared: self.declared,
            came: self.came,
        }
    }
}

impl Stream for ExactLengthStream {
    type Item = io::Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let next = ready!(self.next(context));
        Poll::Ready(next.map(|chunk| match chunk {
            Ok(chunk) => {
                self.meter.take(chunk.len());
                Ok(chunk)
            }
            Err(fault) => {
                let told = io::Error::other(fault.to_string());
                self.meter.fail(fault);
                Err(told)
            }
        }))
    }
}

/// How far a body has come, and why it came no further. The HTTP client owns the body and does not always tell: over
/// HTTP/2 all that it says is that the stream was reset.
#[derive(Debug, Default)]
pub(crate) struct Meter {
    taken: AtomicU64,
    fault: Mutex<Option<UploadError>>,
}

impl Meter {
    /// How many bytes the HTTP client has taken, over all attempts.
    pub(crate) fn taken(&self) -> u64 {
        self.taken.load(Ordering::Relaxed)
    }

    pub(super) fn take(&self, bytes: usize) {
        self.taken.fetch_add(bytes as u64, Ordering::Relaxed);
    }

    pub(super) fn fail(&self, fault: UploadError) {
        *self.fault.lock().unwrap_or_else(PoisonError::into_inner) = Some(fault);
    }

    /// Why the last body broke off, if it was the file's doing.
    pub(crate) fn fault(&self) -> Option<UploadError> {
        self.fault.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}
