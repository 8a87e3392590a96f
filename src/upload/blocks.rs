//! The blocks of a file: their sizes, and their bytes, one block in memory at a time.

use std::future::poll_fn;
use std::ops::Range;
use std::sync::Arc;

use bytes::{Bytes, BytesMut};

use crate::error::{ErrorKind, UploadError};
use crate::upload_source::{Chunks, Content, LocalFile, UploadSource, run_blocking};

/// The source of the blocks.
pub(super) enum Blocks {
    Memory(Bytes),
    File(Arc<LocalFile>),
    Stream(StreamBlocks),
}

/// A stream, whose blocks can be read in order, once.
pub(super) struct StreamBlocks {
    chunks: Chunks,
    length: u64,
    /// The number of bytes that were returned in blocks.
    position: u64,
    /// Received bytes of the next blocks.
    ahead: Bytes,
}

impl Blocks {
    /// Creates the blocks of an open file. A stream is taken.
    pub(super) fn from_source(upload: &UploadSource) -> Result<Self, UploadError> {
        Ok(match upload.content() {
            Content::Bytes(bytes) => Self::Memory(bytes.clone()),
            Content::Local(file) => Self::File(file.clone()),
            Content::Stream(once) => Self::Stream(StreamBlocks {
                length: once.length(),
                chunks: once.take()?,
                position: 0,
                ahead: Bytes::new(),
            }),
            // Paths are opened before.
            Content::Path(_) => Self::Memory(Bytes::new()),
        })
    }

    /// Returns whether blocks can be read again.
    pub(super) fn can_restart(&self) -> bool {
        !matches!(self, Self::Stream(_))
    }

    /// Reads a block.
    pub(super) async fn read(&mut self, part: Range<u64>) -> Result<Bytes, ErrorKind> {
        // `MAX_BLOCK_SIZE` fits.
        let count = usize::try_from(part.end - part.start).unwrap_or_default();
        match self {
            Self::Memory(bytes) => {
                let from = usize::try_from(part.start).unwrap_or(bytes.len());
                Ok(bytes.slice(from..from + count))
            }
            Self::File(file) => {
                let file = file.clone();
                let read = run_blocking(move || file.read(part.start, count)).await?;
                read.map_err(ErrorKind::Upload)
            }
            Self::Stream(stream) => stream.next(count).await.map_err(ErrorKind::Upload),
        }
    }

    /// Fails if the file has changed.
    pub(super) async fn check_unchanged(&mut self) -> Result<(), ErrorKind> {
        let Self::File(file) = self else { return Ok(()) };
        let file = file.clone();
        run_blocking(move || file.check_unchanged())
            .await?
            .map_err(ErrorKind::Upload)
    }
}

impl StreamBlocks {
    async fn next(&mut self, count: usize) -> Result<Bytes, UploadError> {
        let mut block = BytesMut::with_capacity(count);
        while block.len() < count {
            if self.ahead.is_empty() {
                self.ahead = self.chunk().await?.ok_or_else(|| self.wrong_length(block.len()))?;
            }
            let available = self.ahead.len().min(count - block.len());
            block.extend_from_slice(&self.ahead.split_to(available));
        }
        self.position += count as u64;
        if self.position == self.length {
            self.check_end().await?;
        }
        Ok(block.freeze())
    }

    /// Fails if the stream is longer than announced.
    async fn check_end(&mut self) -> Result<(), UploadError> {
        while self.ahead.is_empty() {
            match self.chunk().await? {
                Some(chunk) => self.ahead = chunk,
                None => return Ok(()),
            }
        }
        Err(self.wrong_length(self.ahead.len()))
    }

    async fn chunk(&mut self) -> Result<Option<Bytes>, UploadError> {
        poll_fn(|context| self.chunks.as_mut().poll_next(context))
            .await
            .transpose()
    }

    fn wrong_length(&self, extra: usize) -> UploadError {
        UploadError::Length {
            declared: self.length,
            received: self.position + extra as u64,
        }
    }
}

