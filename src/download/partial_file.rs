//! Partial files: hidden, locked, and described by a sidecar.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};

use bytes::Bytes;
use ring::digest::{Context, SHA256};

use super::byte_spans::ByteSpans;
use super::sidecar::{self, Sidecar};
use super::target::{self, Overwrite};
use super::validator::Validator;
use super::{Sha256, batch};
use crate::transfer::{Directory, LockedFile, before_disk_step, lock_file};

/// The maximum length of a file name on common file systems.
const MAX_NAME_BYTES: usize = 255;

/// The key of a partial file: the request that it belongs to.
#[derive(Clone)]
pub(crate) struct PartialFileKey {
    /// The id of the endpoint.
    pub endpoint: &'static str,
    /// The digest of the request.
    pub request: Sha256,
}

/// The number of bytes of parallel parts that a crash may lose.
const SIDECAR_INTERVAL: u64 = 16 * 1024 * 1024;

/// The options for opening a partial file.
#[derive(Debug, Clone, Copy)]
pub(crate) struct OpenOptions {
    /// Whether to resume an existing partial file.
    pub resume: bool,
    /// Whether to compute a digest.
    pub digest: bool,
    /// Whether to write parts in any order.
    pub parts: bool,
    /// Whether to remove the file if it is not completed.
    pub temporary: bool,
}

/// A partial file. It is locked until it is dropped or the process ends.
pub(crate) struct PartialFile {
    directory: Directory,
    name: OsString,
    sidecar: OsString,
    key: PartialFileKey,
    file: LockedFile,
    /// The written bytes.
    present: ByteSpans,
    /// The position of the file cursor.
    cursor: u64,
    /// Whether a sidecar may exist.
    sidecar_exists: bool,
    /// Whether it was renamed or removed.
    unlinked: bool,
    /// The number of bytes that may be written before the sidecar is updated.
    bytes_until_sidecar: u64,
    /// Whether parts are written in any order, and the sidecar lists them.
    parts: bool,
    /// Whether it is removed unless it is completed.
    temporary: bool,
    digest: Option<PrefixDigest>,
}

/// The digest of the beginning of the file.
struct PrefixDigest {
    context: Context,
    bytes: u64,
}

impl PrefixDigest {
    fn new() -> Self {
        let context = Context::new(&SHA256);
        Self { context, bytes: 0 }
    }

    fn update(&mut self, bytes: &[u8]) {
        self.context.update(bytes);
        self.bytes += bytes.len() as u64;
    }
}

impl PartialFile {
    /// Opens or creates the partial file for a target. Returns `None` if another download has it locked.
    pub(crate) fn open(
        directory: Directory,
        target: &OsStr,
        key: PartialFileKey,
        options: OpenOptions,
    ) -> io::Result<Option<Self>> {
        let name = partial_name(target, &key.request);
        let sidecar = sidecar::sidecar_name(&name);
        let Some(file) = lock_file(&directory, &name).map_err(|error| name_unusable_file(&name, error))? else {
            return Ok(None);
        };
        file.restrict_to_owner()?;
        Ok(Some(Self {
            directory,
            name,
            sidecar,
            key,
            file,
            present: ByteSpans::default(),
            cursor: 0,
            sidecar_exists: true,
            bytes_until_sidecar: 0,
            parts: options.parts,
            temporary: options.temporary,
            digest: options.digest.then(PrefixDigest::new),
            unlinked: false,
        }))
    }

    /// Resumes an existing partial file. Returns the validators and the present bytes, or discards an unusable one.
    pub(crate) fn resume(&mut self) -> io::Result<Option<(Validator, ByteSpans)>> {
        let length = self.file.metadata()?.len();
        let found = Sidecar::read(&self.directory, &self.sidecar)
            .filter(|found| found.request == self.key.request.to_string())
            .map(|found| (found.intact_spans(length), found.validator, found.spans.is_some()));
        match found {
            Some((mut intact, validator, in_parts)) if intact.count() > 0 => {
                if !self.parts || !validator.allows_parallel_parts() {
                    intact.truncate_to_prefix();
                }
                self.file.set_len(intact.end())?;
                self.present = intact.clone();
                if in_parts && !self.parts {
                    // From now on the length of the file determines the present bytes.
                    self.write_sidecar(&validator, 0)?;
                }
                self.update_digest()?;
                Ok((intact.count() > 0).then_some((validator, intact)))
            }
            _ => self.restart().map(|()| None),
        }
    }

