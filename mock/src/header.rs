//! Headers that the spec fixes, compared as HTTP compares them.

use hyper::header::{CONTENT_TYPE, HeaderMap};
use larkspur_codegen::model::FixedHeader;

/// Whether the request carries the header with the fixed value.
///
/// A media type may be written in other cases and with other blanks, and may have further parameters.
pub(crate) fn carries(request: &HeaderMap, fixed: &FixedHeader) -> bool {
    let Some(given) = request.get(fixed.name.as_str()).and_then(|value| value.to_str().ok()) else {
        return false;
    };
    let (given, wanted) = (parts(given), parts(&fixed.value));
    given.first() == wanted.first() && wanted.iter().all(|part| given.contains(part))
}

/// Whether the header is a Content-Type, of which the request says nothing else: nothing at all, or the media type
/// without its parameters.
pub(crate) fn suits_a_body(request: &HeaderMap, fixed: &FixedHeader) -> bool {
    if !CONTENT_TYPE.as_str().eq_ignore_ascii_case(&fixed.name) {
        return false;
    }
    match request.get(CONTENT_TYPE) {
        None => true,
        Some(value) => value
            .to_str()
            .is_ok_and(|given| parts(given).first() == parts(&fixed.value).first()),
    }
}

fn parts(value: &str) -> Vec<String> {
    value.split(';').map(|part| part.trim().to_ascii_lowercase()).collect()
}
