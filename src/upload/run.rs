//! The way of an upload, from looking at the file to the answer of the last call.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use bytes::Bytes;

use super::blocks::{Blocks, Division};
use super::endpoints::Parts;
use super::state::{self, StateFile, UploadState};
use super::step_request::{FieldValue, PrepareResponse, StepRequest};
use crate::client::Client;
use crate::digest;
use crate::endpoint::Request;
use crate::error::{Error, ErrorKind, Result, UploadError};
use crate::transfer::{Progress, ProgressListener, request_identity};
use crate::upload_source::{Content, FileFingerprint, UploadSource, blocking};
use crate::wire::{FieldsMut, Rule, View};

/// How often an upload begins anew that the platform no longer knows.
const MAX_RESTARTS: u32 = 2;

/// What a caller asks for.
#[derive(Default)]
pub(super) struct Options {
    pub resume: Resume,
    pub listener: Option<ProgressListener>,
}

/// Where the state of an upload is kept.
#[derive(Default)]
pub(super) enum Resume {
    /// Nowhere.
    #[default]
    No,
    /// Beside the file.
    Beside,
    At(PathBuf),
}

/// Sends the file of a request. One function for all of them, so that generated code costs nothing here.
pub(super) async fn run(
    client: &Client,
    request: &dyn Request,
    parts: &'static Parts,
    options: Options,
    into: &mut (dyn FieldsMut + Send),
) -> Result<()> {
    let at = |kind| Error::at(request.endpoint(), kind);
    let Some((most, file)) = file_of(request) else {
        return client.call(request, into).await;
    };
    let file = file.opened().await.map_err(at)?;
    let length = file.length().unwrap_or_default();
    let mut listener = options.listener;
    if most.is_none_or(|most| length <= most) {
        client.call(request, into).await?;
        if let Some(listener) = &mut listener {
            listener(progress(length, length, 1));
        }
        return Ok(());
    }
    let store = match place(options.resume, &file).map_err(at)? {
        None => None,
        Some(path) => Some(
            blocking(move || StateFile::open(&path))
                .await
                .and_then(|file| file)
                .map_err(at)?,
        ),
    };
    let run = Run {
        client,
        request,
        parts,
        length,
        blocks: Blocks::of(&file).map_err(ErrorKind::Upload).map_err(at)?,
        file,
        store,
        listener,
        calls: 0,
    };
    run.complete(into).await
}

/// The file of a request, and how many bytes may go in one call.
fn file_of(request: &dyn Request) -> Option<(Option<u64>, UploadSource)> {
    let mut fields = request.fields().iter().enumerate();
    fields.find_map(|(index, field)| match request.value(index)?.view() {
        View::File(part) => {
            let most = field.rules.iter().find_map(|rule| match rule {
                Rule::MaxBytes(most) => Some(*most),
                _ => None,
            });
            Some((most, UploadSource::from_part(part)?.clone()))
        }
        _ => None,
    })
}

/// Where the state is kept, if it is to be.
fn place(resume: Resume, file: &UploadSource) -> Result<Option<PathBuf>, ErrorKind> {
    let refused = |why| Err(ErrorKind::Upload(UploadError::NotResumable { why }));
    match (resume, file.content()) {
        (Resume::No, _) => Ok(None),
        (_, Content::Stream(_)) => refused(
            "no later process can read the stream again: leave `resume` out, or give a file with `UploadSource::path`",
        ),
        (Resume::At(path), _) => Ok(Some(path)),
        (Resume::Beside, Content::Local(local)) => Ok(Some(beside(local.path()))),
        (Resume::Beside, _) => {
            refused("there is no file beside which to keep the state: say where with `resume_at(path)`")
        }
    }
}

fn beside(path: &Path) -> PathBuf {
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

/// An upload in parts.
struct Run<'a> {
    client: &'a Client,
    request: &'a dyn Request,
    parts: &'static Parts,
    file: UploadSource,
    length: u64,
    blocks: Blocks,
    store: Option<StateFile>,
    listener: Option<ProgressListener>,
    calls: u32,
}

