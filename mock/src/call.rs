//! An API call: a request that was routed to an endpoint, with its parameters and headers; and the routes.

use std::borrow::Cow;
use std::collections::HashMap;

use bytes::Bytes;
use hyper::Method;
use hyper::header::{CONTENT_TYPE, HeaderMap};
use hyper::http::request::Parts;
use larkspur_codegen::model::{self, Api, Endpoint, FixedField, FixedHeader, Place};
use percent_encoding::percent_decode_str;
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

/// Index of an endpoint in an [`Api`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct EndpointIndex {
    module: usize,
    endpoint: usize,
}

impl EndpointIndex {
    /// Returns the endpoint.
    pub(crate) fn resolve(self, api: &Api) -> Option<&Endpoint> {
        api.modules.get(self.module)?.endpoints.get(self.endpoint)
    }
}

/// The endpoint of a request, with its decoded path parameters in order.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Match {
    pub(crate) endpoint: EndpointIndex,
    pub(crate) parameters: Vec<(String, String)>,
}

/// All routes by method and number of segments.
#[derive(Debug, Default)]
pub(crate) struct Routes(HashMap<(Method, usize), Vec<Route>>);

#[derive(Debug)]
struct Route {
    segments: Vec<Segment>,
    endpoint: EndpointIndex,
}

#[derive(Debug)]
enum Segment {
    Literal(String),
    Parameter(String),
}

impl Routes {
    /// Creates the routes of all endpoints.
    pub(crate) fn new(api: &Api) -> Self {
        let mut routes: HashMap<_, Vec<Route>> = HashMap::new();
        for (module, entry) in api.modules.iter().enumerate() {
            for (endpoint, described) in entry.endpoints.iter().enumerate() {
                let segments: Vec<_> = split_path(&described.path).map(Segment::parse).collect();
                let key = (http_method(described.method), segments.len());
                let endpoint = EndpointIndex { module, endpoint };
                routes.entry(key).or_default().push(Route { segments, endpoint });
            }
        }
        for list in routes.values_mut() {
            // A stable sort: routes that differ only in parameter names keep the order of the spec.
            list.sort_by(|left, right| left.precedence().cmp(right.precedence()));
        }
        Self(routes)
    }

    /// Returns whether a path has an endpoint with any method.
    pub(crate) fn has_path(&self, path: &str) -> bool {
        let methods = [Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE];
        methods.iter().any(|method| self.find(method, path).is_some())
    }

    /// Finds the first endpoint for a method and a percent-encoded path.
    fn find(&self, method: &Method, path: &str) -> Option<Match> {
        self.find_all(method, path).into_iter().next()
    }

    /// Finds the endpoint of a request. Of several with one route it is the first whose fixed fields the request has, else the
    /// first.
    pub(crate) fn select(&self, api: &Api, request: &Parts, body: &Bytes) -> Option<Match> {
        let mut all = self.find_all(&request.method, request.uri.path());
        if all.len() < 2 {
            return all.pop();
        }
        let query = parse_query(request.uri.query());
        let body: Map<String, Value> = serde_json::from_slice(body).unwrap_or_default();
        let fits = |found: &Match| {
            let endpoint = found.endpoint.resolve(api);
            endpoint.is_some_and(|endpoint| missing_fixed_field(endpoint, &query, &body).is_none())
        };
        let index = all.iter().position(fits).unwrap_or(0);
        Some(all.swap_remove(index))
    }

    /// Finds the endpoints whose route is that of the first that matches.
    fn find_all(&self, method: &Method, path: &str) -> Vec<Match> {
        let Some(given) = split_path(path).map(decode_segment).collect::<Option<Vec<_>>>() else {
            return Vec::new();
        };
        // HTTP clients resolve dot segments before sending.
        if given.iter().any(|segment| matches!(&**segment, "." | "..")) {
            return Vec::new();
        }
        let Some(candidates) = self.0.get(&(method.clone(), given.len())) else {
            return Vec::new();
        };
        let mut matching = candidates
            .iter()
            .filter_map(|route| Some((route, route.matches(&given)?)))
            .peekable();
        let Some(first) = matching.peek().map(|(route, _)| *route) else {
            return Vec::new();
        };
        matching
            .take_while(|(route, _)| route.precedence().eq(first.precedence()))
            .map(|(_, found)| found)
            .collect()
    }
}

/// Returns the first fixed field that a request does not have with its value.
pub(crate) fn missing_fixed_field<'e>(
    endpoint: &'e Endpoint,
    query: &[(String, String)],
    body: &Map<String, Value>,
) -> Option<&'e FixedField> {
    let is_present = |field: &FixedField| match field.place {
        Place::Query => values_named(query, &field.key) == [field.text()],
        _ => body.get(&field.key) == Some(&field.value),
    };
    endpoint.fixed_fields.iter().find(|field| !is_present(field))
}

impl Route {
    /// Sort key: literals take precedence over parameters.
    fn precedence(&self) -> impl Iterator<Item = (bool, &str)> {
        self.segments.iter().map(|segment| match segment {
            Segment::Literal(literal) => (false, literal.as_str()),
            Segment::Parameter(_) => (true, ""),
        })
    }

    fn matches(&self, given: &[Cow<'_, str>]) -> Option<Match> {
        let mut parameters = Vec::new();
        for (segment, value) in self.segments.iter().zip(given) {
            match segment {
                Segment::Literal(literal) if literal == value => {}
                Segment::Parameter(name) if !value.is_empty() => {
                    parameters.push((name.clone(), value.clone().into_owned()));
                }
                _ => return None,
            }
        }
        Some(Match {
            endpoint: self.endpoint,
            parameters,
        })
    }
}

impl Segment {
    fn parse(text: &str) -> Self {
        match text.strip_prefix(':') {
            Some(name) => Self::Parameter(name.to_owned()),
            None => Self::Literal(text.to_owned()),
        }
    }
}

fn split_path(path: &str) -> impl Iterator<Item = &str> {
    path.strip_prefix('/').unwrap_or(path).split('/')
}

/// Decodes one segment, so that an encoded slash does not split it.
fn decode_segment(segment: &str) -> Option<Cow<'_, str>> {
    percent_decode_str(segment).decode_utf8().ok()
}

fn http_method(method: model::Method) -> Method {
    match method {
        model::Method::Get => Method::GET,
        model::Method::Post => Method::POST,
        model::Method::Put => Method::PUT,
        model::Method::Patch => Method::PATCH,
        model::Method::Delete => Method::DELETE,
    }
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
