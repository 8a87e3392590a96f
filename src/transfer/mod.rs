//! What downloads and uploads share: progress, the identity of a request, and files that survive a crash.

use std::fmt::Write as _;

use crate::endpoint::Request;
use crate::wire::{self, Fields};

pub(crate) mod directory;
pub mod disk_faults;

/// How far a transfer has come.
///
/// `bytes` is a position in the file: what is asked for again after a fault counts once. It falls back to 0
/// where the file has to come anew from its start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Progress {
    /// How many bytes of the file are here.
    pub bytes: u64,
    /// How many it has, where the platform tells.
    pub total: Option<u64>,
    /// Which call this is, the first being 1.
    pub attempt: u32,
}

/// Whoever wants to know.
pub(crate) type ProgressListener = Box<dyn FnMut(Progress) + Send>;

/// What tells a request from others of the same endpoint, but for the files that it sends.
pub(crate) fn request_identity(request: &dyn Request) -> String {
    let mut text = String::new();
    let fields: &dyn Fields = request;
    fields.each(&mut |field, value| {
        if let Some(value) = wire::text(&value.view()) {
            // Its length in front, so that no two requests have the same text.
            let _ = writeln!(text, "{}={}:{value}", field.key, value.len());
        }
    });
    text
}
