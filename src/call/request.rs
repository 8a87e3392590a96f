//! Building of HTTP requests, and the fields that follow from the file of a request.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use reqwest::header::{ACCEPT_ENCODING, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use reqwest::multipart::{Form, Part};
use reqwest::{Method, Url};
use secrecy::{ExposeSecret, SecretString};

use super::envelope::Scrubber;
use super::extra::{Extra, JsonBody};
use crate::endpoint::{self, BodyKind, EndpointInfo, Request, ResponseKind};
use crate::error::{AuthError, ErrorKind, Violation};
use crate::interceptor::{Interceptors, RequestEvent};
use crate::secret;
use crate::transport::BaseUrl;
use crate::upload_source::{Content, Meter, UploadSource, run_blocking};
use crate::wire::{self, Body, Encode, FieldInfo, Fields, Location, OfFile, Unknown, View};

const JSON: HeaderValue = HeaderValue::from_static("application/json; charset=utf-8");
/// Room for the headers of most requests, with those that the HTTP client adds.
const HEADERS: usize = 8;
/// Room for most URLs.
const URL_LENGTH: usize = 256;

/// A validated request, and what is needed to send it.
pub(super) struct Outgoing<'a> {
    pub request: &'a dyn Request,
    pub base: &'a BaseUrl,
    /// Base URL of the default host, which also has the developer console.
    pub console: &'a BaseUrl,
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
        let mut request = self.without_headers(http)?;
        let form = request.headers().get(CONTENT_TYPE).cloned();
        let headers = request.headers_mut();
        headers.reserve(HEADERS);
        self.add_open_headers(headers)?;
        match form {
            // The form sets its own, with the boundary.
            Some(form) => _ = headers.insert(CONTENT_TYPE, form),
            None if request.body().is_some() => _ = request.headers_mut().entry(CONTENT_TYPE).or_insert(JSON),
            None => {}
        }
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
        self.add_secret_headers(request.headers_mut())?;
        Ok(request)
    }

    /// Returns the request with its body, and the Content-Type of a form.
    fn without_headers(&self, http: &reqwest::Client) -> Result<reqwest::Request, ErrorKind> {
        let (method, url) = (method(self.endpoint()), self.url()?);
        if self.endpoint().body == BodyKind::Multipart {
            let request = http.request(method, url).multipart(self.form()?).build();
            return request.map_err(|error| invalid("request", "http", error.without_url().to_string()));
        }
        let mut request = reqwest::Request::new(method, url);
        let extra_body = self.extra.and_then(|extra| extra.json_body(self.request));
        if self.endpoint().body == BodyKind::Json || extra_body.is_some() {
            let body = extra_body
                .unwrap_or_else(|| serde_json::to_vec(&JsonBody(self.request)))
                .map_err(|error| invalid("body", "json", error.to_string()))?;
            *request.body_mut() = Some(body.into());
        }
        Ok(request)
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
        let mut text = String::with_capacity(URL_LENGTH);
        text.push_str(self.base.as_str());
        self.push_path(&mut text)?;
        let path = text.len();
        text.push('?');
        for field in self.endpoint().fixed_fields.iter().filter(|field| field.in_query) {
            wire::push_query(&mut text, field.key, &field.value.to_string());
        }
        wire::push_parameters(&mut text, self.request);
        if let Some(extra) = self.extra.map(Extra::query).filter(|extra| !extra.is_empty()) {
            if !text.ends_with('?') {
                text.push('&');
            }
            text.push_str(extra);
        }
        if text.len() == path + 1 {
            text.truncate(path);
        }
        self.base
            .parse_below(&text)
            .map_err(|problem| invalid("path", "path_segment", problem))
    }

    /// Adds the path with its parameters.
    fn push_path(&self, text: &mut String) -> Result<(), ErrorKind> {
        let mut rest = self.endpoint().path;
        while let Some(start) = rest.find("/:") {
            text.push_str(&rest[..=start]);
            rest = &rest[start + 2..];
            let end = rest.find('/').unwrap_or(rest.len());
            self.push_parameter(text, &rest[..end])?;
            rest = &rest[end..];
        }
        text.push_str(rest);
        Ok(())
    }

    fn push_parameter(&self, path: &mut String, name: &str) -> Result<(), ErrorKind> {
        let start = path.len();
        let mut is_present = false;
        self.fields().each(&mut |field, value| {
            if field.location == Location::Path
                && field.key == name
                && let Some(text) = wire::text(&value.view())
            {
                path.truncate(start);
                wire::push_segment(path, &text);
                is_present = true;
            }
        });
        if is_present {
            Ok(())
        } else {
            Err(invalid(name, "required", "is a path parameter without a field"))
        }
    }

    /// Adds the headers that interceptors may modify.
    fn add_open_headers(&self, headers: &mut HeaderMap) -> Result<(), ErrorKind> {
        let omitted = self.endpoint().name_header().filter(|_| self.omit_name_header);
        for fixed in self.endpoint().headers {
            if Some(fixed) == omitted {
                continue;
            }
            headers.insert(header_name(fixed.name)?, header_value(fixed.name, fixed.value)?);
        }
        if let ResponseKind::Binary { .. } = self.endpoint().response {
            // Lengths and ranges count the bytes of the file, not those of a compressed encoding.
            headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        }
        self.add_fields(headers, false)?;
        if let Some(extra) = self.extra {
            headers.extend(extra.headers().clone());
        }
        Ok(())
    }

    /// Adds the headers that interceptors may not see or modify.
    fn add_secret_headers(&self, headers: &mut HeaderMap) -> Result<(), ErrorKind> {
        self.add_fields(headers, true)?;
        // Not visible to interceptors: the response is validated against these.
        if !self.headers.is_empty() {
            headers.extend(self.headers.clone());
        }
        if let Some(token) = self.token {
            // Last, so that no field of a request can override it.
            headers.insert(AUTHORIZATION, bearer(token)?);
        }
        Ok(())
    }

    /// Adds the fields of the request that are headers, either the secret or the other ones.
    fn add_fields(&self, headers: &mut HeaderMap, secret: bool) -> Result<(), ErrorKind> {
        let mut result = Ok(());
        self.fields().each(&mut |field, value| {
            if field.location == Location::Header && matches!(value.view(), View::Secret(_)) == secret && result.is_ok()
            {
                result = add_header(headers, field, value);
            }
        });
        result
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
            Some(text) => form.text(field.key, text.into_owned()),
            None => form,
        },
    }
}

fn bearer(token: &SecretString) -> Result<HeaderValue, ErrorKind> {
    let malformed = ErrorKind::Auth(AuthError::MalformedToken);
    if !secret::is_token(token) {
        return Err(malformed);
    }
    let value = ["Bearer ", token.expose_secret()].concat();
    let mut value = HeaderValue::try_from(value).map_err(|_| malformed)?;
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
