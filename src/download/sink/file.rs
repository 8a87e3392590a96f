//! A file in a directory: whole under its name, or partial under another.

use std::ffi::OsString;
use std::io;
use std::path::{Component, Path, PathBuf};
use std::time::Duration;

use super::{Finished, Sink};
use crate::download::batch::Batch;
use crate::download::directory::Directory;
use crate::download::done::Done;
use crate::download::partial::{self, Belonging, Opening, Partial};
use crate::download::place::{Name, Overwrite};
use crate::download::version::Version;
use crate::download::worker::Worker;
use crate::error::{DownloadError, ErrorKind};
use crate::store::Pending;

/// How many bytes one call writes.
const BATCH: usize = 256 * 1024;
/// What no write takes that goes to memory, where the system keeps it until the disk has time.
const SLOW: Duration = Duration::from_millis(20);

/// Where a file is to be.
#[derive(Clone)]
pub(crate) struct Target {
    pub directory: PathBuf,
    pub name: Name,
    pub overwrite: Overwrite,
}

impl Target {
    /// A file of this path.
    pub(crate) fn at(path: &Path, overwrite: Overwrite) -> Result<Self, ErrorKind> {
        let names_a_directory = path.as_os_str().to_string_lossy().ends_with(std::path::is_separator);
        let Some(name) = path.file_name().filter(|_| !names_a_directory) else {
            return Err(refused(path, "it names no file: use `to_dir` for a directory"));
        };
        let directory = match path.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
            _ => PathBuf::from("."),
        };
        Ok(Self {
            directory,
            name: Name::Given(name.to_owned()),
            overwrite,
        })
    }

    /// Whether what is there can be replaced by a file. Renaming would put an ordinary one in place of `/dev/null`,
    /// a pipe or a socket.
    fn check(&self) -> Result<(), ErrorKind> {
        let path = self.path();
        match path.metadata() {
            Ok(there) if there.is_dir() => Err(refused(
                &path,
                "it is a directory: use `to_dir`, which takes the server's name",
            )),
            Ok(there) if !there.is_file() => Err(refused(
                &path,
                "it is a device, a pipe or a socket, and only a file can be replaced: use `to_writer`",
            )),
            _ => Ok(()),
        }
    }

    fn path(&self) -> PathBuf {
        self.directory.join(self.name.stem())
    }
}

/// What an earlier transfer left: of which version, and which bytes.
pub(crate) type TakenUp = Option<(Version, Done)>;

/// Gives a file its name, once its bytes are there: of the platform's name and their number.
pub(crate) type Choose = Box<dyn FnOnce(Option<&str>, u64) -> io::Result<OsString> + Send>;

/// A file in a directory.
pub(crate) struct FileSink {
    target: Target,
    partial: Worker<Partial>,
    choose: Option<Choose>,
    pieces: bool,
    /// Whether a batch is only written. Where the last one took no longer than the copies that the receiving of the same
    /// bytes takes, the next is written at once: handing it to another thread, with cold caches, would cost more.
    at_once: bool,
}

impl FileSink {
    /// The partial file for this target, which nobody else writes.
    pub(crate) async fn open(target: Target, belonging: Belonging, how: Opening) -> Result<(Self, TakenUp), ErrorKind> {
        let opening = target.clone();
        let opened = tokio::task::spawn_blocking(move || open(&opening, belonging, how))
            .await
            .unwrap_or_else(|error| Err(local(&target.directory, "opening", io::Error::other(error))));
        let (partial, taken_up) = opened?;
        let sink = Self {
            target,
            partial: Worker::new(partial),
            choose: None,
            pieces: how.pieces,
            // A digest takes far longer than a write.
            at_once: !how.digest,
        };
        Ok((sink, taken_up))
    }

    /// Lets this choose the name in place of the target's.
    pub(crate) fn choose(&mut self, choose: Option<Choose>) {
        self.choose = choose;
    }

    /// Writes at this position, or behind the beginning that is there.
    async fn write_to(&mut self, position: Option<u64>, batch: Batch, version: &Version) -> Result<(), ErrorKind> {
        let fail = self.fail("writing");
        let partial = self.partial.settled().await.map_err(&fail)?;
        // What comes in one batch is not worth a sidecar: after a fault there will be one, see `suspend`.
        let small = !self.pieces && version.total.is_some_and(|total| total <= BATCH as u64);
        let described = small || partial.is_described();
        if self.at_once && described && self.partial.took() < SLOW {
            let job = |partial: &mut Partial| partial.write(position, &batch.into_chunks());
            return self.partial.do_here(job).await.map_err(fail);
        }
        let version = version.clone();
        let job = move |partial: &mut Partial| {
            if !described {
                partial.describe(&version)?;
            }
            partial.write(position, &batch.into_chunks())
        };
        self.partial.start(job).await.map_err(fail)
    }

