//! Files of the mock server, sample files, the responses of binary endpoints, byte ranges, and temporary links.
//!
//! The parser of `Range` headers is independent of that of the SDK on purpose: the mock server checks what the SDK sends,
//! with bounds resolved against a file.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::time::Duration;

use bytes::Bytes;
use hyper::StatusCode;
use hyper::header::{ACCEPT_RANGES, CONTENT_DISPOSITION, CONTENT_RANGE, HeaderMap, HeaderValue, RANGE};
use larkspur_codegen::model::{Binary, Endpoint, Place};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, json};

use crate::call::{Call, has_fixed_header};
use crate::error_code;
use crate::response::{
    Envelope, ErrorResponse, HttpResponse, Violation, bytes_response, success_response, text_response,
};

/// Minimum size of a sample file in bytes, large enough for ranges within it.
const SAMPLE_BYTES: usize = 6 * 1024;

/// A PNG with one transparent pixel. Decoders ignore the bytes after its end, which fill a sample file.
const PIXEL: &[u8] = &[
    0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 0x0d, b'I', b'H', b'D', b'R', 0, 0, 0, 1, 0, 0, 0, 1, 8,
    6, 0, 0, 0, 0x1f, 0x15, 0xc4, 0x89, 0, 0, 0, 0x0b, b'I', b'D', b'A', b'T', 0x78, 0x9c, 0x63, 0x60, 0, 0x02, 0, 0,
    0x05, 0, 0x01, 0x7a, 0x5e, 0xab, 0x3f, 0, 0, 0, 0, b'I', b'E', b'N', b'D', 0xae, 0x42, 0x60, 0x82,
];

/// A file.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct File {
    /// Its name, which may hold any characters.
    pub name: String,
    /// Its media type.
    pub content_type: String,
    /// Its content.
    pub bytes: Bytes,
}

impl File {
    /// Creates a file with this name, media type and content.
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

    /// Returns the `Content-Disposition` as the platform sends it: raw UTF-8 in quotes.
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

    /// Builds a response with the complete file.
    pub(crate) fn to_response(&self) -> HttpResponse {
        let mut response = bytes_response(StatusCode::OK, self.content_type(), self.bytes.clone());
        if let Some(disposition) = self.disposition() {
            response.headers_mut().insert(CONTENT_DISPOSITION, disposition);
        }
        response
    }

    /// Builds the response of a binary endpoint, with the requested range if the endpoint supports ranges.
    pub(crate) fn respond(
        &self,
        endpoint: &Endpoint,
        binary: &Binary,
        request: &HeaderMap,
    ) -> Result<HttpResponse, ErrorResponse> {
        let length = self.bytes.len();
        if binary.max_bytes.is_some_and(|max| length as u64 > max) {
            return Err(too_large(endpoint));
        }
        let range = request
            .get(RANGE)
            .filter(|_| binary.ranges)
            .and_then(|value| value.to_str().ok());
        let mut response = match resolve_range(range, length) {
            RangeResult::Full => self.to_response(),
            RangeResult::Partial { first, last } => self.partial_response(first, last),
            RangeResult::Unsatisfiable => return Ok(unsatisfiable_response(length)),
        };
        if binary.ranges {
            response
                .headers_mut()
                .insert(ACCEPT_RANGES, HeaderValue::from_static("bytes"));
        }
        if !sends_file_name(endpoint, binary, request) {
            response.headers_mut().remove(CONTENT_DISPOSITION);
        }
        Ok(response)
    }

    fn partial_response(&self, first: usize, last: usize) -> HttpResponse {
        let mut response = self.to_response();
        *response.status_mut() = StatusCode::PARTIAL_CONTENT;
        *response.body_mut() = self.bytes.slice(first..=last).into();
        let range = format!("bytes {first}-{last}/{}", self.bytes.len());
        if let Ok(range) = HeaderValue::from_str(&range) {
            response.headers_mut().insert(CONTENT_RANGE, range);
        }
        response
    }
}

fn unsatisfiable_response(length: usize) -> HttpResponse {
    let mut response = text_response(StatusCode::RANGE_NOT_SATISFIABLE, "");
    if let Ok(range) = HeaderValue::from_str(&format!("bytes */{length}")) {
        response.headers_mut().insert(CONTENT_RANGE, range);
    }
    response
}

/// Returns whether the request carries the header without which the platform omits the file name.
fn sends_file_name(endpoint: &Endpoint, binary: &Binary, request: &HeaderMap) -> bool {
    let required = binary
        .headers
        .iter()
        .find(|header| header.name.eq_ignore_ascii_case(CONTENT_DISPOSITION.as_str()))
        .and_then(|header| header.needs.as_deref());
    let Some(required) = required else {
        return true;
    };
    let mut fixed = endpoint.fixed_headers.iter();
    match fixed.find(|header| header.name.eq_ignore_ascii_case(required)) {
        Some(fixed) => has_fixed_header(request, fixed),
        None => request.contains_key(required),
    }
}

