//! Which part of the spec is asked about.

use std::path::{Path, PathBuf};

use larkspur_codegen::Source;

use crate::stop::Stop;

/// Files and directories of the spec, as findings name them; all of it where there is none.
pub(super) struct Chosen(Vec<String>);

impl Chosen {
    /// Whether a file of the spec is one of them or lies in one of them.
    pub(super) fn has(&self, file: &str) -> bool {
        self.0.is_empty() || self.0.iter().any(|name| lies_in(file, name))
    }
}

/// Finds paths in the spec that was read from `directory`.
pub(super) fn chosen(paths: &[PathBuf], directory: Option<&Path>, source: &Source) -> Result<Chosen, Stop> {
    let names = paths.iter().map(|path| {
        let name = match directory {
            Some(directory) => name(path, directory)?,
            None => path
                .to_string_lossy()
                .trim_start_matches("./")
                .trim_end_matches('/')
                .to_owned(),
        };
        if source.files().any(|(file, _)| lies_in(file, &name)) {
            Ok(name)
        } else {
            Err(Stop::unable(format!(
                "there is no file of the spec in {}",
                path.display()
            )))
        }
    });
    Ok(Chosen(names.collect::<Result<_, _>>()?))
}

fn lies_in(file: &str, name: &str) -> bool {
    file.strip_prefix(name)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// `spec/drive` for a path to the directory `drive` of the spec.
fn name(path: &Path, directory: &Path) -> Result<String, Stop> {
    let real = |path: &Path| {
        let found = path.canonicalize();
        found.map_err(|error| Stop::unable(format!("cannot find {}: {error}", path.display())))
    };
    let (path, directory) = (real(path)?, real(directory)?);
    if directory.starts_with(&path) {
        return Ok("spec".to_owned());
    }
    let Ok(below) = path.strip_prefix(&directory) else {
        let (path, directory) = (path.display(), directory.display());
        return Err(Stop::unable(format!("{path} is not in the spec, which is {directory}")));
    };
    let parts = below.iter().map(|part| format!("/{}", part.to_string_lossy()));
    Ok(format!("spec{}", parts.collect::<String>()))
}