/// The maximum size of a block, which is in memory. The platform documents 4 MiB.
const MAX_BLOCK_SIZE: u64 = 64 * 1024 * 1024;
/// The maximum number of blocks: 400 GB at 4 MiB.
const MAX_BLOCKS: u64 = 100_000;

/// The division of a file into blocks of equal size, but for the last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Division {
    length: u64,
    block: u64,
    count: u64,
}

impl Division {
    /// Creates the division that the platform requests.
    ///
    /// # Errors
    ///
    /// Fails if the blocks do not add up to the file or exceed the limits.
    pub(super) fn new(length: u64, block_size: Option<i64>, block_count: Option<i64>) -> Result<Self, UploadError> {
        let invalid = |why| UploadError::Division {
            length,
            block_size,
            block_count,
            reason: why,
        };
        let block = block_size.and_then(|size| u64::try_from(size).ok());
        let count = block_count.and_then(|count| u64::try_from(count).ok());
        match (block, count) {
            (None | Some(0), _) => Err(invalid("a part has no size")),
            (_, None | Some(0)) => Err(invalid("there are no parts")),
            (Some(block), _) if block > MAX_BLOCK_SIZE => Err(invalid("a part is larger than 64 MiB")),
            (_, Some(count)) if count > MAX_BLOCKS => Err(invalid("there are more than 100000 parts")),
            (Some(block), Some(count)) if block * count < length => Err(invalid("the parts do not cover the file")),
            (Some(block), Some(count)) if block * (count - 1) >= length => Err(invalid("the last part would be empty")),
            (Some(block), Some(count)) => Ok(Self { length, block, count }),
        }
    }

    /// Returns the number of blocks.
    pub(super) fn count(&self) -> usize {
        // At most `MAX_BLOCKS`.
        self.count as usize
    }

    /// Returns the span of a block; empty beyond the last one.
    pub(super) fn part(&self, number: usize) -> Range<u64> {
        let from = self.block.saturating_mul(number as u64).min(self.length);
        from..(from + self.block).min(self.length)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn parts_add_up_to_the_file(length in 1u64..1 << 40, block in 1i64..MAX_BLOCK_SIZE as i64) {
            let count = length.div_ceil(block as u64);
            prop_assume!(count <= MAX_BLOCKS);
            let division = Division::new(length, Some(block), Some(count as i64)).unwrap();
            let mut position = 0;
            for number in 0..division.count() {
                let part = division.part(number);
                prop_assert_eq!(part.start, position);
                prop_assert!(!part.is_empty() && part.end - part.start <= block as u64);
                position = part.end;
            }
            prop_assert_eq!(position, length);
            prop_assert!(division.part(division.count()).is_empty());
        }

        #[test]
        fn division_covers_the_file_or_fails(
            length: u64, block: Option<i64>, count: Option<i64>,
        ) {
            if let Ok(division) = Division::new(length, block, count) {
                let last = division.part(division.count() - 1);
                prop_assert_eq!(last.end, length);
                prop_assert!(!last.is_empty());
            }
        }
    }

    #[test]
    fn rejects_invalid_divisions() {
        let table = [
            (Some(0), Some(1), "a part has no size"),
            (Some(-4), Some(1), "a part has no size"),
            (None, Some(1), "a part has no size"),
            (Some(4), Some(0), "there are no parts"),
            (Some(4), None, "there are no parts"),
            (Some(i64::MAX), Some(1), "a part is larger than 64 MiB"),
            (Some(1), Some(i64::MAX), "there are more than 100000 parts"),
            (Some(4), Some(2), "the parts do not cover the file"),
            (Some(4), Some(4), "the last part would be empty"),
        ];
        for (block, count, why) in table {
            let error = Division::new(10, block, count).expect_err(why);
            assert!(error.to_string().contains(why), "{error}");
        }
        assert!(Division::new(10, Some(4), Some(3)).is_ok());
    }
}
