//! One attempt: a call, its answer judged, its bytes taken.

use reqwest::StatusCode;

use super::attempt_error::{self, AttemptError};
use super::batch::WriteBatch;
use super::body::{self, Body};
use super::range_request::{OVERLAP, RangeRequest};
use super::run::Run;
use super::validator::Validator;
use crate::ContentRange;
use crate::call::Opened;
use crate::error::{DownloadError, Error, ErrorKind};

impl Run<'_> {
    /// Makes a call, or several, and takes what comes. It succeeds once the file is whole.
    pub(super) async fn attempt(&mut self) -> Result<(), AttemptError> {
        if self.may_divide() && self.attempt_in_pieces().await? {
            return Ok(());
        }
        self.attempt_in_one().await
    }

    async fn attempt_in_one(&mut self) -> Result<(), AttemptError> {
        let tail = self.tail().await?;
        let plan = self.plan(tail.len() as u64);
        let opened = self
            .source
            .open(plan.headers())
            .await
            .map_err(AttemptError::from_call)?;
        let mut body = match (opened.status, &plan) {
            (StatusCode::OK, _) => self.whole(opened).await?,
            (StatusCode::PARTIAL_CONTENT, _) => self.rest(&plan, &tail, opened).await?,
            // What is there already is longer than the file, or the server knows no ranges.
            (StatusCode::RANGE_NOT_SATISFIABLE, RangeRequest::Rest { .. }) => {
                return Err(AttemptError::RangesUnsupported(attempt_error::unexpected(
                    self.source.endpoint(),
                    &opened,
                )));
            }
            _ => {
                return Err(AttemptError::Fatal(attempt_error::unexpected(
                    self.source.endpoint(),
                    &opened,
                )));
            }
        };
        self.take_all(&mut body).await?;
        self.check_end(&body)
    }

    /// The bytes to compare, where this attempt may go on with what is there.
    async fn tail(&mut self) -> Result<Vec<u8>, AttemptError> {
        if self.position == 0 || self.anew {
            return Ok(Vec::new());
        }
        let count = OVERLAP.min(self.position);
        let tail = self.sink.tail(count).await;
        tail.map_err(|kind| AttemptError::Fatal(self.error(kind)))
    }

    fn plan(&self, overlap: u64) -> RangeRequest {
        let takes_ranges = !self.unranged && (self.source.takes_ranges() || self.validator.takes_ranges);
        match self.anew || !takes_ranges {
            true => RangeRequest::Whole,
            false => RangeRequest::new(self.position, overlap, &self.validator),
        }
    }

    /// All of the file comes, asked for or in place of a part.
    pub(super) async fn whole(&mut self, opened: Opened) -> Result<Body, AttemptError> {
        let announced = body::length(opened.headers());
        let validator = Validator::of(opened.headers(), announced);
        self.check_type(&validator)?;
        if self.position > 0 {
            self.restarts += 1;
            let restarted = self.sink.restart(&validator).await;
            restarted.map_err(|kind| AttemptError::Fatal(self.error(kind)))?;
        }
        self.begin();
        self.validator = validator;
        self.came_whole = true;
        Ok(Body::new(opened, announced, self.options.stall))
    }

    /// An answer from the start of the file must be of the type that the one before was.
    pub(super) fn check_type(&self, validator: &Validator) -> Result<(), AttemptError> {
        if self.validator.content_type.is_some() && self.validator.content_type != validator.content_type {
            // Perhaps the page of a gateway. What is there is not given up for it.
            return Err(AttemptError::Retryable(self.error(ErrorKind::Download(
                DownloadError::Changed {
                    what: "its type differs",
                },
            ))));
        }
        Ok(())
    }

    /// A part comes: it must be the one that was asked for, of the validator that is there, and begin with
    /// what is there.
    async fn rest(&mut self, plan: &RangeRequest, tail: &[u8], opened: Opened) -> Result<Body, AttemptError> {
        let endpoint = self.source.endpoint();
        let range = ContentRange::check(true, opened.headers(), plan.range());
        let range =
            range.map_err(|fault| AttemptError::RangesUnsupported(Error::at(endpoint, ErrorKind::Range(fault))))?;
        let Some(range) = range else {
            return Err(AttemptError::Fatal(attempt_error::unexpected(
                self.source.endpoint(),
                &opened,
            )));
        };
        let part = Validator::of(opened.headers(), range.total);
        if let Some(what) = self.validator.difference(&part) {
            return Err(AttemptError::file_changed(endpoint, what));
        }
        if self.validator.total.is_some_and(|total| total != range.last + 1) {
            return Err(AttemptError::file_changed(endpoint, "its size differs"));
        }
        let announced = body::length(opened.headers());
        if announced.is_some_and(|announced| announced != range.count()) {
            return Err(AttemptError::file_changed(
                endpoint,
                "the part has another length than its Content-Range says",
            ));
        }
        let mut body = Body::new(opened, Some(range.count()), self.options.stall);
        match body::matches_prefix(&mut body, tail).await {
            Ok(true) => {}
            Ok(false) => return Err(AttemptError::file_changed(endpoint, "the bytes that overlap differ")),
            Err(fault) => return Err(AttemptError::interrupted(endpoint, fault)),
        }
        self.came_whole = false;
        self.validator.total = self.validator.total.or(range.total);
        self.validator.name = self.validator.name.take().or(part.name);
        Ok(body)
    }

    /// Takes all bytes of an answer. Those that came before a fault are kept.
    pub(super) async fn take_all(&mut self, body: &mut Body) -> Result<(), AttemptError> {
        let mut batch = WriteBatch::default();
        let ended = loop {
            match body.chunk().await {
                Ok(Some(chunk)) => {
                    self.position += chunk.len() as u64;
                    batch.push(chunk);
                    self.tell();
                }
                Ok(None) => break Ok(()),
                Err(fault) => break Err(AttemptError::interrupted(self.source.endpoint(), fault)),
            }
            if batch.bytes() >= self.sink.batch() {
                self.write(std::mem::take(&mut batch)).await?;
            }
        };
        if batch.bytes() > 0 {
            self.write(batch).await?;
        }
        ended
    }

    async fn write(&mut self, batch: WriteBatch) -> Result<(), AttemptError> {
        let written = self.sink.write(batch, &self.validator).await;
        written.map_err(|kind| AttemptError::Fatal(self.error(kind)))
    }

    /// Whether the file is whole, now that an answer has ended without a fault.
    pub(super) fn check_end(&mut self, body: &Body) -> Result<(), AttemptError> {
        let bytes = self.position;
        if self.validator.total.is_none() && body.has_end() && self.came_whole {
            self.validator.total = Some(bytes);
        }
        match self.validator.total {
            Some(total) if total == bytes => Ok(()),
            Some(_) => Err(AttemptError::file_changed(self.source.endpoint(), "its size differs")),
            None => {
                let error = self.error(ErrorKind::Download(DownloadError::Unbounded { bytes }));
                // The answer for the rest may say how large the file is.
                match self.validator.is_recognizable() {
                    true => Err(AttemptError::Retryable(error)),
                    false => Err(AttemptError::Fatal(error)),
                }
            }
        }
    }
}
