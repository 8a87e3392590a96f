//! One attempt: a call, its answer judged, its bytes taken.

use reqwest::StatusCode;

use super::batch::Batch;
use super::body::{self, Body};
use super::fault::{self, Fault};
use super::overlap;
use super::plan::{OVERLAP, Plan};
use super::run::Run;
use super::version::Version;
use crate::ContentRange;
use crate::client::Opened;
use crate::error::{DownloadError, Error, ErrorKind};

impl Run<'_> {
    /// Makes a call, or several, and takes what comes. It succeeds once the file is whole.
    pub(super) async fn attempt(&mut self) -> Result<(), Fault> {
        if self.may_divide() && self.attempt_in_pieces().await? {
            return Ok(());
        }
        self.attempt_in_one().await
    }

    async fn attempt_in_one(&mut self) -> Result<(), Fault> {
        let tail = self.tail().await?;
        let plan = self.plan(tail.len() as u64);
        let opened = self.source.open(plan.headers()).await.map_err(Fault::of)?;
        let mut body = match (opened.status, &plan) {
            (StatusCode::OK, _) => self.whole(opened).await?,
            (StatusCode::PARTIAL_CONTENT, _) => self.rest(&plan, &tail, opened).await?,
            // What is there already is longer than the file, or the server knows no ranges.
            (StatusCode::RANGE_NOT_SATISFIABLE, Plan::Rest { .. }) => {
                return Err(Fault::Unranged(fault::unexpected(self.source.endpoint(), &opened)));
            }
            _ => return Err(Fault::Fatal(fault::unexpected(self.source.endpoint(), &opened))),
        };
        self.take_all(&mut body).await?;
        self.check_end(&body)
    }

    /// The bytes to compare, where this attempt may go on with what is there.
    async fn tail(&mut self) -> Result<Vec<u8>, Fault> {
        if self.position == 0 || self.anew {
            return Ok(Vec::new());
        }
        let count = OVERLAP.min(self.position);
        let tail = self.sink.tail(count).await;
        tail.map_err(|problem| Fault::Fatal(self.error(problem)))
    }

    fn plan(&self, overlap: u64) -> Plan {
        let takes_ranges = !self.unranged && (self.source.takes_ranges() || self.version.takes_ranges);
        match self.anew || !takes_ranges {
            true => Plan::Whole,
            false => Plan::new(self.position, overlap, &self.version),
        }
    }

    /// All of the file comes, asked for or in place of a part.
    pub(super) async fn whole(&mut self, opened: Opened) -> Result<Body, Fault> {
        let announced = body::length(opened.headers());
        let version = Version::of(opened.headers(), announced);
        self.check_type(&version)?;
        if self.position > 0 {
            self.restarts += 1;
            let restarted = self.sink.restart(&version).await;
            restarted.map_err(|problem| Fault::Fatal(self.error(problem)))?;
        }
        self.begin();
        self.version = version;
        self.came_whole = true;
        Ok(Body::new(opened, announced, self.options.stall))
    }

    /// An answer from the start of the file must be of the type that the one before was.
    pub(super) fn check_type(&self, version: &Version) -> Result<(), Fault> {
        if self.version.content_type.is_some() && self.version.content_type != version.content_type {
            // Perhaps the page of a gateway. What is there is not given up for it.
            return Err(Fault::Again(self.error(ErrorKind::Download(DownloadError::Changed {
                what: "its type differs",
            }))));
        }
        Ok(())
    }

    /// A part comes: it must be the one that was asked for, of the version that is there, and begin with
    /// what is there.
    async fn rest(&mut self, plan: &Plan, tail: &[u8], opened: Opened) -> Result<Body, Fault> {
        let endpoint = self.source.endpoint();
        let range = ContentRange::check(true, opened.headers(), plan.range());
        let range = range.map_err(|fault| Fault::Unranged(Error::at(endpoint, ErrorKind::Range(fault))))?;
        let Some(range) = range else {
            return Err(Fault::Fatal(fault::unexpected(self.source.endpoint(), &opened)));
        };
        let part = Version::of(opened.headers(), range.total);
        if let Some(what) = self.version.difference(&part) {
            return Err(Fault::changed(endpoint, what));
        }
        if self.version.total.is_some_and(|total| total != range.last + 1) {
            return Err(Fault::changed(endpoint, "its size differs"));
        }
        let announced = body::length(opened.headers());
        if announced.is_some_and(|announced| announced != range.count()) {
            return Err(Fault::changed(
                endpoint,
                "the part has another length than its Content-Range says",
            ));
        }
        let mut body = Body::new(opened, Some(range.count()), self.options.stall);
        match overlap::agrees(&mut body, tail).await {
            Ok(true) => {}
            Ok(false) => return Err(Fault::changed(endpoint, "the bytes that overlap differ")),
            Err(fault) => return Err(Fault::broken(endpoint, fault)),
        }
        self.came_whole = false;
        self.version.total = self.version.total.or(range.total);
        self.version.name = self.version.name.take().or(part.name);
        Ok(body)
    }

    /// Takes all bytes of an answer. Those that came before a fault are kept.
    pub(super) async fn take_all(&mut self, body: &mut Body) -> Result<(), Fault> {
        let mut batch = Batch::default();
        let ended = loop {
            match body.chunk().await {
                Ok(Some(chunk)) => {
                    self.position += chunk.len() as u64;
                    batch.push(chunk);
                    self.tell();
                }
                Ok(None) => break Ok(()),
                Err(fault) => break Err(Fault::broken(self.source.endpoint(), fault)),
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

    async fn write(&mut self, batch: Batch) -> Result<(), Fault> {
        let written = self.sink.write(batch, &self.version).await;
        written.map_err(|problem| Fault::Fatal(self.error(problem)))
    }

    /// Whether the file is whole, now that an answer has ended without a fault.
    pub(super) fn check_end(&mut self, body: &Body) -> Result<(), Fault> {
        let bytes = self.position;
        if self.version.total.is_none() && body.has_end() && self.came_whole {
            self.version.total = Some(bytes);
        }
        match self.version.total {
            Some(total) if total == bytes => Ok(()),
            Some(_) => Err(Fault::changed(self.source.endpoint(), "its size differs")),
            None => {
                let error = self.error(ErrorKind::Download(DownloadError::Unbounded { bytes }));
                // The answer for the rest may say how large the file is.
                match self.version.is_recognizable() {
                    true => Err(Fault::Again(error)),
                    false => Err(Fault::Fatal(error)),
                }
            }
        }
    }
}
