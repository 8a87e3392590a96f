//! The steps of an upload: prepare, parts, finish.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use bytes::Bytes;

use super::blocks::{Blocks, Division};
use super::endpoints::{FieldValue, Parts, PrepareResponse, StepRequest};
use super::state::{self, StateFile, UploadState};
use crate::client::Client;
use crate::endpoint::Request;
use crate::error::{Error, ErrorKind, Result, UploadError};
use crate::secret::sha256_hex;
use crate::transfer::{Progress, ProgressListener, request_identity};
use crate::upload_source::{Content, FileFingerprint, UploadSource, run_blocking};
use crate::wire::{FieldsMut, Rule, View};

/// The maximum number of restarts after the platform reports an unknown upload.
const MAX_RESTARTS: u32 = 2;

/// The options of an upload.
#[derive(Default)]
pub(super) struct Options {
    pub resume: Resume,
    pub listener: Option<ProgressListener>,
}

/// The location of the state file.
#[derive(Default)]
pub(super) enum Resume {
    /// No state file.
    #[default]
    No,
    /// Next to the uploaded file.
    NextToFile,
    AtPath(PathBuf),
}

/// Uploads the file of a request. Not generic, so that it is compiled once.
pub(super) async fn run(
    client: &Client,
    request: &dyn Request,
    parts: &'static Parts,
    options: Options,
    into: &mut (dyn FieldsMut + Send),
) -> Result<()> {
    let to_error = |kind| Error::at(request.endpoint(), kind);
    let Some((max_bytes, file)) = file_of(request) else {
        return client.call(request, into).await;
    };
    let file = file.opened().await.map_err(to_error)?;
    let length = file.length().unwrap_or_default();
    let mut listener = options.listener;
    if max_bytes.is_none_or(|max_bytes| length <= max_bytes) {
        client.call(request, into).await?;
        if let Some(listener) = &mut listener {
            listener(progress(length, length, 1));
        }
        return Ok(());
    }
    let state_file = match state_path(options.resume, &file).map_err(to_error)? {
        None => None,
        Some(path) => Some(
            run_blocking(move || StateFile::open(&path))
                .await
                .and_then(|file| file)
                .map_err(to_error)?,
        ),
    };
    let run = Run {
        client,
        request,
        parts,
        length,
        blocks: Blocks::from_source(&file)
            .map_err(ErrorKind::Upload)
            .map_err(to_error)?,
        file,
        state_file,
        listener,
        calls: 0,
    };
    run.complete(into).await
}

/// Returns the file of a request, and the maximum size of one call.
fn file_of(request: &dyn Request) -> Option<(Option<u64>, UploadSource)> {
    let mut fields = request.fields().iter().enumerate();
    fields.find_map(|(index, field)| match request.value(index)?.view() {
        View::File(part) => {
            let max_bytes = field.rules.iter().find_map(|rule| match rule {
                Rule::MaxBytes(max_bytes) => Some(*max_bytes),
                _ => None,
            });
            Some((max_bytes, UploadSource::from_part(part)?.clone()))
        }
        _ => None,
    })
}

/// Returns the path of the state file, if requested.
fn state_path(resume: Resume, file: &UploadSource) -> Result<Option<PathBuf>, ErrorKind> {
    let not_resumable = |why| Err(ErrorKind::Upload(UploadError::NotResumable { reason: why }));
    match (resume, file.content()) {
        (Resume::No, _) => Ok(None),
        (_, Content::Stream(_)) => {
            not_resumable("a stream cannot be read again: remove `resume`, or use `UploadSource::path`")
        }
        (Resume::AtPath(path), _) => Ok(Some(path)),
        (Resume::NextToFile, Content::Local(local)) => Ok(Some(path_next_to(local.path()))),
        (Resume::NextToFile, _) => {
            not_resumable("bytes in memory have no path for the state file: use `resume_at(path)`")
        }
    }
}

fn path_next_to(path: &Path) -> PathBuf {
    let mut name: OsString = path.file_name().unwrap_or_default().to_owned();
    name.push(".larkspur-upload");
    path.with_file_name(name)
}

