//! From the text of a spec to its model: parse, declare, read, check.

use std::thread;

use crate::finding::{Allowance, Finding, Findings, Severity};
use crate::model::{Api, Module, Origin};
use crate::read::{ModuleName, Reader};
use crate::source::{MAX_FILE_BYTES, Source};
use crate::yaml::{self, Node, SyntaxError};
use crate::{check, finding, parallel, read};

/// Reads a spec. Either all of it is right, or every finding comes back and nothing else does.
pub fn load(source: &Source) -> Result<Api, Findings> {
    load_by(source, yaml::parse_here)
}

/// As [`load()`], where `parse` does what [`yaml::parse_here`] does.
pub(crate) fn load_by(source: &Source, parse: impl Parse) -> Result<Api, Findings> {
    let loaded = read_all_by(source, parse);
    if loaded.errors.is_empty() {
        Ok(loaded.api)
    } else {
        Err(Findings::new(loaded.errors))
    }
}

/// Makes a tree of the text of the file with this index.
pub(crate) trait Parse: Fn(usize, &str) -> Result<Node, SyntaxError> + Sync {}

impl<F: Fn(usize, &str) -> Result<Node, SyntaxError> + Sync> Parse for F {}

/// What could be read of a spec, right or wrong.
pub(crate) struct Loaded {
    /// With stand-ins and gaps where there are errors.
    pub api: Api,
    pub errors: Vec<Finding>,
    /// What was found on the way and keeps no code from being generated: lints.
    pub lints: Vec<Finding>,
    pub allowances: Vec<Allowance>,
    /// Where endpoints and named types begin.
    pub entries: Vec<Origin>,
}

/// Reads as much of a spec as can be read.
pub(crate) fn read_all(source: &Source) -> Loaded {
    read_all_by(source, yaml::parse_here)
}

fn read_all_by(source: &Source, parse: impl Parse) -> Loaded {
    let files: Vec<(usize, &[u8])> = source.files().map(|(_, bytes)| bytes).enumerate().collect();
    let trees = parallel::map(&files, |&(file, bytes)| parsed(file, bytes, &parse));
    let paths: Vec<&str> = source.files().map(|(path, _)| path).collect();
    let mut reader = Reader::new(&paths);
    let documents: Vec<Document> = source
        .files()
        .zip(trees)
        .enumerate()
        .filter_map(|(file, ((path, bytes), tree))| document(&mut reader, file, path, bytes, tree))
        .collect();
    reader.complete = documents.len() == source.len();

    for (module, document) in documents.iter().enumerate() {
        reader.declare(module, &document.name, &document.root);
    }
    let mut modules: Vec<Module> = documents
        .iter()
        .enumerate()
        .map(|(module, document)| reader.module(module, &document.name, &document.root))
        .collect();
    // Only now, since what is shared may stand in a file that comes later.
    for (module, (document, target)) in documents.iter().zip(&mut modules).enumerate() {
        target.endpoints = reader.endpoints(module, &document.name, &document.root);
    }
    reader.types.hand_out(&mut modules);
    let api = thread::scope(|scope| {
        // Freeing them takes longer than the checks.
        let _ = thread::Builder::new().spawn_scoped(scope, move || drop(documents));
        check::all(&mut reader, modules)
    });
    let severe = |finding: &Finding| finding.severity() == Severity::Error;
    let (errors, lints) = reader.findings.into_iter().partition(severe);
    Loaded {
        api,
        errors,
        lints,
        allowances: reader.allowances,
        entries: reader.starts,
    }
}

/// A file that could be parsed.
struct Document {
    name: ModuleName,
    root: Node,
}

/// The tree of a file, where it is a text that the format lets be so large.
fn parsed(file: usize, bytes: &[u8], parse: impl Parse) -> Option<Result<Node, SyntaxError>> {
    let text = std::str::from_utf8(bytes)
        .ok()
        .filter(|text| text.len() <= MAX_FILE_BYTES);
    text.map(|text| parse(file, text))
}

fn document(
    reader: &mut Reader<'_>,
    file: usize,
    path: &str,
    bytes: &[u8],
    tree: Option<Result<Node, SyntaxError>>,
) -> Option<Document> {
    let start = Origin {
        file,
        line: 1,
        column: 1,
        ..Origin::default()
    };
    let name = read::parse_module_name(reader, start, path);
    read::check_text(reader, start, bytes)?;
    match tree? {
        Ok(root) => {
            read::check_hidden(reader, &root);
            Some(Document { name: name?, root })
        }
        Err(error) => {
            reader.report(finding::YAML_SYNTAX, error.origin, error.message);
            None
        }
    }
}
