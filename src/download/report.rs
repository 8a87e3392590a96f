//! What a transfer tells when it is over.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use ring::digest::Context;

/// What was transferred.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Report {
    /// Where the file is; `None` where it went to a writer.
    pub path: Option<PathBuf>,
    /// TargetName that the platform gives the file, made safe; `None` where it gave none.
    pub name: Option<String>,
    /// How large the file is.
    pub bytes: u64,
    /// MIME type of the file.
    pub content_type: Option<String>,
    /// PrefixDigest of the file, where [`Download::sha256`](super::Download::sha256) asked for it.
    pub sha256: Option<Sha256>,
    /// How many calls it took.
    pub attempts: u32,
    /// How many bytes were there from an earlier transfer, where this one went on with it.
    pub resumed_from: Option<u64>,
    /// How long it took, waits included.
    pub elapsed: Duration,
}

/// A SHA-256 digest; it prints as 64 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Sha256([u8; 32]);

impl Sha256 {
    /// The bytes of the digest.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl From<Context> for Sha256 {
    fn from(context: Context) -> Self {
        let mut bytes = [0; 32];
        // Both are as long as the algorithm says.
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
