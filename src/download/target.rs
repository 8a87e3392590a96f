//! The name that a file gets once all of it is there.

use std::ffi::{OsStr, OsString};
use std::io;
use std::path::{Path, PathBuf};

use crate::byte_stream::numbered;
use crate::error::ErrorKind;
use crate::transfer::directory::Directory;

/// How many names are tried in a directory before it is given up.
const MAX_NAMES: u32 = 1000;
/// TargetName of a file for which the platform gave none.
const DEFAULT_NAME: &str = "download";

/// What to do where there is a file of that name already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Overwrite {
    /// The transfer fails, before anything is sent where that can be known. So it is with
    /// [`Download::to`](super::Download::to) unless set.
    Refuse,
    /// The file is replaced, in one step, once all of the new one is there. Of a symbolic link the link is
    /// replaced and not what it points to.
    Replace,
    /// The new file gets a number: `report (1).pdf`. So it is with [`Download::to_dir`](super::Download::to_dir)
    /// unless set.
    Number,
}

/// The name that a file is to get.
#[derive(Debug, Clone)]
pub(crate) enum TargetName {
    /// The user's own.
    Given(OsString),
    /// The server's, made safe.
    Served,
}

impl TargetName {
    /// The name, where the server gave this one.
    pub(crate) fn resolve(&self, served: Option<&str>) -> OsString {
        match self {
            Self::Given(name) => name.clone(),
            Self::Served => OsString::from(served.unwrap_or(DEFAULT_NAME)),
        }
    }

    /// What the partial file is called after.
    pub(crate) fn stem(&self) -> &OsStr {
        match self {
            Self::Given(name) => name,
            Self::Served => OsStr::new(DEFAULT_NAME),
        }
    }
}

/// Where a file is to be.
#[derive(Clone)]
pub(crate) struct Target {
    pub directory: PathBuf,
    pub name: TargetName,
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
            name: TargetName::Given(name.to_owned()),
            overwrite,
        })
    }

    /// Whether what is there can be replaced by a file. Renaming would put an ordinary one in place of `/dev/null`,
    /// a pipe or a socket.
    pub(crate) fn check(&self) -> Result<(), ErrorKind> {
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

    pub(crate) fn path(&self) -> PathBuf {
        self.directory.join(self.name.stem())
    }
}

/// Gives the partial file its name, and tells which it got.
pub(crate) fn place(
    directory: &Directory,
    partial: &OsStr,
    name: &OsStr,
    overwrite: Overwrite,
) -> io::Result<OsString> {
    match overwrite {
        Overwrite::Replace => directory.replace(partial, name).map(|()| name.to_owned()),
        Overwrite::Refuse => directory.rename(partial, name).map(|()| name.to_owned()),
        Overwrite::Number => number(directory, partial, &name.to_string_lossy(), name.to_owned()),
    }
}

fn number(directory: &Directory, partial: &OsStr, text: &str, mut name: OsString) -> io::Result<OsString> {
    for number in 1..=MAX_NAMES {
        match directory.rename(partial, &name) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => name = numbered(text, number).into(),
            Err(error) => return Err(error),
            Ok(()) => return Ok(name),
        }
    }
    Err(io::Error::other(format!(
        "there are {MAX_NAMES} files of the name {text:?}: give it another name with `to`"
    )))
}

fn refused(path: &Path, kind: &'static str) -> ErrorKind {
    io_error(path, "writing", io::Error::new(io::ErrorKind::InvalidInput, kind))
}

pub(crate) fn io_error(path: &Path, action: &'static str, source: io::Error) -> ErrorKind {
    ErrorKind::Io {
        path: path.to_owned(),
        action,
        source,
    }
}
