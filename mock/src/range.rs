//! Parser of `Range` request headers.
//!
//! Independent of the parser of the SDK on purpose: the mock server checks what the SDK sends, with bounds resolved
//! against a file.

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
