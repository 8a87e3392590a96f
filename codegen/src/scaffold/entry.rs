//! The lines of a new entry: what its address says, and as comments what the page has to say.

use crate::layout;
use crate::names;

const FACTS_BEFORE: &[&str] = &[
    "# Fill in what the page says, and remove what it does not say: docs/spec-format.md has every key.",
    "# summary: What it does.",
    "# docs: https://open.feishu.cn/document/...",
    "# updated: 2025-01-31",
];

const FACTS_BEHIND: &[&str] = &[
    "# tokens: [tenant, user]",
    "# apps: [custom, store]",
    "# scopes: [drive:drive, drive:drive:readonly]",
    "# limits: [special, 5/second, 100/minute]",
];

const ANSWER: &[&str] = &[
    "# response:",
    "#   key: { type: string, required: true, doc: What it is. }",
    "# errors:",
    "#   - { http: 400, code: 1061002, msg: params error., name: invalid_params, doc: A parameter is wrong. }",
];

/// The lines of an entry under `endpoints:`.
pub(super) fn lines(name: &str, http: &str) -> Vec<String> {
    let mut inside: Vec<String> = owned(FACTS_BEFORE);
    inside.push(format!("http: {}", layout::scalar(http)));
    inside.extend(owned(FACTS_BEHIND));
    inside.extend(path(http));
    let parameters = if http.starts_with("GET ") { "query" } else { "body" };
    inside.push(format!("# {parameters}:"));
    inside.push("#   key: { type: string, required: true, doc: What it is., example: abc }".to_owned());
    inside.extend(owned(ANSWER));
    let inside = inside.iter().map(|line| format!("    {line}"));
    [format!("  {name}:")].into_iter().chain(inside).collect()
}

fn owned(lines: &[&str]) -> Vec<String> {
    lines.iter().map(|line| (*line).to_owned()).collect()
}

/// The parameters of the path; what is none the loader will name.
fn path(http: &str) -> Vec<String> {
    let path = http.split(' ').next_back().unwrap_or_default();
    let names = path.split('/').filter_map(|segment| segment.strip_prefix(':'));
    let fields: Vec<String> = names
        .filter(|name| names::member(name).is_some() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_'))
        .map(|name| format!("  {name}: {{ type: string }}"))
        .collect();
    let head = (!fields.is_empty()).then(|| "path:".to_owned());
    head.into_iter().chain(fields).collect()
}
