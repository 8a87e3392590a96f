//! Responses: the checks before the body is read, and the bodies, as JSON or as a file.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use reqwest::header::{CONTENT_DISPOSITION, CONTENT_ENCODING, CONTENT_TYPE, HeaderMap};
use reqwest::{Response, StatusCode};
use tokio::time::timeout;

use super::envelope::{self, Envelope, ErrorReader, LOG_ID};
use super::request::Outgoing;
use super::{CallOptions, Core};
use crate::byte_stream::{ByteStream, ContentRange};
use crate::endpoint::{EndpointInfo, Request, ResponseKind};
use crate::error::{ApiError, DecodeError, DownloadError, Error, ErrorKind, Help, Result, TransportError};
use crate::range::ByteRange;
use crate::transport::{self, BaseUrl};
use crate::wire::{self, Fields, FieldsMut};

/// Maximum number of bytes read of an error body. A smaller body is read completely, so that the connection can be reused.
const MAX_ERROR_BODY: u64 = 64 * 1024;

/// A response before its body is read, with the context for errors.
pub(super) struct Incoming<'a> {
    pub endpoint: &'static EndpointInfo,
    pub response: Response,
    outgoing: Outgoing<'a>,
    app: &'a str,
    /// The attempts that were sent, this one included.
    attempts: u32,
}

impl<'a> Incoming<'a> {
    /// Wraps the response to a request of this app.
    ///
    /// # Errors
    ///
    /// Fails if the response is from another origin, or has an unexpected encoding.
    pub(super) fn new(response: Response, outgoing: Outgoing<'a>, app: &'a str, attempts: u32) -> Result<Self> {
        let incoming = Self {
            endpoint: outgoing.endpoint(),
            response,
            outgoing,
            app,
            attempts,
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
            .extend(scope_help(&error, self.endpoint, self.outgoing.console, self.app));
        Error::at(self.endpoint, ErrorKind::Api(Box::new(error)))
    }

    /// Returns the error for a response that cannot be decoded at this path.
    pub(super) fn decode_error(&self, path: &str, problem: &str) -> Error {
        let error = self.read(|reader| DecodeError {
            status: reader.status.as_u16(),
            path: reader.clean(path),
            problem: reader.clean(problem),
            log_id: envelope::log_id(reader.headers, reader.scrubber),
        });
        Error::at(self.endpoint, ErrorKind::Decode(error))
    }

    /// Returns the error for an HTML page in place of a file.
    fn foreign_page(&self) -> Error {
        let status = self.response.status().as_u16();
        Error::at(
            self.endpoint,
            ErrorKind::Download(DownloadError::ForeignPage { status }),
        )
    }

    /// Returns the log id of the call.
    pub(super) fn log_id(&self) -> Option<String> {
        self.read(|reader| envelope::log_id(reader.headers, reader.scrubber))
    }

    /// Returns text of the response without secrets, for errors.
    pub(super) fn clean(&self, text: &str) -> String {
        self.read(|reader| reader.clean(text))
    }

    fn read<T>(&self, read: impl FnOnce(ErrorReader<'_>) -> T) -> T {
        read(ErrorReader {
            status: self.response.status(),
            url: self.response.url(),
            headers: self.response.headers(),
            scrubber: &self.outgoing.scrubber(),
        })
    }
}

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
            wire::path_segment(app),
            // Colons stay unescaped, as in the platform's own links.
            wire::path_segment(scope).replace("%3A", ":"),
        ),
        description: "the scopes of the app".to_owned(),
    })
}

/// Reads the response of an attempt, as JSON or as a file.
pub(super) trait Read: Send {
    type Output: Send;

    /// Returns the output of the call, or why the attempt failed.
    fn read(&mut self, incoming: Incoming<'_>) -> impl Future<Output = Result<Self::Output>> + Send;

    /// Returns whether a failed attempt decoded nothing.
    fn is_blank(&self) -> bool;
}

impl Core {
    /// Makes a call with a JSON response.
    pub(crate) async fn call(
        self: &Arc<Self>,
        request: &dyn Request,
        into: Option<&mut (dyn FieldsMut + Send)>,
        options: &CallOptions,
    ) -> Result<()> {
        let into = into.map_or(Into::Nothing, Into::Fields);
        self.run(request, options, Json::new(self, into)).await
    }

