//! What downloads and uploads share: progress, the identity of a request, and files that survive a crash.
//!
//! Directory handles create, open, rename and lock files without following links. A callback before each step that changes the
//! disk serves the crash tests.

use std::ffi::{OsStr, OsString};
use std::fmt::Write as _;
#[cfg(not(unix))]
use std::fs::OpenOptions;
use std::fs::{File, TryLockError};
use std::io::{self, Read as _};
use std::ops::{Deref, DerefMut};
use std::path::Path;
use std::sync::OnceLock;

use crate::endpoint::Request;
use crate::wire::{self, Fields};

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

/// Attempts to lock a file that other processes rename or remove at the same time.
const MAX_LOCK_ATTEMPTS: u32 = 10;

/// A directory. On Unix it is an open handle, so that renaming its path has no effect.
#[derive(Debug)]
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

    impl Directory {
        pub(crate) fn open(path: &Path) -> io::Result<Self> {
            let flags = OFlags::DIRECTORY | OFlags::CLOEXEC | OFlags::RDONLY;
            let handle = rustix::fs::openat(CWD, path, flags, Mode::empty())?;
            Ok(Self { handle })
        }

        /// Creates a file that only its owner can read. Fails if the name exists, even as a dangling link.
        pub(crate) fn create(&self, name: &OsStr) -> io::Result<File> {
            before_disk_step()?;
            let flags = OFlags::RDWR | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
            let file = rustix::fs::openat(&self.handle, name, flags, Mode::RUSR | Mode::WUSR)?;
            Ok(File::from(file))
        }

        /// Opens a regular file that belongs to this user and has no other name. Links of both kinds are refused.
        pub(crate) fn open_own(&self, name: &OsStr, access: Access) -> io::Result<File> {
            let access = match access {
                Access::Read => OFlags::RDONLY,
                Access::ReadWrite => OFlags::RDWR,
            };
            let flags = access | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
            let file = rustix::fs::openat(&self.handle, name, flags, Mode::empty()).map_err(|errno| match errno {
                Errno::LOOP => refused("it is a symbolic link"),
                other => other.into(),
            })?;
            let found = rustix::fs::fstat(&file)?;
            if !FileType::from_raw_mode(found.st_mode).is_file() {
                return Err(refused("it is not a regular file"));
            }
            if found.st_uid != rustix::process::geteuid().as_raw() {
                return Err(refused("it belongs to another user"));
            }
            if found.st_nlink > 1 {
                return Err(refused("it has more than one hard link"));
            }
            Ok(File::from(file))
        }

        /// Returns whether the name still refers to this file.
        pub(crate) fn is_at(&self, name: &OsStr, file: &File) -> io::Result<bool> {
            let held = rustix::fs::fstat(file)?;
            match rustix::fs::statat(&self.handle, name, AtFlags::SYMLINK_NOFOLLOW) {
                Ok(named) => Ok((named.st_dev, named.st_ino) == (held.st_dev, held.st_ino)),
                Err(Errno::NOENT) => Ok(false),
                Err(other) => Err(other.into()),
            }
        }

        /// Returns whether the name exists, even as a dangling link.
        pub(crate) fn has(&self, name: &OsStr) -> io::Result<bool> {
            match rustix::fs::statat(&self.handle, name, AtFlags::SYMLINK_NOFOLLOW) {
                Ok(_) => Ok(true),
                Err(Errno::NOENT) => Ok(false),
                Err(other) => Err(other.into()),
            }
        }

        pub(crate) fn remove(&self, name: &OsStr) -> io::Result<()> {
            before_disk_step()?;
            Ok(rustix::fs::unlinkat(&self.handle, name, AtFlags::empty())?)
        }

        /// Renames a file and replaces an existing one.
        pub(crate) fn replace(&self, from: &OsStr, to: &OsStr) -> io::Result<()> {
            before_disk_step()?;
            Ok(rustix::fs::renameat(&self.handle, from, &self.handle, to)?)
        }

        /// Renames a file. Fails if the new name exists.
        pub(crate) fn rename(&self, from: &OsStr, to: &OsStr) -> io::Result<()> {
            before_disk_step()?;
            match self.rename_no_replace(from, to) {
                // Unsupported by the kernel or the file system. A hard link does not replace files either.
                Err(Errno::INVAL | Errno::NOSYS | Errno::OPNOTSUPP) => {
                    before_disk_step()?;
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

        /// Flushes the names to the disk.
        pub(crate) fn sync(&self) -> io::Result<()> {
            before_disk_step()?;
            Ok(rustix::fs::fsync(&self.handle)?)
        }
    }

    impl LockedFile {
        /// Restricts the file to its owner: it may have been created with a wider mode. Only for a file that is known to be ours.
        pub(crate) fn restrict_to_owner(&self) -> io::Result<()> {
            Ok(rustix::fs::fchmod(&self.file, Mode::RUSR | Mode::WUSR)?)
        }
    }
}

/// By path, since directory handles are unavailable.
#[cfg(not(unix))]
impl Directory {
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        if path.metadata()?.is_dir() {
            Ok(Self { path: path.to_owned() })
        } else {
            Err(io::ErrorKind::NotADirectory.into())
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

    pub(crate) fn open_own(&self, name: &OsStr, access: Access) -> io::Result<File> {
        let path = self.path.join(name);
        if !path.symlink_metadata()?.is_file() {
            return Err(refused("it is not a regular file"));
        }
        let writes = access == Access::ReadWrite;
        OpenOptions::new().read(true).write(writes).open(path)
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

#[cfg(not(unix))]
impl LockedFile {
    pub(crate) fn restrict_to_owner(&self) -> io::Result<()> {
        Ok(())
    }
}

/// What a file is opened for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    Read,
    ReadWrite,
}

/// The error for a file that was not created by this program and is not changed.
fn refused(reason: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, format!("{reason}: move or remove it"))
}

/// A locked file, unlocked when it is dropped.
///
/// Closing it would not do: a process that this one forks has the file open until it executes its program, and keeps the
/// lock for as long.
#[derive(Debug)]
pub(crate) struct LockedFile {
    file: File,
    /// Whether it was created when it was locked.
    pub is_new: bool,
}

impl Deref for LockedFile {
    type Target = File;

    fn deref(&self) -> &File {
        &self.file
    }
}

impl DerefMut for LockedFile {
    fn deref_mut(&mut self) -> &mut File {
        &mut self.file
    }
}

impl Drop for LockedFile {
    fn drop(&mut self) {
        // A failure leaves the lock to the end of the last process that has the file open.
        let _ = self.file.unlock();
    }
}

/// Creates or opens the file of this name and locks it. Returns `None` if another process holds the lock.
pub(crate) fn lock_file(directory: &Directory, name: &OsStr) -> io::Result<Option<LockedFile>> {
    for _ in 0..MAX_LOCK_ATTEMPTS {
        let created = directory.create(name);
        let is_new = created.is_ok();
        let opened = match created {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => directory.open_own(name, Access::ReadWrite),
            other => other,
        };
        let file = match opened {
            // It was renamed or removed in between.
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            other => other?,
        };
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Ok(None),
            Err(TryLockError::Error(error)) => return Err(error),
        }
        let file = LockedFile { file, is_new };
        // The previous owner of the lock may have renamed the file.
        if directory.is_at(name, &file)? {
            return Ok(Some(file));
        }
    }
    Err(io::Error::other("another process keeps creating and removing it"))
}

/// A file of this program in a directory of the user, locked until it is dropped.
///
/// The file is created for its owner only. An existing one is opened if it is a regular file of this user with one name.
#[derive(Debug)]
pub struct OwnFile {
    directory: Directory,
    name: OsString,
    file: LockedFile,
}

impl OwnFile {
    /// Creates or opens the file and locks it. Returns `None` if another process holds the lock.
    ///
    /// # Errors
    ///
    /// If the file is a link, has other names, or belongs to another user; the file is unchanged. If the operating system fails.
    pub fn lock(path: &Path) -> io::Result<Option<Self>> {
        let (directory, name) = split(path)?;
        let file = lock_file(&directory, name)?;
        let name = name.to_owned();
        Ok(file.map(|file| Self { directory, name, file }))
    }

    /// Reads a file that [`OwnFile::lock`] would open, without its lock.
    ///
    /// # Errors
    ///
    /// Those of [`OwnFile::lock`], and if the file does not exist.
    pub fn read(path: &Path) -> io::Result<Vec<u8>> {
        let (directory, name) = split(path)?;
        let mut content = Vec::new();
        directory.open_own(name, Access::Read)?.read_to_end(&mut content)?;
        Ok(content)
    }

    /// Returns whether the file was created when it was locked.
    pub(crate) fn is_new(&self) -> bool {
        self.file.is_new
    }

    /// Restricts the file to its owner, once it is known to be ours.
    pub(crate) fn restrict_to_owner(&self) -> io::Result<()> {
        self.file.restrict_to_owner()
    }

    /// Flushes the name of the file to the disk.
    ///
    /// # Errors
    ///
    /// If the operating system fails.
    pub fn sync_directory(&self) -> io::Result<()> {
        self.directory.sync()
    }

    /// Removes the file.
    pub(crate) fn remove(self) -> io::Result<()> {
        self.directory.remove(&self.name)
    }
}

impl Deref for OwnFile {
    type Target = File;

    fn deref(&self) -> &File {
        &self.file
    }
}

impl DerefMut for OwnFile {
    fn deref_mut(&mut self) -> &mut File {
        &mut self.file
    }
}

/// Opens the directory of a path and returns the name in it.
fn split(path: &Path) -> io::Result<(Directory, &OsStr)> {
    let name = path.file_name().ok_or(io::ErrorKind::InvalidFilename)?;
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    Ok((Directory::open(parent.unwrap_or(Path::new(".")))?, name))
}

/// Decides the outcome of each step that changes the disk.
///
/// The crash tests of this repository install one to let a disk fail, or a process die, at each step of a transfer.
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
pub(crate) fn before_disk_step() -> io::Result<()> {
    before_disk_write(1).map(drop)
}

/// Calls the installed callback before a write of `length` bytes and returns how many of them to write.
#[inline]
pub(crate) fn before_disk_write(length: usize) -> io::Result<usize> {
    match INSTALLED.get() {
        Some(faults) => faults.before_step(length),
        None => Ok(length),
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::io::Write as _;

    use super::*;

    #[test]
    fn refuses_links_and_other_names() {
        let directory = tempfile::tempdir().unwrap();
        let (path, other) = (directory.path().join("file"), directory.path().join("other"));
        std::fs::write(&other, "of another program").unwrap();
        std::os::unix::fs::symlink(&other, &path).unwrap();
        let refused = OwnFile::lock(&path).unwrap_err().to_string();
        assert_eq!(refused, "it is a symbolic link: move or remove it");
        assert!(OwnFile::read(&path).is_err());

        std::fs::remove_file(&path).unwrap();
        std::fs::hard_link(&other, &path).unwrap();
        let refused = OwnFile::lock(&path).unwrap_err().to_string();
        assert_eq!(refused, "it has more than one hard link: move or remove it");
        assert_eq!(std::fs::read_to_string(&other).unwrap(), "of another program");
    }

    #[test]
    fn opens_its_own_file_again() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("file");
        let mut file = OwnFile::lock(&path).unwrap().unwrap();
        file.write_all(b"text").unwrap();
        assert!(OwnFile::lock(&path).unwrap().is_none());
        drop(file);
        assert!(!OwnFile::lock(&path).unwrap().unwrap().is_new());
        assert_eq!(OwnFile::read(&path).unwrap(), b"text");
    }
}
