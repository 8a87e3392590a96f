//! Parallel ranged requests for the parts of one file.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use futures_util::stream::{FuturesUnordered, StreamExt as _};
use reqwest::StatusCode;
use tokio::time::sleep;

use super::batch::WriteBatch;
use super::body::{self, Body};
use super::run::{self, AttemptError, Run};
use super::source::Source;
use super::validator::{self, OVERLAP, Validator};
use crate::call::Opened;
use crate::error::{Error, ErrorKind, RangeError, Tries};
use crate::retry::{Backoff, RetryPolicy};
use crate::store::Pending;
use crate::{ByteRange, ContentRange};

impl<'a> Run<'a> {
    /// Returns whether the next attempt may download the file in parallel parts.
    pub(super) fn may_use_parts(&self) -> bool {
        let requested = self.options.connections > 1 && !self.parts_unsupported && !self.ranges_unsupported;
        requested && self.source.supports_ranges() && self.sink.supports_parts()
    }

    /// Downloads the missing bytes in parts. Returns `false` if the responses do not allow parts.
    pub(super) async fn attempt_in_parts(&mut self) -> Result<bool, AttemptError> {
        if self.restart {
            self.discard_present_bytes().await?;
        }
        let connections = u64::from(self.options.connections);
        let mut running = FuturesUnordered::<Pending<'a, PartStep>>::new();
        let mut waiting;
        if self.position > 0 {
            if !self.validator.allows_parallel_parts() {
                self.parts_unsupported = true;
                return Ok(false);
            }
            waiting = divide(
                &self.present.missing(self.total()),
                connections,
                self.options.min_part_size,
            );
        } else {
            let headers = validator::range_headers(self.first_range(), None);
            let opened = self.source.open_on_own_connection(headers).await;
            let opened = opened.map_err(|error| AttemptError::from_call(error, true))?;
            if opened.status == StatusCode::OK {
                self.parts_unsupported = true;
                let mut body = self.accept_full_response(opened).await?;
                self.receive(&mut body).await?;
                return self.check_complete(&body).map(|()| true);
            }
            let Some(first) = self.accept_first_part(opened)? else {
                self.parts_unsupported = true;
                self.attempts += 1;
                return Ok(false);
            };
            waiting = divide(&[(0, self.total())], connections, self.options.min_part_size);
            // The first response may cover less than the first part. The rest of that part becomes the last one.
            if let Some((_, end)) = waiting.pop_front().filter(|(_, end)| *end > first.end) {
                waiting.push_back((first.end, end));
            }
            running.push(Box::pin(first.advance(self.part_context())));
        }
        self.run_parts(&mut running, &mut waiting).await
    }

    /// The range that is requested before the size of the file is known.
    fn first_range(&self) -> ByteRange {
        ByteRange::from(0..self.options.min_part_size)
    }

    /// Returns the first part, if its response allows the others.
    fn accept_first_part(&mut self, opened: Opened) -> Result<Option<Part>, AttemptError> {
        let requested = self.first_range();
        let partial = opened.status == StatusCode::PARTIAL_CONTENT;
        let Ok(Some(range)) = ContentRange::check(partial, opened.headers(), Some(requested)) else {
            return Ok(None);
        };
        let validator = Validator::from_headers(opened.headers(), range.total);
        if !validator.allows_parallel_parts() || body::check_length(opened.headers(), range.count()).is_err() {
            return Ok(None);
        }
        self.check_content_type(&validator)?;
        self.validator = validator;
        let mut part = Part::new(0, range.count(), self.source.retry_policy());
        part.body = Some(Body::new(opened, Some(range.count()), self.options.stall));
        Ok(Some(part))
    }

