//! Validators of a remote file: ETag, Last-Modified and size.

use reqwest::header::{ACCEPT_RANGES, CONTENT_DISPOSITION, CONTENT_TYPE, ETAG, HeaderMap, HeaderName, LAST_MODIFIED};

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
}
