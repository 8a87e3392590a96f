//! Sinks of a download: a file, a writer, or an object of a store.

use std::path::PathBuf;

use super::Sha256;
use super::batch::WriteBatch;
use super::validator::{OVERLAP, Validator};
use crate::error::ErrorKind;
use crate::store::Pending;

mod file;
#[cfg(feature = "object-store")]
mod object_store;
mod writer;

pub use file::CompleteFile;
pub(crate) use file::{ChooseName, FileSink};
#[cfg(feature = "object-store")]
pub(crate) use object_store::ObjectStoreSink;
pub(crate) use writer::WriterSink;

/// A sink for the bytes of a file.
pub(crate) trait Sink: Send {
    /// Returns the number of bytes that are gathered before they are written.
    fn batch_size(&self) -> usize;

    /// Restarts from the beginning of the file. A sink that cannot discard bytes compares the new ones with them.
    fn restart<'a>(&'a mut self, validator: &'a Validator) -> Pending<'a, Result<(), ErrorKind>>;

    /// Writes the next bytes. It may return before they are written; a later call then returns the error.
    fn write<'a>(&'a mut self, batch: WriteBatch, validator: &'a Validator) -> Pending<'a, Result<(), ErrorKind>>;

    /// Returns the last `count` bytes, or fewer if they are unavailable.
    fn tail(&mut self, count: u64) -> Pending<'_, Result<Vec<u8>, ErrorKind>>;

    /// Returns whether it supports writes at any position.
    fn supports_parts(&self) -> bool {
        false
    }

    /// Writes bytes at a position. It may return before they are written; a later call then returns the error. Sinks
    /// without support for parts append the bytes.
    fn write_at<'a>(
        &'a mut self,
        _: u64,
        batch: WriteBatch,
        validator: &'a Validator,
    ) -> Pending<'a, Result<(), ErrorKind>> {
        self.write(batch, validator)
    }

    /// Returns written bytes from a position, or none if the sink does not support parts.
    fn read_at(&mut self, _: u64, _: u64) -> Pending<'_, Result<Vec<u8>, ErrorKind>> {
        Box::pin(std::future::ready(Ok(Vec::new())))
    }

    /// Finishes the file, which has `bytes` bytes.
    fn finish<'a>(&'a mut self, validator: &'a Validator, bytes: u64) -> Pending<'a, Result<Finished, ErrorKind>>;

    /// Saves what a later download needs to resume, after a failure.
    fn suspend<'a>(&'a mut self, validator: Option<&'a Validator>) -> Pending<'a, ()>;
}

/// The result of a finished sink.
pub(crate) struct Finished {
    pub path: Option<PathBuf>,
    pub sha256: Option<Sha256>,
}

/// The last bytes of a sink, as many as a resumed download compares.
#[derive(Default)]
pub(crate) struct Tail(Vec<u8>);

impl Tail {
    /// Appends bytes.
    pub(crate) fn push(&mut self, bytes: &[u8]) {
        let keep = OVERLAP as usize;
        self.0.extend_from_slice(&bytes[bytes.len().saturating_sub(keep)..]);
        self.0.drain(..self.0.len().saturating_sub(keep));
    }

    /// Returns the last `count` bytes, or fewer.
    pub(crate) fn last(&self, count: u64) -> Vec<u8> {
        let count = usize::try_from(count).unwrap_or(usize::MAX);
        self.0[self.0.len().saturating_sub(count)..].to_vec()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retains_last_bytes_for_any_chunk_size() {
        let all: Vec<u8> = (0..20_000_u32).map(|index| (index % 251) as u8).collect();
        for size in [1, 100, 4095, 4096, 4097, 20_000] {
            let mut tail = Tail::default();
            all.chunks(size).for_each(|chunk| tail.push(chunk));
            assert_eq!(tail.last(OVERLAP), all[all.len() - OVERLAP as usize..], "{size}");
            assert_eq!(tail.last(3), all[all.len() - 3..], "{size}");
        }
    }
}