    /// Adds the present bytes that were written out of order to the digest.
    fn update_digest(&mut self) -> io::Result<()> {
        let Some(mut digest) = self.digest.take() else {
            return Ok(());
        };
        let mut missing = self.present.prefix().saturating_sub(digest.bytes);
        if missing > 0 {
            self.seek(digest.bytes)?;
            let mut buffer = vec![0; 256 * 1024];
            while missing > 0 {
                let limit = buffer.len().min(usize::try_from(missing).unwrap_or(usize::MAX));
                match self.file.read(&mut buffer[..limit])? {
                    0 => return Err(io::ErrorKind::UnexpectedEof.into()),
                    count => {
                        digest.update(&buffer[..count]);
                        self.cursor += count as u64;
                        missing -= count as u64;
                    }
                }
            }
        }
        self.digest = Some(digest);
        Ok(())
    }

    fn seek(&mut self, position: u64) -> io::Result<()> {
        if self.cursor != position {
            self.cursor = self.file.seek(SeekFrom::Start(position))?;
        }
        Ok(())
    }

    /// Discards all bytes.
    pub(crate) fn restart(&mut self) -> io::Result<()> {
        // The bytes before the sidecar: a sidecar without bytes is harmless.
        before_disk_step()?;
        self.file.set_len(0)?;
        self.cursor = self.file.seek(SeekFrom::Start(0))?;
        self.present = ByteSpans::default();
        self.bytes_until_sidecar = 0;
        if self.digest.is_some() {
            self.digest = Some(PrefixDigest::new());
        }
        self.remove_sidecar()
    }

