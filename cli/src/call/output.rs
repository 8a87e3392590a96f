//! Where an answer goes: to standard output, or to a file that is there whole or not at all.

use std::io::{self, IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};

use larkspur::{ByteStream, Saved};
use tempfile::NamedTempFile;

use super::layout::{Layout, lay_out};
use crate::output;
use crate::stop::Stop;

/// Where an answer of JSON goes, which may come in several texts.
pub(super) enum Output {
    Screen(Layout),
    /// Beside its later place until it is whole.
    File(NamedTempFile, PathBuf),
}

impl Output {
    /// A file of this name, else standard output.
    pub(super) fn new(path: Option<&Path>) -> Result<Self, Stop> {
        let Some(path) = path.filter(|path| path.as_os_str() != "-") else {
            let layout = match io::stdout().is_terminal() {
                true => Layout::Pretty,
                false => Layout::Compact,
            };
            return Ok(Self::Screen(layout));
        };
        let directory = directory_of(path)?;
        let file = temporary(directory).map_err(|error| cannot(path, &error))?;
        Ok(Self::File(file, path.to_owned()))
    }

    /// One value, which other lines follow: on one line for programs.
    pub(super) fn line(&mut self, json: &str) -> Result<(), Stop> {
        self.write(&lay_out(json, Layout::Compact))
    }

    /// The one value that comes.
    pub(super) fn value(&mut self, json: &str) -> Result<(), Stop> {
        let layout = match self {
            Self::Screen(layout) => *layout,
            Self::File(..) => Layout::Pretty,
        };
        self.write(&lay_out(json, layout))
    }

    fn write(&mut self, text: &str) -> Result<(), Stop> {
        match self {
            Self::Screen(_) => {
                let mut output = output::plain();
                writeln!(output, "{text}")?;
                output.flush()?;
            }
            Self::File(file, path) => writeln!(file, "{text}").map_err(|error| cannot(path, &error))?,
        }
        Ok(())
    }

    /// All has come.
    pub(super) fn finish(self) -> Result<(), Stop> {
        if let Self::File(file, path) = self {
            file.as_file().sync_all().map_err(|error| cannot(&path, &error))?;
            file.persist(&path).map_err(|error| cannot(&path, &error.error))?;
        }
        Ok(())
    }
}

fn temporary(directory: &Path) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".larkspur-").suffix(".part");
    #[cfg(unix)]
    {
        // As any new file, less what the umask takes; the default would be for its owner alone.
        use std::os::unix::fs::PermissionsExt as _;
        builder.permissions(std::fs::Permissions::from_mode(0o666));
    }
    builder.tempfile_in(directory)
}

/// Looks before anything is sent: an answer must not end in a slip of the path.
pub(super) fn directory_of(path: &Path) -> Result<&Path, Stop> {
    if path.is_dir() {
        return Err(Stop::unable(format!(
            "{} is a directory: give the file in it",
            path.display()
        )));
    }
    // Renaming would put an ordinary file in place of `/dev/null`, a pipe or a socket.
    if path.metadata().is_ok_and(|metadata| !metadata.is_file()) {
        return Err(Stop::unable(format!(
            "{} is no ordinary file: write to it with `>`",
            path.display()
        )));
    }
    let directory = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    match directory.is_dir() {
        true => Ok(directory),
        false => Err(Stop::unable(format!(
            "there is no directory {}: make it first, or give another file",
            directory.display()
        ))),
    }
}

/// Refuses to write bytes where a person would have to read them.
pub(super) fn can_take_bytes(path: Option<&Path>) -> Result<(), Stop> {
    match path.filter(|path| path.as_os_str() != "-") {
        Some(path) if path.is_dir() => Ok(()),
        Some(path) => directory_of(path).map(|_| ()),
        None if io::stdout().is_terminal() => {
            let problem = "the answer is a file, and standard output a terminal: add -o FILE or -o DIRECTORY";
            Err(Stop::unable(problem))
        }
        None => Ok(()),
    }
}

/// Writes a file to its place, or its bytes to standard output.
pub(super) async fn write_bytes(mut download: ByteStream, path: Option<&Path>) -> Result<(), Stop> {
    let Some(path) = path.filter(|path| path.as_os_str() != "-") else {
        while let Some(chunk) = download.chunk().await.map_err(Stop::failed)? {
            let mut output = output::plain();
            output.write_all(&chunk)?;
            output.flush()?;
        }
        return Ok(());
    };
    let saved = if path.is_dir() {
        download.save_in(path).await
    } else {
        download.save(path).await
    };
    let Saved { path, bytes, .. } = saved.map_err(Stop::failed)?;
    output::line(format!("{} ({bytes} bytes)", path.display()))?;
    Ok(())
}

fn cannot(path: &Path, error: &io::Error) -> Stop {
    Stop::unable(format!("cannot write {}: {error}", path.display()))
}
