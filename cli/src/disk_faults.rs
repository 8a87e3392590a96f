//! Disk faults and crashes for tests, read from the variable `LARKSPUR_INJECT`.
//!
//! `kill:7` ends the process before its seventh step, `torn:7` in the middle of it if it is a write. `ENOSPC:7` and `EIO:7`
//! let the seventh step and all later ones fail. Only debug builds contain this module.

use std::io;
use std::sync::atomic::{AtomicU64, Ordering};

use larkspur::__private::{DiskFaults, install_disk_faults};

const ENOSPC: i32 = 28;
const EIO: i32 = 5;

/// A fault at one step.
struct FaultAtStep {
    fault: String,
    at: u64,
    steps: AtomicU64,
}

/// Installs the fault that the environment names, if any.
pub(crate) fn install_from_env() {
    let Ok(text) = std::env::var("LARKSPUR_INJECT") else {
        return;
    };
    if let Some((fault, at)) = text.split_once(':')
        && let Ok(at) = at.parse()
    {
        install_disk_faults(FaultAtStep {
            fault: fault.to_owned(),
            at,
            steps: AtomicU64::new(0),
        });
    }
}

impl DiskFaults for FaultAtStep {
    fn before_step(&self, length: usize) -> io::Result<usize> {
        let step = self.steps.fetch_add(1, Ordering::Relaxed) + 1;
        match self.fault.as_str() {
            "kill" if step == self.at => std::process::abort(),
            // The write is cut short, and the process dies before the next step.
            "torn" if step == self.at => Ok(length.div_ceil(2)),
            "torn" if step > self.at => std::process::abort(),
            "ENOSPC" if step >= self.at => Err(io::Error::from_raw_os_error(ENOSPC)),
            "EIO" if step >= self.at => Err(io::Error::from_raw_os_error(EIO)),
            _ => Ok(length),
        }
    }
}
