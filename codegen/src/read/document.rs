//! One spec file: its path, its text, its types and endpoints, and the lints that it allows.

use super::reader::Reader;
use super::type_table::Shape;
use super::value::child;
use super::value::{Entries, suggest};
use crate::characters::{is_deceptive, quote};
use crate::finding::Allowance;
use crate::finding::{Rule, Span};
use crate::model::{Endpoint, Module, Origin};
use crate::source::MAX_FILE_BYTES;
use crate::yaml::{Key, Node, Value};
use crate::{finding, format, names};

impl Reader<'_> {
    /// Second pass: reads what the file that is the module with index `module` says of itself and of its types.
    pub fn module(&mut self, module: usize, name: &ModuleName, root: &Node) -> Module {
        self.enter(module, name);
        let mut result = Module {
            project: name.project.clone(),
            version: name.version.clone(),
            resource: name.resource.clone(),
            rust: name.rust.clone(),
            source: name.source.clone(),
            doc: None,
            endpoints: Vec::new(),
            types: Vec::new(),
        };
        self.inside(&name.id(), |reader| {
            let Some(entries) = reader.entries(root, format::FILE.names) else {
                return;
            };
            result.doc = reader.optional(&entries, "doc", Self::line);
            reader.allow(&entries, Span::file(entries.origin.file));
            if let Some(types) = entries.get("types") {
                reader.named_types(types);
            }
            if name.is_shared() && entries.get("endpoints").is_some() {
                let message = "a file of shared types has no endpoints";
                reader.report(finding::ENDPOINTS_IN_TYPES, entries.origin_of("endpoints"), message);
            }
        });
        result
    }

    /// Third pass: reads the endpoints, for which the fields of every type under `types:` are known.
    pub fn endpoints(&mut self, module: usize, name: &ModuleName, root: &Node) -> Vec<Endpoint> {
        self.enter(module, name);
        let Some(node) = child(root, "endpoints") else {
            return Vec::new();
        };
        let entries = self.inside(&name.id(), |reader| reader.mapping(node));
        let mut endpoints = Vec::new();
        for (key, node) in entries.unwrap_or_default() {
            let id = format!("{}.{}", name.id(), key.text);
            self.starts.push(key.origin);
            endpoints.extend(self.inside(&id.clone(), |reader| reader.endpoint(id, key, node)));
        }
        endpoints
    }

    /// What is read from here on stands in this module.
    fn enter(&mut self, module: usize, name: &ModuleName) {
        self.module = module;
        self.shared = self.types.shared_module(&name.project, &name.version);
    }
}

/// Project, version and resource of a file.
#[derive(Debug, Clone)]
pub(crate) struct ModuleName {
    pub project: String,
    pub version: String,
    pub resource: String,
    /// The Rust module.
    pub rust: String,
    /// The path as it came.
    pub source: String,
}

impl ModuleName {
    /// The resource whose file holds the types that a project's version shares.
    pub const SHARED: &str = "types";

    /// `drive.v1.media`, the beginning of the endpoints' ids.
    pub fn id(&self) -> String {
        format!("{}.{}.{}", self.project, self.version, self.resource)
    }

    /// Whether the file holds shared types instead of a resource.
    pub fn is_shared(&self) -> bool {
        self.resource == Self::SHARED
    }
}

/// Reads `spec/<project>/<version>/<resource>.yaml`.
pub(crate) fn parse_module_name(reader: &mut Reader<'_>, start: Origin, path: &str) -> Option<ModuleName> {
    let name = taken_apart(path);
    if let Err(fault) = &name {
        let help = "a spec file is spec/<project>/<version>/<resource>.yaml, such as spec/drive/v1/media.yaml";
        reader.report_with_help(finding::FILE_PATH, start, fault, help);
    }
    name.ok()
}

fn taken_apart(path: &str) -> Result<ModuleName, String> {
    let parts: Vec<&str> = path.split('/').collect();
    let ["spec", project, version, file] = parts.as_slice() else {
        return Err(format!("the path {} has not four parts", quote(path)));
    };
    let Some(resource) = file.strip_suffix(".yaml") else {
        let file = quote(file);
        return Err(format!("the file name {file} does not end in .yaml"));
    };
    if !is_project(project) {
        let project = quote(project);
        return Err(format!("{project} cannot be the name of a project"));
    }
    if !names::is_version(version) {
        let version = quote(version);
        return Err(format!("{version} is no version: `v` and a number"));
    }
    if !names::is_resource(resource) {
        let resource = quote(resource);
        return Err(format!("{resource} cannot be the name of a resource"));
    }
    Ok(ModuleName {
        project: (*project).to_owned(),
        version: (*version).to_owned(),
        resource: resource.to_owned(),
        rust: names::module(resource),
        source: path.to_owned(),
    })
}

/// A project is a Rust module and a cargo feature under its own name, so it cannot be escaped.
fn is_project(text: &str) -> bool {
    names::is_snake(text) && !names::is_keyword(text) && !names::is_reserved_project(text)
}

/// The text of a file that a person could have reviewed: not too large, UTF-8, nothing invisible.
pub(crate) fn check_text<'b>(reader: &mut Reader<'_>, start: Origin, bytes: &'b [u8]) -> Option<&'b str> {
    if bytes.len() > MAX_FILE_BYTES {
        let limit = MAX_FILE_BYTES / 1024 / 1024;
        reader.report(
            finding::FILE_SIZE,
            start,
            format!("the file is larger than {limit} MiB; divide the resource"),
        );
        return None;
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => visible(reader, start.file, text).then_some(text),
        Err(error) => {
            let before = String::from_utf8_lossy(&bytes[..error.valid_up_to()]);
            let origin = origin_at(start.file, &before, before.len());
            reader.report(finding::FILE_ENCODING, origin, "the file is not UTF-8 from here on");
            None
        }
    }
}

