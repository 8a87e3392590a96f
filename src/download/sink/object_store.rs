//! An object of a store: an upload in parts, which is completed once the file is whole.

use std::path::PathBuf;

use object_store::path::Path;
use object_store::{GetOptions, ObjectStore, PutMultipartOptions, WriteMultipart};
use ring::digest::{Context, SHA256};
use tokio::runtime::Handle;

use super::{Finished, Sink, Tail};
use crate::download::batch::WriteBatch;
use crate::download::report::Sha256;
use crate::download::target::Overwrite;
use crate::download::validator::Validator;
use crate::error::{DownloadError, ErrorKind};
use crate::store::Pending;

/// How many bytes come before they are given on.
const BATCH: usize = 512 * 1024;
/// How large a part is, the last one aside: every store takes parts of 5 MiB and more.
const MIN_PART_SIZE: u64 = 8 * 1024 * 1024;
/// Most parts of one upload that every store takes.
const MAX_PARTS: u64 = 10_000;
/// How many parts may be on their way to the store before another is begun.
const MAX_CONCURRENT_PARTS: usize = 2;

/// An object of a store. What is uploaded is visible to nobody before the file is whole.
pub(crate) struct ObjectStoreSink<'a> {
    store: &'a dyn ObjectStore,
    path: &'a Path,
    replace: bool,
    /// What is under way, from the first byte on.
    upload: Option<WriteMultipart>,
    written: u64,
    tail: Tail,
    digest: Option<Context>,
}

impl<'a> ObjectStoreSink<'a> {
    /// An object of this path. Where it is not to be replaced, there must be none.
    pub(crate) async fn open(
        store: &'a dyn ObjectStore,
        path: &'a Path,
        overwrite: Overwrite,
        digest: bool,
    ) -> Result<Self, ErrorKind> {
        if overwrite == Overwrite::Number {
            let source = "an object gets no number: name another path, or allow it to be replaced";
            return Err(failed(source));
        }
        let mut sink = Self {
            store,
            path,
            replace: overwrite == Overwrite::Replace,
            upload: None,
            written: 0,
            tail: Tail::default(),
            digest: digest.then(|| Context::new(&SHA256)),
        };
        sink.check_free().await?;
        Ok(sink)
    }

    /// Whether nothing is in the way. An upload cannot be shared between threads, hence `mut`.
    async fn check_free(&mut self) -> Result<(), ErrorKind> {
        if self.replace {
            return Ok(());
        }
        let found = self.store.get_opts(self.path, GetOptions::new().with_head(true));
        match found.await {
            Ok(_) => Err(ErrorKind::Download(DownloadError::Exists {
                path: PathBuf::from(self.path.as_ref()),
            })),
            Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(failed(error)),
        }
    }

    /// The upload, which begins with the first byte.
    async fn begun(&mut self, validator: &Validator) -> Result<&mut WriteMultipart, ErrorKind> {
        let upload = match self.upload.take() {
            Some(upload) => upload,
            None => {
                let options = PutMultipartOptions::default();
                let upload = self
                    .store
                    .put_multipart_opts(self.path, options)
                    .await
                    .map_err(failed)?;
                WriteMultipart::new_with_chunk_size(upload, part_size(validator.total))
            }
        };
        Ok(self.upload.insert(upload))
    }

    async fn take(&mut self, batch: WriteBatch, validator: &Validator) -> Result<(), ErrorKind> {
        for chunk in batch.into_chunks() {
            let upload = self.begun(validator).await?;
            upload.wait_for_capacity(MAX_CONCURRENT_PARTS).await.map_err(failed)?;
            upload.put(chunk.clone());
            self.written += chunk.len() as u64;
            self.tail.push(&chunk);
            if let Some(digest) = &mut self.digest {
                digest.update(&chunk);
            }
        }
        Ok(())
    }

    /// Gives up what was uploaded.
    async fn abort(&mut self) {
        if let Some(upload) = self.upload.take() {
            abort(upload, self.path.to_string()).await;
        }
    }

    async fn complete(&mut self, validator: &Validator, bytes: u64) -> Result<Finished, ErrorKind> {
        if self.written != bytes {
            return Err(failed(format!("{} bytes were given on of {bytes}", self.written)));
        }
        // Somebody else may have been faster. That is not all in one step: few stores can do that for an upload in parts.
        self.check_free().await?;
        self.begun(validator).await?;
        if let Some(upload) = self.upload.take() {
            upload.finish().await.map_err(failed)?;
        }
        let sha256 = self.digest.take().map(Sha256::from);
        Ok(Finished { path: None, sha256 })
    }
}

/// How large a part of a file of this size is: there may be no more than so many.
fn part_size(total: Option<u64>) -> usize {
    let part = total.map_or(MIN_PART_SIZE, |total| total.div_ceil(MAX_PARTS).max(MIN_PART_SIZE));
    usize::try_from(part).unwrap_or(usize::MAX)
}

async fn abort(upload: WriteMultipart, path: String) {
    if let Err(error) = upload.abort().await {
        tracing::warn!(%error, path, "the parts of an upload that was given up may be left in the store");
    }
}

fn failed(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> ErrorKind {
    let source = source.into();
    ErrorKind::Download(DownloadError::Store { source })
}

/// A transfer that is dropped leaves nothing in the store either, as long as there is something to run on.
impl Drop for ObjectStoreSink<'_> {
    fn drop(&mut self) {
        if let (Some(upload), Ok(runtime)) = (self.upload.take(), Handle::try_current()) {
            runtime.spawn(abort(upload, self.path.to_string()));
        }
    }
}

impl Sink for ObjectStoreSink<'_> {
    fn batch(&self) -> usize {
        BATCH
    }

    fn restart<'a>(&'a mut self, _: &'a Validator) -> Pending<'a, Result<(), ErrorKind>> {
        Box::pin(async move {
            self.abort().await;
            self.written = 0;
            self.tail = Tail::default();
            if self.digest.is_some() {
                self.digest = Some(Context::new(&SHA256));
            }
            Ok(())
        })
    }

    fn write<'a>(&'a mut self, batch: WriteBatch, validator: &'a Validator) -> Pending<'a, Result<(), ErrorKind>> {
        Box::pin(self.take(batch, validator))
    }

    fn tail(&mut self, count: u64) -> Pending<'_, Result<Vec<u8>, ErrorKind>> {
        Box::pin(std::future::ready(Ok(self.tail.last(count))))
    }

    fn finish<'a>(&'a mut self, validator: &'a Validator, bytes: u64) -> Pending<'a, Result<Finished, ErrorKind>> {
        Box::pin(self.complete(validator, bytes))
    }

    fn suspend<'a>(&'a mut self, _: Option<&'a Validator>) -> Pending<'a, ()> {
        Box::pin(self.abort())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_grow_with_the_file_so_that_there_are_not_too_many() {
        assert_eq!(part_size(None), 8 << 20);
        assert_eq!(part_size(Some(0)), 8 << 20);
        assert_eq!(part_size(Some(MIN_PART_SIZE * MAX_PARTS)), 8 << 20);
        let large = 5_u64 << 40;
        assert!(large.div_ceil(part_size(Some(large)) as u64) <= MAX_PARTS);
    }
}
