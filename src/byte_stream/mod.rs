//! A file that comes from the platform.

use std::fmt;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures_core::Stream;
use reqwest::Response;
use reqwest::header::{CONTENT_DISPOSITION, CONTENT_TYPE};

use crate::endpoint::{EndpointInfo, ResponseKind};
use crate::error::{Error, ErrorKind, Result};

mod body;
mod content_range;
mod file_name;
mod save;

use body::Body;
pub use content_range::ContentRange;
pub use file_name::{numbered, safe};

/// A file that comes from the platform: its headers are here, its bytes are still on their way.
///
/// It is a [`Stream`] of [`Bytes`], and need never be in memory as a whole:
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
/// Whichever way it is read, it ends with an error if fewer or more bytes come than were announced, or nothing says that
/// all came.
#[must_use = "the file is not read yet"]
pub struct ByteStream {
    endpoint: &'static EndpointInfo,
    file_name: Option<String>,
    content_type: Option<String>,
    content_length: Option<u64>,
    content_range: Option<ContentRange>,
    body: Body,
}

/// A file that was written.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Saved {
    /// Where it is.
    pub path: PathBuf,
    /// How large it is.
    pub bytes: u64,
}

/// The name in a `Content-Disposition`, made safe.
pub(crate) fn safe_name(header: &[u8]) -> Option<String> {
    file_name::parse_content_disposition(header).and_then(|name| safe(&name))
}

impl ByteStream {
    /// Most that [`ByteStream::bytes`] takes where the endpoint states no limit of its own.
    const IN_MEMORY: u64 = 100 * 1024 * 1024;
    /// Name of a file for which the platform gave none.
    const NAMELESS: &str = "download";

    pub(crate) fn new(
        endpoint: &'static EndpointInfo,
        response: Response,
        beginning: Option<Bytes>,
        content_range: Option<ContentRange>,
        timeout: Duration,
    ) -> Self {
        let header = |name| response.headers().get(name);
        let announced =
            header(reqwest::header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.trim().parse().ok());
        let content_length = content_range.map(|range| range.count()).or(announced);
        Self {
            endpoint,
            file_name: header(CONTENT_DISPOSITION).and_then(|value| safe_name(value.as_bytes())),
            content_type: header(CONTENT_TYPE).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned()),
            content_length,
            content_range,
            body: Body::new(beginning, response, content_length, timeout),
        }
    }

    /// Name of the file, made safe: always a single component of a path, never `..` or a device.
    /// `None` where the platform gave none, or nothing was left of it.
    pub fn file_name(&self) -> Option<&str> {
        self.file_name.as_deref()
    }

    /// MIME type of the file.
    pub fn content_type(&self) -> Option<&str> {
        self.content_type.as_deref()
    }

    /// How many bytes come, where the platform announces it: of the file, or of the part asked for.
    pub fn content_length(&self) -> Option<u64> {
        self.content_length
    }

    /// Which bytes of the file come, where a part was asked for.
    pub fn content_range(&self) -> Option<ContentRange> {
        self.content_range
    }

    /// Whether a part of the file comes.
    pub fn is_partial(&self) -> bool {
        self.content_range.is_some()
    }

    /// The next bytes; `None` once all have come.
    ///
    /// # Errors
    ///
    /// Where the connection fails, ends early, or nothing comes within the client's timeout, and at the end of an answer
    /// that has neither a length nor an end of its own, so that nothing says that all of it came.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>> {
        std::future::poll_fn(|context| Pin::new(&mut *self).poll_next(context))
            .await
            .transpose()
    }

    /// All bytes in memory, up to the largest size that the endpoint's page states, or 100 MiB.
    ///
    /// # Errors
    ///
    /// Those of [`ByteStream::chunk`], and where there is more.
    pub async fn bytes(self) -> Result<Bytes> {
        let limit = match self.endpoint.response {
            ResponseKind::Binary { max_bytes, .. } => max_bytes,
            ResponseKind::Json { .. } => None,
        };
        self.bytes_up_to(limit.unwrap_or(Self::IN_MEMORY)).await
    }

    /// All bytes in memory, up to a limit of your own.
    ///
    /// # Errors
    ///
    /// Those of [`ByteStream::chunk`], and where there is more.
    pub async fn bytes_up_to(mut self, limit: u64) -> Result<Bytes> {
        let too_large = ErrorKind::TooLarge {
            limit,
            way_out: "stream it with `chunk`, write it with `save`, or allow more with `bytes_up_to`",
        };
        if self.content_length.is_some_and(|length| length > limit) {
            return Err(Error::at(self.endpoint, too_large));
        }
        let mut bytes = BytesMut::new();
        while let Some(chunk) = self.chunk().await? {
            if (bytes.len() + chunk.len()) as u64 > limit {
                return Err(Error::at(self.endpoint, too_large));
            }
            bytes.extend_from_slice(&chunk);
        }
        Ok(bytes.freeze())
    }

    /// Writes the file to this path, in place of what may be there: of a symbolic link too, not of what
    /// it points to. Until all of it has come it stands
    /// beside the path under another name; if it fails, nothing of it stays.
    ///
    /// # Errors
    ///
    /// Those of [`ByteStream::chunk`], and where the file cannot be written.
    pub async fn save(mut self, path: impl AsRef<Path>) -> Result<Saved> {
        let path = path.as_ref().to_owned();
        let directory = self.directory_of(&path)?;
        let (partial, bytes) = self.write_in(&directory).await?;
        self.replace(partial, &path).await?;
        Ok(Saved::new(path, bytes))
    }

    /// Writes the file into this directory under [`ByteStream::file_name`], or `download` where there is
    /// none. What is there stays: a second `report.pdf` becomes `report (1).pdf`.
    ///
    /// # Errors
    ///
    /// Those of [`ByteStream::save`].
    pub async fn save_in(mut self, directory: impl AsRef<Path>) -> Result<Saved> {
        let directory = directory.as_ref().to_owned();
        let (partial, bytes) = self.write_in(&directory).await?;
        let name = self.file_name.clone();
        let name = name.unwrap_or_else(|| Self::NAMELESS.to_owned());
        let path = self.add(partial, &directory, name).await?;
        Ok(Saved::new(path, bytes))
    }
}

impl Stream for ByteStream {
    type Item = Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let endpoint = self.endpoint;
        let chunk = Pin::new(&mut self.body).poll_next(context);
        chunk.map(|chunk| {
            let at = |problem| Error::at(endpoint, problem);
            chunk.map(|chunk| chunk.map_err(at))
        })
    }
}

/// Without the bytes.
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
