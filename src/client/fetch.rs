//! Calls whose answer is a stream of bytes.

use std::sync::Arc;
use std::time::Duration;

use reqwest::StatusCode;

use super::call::Read;
use super::core::Core;
use super::glance::{Glance, glance};
use super::incoming::Incoming;
use super::view::View;
use crate::endpoint::Request;
use crate::error::{Error, ErrorKind, Result};
use crate::wire::{self, Fields};
use crate::{ByteRange, ByteStream, ContentRange};

impl Core {
    /// A call with a binary answer; it is over once the answer begins.
    pub(crate) async fn fetch(self: &Arc<Self>, request: &dyn Request, view: &View) -> Result<ByteStream> {
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
