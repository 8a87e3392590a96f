//! Faults on purpose, for tests that kill a process, or fill its disk, at each step of a transfer.
//!
//! Only the feature `inject` brings it to life, and only the variable `LARKSPUR_INJECT`: `kill:7` kills the process before its
//! seventh step, `torn:7` in the middle of it where it is a write; `ENOSPC:7` and `EIO:7` let the seventh and all later
//! ones fail. Without the feature nothing of it is compiled.

#[cfg(not(feature = "inject"))]
use std::io;

/// Called before each step that changes something on the disk.
#[cfg(not(feature = "inject"))]
#[inline(always)]
pub(crate) fn step() -> io::Result<()> {
    Ok(())
}

/// Called before each write: how many bytes of so many it may take.
#[cfg(not(feature = "inject"))]
#[inline(always)]
pub(crate) fn write(length: usize) -> io::Result<usize> {
    Ok(length)
}

#[cfg(feature = "inject")]
pub(crate) use on_purpose::{step, write};

#[cfg(feature = "inject")]
mod on_purpose {
    use std::io;
    use std::sync::OnceLock;
    use std::sync::atomic::{AtomicU64, Ordering};

    use rustix::io::Errno;
    use rustix::process::{Signal, getpid, kill_process};

    static STEPS: AtomicU64 = AtomicU64::new(0);

    pub(crate) fn step() -> io::Result<()> {
        write(1).map(drop)
    }

    pub(crate) fn write(length: usize) -> io::Result<usize> {
        let Some((what, when)) = plan() else {
            return Ok(length);
        };
        let now = STEPS.fetch_add(1, Ordering::Relaxed) + 1;
        match what.as_str() {
            "kill" if now == *when => die(),
            // The write is cut short, and the process dies before the rest.
            "torn" if now == *when => Ok(length.div_ceil(2)),
            "torn" if now > *when => die(),
            "ENOSPC" if now >= *when => Err(Errno::NOSPC.into()),
            "EIO" if now >= *when => Err(Errno::IO.into()),
            _ => Ok(length),
        }
    }

    fn die() -> io::Result<usize> {
        kill_process(getpid(), Signal::KILL)?;
        // The signal is on its way.
        loop {
            std::thread::park();
        }
    }

    fn plan() -> Option<&'static (String, u64)> {
        static PLAN: OnceLock<Option<(String, u64)>> = OnceLock::new();
        let read = || {
            let text = std::env::var("LARKSPUR_INJECT").ok()?;
            let (what, when) = text.split_once(':')?;
            Some((what.to_owned(), when.parse().ok()?))
        };
        PLAN.get_or_init(read).as_ref()
    }
}
