//! The directory that a file gets its name in.

use std::ffi::OsStr;
#[cfg(not(unix))]
use std::fs::OpenOptions;
use std::fs::{File, TryLockError};
use std::io;
use std::path::Path;

/// How often a partial file that goes away between looking and locking is looked for again.
const MAX_LOCK_ATTEMPTS: u32 = 10;

/// A directory, held open on Unix: what happens to its path meanwhile does not lead anywhere else.
pub(crate) struct Directory {
    #[cfg(not(unix))]
    path: std::path::PathBuf,
    #[cfg(unix)]
    handle: std::os::fd::OwnedFd,
}

#[cfg(unix)]
mod unix {
    use rustix::fs::{AtFlags, CWD, FileType, Mode, OFlags, RenameFlags};
    use rustix::io::Errno;

    use super::*;
    use crate::transfer::disk_faults;

    impl Directory {
        pub(crate) fn open(path: &Path) -> io::Result<Self> {
            let flags = OFlags::DIRECTORY | OFlags::CLOEXEC | OFlags::RDONLY;
            let handle = rustix::fs::openat(CWD, path, flags, Mode::empty())?;
            Ok(Self { handle })
        }

        /// Makes a file that only its owner may read; fails where the name is taken, be it by a dangling link.
        pub(crate) fn create(&self, name: &OsStr) -> io::Result<File> {
            disk_faults::step()?;
            let flags = OFlags::RDWR | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
            let file = rustix::fs::openat(&self.handle, name, flags, Mode::RUSR | Mode::WUSR)?;
            Ok(File::from(file))
        }

        /// Opens a file that this user made and nobody else can reach: no link of either kind, nothing but a file.
        pub(crate) fn open_own(&self, name: &OsStr) -> io::Result<File> {
            let flags = OFlags::RDWR | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
            let file = rustix::fs::openat(&self.handle, name, flags, Mode::empty()).map_err(|errno| match errno {
                Errno::LOOP => refused("it is a symbolic link"),
                other => other.into(),
            })?;
            let found = rustix::fs::fstat(&file)?;
            if !FileType::from_raw_mode(found.st_mode).is_file() {
                return Err(refused("it is no ordinary file"));
            }
            if found.st_uid != rustix::process::geteuid().as_raw() {
                return Err(refused("it belongs to another user"));
            }
            if found.st_nlink > 1 {
                return Err(refused("it has a second name"));
            }
            // One that was made with a wider mode is not left so.
            rustix::fs::fchmod(&file, Mode::RUSR | Mode::WUSR)?;
            Ok(File::from(file))
        }

        /// Whether the name still stands for this very file.
        pub(crate) fn is_at(&self, name: &OsStr, file: &File) -> io::Result<bool> {
            let held = rustix::fs::fstat(file)?;
            match rustix::fs::statat(&self.handle, name, AtFlags::SYMLINK_NOFOLLOW) {
                Ok(named) => Ok((named.st_dev, named.st_ino) == (held.st_dev, held.st_ino)),
                Err(Errno::NOENT) => Ok(false),
                Err(other) => Err(other.into()),
            }
        }

        /// Whether there is anything of this name, be it a dangling link.
        pub(crate) fn has(&self, name: &OsStr) -> io::Result<bool> {
            match rustix::fs::statat(&self.handle, name, AtFlags::SYMLINK_NOFOLLOW) {
                Ok(_) => Ok(true),
                Err(Errno::NOENT) => Ok(false),
                Err(other) => Err(other.into()),
            }
        }

        pub(crate) fn remove(&self, name: &OsStr) -> io::Result<()> {
            disk_faults::step()?;
            Ok(rustix::fs::unlinkat(&self.handle, name, AtFlags::empty())?)
        }

        /// Gives a file another name, in place of the file that has it.
        pub(crate) fn replace(&self, from: &OsStr, to: &OsStr) -> io::Result<()> {
            disk_faults::step()?;
            Ok(rustix::fs::renameat(&self.handle, from, &self.handle, to)?)
        }

