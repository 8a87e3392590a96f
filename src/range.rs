//! Byte ranges of requests.

use std::fmt;
use std::ops::{Range, RangeFrom, RangeInclusive, RangeTo, RangeToInclusive};
use std::str::FromStr;

/// A range of bytes of a file: between two positions, from a position to the end, or a suffix.
///
/// ```
/// use larkspur::ByteRange;
///
/// assert_eq!(ByteRange::from(0..1024).to_string(), "bytes=0-1023");
/// assert_eq!(ByteRange::from(..=1023).to_string(), "bytes=0-1023");
/// assert_eq!(ByteRange::from(1024..).to_string(), "bytes=1024-");
/// assert_eq!(ByteRange::suffix(16).to_string(), "bytes=-16");
/// assert_eq!("0-1023".parse(), Ok(ByteRange::from(0..1024)));
/// ```
///
/// An empty range, such as `5..5`, cannot be written as a `Range` header: a request with one is rejected before sending.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ByteRange(pub(crate) Span);

/// The three forms of HTTP, and the empty range.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Span {
    /// Both ends inclusive.
    Between(u64, u64),
    From(u64),
    Last(u64),
    Empty,
}

impl ByteRange {
    /// Creates a range of the last `count` bytes.
    pub fn suffix(count: u64) -> Self {
        Self(if count == 0 { Span::Empty } else { Span::Last(count) })
    }

    /// Returns whether it selects no bytes. Such a range cannot be written as a `Range` header.
    pub fn is_empty(&self) -> bool {
        self.0 == Span::Empty
    }
}

impl From<Range<u64>> for ByteRange {
    fn from(range: Range<u64>) -> Self {
        Self(if range.is_empty() {
            Span::Empty
        } else {
            Span::Between(range.start, range.end - 1)
        })
    }
}

impl From<RangeInclusive<u64>> for ByteRange {
    fn from(range: RangeInclusive<u64>) -> Self {
        Self(if range.is_empty() {
            Span::Empty
        } else {
            Span::Between(*range.start(), *range.end())
        })
    }
}

impl From<RangeFrom<u64>> for ByteRange {
    fn from(range: RangeFrom<u64>) -> Self {
        Self(Span::From(range.start))
    }
}

impl From<RangeTo<u64>> for ByteRange {
    fn from(range: RangeTo<u64>) -> Self {
        Self::from(0..range.end)
    }
}

impl From<RangeToInclusive<u64>> for ByteRange {
    fn from(range: RangeToInclusive<u64>) -> Self {
        Self::from(0..=range.end)
    }
}

/// The value of the `Range` header.
impl fmt::Display for ByteRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Span::Between(first, last) => write!(f, "bytes={first}-{last}"),
            Span::From(first) => write!(f, "bytes={first}-"),
            Span::Last(count) => write!(f, "bytes=-{count}"),
            Span::Empty => f.write_str("empty range"),
        }
    }
}

/// The error for an invalid byte range.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("invalid byte range `{0}`: expected `0-1023`, `1024-` or `-16`, both ends inclusive")]
pub struct ParseRangeError(String);

impl FromStr for ByteRange {
    type Err = ParseRangeError;

    fn from_str(text: &str) -> Result<Self, ParseRangeError> {
        parse(text.strip_prefix("bytes=").unwrap_or(text)).ok_or_else(|| ParseRangeError(text.to_owned()))
    }
}

fn parse(text: &str) -> Option<ByteRange> {
    let (first, last) = text.split_once('-')?;
    match (first, last) {
        ("", count) => number(count).map(ByteRange::suffix),
        (first, "") => number(first).map(|first| ByteRange(Span::From(first))),
        (first, last) => Some(ByteRange::from(number(first)?..=number(last)?)),
    }
}

/// Parses digits only: `u64::from_str` accepts a sign.
pub(crate) fn number(text: &str) -> Option<u64> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten()
}
