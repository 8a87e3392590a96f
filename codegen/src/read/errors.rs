//! Reads the error codes of a project version, and the documented errors of an endpoint.

use std::collections::HashMap;

use super::Reader;
use super::document::ModuleName;
use super::value::{Entries, parse_integer};
use crate::characters::quote;
use crate::model::{ErrorCode, ErrorEntry, Origin};
use crate::yaml::{Key, Node, Value};
use crate::{finding, format, names};

/// The error codes of all project versions.
#[derive(Debug, Default)]
pub(crate) struct ErrorTable(HashMap<(String, String), HashMap<i64, ErrorCode>>);

impl ErrorTable {
    fn insert(&mut self, name: &ModuleName, codes: &[ErrorCode]) {
        let by_code = codes.iter().map(|code| (code.code, code.clone()));
        let version = (name.project.clone(), name.version.clone());
        self.0.insert(version, by_code.collect());
    }
}

/// The status of a code that could not be read.
const DEFAULT_STATUS: u16 = 400;

/// The properties that an entry and a definition have in common.
struct Properties {
    http: Option<u16>,
    msg: Option<String>,
    doc: Option<String>,
    retry: Option<bool>,
}

impl Reader<'_> {
    /// Reads `errors:` of an `errors.yaml`.
    pub(super) fn read_error_codes(&mut self, name: &ModuleName, node: &Node) -> Vec<ErrorCode> {
        let entries = self.expect_mapping(node).unwrap_or_default();
        let mut codes: Vec<ErrorCode> = Vec::new();
        let mut variants: HashMap<String, i64> = HashMap::new();
        let mut lines: HashMap<i64, u32> = HashMap::new();
        for (key, node) in entries {
            let Some(code) = self.at_key(&key.text, |reader| reader.read_error_definition(key, node)) else {
                continue;
            };
            if let Some(line) = lines.insert(code.code, key.origin.line) {
                let message = format!("code {} is already defined in line {line}", code.code);
                self.report_with_help(finding::DUPLICATE_ERROR, key.origin, message, "merge the entries");
                continue;
            }
            if let Some(other) = variants.insert(code.rust.clone(), code.code) {
                let message = format!("{other} and {} both map to the variant `{}`", code.code, code.rust);
                self.report_with_help(finding::SAME_RUST_NAME, key.origin, message, "set different `name`s");
            }
            codes.push(code);
        }
        self.errors.insert(name, &codes);
        codes
    }

    fn read_error_definition(&mut self, key: &Key, node: &Node) -> Option<ErrorCode> {
        let code = self.read_code_key(key);
        let entries = self.expect_known_keys(node, format::ERROR_CODE.names)?;
        let http = self.read_required_key(&entries, "http", Self::read_status);
        let name = self.read_optional(&entries, "name", Self::read_snake_name);
        let Properties { msg, doc, retry, .. } = self.read_properties(&entries);
        let code = code?;
        Some(ErrorCode {
            code,
            rust: name
                .and_then(|name| names::variant(&name))
                .unwrap_or_else(|| default_variant_name(code)),
            http: http?,
            msg,
            doc,
            retry: retry.unwrap_or(false),
            origin: key.origin,
        })
    }

    fn read_code_key(&mut self, key: &Key) -> Option<i64> {
        match parse_integer(&Value::Literal(key.text.clone())) {
            Some(code) => self.check_error_code(code, key.origin),
            None => {
                let message = format!("invalid error code {}: expected an integer", quote(&key.text));
                self.report(finding::ERROR_CODE, key.origin, message);
                None
            }
        }
    }

    /// Reads the documented errors of an endpoint.
    pub(super) fn read_errors(&mut self, node: &Node) -> Option<Vec<ErrorEntry>> {
        let errors = self.read_each(node, Self::read_error)?;
        for (index, error) in errors.iter().enumerate() {
            if let Some(other) = errors[..index].iter().find(|other| is_same_error(other, error)) {
                let what = describe_error(error);
                let message = format!("{what} is already documented in line {}", other.origin.line);
                self.report_with_help(finding::DUPLICATE_ERROR, error.origin, message, "merge the entries");
            }
        }
        Some(errors)
    }

    /// Reads a code, or a mapping.
    fn read_error(&mut self, node: &Node) -> Option<ErrorEntry> {
        if !matches!(node.value, Value::Map(_)) {
            let code = self.read_error_code(node)?;
            let definition = self.find_error_code(code, node.origin);
            return Some(entry_of(&definition, node.origin));
        }
        let entries = self.expect_known_keys(node, format::ERROR.names)?;
        let properties = self.read_properties(&entries);
        let http = self.read_optional(&entries, "http", Self::read_status);
        let properties = Properties { http, ..properties };
        match entries.get("code") {
            Some(code) => self.read_differences(code, properties, node.origin),
            None => {
                if entries.get("http").is_none() {
                    self.report(finding::MISSING_KEY, node.origin, "`http` is missing");
                }
                Some(ErrorEntry {
                    http: http?,
                    code: None,
                    msg: properties.msg,
                    rust: None,
                    doc: properties.doc,
                    retry: properties.retry.unwrap_or(false),
                    differs: true,
                    origin: node.origin,
                })
            }
        }
    }

    /// Reads a code whose properties differ from its definition.
    fn read_differences(&mut self, node: &Node, properties: Properties, origin: Origin) -> Option<ErrorEntry> {
        let code = self.at_key("code", |reader| reader.read_error_code(node))?;
        let definition = self.find_error_code(code, node.origin);
        let mut entry = entry_of(&definition, origin);
        entry.http = properties.http.unwrap_or(entry.http);
        entry.msg = properties.msg.or(entry.msg);
        entry.doc = properties.doc.or(entry.doc);
        entry.retry = properties.retry.unwrap_or(entry.retry);
        entry.differs = (entry.http, &entry.msg, &entry.doc, entry.retry)
            != (definition.http, &definition.msg, &definition.doc, definition.retry);
        if !entry.differs {
            let message = format!("the entry is equal to the definition of {code}");
            let help = format!("write `- {code}`");
            self.report_with_help(finding::REDUNDANT_ERROR, origin, message, help);
        }
        Some(entry)
    }

    fn read_properties(&mut self, entries: &Entries<'_>) -> Properties {
        Properties {
            http: None,
            msg: self.read_optional(entries, "msg", Self::read_line),
            doc: self.read_optional(entries, "doc", Self::read_line),
            retry: self.read_optional(entries, "retry", Self::read_flag),
        }
    }

    /// Returns the definition of a code in the `errors.yaml` of the endpoint's project version.
    fn find_error_code(&mut self, code: i64, origin: Origin) -> ErrorCode {
        let codes = self.errors.0.get(&self.version);
        if let Some(definition) = codes.and_then(|codes| codes.get(&code)) {
            return definition.clone();
        }
        // The file may be among those that could not be parsed.
        if self.complete || codes.is_some() {
            let (project, version) = &self.version;
            let file = format!("spec/{project}/{version}/{}.yaml", ModuleName::ERRORS);
            let message = format!("the error code {code} is not in {}", quote(&file));
            let help = format!("define it there: `{code}: {{ http: 400, msg: ..., name: ..., doc: ... }}`");
            self.report_with_help(finding::UNRESOLVED_ERROR, origin, message, help);
        }
        // A placeholder, so that the code counts as documented.
        ErrorCode {
            code,
            rust: default_variant_name(code),
            http: DEFAULT_STATUS,
            msg: None,
            doc: None,
            retry: false,
            origin,
        }
    }

    fn read_status(&mut self, node: &Node) -> Option<u16> {
        let status: u16 = self.read_count(node)?;
        if (200..600).contains(&status) {
            return Some(status);
        }
        let message = format!(
            "invalid HTTP status {}: expected 200 to 599",
            quote(&status.to_string())
        );
        self.report(finding::HTTP_STATUS, node.origin, message);
        None
    }

    pub(super) fn read_error_code(&mut self, node: &Node) -> Option<i64> {
        let code = self.read_integer(node)?;
        self.check_error_code(code, node.origin)
    }

    fn check_error_code(&mut self, code: i64, origin: Origin) -> Option<i64> {
        if code != 0 {
            return Some(code);
        }
        self.report(finding::ERROR_CODE, origin, "invalid error code 0: it means success");
        None
    }
}

fn entry_of(definition: &ErrorCode, origin: Origin) -> ErrorEntry {
    ErrorEntry {
        http: definition.http,
        code: Some(definition.code),
        msg: definition.msg.clone(),
        rust: Some(definition.rust.clone()),
        doc: definition.doc.clone(),
        retry: definition.retry,
        differs: false,
        origin,
    }
}

/// Errors are identified by code, or by status if they have no code.
fn is_same_error(one: &ErrorEntry, other: &ErrorEntry) -> bool {
    match (one.code, other.code) {
        (Some(one), Some(other)) => one == other,
        (None, None) => one.http == other.http,
        _ => false,
    }
}

fn describe_error(error: &ErrorEntry) -> String {
    match error.code {
        Some(code) => format!("code {code}"),
        None => format!("HTTP status {} without a code", error.http),
    }
}

fn default_variant_name(code: i64) -> String {
    if code < 0 {
        format!("CodeMinus{}", code.unsigned_abs())
    } else {
        format!("Code{code}")
    }
}
