//! An answer whose body is still to be read.

use bytes::Bytes;
use reqwest::Response;
use reqwest::header::CONTENT_ENCODING;

use super::console;
use super::outgoing::Outgoing;
use crate::endpoint::EndpointInfo;
use crate::envelope::Envelope;
use crate::error::{ApiError, DecodeError, Error, ErrorKind, Result};
use crate::failure::{self, Reader};
use crate::transport;

/// Largest part of a failure's body that is read. One that is smaller is read to its end, so that the connection
/// can be used again; where there is more, the connection is closed.
pub(super) const FAILURE_LIMIT: u64 = 64 * 1024;

/// An answer whose body is still to be read, and what it takes to tell of a failure.
pub(super) struct Incoming<'a> {
    pub endpoint: &'static EndpointInfo,
    pub response: Response,
    outgoing: Outgoing<'a>,
    app: &'a str,
}

impl<'a> Incoming<'a> {
    /// The answer to what was sent for this app.
    ///
    /// # Errors
    ///
    /// Where it is not the platform's, or not what it says it is.
    pub(super) fn new(response: Response, outgoing: Outgoing<'a>, app: &'a str) -> Result<Self> {
        let incoming = Self {
            endpoint: outgoing.endpoint(),
            response,
            outgoing,
            app,
        };
        incoming.check()?;
        Ok(incoming)
    }

    fn check(&self) -> Result<()> {
        let url = self.response.url();
        if !self.outgoing.base.is_origin_of(url) {
            let host = url.host_str().unwrap_or_default();
            let problem = format!(
                "it came from {host}, to which the HTTP client that the builder was given followed a redirect: \
                 build that client with `redirect::Policy::none()`"
            );
            return Err(self.unreadable("", &problem));
        }
        match self.response.headers().get(CONTENT_ENCODING) {
            Some(encoding) if self.response.status().is_success() && encoding != "identity" => {
                let problem = format!(
                    "it came compressed ({encoding:?}) and was not asked for in that form: look what changes it on its way, \
                     or give the builder an HTTP client that unpacks it"
                );
                Err(self.unreadable("", &problem))
            }
            _ => Ok(()),
        }
    }

    /// The error for an answer whose status tells of a failure.
    pub(super) async fn failure(mut self) -> Error {
        match transport::read_up_to(&mut self.response, FAILURE_LIMIT).await {
            Ok(body) => self.refused(&body.bytes),
            Err(fault) => Error::at(self.endpoint, ErrorKind::Transport(fault)),
        }
    }

    /// The error for an answer with this body.
    pub(super) fn refused(&self, body: &Bytes) -> Error {
        self.answered(self.read(|reader| reader.body(body)))
    }

    /// The error for an answer with this envelope.
    pub(super) fn failed(&self, envelope: Envelope) -> Error {
        self.answered(self.read(|reader| reader.envelope(envelope)))
    }

    fn answered(&self, mut answer: ApiError) -> Error {
        answer
            .helps
            .extend(console::scopes(&answer, self.endpoint, self.outgoing.base, self.app));
        Error::at(self.endpoint, ErrorKind::Api(Box::new(answer)))
    }

    /// The error for an answer that cannot be understood, here.
    pub(super) fn unreadable(&self, path: &str, problem: &str) -> Error {
        let unreadable = self.read(|reader| DecodeError {
            status: reader.status.as_u16(),
            path: reader.clean(path),
            problem: reader.clean(problem),
            log_id: failure::log_id(reader.headers, reader.scrubber),
        });
        Error::at(self.endpoint, ErrorKind::Decode(unreadable))
    }

    /// Id under which the platform's support finds the call.
    pub(super) fn log_id(&self) -> Option<String> {
        self.read(|reader| failure::log_id(reader.headers, reader.scrubber))
    }

    /// Text of the answer as an error may show it.
    pub(super) fn clean(&self, text: &str) -> String {
        self.read(|reader| reader.clean(text))
    }

    fn read<T>(&self, read: impl FnOnce(Reader<'_>) -> T) -> T {
        read(Reader {
            status: self.response.status(),
            url: self.response.url(),
            headers: self.response.headers(),
            scrubber: &self.outgoing.scrubber(),
        })
    }
}
