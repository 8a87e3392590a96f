//! Validators of a remote file (ETag, Last-Modified and size), and the ranges requested under them.

use reqwest::header::{
    ACCEPT_RANGES, CONTENT_DISPOSITION, CONTENT_TYPE, ETAG, HeaderMap, HeaderName, HeaderValue, IF_RANGE,
    LAST_MODIFIED, RANGE,
};

use crate::ByteRange;
use crate::byte_stream::sanitized_file_name;

/// The maximum length of a validator.
const MAX_VALIDATOR_BYTES: usize = 1024;

/// The validators and the metadata of a file, as one response reports them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Validator {
    /// The size of the complete file, once known.
    pub total: Option<u64>,
    /// The header `ETag`, weak ones with the prefix `W/`.
    pub etag: Option<String>,
    /// The header `Last-Modified`.
    pub last_modified: Option<String>,
    pub content_type: Option<String>,
    /// The sanitized file name.
    pub name: Option<String>,
    /// Whether the server announces `Accept-Ranges: bytes`.
    pub accepts_ranges: bool,
}

impl Validator {
    /// Reads the validators from headers.
    pub(crate) fn from_headers(headers: &HeaderMap, total: Option<u64>) -> Self {
        Self {
            total,
            etag: header_text(headers, ETAG),
            last_modified: header_text(headers, LAST_MODIFIED),
            content_type: header_text(headers, CONTENT_TYPE),
            name: headers
                .get(CONTENT_DISPOSITION)
                .and_then(|value| sanitized_file_name(value.as_bytes())),
            accepts_ranges: header_text(headers, ACCEPT_RANGES)
                .is_some_and(|value| value.eq_ignore_ascii_case("bytes")),
        }
    }

    /// Returns the ETag if it is strong.
    pub(crate) fn strong_etag(&self) -> Option<&str> {
        let tag = self.etag.as_deref()?;
        let strong = tag.len() > 2 && tag.starts_with('"') && tag.ends_with('"');
        strong.then_some(tag)
    }

    /// Returns whether a later response can be matched to the same version.
    pub(crate) fn is_resumable(&self) -> bool {
        self.strong_etag().is_some() || (self.total.is_some() && self.last_modified.is_some())
    }

    /// Returns whether the file can be downloaded in parallel parts, which requires a strong ETag and the size.
    pub(crate) fn allows_parallel_parts(&self) -> bool {
        self.strong_etag().is_some() && self.total.is_some_and(|total| total > 0)
    }

    /// Returns what differs in the response for a range, if anything: then its bytes belong to another version. The
    /// response may omit the media type, but not the validators.
    pub(crate) fn find_mismatch(&self, part: &Self) -> Option<&'static str> {
        let type_differs = part.content_type.is_some() && part.content_type != self.content_type;
        if type_differs {
            return Some("its Content-Type differs");
        }
        if self.strong_etag().is_some() {
            let total_differs = part.total.is_some() && self.total.is_some() && part.total != self.total;
            return match part.strong_etag() {
                None => Some("the response for a range has no ETag"),
                tag if tag != self.strong_etag() => Some("its ETag differs"),
                _ if total_differs => Some("its size differs"),
                _ => None,
            };
        }
        if self.total.is_none() || part.total != self.total {
            return Some("its size differs");
        }
        if self.last_modified.is_none() || part.last_modified != self.last_modified {
            return Some("its Last-Modified differs");
        }
        (part.etag != self.etag).then_some("its ETag differs")
    }
}

/// Returns a header as text, if it is valid UTF-8 and not too long.
fn header_text(headers: &HeaderMap, name: HeaderName) -> Option<String> {
    // Without replacement characters: they would make different ETags equal.
    let text = str::from_utf8(headers.get(name)?.as_bytes()).ok()?.trim();
    (!text.is_empty() && text.len() <= MAX_VALIDATOR_BYTES).then(|| text.to_owned())
}

/// The number of present bytes that are requested again and compared.
pub(crate) const OVERLAP: u64 = 4096;
/// Fewer present bytes are not resumed: downloading them again is as fast, and comparing them proves little.
const MIN_RESUME_BYTES: u64 = 256;

/// The range that an attempt requests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum RangeRequest {
    /// The complete file.
    Full,
    /// All bytes from position `from`, and `overlap` bytes before it.
    Remainder {
        from: u64,
        overlap: u64,
        /// The strong ETag for `If-Range`.
        etag: Option<String>,
    },
}

impl RangeRequest {
    /// The request if `position` bytes are present, the last `overlap` of which can be compared.
    pub(crate) fn new(position: u64, overlap: u64, validator: &Validator) -> Self {
        let comparable = validator.strong_etag().is_some() || overlap == OVERLAP.min(position);
        if position >= MIN_RESUME_BYTES && comparable && validator.is_resumable() {
            Self::Remainder {
                from: position,
                overlap,
                etag: validator.strong_etag().map(str::to_owned),
            }
        } else {
            Self::Full
        }
    }

    /// Returns the requested range.
    pub(crate) fn range(&self) -> Option<ByteRange> {
        match self {
            Self::Full => None,
            Self::Remainder { from, overlap, .. } => Some(ByteRange::from(from - overlap..)),
        }
    }

    /// Returns the headers of the request.
    pub(crate) fn headers(&self) -> HeaderMap {
        let etag = match self {
            Self::Remainder { etag, .. } => etag.as_deref(),
            Self::Full => None,
        };
        self.range()
            .map_or_else(HeaderMap::new, |range| range_headers(range, etag))
    }
}

