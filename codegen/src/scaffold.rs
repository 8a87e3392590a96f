//! A new entry of the spec, to be filled in: `spec new`.

mod entry;

use crate::model::Endpoint;
use crate::{Finding, Findings, LayoutError, Source, finding, layout, lint, load, names, schema};

/// What to begin.
#[derive(Debug, Clone, Copy)]
pub struct NewEndpoint<'a> {
    /// `drive.v1.file.copy`.
    pub id: &'a str,
    /// `POST /open-apis/drive/v1/files/:file_token/copy`.
    pub http: &'a str,
}

/// A spec file with the new entry in it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Scaffold {
    /// The file: `spec/drive/v1/file.yaml`.
    pub path: String,
    /// Its whole text.
    pub text: String,
    /// The line in which the entry begins.
    pub line: u32,
}

/// Why there is no new entry.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ScaffoldError {
    /// The id is none.
    #[error("`{0}` is no id of an endpoint: project.version.resource.method, such as drive.v1.file.copy")]
    Id(String),
    /// The entry is there already.
    #[error("{path}:{line}: `{id}` is there already; nothing was written")]
    Exists {
        /// The endpoint.
        id: String,
        /// Its file.
        path: String,
        /// Its line.
        line: u32,
    },
    /// The spec would not load with the entry in it.
    #[error("{findings}")]
    Findings {
        /// What would be wrong.
        findings: Findings,
        /// The spec with the entry in it.
        spec: Box<Source>,
    },
    /// The file cannot be laid out.
    #[error(transparent)]
    Layout(#[from] LayoutError),
}

/// Adds an entry to a spec, at the end of its file. What comes back has been loaded, and is in the layout of
/// `spec fmt`; what the file said before, it still says.
pub fn scaffold(spec: &Source, new: NewEndpoint<'_>) -> Result<Scaffold, ScaffoldError> {
    let (path, name) = place(new.id).ok_or_else(|| ScaffoldError::Id(new.id.to_owned()))?;
    let existing = spec.files().find(|(other, _)| *other == path).map(|(_, bytes)| bytes);
    let before = match existing {
        Some(bytes) => layout(&path, bytes)?,
        None => format!("{}\n# doc: What the resource is.\n", schema::EDITOR_LINE),
    };
    if let Some(line) = defined(&before, name) {
        let id = new.id.to_owned();
        return Err(ScaffoldError::Exists { id, path, line });
    }
    let entry = entry::lines(name, new.http);
    let text = layout(&path, extended(&before, &entry).as_bytes())?;
    let line = loaded(spec, &path, &text, new.id)?;
    Ok(Scaffold { path, text, line })
}

/// The file and the key of an id.
fn place(id: &str) -> Option<(String, &str)> {
    let (module, name) = id.rsplit_once('.')?;
    let mut parts = module.splitn(3, '.');
    let (project, version, resource) = (parts.next()?, parts.next()?, parts.next()?);
    names::is_endpoint_id(id).then(|| (format!("spec/{project}/{version}/{resource}.yaml"), name))
}

/// The lines of a file behind the key `endpoints`, up to the next key; `text` is in the layout of `spec fmt`.
fn section(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut lines = text.lines().enumerate().skip_while(|(_, line)| !opens_endpoints(line));
    lines.next();
    lines.take_while(|(_, line)| line.is_empty() || line.starts_with(' '))
}

fn opens_endpoints(line: &str) -> bool {
    line.starts_with("endpoints:")
}

/// The line in which an endpoint begins.
fn defined(text: &str, name: &str) -> Option<u32> {
    let key = format!("  {name}:");
    let found = section(text).find(|(_, line)| line.starts_with(&key))?;
    u32::try_from(found.0 + 1).ok()
}

/// A text with the entry as the last of its endpoints.
fn extended(text: &str, entry: &[String]) -> String {
    let mut lines: Vec<&str> = text.lines().collect();
    let opening = lines.iter().position(|line| opens_endpoints(line));
    let end = match (opening, section(text).last()) {
        (_, Some((last, _))) => last + 1,
        // Without an endpoint in it, it is `endpoints: {}`.
        (Some(opening), None) => {
            lines[opening] = "endpoints:";
            opening + 1
        }
        (None, None) => {
            lines.push("endpoints:");
            lines.len()
        }
    };
    lines.splice(end..end, entry.iter().map(String::as_str));
    lines.join("\n") + "\n"
}

/// The line of the entry, once the whole spec has been loaded with it.
fn loaded(spec: &Source, path: &str, text: &str, id: &str) -> Result<u32, ScaffoldError> {
    let mut source = spec.clone();
    source.add(path, text);
    let line = |endpoint: &Endpoint| endpoint.origin.line;
    let findings = match load(&source) {
        Ok(api) => {
            let doubled = doubled_routes(spec, &source);
            if doubled.is_empty() {
                return Ok(api.endpoint(id).map_or(1, line));
            }
            doubled
        }
        Err(findings) => findings,
    };
    Err(ScaffoldError::Findings {
        findings,
        spec: Box::new(source),
    })
}

/// Routes that endpoints share only with the new entry. A spec may allow that, but who begins an entry would
/// mostly write one that is there.
fn doubled_routes(before: &Source, after: &Source) -> Findings {
    let doubled = |spec: &Source| -> Vec<Finding> {
        let findings = lint::check(spec).findings;
        let doubled = findings
            .iter()
            .filter(|finding| finding.rule == finding::DUPLICATE_ROUTE);
        doubled.cloned().collect()
    };
    let mut found = doubled(after);
    if !found.is_empty() {
        let known = doubled(before);
        found.retain(|finding| known.iter().all(|known| known.message != finding.message));
    }
    Findings::new(found)
}
