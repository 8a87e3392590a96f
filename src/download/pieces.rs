//! A file that comes in several pieces at a time.

use std::collections::VecDeque;
use std::sync::Arc;

use reqwest::StatusCode;

use super::batch::Batch;
use super::body::{self, Body};
use super::fault::Fault;
use super::piece::{Came, Lead, Origin, Piece};
use super::plan;
use super::run::Run;
use super::version::Version;
use crate::client::Opened;
use crate::error::Tries;
use crate::retry::Backoff;
use crate::together::Together;
use crate::{ByteRange, ContentRange};

/// No piece is smaller unless something else is set: it must be worth a call of its own.
pub(crate) const SMALLEST: u64 = 8 * 1024 * 1024;

impl<'a> Run<'a> {
    /// Whether the next attempt may bring the file in pieces.
    pub(super) fn may_divide(&self) -> bool {
        let wanted = self.options.connections > 1 && !self.undivided && !self.unranged;
        wanted && self.source.takes_ranges() && self.sink.takes_pieces()
    }

    /// Brings what is missing in pieces; `false` where it turns out that the file cannot be had like that.
    pub(super) async fn attempt_in_pieces(&mut self) -> Result<bool, Fault> {
        if self.anew {
            self.give_up_what_is_there().await?;
        }
        let connections = u64::from(self.options.connections);
        let mut running = Together::new();
        let mut waiting;
        if self.position > 0 {
            if !self.version.is_divisible() {
                self.undivided = true;
                return Ok(false);
            }
            waiting = divide(
                &self.there.missing(self.total()),
                connections,
                self.options.smallest_piece,
            );
        } else {
            let opened = self.source.open_apart(plan::part_headers(self.first_range(), None));
            let opened = opened.await.map_err(Fault::of)?;
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
            waiting = divide(&[(0, self.total())], connections, self.options.smallest_piece);
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
        ByteRange::from(0..self.options.smallest_piece)
    }

    /// The piece that the first answer brings, if the file can be had in pieces.
    fn first(&mut self, opened: Opened) -> Result<Option<Piece>, Fault> {
        let asked = self.first_range();
        let partial = opened.status == StatusCode::PARTIAL_CONTENT;
        let Ok(Some(range)) = ContentRange::check(partial, opened.headers(), Some(asked)) else {
            return Ok(None);
        };
        let version = Version::of(opened.headers(), range.total);
        let announced = body::length(opened.headers());
        if !version.is_divisible() || announced.is_some_and(|announced| announced != range.count()) {
            return Ok(None);
        }
        self.check_type(&version)?;
        self.version = version;
        let mut piece = Piece::new(0, range.count(), self.source.retries());
        piece.body = Some(Body::new(opened, Some(range.count()), self.options.stall));
        Ok(Some(piece))
    }

    /// Takes all pieces, so many at a time as there are to be connections.
    async fn take_pieces(
        &mut self,
        running: &mut Together<'a, Came>,
        waiting: &mut VecDeque<(u64, u64)>,
    ) -> Result<bool, Fault> {
        let mut leads = Vec::new();
        // The call that the attempt itself counts for.
        let mut counted = running.count() == 0;
        loop {
            while running.count() < self.options.connections as usize
                && let Some((start, end)) = waiting.pop_front()
            {
                self.attempts += u32::from(!std::mem::take(&mut counted));
                let piece = Piece::new(start, end, self.source.retries());
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
            false => Err(Fault::changed(self.source.endpoint(), "a piece ended early")),
        }
    }

    /// Writes what a piece has brought; gives the piece back where it is not over.
    async fn take_step(&mut self, came: Came, leads: &mut Vec<Lead>) -> Result<Option<Piece>, Fault> {
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

    async fn write_at(&mut self, start: u64, batch: Batch) -> Result<(), Fault> {
        let count = batch.bytes() as u64;
        let written = self.sink.write_at(start, batch, &self.version).await;
        written.map_err(|problem| Fault::Fatal(self.error(problem)))?;
        self.there.add(start, start + count);
        self.position += count;
        self.tell();
        Ok(())
    }

    /// Holds what came twice against what is there, as far as it is there.
    async fn check(&mut self, leads: &mut Vec<Lead>) -> Result<(), Fault> {
        let mut open = Vec::new();
        for lead in leads.drain(..) {
            if !self.there.has(lead.start, lead.end()) {
                open.push(lead);
                continue;
            }
            let there = self.sink.read_at(lead.start, lead.bytes.len() as u64).await;
            if there.map_err(|problem| Fault::Fatal(self.error(problem)))? != lead.bytes {
                return Err(Fault::changed(self.source.endpoint(), "the bytes that overlap differ"));
            }
        }
        *leads = open;
        Ok(())
    }

    /// The piece with the wait before it is asked for again, if the fault is one of its answer alone and there is hope.
    fn try_again(&mut self, mut piece: Piece, fault: Fault) -> Result<Piece, Fault> {
        if !matches!(fault, Fault::Again(_)) {
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
            Err(stopped) => Err(Fault::Over(fault.into_error().after_all(Tries {
                attempts: self.attempts,
                waits: piece.waits,
                stopped,
            }))),
        }
    }

    async fn give_up_what_is_there(&mut self) -> Result<(), Fault> {
        if self.position > 0 {
            self.restarts += 1;
            let restarted = self.sink.restart(&self.version).await;
            restarted.map_err(|problem| Fault::Fatal(self.error(problem)))?;
        }
        self.begin();
        Ok(())
    }

    fn origin(&self) -> Origin<'a> {
        Origin {
            source: self.source,
            version: Arc::new(self.version.clone()),
            stall: self.options.stall,
            batch: self.sink.batch(),
        }
    }

    /// The size of the file, which is known where it comes in pieces.
    fn total(&self) -> u64 {
        self.version.total.unwrap_or_default()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_connection_gets_an_equal_share() {
        let total = 100 * SMALLEST;
        let pieces = divide(&[(0, total)], 4, SMALLEST);
        let expected = [(0, 25), (25, 50), (50, 75), (75, 100)].map(|(start, end)| (start * SMALLEST, end * SMALLEST));
        assert_eq!(pieces, expected);
    }

    #[test]
    fn small_files_are_not_cut_into_small_pieces() {
        assert_eq!(divide(&[(0, SMALLEST)], 4, SMALLEST), [(0, SMALLEST)]);
        assert_eq!(
            divide(&[(0, SMALLEST + 1)], 4, SMALLEST),
            [(0, SMALLEST), (SMALLEST, SMALLEST + 1)]
        );
        assert!(divide(&[], 4, SMALLEST).is_empty());
    }

    #[test]
    fn gaps_are_pieces_of_their_own() {
        let gaps = [(10, 20), (SMALLEST, 3 * SMALLEST)];
        let pieces = divide(&gaps, 2, SMALLEST);
        assert_eq!(
            pieces.iter().map(|(start, end)| end - start).sum::<u64>(),
            2 * SMALLEST + 10
        );
        assert_eq!(pieces[0], (10, 20));
    }
}