        /// Gives a file another name; fails where that is taken.
        pub(crate) fn rename(&self, from: &OsStr, to: &OsStr) -> io::Result<()> {
            disk_faults::step()?;
            match self.rename_no_replace(from, to) {
                // A file system, or a kernel, that cannot: a second name cannot replace anything either.
                Err(Errno::INVAL | Errno::NOSYS | Errno::OPNOTSUPP) => {
                    disk_faults::step()?;
                    rustix::fs::linkat(&self.handle, from, &self.handle, to, AtFlags::empty())?;
                    self.remove(from)
                }
                other => Ok(other?),
            }
        }

        #[cfg(any(target_os = "linux", target_os = "android", target_vendor = "apple"))]
        fn rename_no_replace(&self, from: &OsStr, to: &OsStr) -> Result<(), Errno> {
            rustix::fs::renameat_with(&self.handle, from, &self.handle, to, RenameFlags::NOREPLACE)
        }

        #[cfg(not(any(target_os = "linux", target_os = "android", target_vendor = "apple")))]
        fn rename_no_replace(&self, _: &OsStr, _: &OsStr) -> Result<(), Errno> {
            Err(Errno::NOSYS)
        }

        /// Waits until the names are on the disk.
        pub(crate) fn sync(&self) -> io::Result<()> {
            disk_faults::step()?;
            Ok(rustix::fs::fsync(&self.handle)?)
        }
    }

    fn refused(kind: &'static str) -> io::Error {
        io::Error::new(io::ErrorKind::InvalidInput, kind)
    }
}

/// By paths, for want of handles of directories.
#[cfg(not(unix))]
impl Directory {
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        match path.metadata()?.is_dir() {
            true => Ok(Self { path: path.to_owned() }),
            false => Err(io::ErrorKind::NotADirectory.into()),
        }
    }

    pub(crate) fn create(&self, name: &OsStr) -> io::Result<File> {
        let mut options = OpenOptions::new();
        options
            .read(true)
            .write(true)
            .create_new(true)
            .open(self.path.join(name))
    }

    pub(crate) fn open_own(&self, name: &OsStr) -> io::Result<File> {
        let path = self.path.join(name);
        if !path.symlink_metadata()?.is_file() {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is no ordinary file"));
        }
        OpenOptions::new().read(true).write(true).open(path)
    }

    pub(crate) fn is_at(&self, name: &OsStr, _: &File) -> io::Result<bool> {
        self.has(name)
    }

    pub(crate) fn has(&self, name: &OsStr) -> io::Result<bool> {
        match self.path.join(name).symlink_metadata() {
            Ok(_) => Ok(true),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error),
        }
    }

    pub(crate) fn remove(&self, name: &OsStr) -> io::Result<()> {
        std::fs::remove_file(self.path.join(name))
    }

    pub(crate) fn replace(&self, from: &OsStr, to: &OsStr) -> io::Result<()> {
        std::fs::rename(self.path.join(from), self.path.join(to))
    }

    pub(crate) fn rename(&self, from: &OsStr, to: &OsStr) -> io::Result<()> {
        std::fs::hard_link(self.path.join(from), self.path.join(to))?;
        self.remove(from)
    }

    pub(crate) fn sync(&self) -> io::Result<()> {
        Ok(())
    }
}

/// Makes or opens the file of this name and locks it; `None` where another has it locked.
pub(crate) fn lock_file(directory: &Directory, name: &OsStr) -> io::Result<Option<File>> {
    for _ in 0..MAX_LOCK_ATTEMPTS {
        let opened = match directory.create(name) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => directory.open_own(name),
            other => other,
        };
        let file = match opened {
            // It got its final name, or was removed, in between.
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(error) if error.kind() == io::ErrorKind::InvalidInput => return Err(in_the_way(name, &error)),
            other => other?,
        };
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Ok(None),
            Err(TryLockError::Error(error)) => return Err(error),
        }
        // Whoever held the lock may have given the file its final name: then it is no partial file any more.
        if directory.is_at(name, &file)? {
            return Ok(Some(file));
        }
    }
    Err(io::Error::other(
        "it comes and goes: another process uses the same name",
    ))
}

/// What has the name of the partial file is not for us to remove.
fn in_the_way(name: &OsStr, kind: &io::Error) -> io::Error {
    let kind = format!("{}: {kind}: move it away", name.display());
    io::Error::new(io::ErrorKind::InvalidInput, kind)
}
