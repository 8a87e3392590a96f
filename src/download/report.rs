//! The report of a finished download.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use ring::digest::Context;

/// The report of a finished download.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Report {
    /// The path of the file; `None` for a writer or an object store.
    pub path: Option<PathBuf>,
    /// The sanitized name from the platform; `None` if it returned none.
    pub name: Option<String>,
    /// The size of the file in bytes.
    pub bytes: u64,
    /// The media type of the file.
    pub content_type: Option<String>,
    /// The digest of the file, if requested with [`Download::sha256`](super::Download::sha256).
    pub sha256: Option<Sha256>,
    /// The number of calls.
    pub attempts: u32,
    /// The number of bytes from an earlier download, if this one resumed it.
    pub resumed_from: Option<u64>,
    /// The duration, waits included.
    pub elapsed: Duration,
}

/// A SHA-256 digest. Displays as 64 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Sha256([u8; 32]);

impl Sha256 {
    /// Returns the bytes of the digest.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl From<Context> for Sha256 {
    fn from(context: Context) -> Self {
        let mut bytes = [0; 32];
        for (to, from) in bytes.iter_mut().zip(context.finish().as_ref()) {
            *to = *from;
        }
        Self(bytes)
    }
}

impl fmt::Display for Sha256 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Sha256 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
