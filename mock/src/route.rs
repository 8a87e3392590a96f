//! Routing of methods and paths to endpoints.

use std::borrow::Cow;
use std::collections::HashMap;

use hyper::Method;
use larkspur_codegen::model::{self, Api};
use percent_encoding::percent_decode_str;

/// Index of an endpoint in an [`Api`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct EndpointIndex {
    module: usize,
    endpoint: usize,
}

impl EndpointIndex {
    /// Returns the endpoint.
    pub(crate) fn resolve(self, api: &Api) -> Option<&model::Endpoint> {
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

    /// Finds the endpoint for a method and a percent-encoded path.
    pub(crate) fn find(&self, method: &Method, path: &str) -> Option<Match> {
        let given: Vec<_> = split_path(path).map(decode_segment).collect::<Option<_>>()?;
        // HTTP clients resolve dot segments before sending.
        if given.iter().any(|segment| matches!(&**segment, "." | "..")) {
            return None;
        }
        let candidates = self.0.get(&(method.clone(), given.len()))?;
        candidates.iter().find_map(|route| route.matches(&given))
    }
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
