//! Where the bytes of a transfer go.

use std::path::PathBuf;

use super::batch::Batch;
use super::report::Sha256;
use super::version::Version;
use crate::error::ErrorKind;
use crate::store::Pending;

mod file;
#[cfg(feature = "object-store")]
mod store;
mod tail;
mod writer;

pub(crate) use file::{Choose, FileSink, Target};
#[cfg(feature = "object-store")]
pub(crate) use store::StoreSink;
pub(crate) use writer::WriterSink;

/// Where the bytes of a transfer go.
pub(crate) trait Sink: Send {
    /// How many bytes are gathered before they are written.
    fn batch(&self) -> usize;

    /// Makes ready for the first byte of the file, whatever came before. A sink that cannot take anything back holds
    /// what comes against what it has given on.
    fn restart<'a>(&'a mut self, version: &'a Version) -> Pending<'a, Result<(), ErrorKind>>;

    /// Takes what follows. It may return before that is written; an error of it then comes later.
    fn write<'a>(&'a mut self, batch: Batch, version: &'a Version) -> Pending<'a, Result<(), ErrorKind>>;

    /// The last `count` bytes of all that it took since the start of the file; fewer where it does not have them.
    fn tail(&mut self, count: u64) -> Pending<'_, Result<Vec<u8>, ErrorKind>>;

    /// Whether it takes pieces, each at its position.
    fn takes_pieces(&self) -> bool {
        false
    }

    /// Takes a piece. It may return before that is written; an error of it then comes later. Only for a sink that takes
    /// pieces; others take it for what follows.
    fn write_at<'a>(&'a mut self, _: u64, batch: Batch, version: &'a Version) -> Pending<'a, Result<(), ErrorKind>> {
        self.write(batch, version)
    }

    /// So many bytes from this position on, all of which have been written; nothing where it takes no pieces.
    fn read_at(&mut self, _: u64, _: u64) -> Pending<'_, Result<Vec<u8>, ErrorKind>> {
        Box::pin(std::future::ready(Ok(Vec::new())))
    }

    /// All has come, so many bytes: brings it to its place.
    fn finish<'a>(&'a mut self, version: &'a Version, bytes: u64) -> Pending<'a, Result<Finished, ErrorKind>>;

    /// The transfer has failed: keeps what is needed to go on later.
    fn suspend<'a>(&'a mut self, version: Option<&'a Version>) -> Pending<'a, ()>;
}

/// What became of the bytes.
pub(crate) struct Finished {
    pub path: Option<PathBuf>,
    pub sha256: Option<Sha256>,
}
