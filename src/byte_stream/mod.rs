//! A file in one response, as a stream of bytes.

use std::fmt;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures_core::Stream;
use reqwest::Response;
use reqwest::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use tokio::time::{Sleep, sleep};

use crate::endpoint::{EndpointInfo, ResponseKind};
use crate::error::{DownloadError, Error, ErrorKind, Result, TransportError, Tries};
use crate::transport;

mod content_range;
mod file_name;
mod save;

pub use content_range::ContentRange;
pub(crate) use file_name::default_name;
pub use file_name::{add_number, sanitize};

/// A file in a response, whose headers were received and whose body was not.
///
/// It is a [`Stream`] of [`Bytes`] and need not fit in memory:
///
/// ```no_run
/// # async fn example(client: larkspur::Client) -> larkspur::Result<()> {
/// use larkspur::drive::v1::media;
///
/// let mut file = media::Download::new("boxcnrHpsg1QDqXAAAyachabcef").send(&client).await?;
/// while let Some(chunk) = file.chunk().await? {
///     println!("{} bytes", chunk.len());
/// }
/// # Ok(())
/// # }
/// ```
///
/// Every way to read it fails if the body is shorter or longer than announced, or if its end is not framed and it may be
/// truncated.
#[must_use = "the file has not been read"]
pub struct ByteStream {
    endpoint: &'static EndpointInfo,
    file_name: Option<String>,
    /// The name without an extension if the platform returned none.
    default_stem: Option<String>,
    content_type: Option<String>,
    content_length: Option<u64>,
    content_range: Option<ContentRange>,
    body: Body,
    /// The attempts of the call that returned it, for its errors.
    attempts: u32,
}

/// A saved file.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Saved {
    /// The path of the file.
    pub path: PathBuf,
    /// The size of the file in bytes.
    pub bytes: u64,
}

/// Returns the sanitized name in a `Content-Disposition`.
pub(crate) fn sanitized_file_name(header: &[u8]) -> Option<String> {
    file_name::parse_content_disposition(header).and_then(|name| sanitize(&name))
}

