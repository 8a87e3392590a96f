//! Which endpoint a method and a path lead to.

use std::borrow::Cow;
use std::collections::HashMap;

use hyper::Method;
use larkspur_codegen::model::{self, Api};
use percent_encoding::percent_decode_str;

/// Place of an endpoint in an [`Api`]: its module, and its place in that.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct EndpointIndex {
    module: usize,
    endpoint: usize,
}

impl EndpointIndex {
    /// The endpoint itself.
    pub(crate) fn of(self, api: &Api) -> Option<&model::Endpoint> {
        api.modules.get(self.module)?.endpoints.get(self.endpoint)
    }
}

/// An endpoint that was found, and the values of its path parameters in their order.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Match {
    pub(crate) endpoint: EndpointIndex,
    pub(crate) parameters: Vec<(String, String)>,
}

/// All routes, by method and number of segments.
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
    /// The routes of every endpoint.
    pub(crate) fn new(api: &Api) -> Self {
        let mut routes: HashMap<_, Vec<Route>> = HashMap::new();
        for (module, entry) in api.modules.iter().enumerate() {
            for (endpoint, facts) in entry.endpoints.iter().enumerate() {
                let segments: Vec<_> = segments(&facts.path).map(Segment::parse).collect();
                let key = (method(facts.method), segments.len());
                let endpoint = EndpointIndex { module, endpoint };
                routes.entry(key).or_default().push(Route { segments, endpoint });
            }
        }
        for list in routes.values_mut() {
            // Routes that differ only in the names of parameters stay in the order of the spec.
            list.sort_by(|left, right| left.precedence().cmp(right.precedence()));
        }
        Self(routes)
    }

    /// The endpoint for a method and a path as it came, percent-encoded.
    pub(crate) fn find(&self, method: &Method, path: &str) -> Option<Match> {
        let given: Vec<_> = segments(path).map(decode).collect::<Option<_>>()?;
        // On their way to the platform they would have been resolved, and led elsewhere.
        if given.iter().any(|segment| matches!(&**segment, "." | "..")) {
            return None;
        }
        let candidates = self.0.get(&(method.clone(), given.len()))?;
        candidates.iter().find_map(|route| route.matches(&given))
    }
}

impl Route {
    /// What routes are sorted by: a literal wins over a parameter, whatever its name.
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

fn segments(path: &str) -> impl Iterator<Item = &str> {
    path.strip_prefix('/').unwrap_or(path).split('/')
}

/// Decodes a segment after the path was split, so that an encoded slash stays in its segment.
fn decode(segment: &str) -> Option<Cow<'_, str>> {
    percent_decode_str(segment).decode_utf8().ok()
}

fn method(method: model::Method) -> Method {
    match method {
        model::Method::Get => Method::GET,
        model::Method::Post => Method::POST,
        model::Method::Put => Method::PUT,
        model::Method::Patch => Method::PATCH,
        model::Method::Delete => Method::DELETE,
    }
}