    /// Sends a call with a JSON response and returns its text.
    pub(crate) async fn call_json(self: &Arc<Self>, request: &dyn Request, options: &CallOptions) -> Result<String> {
        let mut text = String::new();
        self.run(request, options, Json::new(self, Into::Text(&mut text)))
            .await?;
        Ok(text)
    }
}

/// What a successful response is read into.
enum Into<'a> {
    /// Data is ignored.
    Nothing,
    /// Data is decoded.
    Fields(&'a mut (dyn FieldsMut + Send)),
    /// Data is returned as text.
    Text(&'a mut String),
}

/// Reads a JSON response.
struct Json<'a> {
    into: Into<'a>,
    max_bytes: u64,
    strict: bool,
    blank: bool,
}

impl<'a> Json<'a> {
    fn new(core: &Core, into: Into<'a>) -> Self {
        Self {
            into,
            max_bytes: core.max_json_bytes,
            strict: core.strict_decoding,
            blank: true,
        }
    }
}

impl Read for Json<'_> {
    type Output = ();

    async fn read(&mut self, mut incoming: Incoming<'_>) -> Result<()> {
        if !incoming.response.status().is_success() {
            return Err(incoming.failure().await);
        }
        let body = transport::read_all(&mut incoming.response, self.max_bytes)
            .await
            .map_err(|problem| Error::at(incoming.endpoint, problem))?;
        if body.is_empty() {
            return Err(incoming.decode_error("", "empty body"));
        }
        let flat = matches!(incoming.endpoint.response, ResponseKind::Json { flat: true });
        let into = match &mut self.into {
            Into::Fields(into) => Some(&mut **into as &mut dyn FieldsMut),
            Into::Nothing | Into::Text(_) => None,
        };
        let envelope = Envelope::read(&body, flat, into, self.strict)
            .map_err(|failure| incoming.decode_error(&failure.path, &failure.problem))?;
        let succeeded = envelope.code.unwrap_or(0) == 0;
        if succeeded && !envelope.mismatches.is_empty() {
            let id = incoming.endpoint.id;
            wire::warn(Some(id), &envelope.mismatches, |path| incoming.clean(path));
        }
        match envelope.code {
            Some(0) => self.take_text(&body, flat, &incoming),
            None if flat => self.take_text(&body, flat, &incoming),
            None => Err(incoming.decode_error("code", "expected an integer, found nothing")),
            Some(_) => {
                self.blank = !envelope.has_data;
                Err(incoming.failed(envelope))
            }
        }
    }

    fn is_blank(&self) -> bool {
        self.blank
    }
}

impl Json<'_> {
    /// Stores the text of the response if requested.
    fn take_text(&mut self, body: &[u8], flat: bool, incoming: &Incoming<'_>) -> Result<()> {
        if let Into::Text(text) = &mut self.into {
            let extracted = envelope::data_text(body, flat);
            **text = extracted.map_err(|failure| incoming.decode_error(&failure.path, &failure.problem))?;
        }
        Ok(())
    }
}

/// What a successful response to a binary endpoint contains.
pub(crate) enum Sniffed {
    /// A file, with the part of it that was read.
    File(Option<Bytes>),
    /// An error of the platform with this body.
    Error(Bytes),
    /// An HTML page of another server in place of the platform's response.
    ForeignPage,
}

/// Enough to recognize an HTML page, or the first character of an envelope, after any white space.
const MIN_SNIFFED: usize = 512;
/// Maximum wait for each of the first chunks.
const MAX_SNIFF_WAIT: Duration = Duration::from_secs(2);

