//! A file that comes in several pieces at a time.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use reqwest::StatusCode;
use tokio::time::sleep;

use super::attempt_error::{self, AttemptError};
use super::batch::WriteBatch;
use super::body::{self, Body};
use super::range_request::{self, OVERLAP};
use super::run::Run;
use super::source::Source;
use super::validator::Validator;
use crate::call::Opened;
use crate::concurrent::ConcurrentFutures;
use crate::error::{Error, ErrorKind, RangeError, Tries};
use crate::retry::{Backoff, RetryPolicy};
use crate::{ByteRange, ContentRange};

impl<'a> Run<'a> {
    /// Whether the next attempt may bring the file in pieces.
    pub(super) fn may_divide(&self) -> bool {
        let wanted = self.options.connections > 1 && !self.undivided && !self.unranged;
        wanted && self.source.takes_ranges() && self.sink.takes_pieces()
    }

    /// Brings what is missing in pieces; `false` where it turns out that the file cannot be had like that.
    pub(super) async fn attempt_in_pieces(&mut self) -> Result<bool, AttemptError> {
        if self.anew {
            self.give_up_what_is_there().await?;
        }
        let connections = u64::from(self.options.connections);
        let mut running = ConcurrentFutures::new();
        let mut waiting;
        if self.position > 0 {
            if !self.validator.is_divisible() {
                self.undivided = true;
                return Ok(false);
            }
            waiting = divide(
                &self.there.missing(self.total()),
                connections,
                self.options.min_part_size,
            );
        } else {
            let opened = self
                .source
                .open_apart(range_request::part_headers(self.first_range(), None));
            let opened = opened.await.map_err(AttemptError::from_call)?;
            if opened.status == StatusCode::OK {
                self.undivided = true;
                let mut body = self.whole(opened).await?;
                self.take_all(&mut body).await?;
                return self.check_end(&body).map(|()| true);
            }
            let Some(first) = self.first(opened)? else {
                self.undivided = true;
                self.attempts += 1;
                return Ok(false);
            };
            waiting = divide(&[(0, self.total())], connections, self.options.min_part_size);
            // The first piece is cut once more, and its second part comes behind the first.
            if let Some((_, end)) = waiting.pop_front().filter(|(_, end)| *end > first.end) {
                waiting.push_back((first.end, end));
            }
            running.push(first.step(self.origin()));
        }
        self.take_pieces(&mut running, &mut waiting).await
    }

    /// What is asked for before the size of the file is known.
    fn first_range(&self) -> ByteRange {
        ByteRange::from(0..self.options.min_part_size)
    }

    /// The piece that the first answer brings, if the file can be had in pieces.
    fn first(&mut self, opened: Opened) -> Result<Option<Part>, AttemptError> {
        let asked = self.first_range();
        let partial = opened.status == StatusCode::PARTIAL_CONTENT;
        let Ok(Some(range)) = ContentRange::check(partial, opened.headers(), Some(asked)) else {
            return Ok(None);
        };
        let validator = Validator::of(opened.headers(), range.total);
        let announced = body::length(opened.headers());
        if !validator.is_divisible() || announced.is_some_and(|announced| announced != range.count()) {
            return Ok(None);
        }
        self.check_type(&validator)?;
        self.validator = validator;
        let mut piece = Part::new(0, range.count(), self.source.retries());
        piece.body = Some(Body::new(opened, Some(range.count()), self.options.stall));
        Ok(Some(piece))
    }

    /// Takes all pieces, so many at a time as there are to be connections.
    async fn take_pieces(
        &mut self,
        running: &mut ConcurrentFutures<'a, PartStep>,
        waiting: &mut VecDeque<(u64, u64)>,
    ) -> Result<bool, AttemptError> {
        let mut leads = Vec::new();
        // The call that the attempt itself counts for.
        let mut counted = running.len() == 0;
        loop {
            while running.len() < self.options.connections as usize
                && let Some((start, end)) = waiting.pop_front()
            {
                self.attempts += u32::from(!std::mem::take(&mut counted));
                let piece = Part::new(start, end, self.source.retries());
                running.push(piece.step(self.origin()));
            }
            let Some(came) = running.next().await else {
                break;
            };
            if let Some(piece) = self.take_step(came, &mut leads).await? {
                running.push(piece.step(self.origin()));
            }
        }
        match self.there.has(0, self.total()) && leads.is_empty() {
            true => Ok(true),
            false => Err(AttemptError::file_changed(
                self.source.endpoint(),
                "a piece ended early",
            )),
        }
    }

    /// Writes what a piece has brought; gives the piece back where it is not over.
    async fn take_step(&mut self, came: PartStep, leads: &mut Vec<Overlap>) -> Result<Option<Part>, AttemptError> {
        let mut piece = came.piece;
        leads.extend(came.lead);
        let count = came.batch.bytes() as u64;
        if count > 0 {
            self.write_at(piece.start, came.batch).await?;
            piece.start += count;
            piece.progress = true;
        }
        match came.ended {
            None => Ok(Some(piece)),
            Some(Ok(())) => self.check(leads).await.map(|()| None),
            Some(Err(fault)) => self.try_again(piece, fault).map(Some),
        }
    }

