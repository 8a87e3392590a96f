//! Keeps what is generated in step with the spec: one plan, which is carried out or only looked at.
//!
//! All of the spec is read, checked and rendered to memory before anything is touched. A finding anywhere
//! means that nothing is written.

mod disk;
mod error;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::emit::{self, Output};
use crate::{Source, load};

pub use error::{Difference, GenerateError, State};

/// The package's manifest, which holds the block of features.
const MANIFEST: &str = "Cargo.toml";

/// The directory of the spec.
const SPEC: &str = "spec";

/// What [`write()`] did; both lists are empty where all was as it should be.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Report {
    /// Files that were written, relative to the root.
    pub written: Vec<PathBuf>,
    /// Files that were removed, relative to the root.
    pub removed: Vec<PathBuf>,
}

/// Writes what differs from what `root/spec` says, and removes what was generated once and no longer is.
///
/// `root` is the directory that has `spec/`, `generated/` and the `Cargo.toml` with the block of features.
/// Files that do not carry the generator's mark are never removed.
pub fn write(root: &Path) -> Result<Report, GenerateError> {
    let mut report = Report::default();
    let changes = plan(root)?;
    for path in changes.keys() {
        disk::refuse_links(root, path)?;
    }
    for (path, change) in changes {
        match change {
            Change::Write { text, .. } => {
                disk::write(root, &path, &text)?;
                report.written.push(path);
            }
            Change::Remove => {
                disk::remove(root, &path)?;
                report.removed.push(path);
            }
        }
    }
    Ok(report)
}

/// Fails if [`write()`] would do anything, and says what.
pub fn check(root: &Path) -> Result<(), GenerateError> {
    let differences: Vec<_> = plan(root)?
        .into_iter()
        .map(|(path, change)| Difference {
            path,
            state: change.state(),
        })
        .collect();
    if differences.is_empty() {
        Ok(())
    } else {
        Err(GenerateError::Differs(differences))
    }
}

/// Something that has to be done to a file.
enum Change {
    Write { text: String, exists: bool },
    Remove,
}

impl Change {
    fn state(&self) -> State {
        match self {
            Self::Write { exists: true, .. } => State::Stale,
            Self::Write { exists: false, .. } => State::Missing,
            Self::Remove => State::LeftOver,
        }
    }
}

/// Every change that is due, by path.
fn plan(root: &Path) -> Result<BTreeMap<PathBuf, Change>, GenerateError> {
    let wanted = wanted(root)?;
    let mut changes = BTreeMap::new();
    for path in disk::generated_files(root)? {
        if !wanted.contains_key(&path) {
            changes.insert(path, Change::Remove);
        }
    }
    for (path, text) in wanted {
        let found = disk::read(root, &path)?;
        if found.as_deref() != Some(text.as_bytes()) {
            changes.insert(
                path,
                Change::Write {
                    text,
                    exists: found.is_some(),
                },
            );
        }
    }
    Ok(changes)
}

/// Every file that there should be, with its text.
fn wanted(root: &Path) -> Result<Output, GenerateError> {
    let directory = root.join(SPEC);
    let source = Source::read_dir(&directory).map_err(|error| GenerateError::Io {
        action: "read",
        path: directory,
        error,
    })?;
    let api = match load(&source) {
        Ok(api) => api,
        Err(findings) => {
            return Err(GenerateError::Findings {
                findings,
                source: Box::new(source),
            });
        }
    };
    let mut wanted = emit::emit(&api)?;
    let manifest = disk::read_text(root, Path::new(MANIFEST))?;
    wanted.insert(
        MANIFEST.into(),
        emit::replace_features(&manifest, &emit::gated_projects(&api))?,
    );
    Ok(wanted)
}
