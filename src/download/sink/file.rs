//! A file in a directory: whole under its name, or partial under another.

use std::ffi::OsString;
use std::io;
use std::path::{Component, Path};
use std::time::Duration;

use super::worker::BlockingWorker;
use super::{Finished, Sink};
use crate::download::batch::WriteBatch;
use crate::download::byte_spans::ByteSpans;
use crate::download::partial_file::{self, OpenOptions, PartialFile, PartialFileKey};
use crate::download::target::{Overwrite, Target, TargetName, io_error};
use crate::download::validator::Validator;
use crate::error::{DownloadError, ErrorKind};
use crate::store::Pending;
use crate::transfer::directory::Directory;

/// How many bytes one call writes.
const BATCH: usize = 256 * 1024;
/// What no write takes that goes to memory, where the system keeps it until the disk has time.
const SLOW: Duration = Duration::from_millis(20);

/// What an earlier transfer left: of which validator, and which bytes.
pub(crate) type ResumePoint = Option<(Validator, ByteSpans)>;

/// Gives a file its name, once its bytes are there: of the platform's name and their number.
pub(crate) type ChooseName = Box<dyn FnOnce(Option<&str>, u64) -> io::Result<OsString> + Send>;

/// A file in a directory.
pub(crate) struct FileSink {
    target: Target,
    partial: BlockingWorker<PartialFile>,
    choose: Option<ChooseName>,
    pieces: bool,
    /// Whether a batch is only written. Where the last one took no longer than the copies that the receiving of the same
    /// bytes takes, the next is written at once: handing it to another thread, with cold caches, would cost more.
    at_once: bool,
}

impl FileSink {
    /// The partial file for this target, which nobody else writes.
    pub(crate) async fn open(
        target: Target,
        belonging: PartialFileKey,
        how: OpenOptions,
    ) -> Result<(Self, ResumePoint), ErrorKind> {
        let opening = target.clone();
        let opened = tokio::task::spawn_blocking(move || open(&opening, belonging, how))
            .await
            .unwrap_or_else(|error| Err(io_error(&target.directory, "opening", io::Error::other(error))));
        let (partial, taken_up) = opened?;
        let sink = Self {
            target,
            partial: BlockingWorker::new(partial),
            choose: None,
            pieces: how.pieces,
            // A digest takes far longer than a write.
            at_once: !how.digest,
        };
        Ok((sink, taken_up))
    }

    /// Lets this choose the name in place of the target's.
    pub(crate) fn choose(&mut self, choose: Option<ChooseName>) {
        self.choose = choose;
    }

