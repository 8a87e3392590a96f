//! What a body under way leaves for whoever sends it.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use crate::error::UploadError;

/// How far a body has come, and why it came no further. The HTTP client owns the body and does not always tell: over
/// HTTP/2 all that it says is that the stream was reset.
#[derive(Debug, Default)]
pub(crate) struct Meter {
    taken: AtomicU64,
    fault: Mutex<Option<UploadError>>,
}

impl Meter {
    /// How many bytes the HTTP client has taken, over all attempts.
    pub(crate) fn taken(&self) -> u64 {
        self.taken.load(Ordering::Relaxed)
    }

    pub(super) fn take(&self, bytes: usize) {
        self.taken.fetch_add(bytes as u64, Ordering::Relaxed);
    }

    pub(super) fn fail(&self, fault: UploadError) {
        *self.fault.lock().unwrap_or_else(PoisonError::into_inner) = Some(fault);
    }

    /// Why the last body broke off, if it was the file's doing.
    pub(crate) fn fault(&self) -> Option<UploadError> {
        self.fault.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}