/// Returns the headers `Range` and, with an ETag, `If-Range`.
pub(crate) fn range_headers(range: ByteRange, etag: Option<&str>) -> HeaderMap {
    let mut headers = HeaderMap::new();
    let value = |text: &str| HeaderValue::from_bytes(text.as_bytes()).ok();
    if let Some(range) = value(&range.to_string()) {
        headers.insert(RANGE, range);
    }
    if let Some(etag) = etag.and_then(value) {
        headers.insert(IF_RANGE, etag);
    }
    headers
}

#[cfg(test)]
mod tests {
    use reqwest::header::HeaderValue;

    use super::*;

    fn validator(total: Option<u64>, etag: Option<&str>, last_modified: Option<&str>) -> Validator {
        Validator {
            total,
            etag: etag.map(str::to_owned),
            last_modified: last_modified.map(str::to_owned),
            content_type: Some("image/png".to_owned()),
            ..Validator::default()
        }
    }

    #[test]
    fn ignores_etag_with_invalid_utf8() {
        let tagged = |tag: &[u8]| {
            let value = HeaderValue::from_bytes(tag).unwrap();
            Validator::from_headers(&HeaderMap::from_iter([(ETAG, value)]), None)
        };
        assert_eq!(tagged(b"\"a\"").strong_etag(), Some("\"a\""));
        assert_eq!(tagged(b"\"\xff\"").etag, None);
    }

    const DATE: Option<&str> = Some("Wed, 21 Oct 2015 07:28:00 GMT");

    #[test]
    fn matches_by_strong_etag() {
        let file = validator(Some(10), Some("\"a\""), None);
        assert!(file.is_resumable());
        assert_eq!(file.find_mismatch(&validator(Some(10), Some("\"a\""), DATE)), None);
        assert_eq!(file.find_mismatch(&validator(None, Some("\"a\""), None)), None);
        assert!(file.find_mismatch(&validator(Some(10), Some("\"b\""), None)).is_some());
        assert!(
            file.find_mismatch(&validator(Some(10), Some("W/\"a\""), None))
                .is_some()
        );
        assert!(file.find_mismatch(&validator(Some(10), None, None)).is_some());
        assert!(file.find_mismatch(&validator(Some(11), Some("\"a\""), None)).is_some());
    }

    #[test]
    fn matches_by_size_and_date_without_etag() {
        for tag in [None, Some("W/\"a\""), Some("unquoted"), Some("\"\"")] {
            let file = validator(Some(10), tag, DATE);
            assert!(file.is_resumable());
            assert_eq!(file.find_mismatch(&validator(Some(10), tag, DATE)), None);
            assert!(file.find_mismatch(&validator(Some(11), tag, DATE)).is_some());
            assert!(file.find_mismatch(&validator(None, tag, DATE)).is_some());
            assert!(file.find_mismatch(&validator(Some(10), tag, None)).is_some());
            assert!(
                file.find_mismatch(&validator(Some(10), Some("W/\"b\""), DATE))
                    .is_some()
            );
        }
    }

    #[test]
    fn is_not_resumable_without_validators() {
        assert!(!validator(Some(10), None, None).is_resumable());
        assert!(!validator(None, Some("W/\"a\""), DATE).is_resumable());
        assert!(
            validator(Some(10), None, None)
                .find_mismatch(&validator(Some(10), None, None))
                .is_some()
        );
    }

    #[test]
    fn rejects_another_content_type() {
        let file = validator(Some(10), Some("\"a\""), None);
        let mut part = file.clone();
        part.content_type = Some("text/html".to_owned());
        assert!(file.find_mismatch(&part).is_some());
        part.content_type = None;
        assert_eq!(file.find_mismatch(&part), None);
    }

    fn tagged(tag: &str) -> Validator {
        Validator {
            etag: Some(tag.to_owned()),
            ..Validator::default()
        }
    }

    #[test]
    fn requests_remainder_with_etag_and_overlap() {
        let headers = RangeRequest::new(10_000, OVERLAP, &tagged("\"a\"")).headers();
        assert_eq!(
            headers.get("range").map(HeaderValue::as_bytes),
            Some(&b"bytes=5904-"[..])
        );
        assert_eq!(headers.get("if-range").map(HeaderValue::as_bytes), Some(&b"\"a\""[..]));
    }

    #[test]
    fn compares_all_bytes_of_a_short_prefix() {
        let plan = RangeRequest::new(300, 300, &tagged("\"a\""));
        assert_eq!(plan.range(), Some(ByteRange::from(0..)));
    }

    #[test]
    fn requests_full_file_if_not_resumable() {
        assert_eq!(RangeRequest::new(255, 255, &tagged("\"a\"")), RangeRequest::Full);
        assert_eq!(RangeRequest::new(300, 300, &tagged("W/\"a\"")), RangeRequest::Full);
        assert!(RangeRequest::Full.headers().is_empty());
    }

    #[test]
    fn only_a_strong_etag_replaces_the_overlap() {
        let dated = Validator {
            total: Some(1000),
            last_modified: Some("Wed, 21 Oct 2015 07:28:00 GMT".to_owned()),
            ..Validator::default()
        };
        assert_eq!(RangeRequest::new(300, 0, &dated), RangeRequest::Full);
        assert_eq!(RangeRequest::new(300, 300, &dated).range(), Some(ByteRange::from(0..)));
        assert_eq!(
            RangeRequest::new(300, 0, &tagged("\"a\"")).range(),
            Some(ByteRange::from(300..))
        );
    }
}