    /// Writes at this position, or behind the beginning that is there.
    async fn write_to(
        &mut self,
        position: Option<u64>,
        batch: WriteBatch,
        validator: &Validator,
    ) -> Result<(), ErrorKind> {
        let fail = self.fail("writing");
        let partial = self.partial.settled().await.map_err(&fail)?;
        // What comes in one batch is not worth a sidecar: after a fault there will be one, see `suspend`.
        let small = !self.pieces && validator.total.is_some_and(|total| total <= BATCH as u64);
        let described = small || partial.is_described();
        if self.at_once && described && self.partial.took() < SLOW {
            let job = |partial: &mut PartialFile| partial.write(position, &batch.into_chunks());
            return self.partial.do_here(job).await.map_err(fail);
        }
        let validator = validator.clone();
        let job = move |partial: &mut PartialFile| {
            if !described {
                partial.describe(&validator)?;
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

fn open(target: &Target, belonging: PartialFileKey, how: OpenOptions) -> Result<(PartialFile, ResumePoint), ErrorKind> {
    let fail = |source| io_error(&target.directory, "opening a partial file in", source);
    let directory = Directory::open(&target.directory).map_err(fail)?;
    let stem = target.name.stem();
    if let TargetName::Given(name) = &target.name {
        target.check()?;
        if target.overwrite == Overwrite::Refuse && directory.has(name).map_err(fail)? {
            partial_file::clean(&directory, stem, &belonging.request).map_err(fail)?;
            return Err(ErrorKind::Download(DownloadError::Exists { path: target.path() }));
        }
    }
    let partial = PartialFile::open(directory, stem, belonging, how).map_err(fail)?;
    let Some(mut partial) = partial else {
        return Err(ErrorKind::Download(DownloadError::Busy { path: target.path() }));
    };
    let taken_up = match how.resume {
        true => partial.take_up().map_err(fail)?,
        false => partial.restart().map(|()| None).map_err(fail)?,
    };
    Ok((partial, taken_up))
}

impl Sink for FileSink {
    fn batch(&self) -> usize {
        BATCH
    }

    fn restart<'a>(&'a mut self, _: &'a Validator) -> Pending<'a, Result<(), ErrorKind>> {
        let fail = self.fail("writing");
        Box::pin(async move { self.partial.run(PartialFile::restart).await.map_err(fail) })
    }

    fn write<'a>(&'a mut self, batch: WriteBatch, validator: &'a Validator) -> Pending<'a, Result<(), ErrorKind>> {
        Box::pin(self.write_to(None, batch, validator))
    }

    fn takes_pieces(&self) -> bool {
        self.pieces
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
        let fail = self.fail("reading what is there of");
        let job = move |partial: &mut PartialFile| partial.read(start, count);
        Box::pin(async move { self.partial.run(job).await.map_err(fail) })
    }

    fn tail(&mut self, count: u64) -> Pending<'_, Result<Vec<u8>, ErrorKind>> {
        let fail = self.fail("reading what is there of");
        let job = move |partial: &mut PartialFile| partial.tail(count);
        Box::pin(async move { self.partial.run(job).await.map_err(fail) })
    }

    fn finish<'a>(&'a mut self, validator: &'a Validator, bytes: u64) -> Pending<'a, Result<Finished, ErrorKind>> {
        let name = self.target.name.resolve(validator.name.as_deref());
        let overwrite = self.target.overwrite;
        let path = self.target.directory.join(&name);
        let (choose, served) = (self.choose.take(), validator.name.clone());
        let job = move |partial: &mut PartialFile| {
            if partial.written() != bytes {
                let kind = format!("{} bytes were written of {bytes}", partial.written());
                return Err(io::Error::other(kind));
            }
            let sha256 = partial.digest()?;
            let name = match choose {
                Some(choose) => chosen(choose(served.as_deref(), bytes)?)?,
                None => name,
            };
            match partial.finish(&name, overwrite) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(Err(name)),
                other => Ok(Ok((other?, sha256))),
            }
        };
        Box::pin(async move {
            let finished = self.partial.run(job).await;
            let placed = finished.map_err(|source| io_error(&path, "writing", source))?;
            let (name, sha256) = placed.map_err(|taken: OsString| {
                let path = self.target.directory.join(taken);
                ErrorKind::Download(DownloadError::Exists { path })
            })?;
            let path = Some(self.target.directory.join(name));
            Ok(Finished { path, sha256 })
        })
    }

    fn suspend<'a>(&'a mut self, validator: Option<&'a Validator>) -> Pending<'a, ()> {
        let validator = validator.cloned();
        Box::pin(async move {
            // The error of a job that was under way has been told, or will be: what it wrote counts.
            let _ = self.partial.settled().await;
            let job = move |partial: &mut PartialFile| partial.suspend(validator.as_ref());
            if let Err(error) = self.partial.run(job).await {
                tracing::warn!(%error, path = %self.target.path().display(), "the partial file may be of no use");
            }
        })
    }
}

/// A name that was chosen, if it leads nowhere else.
fn chosen(name: OsString) -> io::Result<OsString> {
    let mut components = Path::new(&name).components();
    match (components.next(), components.next()) {
        (Some(Component::Normal(only)), None) if only == name => Ok(name),
        _ => Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            format!("{name:?} is no name of a file: choose a single component of a path"),
        )),
    }
}
