//! A sink for a file: partial under a temporary name, complete under its final name.

use std::ffi::OsString;
use std::io;
use std::path::{Component, Path};
use std::time::{Duration, Instant};

use tokio::task::{JoinHandle, spawn_blocking};

use super::{Finished, Sink};
use crate::download::batch::WriteBatch;
use crate::download::byte_spans::ByteSpans;
use crate::download::partial_file::{self, OpenOptions, PartialFile, PartialFileKey};
use crate::download::target::{Overwrite, Target, TargetName, io_error};
use crate::download::validator::Validator;
use crate::error::{DownloadError, ErrorKind};
use crate::store::Pending;
use crate::transfer::Directory;

/// The number of bytes of one write.
const BATCH: usize = 256 * 1024;
/// The number of bytes of one write with a digest: each write runs on another thread, which takes CPU time to wake.
const DIGEST_BATCH: usize = 1024 * 1024;
/// Longer writes wait for the disk instead of the page cache.
const SLOW_WRITE: Duration = Duration::from_millis(20);

/// What an earlier download left: the validators and the present bytes.
pub(crate) type ResumePoint = Option<(Validator, ByteSpans)>;

/// Returns the name of a complete file.
pub(crate) type ChooseName = Box<dyn FnOnce(&CompleteFile<'_>) -> io::Result<OsString> + Send>;

/// A complete file without a name; see [`Download::to_dir_as`](crate::Download::to_dir_as).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct CompleteFile<'a> {
    /// The name that [`Download::to_dir`](crate::Download::to_dir) would use, before it adds a number: the sanitized name from
    /// the platform, or the last path parameter of the request with the usual extension of the media type.
    pub default_name: &'a str,
    /// The sanitized name from the platform; `None` if it returned none.
    pub name: Option<&'a str>,
    /// The media type of the file.
    pub content_type: Option<&'a str>,
    /// The size of the file in bytes.
    pub bytes: u64,
}

/// A file in a directory.
pub(crate) struct FileSink {
    target: Target,
    partial: BlockingWorker<PartialFile>,
    choose_name: Option<ChooseName>,
    parts: bool,
    /// Whether fast writes run on this thread: handing them to another thread, with cold caches, costs more than a write to
    /// the page cache.
    inline_writes: bool,
}

impl FileSink {
    /// Opens and locks the partial file of a target.
    pub(crate) async fn open(
        target: Target,
        key: PartialFileKey,
        options: OpenOptions,
    ) -> Result<(Self, ResumePoint), ErrorKind> {
        let for_open = target.clone();
        let opened = spawn_blocking(move || open(&for_open, key, options))
            .await
            .unwrap_or_else(|error| Err(io_error(&target.directory, "opening", io::Error::other(error))));
        let (partial, resume_point) = opened?;
        let sink = Self {
            target,
            partial: BlockingWorker::new(partial),
            choose_name: None,
            parts: options.parts,
            // A digest takes far longer than a write.
            inline_writes: !options.digest,
        };
        Ok((sink, resume_point))
    }

    /// Sets a function that returns the name instead of the target.
    pub(crate) fn choose_name(&mut self, choose_name: Option<ChooseName>) {
        self.choose_name = choose_name;
    }

    /// Writes at a position, or appends to the present prefix.
    async fn write_to(
        &mut self,
        position: Option<u64>,
        batch: WriteBatch,
        validator: &Validator,
    ) -> Result<(), ErrorKind> {
        let fail = self.fail("writing");
        let partial = self.partial.wait_idle().await.map_err(&fail)?;
        // One batch is not worth a sidecar. After a failure `suspend` writes one.
        let small = !self.parts && validator.total.is_some_and(|total| total <= BATCH as u64);
        let has_sidecar = small || partial.has_sidecar();
        if self.inline_writes && has_sidecar && self.partial.last_duration() < SLOW_WRITE {
            let job = |partial: &mut PartialFile| partial.write(position, &batch.into_chunks());
            return self.partial.run_inline(job).await.map_err(fail);
        }
        let validator = validator.clone();
        let job = move |partial: &mut PartialFile| {
            if !has_sidecar {
                partial.write_sidecar_unflushed(&validator)?;
            }
            partial.write(position, &batch.into_chunks())
        };
        self.partial.start(job).await.map_err(fail)
    }

