//! Which validator of a remote file an answer is about.

use reqwest::header::{ACCEPT_RANGES, CONTENT_DISPOSITION, CONTENT_TYPE, ETAG, HeaderMap, HeaderName, LAST_MODIFIED};

use crate::byte_stream::safe_name;

/// Longest validator that is taken for one.
const LONGEST: usize = 1024;

/// What an answer says of the file as a whole: what its validator is known by, and what it is called.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Validator {
    /// How many bytes the file has, once that is known.
    pub total: Option<u64>,
    /// `ETag` as it came, weak ones with their `W/`.
    pub etag: Option<String>,
    /// `Last-Modified` as it came.
    pub last_modified: Option<String>,
    pub content_type: Option<String>,
    /// TargetName of the file, made safe.
    pub name: Option<String>,
    /// Whether the server says that it takes ranges.
    pub takes_ranges: bool,
}

impl Validator {
    /// The validator that these headers tell of.
    pub(crate) fn of(headers: &HeaderMap, total: Option<u64>) -> Self {
        Self {
            total,
            etag: text(headers, ETAG),
            last_modified: text(headers, LAST_MODIFIED),
            content_type: text(headers, CONTENT_TYPE),
            name: headers
                .get(CONTENT_DISPOSITION)
                .and_then(|value| safe_name(value.as_bytes())),
            takes_ranges: text(headers, ACCEPT_RANGES).is_some_and(|value| value.eq_ignore_ascii_case("bytes")),
        }
    }

    /// The tag that stands for these very bytes, if there is one.
    pub(crate) fn strong(&self) -> Option<&str> {
        let tag = self.etag.as_deref()?;
        let strong = tag.len() > 2 && tag.starts_with('"') && tag.ends_with('"');
        strong.then_some(tag)
    }

    /// Whether a later answer can be told to be of the same validator.
    pub(crate) fn is_recognizable(&self) -> bool {
        self.strong().is_some() || (self.total.is_some() && self.last_modified.is_some())
    }

    /// Whether the file can be had in pieces, each of which shows that it is of this validator.
    pub(crate) fn is_divisible(&self) -> bool {
        self.strong().is_some() && self.total.is_some_and(|total| total > 0)
    }

    /// In what an answer for a part differs from this, if in anything: then its bytes must not stand beside those
    /// that came before. An answer for a part may leave the type out, but never what the validator is known by.
    pub(crate) fn difference(&self, part: &Self) -> Option<&'static str> {
        let type_differs = part.content_type.is_some() && part.content_type != self.content_type;
        if type_differs {
            return Some("its type differs");
        }
        if self.strong().is_some() {
            let total_differs = part.total.is_some() && self.total.is_some() && part.total != self.total;
            return match part.strong() {
                None => Some("the part came without the ETag of the file"),
                tag if tag != self.strong() => Some("its ETag differs"),
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

/// A header as text, if it is one line of sensible length.
fn text(headers: &HeaderMap, name: HeaderName) -> Option<String> {
    // Not with replacements: two tags that differ must not become the same.
    let text = str::from_utf8(headers.get(name)?.as_bytes()).ok()?.trim();
    (!text.is_empty() && text.len() <= LONGEST).then(|| text.to_owned())
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
    fn a_tag_whose_bytes_are_no_text_is_none() {
        let tagged = |tag: &[u8]| {
            let value = HeaderValue::from_bytes(tag).unwrap();
            Validator::of(&HeaderMap::from_iter([(ETAG, value)]), None)
        };
        assert_eq!(tagged(b"\"a\"").strong(), Some("\"a\""));
        assert_eq!(tagged(b"\"\xff\"").etag, None);
    }

    const DATE: Option<&str> = Some("Wed, 21 Oct 2015 07:28:00 GMT");

    #[test]
    fn a_strong_tag_stands_for_the_version() {
        let file = validator(Some(10), Some("\"a\""), None);
        assert!(file.is_recognizable());
        assert_eq!(file.difference(&validator(Some(10), Some("\"a\""), DATE)), None);
        assert_eq!(file.difference(&validator(None, Some("\"a\""), None)), None);
        assert!(file.difference(&validator(Some(10), Some("\"b\""), None)).is_some());
        assert!(file.difference(&validator(Some(10), Some("W/\"a\""), None)).is_some());
        assert!(file.difference(&validator(Some(10), None, None)).is_some());
        assert!(file.difference(&validator(Some(11), Some("\"a\""), None)).is_some());
    }

    #[test]
    fn without_a_strong_tag_size_and_date_must_agree() {
        for tag in [None, Some("W/\"a\""), Some("unquoted"), Some("\"\"")] {
            let file = validator(Some(10), tag, DATE);
            assert!(file.is_recognizable());
            assert_eq!(file.difference(&validator(Some(10), tag, DATE)), None);
            assert!(file.difference(&validator(Some(11), tag, DATE)).is_some());
            assert!(file.difference(&validator(None, tag, DATE)).is_some());
            assert!(file.difference(&validator(Some(10), tag, None)).is_some());
            assert!(file.difference(&validator(Some(10), Some("W/\"b\""), DATE)).is_some());
        }
    }

    #[test]
    fn without_anything_no_version_is_recognized() {
        assert!(!validator(Some(10), None, None).is_recognizable());
        assert!(!validator(None, Some("W/\"a\""), DATE).is_recognizable());
        assert!(
            validator(Some(10), None, None)
                .difference(&validator(Some(10), None, None))
                .is_some()
        );
    }

    #[test]
    fn a_part_of_another_type_is_of_another_file() {
        let file = validator(Some(10), Some("\"a\""), None);
        let mut part = file.clone();
        part.content_type = Some("text/html".to_owned());
        assert!(file.difference(&part).is_some());
        part.content_type = None;
        assert_eq!(file.difference(&part), None);
    }
}