    fn fail(&self, action: &'static str) -> impl Fn(io::Error) -> ErrorKind + use<> {
        let path = self.target.path();
        move |source| local(&path, action, source)
    }
}

fn open(target: &Target, belonging: Belonging, how: Opening) -> Result<(Partial, TakenUp), ErrorKind> {
    let fail = |source| local(&target.directory, "opening a partial file in", source);
    let directory = Directory::open(&target.directory).map_err(fail)?;
    let stem = target.name.stem();
    if let Name::Given(name) = &target.name {
        target.check()?;
        if target.overwrite == Overwrite::Refuse && directory.has(name).map_err(fail)? {
            partial::clean(&directory, stem, &belonging.request).map_err(fail)?;
            return Err(ErrorKind::Download(DownloadError::Exists { path: target.path() }));
        }
    }
    let partial = Partial::open(directory, stem, belonging, how).map_err(fail)?;
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

    fn restart<'a>(&'a mut self, _: &'a Version) -> Pending<'a, Result<(), ErrorKind>> {
        let fail = self.fail("writing");
        Box::pin(async move { self.partial.run(Partial::restart).await.map_err(fail) })
    }

    fn write<'a>(&'a mut self, batch: Batch, version: &'a Version) -> Pending<'a, Result<(), ErrorKind>> {
        Box::pin(self.write_to(None, batch, version))
    }

    fn takes_pieces(&self) -> bool {
        self.pieces
    }

    fn write_at<'a>(
        &'a mut self,
        start: u64,
        batch: Batch,
        version: &'a Version,
    ) -> Pending<'a, Result<(), ErrorKind>> {
        Box::pin(self.write_to(Some(start), batch, version))
    }

    fn read_at(&mut self, start: u64, count: u64) -> Pending<'_, Result<Vec<u8>, ErrorKind>> {
        let fail = self.fail("reading what is there of");
        let job = move |partial: &mut Partial| partial.read(start, count);
        Box::pin(async move { self.partial.run(job).await.map_err(fail) })
    }

    fn tail(&mut self, count: u64) -> Pending<'_, Result<Vec<u8>, ErrorKind>> {
        let fail = self.fail("reading what is there of");
        let job = move |partial: &mut Partial| partial.tail(count);
        Box::pin(async move { self.partial.run(job).await.map_err(fail) })
    }

    fn finish<'a>(&'a mut self, version: &'a Version, bytes: u64) -> Pending<'a, Result<Finished, ErrorKind>> {
        let name = self.target.name.resolve(version.name.as_deref());
        let overwrite = self.target.overwrite;
        let path = self.target.directory.join(&name);
        let (choose, served) = (self.choose.take(), version.name.clone());
        let job = move |partial: &mut Partial| {
            if partial.written() != bytes {
                let problem = format!("{} bytes were written of {bytes}", partial.written());
                return Err(io::Error::other(problem));
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
            let placed = finished.map_err(|source| local(&path, "writing", source))?;
            let (name, sha256) = placed.map_err(|taken: OsString| {
                let path = self.target.directory.join(taken);
                ErrorKind::Download(DownloadError::Exists { path })
            })?;
            let path = Some(self.target.directory.join(name));
            Ok(Finished { path, sha256 })
        })
    }

    fn suspend<'a>(&'a mut self, version: Option<&'a Version>) -> Pending<'a, ()> {
        let version = version.cloned();
        Box::pin(async move {
            // The error of a job that was under way has been told, or will be: what it wrote counts.
            let _ = self.partial.settled().await;
            let job = move |partial: &mut Partial| partial.suspend(version.as_ref());
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

fn refused(path: &Path, problem: &'static str) -> ErrorKind {
    local(path, "writing", io::Error::new(io::ErrorKind::InvalidInput, problem))
}

fn local(path: &Path, action: &'static str, source: io::Error) -> ErrorKind {
    ErrorKind::Io {
        path: path.to_owned(),
        action,
        source,
    }
}
