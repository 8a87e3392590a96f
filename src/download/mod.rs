//! Downloads of complete files, with retries and resume.
//!
//! [`Client::download`](crate::Client::download) returns a [`Download`]; its `to` methods run it.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;
use std::{fmt, io};

use ring::digest::Context;
use tokio::io::AsyncWrite;

use crate::client::Client;
use crate::endpoint::{Request, ResponseKind};
use crate::error::{DownloadError, Error, ErrorKind, Result};

mod attempt;
mod batch;
mod body;
mod byte_spans;
mod partial_file;
mod parts;
mod run;
mod sidecar;
mod sink;
mod source;
mod target;
mod validator;

pub use crate::transfer::Progress;
use byte_spans::ByteSpans;
use partial_file::{OpenOptions, PartialFileKey};
use run::{Options, Run};
#[cfg(feature = "object-store")]
use sink::ObjectStoreSink;
use sink::{ChooseName, FileSink, Sink, WriterSink};
use source::EndpointSource;
#[cfg(not(feature = "drive"))]
use source::Source;
#[cfg(feature = "drive")]
pub(crate) use source::{RetryDraws, Source};
pub use target::Overwrite;
use target::{Target, TargetName};

pub use sink::CompleteFile;

/// Sanitized and numbered file names.
pub mod file_name {
    pub use crate::byte_stream::{add_number, sanitize};
}

/// The maximum of [`Download::connections`].
const MAX_CONNECTIONS: u32 = 16;

/// A download that resumes after failures and renames the file only once it is complete.
///
/// ```no_run
/// # async fn example(client: larkspur::Client) -> larkspur::Result<()> {
/// use larkspur::drive::v1::media;
///
/// let request = media::Download::new("boxcnrHpsg1QDqXAAAyachabcef");
/// let report = client.download(request).resume().to("report.pdf").await?;
/// println!("{} bytes in {:?}", report.bytes, report.elapsed);
/// # Ok(())
/// # }
/// ```
///
/// The bytes are written to a partial file in the directory of the target, which only its owner can read. The complete file
/// is flushed to the disk and atomically renamed. After a failure the partial file remains, with a small JSON file (the
/// sidecar), and [`Download::resume`] resumes it, even in a later process.
///
/// After a failure only the missing bytes are requested, if the responses prove that the file is unchanged: by a strong
/// `ETag`, or by size, `Last-Modified` and the last present bytes, which are requested again and compared. Otherwise the
/// download restarts from the beginning.
///
/// The client's [`RetryPolicy`](crate::RetryPolicy) and its retry budget limit the attempts; attempts that received new bytes
/// do not count.
///
/// Dropping the future at any point has the same effect as a failure.
#[must_use = "a download does nothing until one of its `to` methods is awaited"]
pub struct Download {
    source: Box<dyn Source>,
    refused: Option<DownloadError>,
    options: Options,
}

impl Client {
    /// Returns a download of the file of this request; see [`Download`].
    pub fn download(&self, request: impl Request + 'static) -> Download {
        Download::new(EndpointSource::new(self.clone(), request))
    }
}

#[allow(clippy::wrong_self_convention, reason = "`to` names the target and does not convert")]
impl Download {
    pub(crate) fn new(source: EndpointSource) -> Self {
        let binary = matches!(source.endpoint().response, ResponseKind::Binary { .. });
        let refused = if binary {
            source.requests_range().then_some(DownloadError::Ranged)
        } else {
            Some(DownloadError::NotBinary)
        };
        Self {
            source: Box::new(source),
            refused,
            options: Options::default(),
        }
    }

    /// Creates a download from a source of complete files.
    #[cfg(feature = "drive")]
    pub(crate) fn from_source(source: Box<dyn Source>) -> Self {
        Self {
            source,
            refused: None,
            options: Options::default(),
        }
    }

    /// Adds a request for the same file, which is made if the platform refuses the previous one with HTTP 403.
    ///
    /// Access to a file may depend on parameters, such as `extra` of a media file. If all requests are refused, the error is that
    /// of the first one, with a hint on the others.
    pub fn fallback(mut self, request: impl Request + 'static) -> Self {
        if matches!(request.endpoint().response, ResponseKind::Binary { .. }) {
            self.source.add_fallback(Box::new(request));
        } else {
            self.refused.get_or_insert(DownloadError::NotBinary);
        }
        self
    }

