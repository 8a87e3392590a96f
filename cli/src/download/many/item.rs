//! A file that is wanted.

use std::fmt::{self, Write as _};

use ring::digest::{Context, SHA256};

use crate::download::request::Shape;

/// What tells a file that is wanted from all others, in later runs too: a digest of host, endpoint and parameters.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct ItemId(String);

/// A line of the list.
#[derive(Debug, Clone)]
pub(crate) struct Item {
    pub id: ItemId,
    /// Token of the file, which people know it by.
    pub token: String,
    /// Values of the fields of the shape.
    pub values: Vec<Option<String>>,
    /// The name that the list gives it, made safe.
    pub name: Option<String>,
    /// Where it stands in the list.
    pub line: usize,
}

impl ItemId {
    /// How many bytes of the digest are kept: enough for a directory.
    const LENGTH: usize = 16;

    /// What these values ask for.
    pub(super) fn new(base_url: &str, shape: Shape, values: &[Option<String>]) -> Self {
        let mut text = format!("{base_url}\n{}\n", shape.endpoint().id);
        for (field, value) in shape.fields().iter().zip(values) {
            if let Some(value) = value {
                // Its length in front, so that no two requests have the same text.
                let _ = writeln!(text, "{}={}:{value}", field.key, value.len());
            }
        }
        let mut context = Context::new(&SHA256);
        context.update(text.as_bytes());
        let digest = context.finish();
        let kept = digest.as_ref().iter().take(Self::LENGTH);
        Self(kept.map(|byte| format!("{byte:02x}")).collect())
    }

    /// One that was written down.
    pub(super) fn read(text: &str) -> Option<Self> {
        let hexadecimal = text.len() == 2 * Self::LENGTH && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        hexadecimal.then(|| Self(text.to_owned()))
    }
}

impl fmt::Display for ItemId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
