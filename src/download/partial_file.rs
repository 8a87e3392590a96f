//! A file that is not whole yet: under a name of its own, locked, with its sidecar.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};

use bytes::Bytes;
use ring::digest::{Context, SHA256};

use super::batch;
use super::byte_spans::ByteSpans;
use super::report::Sha256;
use super::sidecar::{self, Sidecar};
use super::target::{self, Overwrite};
use super::validator::Validator;
use crate::transfer::directory::{Directory, lock_file};
use crate::transfer::disk_faults;

/// Longest name that common file systems take, in bytes.
const MAX_NAME_BYTES: usize = 255;
/// What makes a partial file the one of this request.
#[derive(Clone)]
pub(crate) struct PartialFileKey {
    /// Id of the endpoint.
    pub endpoint: &'static str,
    /// PrefixDigest of the request.
    pub request: Sha256,
}

/// How many bytes in pieces may be lost if the process dies.
const SIDECAR_INTERVAL: u64 = 16 * 1024 * 1024;

/// How a partial file is to be used.
#[derive(Debug, Clone, Copy)]
pub(crate) struct OpenOptions {
    /// Whether to go on with what is there.
    pub resume: bool,
    /// Whether a digest is asked for.
    pub digest: bool,
    /// Whether pieces may come in any order.
    pub pieces: bool,
}

/// A file that is not whole yet. Its lock ends with it, and with the process.
pub(crate) struct PartialFile {
    directory: Directory,
    name: OsString,
    sidecar: OsString,
    belonging: PartialFileKey,
    file: File,
    /// Which bytes have been written.
    done: ByteSpans,
    /// Where the file would be written next.
    cursor: u64,
    /// Whether there may be a sidecar.
    described: bool,
    /// Whether it has its final name.
    placed: bool,
    /// How many bytes may still be written before the sidecar has to be written anew.
    undescribed: u64,
    /// Whether pieces may come in any order, and the sidecar says which are there.
    pieces: bool,
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
    /// The partial file for a target of this name: one that an earlier transfer left, or a new one. `None` where
    /// another transfer has it.
    pub(crate) fn open(
        directory: Directory,
        target: &OsStr,
        belonging: PartialFileKey,
        how: OpenOptions,
    ) -> io::Result<Option<Self>> {
        let name = name_for(target, &belonging.request);
        let sidecar = sidecar::name_for(&name);
        let Some(file) = lock_file(&directory, &name)? else {
            return Ok(None);
        };
        Ok(Some(Self {
            directory,
            name,
            sidecar,
            belonging,
            file,
            done: ByteSpans::default(),
            cursor: 0,
            described: true,
            undescribed: 0,
            pieces: how.pieces,
            digest: how.digest.then(PrefixDigest::new),
            placed: false,
        }))
    }

    /// Takes up what an earlier transfer left: of which validator it is, and which bytes are there.
    pub(crate) fn take_up(&mut self) -> io::Result<Option<(Validator, ByteSpans)>> {
        let length = self.file.metadata()?.len();
        let found = Sidecar::read(&self.directory, &self.sidecar)
            .filter(|found| found.request == self.belonging.request.to_string())
            .map(|found| (found.sound(length), found.validator, found.pieces.is_some()));
        match found {
            Some((mut sound, validator, in_pieces)) if sound.count() > 0 => {
                if !self.pieces || !validator.is_divisible() {
                    sound.keep_beginning();
                }
                self.file.set_len(sound.end())?;
                self.done = sound.clone();
                if in_pieces && !self.pieces {
                    // From now on the length of the file tells what is there.
                    self.write_sidecar(&validator, 0)?;
                }
                self.read_digest()?;
                Ok((sound.count() > 0).then_some((validator, sound)))
            }
            _ => self.restart().map(|()| None),
        }
    }

