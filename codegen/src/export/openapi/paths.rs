//! Paths: templates, and what stands behind each.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::operation;
use crate::model::{Api, Endpoint};

/// The ids of the endpoints that have the route of this one as well.
const SAME_ROUTE: &str = "x-same-route";

/// Every path with its operations.
///
/// To OpenAPI, two templates that differ in the names of their parameters alone are one path, and it
/// has one set of names: those of the endpoint that comes first. A path has one operation for each method, so
/// where a spec allows that several endpoints have one route, the first is described and names the others.
pub(super) fn all(api: &Api) -> Value {
    let mut templates: BTreeMap<String, Template<'_>> = BTreeMap::new();
    let mut paths: BTreeMap<String, Map<String, Value>> = BTreeMap::new();
    for (module, entry) in api.endpoints() {
        let template = templates.entry(shape(&entry.path)).or_insert(Template(entry));
        let method = entry.method.as_str().to_ascii_lowercase();
        let operations = paths.entry(template.text()).or_default();
        match operations.get_mut(&method).and_then(Value::as_object_mut) {
            None => {
                operations.insert(method, operation::json(api, module, entry, *template));
            }
            Some(first) => {
                let others = first.entry(SAME_ROUTE).or_insert_with(|| Value::Array(Vec::new()));
                others
                    .as_array_mut()
                    .into_iter()
                    .for_each(|ids| ids.push(entry.id.as_str().into()));
            }
        }
    }
    paths
        .into_iter()
        .map(|(path, item)| (path, Value::Object(item)))
        .collect()
}

/// The path of the endpoint that names the parameters of every endpoint with a path of that shape.
#[derive(Clone, Copy)]
pub(super) struct Template<'a>(&'a Endpoint);

impl Template<'_> {
    /// The path as OpenAPI writes it.
    fn text(self) -> String {
        let segments = self.0.path.split('/').map(|segment| match segment.strip_prefix(':') {
            Some(name) => format!("{{{name}}}"),
            None => segment.to_owned(),
        });
        segments.collect::<Vec<_>>().join("/")
    }

    /// The name that the parameter `key` of `endpoint` has in this template.
    pub(super) fn name<'s>(&'s self, endpoint: &'s Endpoint, key: &'s str) -> &'s str {
        let place = parameters(&endpoint.path).position(|name| name == key);
        place
            .and_then(|place| parameters(&self.0.path).nth(place))
            .unwrap_or(key)
    }
}

fn parameters(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter_map(|segment| segment.strip_prefix(':'))
}

/// The path without the names of its parameters.
fn shape(path: &str) -> String {
    let segments = path
        .split('/')
        .map(|segment| if segment.starts_with(':') { ":" } else { segment });
    segments.collect::<Vec<_>>().join("/")
}