fn too_large(endpoint: &Endpoint) -> ErrorResponse {
    let documented = ErrorResponse::documented(endpoint, &["size", "exceed"]);
    documented.unwrap_or_else(|| ErrorResponse::common(error_code::BAD_REQUEST))
}

/// Returns the file that a binary endpoint serves for a token without a stored file.
///
/// The token is the value of the endpoint's last path parameter. Name, media type and content depend only on endpoint and
/// token, so that a test knows the bytes of a download.
///
/// ```
/// let file = larkspur_mock::sample("drive.v1.media.download", "boxcn1");
/// assert_eq!(file, larkspur_mock::sample("drive.v1.media.download", "boxcn1"));
/// assert_ne!(file.bytes, larkspur_mock::sample("drive.v1.media.download", "boxcn2").bytes);
/// ```
pub fn sample(endpoint: &str, token: &str) -> File {
    let seed = fnv1a(&[endpoint, token]);
    let number = seed % 10_000;
    // The high bits, so that type and number are independent.
    match (seed >> 58) % 3 {
        0 => File::new(format!("屏幕截图 {number:04}.png"), "image/png", sample_png(seed)),
        1 => File::new(format!("季度报告 {number:04}.pdf"), "application/pdf", sample_pdf(seed)),
        _ => File::new(
            format!("会议纪要 {number:04}.txt"),
            "text/plain; charset=utf-8",
            sample_text(seed),
        ),
    }
}

fn sample_png(seed: u64) -> Bytes {
    PIXEL.iter().copied().chain(Noise(seed).take(SAMPLE_BYTES)).collect()
}

fn sample_pdf(seed: u64) -> Bytes {
    let mut bytes =
        b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\n%"
            .to_vec();
    let printable = Noise(seed).map(|byte| b'A' + byte % 26);
    bytes.extend(printable.take(SAMPLE_BYTES));
    bytes.extend_from_slice(b"\ntrailer<</Root 1 0 R>>\n%%EOF\n");
    bytes.into()
}

fn sample_text(seed: u64) -> Bytes {
    let mut text = String::new();
    for (line, byte) in Noise(seed).enumerate() {
        if text.len() >= SAMPLE_BYTES {
            break;
        }
        text.push_str(&format!("第 {} 项：决议 {byte}，下周跟进。\n", line + 1));
    }
    text.into()
}

/// FNV-1a, which is stable across platforms and versions.
fn fnv1a(parts: &[&str]) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for part in parts {
        for byte in part.bytes().chain([0]) {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
    hash
}

/// Pseudorandom bytes (SplitMix64).
struct Noise(u64);

impl Iterator for Noise {
    type Item = u8;

    fn next(&mut self) -> Option<u8> {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)).to_be_bytes().first().copied()
    }
}

/// The part of a file that a response holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RangeResult {
    /// The complete file: there is no range, or one that a server may ignore.
    Full,
    /// The bytes from `first` to `last`, inclusive.
    Partial { first: usize, last: usize },
    /// The range lies outside of the file.
    Unsatisfiable,
}

/// Resolves a `Range` header for a file of `length` bytes.
///
/// An invalid header, and one with several ranges, is ignored, as RFC 9110 permits.
pub(crate) fn resolve_range(header: Option<&str>, length: usize) -> RangeResult {
    let Some(range) = header.and_then(|text| text.trim().strip_prefix("bytes=")) else {
        return RangeResult::Full;
    };
    let Some((first, last)) = range.split_once('-') else {
        return RangeResult::Full;
    };
    match (first, last) {
        ("", count) => parse_number(count).map_or(RangeResult::Full, |count| resolve_suffix(count, length)),
        (first, "") => parse_number(first).map_or(RangeResult::Full, |first| resolve_span(first, usize::MAX, length)),
        (first, last) => match (parse_number(first), parse_number(last)) {
            (Some(first), Some(last)) if first <= last => resolve_span(first, last, length),
            _ => RangeResult::Full,
        },
    }
}

/// Parses digits only. A number that overflows saturates.
fn parse_number(text: &str) -> Option<usize> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().unwrap_or(usize::MAX))
}

fn resolve_span(first: usize, last: usize, length: usize) -> RangeResult {
    if first >= length {
        return RangeResult::Unsatisfiable;
    }
    RangeResult::Partial {
        first,
        last: last.min(length - 1),
    }
}

fn resolve_suffix(count: usize, length: usize) -> RangeResult {
    if count == 0 || length == 0 {
        return RangeResult::Unsatisfiable;
    }
    RangeResult::Partial {
        first: length.saturating_sub(count),
        last: length - 1,
    }
}

/// Path prefix of temporary links, which lead to a file without a token for a limited time.
pub(crate) const LINK_PATH_PREFIX: &str = "/_mock/links/";

/// The endpoint whose files temporary links lead to.
pub(crate) const FILE_ENDPOINT: &str = "drive.v1.media.download";

/// Query parameter of the endpoint that issues links.
const TOKENS_KEY: &str = "file_tokens";

