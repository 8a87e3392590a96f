//! The header `Content-Range`.

use std::fmt;

use reqwest::header::{CONTENT_RANGE, HeaderMap};

use crate::ByteRange;
use crate::error::RangeError;
use crate::range::{Span, number};

/// The byte range of a response, as its header `Content-Range` states it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct ContentRange {
    /// The position of the first byte.
    pub first: u64,
    /// The position of the last byte.
    pub last: u64,
    /// The size of the complete file, if the platform states it.
    pub total: Option<u64>,
}

impl ContentRange {
    /// Returns the number of bytes.
    pub fn count(&self) -> u64 {
        // The parser guarantees `first <= last`.
        (self.last - self.first).saturating_add(1)
    }

    /// Validates the range of a response against the requested one. Any difference is an error, since the bytes would be written
    /// to the wrong position.
    pub(crate) fn check(
        partial: bool,
        headers: &HeaderMap,
        requested: Option<ByteRange>,
    ) -> Result<Option<Self>, RangeError> {
        let requested = match (partial, requested) {
            (false, None) => return Ok(None),
            (false, Some(requested)) => return Err(RangeError::Ignored { requested }),
            (true, None) => return Err(RangeError::Unrequested),
            (true, Some(requested)) => requested,
        };
        let header = headers
            .get(CONTENT_RANGE)
            .map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
        match (header.as_deref().and_then(parse_content_range), header) {
            (Some(range), _) if range.satisfies(requested) => Ok(Some(range)),
            (Some(_), Some(content_range)) => Err(RangeError::Other {
                requested,
                content_range,
            }),
            (_, content_range) => Err(RangeError::Unknown { content_range }),
        }
    }

    /// Returns whether this is the requested range. It may be shorter only at the end of the file.
    fn satisfies(&self, requested: ByteRange) -> bool {
        let reaches_end = self.total.is_none_or(|total| self.last == total - 1);
        match requested.0 {
            Span::Between(first, last) => {
                let short = self.last < last && self.total == Some(self.last + 1);
                self.first == first && (self.last == last || short)
            }
            Span::From(first) => self.first == first && reaches_end,
            Span::Last(count) => {
                let expected = self.total.map_or(count, |total| count.min(total));
                self.count() == expected && reaches_end
            }
            Span::Empty => false,
        }
    }
}

/// Parses `bytes 0-1023/146515`, or with `*` for an unknown size.
fn parse_content_range(header: &str) -> Option<ContentRange> {
    let (unit, rest) = header.trim().split_once(' ')?;
    let (range, total) = rest.trim().split_once('/')?;
    let (first, last) = range.split_once('-')?;
    let range = ContentRange {
        first: number(first)?,
        last: number(last)?,
        total: match total {
            "*" => None,
            total => Some(number(total)?),
        },
    };
    // `last + 1` must not overflow.
    let possible = range.last < u64::MAX;
    let ordered = range.first <= range.last && range.total.is_none_or(|total| range.last < total) && possible;
    (unit.eq_ignore_ascii_case("bytes") && ordered).then_some(range)
}

/// Formats the value of the header `Content-Range`.
impl fmt::Display for ContentRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "bytes {}-{}/", self.first, self.last)?;
        match self.total {
            Some(total) => write!(f, "{total}"),
            None => f.write_str("*"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn satisfies(header: &str, requested: impl Into<ByteRange>) -> bool {
        parse_content_range(header).is_some_and(|range| range.satisfies(requested.into()))
    }

    #[test]
    fn accepts_requested_range() {
        assert!(satisfies("bytes 0-9/100", 0..10));
        assert!(satisfies("bytes 0-9/*", 0..10));
        assert!(satisfies("bytes 90-99/100", 90..));
        assert!(satisfies("bytes 90-99/100", ByteRange::suffix(10)));
    }

    #[test]
    fn accepts_shorter_range_only_at_end() {
        assert!(satisfies("bytes 0-4/5", 0..10));
        assert!(satisfies("bytes 0-4/5", ByteRange::suffix(10)));
        assert!(!satisfies("bytes 0-4/100", 0..10));
        assert!(!satisfies("bytes 90-95/100", 90..));
        assert!(!satisfies("bytes 0-4/*", 0..10));
    }

    #[test]
    fn rejects_shifted_range() {
        assert!(!satisfies("bytes 1-10/100", 0..10));
        assert!(!satisfies("bytes 0-10/100", 0..10));
        assert!(!satisfies("bytes 0-9/100", ByteRange::suffix(10)));
    }

    #[test]
    fn rejects_invalid_headers() {
        for header in [
            "",
            "bytes",
            "bytes 0-9",
            "bytes 9-0/100",
            "bytes 0-100/100",
            "bytes */100",
            "items 0-9/100",
            "bytes -1-9/100",
            "bytes 0-99999999999999999999/*",
            "bytes 0-18446744073709551615/*",
        ] {
            assert_eq!(parse_content_range(header), None, "{header}");
        }
    }
}
