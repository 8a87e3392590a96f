//! A callback before each step that changes the disk.
//!
//! The crash tests of this repository install one to let a disk fail, or a process die, at each step of a transfer.

use std::io;
use std::sync::OnceLock;

/// Decides the outcome of each step that changes the disk.
pub trait DiskFaults: Send + Sync {
    /// Returns how many of the `length` bytes of a write are written. Steps other than writes have a length of 1.
    ///
    /// # Errors
    ///
    /// An error makes the step fail.
    fn before_step(&self, length: usize) -> io::Result<usize>;
}

static INSTALLED: OnceLock<Box<dyn DiskFaults>> = OnceLock::new();

/// Installs the callback of this process, once; later calls have no effect.
pub fn install_disk_faults(faults: impl DiskFaults + 'static) {
    let _ = INSTALLED.set(Box::new(faults));
}

/// Calls the installed callback before a step that is not a write.
#[inline]
pub(crate) fn before_step() -> io::Result<()> {
    before_write(1).map(drop)
}

/// Calls the installed callback before a write of `length` bytes and returns how many of them to write.
#[inline]
pub(crate) fn before_write(length: usize) -> io::Result<usize> {
    match INSTALLED.get() {
        Some(faults) => faults.before_step(length),
        None => Ok(length),
    }
}