    fn fail(&self, action: &'static str) -> impl Fn(io::Error) -> ErrorKind + use<> {
        let path = self.target.path();
        move |source| io_error(&path, action, source)
    }
}

fn open(target: &Target, key: PartialFileKey, options: OpenOptions) -> Result<(PartialFile, ResumePoint), ErrorKind> {
    let fail = |source| io_error(&target.directory, "opening a partial file in", source);
    let directory = Directory::open(&target.directory).map_err(fail)?;
    let stem = target.name.stem();
    if let TargetName::Given(name) = &target.name {
        target.check()?;
        if target.overwrite == Overwrite::Refuse && directory.has(name).map_err(fail)? {
            partial_file::remove_stale_sidecar(&directory, stem, &key.request).map_err(fail)?;
            return Err(ErrorKind::Download(DownloadError::Exists { path: target.path() }));
        }
    }
    let partial = PartialFile::open(directory, stem, key, options).map_err(fail)?;
    let Some(mut partial) = partial else {
        return Err(ErrorKind::Download(DownloadError::Busy { path: target.path() }));
    };
    let resume_point = if options.resume {
        partial.resume().map_err(fail)?
    } else {
        partial.restart().map(|()| None).map_err(fail)?
    };
    Ok((partial, resume_point))
}

impl Sink for FileSink {
    fn batch_size(&self) -> usize {
        if self.inline_writes { BATCH } else { DIGEST_BATCH }
    }

    fn restart<'a>(&'a mut self, _: &'a Validator) -> Pending<'a, Result<(), ErrorKind>> {
        let fail = self.fail("writing");
        Box::pin(async move { self.partial.run(PartialFile::restart).await.map_err(fail) })
    }

    fn write<'a>(&'a mut self, batch: WriteBatch, validator: &'a Validator) -> Pending<'a, Result<(), ErrorKind>> {
        Box::pin(self.write_to(None, batch, validator))
    }

    fn supports_parts(&self) -> bool {
        self.parts
    }

    fn write_at<'a>(
        &'a mut self,
        start: u64,
        batch: WriteBatch,
        validator: &'a Validator,
    ) -> Pending<'a, Result<(), ErrorKind>> {
        Box::pin(self.write_to(Some(start), batch, validator))
    }

    fn read_at(&mut self, start: u64, count: u64) -> Pending<'_, Result<Vec<u8>, ErrorKind>> {
        let fail = self.fail("reading the partial file of");
        let job = move |partial: &mut PartialFile| partial.read(start, count);
        Box::pin(async move { self.partial.run(job).await.map_err(fail) })
    }

    fn tail(&mut self, count: u64) -> Pending<'_, Result<Vec<u8>, ErrorKind>> {
        let fail = self.fail("reading the partial file of");
        let job = move |partial: &mut PartialFile| partial.tail(count);
        Box::pin(async move { self.partial.run(job).await.map_err(fail) })
    }

    fn finish<'a>(&'a mut self, validator: &'a Validator, bytes: u64) -> Pending<'a, Result<Finished, ErrorKind>> {
        let content_type = validator.content_type.as_deref();
        let name = self.target.name.resolve(validator.name.as_deref(), content_type);
        let overwrite = self.target.overwrite;
        let path = self.target.directory.join(&name);
        let choose_name = self.choose_name.take();
        let (server_name, content_type) = (validator.name.clone(), validator.content_type.clone());
        let job = move |partial: &mut PartialFile| {
            if partial.written() != bytes {
                let message = format!("{} of {bytes} bytes were written", partial.written());
                return Err(io::Error::other(message));
            }
            let sha256 = partial.digest()?;
            let name = match choose_name {
                Some(choose_name) => check_name(choose_name(&CompleteFile {
                    default_name: &name.to_string_lossy(),
                    name: server_name.as_deref(),
                    content_type: content_type.as_deref(),
                    bytes,
                })?)?,
                None => name,
            };
            match partial.finish(&name, overwrite) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(Err(name)),
                other => Ok(Ok((other?, sha256))),
            }
        };
        Box::pin(async move {
            let finished = self.partial.run(job).await;
            let renamed = finished.map_err(|source| io_error(&path, "writing", source))?;
            let (name, sha256) = renamed.map_err(|existing: OsString| {
                let path = self.target.directory.join(existing);
                ErrorKind::Download(DownloadError::Exists { path })
            })?;
            let path = Some(self.target.directory.join(name));
            Ok(Finished { path, sha256 })
        })
    }

    fn suspend<'a>(&'a mut self, validator: Option<&'a Validator>) -> Pending<'a, ()> {
        let validator = validator.cloned();
        Box::pin(async move {
            // The error of the current job is the one that suspends the download. The bytes it wrote count.
            let _ = self.partial.wait_idle().await;
            let job = move |partial: &mut PartialFile| partial.suspend(validator.as_ref());
            if let Err(error) = self.partial.run(job).await {
                tracing::warn!(%error, path = %self.target.path().display(), "saving the state of the download failed: it may not be resumable");
            }
        })
    }
}

