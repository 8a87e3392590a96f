//! Reads a spec file: its path, text, types, endpoints and `allow:` entries.

use super::value::{Entries, child, suggest_nearest};
use super::{Reader, Shape};
use crate::characters::{is_deceptive, quote};
use crate::finding::{self, Allowance, Rule, Span};
use crate::model::{Endpoint, Module, Origin, id_of_parts};
use crate::source::MAX_FILE_BYTES;
use crate::yaml::{Key, Node, Value};
use crate::{format, names};

impl Reader<'_> {
    /// Second pass: reads the description and the types of the file that is module `module`.
    pub fn read_module(&mut self, module: usize, name: &ModuleName, root: &Node) -> Module {
        self.enter_module(module, name);
        let mut result = Module {
            project: name.project.clone(),
            version: name.version.clone(),
            resource: name.resource.clone(),
            rust: name.rust.clone(),
            source: name.source.clone(),
            doc: None,
            endpoints: Vec::new(),
            types: Vec::new(),
            errors: Vec::new(),
        };
        self.at_key(&name.id(), |reader| {
            let Some(entries) = reader.expect_known_keys(root, format::FILE.names) else {
                return;
            };
            result.doc = reader.read_optional(&entries, "doc", Self::read_line);
            reader.read_allowances(&entries, Span::file());
            if let Some(types) = entries.get("types") {
                reader.read_named_types(types);
            }
            if let Some(errors) = entries.get("errors").filter(|_| name.is_errors()) {
                result.errors = reader.at_key("errors", |reader| reader.read_error_codes(name, errors));
            }
            reader.check_sections(&entries, name);
        });
        result
    }

    /// Reports the sections that this kind of file cannot have.
    fn check_sections(&mut self, entries: &Entries<'_>, name: &ModuleName) {
        if (name.is_shared() || name.is_errors()) && entries.get("endpoints").is_some() {
            let kind = if name.is_shared() {
                "shared types"
            } else {
                "error codes"
            };
            let message = format!("endpoints are not allowed in a file of {kind}");
            self.report(finding::ENDPOINTS_IN_TYPES, entries.origin_of("endpoints"), message);
        }
        if name.is_errors() && entries.get("types").is_some() {
            let message = "types are not allowed in a file of error codes";
            let help = "move them to the types.yaml of the project version";
            self.report_with_help(finding::KEY_NOT_APPLICABLE, entries.origin_of("types"), message, help);
        }
        if !name.is_errors() && entries.get("errors").is_some() {
            let message = "error codes are defined in the errors.yaml of the project version";
            let help = match name.source.as_str() {
                ModuleName::PLATFORM => "move them to spec/<project>/<version>/errors.yaml".to_owned(),
                _ => format!("move them to spec/{}/{}/errors.yaml", name.project, name.version),
            };
            self.report_with_help(finding::KEY_NOT_APPLICABLE, entries.origin_of("errors"), message, help);
        }
    }

    /// Third pass: reads the endpoints; all types under `types:` have been read.
    pub fn read_endpoints(&mut self, module: usize, name: &ModuleName, root: &Node) -> Vec<Endpoint> {
        self.enter_module(module, name);
        let Some(node) = child(root, "endpoints") else {
            return Vec::new();
        };
        let entries = self.at_key(&name.id(), |reader| reader.expect_mapping(node));
        let mut endpoints = Vec::new();
        for (key, node) in entries.unwrap_or_default() {
            let id = format!("{}.{}", name.id(), key.text);
            self.entry_origins.push(key.origin);
            endpoints.extend(self.at_key(&id.clone(), |reader| reader.read_endpoint(id, key, node)));
        }
        endpoints
    }

    /// Makes `module` the current module.
    fn enter_module(&mut self, module: usize, name: &ModuleName) {
        self.module = module;
        let version = self.types.shared_module(&name.project, &name.version);
        let platform = self.types.shared_module("", "");
        let is_platform_read = platform.is_some() || !self.paths.contains(&ModuleName::PLATFORM);
        self.is_scope_read = self.complete || version.is_some() && is_platform_read;
        let outer = [version, platform].into_iter().flatten();
        self.shared = outer.filter(|shared| *shared != module).collect();
        self.version = (name.project.clone(), name.version.clone());
    }
}

