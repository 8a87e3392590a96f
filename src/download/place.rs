//! The name that a file gets once all of it is there.

use std::ffi::{OsStr, OsString};
use std::io;

use super::directory::Directory;
use crate::byte_stream::numbered;

/// How many names are tried in a directory before it is given up.
const MOST_NAMES: u32 = 1000;
/// Name of a file for which the platform gave none.
const NAMELESS: &str = "download";

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
pub(crate) enum Name {
    /// The user's own.
    Given(OsString),
    /// The server's, made safe.
    Served,
}

impl Name {
    /// The name, where the server gave this one.
    pub(crate) fn resolve(&self, served: Option<&str>) -> OsString {
        match self {
            Self::Given(name) => name.clone(),
            Self::Served => OsString::from(served.unwrap_or(NAMELESS)),
        }
    }

    /// What the partial file is called after.
    pub(crate) fn stem(&self) -> &OsStr {
        match self {
            Self::Given(name) => name,
            Self::Served => OsStr::new(NAMELESS),
        }
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
    for number in 1..=MOST_NAMES {
        match directory.rename(partial, &name) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => name = numbered(text, number).into(),
            Err(error) => return Err(error),
            Ok(()) => return Ok(name),
        }
    }
    Err(io::Error::other(format!(
        "there are {MOST_NAMES} files of the name {text:?}: give it another name with `to`"
    )))
}