    /// Runs all parts, at most `connections` at a time.
    async fn run_parts(
        &mut self,
        running: &mut FuturesUnordered<Pending<'a, PartStep>>,
        waiting: &mut VecDeque<(u64, u64)>,
    ) -> Result<bool, AttemptError> {
        let mut overlaps = Vec::new();
        // The attempt itself counts one call.
        let mut counted = running.is_empty();
        loop {
            while running.len() < self.options.connections as usize
                && let Some((start, end)) = waiting.pop_front()
            {
                self.attempts += u32::from(!std::mem::take(&mut counted));
                let part = Part::new(start, end, self.source.retry_policy());
                running.push(Box::pin(part.advance(self.part_context())));
            }
            let Some(step) = running.next().await else {
                break;
            };
            if let Some(part) = self.write_step(step, &mut overlaps).await? {
                running.push(Box::pin(part.advance(self.part_context())));
            }
        }
        if self.present.contains(0, self.total()) && overlaps.is_empty() {
            Ok(true)
        } else {
            Err(AttemptError::file_changed(self.source.endpoint(), "a part ended early"))
        }
    }

    /// Writes the bytes of a step. Returns the part if it is unfinished.
    async fn write_step(&mut self, step: PartStep, overlaps: &mut Vec<Overlap>) -> Result<Option<Part>, AttemptError> {
        let mut part = step.part;
        overlaps.extend(step.overlap);
        let count = step.batch.bytes() as u64;
        if count > 0 {
            self.write_at(part.start, step.batch).await?;
            part.start += count;
            part.progress = true;
        }
        match step.finished {
            None => Ok(Some(part)),
            Some(Ok(())) => self.check_overlaps(overlaps).await.map(|()| None),
            Some(Err(failure)) => self.retry_part(part, failure).map(Some),
        }
    }

    async fn write_at(&mut self, start: u64, batch: WriteBatch) -> Result<(), AttemptError> {
        let count = batch.bytes() as u64;
        let written = self.sink.write_at(start, batch, &self.validator).await;
        written.map_err(|kind| AttemptError::Fatal(self.error(kind)))?;
        self.present.add(start, start + count);
        self.position += count;
        self.report_progress();
        Ok(())
    }

    /// Compares the overlaps whose bytes are present, and retains the others.
    async fn check_overlaps(&mut self, overlaps: &mut Vec<Overlap>) -> Result<(), AttemptError> {
        let mut unchecked = Vec::new();
        for overlap in overlaps.drain(..) {
            if !self.present.contains(overlap.start, overlap.end()) {
                unchecked.push(overlap);
                continue;
            }
            let written = self.sink.read_at(overlap.start, overlap.bytes.len() as u64).await;
            if written.map_err(|kind| AttemptError::Fatal(self.error(kind)))? != overlap.bytes {
                return Err(AttemptError::file_changed(
                    self.source.endpoint(),
                    "the overlapping bytes differ",
                ));
            }
        }
        *overlaps = unchecked;
        Ok(())
    }

    /// Returns the part with the wait before its next call, if the failure is retryable for this part alone.
    fn retry_part(&mut self, mut part: Part, failure: AttemptError) -> Result<Part, AttemptError> {
        if !matches!(failure, AttemptError::Retryable(_)) {
            return Err(failure);
        }
        let progress = std::mem::take(&mut part.progress);
        if progress {
            part.backoff = Backoff::new(self.source.retry_policy());
            part.waits.clear();
        }
        match self.next_wait(&failure, &mut part.backoff, progress) {
            Ok(wait) => {
                tracing::debug!(error = %failure.error(), start = part.start, ?wait, "retrying a part of the download");
                self.attempts += 1;
                part.wait = wait;
                part.waits.push(wait);
                Ok(part)
            }
            Err(stopped) => Err(AttemptError::Exhausted(failure.into_error().after_all(Tries {
                fallbacks: 0,
                attempts: self.total_attempts(),
                waits: part.waits,
                stopped,
            }))),
        }
    }

    async fn discard_present_bytes(&mut self) -> Result<(), AttemptError> {
        if self.position > 0 {
            self.restarts += 1;
            let restarted = self.sink.restart(&self.validator).await;
            restarted.map_err(|kind| AttemptError::Fatal(self.error(kind)))?;
        }
        self.reset();
        Ok(())
    }