/// The project, version and resource of a file.
#[derive(Debug, Clone)]
pub(crate) struct ModuleName {
    pub project: String,
    pub version: String,
    pub resource: String,
    /// The Rust module.
    pub rust: String,
    /// The path of the file.
    pub source: String,
}

impl ModuleName {
    /// The resource name of a file with shared types.
    pub const SHARED: &str = "types";

    /// The resource name of the file with the error codes of a project version.
    pub const ERRORS: &str = "errors";

    /// The file with the types of the platform.
    pub const PLATFORM: &str = "spec/types.yaml";

    /// Returns `drive.v1.media`, the prefix of the ids of its endpoints; `types` for the platform's types.
    pub fn id(&self) -> String {
        id_of_parts([&self.project, &self.version, &self.resource])
    }

    /// Returns whether the file holds shared types instead of a resource.
    pub fn is_shared(&self) -> bool {
        self.resource == Self::SHARED
    }

    /// Returns whether the file holds error codes instead of a resource.
    pub fn is_errors(&self) -> bool {
        self.resource == Self::ERRORS
    }
}

/// Parses `spec/<project>/<version>/<resource>.yaml`, or `spec/types.yaml`.
pub(crate) fn parse_module_name(reader: &mut Reader<'_>, start: Origin, path: &str) -> Option<ModuleName> {
    let name = split_path(path);
    if let Err(error) = &name {
        let help =
            "expected spec/<project>/<version>/<resource>.yaml, such as spec/drive/v1/media.yaml, or spec/types.yaml";
        reader.report_with_help(finding::FILE_PATH, start, error, help);
    }
    name.ok()
}

fn split_path(path: &str) -> Result<ModuleName, String> {
    if path == ModuleName::PLATFORM {
        return Ok(ModuleName {
            project: String::new(),
            version: String::new(),
            resource: ModuleName::SHARED.to_owned(),
            rust: ModuleName::SHARED.to_owned(),
            source: path.to_owned(),
        });
    }
    let parts: Vec<&str> = path.split('/').collect();
    let ["spec", project, version, file] = parts.as_slice() else {
        return Err(format!("invalid path {}: it must have four parts", quote(path)));
    };
    let Some(resource) = file.strip_suffix(".yaml") else {
        let file = quote(file);
        return Err(format!("invalid file name {file}: it must end in .yaml"));
    };
    if !is_project(project) {
        let project = quote(project);
        return Err(format!("invalid or reserved project name {project}"));
    }
    if !names::is_version(version) {
        let version = quote(version);
        return Err(format!("invalid version {version}: expected `v` and a number"));
    }
    if !names::is_resource(resource) {
        let resource = quote(resource);
        return Err(format!("invalid resource name {resource}"));
    }
    Ok(ModuleName {
        project: (*project).to_owned(),
        version: (*version).to_owned(),
        resource: resource.to_owned(),
        rust: names::module(resource),
        source: path.to_owned(),
    })
}

/// A project name is a Rust module and a cargo feature, so it cannot be escaped.
fn is_project(text: &str) -> bool {
    names::is_snake(text) && !names::is_keyword(text) && !names::is_reserved_project(text)
}

/// Returns the text of a file; reports a file that is too large, not UTF-8, or contains hidden characters.
pub(crate) fn check_text<'b>(reader: &mut Reader<'_>, start: Origin, bytes: &'b [u8]) -> Option<&'b str> {
    if bytes.len() > MAX_FILE_BYTES {
        let limit = MAX_FILE_BYTES / 1024 / 1024;
        reader.report(
            finding::FILE_SIZE,
            start,
            format!("the file is larger than {limit} MiB: split the resource"),
        );
        return None;
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => check_visible(reader, start.file, text).then_some(text),
        Err(error) => {
            let before = String::from_utf8_lossy(&bytes[..error.valid_up_to()]);
            let origin = origin_at(start.file, &before, before.len());
            reader.report(finding::FILE_ENCODING, origin, "the file is not valid UTF-8");
            None
        }
    }
}

