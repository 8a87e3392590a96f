//! The range that an attempt requests: the complete file, or the missing end.

use reqwest::header::{HeaderMap, HeaderValue, IF_RANGE, RANGE};

use super::validator::Validator;
use crate::ByteRange;

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
    use super::*;

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
