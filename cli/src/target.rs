//! Where a command writes a file: standard output, a path, or a directory.
//!
//! The rule for existing files is the same in all commands: a path that exists is refused, a name from the platform gets a
//! number in a directory, and `--overwrite` replaces in both cases.

use std::fs;
use std::io::{self, IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};

use clap::Args;
use larkspur::download::Overwrite;
use larkspur_codegen::command::output::Stop;
use tempfile::NamedTempFile;

use crate::exit_code::exists;

/// The option that all commands that write files share.
#[derive(Args, Clone, Copy)]
pub(crate) struct OverwriteOption {
    /// Replace existing files. Without this option a path that exists is refused, and a name from the platform that is taken
    /// gets a number.
    #[arg(long)]
    pub overwrite: bool,
}

impl OverwriteOption {
    /// Returns what a path that exists means for a download.
    pub(crate) fn for_path(self) -> Overwrite {
        if self.overwrite {
            Overwrite::Replace
        } else {
            Overwrite::Refuse
        }
    }

    /// Fails if a path exists and is not to be replaced.
    pub(crate) fn check(self, path: &Path) -> Result<(), Stop> {
        if !self.overwrite && path.symlink_metadata().is_ok() {
            return Err(exists(path));
        }
        Ok(())
    }

    /// Returns what a name that is taken means for a download to a directory.
    pub(crate) fn for_directory(self) -> Overwrite {
        if self.overwrite {
            Overwrite::Replace
        } else {
            Overwrite::Number
        }
    }
}

/// Where a command writes a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Target {
    Stdout,
    File(PathBuf),
    /// A directory, in which the platform names the file.
    Directory(PathBuf),
}

impl Target {
    /// Creates the target of a path, or of `-` for standard output. Checked before the request, so that a typo in the path is
    /// found early.
    pub(crate) fn new(path: &Path) -> Result<Self, Stop> {
        if is_stdout(path) {
            return Ok(Self::Stdout);
        }
        if path.is_dir() {
            return Ok(Self::Directory(path.to_owned()));
        }
        // A rename would replace `/dev/null`, a pipe or a socket by a regular file.
        if path.metadata().is_ok_and(|metadata| !metadata.is_file()) {
            return Err(Stop::unable(format!(
                "{} is not a regular file: redirect standard output to it",
                path.display()
            )));
        }
        let missing = match path.parent() {
            // `new/` means a directory, but `Path` ignores the separator.
            _ if path.as_os_str().to_string_lossy().ends_with(std::path::is_separator) => path,
            Some(parent) if !parent.as_os_str().is_empty() && !parent.is_dir() => parent,
            _ => return Ok(Self::File(path.to_owned())),
        };
        Err(missing_directory(missing))
    }

    /// Refuses to write the bytes of a file to a terminal.
    pub(crate) fn check_terminal(&self, option: &str) -> Result<(), Stop> {
        if *self == Self::Stdout && io::stdout().is_terminal() {
            return Err(Stop::unable(format!(
                "the response is a file and standard output is a terminal: add {option} FILE or {option} DIRECTORY"
            )));
        }
        Ok(())
    }
}

/// Returns whether a path means standard output.
pub(crate) fn is_stdout(path: &Path) -> bool {
    path.as_os_str() == "-"
}

/// Requires an existing directory, as creating one would hide a typo in the path.
pub(crate) fn check_directory(directory: &Path) -> Result<(), Stop> {
    if directory.is_dir() {
        Ok(())
    } else if is_stdout(directory) {
        Err(Stop::unable(
            "standard output holds one file only: choose a directory with --to",
        ))
    } else {
        Err(missing_directory(directory))
    }
}

fn missing_directory(directory: &Path) -> Stop {
    Stop::unable(format!(
        "no such directory: {}: create it first, or choose another path",
        directory.display()
    ))
}

/// A temporary file that gets its name when it is complete. Dropping it removes the file.
pub(crate) struct OutputFile {
    file: NamedTempFile,
    path: PathBuf,
    overwrite: bool,
}

impl OutputFile {
    /// Creates a file for a path. Fails if the path exists and is not to be replaced.
    pub(crate) fn create(path: &Path, overwrite: OverwriteOption) -> Result<Self, Stop> {
        overwrite.check(path)?;
        let directory = match path.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        };
        let file = create_temporary(directory).map_err(|error| write_error(path, &error))?;
        Ok(Self {
            file,
            path: path.to_owned(),
            overwrite: overwrite.overwrite,
        })
    }

    /// Writes bytes.
    pub(crate) fn write(&mut self, bytes: &[u8]) -> Result<(), Stop> {
        let written = self.file.write_all(bytes);
        written.map_err(|error| write_error(&self.path, &error))
    }

    /// Renames the complete file to its path, and returns the path.
    pub(crate) fn finish(self) -> Result<PathBuf, Stop> {
        let Self { file, path, overwrite } = self;
        file.as_file().sync_all().map_err(|error| write_error(&path, &error))?;
        let renamed = if overwrite {
            file.persist(&path)
        } else {
            file.persist_noclobber(&path)
        };
        match renamed {
            Ok(_) => Ok(path),
            Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => Err(exists(&path)),
            Err(error) => Err(write_error(&path, &error.error)),
        }
    }
}

fn create_temporary(directory: &Path) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".larkspur-").suffix(".part");
    #[cfg(unix)]
    {
        // The permissions of any new file, subject to the umask. The default is owner only.
        use std::os::unix::fs::PermissionsExt as _;
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    builder.tempfile_in(directory)
}

fn write_error(path: &Path, error: &io::Error) -> Stop {
    Stop::unable(format!("cannot write {}: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEEP: OverwriteOption = OverwriteOption { overwrite: false };
    const REPLACE: OverwriteOption = OverwriteOption { overwrite: true };

    #[test]
    fn output_file_is_complete_or_absent() -> Result<(), Box<dyn std::error::Error>> {
        let directory = tempfile::tempdir()?;
        let path = directory.path().join("file");
        let mut dropped = OutputFile::create(&path, KEEP).map_err(Stop::message)?;
        dropped.write(b"half").map_err(Stop::message)?;
        drop(dropped);
        assert_eq!(fs::read_dir(directory.path())?.count(), 0);

        for (text, overwrite) in [("new", KEEP), ("newer", REPLACE)] {
            let mut file = OutputFile::create(&path, overwrite).map_err(Stop::message)?;
            file.write(text.as_bytes()).map_err(Stop::message)?;
            file.finish().map_err(Stop::message)?;
            assert_eq!(fs::read_to_string(&path)?, text);
        }
        Ok(())
    }

    #[test]
    fn refuses_path_that_appears_meanwhile() -> Result<(), Box<dyn std::error::Error>> {
        let directory = tempfile::tempdir()?;
        let path = directory.path().join("file");
        let file = OutputFile::create(&path, KEEP).map_err(Stop::message)?;
        fs::write(&path, "of another program")?;
        assert!(file.finish().is_err());
        assert!(OutputFile::create(&path, KEEP).is_err());
        assert_eq!(fs::read_to_string(&path)?, "of another program");
        Ok(())
    }
}
