//! Downloads that end with the whole file, or with an error and what is needed to go on.
//!
//! [`Client::download`](crate::Client::download) makes a [`Download`]; its `to` methods run it.

use std::ffi::OsString;
use std::fmt;
use std::io;
use std::path::Path;
use std::time::Duration;

use tokio::io::AsyncWrite;

use crate::client::Client;
use crate::endpoint::{Request, ResponseKind};
use crate::error::{DownloadError, Error, ErrorKind, Result};

mod attempt;
mod attempt_error;
mod batch;
mod body;
mod byte_spans;
mod partial_file;
mod parts;
mod range_request;
mod report;
mod run;
mod sidecar;
mod sink;
mod source;
mod target;
mod validator;

use byte_spans::ByteSpans;
use partial_file::{OpenOptions, PartialFileKey};
pub use report::{Report, Sha256};
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

pub use crate::transfer::Progress;

/// Names of files: made safe, and told apart by numbers.
pub mod file_name {
    pub use crate::byte_stream::{numbered, safe};
}

/// Most pieces at a time.
const MAX_CONNECTIONS: u32 = 16;

/// A download that goes on after a fault, and never gives a file its name before all of it is there.
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
/// The bytes go into a partial file in the directory of the target, which only its owner may read. Once all have come
/// it is flushed to the disk and gets its name in one step. If the transfer fails, the partial file stays with a small
/// JSON file beside it, and [`Download::resume`] goes on with it, in a later process too.
///
/// After a fault only what is missing is asked for, where the answers show that the file is still the same: by a strong
/// `ETag`, or else by size, `Last-Modified` and the last bytes that came, which are asked for again and compared. In all
/// other cases the file comes anew from its start.
///
/// Another attempt follows as the client's [`RetryPolicy`](crate::RetryPolicy) and its budget of retries allow, where attempts
/// that brought new bytes do not count.
///
/// Dropped at any point, the future leaves what a failed transfer leaves.
#[must_use = "a transfer does nothing until it is told where to"]
pub struct Download {
    source: Box<dyn Source>,
    refused: Option<DownloadError>,
    options: Options,
}

impl Client {
    /// A download of the file that this request is for, which goes on after a fault; see [`Download`].
    pub fn download(&self, request: impl Request + 'static) -> Download {
        Download::new(EndpointSource::new(self.clone(), request))
    }
}

#[allow(
    clippy::wrong_self_convention,
    reason = "`to` names the target of the one transfer, and converts nothing"
)]
impl Download {
    pub(crate) fn new(source: EndpointSource) -> Self {
        let binary = matches!(source.endpoint().response, ResponseKind::Binary { .. });
        let refused = match binary {
            false => Some(DownloadError::NotBinary),
            true => source.asks_for_a_part().then_some(DownloadError::Ranged),
        };
        Self {
            source: Box::new(source),
            refused,
            options: Options::default(),
        }
    }

    /// A transfer of what is a file and all of it.
    #[cfg(feature = "drive")]
    pub(crate) fn of(source: Box<dyn Source>) -> Self {
        Self {
            source,
            refused: None,
            options: Options::default(),
        }
    }

    /// Goes on with what an earlier transfer of this request to this target left, if the file is still the same.
    /// Without this, what was left is given up.
    pub fn resume(mut self) -> Self {
        self.options.resume = true;
        self
    }

    /// Calls this with each chunk that comes; it should not take long.
    pub fn progress(mut self, listener: impl FnMut(Progress) + Send + 'static) -> Self {
        self.options.listener = Some(Box::new(listener));
        self
    }

    /// What to do where there is a file of that name already.
    pub fn overwrite(mut self, overwrite: Overwrite) -> Self {
        self.options.overwrite = Some(overwrite);
        self
    }

    /// How long no byte may come before the answer is given up and asked for again, 30 seconds unless set. The time in
    /// which a slow disk or writer takes no bytes does not count.
    pub fn stall(mut self, stall: Duration) -> Self {
        self.options.stall = stall;
        self
    }

