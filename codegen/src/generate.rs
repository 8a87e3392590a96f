//! Keeps what is generated in step with the spec: one plan, which is carried out or only looked at.
//!
//! All of the spec is read, checked and rendered to memory before anything is touched. A finding anywhere
//! means that nothing is written.

mod disk;
mod error;
mod plan;
mod record;

use std::path::{Path, PathBuf};

use plan::Change;
use record::Store;

pub use error::{Difference, GenerateError, State};

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
/// Files that do not carry the generator's mark are never removed. What it found out is kept in `root/target`, where the
/// next run of this program saves the time; any damage to it costs no more than that.
pub fn write(root: &Path) -> Result<Report, GenerateError> {
    let mut report = Report::default();
    let store = Store::open(root);
    let memory = store.as_ref().map(Store::memory);
    let changes = plan::changes(root, memory.as_ref())?;
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
    if let (Some(memory), Some(store)) = (memory, &store) {
        memory.save(store);
    }
    Ok(report)
}

/// Fails if [`write()`] would do anything, and says what.
///
/// It reads and renders everything, whatever earlier runs have kept.
pub fn check(root: &Path) -> Result<(), GenerateError> {
    let differences: Vec<_> = plan::changes(root, None)?
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
