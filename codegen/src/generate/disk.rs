//! Files as they are, and how they change: whole or not at all.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::{fs, io};

use super::error::GenerateError;
use crate::emit;

/// The content of a file; `None` where there is none.
pub(super) fn read(root: &Path, path: &Path) -> Result<Option<Vec<u8>>, GenerateError> {
    let path = root.join(path);
    match fs::read(&path) {
        Ok(content) => Ok(Some(content)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(failed("read", path)(error)),
    }
}

/// The text of a file that has to be there.
pub(super) fn read_text(root: &Path, path: &Path) -> Result<String, GenerateError> {
    let path = root.join(path);
    fs::read_to_string(&path).map_err(failed("read", path))
}

/// The files below `generated/` that carry the generator's mark and are none of `except`, relative to `root`.
pub(super) fn generated_files(root: &Path, except: &BTreeSet<PathBuf>) -> Result<Vec<PathBuf>, GenerateError> {
    let mut found = Vec::new();
    let mut directories = vec![PathBuf::from(emit::DIRECTORY)];
    while let Some(directory) = directories.pop() {
        let absolute = root.join(&directory);
        let entries = match fs::read_dir(&absolute) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(error) => return Err(failed("read", absolute)(error)),
        };
        for entry in entries {
            let entry = entry.map_err(failed("read", absolute.clone()))?;
            let path = directory.join(entry.file_name());
            let kind = entry.file_type().map_err(failed("read", entry.path()))?;
            // Symbolic links are neither, and so are left alone.
            if kind.is_dir() {
                directories.push(path);
            } else if kind.is_file()
                && !except.contains(&path)
                && read(root, &path)?.is_some_and(|content| emit::is_generated(&content))
            {
                found.push(path);
            }
        }
    }
    Ok(found)
}

/// Writes a file beside its place and renames it, so that nobody ever sees half of it.
pub(super) fn write(root: &Path, path: &Path, text: &str) -> Result<(), GenerateError> {
    let path = root.join(path);
    crate::replace_file(&path, text.as_bytes()).map_err(failed("write", path))
}

/// Removes a file, and the directories that it leaves empty.
pub(super) fn remove(root: &Path, path: &Path) -> Result<(), GenerateError> {
    let absolute = root.join(path);
    match fs::remove_file(&absolute) {
        // Another build was faster, such as that of an editor.
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        result => result.map_err(failed("remove", absolute))?,
    }
    for directory in path
        .ancestors()
        .skip(1)
        .filter(|directory| directory.starts_with(emit::DIRECTORY))
    {
        // Fails where something is left in it, which is why this ends here.
        if directory == Path::new(emit::DIRECTORY) || fs::remove_dir(root.join(directory)).is_err() {
            break;
        }
    }
    Ok(())
}

/// Refuses to change anything behind a symbolic link, which could lead out of the repository.
pub(super) fn refuse_links(root: &Path, path: &Path) -> Result<(), GenerateError> {
    for directory in path
        .ancestors()
        .skip(1)
        .filter(|directory| !directory.as_os_str().is_empty())
    {
        let directory = root.join(directory);
        if directory.is_symlink() {
            let error = io::Error::other("it is a symbolic link; put a directory in its place");
            return Err(failed("change what is in", directory)(error));
        }
    }
    Ok(())
}

fn failed(action: &'static str, path: PathBuf) -> impl FnOnce(io::Error) -> GenerateError {
    move |error| GenerateError::Io { action, path, error }
}
