//! Which bytes of a file have come.

use std::fmt;

use reqwest::header::{CONTENT_RANGE, HeaderMap};

use crate::ByteRange;
use crate::error::RangeError;
use crate::range::{Span, number};

/// Which bytes of a file have come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct ContentRange {
    /// Position of the first byte.
    pub first: u64,
    /// Position of the last byte.
    pub last: u64,
    /// Size of the whole file, where the platform tells it.
    pub total: Option<u64>,
}

impl ContentRange {
    /// How many bytes that are.
    pub fn count(&self) -> u64 {
        // The parser has seen to it that the last is not before the first.
        (self.last - self.first).saturating_add(1)
    }

    /// The range that came, if it is the one that was asked for. Each way in which it can be wrong is
    /// an error, for the bytes would go to the wrong place in silence.
    pub(crate) fn check(
        partial: bool,
        headers: &HeaderMap,
        asked: Option<ByteRange>,
    ) -> Result<Option<Self>, RangeError> {
        let asked = match (partial, asked) {
            (false, None) => return Ok(None),
            (false, Some(asked)) => return Err(RangeError::Ignored { asked }),
            (true, None) => return Err(RangeError::NotAsked),
            (true, Some(asked)) => asked,
        };
        let header = headers
            .get(CONTENT_RANGE)
            .map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
        match (header.as_deref().and_then(parse), header) {
            (Some(came), _) if came.answers(asked) => Ok(Some(came)),
            (Some(_), Some(content_range)) => Err(RangeError::Other { asked, content_range }),
            (_, content_range) => Err(RangeError::Unknown { content_range }),
        }
    }

    /// Whether these are the bytes that were asked for; fewer only where the file ends.
    fn answers(&self, asked: ByteRange) -> bool {
        let to_the_end = self.total.is_none_or(|total| self.last == total - 1);
        match asked.0 {
            Span::Between(first, last) => {
                let short = self.last < last && self.total == Some(self.last + 1);
                self.first == first && (self.last == last || short)
            }
            Span::From(first) => self.first == first && to_the_end,
            Span::Last(count) => {
                let expected = self.total.map_or(count, |total| count.min(total));
                self.count() == expected && to_the_end
            }
            Span::Empty => false,
        }
    }
}

/// `bytes 0-1023/146515`, or with `*` for a size that is not known.
fn parse(header: &str) -> Option<ContentRange> {
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
    // There is a position behind the last one, so that whoever counts on from it does not overflow.
    let possible = range.last < u64::MAX;
    let ordered = range.first <= range.last && range.total.is_none_or(|total| range.last < total) && possible;
    (unit.eq_ignore_ascii_case("bytes") && ordered).then_some(range)
}

/// The header `Content-Range`.
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

    fn answers(header: &str, asked: impl Into<ByteRange>) -> bool {
        parse(header).is_some_and(|came| came.answers(asked.into()))
    }

    #[test]
    fn a_part_answers_what_was_asked() {
        assert!(answers("bytes 0-9/100", 0..10));
        assert!(answers("bytes 0-9/*", 0..10));
        assert!(answers("bytes 90-99/100", 90..));
        assert!(answers("bytes 90-99/100", ByteRange::suffix(10)));
    }

    #[test]
    fn fewer_bytes_come_only_where_the_file_ends() {
        assert!(answers("bytes 0-4/5", 0..10));
        assert!(answers("bytes 0-4/5", ByteRange::suffix(10)));
        assert!(!answers("bytes 0-4/100", 0..10));
        assert!(!answers("bytes 90-95/100", 90..));
        assert!(!answers("bytes 0-4/*", 0..10));
    }

    #[test]
    fn another_part_is_no_answer() {
        assert!(!answers("bytes 1-10/100", 0..10));
        assert!(!answers("bytes 0-10/100", 0..10));
        assert!(!answers("bytes 0-9/100", ByteRange::suffix(10)));
    }

    #[test]
    fn a_header_without_sense_is_refused() {
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
            assert_eq!(parse(header), None, "{header}");
        }
    }
}
