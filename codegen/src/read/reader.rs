//! The state of one run over a spec, and its findings.

use std::borrow::Cow;

use serde_json::Value as Json;

use super::type_table::TypeTable;
use crate::characters;
use crate::finding::{Allowance, Finding};
use crate::model::{Bounds, Module, Origin, Type};

/// The state of one run over a spec.
pub(crate) struct Reader<'s> {
    paths: &'s [&'s str],
    /// Where the reader is: an id first, then keys.
    subject: Vec<String>,
    /// Index of the module that is read.
    pub(super) module: usize,
    /// Index of the module with the types that its project shares.
    pub(super) shared: Option<usize>,
    /// Whether every file could be parsed; if not, what seems missing may stand in the others.
    pub complete: bool,
    pub findings: Vec<Finding>,
    pub types: TypeTable,
    /// Examples and defaults, to be checked once all types are known.
    pub literals: Vec<Literal>,
    /// What is allowed, and where.
    pub allowances: Vec<Allowance>,
    /// Where endpoints and named types begin.
    pub starts: Vec<Origin>,
}

/// An example or a default that has the form of its type, to be held against bounds and enums later.
#[derive(Debug)]
pub(crate) struct Literal {
    pub value: Json,
    pub ty: Type,
    pub bounds: Bounds,
    pub origin: Origin,
    /// What findings about it begin with.
    pub subject: String,
}

impl<'s> Reader<'s> {
    /// A reader for files with these paths.
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
            starts: Vec::new(),
        }
    }

    /// Each module with the index of its file.
    pub fn modules<'m>(&self, modules: &'m [Module]) -> Vec<(usize, &'m Module)> {
        let file = |module: &&Module| self.paths.iter().position(|path| *path == module.source);
        modules
            .iter()
            .filter_map(|module| Some((file(&module)?, module)))
            .collect()
    }

    /// Reads with `part` added to what findings say they are about.
    pub(super) fn inside<T>(&mut self, part: &str, read: impl FnOnce(&mut Self) -> T) -> T {
        self.subject.push(part.to_owned());
        let result = read(self);
        self.subject.pop();
        result
    }

    /// Where the reader is, for people: `drive.v1.media.download query.extra: `.
    pub(super) fn subject(&self) -> String {
        match self.subject.split_first() {
            None => String::new(),
            Some((id, [])) => format!("{id}: "),
            Some((id, keys)) => format!("{id} {}: ", shown_path(keys)),
        }
    }

    /// Reports that something breaks `rule`.
    pub fn report(&mut self, rule: &'static str, origin: Origin, message: impl AsRef<str>) {
        let subject = self.subject();
        self.report_about(rule, origin, &subject, message.as_ref(), None);
    }

    /// Reports that something breaks `rule`, and the way out.
    pub fn report_with_help(
        &mut self,
        rule: &'static str,
        origin: Origin,
        message: impl AsRef<str>,
        help: impl Into<Cow<'static, str>>,
    ) {
        let subject = self.subject();
        self.report_about(rule, origin, &subject, message.as_ref(), Some(help.into()));
    }

    /// Reports on a subject that the reader has left.
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

fn shown_path(keys: &[String]) -> String {
    keys.iter()
        .map(|key| characters::escape(key))
        .collect::<Vec<_>>()
        .join(".")
}