    /// Resumes an earlier download of this request to this target, if the file is unchanged. Otherwise, and without this
    /// option, the partial file is discarded.
    pub fn resume(mut self) -> Self {
        self.options.resume = true;
        self
    }

    /// Removes the partial file if the download fails or is dropped: no later download has the same request.
    #[cfg(feature = "documents")]
    pub(crate) fn temporary(mut self) -> Self {
        self.options.temporary = true;
        self
    }

    /// Sets a listener, which is called for each received chunk and should return quickly.
    pub fn progress(mut self, listener: impl FnMut(Progress) + Send + 'static) -> Self {
        self.options.listener = Some(Box::new(listener));
        self
    }

    /// Sets what to do if the file exists.
    pub fn overwrite(mut self, overwrite: Overwrite) -> Self {
        self.options.overwrite = Some(overwrite);
        self
    }

    /// Sets the time without a received byte after which a call is aborted and retried. The default is 30 seconds. The time that
    /// a slow disk or writer takes does not count.
    pub fn stall(mut self, stall: Duration) -> Self {
        self.options.stall = stall;
        self
    }

    /// Sets the maximum duration of the download, waits included. Unlimited by default.
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.options.deadline = Some(deadline);
        self
    }

    /// Sets the number of parts that are downloaded at a time, each with a call of its own. The default is 1, the maximum 16.
    ///
    /// Several connections help if the platform limits the bandwidth of each. The calls count against the rate limits of the
    /// endpoint; a file takes at most one call more than this number. Parts require [`Download::to`] or [`Download::to_dir`], an
    /// endpoint that supports ranges according to the spec, and responses with the size of the file and a strong `ETag`.
    pub fn connections(mut self, connections: u32) -> Self {
        self.options.connections = connections.clamp(1, MAX_CONNECTIONS);
        self
    }

    /// Sets the minimum size of a part in bytes; see [`Download::connections`]. The default is 8 MiB. Smaller parts need more
    /// calls.
    pub fn min_part_size(mut self, bytes: u64) -> Self {
        self.options.min_part_size = bytes.max(1);
        self
    }

    /// Adds the SHA-256 of the file to the report. It takes more CPU time than the rest of a download.
    pub fn sha256(mut self) -> Self {
        self.options.sha256 = true;
        self
    }

    /// Downloads the file to this path. Fails if the file exists, unless [`Download::overwrite`] is set.
    ///
    /// # Errors
    ///
    /// Fails if the platform refuses the call, too many attempts make no progress, the deadline is exceeded, or the file cannot
    /// be written.
    pub async fn to(self, path: impl AsRef<Path>) -> Result<Report> {
        let overwrite = self.options.overwrite.unwrap_or(Overwrite::Refuse);
        let target = Target::from_path(path.as_ref(), overwrite).map_err(|kind| self.error(kind))?;
        self.to_file(target, None).await
    }

    /// Downloads the file to this directory, under the sanitized name from the platform. If it returns none, the name is the last
    /// path parameter of the request, usually the token of the file, with the usual extension of its media type. If the file
    /// exists, a number is added to the name, unless [`Download::overwrite`] is set.
    ///
    /// # Errors
    ///
    /// As [`Download::to`].
    pub async fn to_dir(self, directory: impl AsRef<Path>) -> Result<Report> {
        let target = Target {
            directory: directory.as_ref().to_owned(),
            name: TargetName::FromServer(self.source.default_stem()),
            overwrite: self.options.overwrite.unwrap_or(Overwrite::Number),
        };
        self.to_file(target, None).await
    }

    /// Downloads the file to this directory, under the name that `choose_name` returns: a single path component.
    ///
    /// `choose_name` is called once, before the complete file is renamed. It may block, for example to record the name. If the file exists the download fails, unless
    /// [`Download::overwrite`] is set.
    ///
    /// # Errors
    ///
    /// As [`Download::to`], and if `choose_name` fails or returns an invalid name.
    pub async fn to_dir_as(
        self,
        directory: impl AsRef<Path>,
        choose_name: impl FnOnce(&CompleteFile<'_>) -> io::Result<OsString> + Send + 'static,
    ) -> Result<Report> {
        let target = Target {
            directory: directory.as_ref().to_owned(),
            name: TargetName::FromServer(self.source.default_stem()),
            overwrite: self.options.overwrite.unwrap_or(Overwrite::Refuse),
        };
        self.to_file(target, Some(Box::new(choose_name))).await
    }

    /// Writes the file to a writer, in order, each byte once, and flushes it at the end. [`Download::resume`] and
    /// [`Download::overwrite`] have no effect.
    ///
    /// After a failure the beginning of the file has been written.
    ///
    /// # Errors
    ///
    /// As [`Download::to`], and if the file changes after some of it was written.
    pub async fn to_writer(self, writer: impl AsyncWrite + Send + Unpin) -> Result<Report> {
        let mut sink = WriterSink::new(writer, self.options.sha256);
        self.run(&mut sink, None).await
    }

    /// Uploads the file to this path of a store, in parts of at least 8 MiB, and completes the upload once the file is complete.
    /// A failed download aborts the upload, and no object is visible.
    ///
    /// If the object exists the download fails, unless [`Download::overwrite`] is [`Overwrite::Replace`]. This is checked before
    /// the first call and before the upload is completed, not atomically. [`Download::resume`] has no effect.
    ///
    /// # Errors
    ///
    /// As [`Download::to`], and the errors of the store.
    #[cfg(feature = "object-store")]
    pub async fn to_store(
        self,
        store: &dyn object_store::ObjectStore,
        path: &object_store::path::Path,
    ) -> Result<Report> {
        if self.refused.is_some() {
            return Err(self.refuse());
        }
        let overwrite = self.options.overwrite.unwrap_or(Overwrite::Refuse);
        let opened = ObjectStoreSink::open(store, path, overwrite, self.options.sha256).await;
        let mut sink = opened.map_err(|kind| self.error(kind))?;
        self.run(&mut sink, None).await
    }

    async fn to_file(self, target: Target, choose_name: Option<ChooseName>) -> Result<Report> {
        if self.refused.is_some() {
            return Err(self.refuse());
        }
        let key = PartialFileKey {
            endpoint: self.source.endpoint().id,
            request: self.source.digest(),
        };
        let options = OpenOptions {
            resume: self.options.resume,
            temporary: self.options.temporary,
            digest: self.options.sha256,
            parts: self.options.connections > 1 && self.source.supports_ranges(),
        };
        let opened = FileSink::open(target, key, options).await;
        let (mut sink, resume_point) = opened.map_err(|kind| self.error(kind))?;
        sink.choose_name(choose_name);
        self.run(&mut sink, resume_point).await
    }

    async fn run(
        mut self,
        sink: &mut dyn Sink,
        resume_point: Option<(validator::Validator, ByteSpans)>,
    ) -> Result<Report> {
        if self.refused.is_some() {
            return Err(self.refuse());
        }
        Run::new(&*self.source, sink, &mut self.options, resume_point)
            .complete()
            .await
    }

    fn refuse(self) -> Error {
        let endpoint = self.source.endpoint();
        let error = self.refused.unwrap_or(DownloadError::NotBinary);
        Error::at(endpoint, ErrorKind::Download(error))
    }

    fn error(&self, kind: ErrorKind) -> Error {
        Error::at(self.source.endpoint(), kind)
    }
}

