//! Calls with a binary response.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use reqwest::header::HeaderMap;
use reqwest::{Response, StatusCode};

use super::context::{CallOptions, Core};
use super::response::Incoming;
use super::retry_loop::Read;
use super::sniff::{Sniffed, sniff};
use crate::byte_stream::{ByteStream, ContentRange};
use crate::endpoint::Request;
use crate::error::{Error, ErrorKind, Result};
use crate::range::ByteRange;
use crate::wire::{self, Fields};

impl Core {
    /// Makes a call with a binary response; it ends when the body starts.
    pub(crate) async fn fetch(self: &Arc<Self>, request: &dyn Request, options: &CallOptions) -> Result<ByteStream> {
        let file = File {
            requested: requested_range(request),
            timeout: options.timeout,
        };
        self.run(request, options, file).await
    }
}

/// Reads a file, or an error in its place.
struct File {
    requested: Option<ByteRange>,
    timeout: Duration,
}

impl Read for File {
    type Output = ByteStream;

    async fn read(&mut self, mut incoming: Incoming<'_>) -> Result<ByteStream> {
        let endpoint = incoming.endpoint;
        let status = incoming.response.status();
        if !status.is_success() {
            return Err(incoming.failure().await);
        }
        let partial = status == StatusCode::PARTIAL_CONTENT;
        // A partial response is a file, with any media type.
        let sniffed = if partial {
            Sniffed::File(None)
        } else {
            sniff(&mut incoming.response)
                .await
                .map_err(|error| Error::at(endpoint, ErrorKind::Transport(error)))?
        };
        let beginning = match sniffed {
            Sniffed::File(beginning) => beginning,
            Sniffed::Error(body) => return Err(incoming.refused(&body)),
        };
        let range = ContentRange::check(partial, incoming.response.headers(), self.requested)
            .map_err(|fault| Error::at(endpoint, ErrorKind::Range(fault.cleaned(|text| incoming.clean(text)))))?;
        Ok(ByteStream::new(
            endpoint,
            incoming.response,
            beginning,
            range,
            self.timeout,
        ))
    }

    fn is_blank(&self) -> bool {
        true
    }
}

/// Returns the range of a request.
fn requested_range(request: &dyn Request) -> Option<ByteRange> {
    let mut range = None;
    let fields: &dyn Fields = request;
    fields.each(&mut |_, value| {
        if let wire::View::Range(requested) = value.view() {
            range = Some(*requested);
        }
    });
    range
}

/// A response with a file, a part of one, or HTTP 416.
pub(crate) struct Opened {
    pub status: StatusCode,
    pub response: Response,
    /// The part of the body that was read for sniffing.
    pub beginning: Option<Bytes>,
    /// Log id of the call.
    pub log_id: Option<String>,
}

impl Opened {
    pub(crate) fn headers(&self) -> &HeaderMap {
        self.response.headers()
    }
}

/// Reads a file or a part of one, or an error in its place.
struct Opening;

impl Core {
    /// Opens a file or a part of one.
    pub(crate) async fn open(self: &Arc<Self>, request: &dyn Request, options: &CallOptions) -> Result<Opened> {
        self.run(request, options, Opening).await
    }
}

impl Read for Opening {
    type Output = Opened;

    async fn read(&mut self, mut incoming: Incoming<'_>) -> Result<Opened> {
        let endpoint = incoming.endpoint;
        let status = incoming.response.status();
        if !status.is_success() && status != StatusCode::RANGE_NOT_SATISFIABLE {
            return Err(incoming.failure().await);
        }
        // Unlike for a range of the caller, HTTP 206 is sniffed: errors with that status have been observed.
        let sniffed = sniff(&mut incoming.response)
            .await
            .map_err(|fault| Error::at(endpoint, ErrorKind::Transport(fault)))?;
        let beginning = match sniffed {
            Sniffed::File(beginning) => beginning,
            Sniffed::Error(body) => return Err(incoming.refused(&body)),
        };
        Ok(Opened {
            status,
            log_id: incoming.log_id(),
            response: incoming.response,
            beginning,
        })
    }

    fn is_blank(&self) -> bool {
        true
    }
}
