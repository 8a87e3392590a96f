//! An API call: a request that was routed to an endpoint, with its parameters and headers.

use bytes::Bytes;
use hyper::header::{CONTENT_TYPE, HeaderMap};
use larkspur_codegen::model::{Endpoint, FixedHeader, Place};
use serde_json::{Map, Value};

/// A request and the endpoint that serves it.
pub(crate) struct Call<'a> {
    pub(crate) endpoint: &'a Endpoint,
    /// Path parameters, decoded, in order.
    pub(crate) path: Vec<(String, String)>,
    /// Query parameters, decoded, in order.
    pub(crate) query: Vec<(String, String)>,
    pub(crate) headers: &'a HeaderMap,
    pub(crate) body: &'a Bytes,
}

impl Call<'_> {
    /// Returns all texts of a field outside of the body.
    pub(crate) fn texts(&self, place: Place, key: &str) -> Vec<&str> {
        match place {
            Place::Path => values_named(&self.path, key),
            Place::Query => values_named(&self.query, key),
            Place::Header => {
                let values = self.headers.get_all(key).iter();
                values
                    .filter_map(|value| std::str::from_utf8(value.as_bytes()).ok())
                    .collect()
            }
            Place::Body => Vec::new(),
        }
    }

    /// Returns the text of a field in path, query, headers or body, in this order.
    pub(crate) fn field_text(&self, body: &Map<String, Value>, key: &str) -> Option<String> {
        let parameter = [Place::Path, Place::Query, Place::Header]
            .into_iter()
            .find_map(|place| self.texts(place, key).first().copied());
        parameter
            .map(str::to_owned)
            .or_else(|| body.get(key).and_then(scalar_text))
    }

    /// Returns the token of the requested file: the last path parameter, else the first query parameter.
    pub(crate) fn file_token(&self) -> &str {
        let parameter = self.path.last().or_else(|| self.query.first());
        parameter.map_or("", |(_, value)| value)
    }
}

fn values_named<'a>(pairs: &'a [(String, String)], key: &str) -> Vec<&'a str> {
    pairs
        .iter()
        .filter(|(name, _)| name == key)
        .map(|(_, value)| value.as_str())
        .collect()
}

/// Returns the text of a string, number or boolean.
pub(crate) fn scalar_text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(_) | Value::Bool(_) => Some(value.to_string()),
        _ => None,
    }
}

/// Parses a query string into decoded parameters in order. A parameter may repeat.
pub(crate) fn parse_query(query: Option<&str>) -> Vec<(String, String)> {
    form_urlencoded::parse(query.unwrap_or_default().as_bytes())
        .into_owned()
        .collect()
}

/// Returns whether the request carries a header with its fixed value.
///
/// Media types compare without case and blanks, and may have further parameters.
pub(crate) fn has_fixed_header(request: &HeaderMap, fixed: &FixedHeader) -> bool {
    let Some(given) = request.get(fixed.name.as_str()).and_then(|value| value.to_str().ok()) else {
        return false;
    };
    let (given, wanted) = (media_type_parts(given), media_type_parts(&fixed.value));
    given.first() == wanted.first() && wanted.iter().all(|part| given.contains(part))
}

/// Returns whether the header is a Content-Type that the request omits, or sends without parameters.
pub(crate) fn is_lenient_content_type(request: &HeaderMap, fixed: &FixedHeader) -> bool {
    if !CONTENT_TYPE.as_str().eq_ignore_ascii_case(&fixed.name) {
        return false;
    }
    match request.get(CONTENT_TYPE) {
        None => true,
        Some(value) => value
            .to_str()
            .is_ok_and(|given| media_type_parts(given).first() == media_type_parts(&fixed.value).first()),
    }
}

fn media_type_parts(value: &str) -> Vec<String> {
    value.split(';').map(|part| part.trim().to_ascii_lowercase()).collect()
}

#[cfg(test)]
mod tests {
    use super::parse_query;

    #[test]
    fn decodes_and_repeats_query_parameters() {
        let pairs = parse_query(Some("a=1&a=%E4%B8%AD&b=x+y&c"));
        let expected = [("a", "1"), ("a", "中"), ("b", "x y"), ("c", "")];
        assert_eq!(pairs, expected.map(|(key, value)| (key.to_owned(), value.to_owned())));
    }
}
