//! Building of HTTP requests, and the fields that follow from the file of a request.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use reqwest::header::{ACCEPT_ENCODING, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use reqwest::multipart::{Form, Part};
use reqwest::{Method, Url};
use secrecy::{ExposeSecret, SecretString};

use super::envelope::Scrubber;
use super::extra::Extra;
use crate::endpoint::{self, BodyKind, EndpointInfo, Request, ResponseKind};
use crate::error::{AuthError, ErrorKind, Violation};
use crate::interceptor::{Interceptors, RequestEvent};
use crate::secret;
use crate::transport::BaseUrl;
use crate::upload_source::{Content, Meter, UploadSource, run_blocking};
use crate::wire::{self, Body, Encode, FieldInfo, Fields, Location, OfFile, Unknown, View};

const JSON: HeaderValue = HeaderValue::from_static("application/json; charset=utf-8");

/// A validated request, and what is needed to send it.
pub(super) struct Outgoing<'a> {
    pub request: &'a dyn Request,
    pub base: &'a BaseUrl,
    pub token: Option<&'a SecretString>,
    /// Headers that override those of the request.
    pub headers: &'a HeaderMap,
    /// What is sent in addition.
    pub extra: Option<&'a Extra>,
    /// Whether the header that only serves the name of the file is omitted.
    pub omit_name_header: bool,
    /// Progress of the request body.
    pub meter: &'a Arc<Meter>,
}

impl Outgoing<'_> {
    pub(super) fn endpoint(&self) -> &'static EndpointInfo {
        self.request.endpoint()
    }

    fn fields(&self) -> &dyn Fields {
        self.request
    }

    /// Builds the HTTP request and runs the interceptors. Secrets are added after them.
    pub(super) fn build(
        &self,
        http: &reqwest::Client,
        interceptors: &Interceptors,
        attempt: u32,
    ) -> Result<reqwest::Request, ErrorKind> {
        let (open, secret) = self.headers()?;
        let mut request = self.without_secrets(http, open)?;
        if !interceptors.is_empty() {
            let url = self.shown_url(request.url());
            interceptors.on_request(&mut RequestEvent {
                endpoint: self.endpoint(),
                attempt,
                method: self.endpoint().method,
                url: &url,
                headers: request.headers_mut(),
            });
        }
        request.headers_mut().extend(secret);
        Ok(request)
    }

    fn without_secrets(&self, http: &reqwest::Client, mut headers: HeaderMap) -> Result<reqwest::Request, ErrorKind> {
        let builder = http.request(method(self.endpoint()), self.url()?);
        let extra_body = self.extra.and_then(|extra| extra.json_body(self.request));
        let builder = match (self.endpoint().body, extra_body) {
            (BodyKind::None, None) => builder,
            (BodyKind::None | BodyKind::Json, body) => {
                headers.entry(CONTENT_TYPE).or_insert(JSON);
                let body = body
                    .unwrap_or_else(|| Body(self.request).to_json())
                    .map_err(|error| invalid("body", "json", error.to_string()))?;
                builder.body(body)
            }
            (BodyKind::Multipart, _) => {
                // The form sets its own, with the boundary.
                headers.remove(CONTENT_TYPE);
                builder.multipart(self.form()?)
            }
        };
        builder
            .headers(headers)
            .build()
            .map_err(|error| invalid("request", "http", error.without_url().to_string()))
    }

    /// Returns the URL without its query; a path with a secret parameter is returned with parameter names instead of values.
    fn shown_url(&self, url: &Url) -> String {
        let mut secret = false;
        self.fields().each(&mut |field, value| {
            secret |= field.location == Location::Path && matches!(value.view(), View::Secret(_));
        });
        if secret {
            return format!("{}{}", self.base.as_str(), self.endpoint().path);
        }
        url.as_str().split('?').next().unwrap_or_default().to_owned()
    }

    /// Returns a scrubber for the secrets of this request.
    pub(super) fn scrubber(&self) -> Scrubber {
        let mut scrubber = Scrubber::new();
        self.token.inspect(|token| scrubber.add(token));
        scrubber.add_all(self.fields());
        self.extra.inspect(|extra| extra.scrub(&mut scrubber));
        scrubber
    }

    fn url(&self) -> Result<Url, ErrorKind> {
        let expected = format!("{}{}", self.base.as_str(), self.path()?);
        let mut url = Url::parse(&expected).map_err(|error| invalid("path", "path_segment", error.to_string()))?;
        // The parser resolves `..` and its encodings. A different result would call another endpoint.
        if url.as_str() != expected {
            let problem = "would change the called path";
            return Err(invalid("path", "path_segment", problem));
        }
        let mut query = wire::query(self.request);
        if let Some(extra) = self.extra.map(Extra::query).filter(|extra| !extra.is_empty()) {
            if !query.is_empty() {
                query.push('&');
            }
            query.push_str(extra);
        }
        url.set_query(Some(query.as_str()).filter(|query| !query.is_empty()));
        Ok(url)
    }

    /// Returns the path with its parameters.
    fn path(&self) -> Result<String, ErrorKind> {
        let mut path = String::new();
        for segment in self.request.endpoint().path.split('/').skip(1) {
            path.push('/');
            match segment.strip_prefix(':') {
                Some(name) => path.push_str(&self.parameter(name)?),
                None => path.push_str(segment),
            }
        }
        Ok(path)
    }

    fn parameter(&self, name: &str) -> Result<String, ErrorKind> {
        let mut segment = None;
        self.fields().each(&mut |field, value| {
            if field.location == Location::Path && field.key == name {
                segment = wire::text(&value.view()).map(|text| wire::path_segment(&text));
            }
        });
        segment.ok_or_else(|| invalid(name, "required", "is a path parameter without a field"))
    }

    /// Returns the headers that interceptors may modify, and those that they may not.
    fn headers(&self) -> Result<(HeaderMap, HeaderMap), ErrorKind> {
        let mut open = HeaderMap::new();
        let mut secret = HeaderMap::new();
        let omitted = self.endpoint().name_header().filter(|_| self.omit_name_header);
        for fixed in self.endpoint().headers {
            if Some(fixed) == omitted {
                continue;
            }
            open.insert(header_name(fixed.name)?, header_value(fixed.name, fixed.value)?);
        }
        if let ResponseKind::Binary { .. } = self.endpoint().response {
            // Lengths and ranges count the bytes of the file, not those of a compressed encoding.
            open.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        }
        let mut result = Ok(());
        self.fields().each(&mut |field, value| {
            if field.location == Location::Header && result.is_ok() {
                let is_secret = matches!(value.view(), View::Secret(_));
                let headers = if is_secret { &mut secret } else { &mut open };
                result = add_header(headers, field, value);
            }
        });
        result?;
        if let Some(extra) = self.extra {
            open.extend(extra.headers().clone());
        }
        // Not visible to interceptors: the response is validated against these.
        secret.extend(self.headers.clone());
        if let Some(token) = self.token {
            // Last, so that no field of a request can override it.
            secret.insert(AUTHORIZATION, bearer(token)?);
        }
        Ok((open, secret))
    }

    fn form(&self) -> Result<Form, ErrorKind> {
        // Raw UTF-8 names without percent-encoding, as the platform's own SDKs write them.
        let mut form = Form::new().percent_encode_noop();
        Body(self.request).each(&mut |field, value| {
            let parts = std::mem::take(&mut form);
            form = add_part(parts, field, &value.view(), self.meter);
        });
        for (name, value) in self.extra.iter().flat_map(|extra| extra.fields()) {
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            form = form.text(name.to_owned(), text);
        }
        Ok(form)
    }
}

