//! One attempt: a call, the validation of its response, and its bytes.

use reqwest::StatusCode;

use super::batch::WriteBatch;
use super::body::{self, Body};
use super::run::{self, AttemptError, Run};
use super::validator::{OVERLAP, RangeRequest, Validator};
use crate::ContentRange;
use crate::call::Opened;
use crate::error::{DownloadError, Error, ErrorKind};

impl Run<'_> {
    /// Makes one call, or several for parallel parts. It succeeds once the file is complete.
    pub(super) async fn attempt(&mut self) -> Result<(), AttemptError> {
        if self.may_use_parts() && self.attempt_in_parts().await? {
            return Ok(());
        }
        self.attempt_in_one_call().await
    }

    async fn attempt_in_one_call(&mut self) -> Result<(), AttemptError> {
        let tail = self.read_tail().await?;
        let request = self.range_request(tail.len() as u64);
        let opened = self.source.open(request.headers()).await;
        let ranged = !matches!(request, RangeRequest::Full);
        let opened = opened.map_err(|error| AttemptError::from_call(error, ranged))?;
        let mut body = match (opened.status, &request) {
            (StatusCode::OK, _) => self.accept_full_response(opened).await?,
            (StatusCode::PARTIAL_CONTENT, _) => self.accept_partial_response(&request, &tail, opened).await?,
            // More bytes are present than the file has, or the server does not support ranges.
            (StatusCode::RANGE_NOT_SATISFIABLE, RangeRequest::Remainder { .. }) => {
                return Err(AttemptError::RangesUnsupported(run::unexpected_status(
                    self.source.endpoint(),
                    &opened,
                )));
            }
            _ => {
                return Err(AttemptError::Fatal(run::unexpected_status(
                    self.source.endpoint(),
                    &opened,
                )));
            }
        };
        self.receive(&mut body).await?;
        self.check_complete(&body)
    }

    /// Returns the last present bytes for the comparison, if this attempt may resume.
    async fn read_tail(&mut self) -> Result<Vec<u8>, AttemptError> {
        if self.position == 0 || self.restart {
            return Ok(Vec::new());
        }
        let count = OVERLAP.min(self.position);
        let tail = self.sink.tail(count).await;
        tail.map_err(|kind| AttemptError::Fatal(self.error(kind)))
    }

    fn range_request(&self, overlap: u64) -> RangeRequest {
        let supports_ranges =
            !self.ranges_unsupported && (self.source.supports_ranges() || self.validator.accepts_ranges);
        if self.restart || !supports_ranges {
            RangeRequest::Full
        } else {
            RangeRequest::new(self.position, overlap, &self.validator)
        }
    }

    /// Accepts a response with the complete file, requested or in place of a range.
    pub(super) async fn accept_full_response(&mut self, opened: Opened) -> Result<Body, AttemptError> {
        let announced = body::content_length(opened.headers());
        let validator = Validator::from_headers(opened.headers(), announced);
        self.check_content_type(&validator)?;
        if self.position > 0 {
            self.restarts += 1;
            let restarted = self.sink.restart(&validator).await;
            restarted.map_err(|kind| AttemptError::Fatal(self.error(kind)))?;
        }
        self.reset();
        self.validator = validator;
        self.from_full_response = true;
        Ok(Body::new(opened, announced, self.options.stall))
    }

    /// Checks that a response from the beginning of the file has the media type of the previous one.
    pub(super) fn check_content_type(&self, validator: &Validator) -> Result<(), AttemptError> {
        if self.validator.content_type.is_some() && self.validator.content_type != validator.content_type {
            // It may be an error page of a gateway: the present bytes are not discarded.
            return Err(AttemptError::Retryable(self.error(ErrorKind::Download(
                DownloadError::Changed {
                    what: "its Content-Type differs",
                },
            ))));
        }
        Ok(())
    }

    /// Accepts a response with the requested range, if it is of the same version and begins with the present bytes.
    async fn accept_partial_response(
        &mut self,
        request: &RangeRequest,
        tail: &[u8],
        opened: Opened,
    ) -> Result<Body, AttemptError> {
        let endpoint = self.source.endpoint();
        let range = ContentRange::check(true, opened.headers(), request.range());
        let range =
            range.map_err(|error| AttemptError::RangesUnsupported(Error::at(endpoint, ErrorKind::Range(error))))?;
        let Some(range) = range else {
            return Err(AttemptError::Fatal(run::unexpected_status(endpoint, &opened)));
        };
        let part = Validator::from_headers(opened.headers(), range.total);
        if let Some(reason) = self.validator.find_mismatch(&part) {
            return Err(AttemptError::file_changed(endpoint, reason));
        }
        if self.validator.total.is_some_and(|total| total != range.last + 1) {
            return Err(AttemptError::file_changed(endpoint, "its size differs"));
        }
        body::check_length(opened.headers(), range.count())
            .map_err(|reason| AttemptError::file_changed(endpoint, reason))?;
        let mut body = Body::new(opened, Some(range.count()), self.options.stall);
        match body::matches_prefix(&mut body, tail).await {
            Ok(true) => {}
            Ok(false) => return Err(AttemptError::file_changed(endpoint, "the overlapping bytes differ")),
            Err(error) => return Err(AttemptError::interrupted(endpoint, error)),
        }
        self.from_full_response = false;
        self.validator.total = self.validator.total.or(range.total);
        self.validator.name = self.validator.name.take().or(part.name);
        Ok(body)
    }

    /// Writes all bytes of a response. Bytes received before a failure are written too.
    pub(super) async fn receive(&mut self, body: &mut Body) -> Result<(), AttemptError> {
        let mut batch = WriteBatch::default();
        let received = loop {
            match body.chunk().await {
                Ok(Some(chunk)) => {
                    self.position += chunk.len() as u64;
                    batch.push(chunk);
                    self.report_progress();
                }
                Ok(None) => break Ok(()),
                Err(error) => break Err(AttemptError::interrupted(self.source.endpoint(), error)),
            }
            if batch.bytes() >= self.sink.batch_size() {
                self.write(std::mem::take(&mut batch)).await?;
            }
        };
        if batch.bytes() > 0 {
            self.write(batch).await?;
        }
        received
    }

    async fn write(&mut self, batch: WriteBatch) -> Result<(), AttemptError> {
        let written = self.sink.write(batch, &self.validator).await;
        written.map_err(|kind| AttemptError::Fatal(self.error(kind)))
    }

    /// Checks that the file is complete after a response ended without an error.
    pub(super) fn check_complete(&mut self, body: &Body) -> Result<(), AttemptError> {
        let bytes = self.position;
        if self.validator.total.is_none() && body.has_framed_end() && self.from_full_response {
            self.validator.total = Some(bytes);
        }
        match self.validator.total {
            Some(total) if total == bytes => Ok(()),
            Some(_) => Err(AttemptError::file_changed(self.source.endpoint(), "its size differs")),
            None => {
                let error = self.error(ErrorKind::Download(DownloadError::Unbounded { bytes }));
                // The response for the remainder may report the size.
                if self.validator.is_resumable() {
                    Err(AttemptError::Retryable(error))
                } else {
                    Err(AttemptError::Fatal(error))
                }
            }
        }
    }
}
