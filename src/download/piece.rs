//! A piece of a file, which comes beside others.

use std::sync::Arc;
use std::time::Duration;

use reqwest::StatusCode;
use tokio::time::sleep;

use super::batch::Batch;
use super::body::{self, Body};
use super::fault::{self, Fault};
use super::overlap;
use super::plan::{self, OVERLAP};
use super::source::Source;
use super::version::Version;
use crate::error::{Error, ErrorKind, RangeError};
use crate::retry::{Backoff, RetryPolicy};
use crate::{ByteRange, ContentRange};

/// What a piece of a file is taken from.
#[derive(Clone)]
pub(crate) struct Origin<'a> {
    pub source: &'a dyn Source,
    /// The version that each part has to be of.
    pub version: Arc<Version>,
    pub stall: Duration,
    /// How many bytes are gathered before they are written.
    pub batch: usize,
}

/// A piece of a file, which comes with one call, or after a fault with several.
pub(crate) struct Piece {
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
pub(crate) struct Came {
    pub piece: Piece,
    pub lead: Option<Lead>,
    pub batch: Batch,
    /// How the answer ended, if it did.
    pub ended: Option<Result<(), Fault>>,
}

/// Bytes that stand before a piece. They come with it, to be held against what another piece has brought.
pub(crate) struct Lead {
    pub start: u64,
    pub bytes: Vec<u8>,
}

impl Lead {
    pub(crate) fn end(&self) -> u64 {
        self.start + self.bytes.len() as u64
    }
}

impl Piece {
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
    pub(crate) async fn step(mut self, origin: Origin<'_>) -> Came {
        let mut batch = Batch::default();
        let mut lead = None;
        let ended = match self.take(&origin, &mut batch, &mut lead).await {
            Ok(true) => Some(Ok(())),
            Ok(false) => None,
            Err(fault) => Some(Err(fault)),
        };
        if ended.is_some() {
            self.body = None;
        }
        Came {
            piece: self,
            lead,
            batch,
            ended,
        }
    }

    /// Fills a batch; `true` where the answer has ended.
    async fn take(&mut self, origin: &Origin<'_>, batch: &mut Batch, lead: &mut Option<Lead>) -> Result<bool, Fault> {
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
            match body.chunk().await.map_err(|fault| Fault::broken(endpoint, fault))? {
                Some(chunk) => batch.push(chunk),
                None => return Ok(true),
            }
        }
        Ok(false)
    }
}

/// Asks for what lies between these positions, with a little before it, and reads that.
async fn open(start: u64, end: u64, origin: &Origin<'_>) -> Result<(Body, Option<Lead>), Fault> {
    let endpoint = origin.source.endpoint();
    let from = start - OVERLAP.min(start);
    let asked = ByteRange::from(from..end);
    let headers = plan::part_headers(asked, origin.version.strong());
    let opened = origin.source.open_apart(headers).await.map_err(Fault::of)?;
    match opened.status {
        StatusCode::PARTIAL_CONTENT => {}
        StatusCode::OK if Version::of(opened.headers(), None).strong() == origin.version.strong() => {
            let ignored = ErrorKind::Range(RangeError::Ignored { asked });
            return Err(Fault::Unranged(Error::at(endpoint, ignored)));
        }
        StatusCode::OK => return Err(Fault::changed(endpoint, "all of it came in place of a part")),
        StatusCode::RANGE_NOT_SATISFIABLE => return Err(Fault::Unranged(fault::unexpected(endpoint, &opened))),
        _ => return Err(Fault::Fatal(fault::unexpected(endpoint, &opened))),
    }
    let range = ContentRange::check(true, opened.headers(), Some(asked));
    let range = range.map_err(|fault| Fault::Unranged(Error::at(endpoint, ErrorKind::Range(fault))))?;
    let total = range.and_then(|range| range.total);
    if total.is_none() || total != origin.version.total {
        return Err(Fault::changed(endpoint, "its size differs"));
    }
    if let Some(what) = origin.version.difference(&Version::of(opened.headers(), total)) {
        return Err(Fault::changed(endpoint, what));
    }
    let count = end - from;
    if body::length(opened.headers()).is_some_and(|announced| announced != count) {
        return Err(Fault::changed(
            endpoint,
            "the part has another length than its Content-Range says",
        ));
    }
    let mut body = Body::new(opened, Some(count), origin.stall);
    let bytes = overlap::take(&mut body, start - from).await;
    let bytes = bytes.map_err(|fault| Fault::broken(endpoint, fault))?;
    let lead = (start > from).then_some(Lead { start: from, bytes });
    Ok((body, lead))
}
