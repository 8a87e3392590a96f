//! The bytes of a part, one part at a time in memory.

use std::future::poll_fn;
use std::ops::Range;
use std::sync::Arc;

use bytes::{Bytes, BytesMut};

use crate::error::{ErrorKind, UploadError};
use crate::upload_source::{Chunks, Content, LocalFile, UploadSource, blocking};

/// Where the bytes of parts come from.
pub(super) enum Blocks {
    Memory(Bytes),
    File(Arc<LocalFile>),
    Stream(StreamBlocks),
}

/// A stream, whose parts can be had in their order, each once.
pub(super) struct StreamBlocks {
    chunks: Chunks,
    length: u64,
    /// How much of it was given as parts.
    position: u64,
    /// What came of the parts that follow.
    ahead: Bytes,
}

impl Blocks {
    /// The content of a file that is open. A stream is taken.
    pub(super) fn of(upload: &UploadSource) -> Result<Self, UploadError> {
        Ok(match upload.content() {
            Content::Bytes(bytes) => Self::Memory(bytes.clone()),
            Content::Local(file) => Self::File(file.clone()),
            Content::Stream(once) => Self::Stream(StreamBlocks {
                length: once.length(),
                chunks: once.take()?,
                position: 0,
                ahead: Bytes::new(),
            }),
            // Opened before.
            Content::Path(_) => Self::Memory(Bytes::new()),
        })
    }

    /// Whether a part that was read can be read again.
    pub(super) fn can_begin_anew(&self) -> bool {
        !matches!(self, Self::Stream(_))
    }

    /// The bytes of a part.
    pub(super) async fn read(&mut self, part: Range<u64>) -> Result<Bytes, ErrorKind> {
        // A part is as large as memory allows.
        let count = usize::try_from(part.end - part.start).unwrap_or_default();
        match self {
            Self::Memory(bytes) => {
                let from = usize::try_from(part.start).unwrap_or(bytes.len());
                Ok(bytes.slice(from..from + count))
            }
            Self::File(file) => {
                let file = file.clone();
                let read = blocking(move || file.read(part.start, count)).await?;
                read.map_err(ErrorKind::Upload)
            }
            Self::Stream(flow) => flow.next(count).await.map_err(ErrorKind::Upload),
        }
    }

    /// Refuses a file that is not as it was.
    pub(super) async fn unchanged(&mut self) -> Result<(), ErrorKind> {
        let Self::File(file) = self else { return Ok(()) };
        let file = file.clone();
        blocking(move || file.unchanged()).await?.map_err(ErrorKind::Upload)
    }
}

impl StreamBlocks {
    async fn next(&mut self, count: usize) -> Result<Bytes, UploadError> {
        let mut block = BytesMut::with_capacity(count);
        while block.len() < count {
            if self.ahead.is_empty() {
                self.ahead = self.chunk().await?.ok_or_else(|| self.wrong_length(block.len()))?;
            }
            let some = self.ahead.len().min(count - block.len());
            block.extend_from_slice(&self.ahead.split_to(some));
        }
        self.position += count as u64;
        if self.position == self.length {
            self.check_end().await?;
        }
        Ok(block.freeze())
    }

    /// Whether nothing comes behind the last byte that was announced.
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

    fn wrong_length(&self, more: usize) -> UploadError {
        UploadError::Length {
            declared: self.length,
            came: self.position + more as u64,
        }
    }
}

/// Largest part, which is held in memory. The platform says that its parts have 4 MiB.
const MAX_BLOCK_SIZE: u64 = 64 * 1024 * 1024;
/// Most parts: at 4 MiB a file of 400 GB.
const MAX_BLOCKS: u64 = 100_000;

/// A file in parts, all of one size but the last, which has what is left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Division {
    length: u64,
    block: u64,
    count: u64,
}

impl Division {
    /// The parts of a file of this length, as the platform says.
    ///
    /// # Errors
    ///
    /// Where what it says cannot be: its parts would not be the file, or no program could send them.
    pub(super) fn new(length: u64, block_size: Option<i64>, block_count: Option<i64>) -> Result<Self, UploadError> {
        let refused = |why| UploadError::Division {
            length,
            block_size,
            block_count,
            why,
        };
        let block = block_size.and_then(|size| u64::try_from(size).ok());
        let count = block_count.and_then(|count| u64::try_from(count).ok());
        match (block, count) {
            (None | Some(0), _) => Err(refused("a part has no size")),
            (_, None | Some(0)) => Err(refused("there are no parts")),
            (Some(block), _) if block > MAX_BLOCK_SIZE => Err(refused("a part is larger than 64 MiB")),
            (_, Some(count)) if count > MAX_BLOCKS => Err(refused("there are more than 100000 parts")),
            (Some(block), Some(count)) if block * count < length => Err(refused("so many parts do not hold the file")),
            (Some(block), Some(count)) if block * (count - 1) >= length => Err(refused("the last part would be empty")),
            (Some(block), Some(count)) => Ok(Self { length, block, count }),
        }
    }

    /// How many parts there are.
    pub(super) fn count(&self) -> usize {
        // At most `MAX_BLOCKS`.
        self.count as usize
    }

    /// The bytes of a part; empty for one that there is not.
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
        fn the_parts_of_a_file_are_the_file(length in 1u64..1 << 40, block in 1i64..MAX_BLOCK_SIZE as i64) {
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
        fn whatever_the_platform_says_is_either_the_file_in_parts_or_refused(
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
    fn what_cannot_be_is_refused_with_what_was_said() {
        let table = [
            (Some(0), Some(1), "a part has no size"),
            (Some(-4), Some(1), "a part has no size"),
            (None, Some(1), "a part has no size"),
            (Some(4), Some(0), "there are no parts"),
            (Some(4), None, "there are no parts"),
            (Some(i64::MAX), Some(1), "a part is larger than 64 MiB"),
            (Some(1), Some(i64::MAX), "there are more than 100000 parts"),
            (Some(4), Some(2), "so many parts do not hold the file"),
            (Some(4), Some(4), "the last part would be empty"),
        ];
        for (block, count, why) in table {
            let fault = Division::new(10, block, count).expect_err(why);
            assert!(fault.to_string().contains(why), "{fault}");
        }
        assert!(Division::new(10, Some(4), Some(3)).is_ok());
    }
}
