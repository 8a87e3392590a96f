//! Files that the mock holds, and how one goes out over a binary endpoint.

use bytes::Bytes;
use hyper::StatusCode;
use hyper::header::{ACCEPT_RANGES, CONTENT_DISPOSITION, CONTENT_RANGE, HeaderMap, HeaderValue, RANGE};
use larkspur_codegen::model::{Binary, Endpoint};

use crate::answer::{self, Answer};
use crate::code;
use crate::header;
use crate::range::{Part, part};
use crate::refusal::Refusal;

/// A file.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct File {
    /// Its name, which may hold any characters.
    pub name: String,
    /// Its MIME type.
    pub content_type: String,
    /// Its content.
    pub bytes: Bytes,
}

impl File {
    /// A file with this name, MIME type and content.
    pub fn new(name: impl Into<String>, content_type: impl Into<String>, bytes: impl Into<Bytes>) -> Self {
        Self {
            name: name.into(),
            content_type: content_type.into(),
            bytes: bytes.into(),
        }
    }

    fn content_type(&self) -> HeaderValue {
        HeaderValue::from_str(&self.content_type)
            .unwrap_or_else(|_| HeaderValue::from_static("application/octet-stream"))
    }

    /// The name as the platform sends it: raw UTF-8 in quotes.
    fn disposition(&self) -> Option<HeaderValue> {
        let mut name = String::new();
        for character in self.name.chars() {
            match character {
                '"' | '\\' => name.extend(['\\', character]),
                control if control.is_ascii_control() => name.push('_'),
                other => name.push(other),
            }
        }
        HeaderValue::from_bytes(format!("attachment; filename=\"{name}\"").as_bytes()).ok()
    }

    /// The whole file, without ranges.
    pub(crate) fn whole(&self) -> Answer {
        let mut answer = answer::body(StatusCode::OK, self.content_type(), self.bytes.clone());
        if let Some(disposition) = self.disposition() {
            answer.headers_mut().insert(CONTENT_DISPOSITION, disposition);
        }
        answer
    }

    /// The answer of a binary endpoint that was asked for this file.
    pub(crate) fn answer(&self, endpoint: &Endpoint, binary: &Binary, request: &HeaderMap) -> Result<Answer, Refusal> {
        let length = self.bytes.len();
        if binary.max_bytes.is_some_and(|most| length as u64 > most) {
            return Err(too_large(endpoint));
        }
        let asked = request
            .get(RANGE)
            .filter(|_| binary.ranges)
            .and_then(|value| value.to_str().ok());
        let mut answer = match part(asked, length) {
            Part::Whole => self.whole(),
            Part::Span { first, last } => self.span(first, last),
            Part::Unsatisfiable => return Ok(unsatisfiable(length)),
        };
        if binary.ranges {
            answer
                .headers_mut()
                .insert(ACCEPT_RANGES, HeaderValue::from_static("bytes"));
        }
        if !names_the_file(endpoint, binary, request) {
            answer.headers_mut().remove(CONTENT_DISPOSITION);
        }
        Ok(answer)
    }

    fn span(&self, first: usize, last: usize) -> Answer {
        let mut answer = self.whole();
        *answer.status_mut() = StatusCode::PARTIAL_CONTENT;
        *answer.body_mut() = self.bytes.slice(first..=last).into();
        let range = format!("bytes {first}-{last}/{}", self.bytes.len());
        if let Ok(range) = HeaderValue::from_str(&range) {
            answer.headers_mut().insert(CONTENT_RANGE, range);
        }
        answer
    }
}

fn unsatisfiable(length: usize) -> Answer {
    let mut answer = answer::text(StatusCode::RANGE_NOT_SATISFIABLE, "");
    if let Ok(range) = HeaderValue::from_str(&format!("bytes */{length}")) {
        answer.headers_mut().insert(CONTENT_RANGE, range);
    }
    answer
}

/// Whether the request carries the header without which the platform leaves the file's name out.
fn names_the_file(endpoint: &Endpoint, binary: &Binary, request: &HeaderMap) -> bool {
    let needs = binary
        .headers
        .iter()
        .find(|header| header.name.eq_ignore_ascii_case(CONTENT_DISPOSITION.as_str()))
        .and_then(|header| header.needs.as_deref());
    let Some(needs) = needs else {
        return true;
    };
    let mut fixed = endpoint.fixed_headers.iter();
    match fixed.find(|header| header.name.eq_ignore_ascii_case(needs)) {
        Some(fixed) => header::carries(request, fixed),
        None => request.contains_key(needs),
    }
}

/// The documented failure for a file that is too large.
fn too_large(endpoint: &Endpoint) -> Refusal {
    let documented = Refusal::documented(endpoint, &["size", "exceed"]);
    documented.unwrap_or_else(|| Refusal::common(code::BAD_REQUEST))
}