    fn part_context(&self) -> PartContext<'a> {
        PartContext {
            source: self.source,
            validator: Arc::new(self.validator.clone()),
            stall: self.options.stall,
            batch_size: self.sink.batch_size(),
        }
    }

    /// The size of the file, which is known if it is downloaded in parts.
    fn total(&self) -> u64 {
        self.validator.total.unwrap_or_default()
    }
}

/// Divides the spans into parts of at least `min_size` bytes, about equally for all connections.
fn divide(spans: &[(u64, u64)], connections: u64, min_size: u64) -> VecDeque<(u64, u64)> {
    let missing: u64 = spans.iter().map(|(start, end)| end - start).sum();
    let share = missing.div_ceil(connections.max(1)).max(min_size);
    let mut parts = VecDeque::new();
    for (start, end) in spans {
        let mut start = *start;
        while start < *end {
            let next = (start + share).min(*end);
            parts.push_back((start, next));
            start = next;
        }
    }
    parts
}

/// What all parts of a download share.
#[derive(Clone)]
struct PartContext<'a> {
    source: &'a dyn Source,
    /// The validators that each response must match.
    validator: Arc<Validator>,
    stall: Duration,
    /// The number of bytes that are gathered before they are written.
    batch_size: usize,
}

/// A part of a file, downloaded by one call, or by several after failures.
struct Part {
    /// The position of the first missing byte.
    start: u64,
    /// The exclusive end of the part.
    end: u64,
    /// The body of the current response, if any.
    body: Option<Body>,
    /// Whether bytes were received since the last call.
    progress: bool,
    /// The wait before the next call.
    wait: Duration,
    backoff: Backoff,
    /// The waits since the last progress.
    waits: Vec<Duration>,
}

/// The result of advancing a part.
struct PartStep {
    part: Part,
    overlap: Option<Overlap>,
    batch: WriteBatch,
    /// The result of the response, if it ended.
    finished: Option<Result<(), AttemptError>>,
}

/// Bytes before a part. They are received with it and compared with the bytes of another part.
struct Overlap {
    start: u64,
    bytes: Vec<u8>,
}

impl Overlap {
    fn end(&self) -> u64 {
        self.start + self.bytes.len() as u64
    }
}

impl Part {
    fn new(start: u64, end: u64, policy: RetryPolicy) -> Self {
        Self {
            start,
            end,
            body: None,
            progress: false,
            wait: Duration::ZERO,
            backoff: Backoff::new(policy),
            waits: Vec::new(),
        }
    }

    /// Makes the call, unless there is a response, and receives one batch.
    async fn advance(mut self, context: PartContext<'_>) -> PartStep {
        let mut batch = WriteBatch::default();
        let mut overlap = None;
        let finished = match self.fill_batch(&context, &mut batch, &mut overlap).await {
            Ok(true) => Some(Ok(())),
            Ok(false) => None,
            Err(failure) => Some(Err(failure)),
        };
        if finished.is_some() {
            self.body = None;
        }
        PartStep {
            part: self,
            overlap,
            batch,
            finished,
        }
    }

    /// Fills a batch. Returns `true` if the response has ended.
    async fn fill_batch(
        &mut self,
        context: &PartContext<'_>,
        batch: &mut WriteBatch,
        overlap: &mut Option<Overlap>,
    ) -> Result<bool, AttemptError> {
        let endpoint = context.source.endpoint();
        let body = match &mut self.body {
            Some(body) => body,
            none => {
                sleep(std::mem::take(&mut self.wait)).await;
                let (body, received) = open_part(self.start, self.end, context).await?;
                *overlap = received;
                none.insert(body)
            }
        };
        while batch.bytes() < context.batch_size {
            let chunk = body.chunk().await;
            match chunk.map_err(|error| AttemptError::interrupted(endpoint, error))? {
                Some(chunk) => batch.push(chunk),
                None => return Ok(true),
            }
        }
        Ok(false)
    }
}