/// Returns whether a request carries the header that only serves the name of the file, unless that is omitted. Content that the
/// caller adds is described by it.
pub(super) fn has_name_header(request: &dyn Request, extra: Option<&Extra>) -> bool {
    let is_set = |extra: &Extra| extra.headers().contains_key(CONTENT_TYPE) || extra.json_body(request).is_some();
    request.endpoint().name_header().is_some() && !extra.is_some_and(is_set)
}

/// What the calls of a download share about the header that only serves the name of the file.
#[derive(Debug, Default)]
pub(crate) struct NameHeader {
    is_refused: AtomicBool,
    retries: AtomicU32,
}

impl NameHeader {
    /// Records that a page of a proxy was the response to it.
    pub(super) fn refuse(&self) {
        self.is_refused.store(true, Ordering::Relaxed);
    }

    /// Returns whether further calls omit it.
    pub(super) fn is_refused(&self) -> bool {
        self.is_refused.load(Ordering::Relaxed)
    }

    /// Counts an attempt without it within a call.
    pub(super) fn count_retry(&self) {
        self.retries.fetch_add(1, Ordering::Relaxed);
    }

    /// Returns the number of attempts without it, in addition to the first attempt of each call.
    pub(crate) fn retries(&self) -> u32 {
        self.retries.load(Ordering::Relaxed)
    }
}

fn method(endpoint: &EndpointInfo) -> Method {
    match endpoint.method {
        endpoint::Method::Get => Method::GET,
        endpoint::Method::Post => Method::POST,
        endpoint::Method::Put => Method::PUT,
        endpoint::Method::Patch => Method::PATCH,
        endpoint::Method::Delete => Method::DELETE,
    }
}

fn add_header(headers: &mut HeaderMap, field: &'static FieldInfo, value: &dyn Encode) -> Result<(), ErrorKind> {
    let view = value.view();
    let Some(text) = wire::text(&view) else {
        return Ok(());
    };
    let mut header = header_value(field.key, &text)?;
    header.set_sensitive(matches!(view, View::Secret(_)));
    headers.insert(header_name(field.key)?, header);
    Ok(())
}

fn add_part(form: Form, field: &'static FieldInfo, view: &View<'_>, meter: &Arc<Meter>) -> Form {
    match view {
        View::File(file) => {
            let Some(upload) = UploadSource::from_part(*file) else {
                return form;
            };
            let (content, length) = upload.body(meter);
            let part = Part::stream_with_length(content, length);
            form.part(field.key, part.file_name(upload.file_name().to_owned()))
        }
        other => match wire::text(other) {
            Some(text) => form.text(field.key, text),
            None => form,
        },
    }
}

