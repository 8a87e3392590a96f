//! A file that is not whole yet: under a name of its own, locked, with its sidecar.

use std::ffi::{OsStr, OsString};
use std::fs::{File, TryLockError};
use std::io::{self, Read, Seek, SeekFrom};

use bytes::Bytes;
use ring::digest::{Context, SHA256};

use super::batch;
use super::directory::Directory;
use super::inject;
use super::place::{self, Overwrite};
use super::report::Sha256;
use super::sidecar::{self, Sidecar};
use super::version::Version;

/// Longest name that common file systems take, in bytes.
const LONGEST_NAME: usize = 255;
/// How often a partial file that goes away between looking and locking is looked for again.
const MOST_TRIES: u32 = 10;

/// What makes a partial file the one of this request.
#[derive(Clone)]
pub(crate) struct Belonging {
    /// Id of the endpoint.
    pub endpoint: &'static str,
    /// Digest of the request.
    pub request: Sha256,
}

/// A file that is not whole yet. Its lock ends with it, and with the process.
pub(crate) struct Partial {
    directory: Directory,
    name: OsString,
    sidecar: OsString,
    belonging: Belonging,
    file: File,
    /// How many bytes have been written.
    written: u64,
    /// Whether there may be a sidecar.
    described: bool,
    digest: Option<Context>,
    /// Whether it has its final name.
    placed: bool,
}

impl Partial {
    /// The partial file for a target of this name: one that an earlier transfer left, or a new one. `None` where
    /// another transfer has it.
    pub(crate) fn open(
        directory: Directory,
        target: &OsStr,
        belonging: Belonging,
        digest: bool,
    ) -> io::Result<Option<Self>> {
        let name = name_for(target, &belonging.request);
        let sidecar = sidecar::name_for(&name);
        let Some(file) = lock(&directory, &name)? else {
            return Ok(None);
        };
        Ok(Some(Self {
            directory,
            name,
            sidecar,
            belonging,
            file,
            written: 0,
            described: true,
            digest: digest.then(|| Context::new(&SHA256)),
            placed: false,
        }))
    }

    /// Takes up what an earlier transfer left: of which version it is, and how many bytes are there.
    pub(crate) fn take_up(&mut self) -> io::Result<Option<(Version, u64)>> {
        let length = self.file.metadata()?.len();
        let found = Sidecar::read(&self.directory, &self.sidecar)
            .filter(|found| found.request == self.belonging.request.to_string())
            .map(|found| (found.sound(length), found.version));
        match found {
            Some((sound, version)) if sound > 0 => {
                self.file.set_len(sound)?;
                self.read_digest()?;
                self.written = self.file.seek(SeekFrom::End(0))?;
                Ok(Some((version, sound)))
            }
            _ => self.restart().map(|()| None),
        }
    }

    /// Digests what is there.
    fn read_digest(&mut self) -> io::Result<()> {
        let Some(digest) = &mut self.digest else {
            return Ok(());
        };
        self.file.seek(SeekFrom::Start(0))?;
        let mut buffer = vec![0; 256 * 1024];
        loop {
            match self.file.read(&mut buffer)? {
                0 => return Ok(()),
                count => digest.update(&buffer[..count]),
            }
        }
    }

    /// Forgets all that is there.
    pub(crate) fn restart(&mut self) -> io::Result<()> {
        // First the bytes: a sidecar without bytes promises nothing.
        inject::step()?;
        self.file.set_len(0)?;
        self.file.seek(SeekFrom::Start(0))?;
        self.written = 0;
        if self.digest.is_some() {
            self.digest = Some(Context::new(&SHA256));
        }
        self.forget_sidecar()
    }