    /// Digests what there is of the beginning and is not digested yet.
    fn read_digest(&mut self) -> io::Result<()> {
        let Some(mut digest) = self.digest.take() else {
            return Ok(());
        };
        let mut missing = self.done.prefix().saturating_sub(digest.bytes);
        if missing > 0 {
            self.seek(digest.bytes)?;
            let mut buffer = vec![0; 256 * 1024];
            while missing > 0 {
                let most = buffer.len().min(usize::try_from(missing).unwrap_or(usize::MAX));
                match self.file.read(&mut buffer[..most])? {
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

    /// Forgets all that is there.
    pub(crate) fn restart(&mut self) -> io::Result<()> {
        // First the bytes: a sidecar without bytes promises nothing.
        disk_faults::step()?;
        self.file.set_len(0)?;
        self.cursor = self.file.seek(SeekFrom::Start(0))?;
        self.done = ByteSpans::default();
        self.undescribed = 0;
        if self.digest.is_some() {
            self.digest = Some(PrefixDigest::new());
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
    pub(crate) fn describe(&mut self, validator: &Validator) -> io::Result<()> {
        self.write_sidecar(validator, 0).map(drop)
    }

    /// Whether there is a sidecar that tells enough. One of pieces must be there before the first piece: without it the
    /// length of the file would tell what is there.
    pub(crate) fn is_described(&self) -> bool {
        self.described && (!self.pieces || self.undescribed > 0)
    }

    fn write_sidecar(&mut self, validator: &Validator, flushed: u64) -> io::Result<File> {
        let sidecar = Sidecar::new(
            self.belonging.endpoint,
            &self.belonging.request,
            validator.clone(),
            flushed,
            self.pieces.then(|| self.done.clone()),
        );
        self.described = true;
        self.undescribed = SIDECAR_INTERVAL;
        sidecar.write(&self.directory, &self.sidecar)
    }

    /// Writes these behind the beginning that is there, or at this position.
    pub(crate) fn write(&mut self, position: Option<u64>, chunks: &[Bytes]) -> io::Result<()> {
        let start = position.unwrap_or_else(|| self.done.prefix());
        self.seek(start)?;
        let written = batch::write_all(&mut self.file, chunks, &mut self.cursor);
        self.done.add(start, self.cursor);
        self.undescribed = self.undescribed.saturating_sub(self.cursor - start);
        written?;
        if let Some(digest) = self.digest.as_mut().filter(|digest| digest.bytes == start) {
            chunks.iter().for_each(|chunk| digest.update(chunk));
        }
        Ok(())
    }

    /// The last bytes of the beginning that is there.
    pub(crate) fn tail(&mut self, count: u64) -> io::Result<Vec<u8>> {
        let end = self.done.prefix();
        let count = count.min(end);
        self.read(end - count, count)
    }

    /// So many bytes from this position on.
    pub(crate) fn read(&mut self, start: u64, count: u64) -> io::Result<Vec<u8>> {
        self.seek(start)?;
        let mut bytes = Vec::new();
        (&self.file).take(count).read_to_end(&mut bytes)?;
        self.cursor += bytes.len() as u64;
        Ok(bytes)
    }

    /// Flushes what is there and writes down how much that is, so that a later transfer can go on.
    pub(crate) fn suspend(&mut self, validator: Option<&Validator>) -> io::Result<()> {
        if self.placed {
            return Ok(());
        }
        let Some(validator) = validator.filter(|_| self.done.count() > 0) else {
            // Nothing to go on with.
            self.forget_sidecar()?;
            return self.directory.remove(&self.name);
        };
        disk_faults::step()?;
        self.file.sync_data()?;
        self.write_sidecar(validator, self.done.count())?.sync_all()?;
        self.directory.sync()
    }

    /// Flushes the file, which is whole, and gives it its name. Tells the name that it got.
    pub(crate) fn finish(&mut self, name: &OsStr, overwrite: Overwrite) -> io::Result<OsString> {
        disk_faults::step()?;
        self.file.sync_all()?;
        let name = target::place(&self.directory, &self.name, name, overwrite)?;
        self.placed = true;
        self.forget_sidecar()?;
        self.directory.sync()?;
        Ok(name)
    }

    /// The digest of what was written, if it was asked for.
    pub(crate) fn digest(&mut self) -> io::Result<Option<Sha256>> {
        // What came in pieces.
        self.read_digest()?;
        Ok(self.digest.take().map(|digest| Sha256::from(digest.context)))
    }

    /// How many bytes are there from the start of the file, if there are none behind.
    pub(crate) fn written(&self) -> u64 {
        match self.done.prefix() == self.done.end() {
            true => self.done.end(),
            false => 0,
        }
    }
}

/// The name of the partial file: hidden, the same for each transfer of this request to this target, and for no
/// other.
fn name_for(target: &OsStr, request: &Sha256) -> OsString {
    let digest = &request.to_string()[..16];
    let text = target.to_string_lossy();
    let room = MAX_NAME_BYTES - "...part.json".len() - digest.len();
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