    async fn write_at(&mut self, start: u64, batch: WriteBatch) -> Result<(), AttemptError> {
        let count = batch.bytes() as u64;
        let written = self.sink.write_at(start, batch, &self.validator).await;
        written.map_err(|kind| AttemptError::Fatal(self.error(kind)))?;
        self.there.add(start, start + count);
        self.position += count;
        self.tell();
        Ok(())
    }

    /// Holds what came twice against what is there, as far as it is there.
    async fn check(&mut self, leads: &mut Vec<Overlap>) -> Result<(), AttemptError> {
        let mut open = Vec::new();
        for lead in leads.drain(..) {
            if !self.there.has(lead.start, lead.end()) {
                open.push(lead);
                continue;
            }
            let there = self.sink.read_at(lead.start, lead.bytes.len() as u64).await;
            if there.map_err(|kind| AttemptError::Fatal(self.error(kind)))? != lead.bytes {
                return Err(AttemptError::file_changed(
                    self.source.endpoint(),
                    "the bytes that overlap differ",
                ));
            }
        }
        *leads = open;
        Ok(())
    }

    /// The piece with the wait before it is asked for again, if the fault is one of its answer alone and there is hope.
    fn try_again(&mut self, mut piece: Part, fault: AttemptError) -> Result<Part, AttemptError> {
        if !matches!(fault, AttemptError::Retryable(_)) {
            return Err(fault);
        }
        let progress = std::mem::take(&mut piece.progress);
        if progress {
            piece.backoff = Backoff::new(self.source.retries());
            piece.waits.clear();
        }
        match self.next(&fault, &mut piece.backoff, progress) {
            Ok(wait) => {
                tracing::debug!(error = %fault.error(), start = piece.start, ?wait, "another attempt follows");
                self.attempts += 1;
                piece.wait = wait;
                piece.waits.push(wait);
                Ok(piece)
            }
            Err(stopped) => Err(AttemptError::Exhausted(fault.into_error().after_all(Tries {
                attempts: self.attempts,
                waits: piece.waits,
                stopped,
            }))),
        }
    }

    async fn give_up_what_is_there(&mut self) -> Result<(), AttemptError> {
        if self.position > 0 {
            self.restarts += 1;
            let restarted = self.sink.restart(&self.validator).await;
            restarted.map_err(|kind| AttemptError::Fatal(self.error(kind)))?;
        }
        self.begin();
        Ok(())
    }

    fn origin(&self) -> PartContext<'a> {
        PartContext {
            source: self.source,
            validator: Arc::new(self.validator.clone()),
            stall: self.options.stall,
            batch: self.sink.batch(),
        }
    }

    /// The size of the file, which is known where it comes in pieces.
    fn total(&self) -> u64 {
        self.validator.total.unwrap_or_default()
    }
}

/// Cuts these spans so that as many connections have about as much to bring, and each call something that is worth it.
fn divide(spans: &[(u64, u64)], connections: u64, smallest: u64) -> VecDeque<(u64, u64)> {
    let missing: u64 = spans.iter().map(|(start, end)| end - start).sum();
    let share = missing.div_ceil(connections.max(1)).max(smallest);
    let mut pieces = VecDeque::new();
    for (start, end) in spans {
        let mut start = *start;
        while start < *end {
            let next = (start + share).min(*end);
            pieces.push_back((start, next));
            start = next;
        }
    }
    pieces
}

/// What a piece of a file is taken from.
#[derive(Clone)]
pub(crate) struct PartContext<'a> {
    pub source: &'a dyn Source,
    /// The validator that each part has to be of.
    pub validator: Arc<Validator>,
    pub stall: Duration,
    /// How many bytes are gathered before they are written.
    pub batch: usize,
}

/// A piece of a file, which comes with one call, or after a fault with several.
pub(crate) struct Part {
    /// Position of the first byte that is missing.
    pub start: u64,
    /// Position behind the last byte of the piece.
    pub end: u64,
    /// What brings it, while there is an answer.
    pub body: Option<Body>,
    /// Whether bytes have come since it was asked for.
    pub progress: bool,
    /// How long to wait before it is asked for.
    pub wait: Duration,
    pub backoff: Backoff,
    /// The waits since it last got further.
    pub waits: Vec<Duration>,
}

/// What the next step of a piece has brought.
pub(crate) struct PartStep {
    pub piece: Part,
    pub lead: Option<Overlap>,
    pub batch: WriteBatch,
    /// How the answer ended, if it did.
    pub ended: Option<Result<(), AttemptError>>,
}

/// Bytes that stand before a piece. They come with it, to be held against what another piece has brought.
pub(crate) struct Overlap {
    pub start: u64,
    pub bytes: Vec<u8>,
}

impl Overlap {
    pub(crate) fn end(&self) -> u64 {
        self.start + self.bytes.len() as u64
    }
}

