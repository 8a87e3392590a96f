//! The bytes of a part, one part at a time in memory.

use std::future::poll_fn;
use std::ops::Range;
use std::sync::Arc;

use bytes::{Bytes, BytesMut};

use crate::error::{ErrorKind, UploadError};
use crate::upload::filled::blocking;
use crate::upload::local::LocalFile;
use crate::upload::once::Chunks;
use crate::upload::{Content, UploadSource};

/// Where the bytes of parts come from.
pub(super) enum Blocks {
    Memory(Bytes),
    File(Arc<LocalFile>),
    Stream(Flow),
}

/// A stream, whose parts can be had in their order, each once.
pub(super) struct Flow {
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
        Ok(match &upload.content {
            Content::Bytes(bytes) => Self::Memory(bytes.clone()),
            Content::Local(file) => Self::File(file.clone()),
            Content::Stream(once) => Self::Stream(Flow {
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

impl Flow {
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