/// Maximum number of hidden characters to report in one file.
const MAX_REPORTS: usize = 20;

/// Reports hidden characters, also in comments, and returns whether the text contains none of them. A byte order mark at
/// the start of the file is allowed.
fn check_visible(reader: &mut Reader<'_>, file: usize, text: &str) -> bool {
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
            format!("hidden or control character U+{:04X}", u32::from(c)),
            "remove it",
        );
    }
    found.is_empty()
}

/// Reports hidden characters written as YAML escapes, such as `"\u202E"`, which [`check_text`] does not detect.
pub(crate) fn check_escaped_characters(reader: &mut Reader<'_>, root: &Node) {
    let mut left = MAX_REPORTS;
    let mut open = vec![root];
    while let Some(node) = open.pop() {
        match &node.value {
            Value::Text(text) => report_hidden(reader, text, node.origin, &mut left),
            Value::List(items) => open.extend(items.iter().rev()),
            Value::Map(entries) => {
                for (key, _) in entries {
                    report_hidden(reader, &key.text, key.origin, &mut left);
                }
                open.extend(entries.iter().rev().map(|(_, node)| node));
            }
            Value::Null | Value::Literal(_) => {}
        }
    }
}

fn report_hidden(reader: &mut Reader<'_>, text: &str, origin: Origin, left: &mut usize) {
    if let Some(c) = text.chars().find(|c| is_deceptive(*c))
        && let Some(fewer) = left.checked_sub(1)
    {
        *left = fewer;
        let message = format!("{} contains the character U+{:04X}", quote(text), u32::from(c));
        reader.report_with_help(finding::FORBIDDEN_CHARACTER, origin, message, "remove it");
    }
}

/// Returns the position of the byte at `offset`.
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
    /// First pass: declares the types under `types:` of a file, so that fields can reference them from anywhere.
    pub fn declare_types(&mut self, module: usize, name: &ModuleName, root: &Node) {
        if name.is_shared() {
            self.types.set_shared_module(&name.project, &name.version, module);
        }
        let Some(Value::Map(types)) = child(root, "types").map(|node| &node.value) else {
            return;
        };
        for (key, node) in types {
            self.types.declare(module, &key.text, detect_shape(node), key.origin);
        }
    }
}

fn detect_shape(node: &Node) -> Shape {
    match (child(node, "enum"), child(node, "type").map(|node| &node.value)) {
        (None, _) => Shape::Object,
        (Some(_), Some(Value::Text(kind))) if kind == "int" => Shape::IntEnum,
        (Some(_), _) => Shape::StringEnum,
    }
}

/// Returns the span of `key` and its value.
pub(super) fn entry_span(key: &Key, node: &Node) -> Span {
    Span::entry(key.origin, last_start(node))
}

/// Returns the offset of the last scalar in a node.
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
    /// Reads `allow: { rule-id: reason }`, which applies to `span`.
    pub(super) fn read_allowances(&mut self, entries: &Entries<'_>, span: Span) {
        let Some(node) = entries.get("allow") else { return };
        let subject = self.format_subject();
        self.at_key("allow", |reader| {
            for (key, node) in reader.expect_mapping(node).unwrap_or_default() {
                let reason = reader.at_key(&key.text, |reader| reader.read_line(node));
                let Some((rule, reason)) = reader.find_allowed_rule(key).zip(reason) else {
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

    fn find_allowed_rule(&mut self, key: &Key) -> Option<&'static str> {
        match Rule::with_id(&key.text) {
            Some(rule) if rule.can_be_allowed() => Some(rule.id),
            Some(rule) => {
                let message = format!("`{}` cannot be allowed", rule.id);
                self.report_with_help(finding::ALLOWANCE, key.origin, message, "fix the finding");
                None
            }
            None => {
                let known: Vec<&str> = Rule::all()
                    .filter(|rule| rule.can_be_allowed())
                    .map(|rule| rule.id)
                    .collect();
                let help = suggest_nearest(&key.text, &known, || "docs/spec/rules.md lists all rules".to_owned());
                let message = format!("unknown rule {}", quote(&key.text));
                self.report_with_help(finding::ALLOWANCE, key.origin, message, help);
                None
            }
        }
    }
}