impl ByteStream {
    /// The limit of [`ByteStream::bytes`] for endpoints without a documented limit.
    const MAX_BYTES_IN_MEMORY: u64 = 100 * 1024 * 1024;
    pub(crate) fn new(
        endpoint: &'static EndpointInfo,
        response: Response,
        beginning: Option<Bytes>,
        content_range: Option<ContentRange>,
        timeout: Duration,
        attempts: u32,
    ) -> Self {
        let header = |name| response.headers().get(name);
        let announced =
            header(reqwest::header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.trim().parse().ok());
        let content_length = content_range.map(|range| range.count()).or(announced);
        Self {
            endpoint,
            default_stem: None,
            file_name: header(CONTENT_DISPOSITION).and_then(|value| sanitized_file_name(value.as_bytes())),
            content_type: header(CONTENT_TYPE).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned()),
            content_length,
            content_range,
            body: Body::new(beginning, response, content_length, timeout),
            attempts,
        }
    }

    /// Sets the name without an extension for a file without a name.
    pub(crate) fn with_default_stem(mut self, stem: Option<String>) -> Self {
        self.default_stem = stem;
        self
    }

    /// Returns an error of this stream.
    fn error(&self, kind: ErrorKind) -> Error {
        let attempts = self.attempts;
        Error::at(self.endpoint, kind).after(Tries {
            attempts,
            ..Tries::default()
        })
    }

    /// Returns the sanitized file name: a single path component, never `..` or a device. `None` if the platform returned no
    /// usable name.
    pub fn file_name(&self) -> Option<&str> {
        self.file_name.as_deref()
    }

    /// Returns the name that [`ByteStream::save_in`] would use, before it adds a number.
    pub fn save_name(&self) -> String {
        let default = || default_name(self.default_stem.as_deref(), self.content_type());
        self.file_name.clone().unwrap_or_else(default)
    }

    /// Returns the media type of the file.
    pub fn content_type(&self) -> Option<&str> {
        self.content_type.as_deref()
    }

    /// Returns the number of bytes of the file or the requested range, if announced.
    pub fn content_length(&self) -> Option<u64> {
        self.content_length
    }

    /// Returns the byte range of the response, if a range was requested.
    pub fn content_range(&self) -> Option<ContentRange> {
        self.content_range
    }

    /// Returns whether the response contains a range of the file.
    pub fn is_partial(&self) -> bool {
        self.content_range.is_some()
    }

    /// Returns the next chunk, or `None` at the end.
    ///
    /// # Errors
    ///
    /// Fails if the connection fails or ends early, if no byte arrives within the client's timeout, or if the response has neither
    /// a length nor a framed end, and so may be truncated.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>> {
        std::future::poll_fn(|context| Pin::new(&mut *self).poll_next(context))
            .await
            .transpose()
    }

    /// Reads all bytes into memory, up to the documented limit of the endpoint, or 100 MiB.
    ///
    /// # Errors
    ///
    /// As [`ByteStream::chunk`], and if the file exceeds the limit.
    pub async fn bytes(self) -> Result<Bytes> {
        let limit = match self.endpoint.response {
            ResponseKind::Binary { max_bytes, .. } => max_bytes,
            ResponseKind::Json { .. } => None,
        };
        self.bytes_up_to(limit.unwrap_or(Self::MAX_BYTES_IN_MEMORY)).await
    }

    /// Reads all bytes into memory, up to a limit.
    ///
    /// # Errors
    ///
    /// As [`ByteStream::chunk`], and if the file exceeds the limit.
    pub async fn bytes_up_to(mut self, limit: u64) -> Result<Bytes> {
        let too_large = ErrorKind::TooLarge {
            limit,
            hint: "read it with `chunk`, save it with `save`, or raise the limit with `bytes_up_to`",
        };
        if self.content_length.is_some_and(|length| length > limit) {
            return Err(self.error(too_large));
        }
        let mut bytes = BytesMut::new();
        while let Some(chunk) = self.chunk().await? {
            if (bytes.len() + chunk.len()) as u64 > limit {
                return Err(self.error(too_large));
            }
            bytes.extend_from_slice(&chunk);
        }
        Ok(bytes.freeze())
    }

    /// Saves the file to this path and atomically replaces an existing file. A symbolic link is replaced, and not the file it
    /// points to. Until it is complete, the file has a temporary name in the same directory; a failure removes it.
    ///
    /// # Errors
    ///
    /// As [`ByteStream::chunk`], and if the file cannot be written.
    pub async fn save(mut self, path: impl AsRef<Path>) -> Result<Saved> {
        let path = path.as_ref().to_owned();
        let directory = self.parent_directory(&path)?;
        let (partial, bytes) = self.write_in(&directory).await?;
        self.replace(partial, &path).await?;
        Ok(Saved::new(path, bytes))
    }

    /// Saves the file to this directory under [`ByteStream::file_name`]. Without one, the name is the last path parameter of the
    /// request, usually the token of the file, with the usual extension of its media type. Existing files are not replaced: a
    /// second `report.pdf` becomes `report (1).pdf`.
    ///
    /// # Errors
    ///
    /// As [`ByteStream::save`].
    pub async fn save_in(mut self, directory: impl AsRef<Path>) -> Result<Saved> {
        let directory = directory.as_ref().to_owned();
        let (partial, bytes) = self.write_in(&directory).await?;
        let name = self.save_name();
        let path = self.persist_numbered(partial, &directory, name).await?;
        Ok(Saved::new(path, bytes))
    }
}

impl Stream for ByteStream {
    type Item = Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let chunk = Pin::new(&mut self.body).poll_next(context);
        chunk.map(|chunk| chunk.map(|chunk| chunk.map_err(|kind| self.error(kind))))
    }
}

/// Omits the body.
impl fmt::Debug for ByteStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ByteStream")
            .field("endpoint", &self.endpoint.id)
            .field("file_name", &self.file_name)
            .field("content_type", &self.content_type)
            .field("content_length", &self.content_length)
            .field("content_range", &self.content_range)
            .finish_non_exhaustive()
    }
}

type Chunks = Pin<Box<dyn Stream<Item = reqwest::Result<Bytes>> + Send + Sync>>;

/// The body of a byte stream. It fails if it is shorter or longer than announced, if no byte arrives within the timeout, or if
/// its end is not framed.
struct Body {
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
    fn new(beginning: Option<Bytes>, response: Response, announced: Option<u64>, timeout: Duration) -> Self {
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