fn progress(bytes: u64, total: u64, calls: u32) -> Progress {
    Progress {
        bytes,
        total: Some(total),
        attempt: calls,
    }
}

/// A running multipart upload.
struct Run<'a> {
    client: &'a Client,
    request: &'a dyn Request,
    parts: &'static Parts,
    file: UploadSource,
    length: u64,
    blocks: Blocks,
    state_file: Option<StateFile>,
    listener: Option<ProgressListener>,
    calls: u32,
}

impl Run<'_> {
    async fn complete(mut self, into: &mut (dyn FieldsMut + Send)) -> Result<()> {
        let mut resumed = self.resume().await?;
        let mut restarts = 0;
        loop {
            let (mut state, may_be_done) = match resumed.take() {
                Some(state) => {
                    let may_be_done = state.finishing;
                    (state, may_be_done)
                }
                None => (self.prepare().await?, false),
            };
            let sent = self.send(&mut state, into).await;
            let unknown = matches!(&sent, Err(error) if self.is_unknown_upload(error));
            if sent.is_ok() || unknown && may_be_done {
                // The upload may already be complete and must not be repeated without the caller. The state is obsolete.
                if let Some(state_file) = self.state_file.take() {
                    state_file.remove().map_err(|kind| self.error(kind))?;
                }
                return sent;
            }
            if !unknown || restarts == MAX_RESTARTS || !self.blocks.can_restart() {
                return sent;
            }
            restarts += 1;
            tracing::debug!(restarts, "the platform reports an unknown upload: restarting it");
        }
    }

    /// Starts the upload with the values of the request.
    async fn prepare(&mut self) -> Result<UploadState> {
        let step = &self.parts.prepare;
        let mut values = Vec::new();
        for (index, field) in self.request.fields().iter().enumerate() {
            if !step.fields.iter().any(|step_field| step_field.key == field.key) {
                continue;
            }
            let value = self
                .request
                .value(index)
                .filter(|value| !matches!(value.view(), View::Absent));
            let step_value = match (value, field.of_file) {
                (Some(value), _) => Some(FieldValue::Borrowed(value)),
                (None, Some(fact)) => {
                    let derived = self.file.derived_value(fact).await;
                    let derived = derived.map_err(|kind| self.error(kind))?;
                    derived.map(FieldValue::Owned)
                }
                (None, None) => None,
            };
            values.push((field.key, step_value));
        }
        let request = StepRequest::new(step, |field| {
            let value = values.iter_mut().find(|(key, _)| *key == field.key);
            value.and_then(|(_, value)| value.take())
        });
        let mut prepared = PrepareResponse::default();
        self.calls += 1;
        self.client.call(&request, &mut prepared).await?;
        let division = self.division(&prepared)?;
        let state = UploadState {
            request: self.digest(),
            file: self.fingerprint(),
            length: self.length,
            prepared,
            started: state::unix_time(),
            checksums: vec![None; division.count()],
            finishing: false,
        };
        self.write(&state).await?;
        Ok(state)
    }

    /// Uploads the missing parts and completes the upload.
    async fn send(&mut self, state: &mut UploadState, into: &mut (dyn FieldsMut + Send)) -> Result<()> {
        let division = self.division(&state.prepared)?;
        for number in 0..division.count() {
            if state.checksums[number].is_some() {
                continue;
            }
            let read = self.blocks.read(division.part(number)).await;
            let block = read.map_err(|kind| self.error(kind))?;
            let sum = adler2::adler32_slice(&block);
            self.part(&state.prepared, number, block).await?;
            state.checksums[number] = Some(sum);
            self.write(state).await?;
            self.report_progress(&division, state);
        }
        let unchanged = self.blocks.check_unchanged().await;
        unchanged.map_err(|kind| self.error(kind))?;
        self.finish(state, into).await
    }

    async fn part(&mut self, prepared: &PrepareResponse, number: usize, block: Bytes) -> Result<()> {
        let file = UploadSource::bytes(self.file.file_name(), block);
        let request = StepRequest::new(&self.parts.part, |field| match field.key {
            key if key == self.parts.number => Some(FieldValue::owned(number as i64)),
            key if key == self.parts.file => Some(FieldValue::owned(file.clone())),
            // The value is derived from the part.
            _ if field.of_file.is_some() => None,
            key => prepared.value_for(key),
        });
        self.calls += 1;
        self.client.call_empty(&request).await
    }

    async fn finish(&mut self, state: &mut UploadState, into: &mut (dyn FieldsMut + Send)) -> Result<()> {
        state.finishing = true;
        self.write(state).await?;
        let request = StepRequest::new(&self.parts.finish, |field| state.prepared.value_for(field.key));
        self.calls += 1;
        let finished = self.client.call(&request, into).await;
        if matches!(&finished, Err(error) if error.code().is_some() && !error.is_retryable()) {
            // The upload was certainly not completed.
            state.finishing = false;
            self.write(state).await?;
        }
        finished
    }

    /// Returns the state of an earlier upload, if the file is unchanged and the upload has not expired.
    async fn resume(&mut self) -> Result<Option<UploadState>> {
        let Some(state_file) = &mut self.state_file else {
            return Ok(None);
        };
        let Some(state) = state_file
            .read()
            .map_err(|kind| Error::at(self.request.endpoint(), kind))?
        else {
            return Ok(None);
        };
        let lifetime = self.parts.prepare.endpoint.lifetime;
        let expired = lifetime
            .is_some_and(|lifetime| state::unix_time() >= state.started.saturating_add(lifetime.duration.as_secs()));
        let same = state.request == self.digest() && state.file == self.fingerprint() && state.length == self.length;
        let Ok(division) = self.division(&state.prepared) else {
            return Ok(None);
        };
        if expired || !same || state.checksums.len() != division.count() {
            return Ok(None);
        }
        // Modification times are coarse and can be set.
        for (number, sum) in state.checksums.iter().enumerate() {
            let Some(sum) = sum else { continue };
            let read = self.blocks.read(division.part(number)).await;
            let block = read.map_err(|kind| self.error(kind))?;
            if adler2::adler32_slice(&block) != *sum {
                return Ok(None);
            }
        }
        Ok(Some(state))
    }

    fn division(&self, prepared: &PrepareResponse) -> Result<Division> {
        let number = |key| prepared.number(key);
        let division = Division::new(
            self.length,
            number(self.parts.block_size),
            number(self.parts.block_count),
        );
        division.map_err(|error| Error::at(self.parts.prepare.endpoint, ErrorKind::Upload(error)))
    }

    /// Returns a digest that identifies the upload and does not disclose the request.
    fn digest(&self) -> String {
        let path = match self.file.content() {
            Content::Local(file) => Some(file.path()),
            _ => None,
        };
        let (base, id) = (self.client.base_url(), self.request.endpoint().id);
        let (name, identity) = (self.file.file_name(), request_identity(self.request));
        sha256_hex(&format!("{base}\n{id}\n{name:?}\n{path:?}\n{identity}"))
    }

    fn fingerprint(&self) -> Option<FileFingerprint> {
        match self.file.content() {
            Content::Local(file) => Some(*file.fingerprint()),
            _ => None,
        }
    }

    async fn write(&mut self, state: &UploadState) -> Result<()> {
        match &mut self.state_file {
            // A rare write of a few hundred bytes, which is cheaper than another thread.
            Some(state_file) => state_file
                .write(state)
                .map_err(|kind| Error::at(self.request.endpoint(), kind)),
            None => Ok(()),
        }
    }

    fn report_progress(&mut self, division: &Division, state: &UploadState) {
        if let Some(listener) = &mut self.listener {
            let uploaded = state.checksums.iter().enumerate().filter(|(_, sum)| sum.is_some());
            let bytes = uploaded
                .map(|(number, _)| division.part(number))
                .map(|part| part.end - part.start)
                .sum();
            listener(progress(bytes, self.length, self.calls));
        }
    }

    /// Returns whether the platform reports an unknown upload.
    fn is_unknown_upload(&self, error: &Error) -> bool {
        error.code().is_some_and(|code| self.parts.restart.contains(&code))
    }

    fn error(&self, kind: ErrorKind) -> Error {
        Error::at(self.request.endpoint(), kind)
    }
}
