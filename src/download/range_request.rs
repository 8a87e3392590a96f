//! What an attempt asks for: all of the file, or what is missing of it.

use reqwest::header::{HeaderMap, HeaderValue, IF_RANGE, RANGE};

use super::validator::Validator;
use crate::ByteRange;

/// How many bytes at the end of what is there are asked for again, to be compared.
pub(crate) const OVERLAP: u64 = 4096;
/// Fewer bytes are not gone on with: they come again as fast, and that they agree would prove little.
const MIN_RESUME_BYTES: u64 = 256;

/// What an attempt asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum RangeRequest {
    /// All of the file.
    Whole,
    /// What follows position `from`, and `overlap` bytes before it.
    Rest {
        from: u64,
        overlap: u64,
        /// The tag without which all of the file is to come.
        tag: Option<String>,
    },
}

impl RangeRequest {
    /// What to ask for where `position` bytes of this validator are there, the last `overlap` of which can be compared.
    pub(crate) fn new(position: u64, overlap: u64, validator: &Validator) -> Self {
        let comparable = validator.strong().is_some() || overlap == OVERLAP.min(position);
        match position >= MIN_RESUME_BYTES && comparable && validator.is_recognizable() {
            true => Self::Rest {
                from: position,
                overlap,
                tag: validator.strong().map(str::to_owned),
            },
            false => Self::Whole,
        }
    }

    /// The range that is asked for.
    pub(crate) fn range(&self) -> Option<ByteRange> {
        match self {
            Self::Whole => None,
            Self::Rest { from, overlap, .. } => Some(ByteRange::from(from - overlap..)),
        }
    }

    /// The headers that ask for it.
    pub(crate) fn headers(&self) -> HeaderMap {
        let tag = match self {
            Self::Rest { tag, .. } => tag.as_deref(),
            Self::Whole => None,
        };
        self.range()
            .map_or_else(HeaderMap::new, |range| part_headers(range, tag))
    }
}

/// The headers that ask for a part; with a tag, for one of this validator.
pub(crate) fn part_headers(range: ByteRange, tag: Option<&str>) -> HeaderMap {
    let mut headers = HeaderMap::new();
    let value = |text: &str| HeaderValue::from_bytes(text.as_bytes()).ok();
    if let Some(range) = value(&range.to_string()) {
        headers.insert(RANGE, range);
    }
    if let Some(tag) = tag.and_then(value) {
        headers.insert(IF_RANGE, tag);
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
    fn the_rest_is_asked_for_with_the_tag_and_an_overlap() {
        let headers = RangeRequest::new(10_000, OVERLAP, &tagged("\"a\"")).headers();
        assert_eq!(
            headers.get("range").map(HeaderValue::as_bytes),
            Some(&b"bytes=5904-"[..])
        );
        assert_eq!(headers.get("if-range").map(HeaderValue::as_bytes), Some(&b"\"a\""[..]));
    }

    #[test]
    fn a_short_beginning_is_compared_as_a_whole() {
        let plan = RangeRequest::new(300, 300, &tagged("\"a\""));
        assert_eq!(plan.range(), Some(ByteRange::from(0..)));
    }

    #[test]
    fn all_is_asked_for_where_little_is_there_or_nothing_can_be_recognized() {
        assert_eq!(RangeRequest::new(255, 255, &tagged("\"a\"")), RangeRequest::Whole);
        assert_eq!(RangeRequest::new(300, 300, &tagged("W/\"a\"")), RangeRequest::Whole);
        assert!(RangeRequest::Whole.headers().is_empty());
    }

    #[test]
    fn a_strong_tag_can_do_without_an_overlap_and_a_date_cannot() {
        let dated = Validator {
            total: Some(1000),
            last_modified: Some("Wed, 21 Oct 2015 07:28:00 GMT".to_owned()),
            ..Validator::default()
        };
        assert_eq!(RangeRequest::new(300, 0, &dated), RangeRequest::Whole);
        assert_eq!(RangeRequest::new(300, 300, &dated).range(), Some(ByteRange::from(0..)));
        assert_eq!(
            RangeRequest::new(300, 0, &tagged("\"a\"")).range(),
            Some(ByteRange::from(300..))
        );
    }
}
