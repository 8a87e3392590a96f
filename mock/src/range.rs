//! Which bytes a `Range` header asks for.

/// What to send of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    /// All of it: no range was asked for, or one that a server may ignore.
    Whole,
    /// The bytes from `first` to `last`, both included.
    Span { first: usize, last: usize },
    /// Nothing: the range lies outside.
    Unsatisfiable,
}

/// The part of a file of `length` bytes that a `Range` header asks for.
///
/// A header that does not parse, and one with several ranges, is ignored, as RFC 9110 permits.
pub(crate) fn part(header: Option<&str>, length: usize) -> Part {
    let Some(range) = header.and_then(|text| text.trim().strip_prefix("bytes=")) else {
        return Part::Whole;
    };
    let Some((first, last)) = range.split_once('-') else {
        return Part::Whole;
    };
    match (first, last) {
        ("", count) => number(count).map_or(Part::Whole, |count| suffix(count, length)),
        (first, "") => number(first).map_or(Part::Whole, |first| span(first, usize::MAX, length)),
        (first, last) => match (number(first), number(last)) {
            (Some(first), Some(last)) if first <= last => span(first, last, length),
            _ => Part::Whole,
        },
    }
}

/// A number of digits only; one that is too large is as good as the largest.
fn number(text: &str) -> Option<usize> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().unwrap_or(usize::MAX))
}

fn span(first: usize, last: usize, length: usize) -> Part {
    if first >= length {
        return Part::Unsatisfiable;
    }
    Part::Span {
        first,
        last: last.min(length - 1),
    }
}

fn suffix(count: usize, length: usize) -> Part {
    if count == 0 || length == 0 {
        return Part::Unsatisfiable;
    }
    Part::Span {
        first: length.saturating_sub(count),
        last: length - 1,
    }
}

#[cfg(test)]
mod tests {
    use super::{Part, part};

    #[test]
    fn a_range_ends_where_the_file_ends() {
        assert_eq!(part(Some("bytes=8-99"), 10), Part::Span { first: 8, last: 9 });
    }

    #[test]
    fn an_open_range_reaches_to_the_end() {
        assert_eq!(part(Some("bytes=4-"), 10), Part::Span { first: 4, last: 9 });
    }

    #[test]
    fn a_suffix_counts_from_the_end() {
        assert_eq!(part(Some("bytes=-3"), 10), Part::Span { first: 7, last: 9 });
        assert_eq!(part(Some("bytes=-30"), 10), Part::Span { first: 0, last: 9 });
    }

    #[test]
    fn a_range_outside_of_the_file_cannot_be_satisfied() {
        assert_eq!(part(Some("bytes=10-"), 10), Part::Unsatisfiable);
        assert_eq!(part(Some("bytes=-0"), 10), Part::Unsatisfiable);
        assert_eq!(part(Some("bytes=0-0"), 0), Part::Unsatisfiable);
    }

    #[test]
    fn what_is_no_single_range_is_ignored() {
        for header in [
            "bytes=",
            "bytes=-",
            "bytes=3-1",
            "bytes=0-1,4-5",
            "bytes=+1-2",
            "lines=0-1",
        ] {
            assert_eq!(part(Some(header), 10), Part::Whole, "{header}");
        }
    }

    #[test]
    fn numbers_that_fit_nowhere_do_no_harm() {
        let huge = "9".repeat(40);
        assert_eq!(
            part(Some(&format!("bytes=0-{huge}")), 10),
            Part::Span { first: 0, last: 9 }
        );
        assert_eq!(part(Some(&format!("bytes={huge}-")), 10), Part::Unsatisfiable);
    }
}
