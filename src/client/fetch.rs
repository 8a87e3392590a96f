//! Calls whose answer is a stream of bytes.

use std::sync::Arc;
use std::time::Duration;

use reqwest::StatusCode;
use reqwest::header::{CONTENT_DISPOSITION, CONTENT_TYPE, HeaderMap};

use super::call::Read;
use super::core::Core;
use super::incoming::{FAILURE_LIMIT, Incoming};
use super::view::View;
use crate::endpoint::Request;
use crate::envelope::Envelope;
use crate::error::{Error, Problem, Result};
use crate::transport::{self, Beginning};
use crate::wire::{self, Fields};
use crate::{ByteRange, ContentRange, Download};

impl Core {
    /// A call with a binary answer; it is over once the answer begins.
    pub(crate) async fn fetch(self: &Arc<Self>, request: &dyn Request, view: &View) -> Result<Download> {
        let file = File {
            asked: range_of(request),
            timeout: view.timeout,
        };
        self.run(request, view, file).await
    }
}

/// Tells a file from an error that came in its place.
struct File {
    asked: Option<ByteRange>,
    timeout: Duration,
}

impl Read for File {
    type Output = Download;

    async fn read(&mut self, mut incoming: Incoming<'_>) -> Result<Download> {
        let endpoint = incoming.endpoint;
        let status = incoming.response.status();
        if !status.is_success() {
            return Err(incoming.failure().await);
        }
        let mut beginning = None;
        if may_be_an_error(status, incoming.response.headers()) {
            let read = transport::read_up_to(&mut incoming.response, FAILURE_LIMIT)
                .await
                .map_err(|fault| Error::at(endpoint, Problem::Transport(fault)))?;
            if is_an_error(&read) {
                return Err(incoming.refused(&read.bytes));
            }
            beginning = Some(read.bytes);
        }
        let partial = status == StatusCode::PARTIAL_CONTENT;
        let range = ContentRange::check(partial, incoming.response.headers(), self.asked)
            .map_err(|fault| Error::at(endpoint, Problem::Range(fault.cleaned(|text| incoming.clean(text)))))?;
        Ok(Download::new(
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

/// Whether a body may be an envelope: one that a file's name comes with is a file, whatever its type,
/// and so is a part of one.
fn may_be_an_error(status: StatusCode, headers: &HeaderMap) -> bool {
    status != StatusCode::PARTIAL_CONTENT && !headers.contains_key(CONTENT_DISPOSITION) && is_json(headers)
}

pub(crate) fn is_json(headers: &HeaderMap) -> bool {
    let Some(header) = headers.get(CONTENT_TYPE) else {
        return true;
    };
    let value = String::from_utf8_lossy(header.as_bytes()).to_ascii_lowercase();
    let media_type = value.split(';').next().unwrap_or_default().trim();
    media_type == "application/json" || media_type.ends_with("+json") || media_type == "text/json"
}

/// A larger body is no error of the platform.
pub(crate) fn is_an_error(body: &Beginning) -> bool {
    body.complete && Envelope::of_failure(&body.bytes).is_some()
}
