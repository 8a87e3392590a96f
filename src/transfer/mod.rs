//! What downloads and uploads share: progress, the identity of a request, and files that survive a crash.

use std::fmt::Write as _;

use crate::endpoint::Request;
use crate::wire::{self, Fields};

pub(crate) mod directory;
pub mod disk_faults;

/// The progress of a download or an upload.
///
/// Bytes that are requested again after a failure count once. `bytes` returns to 0 if a download restarts from the beginning
/// of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Progress {
    /// The number of bytes transferred so far.
    pub bytes: u64,
    /// The size of the file in bytes, if known.
    pub total: Option<u64>,
    /// The number of the current call, starting at 1.
    pub attempt: u32,
}

/// A callback for progress.
pub(crate) type ProgressListener = Box<dyn FnMut(Progress) + Send>;

/// Returns a text that identifies a request among those of the same endpoint. Files that the request sends do not count.
pub(crate) fn request_identity(request: &dyn Request) -> String {
    let mut text = String::new();
    let fields: &dyn Fields = request;
    fields.each(&mut |field, value| {
        if let Some(value) = wire::text(&value.view()) {
            // The length prefix keeps the encoding unambiguous.
            let _ = writeln!(text, "{}={}:{value}", field.key, value.len());
        }
    });
    text
}