/// Checks that a chosen name is a single path component.
fn check_name(name: OsString) -> io::Result<OsString> {
    let mut components = Path::new(&name).components();
    match (components.next(), components.next()) {
        (Some(Component::Normal(only)), None) if only == name => Ok(name),
        _ => Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            format!("invalid file name {name:?}: expected a single path component"),
        )),
    }
}

/// A value with blocking jobs that run one after the other on the blocking thread pool. The task that starts a job does not
/// wait for it.
struct BlockingWorker<T> {
    state: State<T>,
    /// The duration of the last finished job.
    last_duration: Duration,
}

enum State<T> {
    Idle(T),
    Busy(JoinHandle<Completed<T>>),
    /// A job panicked, or the runtime shut down.
    Lost,
}

/// The result of a job.
struct Completed<T> {
    value: T,
    result: io::Result<()>,
    took: Duration,
}

impl<T> Completed<T> {
    /// Runs a job.
    fn from_job(mut value: T, job: impl FnOnce(&mut T) -> io::Result<()>) -> Self {
        let started = Instant::now();
        let result = job(&mut value);
        let took = started.elapsed();
        Self { value, result, took }
    }
}

impl<T: Send + 'static> BlockingWorker<T> {
    fn new(value: T) -> Self {
        Self {
            state: State::Idle(value),
            last_duration: Duration::ZERO,
        }
    }

    /// Returns the duration of the last finished job.
    fn last_duration(&self) -> Duration {
        self.last_duration
    }

    /// Waits for the current job. Returns the value, or the error of the job.
    async fn wait_idle(&mut self) -> io::Result<&mut T> {
        if let State::Busy(job) = &mut self.state {
            // Cancelling this future does not affect the job.
            let completed = job.await;
            self.state = State::Lost;
            self.finish(completed.map_err(io::Error::other)?)?;
        }
        match &mut self.state {
            State::Idle(value) => Ok(value),
            _ => Err(lost()),
        }
    }

    /// Starts a job after the previous one, whose error is returned.
    async fn start(&mut self, job: impl FnOnce(&mut T) -> io::Result<()> + Send + 'static) -> io::Result<()> {
        let value = self.take().await?;
        self.state = State::Busy(spawn_blocking(|| Completed::from_job(value, job)));
        Ok(())
    }

    /// Runs a short job on this thread, after the previous one.
    async fn run_inline(&mut self, job: impl FnOnce(&mut T) -> io::Result<()>) -> io::Result<()> {
        let value = self.take().await?;
        self.finish(Completed::from_job(value, job))
    }

    async fn take(&mut self) -> io::Result<T> {
        self.wait_idle().await?;
        match std::mem::replace(&mut self.state, State::Lost) {
            State::Idle(value) => Ok(value),
            _ => Err(lost()),
        }
    }

    fn finish(&mut self, completed: Completed<T>) -> io::Result<()> {
        self.state = State::Idle(completed.value);
        self.last_duration = completed.took;
        completed.result
    }

    /// Runs a job and returns its result.
    async fn run<R: Send + 'static>(
        &mut self,
        job: impl FnOnce(&mut T) -> io::Result<R> + Send + 'static,
    ) -> io::Result<R> {
        let (sender, mut receiver) = tokio::sync::oneshot::channel();
        self.start(move |value| {
            let result = job(value)?;
            let _ = sender.send(result);
            Ok(())
        })
        .await?;
        self.wait_idle().await?;
        receiver.try_recv().map_err(io::Error::other)
    }
}

fn lost() -> io::Error {
    io::Error::other("an earlier job panicked or was cancelled")
}