impl Part {
    pub(crate) fn new(start: u64, end: u64, policy: RetryPolicy) -> Self {
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

    /// Asks for the piece where there is no answer yet, and takes some of it.
    pub(crate) async fn step(mut self, origin: PartContext<'_>) -> PartStep {
        let mut batch = WriteBatch::default();
        let mut lead = None;
        let ended = match self.take(&origin, &mut batch, &mut lead).await {
            Ok(true) => Some(Ok(())),
            Ok(false) => None,
            Err(fault) => Some(Err(fault)),
        };
        if ended.is_some() {
            self.body = None;
        }
        PartStep {
            piece: self,
            lead,
            batch,
            ended,
        }
    }

    /// Fills a batch; `true` where the answer has ended.
    async fn take(
        &mut self,
        origin: &PartContext<'_>,
        batch: &mut WriteBatch,
        lead: &mut Option<Overlap>,
    ) -> Result<bool, AttemptError> {
        let endpoint = origin.source.endpoint();
        let body = match &mut self.body {
            Some(body) => body,
            none => {
                sleep(std::mem::take(&mut self.wait)).await;
                let (body, came) = open(self.start, self.end, origin).await?;
                *lead = came;
                none.insert(body)
            }
        };
        while batch.bytes() < origin.batch {
            match body
                .chunk()
                .await
                .map_err(|fault| AttemptError::interrupted(endpoint, fault))?
            {
                Some(chunk) => batch.push(chunk),
                None => return Ok(true),
            }
        }
        Ok(false)
    }
}

/// Asks for what lies between these positions, with a little before it, and reads that.
async fn open(start: u64, end: u64, origin: &PartContext<'_>) -> Result<(Body, Option<Overlap>), AttemptError> {
    let endpoint = origin.source.endpoint();
    let from = start - OVERLAP.min(start);
    let asked = ByteRange::from(from..end);
    let headers = range_request::part_headers(asked, origin.validator.strong());
    let opened = origin
        .source
        .open_apart(headers)
        .await
        .map_err(AttemptError::from_call)?;
    match opened.status {
        StatusCode::PARTIAL_CONTENT => {}
        StatusCode::OK if Validator::of(opened.headers(), None).strong() == origin.validator.strong() => {
            let ignored = ErrorKind::Range(RangeError::Ignored { asked });
            return Err(AttemptError::RangesUnsupported(Error::at(endpoint, ignored)));
        }
        StatusCode::OK => {
            return Err(AttemptError::file_changed(
                endpoint,
                "all of it came in place of a part",
            ));
        }
        StatusCode::RANGE_NOT_SATISFIABLE => {
            return Err(AttemptError::RangesUnsupported(attempt_error::unexpected(
                endpoint, &opened,
            )));
        }
        _ => return Err(AttemptError::Fatal(attempt_error::unexpected(endpoint, &opened))),
    }
    let range = ContentRange::check(true, opened.headers(), Some(asked));
    let range = range.map_err(|fault| AttemptError::RangesUnsupported(Error::at(endpoint, ErrorKind::Range(fault))))?;
    let total = range.and_then(|range| range.total);
    if total.is_none() || total != origin.validator.total {
        return Err(AttemptError::file_changed(endpoint, "its size differs"));
    }
    if let Some(what) = origin.validator.difference(&Validator::of(opened.headers(), total)) {
        return Err(AttemptError::file_changed(endpoint, what));
    }
    let count = end - from;
    if body::length(opened.headers()).is_some_and(|announced| announced != count) {
        return Err(AttemptError::file_changed(
            endpoint,
            "the part has another length than its Content-Range says",
        ));
    }
    let mut body = Body::new(opened, Some(count), origin.stall);
    let bytes = body::read_prefix(&mut body, start - from).await;
    let bytes = bytes.map_err(|fault| AttemptError::interrupted(endpoint, fault))?;
    let lead = (start > from).then_some(Overlap { start: from, bytes });
    Ok((body, lead))
}

#[cfg(test)]
mod tests {
    use super::super::run::DEFAULT_MIN_PART_SIZE;
    use super::*;

    #[test]
    fn each_connection_gets_an_equal_share() {
        let total = 100 * DEFAULT_MIN_PART_SIZE;
        let pieces = divide(&[(0, total)], 4, DEFAULT_MIN_PART_SIZE);
        let expected = [(0, 25), (25, 50), (50, 75), (75, 100)]
            .map(|(start, end)| (start * DEFAULT_MIN_PART_SIZE, end * DEFAULT_MIN_PART_SIZE));
        assert_eq!(pieces, expected);
    }

    #[test]
    fn small_files_are_not_cut_into_small_pieces() {
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
    fn gaps_are_pieces_of_their_own() {
        let gaps = [(10, 20), (DEFAULT_MIN_PART_SIZE, 3 * DEFAULT_MIN_PART_SIZE)];
        let pieces = divide(&gaps, 2, DEFAULT_MIN_PART_SIZE);
        assert_eq!(
            pieces.iter().map(|(start, end)| end - start).sum::<u64>(),
            2 * DEFAULT_MIN_PART_SIZE + 10
        );
        assert_eq!(pieces[0], (10, 20));
    }
}
