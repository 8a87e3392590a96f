//! The repository around the working directory, if there is one.

use std::path::{Path, PathBuf};

/// The nearest directory, from the working directory upwards, that holds a spec and its generator.
pub(crate) fn around_here() -> Option<PathBuf> {
    let here = std::env::current_dir().ok()?;
    here.ancestors().find(|path| is_repository(path)).map(Path::to_owned)
}

fn is_repository(path: &Path) -> bool {
    path.join("spec").is_dir() && path.join("codegen/Cargo.toml").is_file()
}