    fn forget_sidecar(&mut self) -> io::Result<()> {
        if std::mem::take(&mut self.described) {
            match self.directory.remove(&self.sidecar) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        Ok(())
    }

    /// Writes the sidecar. Nothing of the file is flushed yet.
    pub(crate) fn describe(&mut self, version: &Version) -> io::Result<()> {
        self.write_sidecar(version, 0).map(drop)
    }

    /// Whether there is a sidecar.
    pub(crate) fn is_described(&self) -> bool {
        self.described
    }

    fn write_sidecar(&mut self, version: &Version, flushed: u64) -> io::Result<File> {
        let sidecar = Sidecar::new(
            self.belonging.endpoint,
            &self.belonging.request,
            version.clone(),
            flushed,
        );
        self.described = true;
        sidecar.write(&self.directory, &self.sidecar)
    }

    /// Writes these behind what is there.
    pub(crate) fn write(&mut self, chunks: &[Bytes]) -> io::Result<()> {
        batch::write_all(&mut self.file, chunks, &mut self.written)?;
        if let Some(digest) = &mut self.digest {
            chunks.iter().for_each(|chunk| digest.update(chunk));
        }
        Ok(())
    }

    /// The last bytes of what is there.
    pub(crate) fn tail(&mut self, count: u64) -> io::Result<Vec<u8>> {
        let count = count.min(self.written);
        self.file.seek(SeekFrom::Start(self.written - count))?;
        let mut tail = Vec::new();
        (&self.file).take(count).read_to_end(&mut tail)?;
        self.file.seek(SeekFrom::Start(self.written))?;
        Ok(tail)
    }

    /// Flushes what is there and writes down how much that is, so that a later transfer can go on.
    pub(crate) fn suspend(&mut self, version: Option<&Version>) -> io::Result<()> {
        if self.placed {
            return Ok(());
        }
        let Some(version) = version.filter(|_| self.written > 0) else {
            // Nothing to go on with.
            self.forget_sidecar()?;
            return self.directory.remove(&self.name);
        };
        inject::step()?;
        self.file.sync_data()?;
        self.write_sidecar(version, self.written)?.sync_all()?;
        self.directory.sync()
    }

    /// Flushes the file, which is whole, and gives it its name. Tells the name that it got.
    pub(crate) fn finish(&mut self, name: &OsStr, overwrite: Overwrite) -> io::Result<OsString> {
        inject::step()?;
        self.file.sync_all()?;
        let name = place::place(&self.directory, &self.name, name, overwrite)?;
        self.placed = true;
        self.forget_sidecar()?;
        self.directory.sync()?;
        Ok(name)
    }

    /// The digest of what was written, if it was asked for.
    pub(crate) fn digest(&mut self) -> Option<Sha256> {
        self.digest.take().map(Sha256::from)
    }

    /// How many bytes have been written.
    pub(crate) fn written(&self) -> u64 {
        self.written
    }
}

/// Makes or opens the file of this name and locks it; `None` where another has it locked.
fn lock(directory: &Directory, name: &OsStr) -> io::Result<Option<File>> {
    for _ in 0..MOST_TRIES {
        let opened = match directory.create(name) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => directory.open_own(name),
            other => other,
        };
        let file = match opened {
            // It got its final name, or was removed, in between.
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
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

/// The name of the partial file: hidden, the same for each transfer of this request to this target, and for no
/// other.
fn name_for(target: &OsStr, request: &Sha256) -> OsString {
    let digest = &request.to_string()[..16];
    let text = target.to_string_lossy();
    let room = LONGEST_NAME - "...part.json".len() - digest.len();
    let stem = &text[..text.floor_char_boundary(room)];
    format!(".{stem}.{digest}.part").into()
}

/// Removes a sidecar that a process left which died when the file had its final name already.
pub(crate) fn clean(directory: &Directory, target: &OsStr, request: &Sha256) -> io::Result<()> {
    let name = name_for(target, request);
    let sidecar = sidecar::name_for(&name);
    if !directory.has(&name)? && directory.has(&sidecar)? {
        directory.remove(&sidecar)?;
    }
    Ok(())
}
