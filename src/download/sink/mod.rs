//! Where the bytes of a transfer go.

use std::path::PathBuf;

use super::batch::WriteBatch;
use super::range_request::OVERLAP;
use super::report::Sha256;
use super::validator::Validator;
use crate::error::ErrorKind;
use crate::store::Pending;

mod file;
#[cfg(feature = "object-store")]
mod object_store;
mod worker;
mod writer;

pub(crate) use file::{ChooseName, FileSink};
#[cfg(feature = "object-store")]
pub(crate) use object_store::ObjectStoreSink;
pub(crate) use writer::WriterSink;

/// Where the bytes of a transfer go.
pub(crate) trait Sink: Send {
    /// How many bytes are gathered before they are written.
    fn batch(&self) -> usize;

    /// Makes ready for the first byte of the file, whatever came before. A sink that cannot take anything back holds
    /// what comes against what it has given on.
    fn restart<'a>(&'a mut self, validator: &'a Validator) -> Pending<'a, Result<(), ErrorKind>>;

    /// Takes what follows. It may return before that is written; an error of it then comes later.
    fn write<'a>(&'a mut self, batch: WriteBatch, validator: &'a Validator) -> Pending<'a, Result<(), ErrorKind>>;

    /// The last `count` bytes of all that it took since the start of the file; fewer where it does not have them.
    fn tail(&mut self, count: u64) -> Pending<'_, Result<Vec<u8>, ErrorKind>>;

    /// Whether it takes pieces, each at its position.
    fn takes_pieces(&self) -> bool {
        false
    }

    /// Takes a piece. It may return before that is written; an error of it then comes later. Only for a sink that takes
    /// pieces; others take it for what follows.
    fn write_at<'a>(
        &'a mut self,
        _: u64,
        batch: WriteBatch,
        validator: &'a Validator,
    ) -> Pending<'a, Result<(), ErrorKind>> {
        self.write(batch, validator)
    }

    /// So many bytes from this position on, all of which have been written; nothing where it takes no pieces.
    fn read_at(&mut self, _: u64, _: u64) -> Pending<'_, Result<Vec<u8>, ErrorKind>> {
        Box::pin(std::future::ready(Ok(Vec::new())))
    }

    /// All has come, so many bytes: brings it to its place.
    fn finish<'a>(&'a mut self, validator: &'a Validator, bytes: u64) -> Pending<'a, Result<Finished, ErrorKind>>;

    /// The transfer has failed: keeps what is needed to go on later.
    fn suspend<'a>(&'a mut self, validator: Option<&'a Validator>) -> Pending<'a, ()>;
}

/// What became of the bytes.
pub(crate) struct Finished {
    pub path: Option<PathBuf>,
    pub sha256: Option<Sha256>,
}

/// The last bytes that a sink has given on, as many as are ever compared.
#[derive(Default)]
pub(crate) struct Tail(Vec<u8>);

impl Tail {
    /// Adds what follows.
    pub(crate) fn push(&mut self, bytes: &[u8]) {
        let keep = OVERLAP as usize;
        self.0.extend_from_slice(&bytes[bytes.len().saturating_sub(keep)..]);
        self.0.drain(..self.0.len().saturating_sub(keep));
    }

    /// The last of them, so many or fewer.
    pub(crate) fn last(&self, count: u64) -> Vec<u8> {
        let count = usize::try_from(count).unwrap_or(usize::MAX);
        self.0[self.0.len().saturating_sub(count)..].to_vec()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_bytes_are_kept_whatever_they_came_in() {
        let all: Vec<u8> = (0..20_000_u32).map(|index| (index % 251) as u8).collect();
        for size in [1, 100, 4095, 4096, 4097, 20_000] {
            let mut tail = Tail::default();
            all.chunks(size).for_each(|chunk| tail.push(chunk));
            assert_eq!(tail.last(OVERLAP), all[all.len() - OVERLAP as usize..], "{size}");
            assert_eq!(tail.last(3), all[all.len() - 3..], "{size}");
        }
    }
}
