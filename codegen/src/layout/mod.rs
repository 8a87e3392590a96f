//! The one layout of a spec file: `spec fmt`.
//!
//! What a file says must never change by this. So the text is written anew from the parser's events, and then
//! held against the old one: the same values, the same comments, the same API. Where that fails the file stays
//! as it is.

mod block;
mod comments;
mod editor;
mod inline;
mod merge;
mod order;
mod read;
mod scalar;
mod verify;

pub(crate) use merge::merged;

use crate::finding::{self, Findings};
use crate::model::Origin;
use crate::read::Reader;
use crate::yaml::{self, Node};

/// Longer lines are broken where YAML allows it.
const WIDTH: usize = 120;

/// What two passes have not settled, four will not.
const MAX_PASSES: usize = 4;

/// Why a file keeps the layout that it has.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LayoutError {
    /// It is no YAML that the format allows.
    #[error("{0}")]
    Findings(Findings),
    /// The new text would not say the same.
    #[error("{path}: left as it is, since {reason}; please report this file")]
    Unsure {
        /// The file.
        path: String,
        /// What would change.
        reason: &'static str,
    },
}

/// The text of a spec file in its canonical layout. `path` is `spec/<project>/<version>/<resource>.yaml`.
pub fn layout(path: &str, bytes: &[u8]) -> Result<String, LayoutError> {
    let (before, tree) = parsed(path, bytes)?;
    let unsure = |reason| LayoutError::Unsure {
        path: path.to_owned(),
        reason,
    };
    let mut text = editor::with_line(&before);
    for _ in 0..MAX_PASSES {
        let next = once(&text).ok_or_else(|| unsure("its comments cannot be placed"))?;
        if next == text {
            verify::same(path, (&before, &tree), &text).map_err(unsure)?;
            return Ok(text);
        }
        text = next;
    }
    Err(unsure("its layout does not settle"))
}

/// A text as a YAML scalar on one line.
pub(crate) fn scalar(text: &str) -> String {
    let scalar = read::Scalar {
        text: text.to_owned(),
        style: granit_parser::ScalarStyle::DoubleQuoted,
    };
    scalar::line(&scalar, scalar::Where::Block)
}

/// One pass over a text.
fn once(text: &str) -> Option<String> {
    let document = read::document(text)?;
    Some(block::text(&document))
}

/// The text of a file and what it says, or all that keeps it from being YAML of the format.
fn parsed(path: &str, bytes: &[u8]) -> Result<(String, Node), LayoutError> {
    let paths = [path];
    let mut reader = Reader::new(&paths);
    let start = Origin {
        line: 1,
        column: 1,
        ..Origin::default()
    };
    if let Some(text) = crate::read::check_text(&mut reader, start, bytes) {
        // A mark at the beginning and Windows line ends say nothing.
        let text = text.strip_prefix('\u{feff}').unwrap_or(text).replace("\r\n", "\n");
        match yaml::parse(0, &text) {
            Ok(tree) => return Ok((text, tree)),
            Err(error) => reader.report(finding::YAML_SYNTAX, error.origin, error.message),
        }
    }
    Err(LayoutError::Findings(Findings::new(reader.findings)))
}