fn bearer(token: &SecretString) -> Result<HeaderValue, ErrorKind> {
    let malformed = ErrorKind::Auth(AuthError::MalformedToken);
    if !secret::is_token(token) {
        return Err(malformed);
    }
    let mut value = HeaderValue::try_from(format!("Bearer {}", token.expose_secret())).map_err(|_| malformed)?;
    value.set_sensitive(true);
    Ok(value)
}

fn header_name(name: &'static str) -> Result<HeaderName, ErrorKind> {
    HeaderName::try_from(name).map_err(|_| invalid(name, "header", "is not a valid header name"))
}

fn header_value(name: &str, value: &str) -> Result<HeaderValue, ErrorKind> {
    HeaderValue::from_bytes(value.as_bytes())
        .map_err(|_| invalid(name, "header", "contains a character that is invalid in a header"))
}

fn invalid(field: &str, rule: &'static str, problem: impl Into<String>) -> ErrorKind {
    ErrorKind::Validation(vec![Violation::new(
        field,
        rule,
        problem,
        "correct the request, or the spec that it was generated from",
    )])
}

/// A request with its files opened, and with the fields that the spec derives from the file, unless the caller has set them.
pub(crate) struct FilledRequest<'r> {
    request: &'r dyn Request,
    /// Values that override those of the request, by the index of their field.
    values: Vec<(usize, Box<dyn Encode>)>,
}

impl<'r> FilledRequest<'r> {
    /// Opens the files of a request and fills its fields. Returns `None` for a request without a file.
    pub(crate) async fn from_request(request: &'r dyn Request) -> Result<Option<Self>, ErrorKind> {
        let mut filled = Self {
            request,
            values: Vec::new(),
        };
        let mut first: Option<UploadSource> = None;
        for (index, upload) in files(request) {
            let upload = upload.opened().await?;
            first.get_or_insert_with(|| upload.clone());
            filled.values.push((index, Box::new(upload)));
        }
        let Some(file) = first else { return Ok(None) };
        for (index, field) in request.fields().iter().enumerate() {
            let Some(fact) = field.of_file else { continue };
            let absent = matches!(request.value(index).map(Encode::view), None | Some(View::Absent));
            if !absent {
                continue;
            }
            match file.derived_value(fact).await? {
                Some(value) => filled.values.push((index, value)),
                None if field.required => return Err(missing_field(field)),
                None => {}
            }
        }
        Ok(Some(filled))
    }
}

/// The error for a required field that depends on the content of a stream.
fn missing_field(field: &FieldInfo) -> ErrorKind {
    ErrorKind::Validation(vec![Violation::new(
        field.key,
        "required",
        "is required and unknown for a stream",
        "set it, or use `UploadSource::path` or `UploadSource::bytes`",
    )])
}

/// Returns the files of a request with the indices of their fields.
fn files(request: &dyn Request) -> Vec<(usize, UploadSource)> {
    let fields = request.fields().iter().enumerate();
    let files = fields.filter_map(|(index, _)| match request.value(index)?.view() {
        View::File(part) => Some((index, UploadSource::from_part(part)?.clone())),
        _ => None,
    });
    files.collect()
}

impl UploadSource {
    /// Returns the value of a field that follows from this file. A stream has no checksum.
    pub(crate) async fn derived_value(&self, fact: OfFile) -> Result<Option<Box<dyn Encode>>, ErrorKind> {
        Ok(match fact {
            OfFile::Name => Some(Box::new(self.file_name().to_owned())),
            OfFile::Size => match self.length() {
                Some(length) => Some(Box::new(i64::try_from(length).unwrap_or(i64::MAX))),
                None => None,
            },
            OfFile::Adler32 => match self.adler32().await? {
                Some(sum) => Some(Box::new(sum.to_string())),
                None => None,
            },
        })
    }

    async fn adler32(&self) -> Result<Option<u32>, ErrorKind> {
        match &self.content() {
            Content::Bytes(bytes) => Ok(Some(adler2::adler32_slice(bytes))),
            Content::Local(file) => {
                let file = file.clone();
                let sum = run_blocking(move || file.adler32()).await?;
                sum.map(Some).map_err(ErrorKind::Upload)
            }
            Content::Path(_) | Content::Stream(_) => Ok(None),
        }
    }
}

impl Fields for FilledRequest<'_> {
    fn fields(&self) -> &'static [FieldInfo] {
        self.request.fields()
    }

    fn value(&self, index: usize) -> Option<&dyn Encode> {
        let overriding = self.values.iter().find(|(at, _)| *at == index);
        match overriding {
            Some((_, value)) => Some(&**value),
            None => self.request.value(index),
        }
    }

    fn unknown(&self) -> Option<&Unknown> {
        self.request.unknown()
    }
}

impl Request for FilledRequest<'_> {
    fn endpoint(&self) -> &'static EndpointInfo {
        self.request.endpoint()
    }
}