/// Omits the request, which may contain secrets.
impl fmt::Debug for Download {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Download")
            .field("endpoint", &self.source.endpoint().id)
            .finish_non_exhaustive()
    }
}

/// The report of a finished download.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Report {
    /// The path of the file; `None` for a writer or an object store.
    pub path: Option<PathBuf>,
    /// The sanitized name from the platform; `None` if it returned none.
    pub name: Option<String>,
    /// The size of the file in bytes.
    pub bytes: u64,
    /// The media type of the file.
    pub content_type: Option<String>,
    /// The digest of the file, if requested with [`Download::sha256`].
    pub sha256: Option<Sha256>,
    /// The number of calls.
    pub attempts: u32,
    /// The number of bytes from an earlier download, if this one resumed it.
    pub resumed_from: Option<u64>,
    /// The duration, waits included.
    pub elapsed: Duration,
}

/// A SHA-256 digest. Displays as 64 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Sha256([u8; 32]);

impl Sha256 {
    /// Returns the bytes of the digest.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl From<Context> for Sha256 {
    fn from(context: Context) -> Self {
        let mut bytes = [0; 32];
        for (to, from) in bytes.iter_mut().zip(context.finish().as_ref()) {
            *to = *from;
        }
        Self(bytes)
    }
}

impl fmt::Display for Sha256 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Sha256 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
