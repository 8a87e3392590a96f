//! The index of all endpoints, a line of JSON each: what a list of endpoints shows, and which files describe one of them.
//!
//! The command line has thousands of endpoints and needs one of them at a time. It reads this index, and loads only the
//! files that the endpoint refers to.

use std::collections::{BTreeSet, HashMap};

use serde::{Deserialize, Serialize};

use crate::model::{Api, Endpoint, Response};
use crate::read::ModuleName;

/// The index of a spec.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Index {
    /// The endpoints, sorted by id.
    pub endpoints: Vec<IndexEntry>,
}

/// An endpoint in the index.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IndexEntry {
    /// `drive.v1.media.download`.
    pub id: String,
    /// The HTTP method, in upper case.
    pub method: String,
    /// The path with its parameters.
    pub path: String,
    /// What the endpoint does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub summary: Option<String>,
    /// Whether the endpoint is deprecated.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub deprecated: bool,
    /// Id of the endpoint to use in place of a deprecated one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub successor: Option<String>,
    /// Whether the response is a file.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub file: bool,
    /// Ids of the endpoints that it polls, or that receive the parts of an upload.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub steps: Vec<String>,
}

impl Index {
    /// Creates the index of a spec.
    pub fn new(api: &Api) -> Self {
        let mut endpoints: Vec<_> = api.endpoints().map(|(_, endpoint)| IndexEntry::new(endpoint)).collect();
        endpoints.sort_by(|a, b| a.id.cmp(&b.id));
        Self { endpoints }
    }

    /// Parses the text of an index; lines that start with `//` are comments.
    ///
    /// # Errors
    ///
    /// A line is not an entry.
    pub fn parse(text: &str) -> Result<Self, serde_json::Error> {
        let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with("//"));
        let endpoints = lines.map(serde_json::from_str).collect::<Result<_, _>>()?;
        Ok(Self { endpoints })
    }

    /// Returns the lines of the index.
    pub fn text(&self) -> String {
        let lines = self
            .endpoints
            .iter()
            .filter_map(|entry| serde_json::to_string(entry).ok());
        lines.map(|line| line + "\n").collect()
    }

    /// Returns the endpoint with this id.
    pub fn find(&self, id: &str) -> Option<&IndexEntry> {
        self.endpoints.iter().find(|entry| entry.id == id)
    }

    /// Returns the paths of the files that describe an endpoint: its own, those of the endpoints that a file of the result
    /// refers to, and those of shared types and error codes. Some of the latter may not exist.
    pub fn files(&self, id: &str) -> BTreeSet<String> {
        let mut by_file: HashMap<String, Vec<&IndexEntry>> = HashMap::new();
        for entry in &self.endpoints {
            by_file.entry(file(&entry.id)).or_default().push(entry);
        }
        let mut found = BTreeSet::new();
        let mut open = vec![file(id)];
        while let Some(path) = open.pop() {
            let entries = by_file.get(&path).into_iter().flatten();
            if found.insert(path.clone()) {
                open.extend(entries.flat_map(|entry| &entry.steps).map(|step| file(step)));
            }
        }
        let directories: BTreeSet<_> = found
            .iter()
            .filter_map(|path| path.rsplit_once('/'))
            .map(|(directory, _)| directory.to_owned())
            .collect();
        for directory in directories {
            let shared = [ModuleName::SHARED, ModuleName::ERRORS].map(|name| format!("{directory}/{name}.yaml"));
            found.extend(shared);
        }
        found.insert(ModuleName::PLATFORM.to_owned());
        found
    }
}

impl IndexEntry {
    fn new(endpoint: &Endpoint) -> Self {
        let polled = endpoint.poll.as_ref().map(|poll| &poll.endpoint);
        let parts = endpoint.upload.iter().flat_map(|upload| upload.steps());
        let parts = parts.map(|(_, step)| &step.endpoint);
        Self {
            id: endpoint.id.clone(),
            method: endpoint.method.as_str().to_owned(),
            path: endpoint.path.clone(),
            summary: endpoint.summary.clone(),
            deprecated: endpoint.deprecated.is_some(),
            successor: endpoint
                .deprecated
                .as_ref()
                .and_then(|deprecation| deprecation.successor.clone()),
            file: matches!(endpoint.response, Response::Binary(_)),
            steps: polled.into_iter().chain(parts).cloned().collect(),
        }
    }
}

/// Returns the path of the file of an endpoint.
fn file(id: &str) -> String {
    let module = id.rsplit_once('.').map_or(id, |(module, _)| module);
    let mut parts = module.splitn(3, '.');
    let mut part = || parts.next().unwrap_or_default();
    format!("spec/{}/{}/{}.yaml", part(), part(), part())
}

#[cfg(test)]
mod tests {
    use super::Index;
    use crate::{Source, load};

    fn source() -> Source {
        let mut source = Source::new();
        source.add(
            "spec/demo/v1/task.yaml",
            "endpoints:\n  start:\n    http: POST /tasks\n    summary: Start it.\n    response: { id: { type: string } }\n    \
             poll: { endpoint: demo.v1.task.state.get, state: s, done: [ok] }\n",
        );
        source.add(
            "spec/demo/v1/task.state.yaml",
            "endpoints:\n  get:\n    http: GET /tasks/state\n    \
             response: { s: { type: string } }\n    deprecated: { successor: demo.v2.task.get }\n",
        );
        source.add(
            "spec/demo/v1/other.yaml",
            "endpoints: { get: { http: GET /other, response: binary } }\n",
        );
        source
    }

    #[test]
    fn text_parses_to_the_same_index() {
        let index = Index::new(&load(&source()).unwrap());
        assert_eq!(
            Index::parse(&format!("// generated\n\n{}", index.text())).unwrap(),
            index
        );
        let ids: Vec<_> = index.endpoints.iter().map(|entry| entry.id.as_str()).collect();
        assert_eq!(
            ids,
            ["demo.v1.other.get", "demo.v1.task.start", "demo.v1.task.state.get"]
        );
        assert!(Index::parse("{}").is_err());
    }

    #[test]
    fn files_include_polled_endpoints() {
        let source = source();
        let index = Index::new(&load(&source).unwrap());
        let files = index.files("demo.v1.task.start");
        let mut few = Source::new();
        for (path, bytes) in source.files().filter(|(path, _)| files.contains(*path)) {
            few.add(path, bytes);
        }
        assert_eq!(few.len(), 2);
        assert!(load(&few).unwrap().endpoint("demo.v1.task.start").is_some());
        assert!(files.contains("spec/demo/v1/errors.yaml") && files.contains("spec/types.yaml"));
    }
}
