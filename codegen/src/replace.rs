//! Atomic file replacement.

use std::fs;
use std::io::{self, Write as _};
use std::path::Path;

/// Writes a file atomically: to a temporary file in the same directory, followed by a rename.
///
/// Creates missing parent directories. An existing file keeps its permissions; a symbolic link is replaced by a file.
pub fn replace_file(path: &Path, content: &[u8]) -> io::Result<()> {
    let directory = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(directory)?;
    let mut builder = tempfile::Builder::new();
    // Temporary files are private by default; generated sources must be readable.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let mut file = builder.tempfile_in(directory)?;
    file.write_all(content)?;
    if let Ok(before) = fs::metadata(path) {
        file.as_file().set_permissions(before.permissions())?;
    }
    file.persist(path)?;
    Ok(())
}
