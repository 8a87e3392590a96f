//! Any writer: what it has had cannot be taken back.

use bytes::Bytes;
use ring::digest::{Context, SHA256};
use tokio::io::{AsyncWrite, AsyncWriteExt};

use super::{Finished, Sink, Tail};
use crate::download::batch::WriteBatch;
use crate::download::report::Sha256;
use crate::download::validator::Validator;
use crate::error::{DownloadError, ErrorKind};
use crate::store::Pending;

/// A writer. Where the file has to come anew from its start, what comes is held against what the writer has had, by
/// digest, and only what follows is written.
pub(crate) struct WriterSink<W> {
    writer: W,
    /// How many bytes the writer has had.
    written: u64,
    /// Their digest.
    digest: Context,
    /// The last of them.
    tail: Tail,
    again: Option<Again>,
    report: bool,
}

/// The beginning of the file, which comes again.
struct Again {
    seen: u64,
    digest: Context,
}

impl<W: AsyncWrite + Send + Unpin> WriterSink<W> {
    /// Writes to this; with `report`, the digest is told at the end.
    pub(crate) fn new(writer: W, report: bool) -> Self {
        Self {
            writer,
            written: 0,
            digest: Context::new(&SHA256),
            tail: Tail::default(),
            again: None,
            report,
        }
    }

    async fn take(&mut self, chunk: Bytes) -> Result<(), ErrorKind> {
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

    /// What of the chunk the writer has not had.
    fn compare(&mut self, mut chunk: Bytes) -> Result<Bytes, ErrorKind> {
        let Some(again) = &mut self.again else {
            return Ok(chunk);
        };
        let missing = self.written - again.seen;
        let seen = chunk.split_to(chunk.len().min(usize::try_from(missing).unwrap_or(usize::MAX)));
        again.seen += seen.len() as u64;
        again.digest.update(&seen);
        if again.seen == self.written {
            let (was, is) = (self.digest.clone().finish(), again.digest.clone().finish());
            if was.as_ref() != is.as_ref() {
                return Err(self.diverged());
            }
            self.again = None;
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
    /// At once: whoever reads behind the writer waits for it.
    fn batch(&self) -> usize {
        1
    }

    fn restart<'a>(&'a mut self, _: &'a Validator) -> Pending<'a, Result<(), ErrorKind>> {
        self.again = (self.written > 0).then(|| Again {
            seen: 0,
            digest: Context::new(&SHA256),
        });
        Box::pin(std::future::ready(Ok(())))
    }

    fn write<'a>(&'a mut self, batch: WriteBatch, _: &'a Validator) -> Pending<'a, Result<(), ErrorKind>> {
        Box::pin(async move {
            for chunk in batch.into_chunks() {
                self.take(chunk).await?;
            }
            Ok(())
        })
    }

    fn tail(&mut self, count: u64) -> Pending<'_, Result<Vec<u8>, ErrorKind>> {
        let tail = match self.again {
            // What it holds is from further on in the file.
            Some(_) => Vec::new(),
            None => self.tail.last(count),
        };
        Box::pin(std::future::ready(Ok(tail)))
    }

    fn finish<'a>(&'a mut self, _: &'a Validator, bytes: u64) -> Pending<'a, Result<Finished, ErrorKind>> {
        Box::pin(async move {
            // Shorter than what the writer has had: it is of another validator.
            if self.again.is_some() || self.written != bytes {
                return Err(self.diverged());
            }
            self.writer.flush().await.map_err(failed)?;
            let sha256 = self.report.then(|| Sha256::from(self.digest.clone()));
            Ok(Finished { path: None, sha256 })
        })
    }

    fn suspend<'a>(&'a mut self, _: Option<&'a Validator>) -> Pending<'a, ()> {
        Box::pin(std::future::ready(()))
    }
}
