//! Calls whose answer is a stream of bytes.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use reqwest::header::HeaderMap;
use reqwest::{Response, StatusCode};

use super::context::{CallOptions, Core};
use super::response::Incoming;
use super::retry_loop::Read;
use super::sniff::{Glance, glance};
use crate::byte_stream::{ByteStream, ContentRange};
use crate::endpoint::Request;
use crate::error::{Error, ErrorKind, Result};
use crate::range::ByteRange;
use crate::wire::{self, Fields};

impl Core {
    /// A call with a binary answer; it is over once the answer begins.
    pub(crate) async fn fetch(self: &Arc<Self>, request: &dyn Request, options: &CallOptions) -> Result<ByteStream> {
        let file = File {
            asked: range_of(request),
            timeout: options.timeout,
        };
        self.run(request, options, file).await
    }
}

/// Tells a file from an error that came in its place.
struct File {
    asked: Option<ByteRange>,
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
        // A part of a file is one, whatever its type.
        let glance = match partial {
            true => Glance::File(None),
            false => glance(&mut incoming.response)
                .await
                .map_err(|fault| Error::at(endpoint, ErrorKind::Transport(fault)))?,
        };
        let beginning = match glance {
            Glance::File(beginning) => beginning,
            Glance::Error(body) => return Err(incoming.refused(&body)),
        };
        let range = ContentRange::check(partial, incoming.response.headers(), self.asked)
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

/// The range that a request asks for.
fn range_of(request: &dyn Request) -> Option<ByteRange> {
    let mut range = None;
    let fields: &dyn Fields = request;
    fields.each(&mut |_, value| {
        if let wire::View::Range(asked) = value.view() {
            range = Some(*asked);
        }
    });
    range
}

/// An answer that is no error: a file, a part of one, or that there is no such part (HTTP 416).
pub(crate) struct Opened {
    pub status: StatusCode,
    pub response: Response,
    /// What was read of the body to find out whether it is an error.
    pub beginning: Option<Bytes>,
    /// Id under which the platform's support finds the call.
    pub log_id: Option<String>,
}

impl Opened {
    pub(crate) fn headers(&self) -> &HeaderMap {
        self.response.headers()
    }
}

/// Tells a file, or a part of one, from an error that came in its place.
struct Opening;

impl Core {
    /// One call for a file, or a part of one. It is not tried again: whoever calls sees to that.
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
        // Other than for a range that the caller asked for: an error has been met with HTTP 206 too.
        let glance = glance(&mut incoming.response)
            .await
            .map_err(|fault| Error::at(endpoint, ErrorKind::Transport(fault)))?;
        let beginning = match glance {
            Glance::File(beginning) => beginning,
            Glance::Error(body) => return Err(incoming.refused(&body)),
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
