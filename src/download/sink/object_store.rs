//! A sink for an object of a store: a multipart upload, completed once the file is complete.

use std::path::PathBuf;

use object_store::path::Path;
use object_store::{GetOptions, ObjectStore, PutMultipartOptions, WriteMultipart};
use ring::digest::{Context, SHA256};
use tokio::runtime::Handle;

use super::{Finished, Sink, Tail};
use crate::download::Sha256;
use crate::download::batch::WriteBatch;
use crate::download::target::Overwrite;
use crate::download::validator::Validator;
use crate::error::{DownloadError, ErrorKind};
use crate::store::Pending;

/// The number of bytes that are gathered before they are uploaded.
const BATCH: usize = 512 * 1024;
/// The minimum size of all parts but the last; every store accepts parts of 5 MiB and more.
const MIN_PART_SIZE: u64 = 8 * 1024 * 1024;
/// The number of parts that every store accepts.
const MAX_PARTS: u64 = 10_000;
/// The maximum number of parts that are uploaded at a time.
const MAX_CONCURRENT_PARTS: usize = 2;

/// An object of a store. It is invisible until the upload is completed.
pub(crate) struct ObjectStoreSink<'a> {
    store: &'a dyn ObjectStore,
    path: &'a Path,
    replace: bool,
    /// The upload, started by the first byte.
    upload: Option<WriteMultipart>,
    written: u64,
    tail: Tail,
    digest: Option<Context>,
}

impl<'a> ObjectStoreSink<'a> {
    /// Creates a sink. Fails if the object exists and must not be replaced.
    pub(crate) async fn open(
        store: &'a dyn ObjectStore,
        path: &'a Path,
        overwrite: Overwrite,
        digest: bool,
    ) -> Result<Self, ErrorKind> {
        if overwrite == Overwrite::Number {
            let source = "objects are not numbered: choose another path or use `Overwrite::Replace`";
            return Err(store_error(source));
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
        sink.check_absent().await?;
        Ok(sink)
    }

    /// Fails if the object exists and must not be replaced. `mut` because an upload is not `Sync`.
    async fn check_absent(&mut self) -> Result<(), ErrorKind> {
        if self.replace {
            return Ok(());
        }
        let found = self.store.get_opts(self.path, GetOptions::new().with_head(true));
        match found.await {
            Ok(_) => Err(ErrorKind::Download(DownloadError::Exists {
                path: PathBuf::from(self.path.as_ref()),
            })),
            Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(store_error(error)),
        }
    }

    /// Returns the upload, and starts it if necessary.
    async fn upload(&mut self, validator: &Validator) -> Result<&mut WriteMultipart, ErrorKind> {
        let upload = match self.upload.take() {
            Some(upload) => upload,
            None => {
                let options = PutMultipartOptions::default();
                let upload = self
                    .store
                    .put_multipart_opts(self.path, options)
                    .await
                    .map_err(store_error)?;
                WriteMultipart::new_with_chunk_size(upload, part_size(validator.total))
            }
        };
        Ok(self.upload.insert(upload))
    }

    async fn append(&mut self, batch: WriteBatch, validator: &Validator) -> Result<(), ErrorKind> {
        for chunk in batch.into_chunks() {
            let upload = self.upload(validator).await?;
            upload
                .wait_for_capacity(MAX_CONCURRENT_PARTS)
                .await
                .map_err(store_error)?;
            upload.put(chunk.clone());
            self.written += chunk.len() as u64;
            self.tail.push(&chunk);
            if let Some(digest) = &mut self.digest {
                digest.update(&chunk);
            }
        }
        Ok(())
    }

    /// Aborts the upload.
    async fn abort(&mut self) {
        if let Some(upload) = self.upload.take() {
            abort(upload, self.path.to_string()).await;
        }
    }

    async fn complete(&mut self, validator: &Validator, bytes: u64) -> Result<Finished, ErrorKind> {
        if self.written != bytes {
            return Err(store_error(format!("{} of {bytes} bytes were uploaded", self.written)));
        }
        // Not atomic: few stores support a conditional multipart upload.
        self.check_absent().await?;
        self.upload(validator).await?;
        if let Some(upload) = self.upload.take() {
            upload.finish().await.map_err(store_error)?;
        }
        let sha256 = self.digest.take().map(Sha256::from);
        Ok(Finished { path: None, sha256 })
    }
}

/// Returns the size of a part, at which a file of this size has at most `MAX_PARTS` parts.
fn part_size(total: Option<u64>) -> usize {
    let part = total.map_or(MIN_PART_SIZE, |total| total.div_ceil(MAX_PARTS).max(MIN_PART_SIZE));
    usize::try_from(part).unwrap_or(usize::MAX)
}

async fn abort(upload: WriteMultipart, path: String) {
    if let Err(error) = upload.abort().await {
        tracing::warn!(%error, path, "aborting the upload failed: its parts may remain in the store");
    }
}

fn store_error(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> ErrorKind {
    let source = source.into();
    ErrorKind::Download(DownloadError::Store { source })
}

/// A dropped download aborts its upload, if there is a runtime.
impl Drop for ObjectStoreSink<'_> {
    fn drop(&mut self) {
        if let (Some(upload), Ok(runtime)) = (self.upload.take(), Handle::try_current()) {
            runtime.spawn(abort(upload, self.path.to_string()));
        }
    }
}

impl Sink for ObjectStoreSink<'_> {
    fn batch_size(&self) -> usize {
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
        Box::pin(self.append(batch, validator))
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
    fn part_size_grows_with_the_file() {
        assert_eq!(part_size(None), 8 << 20);
        assert_eq!(part_size(Some(0)), 8 << 20);
        assert_eq!(part_size(Some(MIN_PART_SIZE * MAX_PARTS)), 8 << 20);
        let large = 5_u64 << 40;
        assert!(large.div_ceil(part_size(Some(large)) as u64) <= MAX_PARTS);
    }
}
