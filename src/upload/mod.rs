//! An upload, before it begins: what it sends, and how.

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
mod step_request;

pub use endpoints::{InParts, Parts, Step};
use run::{Options, Resume, run};

pub use crate::upload_source::UploadSource;

impl Client {
    /// An upload of the file of this request, in parts where it is too large for one call; see [`Upload`].
    pub fn upload<R: InParts>(&self, request: R) -> Upload<R> {
        Upload::new(self.clone(), request)
    }
}

/// An upload of a file, in one call or in parts: nothing is sent before it is awaited.
///
/// ```no_run
/// # async fn example(client: larkspur::Client) -> larkspur::Result<()> {
/// use larkspur::UploadSource;
/// use larkspur::drive::v1::file::{UploadAll, UploadAllParentType};
///
/// let request = UploadAll::new(UploadAllParentType::Explorer, "fldbcO1UuPz8VwnpPx5a92abcef", UploadSource::path("film.mp4"));
/// let answer = client.upload(request).resume().await?;
/// println!("{:?}", answer.file_token);
/// # Ok(())
/// # }
/// ```
///
/// A file of no more bytes than the endpoint takes at once goes in one call, as with `send`. A larger one goes in parts of the
/// size that the platform answers, one after the other, and one of them at a time is in memory. Each call is tried again as
/// the client's [`RetryPolicy`](crate::RetryPolicy) and its budget of retries allow, and as the endpoint lets it. Where the
/// platform no longer knows the upload, which it keeps for a day, it begins anew; a stream cannot.
///
/// Dropped at any point, or after an error, it leaves nothing here but the state that [`Upload::resume`] asks for.
///
/// # Errors
///
/// Those of [`Client::call`], with the endpoint that was called;
/// [`UploadError`](crate::error::UploadError) where the file changes meanwhile, or where what the platform says of its parts
/// cannot be.
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

    /// Goes on with what an earlier upload of this request left, and leaves what a later one can go on with, in a file beside
    /// the one that is sent: `film.mp4.larkspur-upload`. It is for files at a path.
    ///
    /// What is left is used if the file is the same: by its size, its time of change and its place on the disk, and by the
    /// checksum of each part that the platform has. Else the upload begins anew. The file of the state has no token in it, may
    /// be read by its owner alone, and is removed once the platform has the file.
    pub fn resume(mut self) -> Self {
        self.options.resume = Resume::Beside;
        self
    }

    /// The same as [`Upload::resume`] with the state in a file at this path, whose directory has to be there. It is for
    /// bytes in memory too.
    pub fn resume_at(mut self, path: impl Into<PathBuf>) -> Self {
        self.options.resume = Resume::At(path.into());
        self
    }

    /// Calls this with each part that the platform has, and once in all for a file that goes in one call; it should not take
    /// long. `bytes` is what the platform has, from an earlier upload too; `attempt` counts the calls.
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
            let mut answer = R::Response::blank();
            run(
                &self.client,
                &self.request,
                self.request.parts(),
                self.options,
                &mut answer,
            )
            .await?;
            Ok(answer)
        })
    }
}
