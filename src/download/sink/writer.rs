//! A sink for any writer.

use bytes::Bytes;
use ring::digest::{Context, SHA256};
use tokio::io::{AsyncWrite, AsyncWriteExt};

use super::{Finished, Sink, Tail};
use crate::download::Sha256;
use crate::download::batch::WriteBatch;
use crate::download::validator::Validator;
use crate::error::{DownloadError, ErrorKind};
use crate::store::Pending;

/// A writer. After a restart the new bytes are compared with the written ones by digest, and only those after them are
/// written.
pub(crate) struct WriterSink<W> {
    writer: W,
    /// The number of bytes that were written.
    written: u64,
    /// The digest of the written bytes.
    digest: Context,
    /// The last written bytes.
    tail: Tail,
    replay: Option<Replay>,
    report_digest: bool,
}

/// The beginning of the file, received again.
struct Replay {
    received: u64,
    digest: Context,
}

impl<W: AsyncWrite + Send + Unpin> WriterSink<W> {
    /// Creates a sink. With `report_digest` the result contains the SHA-256.
    pub(crate) fn new(writer: W, report_digest: bool) -> Self {
        Self {
            writer,
            written: 0,
            digest: Context::new(&SHA256),
            tail: Tail::default(),
            replay: None,
            report_digest,
        }
    }

    async fn write_chunk(&mut self, chunk: Bytes) -> Result<(), ErrorKind> {
        let new = self.compare(chunk)?;
        if new.is_empty() {
            return Ok(());
        }
        self.writer.write_all(&new).await.map_err(failed)?;
        self.written += new.len() as u64;
        self.digest.update(&new);
        self.tail.push(&new);
        Ok(())
    }

    /// Compares the repeated bytes of a chunk, and returns the new ones.
    fn compare(&mut self, mut chunk: Bytes) -> Result<Bytes, ErrorKind> {
        let Some(replay) = &mut self.replay else {
            return Ok(chunk);
        };
        let missing = self.written - replay.received;
        let repeated = chunk.split_to(chunk.len().min(usize::try_from(missing).unwrap_or(usize::MAX)));
        replay.received += repeated.len() as u64;
        replay.digest.update(&repeated);
        if replay.received == self.written {
            let (written, received) = (self.digest.clone().finish(), replay.digest.clone().finish());
            if written.as_ref() != received.as_ref() {
                return Err(self.diverged());
            }
            self.replay = None;
        }
        Ok(chunk)
    }

    fn diverged(&self) -> ErrorKind {
        ErrorKind::Download(DownloadError::Diverged { bytes: self.written })
    }
}

fn failed(source: std::io::Error) -> ErrorKind {
    ErrorKind::Download(DownloadError::Writer { source })
}

impl<W: AsyncWrite + Send + Unpin> Sink for WriterSink<W> {
    /// Immediately, since the reader of the output waits for each byte.
    fn batch_size(&self) -> usize {
        1
    }

    fn restart<'a>(&'a mut self, _: &'a Validator) -> Pending<'a, Result<(), ErrorKind>> {
        self.replay = (self.written > 0).then(|| Replay {
            received: 0,
            digest: Context::new(&SHA256),
        });
        Box::pin(std::future::ready(Ok(())))
    }

    fn write<'a>(&'a mut self, batch: WriteBatch, _: &'a Validator) -> Pending<'a, Result<(), ErrorKind>> {
        Box::pin(async move {
            for chunk in batch.into_chunks() {
                self.write_chunk(chunk).await?;
            }
            Ok(())
        })
    }

    fn tail(&mut self, count: u64) -> Pending<'_, Result<Vec<u8>, ErrorKind>> {
        let tail = match self.replay {
            // The tail belongs to a later position.
            Some(_) => Vec::new(),
            None => self.tail.last(count),
        };
        Box::pin(std::future::ready(Ok(tail)))
    }

    fn finish<'a>(&'a mut self, _: &'a Validator, bytes: u64) -> Pending<'a, Result<Finished, ErrorKind>> {
        Box::pin(async move {
            // Fewer bytes than were written belong to another version.
            if self.replay.is_some() || self.written != bytes {
                return Err(self.diverged());
            }
            self.writer.flush().await.map_err(failed)?;
            let sha256 = self.report_digest.then(|| Sha256::from(self.digest.clone()));
            Ok(Finished { path: None, sha256 })
        })
    }

    fn suspend<'a>(&'a mut self, _: Option<&'a Validator>) -> Pending<'a, ()> {
        Box::pin(std::future::ready(()))
    }
}