/// Requests a part with the overlap before it, validates the response and reads the overlap.
async fn open_part(start: u64, end: u64, context: &PartContext<'_>) -> Result<(Body, Option<Overlap>), AttemptError> {
    let endpoint = context.source.endpoint();
    let validator = &context.validator;
    let from = start - OVERLAP.min(start);
    let requested = ByteRange::from(from..end);
    let headers = validator::range_headers(requested, validator.strong_etag());
    let opened = context.source.open_on_own_connection(headers).await;
    let opened = opened.map_err(|error| AttemptError::from_call(error, true))?;
    match opened.status {
        StatusCode::PARTIAL_CONTENT => {}
        StatusCode::OK if Validator::from_headers(opened.headers(), None).strong_etag() == validator.strong_etag() => {
            let ignored = ErrorKind::Range(RangeError::Ignored { requested });
            return Err(AttemptError::RangesUnsupported(Error::at(endpoint, ignored)));
        }
        StatusCode::OK => {
            return Err(AttemptError::file_changed(
                endpoint,
                "the response contains the complete file instead of a part",
            ));
        }
        status => {
            let error = run::unexpected_status(endpoint, &opened);
            return Err(if status == StatusCode::RANGE_NOT_SATISFIABLE {
                AttemptError::RangesUnsupported(error)
            } else {
                AttemptError::Fatal(error)
            });
        }
    }
    let range = ContentRange::check(true, opened.headers(), Some(requested));
    let range = range.map_err(|error| AttemptError::RangesUnsupported(Error::at(endpoint, ErrorKind::Range(error))))?;
    let total = range.and_then(|range| range.total);
    if total.is_none() || total != validator.total {
        return Err(AttemptError::file_changed(endpoint, "its size differs"));
    }
    if let Some(reason) = validator.find_mismatch(&Validator::from_headers(opened.headers(), total)) {
        return Err(AttemptError::file_changed(endpoint, reason));
    }
    let count = end - from;
    body::check_length(opened.headers(), count).map_err(|reason| AttemptError::file_changed(endpoint, reason))?;
    let mut body = Body::new(opened, Some(count), context.stall);
    let bytes = body::read_prefix(&mut body, start - from).await;
    let bytes = bytes.map_err(|error| AttemptError::interrupted(endpoint, error))?;
    let overlap = (start > from).then_some(Overlap { start: from, bytes });
    Ok((body, overlap))
}

#[cfg(test)]
mod tests {
    use super::super::run::DEFAULT_MIN_PART_SIZE;
    use super::*;

    #[test]
    fn divides_equally_among_connections() {
        let total = 100 * DEFAULT_MIN_PART_SIZE;
        let parts = divide(&[(0, total)], 4, DEFAULT_MIN_PART_SIZE);
        let expected = [(0, 25), (25, 50), (50, 75), (75, 100)]
            .map(|(start, end)| (start * DEFAULT_MIN_PART_SIZE, end * DEFAULT_MIN_PART_SIZE));
        assert_eq!(parts, expected);
    }

    #[test]
    fn does_not_divide_small_files() {
        assert_eq!(
            divide(&[(0, DEFAULT_MIN_PART_SIZE)], 4, DEFAULT_MIN_PART_SIZE),
            [(0, DEFAULT_MIN_PART_SIZE)]
        );
        assert_eq!(
            divide(&[(0, DEFAULT_MIN_PART_SIZE + 1)], 4, DEFAULT_MIN_PART_SIZE),
            [
                (0, DEFAULT_MIN_PART_SIZE),
                (DEFAULT_MIN_PART_SIZE, DEFAULT_MIN_PART_SIZE + 1)
            ]
        );
        assert!(divide(&[], 4, DEFAULT_MIN_PART_SIZE).is_empty());
    }

    #[test]
    fn divides_each_gap_separately() {
        let gaps = [(10, 20), (DEFAULT_MIN_PART_SIZE, 3 * DEFAULT_MIN_PART_SIZE)];
        let parts = divide(&gaps, 2, DEFAULT_MIN_PART_SIZE);
        assert_eq!(
            parts.iter().map(|(start, end)| end - start).sum::<u64>(),
            2 * DEFAULT_MIN_PART_SIZE + 10
        );
        assert_eq!(parts[0], (10, 20));
    }
}
