//! Uploads of files, in one call or in parts.

use std::path::PathBuf;
use std::pin::Pin;

use crate::client::Client;
use crate::error::Result;
use crate::transfer::Progress;
use crate::wire::Decode as _;

mod blocks;
mod endpoints;
mod run;
mod state;

pub use endpoints::{InParts, Parts, Step};
use run::{Options, Resume, run};

pub use crate::upload_source::UploadSource;

impl Client {
    /// Returns an upload of the file of this request, in parts if it is too large for one call; see [`Upload`].
    pub fn upload<R: InParts>(&self, request: R) -> Upload<R> {
        Upload::new(self.clone(), request)
    }
}

/// An upload of a file, in one call or in parts. It sends nothing until it is awaited.
///
/// ```no_run
/// # async fn example(client: larkspur::Client) -> larkspur::Result<()> {
/// use larkspur::UploadSource;
/// use larkspur::drive::v1::file::{UploadAll, ParentType};
///
/// let request = UploadAll::new(ParentType::Explorer, "fldbcO1UuPz8VwnpPx5a92abcef", UploadSource::path("film.mp4"));
/// let response = client.upload(request).resume().await?;
/// println!("{:?}", response.file_token);
/// # Ok(())
/// # }
/// ```
///
/// A file within the size limit of the endpoint is sent in one call, as with `send`. A larger one is sent in parts of the size
/// that the platform returns, one after the other, with one part in memory. Each call is retried within the client's
/// [`RetryPolicy`](crate::RetryPolicy) and its retry budget, if the endpoint is retryable. If the upload has expired on the
/// platform, by default after a day, it restarts, unless the source is a stream.
///
/// Dropping the future, or an error, leaves only the state file of [`Upload::resume`].
///
/// # Errors
///
/// As [`Client::call`], with the endpoint that was called; [`UploadError`](crate::error::UploadError) if the file changes during
/// the upload, or the platform returns an invalid division into parts.
#[must_use = "an upload does nothing until it is awaited"]
pub struct Upload<R> {
    client: Client,
    request: R,
    options: Options,
}

impl<R: InParts> Upload<R> {
    pub(crate) fn new(client: Client, request: R) -> Self {
        Self {
            client,
            request,
            options: Options::default(),
        }
    }

    /// Resumes an earlier upload of this request, and saves the state for a later one in a file next to the source:
    /// `film.mp4.larkspur-upload`. It requires a file at a path.
    ///
    /// An upload is resumed if the file is unchanged: by its size, its modification time, its inode, and the checksum of each
    /// uploaded part. Otherwise it restarts. The state file contains no token, can be read only by its owner, and is removed once
    /// the upload is complete.
    pub fn resume(mut self) -> Self {
        self.options.resume = Resume::NextToFile;
        self
    }

    /// Resumes as [`Upload::resume`], with the state file at this path, whose directory must exist. It also supports bytes in
    /// memory.
    pub fn resume_at(mut self, path: impl Into<PathBuf>) -> Self {
        self.options.resume = Resume::AtPath(path.into());
        self
    }

    /// Sets a listener, which is called after each uploaded part, or once for a file in one call, and should return quickly.
    /// `bytes` includes parts of an earlier upload; `attempt` counts the calls.
    pub fn progress(mut self, listener: impl FnMut(Progress) + Send + 'static) -> Self {
        self.options.listener = Some(Box::new(listener));
        self
    }
}

impl<R: InParts + 'static> IntoFuture for Upload<R> {
    type Output = Result<R::Response>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let mut response = R::Response::blank();
            run(
                &self.client,
                &self.request,
                self.request.parts(),
                self.options,
                &mut response,
            )
            .await?;
            Ok(response)
        })
    }
}
