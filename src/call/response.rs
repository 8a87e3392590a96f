//! Responses before their body is read, and the errors they become.

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

/// Maximum number of bytes read of an error body. A smaller body is read completely, so that the connection can be reused.
pub(super) const MAX_ERROR_BODY: u64 = 64 * 1024;

/// A response before its body is read, with the context for errors.
pub(super) struct Incoming<'a> {
    pub endpoint: &'static EndpointInfo,
    pub response: Response,
    outgoing: Outgoing<'a>,
    app: &'a str,
}

impl<'a> Incoming<'a> {
    /// Wraps the response to a request of this app.
    ///
    /// # Errors
    ///
    /// Fails if the response is from another origin, or has an unexpected encoding.
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
                "unexpected origin {host}: the HTTP client set on the builder followed a redirect: build it with \
                 `redirect::Policy::none()`"
            );
            return Err(self.decode_error("", &problem));
        }
        match self.response.headers().get(CONTENT_ENCODING) {
            Some(encoding) if self.response.status().is_success() && encoding != "identity" => {
                let problem = format!(
                    "unexpected Content-Encoding ({encoding:?}): a proxy may have re-encoded the response, or the HTTP client \
                     set on the builder does not decompress it"
                );
                Err(self.decode_error("", &problem))
            }
            _ => Ok(()),
        }
    }

    /// Reads the body of a failed response into an error.
    pub(super) async fn failure(mut self) -> Error {
        match transport::read_up_to(&mut self.response, MAX_ERROR_BODY).await {
            Ok(body) => self.refused(&body.bytes),
            Err(fault) => Error::at(self.endpoint, ErrorKind::Transport(fault)),
        }
    }

    /// Returns the error for a response with this body.
    pub(super) fn refused(&self, body: &Bytes) -> Error {
        self.api_error(self.read(|reader| reader.body(body)))
    }

    /// Returns the error for a response with this envelope.
    pub(super) fn failed(&self, envelope: Envelope) -> Error {
        self.api_error(self.read(|reader| reader.envelope(envelope)))
    }

    fn api_error(&self, mut error: ApiError) -> Error {
        error
            .helps
            .extend(scope_help(&error, self.endpoint, self.outgoing.base, self.app));
        Error::at(self.endpoint, ErrorKind::Api(Box::new(error)))
    }

    /// Returns the error for a response that cannot be decoded at this path.
    pub(super) fn decode_error(&self, path: &str, problem: &str) -> Error {
        let error = self.read(|reader| DecodeError {
            status: reader.status.as_u16(),
            path: reader.clean(path),
            problem: reader.clean(problem),
            log_id: failure::log_id(reader.headers, reader.scrubber),
        });
        Error::at(self.endpoint, ErrorKind::Decode(error))
    }

    /// Returns the log id of the call.
    pub(super) fn log_id(&self) -> Option<String> {
        self.read(|reader| failure::log_id(reader.headers, reader.scrubber))
    }

    /// Returns text of the response without secrets, for errors.
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

/// Characters of scopes stay unescaped, as in the platform's own links.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b':').remove(b'.').remove(b'_').remove(b'-');

/// Returns the page of the developer console for adding the missing scope; `None` if no scope is missing, the response has a
/// link of its own, or the app is unknown.
///
/// The link has the form of the platform's own: `/app/cli_x/auth?q=scope&op_from=openapi`.
fn scope_help(error: &ApiError, endpoint: &EndpointInfo, base: &BaseUrl, app: &str) -> Option<Help> {
    let has_link = |text: &str| text.contains("https://");
    let mut violations = error.permission_violations.iter();
    let has_own = !error.helps.is_empty() || violations.any(|violation| has_link(&violation.description));
    if !error.is_about_scopes() || has_own || app.is_empty() {
        return None;
    }
    let missing = error.permission_violations.first();
    let missing = missing.map(|violation| violation.scope.as_str());
    let scope = missing
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