    fn remove_sidecar(&mut self) -> io::Result<()> {
        if std::mem::take(&mut self.sidecar_exists) {
            match self.directory.remove(&self.sidecar) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        Ok(())
    }

    /// Writes a sidecar for bytes that are not flushed.
    pub(crate) fn write_sidecar_unflushed(&mut self, validator: &Validator) -> io::Result<()> {
        self.write_sidecar(validator, 0).map(drop)
    }

    /// Returns whether a current sidecar exists. With parts it must exist before the first write, since otherwise the length of
    /// the file would determine the present bytes.
    pub(crate) fn has_sidecar(&self) -> bool {
        self.sidecar_exists && (!self.parts || self.bytes_until_sidecar > 0)
    }

    fn write_sidecar(&mut self, validator: &Validator, flushed: u64) -> io::Result<File> {
        let sidecar = Sidecar::new(
            self.key.endpoint,
            &self.key.request,
            validator.clone(),
            flushed,
            self.parts.then(|| self.present.clone()),
        );
        self.sidecar_exists = true;
        self.bytes_until_sidecar = SIDECAR_INTERVAL;
        let written = sidecar.write(&self.directory, &self.sidecar);
        written.map_err(|error| name_unusable_file(&self.sidecar, error))
    }

    /// Writes chunks at a position, or appends them to the present prefix.
    pub(crate) fn write(&mut self, position: Option<u64>, chunks: &[Bytes]) -> io::Result<()> {
        let start = position.unwrap_or_else(|| self.present.prefix());
        self.seek(start)?;
        let written = batch::write_all(&mut *self.file, chunks, &mut self.cursor);
        self.present.add(start, self.cursor);
        self.bytes_until_sidecar = self.bytes_until_sidecar.saturating_sub(self.cursor - start);
        written?;
        if let Some(digest) = self.digest.as_mut().filter(|digest| digest.bytes == start) {
            chunks.iter().for_each(|chunk| digest.update(chunk));
        }
        Ok(())
    }

    /// Returns the last bytes of the present prefix.
    pub(crate) fn tail(&mut self, count: u64) -> io::Result<Vec<u8>> {
        let end = self.present.prefix();
        let count = count.min(end);
        self.read(end - count, count)
    }

    /// Reads bytes from a position.
    pub(crate) fn read(&mut self, start: u64, count: u64) -> io::Result<Vec<u8>> {
        self.seek(start)?;
        let mut bytes = Vec::new();
        (&*self.file).take(count).read_to_end(&mut bytes)?;
        self.cursor += bytes.len() as u64;
        Ok(bytes)
    }

    /// Flushes the present bytes and the sidecar, so that a later download can resume.
    pub(crate) fn suspend(&mut self, validator: Option<&Validator>) -> io::Result<()> {
        if self.unlinked {
            return Ok(());
        }
        let Some(validator) = validator.filter(|_| self.present.count() > 0 && !self.temporary) else {
            // There are no bytes to resume.
            return self.remove();
        };
        before_disk_step()?;
        self.file.sync_data()?;
        self.write_sidecar(validator, self.present.count())?.sync_all()?;
        self.directory.sync()
    }

    /// Removes the file and its sidecar.
    fn remove(&mut self) -> io::Result<()> {
        self.unlinked = true;
        self.remove_sidecar()?;
        self.directory.remove(&self.name)
    }

    /// Flushes the complete file and renames it. Returns the final name.
    pub(crate) fn finish(&mut self, name: &OsStr, overwrite: Overwrite) -> io::Result<OsString> {
        before_disk_step()?;
        self.file.sync_all()?;
        let name = target::rename_to_final(&self.directory, &self.name, name, overwrite)?;
        self.unlinked = true;
        self.remove_sidecar()?;
        self.directory.sync()?;
        Ok(name)
    }

    /// Returns the digest of the file, if requested.
    pub(crate) fn digest(&mut self) -> io::Result<Option<Sha256>> {
        self.update_digest()?;
        Ok(self.digest.take().map(|digest| Sha256::from(digest.context)))
    }

    /// Returns the number of written bytes, or 0 if there is a gap.
    pub(crate) fn written(&self) -> u64 {
        if self.present.prefix() == self.present.end() {
            self.present.end()
        } else {
            0
        }
    }
}

/// A download that is dropped leaves nothing that a later one cannot resume.
impl Drop for PartialFile {
    fn drop(&mut self) {
        let is_empty = || self.file.metadata().is_ok_and(|found| found.len() == 0);
        if !self.unlinked && (self.temporary || is_empty()) {
            // There is nobody to report an error to, and the next download removes the files.
            let _ = self.remove();
        }
    }
}

/// Adds the name to the error for a file that is not ours, since the user knows only the name of the target.
fn name_unusable_file(name: &OsStr, error: io::Error) -> io::Error {
    if error.kind() == io::ErrorKind::InvalidInput {
        io::Error::new(io::ErrorKind::InvalidInput, format!("{}: {error}", name.display()))
    } else {
        error
    }
}

/// Returns the name of the partial file. It is hidden and unique for the request and the target.
fn partial_name(target: &OsStr, request: &Sha256) -> OsString {
    let digest = &request.to_string()[..16];
    let text = target.to_string_lossy();
    let room = MAX_NAME_BYTES - "...part.json".len() - digest.len();
    let stem = &text[..text.floor_char_boundary(room)];
    format!(".{stem}.{digest}.part").into()
}

/// Removes the sidecar of a process that died after renaming the file.
pub(crate) fn remove_stale_sidecar(directory: &Directory, target: &OsStr, request: &Sha256) -> io::Result<()> {
    let name = partial_name(target, request);
    let sidecar = sidecar::sidecar_name(&name);
    if !directory.has(&name)? && directory.has(&sidecar)? {
        directory.remove(&sidecar)?;
    }
    Ok(())
}
