//! Adds a new entry to the spec, with comments for a person to fill in: `spec new`.

use crate::model::Endpoint;
use crate::{Finding, Findings, LayoutError, Source, finding, layout, lint, load, names, schema};

/// The id and the route of a new endpoint.
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
    /// The path of the file: `spec/drive/v1/file.yaml`.
    pub path: String,
    /// The text of the file.
    pub text: String,
    /// The 1-based line of the entry.
    pub line: u32,
}

/// Why an entry could not be added.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ScaffoldError {
    /// The id is invalid.
    #[error("invalid endpoint id `{0}`: expected project.version.resource.method, such as drive.v1.file.copy")]
    Id(String),
    /// The entry exists.
    #[error("{path}:{line}: `{id}` already exists: nothing was written")]
    Exists {
        /// The id of the endpoint.
        id: String,
        /// The path of its file.
        path: String,
        /// The 1-based line of the entry.
        line: u32,
    },
    /// The spec is invalid with the new entry.
    #[error("{findings}")]
    Findings {
        /// What is invalid.
        findings: Findings,
        /// The spec with the new entry.
        spec: Box<Source>,
    },
    /// The file could not be formatted.
    #[error(transparent)]
    Layout(#[from] LayoutError),
}

/// Adds an entry at the end of its file. The result has been loaded and is formatted as by `spec fmt`; the other
/// entries are unchanged.
///
/// # Errors
///
/// If the id is invalid or exists, if the spec with the entry is invalid, or if the file could not be formatted.
pub fn scaffold(spec: &Source, new: NewEndpoint<'_>) -> Result<Scaffold, ScaffoldError> {
    let (path, name) = file_and_key(new.id).ok_or_else(|| ScaffoldError::Id(new.id.to_owned()))?;
    let existing = spec.files().find(|(other, _)| *other == path).map(|(_, bytes)| bytes);
    let before = match existing {
        Some(bytes) => layout(&path, bytes)?,
        None => format!("{}\n# doc: What the resource is.\n", schema::EDITOR_LINE),
    };
    if let Some(line) = find_entry(&before, name) {
        let id = new.id.to_owned();
        return Err(ScaffoldError::Exists { id, path, line });
    }
    let entry = entry_lines(name, new.http);
    let text = layout(&path, append_entry(&before, &entry).as_bytes())?;
    let line = load_entry(spec, &path, &text, new.id)?;
    Ok(Scaffold { path, text, line })
}

/// Returns the spec file and the key of an id.
fn file_and_key(id: &str) -> Option<(String, &str)> {
    let (module, name) = id.rsplit_once('.')?;
    let mut parts = module.splitn(3, '.');
    let (project, version, resource) = (parts.next()?, parts.next()?, parts.next()?);
    names::is_endpoint_id(id).then(|| (format!("spec/{project}/{version}/{resource}.yaml"), name))
}

/// Returns the lines after the key `endpoints`, up to the next key. `text` must be formatted.
fn endpoint_lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut lines = text.lines().enumerate().skip_while(|(_, line)| !opens_endpoints(line));
    lines.next();
    lines.take_while(|(_, line)| line.is_empty() || line.starts_with(' '))
}

fn opens_endpoints(line: &str) -> bool {
    line.starts_with("endpoints:")
}

/// Returns the line of an existing entry.
fn find_entry(text: &str, name: &str) -> Option<u32> {
    let key = format!("  {name}:");
    let found = endpoint_lines(text).find(|(_, line)| line.starts_with(&key))?;
    u32::try_from(found.0 + 1).ok()
}

/// Appends an entry to the endpoints of a file.
fn append_entry(text: &str, entry: &[String]) -> String {
    let mut lines: Vec<&str> = text.lines().collect();
    let opening = lines.iter().position(|line| opens_endpoints(line));
    let end = match (opening, endpoint_lines(text).last()) {
        (_, Some((last, _))) => last + 1,
        // A file without endpoints has `endpoints: {}`.
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

/// Loads the spec with the new entry and returns its line.
fn load_entry(spec: &Source, path: &str, text: &str, id: &str) -> Result<u32, ScaffoldError> {
    let mut source = spec.clone();
    source.add(path, text);
    let line = |endpoint: &Endpoint| endpoint.origin.line;
    let findings = match load(&source) {
        Ok(api) => {
            let duplicates = new_duplicate_routes(spec, &source);
            if duplicates.is_empty() {
                return Ok(api.endpoint(id).map_or(1, line));
            }
            duplicates
        }
        Err(findings) => findings,
    };
    Err(ScaffoldError::Findings {
        findings,
        spec: Box::new(source),
    })
}

/// Returns the duplicate routes that the new entry introduces. The format can allow a duplicate route, but a new entry
/// with one usually repeats an existing endpoint.
fn new_duplicate_routes(before: &Source, after: &Source) -> Findings {
    let duplicates = |spec: &Source| -> Vec<Finding> {
        let findings = lint::check(spec).findings;
        let duplicates = findings
            .iter()
            .filter(|finding| finding.rule == finding::DUPLICATE_ROUTE);
        duplicates.cloned().collect()
    };
    let mut found = duplicates(after);
    if !found.is_empty() {
        let existing = duplicates(before);
        found.retain(|finding| existing.iter().all(|other| other.message != finding.message));
    }
    Findings::new(found)
}

const LINES_BEFORE_HTTP: &[&str] = &[
    "# Fill in what the page documents and remove the rest; docs/spec/format.md describes every key.",
    "# summary: What it does.",
    "# docs: https://open.feishu.cn/document/...",
    "# updated: 2025-01-31",
];

const LINES_AFTER_HTTP: &[&str] = &[
    "# tokens: [tenant, user]",
    "# apps: [custom, store]",
    "# scopes: [drive:drive, drive:drive:readonly]",
    "# limits: [special, 5/second, 100/minute]",
];

const RESPONSE_LINES: &[&str] = &[
    "# response:",
    "#   key: { type: string, required: true, doc: What it is. }",
    "# errors: # Codes of errors.yaml in this directory, and statuses without a code.",
    "#   - { http: 403, doc: The caller may not read the file. }",
];

/// Returns the lines of a new entry under `endpoints:`.
fn entry_lines(name: &str, http: &str) -> Vec<String> {
    let mut lines: Vec<String> = owned(LINES_BEFORE_HTTP);
    lines.push(format!("http: {}", layout::scalar(http)));
    lines.extend(owned(LINES_AFTER_HTTP));
    lines.extend(path_lines(http));
    let parameters = if http.starts_with("GET ") { "query" } else { "body" };
    lines.push(format!("# {parameters}:"));
    lines.push("#   key: { type: string, required: true, doc: What it is., example: abc }".to_owned());
    lines.extend(owned(RESPONSE_LINES));
    let lines = lines.iter().map(|line| format!("    {line}"));
    [format!("  {name}:")].into_iter().chain(lines).collect()
}

fn owned(lines: &[&str]) -> Vec<String> {
    lines.iter().map(|line| (*line).to_owned()).collect()
}

/// Returns the lines of the path parameters. Invalid names are skipped: the loader reports them.
fn path_lines(http: &str) -> Vec<String> {
    let path = http.split(' ').next_back().unwrap_or_default();
    let names = path.split('/').filter_map(|segment| segment.strip_prefix(':'));
    let fields: Vec<String> = names
        .filter(|name| names::member(name).is_some() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_'))
        .map(|name| format!("  {name}: {{ type: string }}"))
        .collect();
    let head = (!fields.is_empty()).then(|| "path:".to_owned());
    head.into_iter().chain(fields).collect()
}