/// Distinguishes a file from an error or a page in its place.
///
/// - A response with a file name (`Content-Disposition`) is a file, whatever its contents.
/// - A picture, a sound, a video or a font by its media type is a file.
/// - An envelope with a failure is an error with any other media type: errors of the platform have been sent as
///   `text/plain`. What is larger than any error of the platform is a file.
/// - An HTML page without the platform's log id is the page of a gateway, such as its login.
/// - All else is a file.
pub(crate) async fn sniff(response: &mut Response) -> Result<Sniffed, TransportError> {
    // No error has been sent as a picture or a sound, and the body of one may stall: its reader has a timeout of its own.
    if response.headers().contains_key(CONTENT_DISPOSITION) || is_media(response.headers()) {
        return Ok(Sniffed::File(None));
    }
    // One chunk at a time, which loses none if the wait ends. A body that stalls is left to the timeout of its reader.
    let Ok(first) = timeout(MAX_SNIFF_WAIT, transport::read_up_to(response, 0)).await else {
        return Ok(Sniffed::File(None));
    };
    let mut body = first?;
    while !body.complete && body.bytes.len() < MIN_SNIFFED && may_be_text(&body.bytes) {
        let Ok(more) = timeout(MAX_SNIFF_WAIT, transport::read_up_to(response, 0)).await else {
            break;
        };
        let more = more?;
        body.complete = more.complete;
        body.bytes = [body.bytes, more.bytes].concat().into();
    }
    if body.bytes.trim_ascii_start().first() == Some(&b'{') && !body.complete {
        let rest = transport::read_up_to(response, MAX_ERROR_BODY).await?;
        body.complete = rest.complete;
        body.bytes = [body.bytes, rest.bytes].concat().into();
    }
    if body.complete && Envelope::read_failure(&body.bytes).is_some() {
        return Ok(Sniffed::Error(body.bytes));
    }
    if is_html(response.headers(), &body.bytes) && !response.headers().contains_key(LOG_ID) {
        return Ok(Sniffed::ForeignPage);
    }
    Ok(Sniffed::File(Some(body.bytes)))
}

/// Returns whether the media type is that of a picture, a sound, a video or a font.
fn is_media(headers: &HeaderMap) -> bool {
    let value = headers
        .get(CONTENT_TYPE)
        .map(|value| value.as_bytes().to_ascii_lowercase());
    let kinds: [&[u8]; 4] = [b"image/", b"audio/", b"video/", b"font/"];
    value.is_some_and(|value| kinds.iter().any(|kind| value.starts_with(kind)))
}

/// Returns whether a body that starts like this may be an envelope or an HTML page.
fn may_be_text(start: &[u8]) -> bool {
    let text = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(start).trim_ascii_start();
    matches!(text.first(), None | Some(b'{' | b'<'))
}

/// Returns whether a body is an HTML page, by its media type or its first tag.
fn is_html(headers: &HeaderMap, body: &[u8]) -> bool {
    let media_type = headers
        .get(CONTENT_TYPE)
        .map(|value| value.as_bytes().to_ascii_lowercase());
    if media_type.is_some_and(|value| value.starts_with(b"text/html") || value.starts_with(b"application/xhtml")) {
        return true;
    }
    let text = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body).trim_ascii_start();
    let starts_with = |tag: &[u8]| text.len() >= tag.len() && text[..tag.len()].eq_ignore_ascii_case(tag);
    starts_with(b"<!doctype html") || starts_with(b"<html")
}

impl Core {
    /// Makes a call with a binary response; it ends when the body starts.
    pub(crate) async fn fetch(self: &Arc<Self>, request: &dyn Request, options: &CallOptions) -> Result<ByteStream> {
        let file = File {
            requested: requested_range(request),
            default_stem: wire::last_path_parameter(request),
            timeout: options.timeout,
        };
        self.run(request, options, file).await
    }
}

/// Reads a file, or an error in its place.
struct File {
    requested: Option<ByteRange>,
    /// Name of the file without an extension, if the platform returns none.
    default_stem: Option<String>,
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
            Sniffed::ForeignPage => return Err(incoming.foreign_page()),
        };
        let range = ContentRange::check(partial, incoming.response.headers(), self.requested)
            .map_err(|fault| Error::at(endpoint, ErrorKind::Range(fault.cleaned(|text| incoming.clean(text)))))?;
        Ok(ByteStream::new(
            endpoint,
            incoming.response,
            beginning,
            range,
            self.timeout,
            incoming.attempts,
        )
        .with_default_stem(self.default_stem.take()))
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
            Sniffed::ForeignPage => return Err(incoming.foreign_page()),
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
