//! An answer whose body is still to be read.

use bytes::Bytes;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::Response;
use reqwest::header::CONTENT_ENCODING;

use super::envelope::Envelope;
use super::failure::{self, Reader};
use super::request::Outgoing;
use crate::endpoint::EndpointInfo;
use crate::error::{ApiError, DecodeError, Error, ErrorKind, Help, Result};
use crate::transport::{self, BaseUrl};

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
            .extend(scope_help(&answer, self.endpoint, self.outgoing.base, self.app));
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

/// What a scope is written with stays as it is, as in the links that the platform gives.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b':').remove(b'.').remove(b'_').remove(b'-');

/// The page on which this app gets the scope that the answer finds missing; `None` where nothing is said of a scope,
/// the answer has a link of its own, or the client does not know its app.
///
/// The form of the link is that of the platform's own: `/app/cli_x/auth?q=scope&op_from=openapi`.
fn scope_help(answer: &ApiError, endpoint: &EndpointInfo, base: &BaseUrl, app: &str) -> Option<Help> {
    let has_link = |text: &str| text.contains("https://");
    let mut violations = answer.permission_violations.iter();
    let has_own = !answer.helps.is_empty() || violations.any(|violation| has_link(&violation.description));
    if !answer.is_about_scopes() || has_own || app.is_empty() {
        return None;
    }
    let told = answer.permission_violations.first();
    let told = told.map(|violation| violation.scope.as_str());
    let scope = told
        .filter(|scope| !scope.is_empty())
        .or(endpoint.scopes.first().copied())?;
    Some(Help {
        url: format!(
            "{}/app/{}/auth?q={}&op_from=openapi",
            base.origin(),
            utf8_percent_encode(app, RESERVED),
            utf8_percent_encode(scope, RESERVED),
        ),
        description: "the scopes of the app".to_owned(),
    })
}