/// After so many, the rest of the file would only repeat it.
const MAX_REPORTS: usize = 20;

/// Whether a reviewer sees the text as it is, comments included; reports where not. A byte order
/// mark at the very beginning may stay.
fn visible(reader: &mut Reader<'_>, file: usize, text: &str) -> bool {
    let body = text.strip_prefix('\u{feff}').unwrap_or(text);
    let skipped = text.len() - body.len();
    let found: Vec<(usize, char)> = body
        .char_indices()
        .filter(|(_, c)| is_deceptive(*c))
        .take(MAX_REPORTS)
        .collect();
    for &(offset, c) in &found {
        let mut origin = origin_at(file, text, offset + skipped);
        origin.length = c.len_utf8();
        reader.report_with_help(
            finding::FORBIDDEN_CHARACTER,
            origin,
            format!("the character U+{:04X} does not show as what it is", u32::from(c)),
            "remove it",
        );
    }
    found.is_empty()
}

/// Reports characters that came into a tree behind an escape of YAML, such as `"\u202E"`, where [`visible`]
/// cannot see them.
pub(crate) fn check_hidden(reader: &mut Reader<'_>, root: &Node) {
    let mut left = MAX_REPORTS;
    let mut open = vec![root];
    while let Some(node) = open.pop() {
        match &node.value {
            Value::Text(text) => hidden(reader, text, node.origin, &mut left),
            Value::List(items) => open.extend(items.iter().rev()),
            Value::Map(entries) => {
                for (key, _) in entries {
                    hidden(reader, &key.text, key.origin, &mut left);
                }
                open.extend(entries.iter().rev().map(|(_, node)| node));
            }
            Value::Null | Value::Literal(_) => {}
        }
    }
}

fn hidden(reader: &mut Reader<'_>, text: &str, origin: Origin, left: &mut usize) {
    if let Some(c) = text.chars().find(|c| is_deceptive(*c))
        && let Some(fewer) = left.checked_sub(1)
    {
        *left = fewer;
        let message = format!("{} holds the character U+{:04X}", quote(text), u32::from(c));
        reader.report_with_help(finding::FORBIDDEN_CHARACTER, origin, message, "remove it");
    }
}

/// The place of the byte at `offset`.
fn origin_at(file: usize, text: &str, offset: usize) -> Origin {
    let before = text.get(..offset).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    Origin {
        file,
        line: u32::try_from(before.matches('\n').count() + 1).unwrap_or(u32::MAX),
        column: u32::try_from(before[line_start..].chars().count() + 1).unwrap_or(u32::MAX),
        offset,
        length: 0,
    }
}

impl Reader<'_> {
    /// Notes the types under `types:` of one file. What is wrong with them is reported when they are read.
    pub fn declare(&mut self, module: usize, name: &ModuleName, root: &Node) {
        if name.is_shared() {
            self.types.share(&name.project, &name.version, module);
        }
        let Some(Value::Map(types)) = child(root, "types").map(|node| &node.value) else {
            return;
        };
        for (key, node) in types {
            self.types.declare(module, &key.text, shape(node), key.origin);
        }
    }
}

fn shape(node: &Node) -> Shape {
    match (child(node, "enum"), child(node, "type").map(|node| &node.value)) {
        (None, _) => Shape::Object,
        (Some(_), Some(Value::Text(kind))) if kind == "int" => Shape::IntEnum,
        (Some(_), _) => Shape::StringEnum,
    }
}

/// The part of the file that `key` and its value take.
pub(super) fn entry_span(key: &Key, node: &Node) -> Span {
    Span::entry(key.origin, last_start(node))
}

/// Where the last thing in a node begins.
fn last_start(node: &Node) -> usize {
    match &node.value {
        Value::List(items) => items.last().map(last_start),
        Value::Map(entries) => entries
            .last()
            .map(|(key, node)| last_start(node).max(key.origin.offset)),
        _ => None,
    }
    .unwrap_or(node.origin.offset)
}

impl Reader<'_> {
    /// Reads `allow: { rule-id: reason }`, which holds for all of `span`.
    pub(super) fn allow(&mut self, entries: &Entries<'_>, span: Span) {
        let Some(node) = entries.get("allow") else { return };
        let subject = self.subject();
        self.inside("allow", |reader| {
            for (key, node) in reader.mapping(node).unwrap_or_default() {
                let reason = reader.inside(&key.text, |reader| reader.line(node));
                let Some((rule, reason)) = reader.allowed_rule(key).zip(reason) else {
                    continue;
                };
                reader.allowances.push(Allowance {
                    rule,
                    reason,
                    span,
                    subject: subject.clone(),
                    origin: key.origin,
                });
            }
        });
    }

    fn allowed_rule(&mut self, key: &Key) -> Option<&'static str> {
        match Rule::with_id(&key.text) {
            Some(rule) if rule.can_be_allowed() => Some(rule.id),
            Some(rule) => {
                let message = format!("`{}` cannot be allowed", rule.id);
                self.report_with_help(finding::ALLOWANCE, key.origin, message, "mend what it finds");
                None
            }
            None => {
                let known: Vec<&str> = Rule::all()
                    .filter(|rule| rule.can_be_allowed())
                    .map(|rule| rule.id)
                    .collect();
                let help = suggest(&key.text, &known, || "docs/rules.md lists them all".to_owned());
                let message = format!("there is no rule {}", quote(&key.text));
                self.report_with_help(finding::ALLOWANCE, key.origin, message, help);
                None
            }
        }
    }
}
