//! Values as text: in the path, the query, headers and the text parts of a multipart body.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use secrecy::ExposeSecret;

use super::json::Seen;
use super::{Fields, Location, View};

/// Everything but the characters that RFC 3986 leaves unreserved.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// A value as text: scalars as they are, all else as JSON; `None` where it is absent.
pub(crate) fn text(view: &View<'_>) -> Option<String> {
    Some(match view {
        View::Absent | View::File(_) => return None,
        View::Bool(value) => value.to_string(),
        View::Int(value) => value.to_string(),
        View::Float(value) => value.to_string(),
        View::Str(value) => (*value).to_owned(),
        View::Secret(value) => value.expose_secret().to_owned(),
        View::Display(value) => value.to_string(),
        View::Range(value) => value.to_string(),
        View::Object(value) => serde_json::to_string(&Seen(View::Object(*value))).ok()?,
        View::List(value) => serde_json::to_string(&Seen(View::List(*value))).ok()?,
        View::Map(value) => serde_json::to_string(&Seen(View::Map(*value))).ok()?,
        View::Any(value) => value.to_string(),
    })
}

/// A value as one segment of a path: whatever it holds, it stays one segment. `.` and `..` cannot be
/// written as a segment at all, and the checks before sending refuse them.
pub(crate) fn path_segment(text: &str) -> String {
    utf8_percent_encode(text, RESERVED).to_string()
}

/// The query of a request, without the question mark. A list repeats its key for each element.
pub(crate) fn query(fields: &dyn Fields) -> String {
    let mut query = String::new();
    let mut pair = |key: &str, view: &View<'_>| {
        if let Some(text) = text(view) {
            if !query.is_empty() {
                query.push('&');
            }
            query.extend(utf8_percent_encode(key, RESERVED));
            query.push('=');
            query.extend(utf8_percent_encode(&text, RESERVED));
        }
    };
    fields.each(&mut |field, value| {
        if field.location != Location::Query {
            return;
        }
        match value.view() {
            View::List(list) => list.each(&mut |element| pair(field.key, &element.view())),
            view => pair(field.key, &view),
        }
    });
    query
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A parameter out of what has led astray before.
    fn nasty(rng: &mut fastrand::Rng) -> String {
        const PARTS: [&str; 20] = [
            "/", "\\", "..", ".", "?", "#", "%2e", "%2F", "%", ";", "&", "=", "@", ":", "\t", "\n", "\0", " ", "长",
            "a",
        ];
        let count = rng.usize(1..10);
        (0..count).map(|_| PARTS[rng.usize(..PARTS.len())]).collect()
    }

    #[test]
    fn a_million_parameters_keep_the_path() {
        let (count, mut rng) = crate::sampling::cases(1_000_000, 20_000);
        for _ in 0..count {
            let parameter = nasty(&mut rng);
            let segment = path_segment(&parameter);
            let harmless = segment
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~' | b'%'));
            assert!(harmless, "{parameter:?}: {segment}");
            // The checks before sending refuse these two, and nothing else is taken for one of them.
            if matches!(parameter.as_str(), "." | "..") {
                continue;
            }
            let written = format!("https://host/files/{segment}/download");
            let url = reqwest::Url::parse(&written).unwrap();
            assert_eq!(url.as_str(), written, "{parameter:?}");
        }
    }
}