impl Run<'_> {
    async fn complete(mut self, into: &mut (dyn FieldsMut + Send)) -> Result<()> {
        let mut left = self.left().await?;
        let mut restarts = 0;
        loop {
            let (mut state, may_be_done) = match left.take() {
                Some(state) => {
                    let may_be_done = state.finishing;
                    (state, may_be_done)
                }
                None => (self.prepare().await?, false),
            };
            let sent = self.send(&mut state, into).await;
            let forgotten = matches!(&sent, Err(error) if self.is_forgotten(error));
            if sent.is_ok() || forgotten && may_be_done {
                // The file may be there already, and is not sent twice unasked. What was left leads nowhere.
                if let Some(store) = self.store.take() {
                    store.remove().map_err(|kind| self.error(kind))?;
                }
                return sent;
            }
            if !forgotten || restarts == MAX_RESTARTS || !self.blocks.can_begin_anew() {
                return sent;
            }
            restarts += 1;
            tracing::debug!(restarts, "the platform no longer knows the upload, which begins anew");
        }
    }

    /// Begins the upload: all that the endpoint wants to know is said by the request.
    async fn prepare(&mut self) -> Result<UploadState> {
        let step = &self.parts.prepare;
        let mut facts = Vec::new();
        for (index, field) in self.request.fields().iter().enumerate() {
            if !step.fields.iter().any(|wanted| wanted.key == field.key) {
                continue;
            }
            let value = self
                .request
                .value(index)
                .filter(|value| !matches!(value.view(), View::Absent));
            let given = match (value, field.of_file) {
                (Some(value), _) => Some(FieldValue::Borrowed(value)),
                (None, Some(fact)) => {
                    let fact = self.file.fact(fact).await.map_err(|kind| self.error(kind))?;
                    fact.map(FieldValue::Owned)
                }
                (None, None) => None,
            };
            facts.push((field.key, given));
        }
        let request = StepRequest::new(step, |field| {
            let fact = facts.iter_mut().find(|(key, _)| *key == field.key);
            fact.and_then(|(_, given)| given.take())
        });
        let mut prepared = PrepareResponse::default();
        self.calls += 1;
        self.client.call(&request, &mut prepared).await?;
        let division = self.division(&prepared)?;
        let state = UploadState {
            request: self.digest(),
            file: self.looks(),
            length: self.length,
            prepared,
            began: state::now(),
            sums: vec![None; division.count()],
            finishing: false,
        };
        self.write(&state).await?;
        Ok(state)
    }

    /// Sends the parts that the platform does not have, and lets it make a file of all.
    async fn send(&mut self, state: &mut UploadState, into: &mut (dyn FieldsMut + Send)) -> Result<()> {
        let division = self.division(&state.prepared)?;
        for number in 0..division.count() {
            if state.sums[number].is_some() {
                continue;
            }
            let read = self.blocks.read(division.part(number)).await;
            let block = read.map_err(|kind| self.error(kind))?;
            let sum = adler2::adler32_slice(&block);
            self.part(&state.prepared, number, block).await?;
            state.sums[number] = Some(sum);
            self.write(state).await?;
            self.tell(&division, state);
        }
        let unchanged = self.blocks.unchanged().await;
        unchanged.map_err(|kind| self.error(kind))?;
        self.finish(state, into).await
    }

    async fn part(&mut self, prepared: &PrepareResponse, number: usize, block: Bytes) -> Result<()> {
        let file = UploadSource::bytes(self.file.file_name(), block);
        let request = StepRequest::new(&self.parts.part, |field| match field.key {
            key if key == self.parts.number => Some(FieldValue::own(number as i64)),
            key if key == self.parts.file => Some(FieldValue::own(file.clone())),
            // What it says of the file, it says of the part.
            _ if field.of_file.is_some() => None,
            key => prepared.given(key),
        });
        self.calls += 1;
        self.client.call_empty(&request).await
    }

    async fn finish(&mut self, state: &mut UploadState, into: &mut (dyn FieldsMut + Send)) -> Result<()> {
        state.finishing = true;
        self.write(state).await?;
        let request = StepRequest::new(&self.parts.finish, |field| state.prepared.given(field.key));
        self.calls += 1;
        let finished = self.client.call(&request, into).await;
        if matches!(&finished, Err(error) if error.code().is_some() && !error.is_retryable()) {
            // It surely was not done.
            state.finishing = false;
            self.write(state).await?;
        }
        finished
    }

    /// What an earlier upload left, if that was of this very file.
    async fn left(&mut self) -> Result<Option<UploadState>> {
        let Some(store) = &mut self.store else { return Ok(None) };
        let Some(state) = store.read().map_err(|kind| Error::at(self.request.endpoint(), kind))? else {
            return Ok(None);
        };
        let lives = self.parts.prepare.endpoint.lifetime;
        let expired =
            lives.is_some_and(|lifetime| state::now() >= state.began.saturating_add(lifetime.duration.as_secs()));
        let same = state.request == self.digest() && state.file == self.looks() && state.length == self.length;
        let Ok(division) = self.division(&state.prepared) else {
            return Ok(None);
        };
        if expired || !same || state.sums.len() != division.count() {
            return Ok(None);
        }
        // Times of change are coarse, and can be set.
        for (number, sum) in state.sums.iter().enumerate() {
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
        division.map_err(|fault| Error::at(self.parts.prepare.endpoint, ErrorKind::Upload(fault)))
    }

    /// What tells this upload from others, without a word of the request.
    fn digest(&self) -> String {
        let path = match self.file.content() {
            Content::Local(file) => Some(file.path()),
            _ => None,
        };
        let (base, id) = (self.client.base_url(), self.request.endpoint().id);
        let (name, told) = (self.file.file_name(), request_identity(self.request));
        digest::of(&format!("{base}\n{id}\n{name:?}\n{path:?}\n{told}"))
    }

    fn looks(&self) -> Option<FileFingerprint> {
        match self.file.content() {
            Content::Local(file) => Some(*file.fingerprint()),
            _ => None,
        }
    }

    async fn write(&mut self, state: &UploadState) -> Result<()> {
        match &mut self.store {
            // A few hundred bytes, seldom: less than it would take to have another thread do it.
            Some(store) => store
                .write(state)
                .map_err(|kind| Error::at(self.request.endpoint(), kind)),
            None => Ok(()),
        }
    }

    fn tell(&mut self, division: &Division, state: &UploadState) {
        if let Some(listener) = &mut self.listener {
            let done = state.sums.iter().enumerate().filter(|(_, sum)| sum.is_some());
            let bytes = done
                .map(|(number, _)| division.part(number))
                .map(|part| part.end - part.start)
                .sum();
            listener(progress(bytes, self.length, self.calls));
        }
    }

    /// Whether the platform says that it does not know the upload.
    fn is_forgotten(&self, error: &Error) -> bool {
        error.code().is_some_and(|code| self.parts.restart.contains(&code))
    }

    fn error(&self, kind: ErrorKind) -> Error {
        Error::at(self.request.endpoint(), kind)
    }
}