    /// Longest time for the whole transfer, waits included; none unless set.
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.options.deadline = Some(deadline);
        self
    }

    /// How many pieces of the file may come at a time, each over a call of its own; 1 unless set, 16 at most.
    ///
    /// More than one helps where the platform gives a single connection less than the way there takes, and each
    /// counts against the limits of the endpoint, which it keeps: a file takes up to one call more than this. It has an effect only
    /// with [`Download::to`] and [`Download::to_dir`], where the spec says that the endpoint takes ranges, and where the first answer
    /// tells the size of the file and a strong `ETag`, which every further answer must carry.
    pub fn connections(mut self, connections: u32) -> Self {
        self.options.connections = connections.clamp(1, MAX_CONNECTIONS);
        self
    }

    /// How many bytes a piece has at least, 8 MiB unless set; see [`Download::connections`]. Smaller ones cost more calls.
    pub fn min_part_size(mut self, bytes: u64) -> Self {
        self.options.min_part_size = bytes.max(1);
        self
    }

    /// Puts the SHA-256 of the file into the report. It costs more CPU than the rest of a transfer.
    pub fn sha256(mut self) -> Self {
        self.options.sha256 = true;
        self
    }

    /// Brings the file to this path. What is there stays, and the transfer fails, unless
    /// [`Download::overwrite`] says otherwise.
    ///
    /// # Errors
    ///
    /// Where the platform refuses the call, too many attempts bring nothing, the deadline passes, or the file cannot be
    /// written here.
    pub async fn to(self, path: impl AsRef<Path>) -> Result<Report> {
        let overwrite = self.options.overwrite.unwrap_or(Overwrite::Refuse);
        let target = Target::at(path.as_ref(), overwrite).map_err(|kind| self.error(kind))?;
        self.to_file(target, None).await
    }

    /// Brings the file into this directory, under the name that the platform gives it, made safe, or `download` where it
    /// gives none. Where there is such a file the new one gets a number, unless [`Download::overwrite`] says otherwise.
    ///
    /// # Errors
    ///
    /// Those of [`Download::to`].
    pub async fn to_dir(self, directory: impl AsRef<Path>) -> Result<Report> {
        let target = Target {
            directory: directory.as_ref().to_owned(),
            name: TargetName::Served,
            overwrite: self.options.overwrite.unwrap_or(Overwrite::Number),
        };
        self.to_file(target, None).await
    }

    /// Brings the file into this directory, under the name that `choose` gives: a single component of a path. It is
    /// called once, when all bytes are there and the file is about to get its name, with the name that the platform
    /// gives, made safe, and the number of bytes. It may block: whoever keeps a list of what is where writes it here.
    /// Where there is such a file the transfer fails, unless [`Download::overwrite`] says otherwise.
    ///
    /// # Errors
    ///
    /// Those of [`Download::to`], and where `choose` fails or gives no name.
    pub async fn to_dir_as(
        self,
        directory: impl AsRef<Path>,
        choose: impl FnOnce(Option<&str>, u64) -> io::Result<OsString> + Send + 'static,
    ) -> Result<Report> {
        let target = Target {
            directory: directory.as_ref().to_owned(),
            name: TargetName::Served,
            overwrite: self.options.overwrite.unwrap_or(Overwrite::Refuse),
        };
        self.to_file(target, Some(Box::new(choose))).await
    }

    /// Writes the file to this writer, in order, each byte once, and flushes it at the end. Nothing is left to go on
    /// with: [`Download::resume`] and [`Download::overwrite`] have no effect.
    ///
    /// If the transfer fails, the writer has had the beginning of the file.
    ///
    /// # Errors
    ///
    /// Those of [`Download::to`], and where the file changes when the writer has had some of it.
    pub async fn to_writer(self, writer: impl AsyncWrite + Send + Unpin) -> Result<Report> {
        let mut sink = WriterSink::new(writer, self.options.sha256);
        self.run(&mut sink, None).await
    }

    /// Uploads the file to this path of a store, in parts of 8 MiB or more, and completes the upload once all of the file is
    /// there. If the transfer fails the upload is given up, and nothing is to be seen in the store.
    ///
    /// Where there is such an object the transfer fails, unless [`Download::overwrite`] says [`Overwrite::Replace`]. That is looked at
    /// before the first call and before the upload is completed, and not in one step with it. Nothing is left to go on with:
    /// [`Download::resume`] has no effect.
    ///
    /// # Errors
    ///
    /// Those of [`Download::to`], and those of the store.
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

    async fn to_file(self, target: Target, choose: Option<ChooseName>) -> Result<Report> {
        if self.refused.is_some() {
            return Err(self.refuse());
        }
        let belonging = PartialFileKey {
            endpoint: self.source.endpoint().id,
            request: self.source.digest(),
        };
        let how = OpenOptions {
            resume: self.options.resume,
            digest: self.options.sha256,
            pieces: self.options.connections > 1 && self.source.takes_ranges(),
        };
        let opened = FileSink::open(target, belonging, how).await;
        let (mut sink, taken_up) = opened.map_err(|kind| self.error(kind))?;
        sink.choose(choose);
        self.run(&mut sink, taken_up).await
    }

    async fn run(mut self, sink: &mut dyn Sink, there: Option<(validator::Validator, ByteSpans)>) -> Result<Report> {
        if self.refused.is_some() {
            return Err(self.refuse());
        }
        Run::new(&*self.source, sink, &mut self.options, there).complete().await
    }

    fn refuse(self) -> Error {
        let endpoint = self.source.endpoint();
        let fault = self.refused.unwrap_or(DownloadError::NotBinary);
        Error::at(endpoint, ErrorKind::Download(fault))
    }

    fn error(&self, kind: ErrorKind) -> Error {
        Error::at(self.source.endpoint(), kind)
    }
}

/// Without what the request holds.
impl fmt::Debug for Download {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Download")
            .field("endpoint", &self.source.endpoint().id)
            .finish_non_exhaustive()
    }
}
