//! The state of one run over a spec: the current position, the types and the findings.

use std::borrow::Cow;

use serde_json::Value as Json;

use super::type_table::TypeTable;
use crate::characters;
use crate::finding::{Allowance, Finding};
use crate::model::{Bounds, Module, Origin, Type};

/// The state of one run over a spec.
pub(crate) struct Reader<'s> {
    paths: &'s [&'s str],
    /// The current position: an id followed by keys.
    subject: Vec<String>,
    /// Index of the module being read.
    pub(super) module: usize,
    /// Index of the module with the shared types of its project.
    pub(super) shared: Option<usize>,
    /// Whether every file was parsed; if not, a missing reference may be defined in an unparsed file.
    pub complete: bool,
    pub findings: Vec<Finding>,
    pub types: TypeTable,
    /// Examples and defaults, checked after all types have been read.
    pub literals: Vec<Literal>,
    /// The `allow:` entries.
    pub allowances: Vec<Allowance>,
    /// Positions of the keys of endpoints and named types.
    pub entry_origins: Vec<Origin>,
}

/// An example or default that matches its type, to be checked against bounds and enums later.
#[derive(Debug)]
pub(crate) struct Literal {
    pub value: Json,
    pub ty: Type,
    pub bounds: Bounds,
    pub origin: Origin,
    /// Prefix of the findings about it.
    pub subject: String,
}

impl<'s> Reader<'s> {
    /// Creates a reader for files with these paths.
    pub fn new(paths: &'s [&'s str]) -> Self {
        Self {
            paths,
            subject: Vec::new(),
            module: 0,
            shared: None,
            complete: true,
            findings: Vec::new(),
            types: TypeTable::default(),
            literals: Vec::new(),
            allowances: Vec::new(),
            entry_origins: Vec::new(),
        }
    }

    /// Returns each module with the index of its file.
    pub fn modules_with_files<'m>(&self, modules: &'m [Module]) -> Vec<(usize, &'m Module)> {
        let file = |module: &&Module| self.paths.iter().position(|path| *path == module.source);
        modules
            .iter()
            .filter_map(|module| Some((file(&module)?, module)))
            .collect()
    }

    /// Runs `read` with `part` appended to the subject of findings.
    pub(super) fn at_key<T>(&mut self, part: &str, read: impl FnOnce(&mut Self) -> T) -> T {
        self.subject.push(part.to_owned());
        let result = read(self);
        self.subject.pop();
        result
    }

    /// Formats the current position: `drive.v1.media.download query.extra: `.
    pub(super) fn format_subject(&self) -> String {
        match self.subject.split_first() {
            None => String::new(),
            Some((id, [])) => format!("{id}: "),
            Some((id, keys)) => format!("{id} {}: ", format_path(keys)),
        }
    }

    /// Reports a violation of `rule`.
    pub fn report(&mut self, rule: &'static str, origin: Origin, message: impl AsRef<str>) {
        let subject = self.format_subject();
        self.report_about(rule, origin, &subject, message.as_ref(), None);
    }

    /// Reports a violation of `rule` with its fix.
    pub fn report_with_help(
        &mut self,
        rule: &'static str,
        origin: Origin,
        message: impl AsRef<str>,
        help: impl Into<Cow<'static, str>>,
    ) {
        let subject = self.format_subject();
        self.report_about(rule, origin, &subject, message.as_ref(), Some(help.into()));
    }

    /// Reports a violation of `rule` about an explicit subject.
    pub fn report_about(
        &mut self,
        rule: &'static str,
        origin: Origin,
        subject: &str,
        message: &str,
        help: Option<Cow<'static, str>>,
    ) {
        let path = self.paths.get(origin.file).copied().unwrap_or_default();
        self.findings.push(Finding {
            rule,
            path: path.to_owned(),
            origin,
            message: format!("{subject}{message}"),
            help,
        });
    }
}

fn format_path(keys: &[String]) -> String {
    keys.iter()
        .map(|key| characters::escape(key))
        .collect::<Vec<_>>()
        .join(".")
}
