//! A file to send.

use std::fmt;

use bytes::Bytes;

use crate::error::Violation;

/// A file to send: a part of a multipart body.
///
/// ```
/// let image = larkspur::Upload::new("cover.png", vec![0x89, b'P', b'N', b'G']);
/// assert_eq!(image.file_name(), "cover.png");
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Upload {
    file_name: String,
    content: Bytes,
}

impl Upload {
    /// A file with this name and content.
    pub fn new(file_name: impl Into<String>, content: impl Into<Bytes>) -> Self {
        Self {
            file_name: file_name.into(),
            content: content.into(),
        }
    }

    /// The name that the platform is told.
    pub fn file_name(&self) -> &str {
        &self.file_name
    }

    /// The content.
    pub fn content(&self) -> &Bytes {
        &self.content
    }

    /// Whether the content can be sent again.
    pub(crate) fn is_repeatable(&self) -> bool {
        true
    }

    /// Why a request with this file cannot be sent. A line break in the name would end the header
    /// that carries it.
    pub(crate) fn violation(&self, field: &str) -> Option<Violation> {
        let controlled = self.file_name.chars().any(char::is_control);
        (controlled || self.file_name.is_empty()).then(|| {
            Violation::new(
                field,
                "file_name",
                "has a file name that is empty or holds a control character",
                "give it a name of printable characters",
            )
            .seen(Some(self.file_name.clone()))
        })
    }
}

impl fmt::Debug for Upload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Upload({:?}, {} bytes)", self.file_name, self.content.len())
    }
}