/// Lifetime of a link if the spec does not set one.
const DEFAULT_LINK_LIFETIME: Duration = Duration::from_secs(24 * 60 * 60);

/// Issues links and verifies them.
///
/// A link carries its own expiry and signature, so issued links take no memory.
#[derive(Debug, Default)]
pub(crate) struct Links {
    /// A per-process key, which makes signatures unpredictable.
    key: RandomState,
}

impl Links {
    /// Returns path and query of a link to a file.
    pub(crate) fn create(&self, file_token: &str, expires: Duration) -> String {
        let code = self.sign(file_token, expires.as_millis());
        let token = utf8_percent_encode(file_token, NON_ALPHANUMERIC);
        format!("{LINK_PATH_PREFIX}{token}?code={code}")
    }

    /// Returns whether the code of a link was issued for this file and has not expired.
    pub(crate) fn verify(&self, file_token: &str, code: &str, now: Duration) -> bool {
        let expires = code
            .split_once('-')
            .map(|(expires, _)| u128::from_str_radix(expires, 16));
        let Some(Ok(expires)) = expires else {
            return false;
        };
        code == self.sign(file_token, expires) && now.as_millis() < expires
    }

    fn sign(&self, file_token: &str, expires: u128) -> String {
        format!("{expires:x}-{:016x}", self.key.hash_one((file_token, expires)))
    }
}

/// `drive.v1.media.batch_get_tmp_download_url`: issues a link for each requested token.
pub(crate) fn create_links(
    links: &Links,
    call: &Call<'_>,
    base_url: &str,
    now: Duration,
) -> Result<HttpResponse, ErrorResponse> {
    let tokens = call.texts(Place::Query, TOKENS_KEY);
    // Tokens hold no comma: a comma means that several tokens were joined instead of repeating the key.
    if let Some(joined) = tokens.iter().find(|token| token.contains(',')) {
        return Err(reject_token(call, joined, "must be repeated for each token"));
    }
    if tokens.contains(&"") {
        return Err(reject_token(call, "", "must not be empty"));
    }
    let lifetime = call.endpoint.lifetime.as_ref();
    let lifetime = lifetime.map_or(DEFAULT_LINK_LIFETIME, |lifetime| Duration::from_secs(lifetime.seconds));
    let expires = now.saturating_add(lifetime);
    let entries = tokens.iter().map(|token| {
        let path = links.create(token, expires);
        json!({ "file_token": token, "tmp_download_url": format!("{base_url}{path}") })
    });
    let data = Map::from_iter([("tmp_download_urls".to_owned(), entries.collect())]);
    Ok(success_response(data, Envelope::Nested))
}

fn reject_token(call: &Call<'_>, token: &str, description: &str) -> ErrorResponse {
    let violation = Violation {
        field: TOKENS_KEY.to_owned(),
        value: token.to_owned(),
        description: description.to_owned(),
    };
    ErrorResponse::invalid_fields(call.endpoint, vec![violation])
}

#[cfg(test)]
mod tests {
    use super::{RangeResult, resolve_range};

    #[test]
    fn clamps_range_to_file_end() {
        assert_eq!(
            resolve_range(Some("bytes=8-99"), 10),
            RangeResult::Partial { first: 8, last: 9 }
        );
    }

    #[test]
    fn open_range_extends_to_file_end() {
        assert_eq!(
            resolve_range(Some("bytes=4-"), 10),
            RangeResult::Partial { first: 4, last: 9 }
        );
    }

    #[test]
    fn suffix_range_counts_from_file_end() {
        assert_eq!(
            resolve_range(Some("bytes=-3"), 10),
            RangeResult::Partial { first: 7, last: 9 }
        );
        assert_eq!(
            resolve_range(Some("bytes=-30"), 10),
            RangeResult::Partial { first: 0, last: 9 }
        );
    }

    #[test]
    fn range_beyond_file_is_unsatisfiable() {
        assert_eq!(resolve_range(Some("bytes=10-"), 10), RangeResult::Unsatisfiable);
        assert_eq!(resolve_range(Some("bytes=-0"), 10), RangeResult::Unsatisfiable);
        assert_eq!(resolve_range(Some("bytes=0-0"), 0), RangeResult::Unsatisfiable);
    }

    #[test]
    fn ignores_invalid_and_multiple_ranges() {
        for header in [
            "bytes=",
            "bytes=-",
            "bytes=3-1",
            "bytes=0-1,4-5",
            "bytes=+1-2",
            "lines=0-1",
        ] {
            assert_eq!(resolve_range(Some(header), 10), RangeResult::Full, "{header}");
        }
    }

    #[test]
    fn huge_numbers_saturate() {
        let huge = "9".repeat(40);
        assert_eq!(
            resolve_range(Some(&format!("bytes=0-{huge}")), 10),
            RangeResult::Partial { first: 0, last: 9 }
        );
        assert_eq!(
            resolve_range(Some(&format!("bytes={huge}-")), 10),
            RangeResult::Unsatisfiable
        );
    }
}
