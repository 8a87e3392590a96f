//! The block of the package's manifest that has one cargo feature for each project.

use std::collections::BTreeSet;

use crate::model::Api;

/// Line before the block.
const BEGIN: &str = "# @generated features: begin";

/// Line behind the block.
const END: &str = "# @generated features: end";

/// Projects without a feature of their own: the client itself fetches its tokens with their endpoints.
const ALWAYS: &[&str] = &["auth", "authen"];

/// Why the block cannot be replaced.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FeatureBlockError {
    /// A line is not there, or not in its place.
    #[error(
        "Cargo.toml has no line `{0}`, or it stands before the line that should precede it; under [features] put the two lines `{BEGIN}` and `{END}`"
    )]
    Missing(&'static str),
    /// A line is there twice.
    #[error("Cargo.toml has the line `{0}` more than once; keep one")]
    Repeated(&'static str),
}

/// Whether the project is behind a feature of its own.
pub(super) fn is_gated(project: &str) -> bool {
    !ALWAYS.contains(&project)
}

/// The projects that have a feature, sorted.
pub fn gated_projects(api: &Api) -> BTreeSet<&str> {
    let projects = api.modules.iter().map(|module| module.project.as_str());
    projects.filter(|project| is_gated(project)).collect()
}

/// `manifest` with its block replaced; all else stays as it is.
pub fn replace_features(manifest: &str, projects: &BTreeSet<&str>) -> Result<String, FeatureBlockError> {
    let begin = only_line(manifest, BEGIN)?;
    let end = only_line(manifest, END)?;
    if end < begin {
        return Err(FeatureBlockError::Missing(END));
    }
    let head = &manifest[..begin + BEGIN.len()];
    let tail = &manifest[end..];
    let lines: String = projects.iter().map(|project| format!("{project} = []\n")).collect();
    Ok(format!("{head}\n{lines}{tail}"))
}

/// Where the one line with this text begins.
fn only_line(manifest: &str, text: &'static str) -> Result<usize, FeatureBlockError> {
    let mut at = 0;
    let mut found = None;
    for line in manifest.split_inclusive('\n') {
        if line.trim_end() == text && found.replace(at).is_some() {
            return Err(FeatureBlockError::Repeated(text));
        }
        at += line.len();
    }
    found.ok_or(FeatureBlockError::Missing(text))
}
