//! The target of a download: its directory, its name, and whether an existing file is replaced.

use std::ffi::{OsStr, OsString};
use std::io;
use std::path::{Path, PathBuf};

use crate::byte_stream::{add_number, default_name};
use crate::error::ErrorKind;
use crate::transfer::Directory;

/// The maximum number of numbered names that are tried.
const MAX_NAMES: u32 = 1000;
/// The stem of the names of partial files whose final name the platform returns.
const DEFAULT_NAME: &str = "download";

/// What to do if a file of that name exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Overwrite {
    /// Fails the download, before anything is sent if the name is known by then. The default of
    /// [`Download::to`](super::Download::to).
    Refuse,
    /// Replaces the file atomically once the new one is complete. A symbolic link is replaced, and not the file it points to.
    Replace,
    /// Adds a number to the name of the new file: `report (1).pdf`. The default of
    /// [`Download::to_dir`](super::Download::to_dir).
    Number,
}

/// The name of the finished file.
#[derive(Debug, Clone)]
pub(crate) enum TargetName {
    /// A name from the caller.
    Given(OsString),
    /// The sanitized name from the platform, or this one with the extension of the media type.
    FromServer(Option<String>),
}

impl TargetName {
    /// Returns the name, given the name and the media type from the platform.
    pub(crate) fn resolve(&self, server_name: Option<&str>, content_type: Option<&str>) -> OsString {
        match self {
            Self::Given(name) => name.clone(),
            Self::FromServer(default) => {
                let default = || default_name(default.as_deref(), content_type);
                OsString::from(server_name.map_or_else(default, str::to_owned))
            }
        }
    }

    /// Returns the name from which that of the partial file is derived.
    pub(crate) fn stem(&self) -> &OsStr {
        match self {
            Self::Given(name) => name,
            Self::FromServer(_) => OsStr::new(DEFAULT_NAME),
        }
    }
}

/// The target of a download to a file.
#[derive(Clone)]
pub(crate) struct Target {
    pub directory: PathBuf,
    pub name: TargetName,
    pub overwrite: Overwrite,
}

impl Target {
    /// Creates a target from a path.
    pub(crate) fn from_path(path: &Path, overwrite: Overwrite) -> Result<Self, ErrorKind> {
        let names_a_directory = path.as_os_str().to_string_lossy().ends_with(std::path::is_separator);
        let Some(name) = path.file_name().filter(|_| !names_a_directory) else {
            return Err(unsupported_target(
                path,
                "the path has no file name: use `to_dir` for a directory",
            ));
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

    /// Fails unless an existing target is a regular file. Renaming would replace `/dev/null`, a pipe or a socket.
    pub(crate) fn check(&self) -> Result<(), ErrorKind> {
        let path = self.path();
        match path.metadata() {
            Ok(found) if found.is_dir() => Err(unsupported_target(&path, "it is a directory: use `to_dir`")),
            Ok(found) if !found.is_file() => {
                Err(unsupported_target(&path, "it is not a regular file: use `to_writer`"))
            }
            _ => Ok(()),
        }
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.directory.join(self.name.stem())
    }
}

/// Renames the partial file to its final name, and returns the name.
pub(crate) fn rename_to_final(
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
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => name = add_number(text, number).into(),
            Err(error) => return Err(error),
            Ok(()) => return Ok(name),
        }
    }
    Err(io::Error::other(format!(
        "{MAX_NAMES} numbered files of the name {text:?} exist: choose another name with `to`"
    )))
}

fn unsupported_target(path: &Path, reason: &'static str) -> ErrorKind {
    io_error(path, "writing", io::Error::new(io::ErrorKind::InvalidInput, reason))
}

pub(crate) fn io_error(path: &Path, action: &'static str, source: io::Error) -> ErrorKind {
    ErrorKind::Io {
        path: path.to_owned(),
        action,
        source,
    }
}
