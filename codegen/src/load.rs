//! Loads a spec: parses the files, declares types, reads entries and checks the result.

use std::thread;

use crate::finding::{Allowance, Finding, Findings, Severity};
use crate::model::{Api, Module, Origin};
use crate::read::{ModuleName, Reader};
use crate::source::{MAX_FILE_BYTES, Source};
use crate::yaml::{self, Node, SyntaxError};
use crate::{check, finding, parallel, read};

/// Loads a spec.
///
/// # Errors
///
/// Returns every error of every file if there is one.
pub fn load(source: &Source) -> Result<Api, Findings> {
    load_with(source, yaml::parse_on_this_thread)
}

/// Loads a spec with `parse` in place of [`yaml::parse_on_this_thread`].
pub(crate) fn load_with(source: &Source, parse: impl Parse) -> Result<Api, Findings> {
    let loaded = read_all_with(source, parse);
    if loaded.errors.is_empty() {
        Ok(loaded.api)
    } else {
        Err(Findings::new(loaded.errors))
    }
}

/// Parses the text of the file with this index.
pub(crate) trait Parse: Fn(usize, &str) -> Result<Node, SyntaxError> + Sync {}

impl<F: Fn(usize, &str) -> Result<Node, SyntaxError> + Sync> Parse for F {}

/// What could be read of a spec.
pub(crate) struct Loaded {
    /// Incomplete, with placeholders, where there are errors.
    pub api: Api,
    pub errors: Vec<Finding>,
    /// Findings below the severity of an error.
    pub lints: Vec<Finding>,
    pub allowances: Vec<Allowance>,
    /// Positions of the keys of endpoints and named types.
    pub entries: Vec<Origin>,
}

/// Reads as much of a spec as possible.
pub(crate) fn read_all(source: &Source) -> Loaded {
    read_all_with(source, yaml::parse_on_this_thread)
}

fn read_all_with(source: &Source, parse: impl Parse) -> Loaded {
    let files: Vec<(usize, &[u8])> = source.files().map(|(_, bytes)| bytes).enumerate().collect();
    let trees = parallel::map(&files, |&(file, bytes)| parse_file(file, bytes, &parse));
    let paths: Vec<&str> = source.files().map(|(path, _)| path).collect();
    let mut reader = Reader::new(&paths);
    let documents: Vec<Document> = source
        .files()
        .zip(trees)
        .enumerate()
        .filter_map(|(file, ((path, bytes), tree))| check_document(&mut reader, file, path, bytes, tree))
        .collect();
    reader.complete = documents.len() == source.len();

    for (module, document) in documents.iter().enumerate() {
        reader.declare_types(module, &document.name, &document.root);
    }
    let mut modules: Vec<Module> = documents
        .iter()
        .enumerate()
        .map(|(module, document)| reader.read_module(module, &document.name, &document.root))
        .collect();
    // After all types: shared types may be in a later file.
    for (module, (document, target)) in documents.iter().zip(&mut modules).enumerate() {
        target.endpoints = reader.read_endpoints(module, &document.name, &document.root);
    }
    reader.types.assign_to(&mut modules);
    let api = thread::scope(|scope| {
        // Freeing the trees takes longer than the checks.
        let _ = thread::Builder::new().spawn_scoped(scope, move || drop(documents));
        check::check_all(&mut reader, modules)
    });
    let severe = |finding: &Finding| finding.severity() == Severity::Error;
    let (errors, lints) = reader.findings.into_iter().partition(severe);
    Loaded {
        api,
        errors,
        lints,
        allowances: reader.allowances,
        entries: reader.entry_origins,
    }
}

/// A parsed file.
struct Document {
    name: ModuleName,
    root: Node,
}

/// Parses a file; `None` unless it is UTF-8 within the size limit.
fn parse_file(file: usize, bytes: &[u8], parse: impl Parse) -> Option<Result<Node, SyntaxError>> {
    let text = std::str::from_utf8(bytes)
        .ok()
        .filter(|text| text.len() <= MAX_FILE_BYTES);
    text.map(|text| parse(file, text))
}

fn check_document(
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
            read::check_escaped_characters(reader, &root);
            Some(Document { name: name?, root })
        }
        Err(error) => {
            reader.report(finding::YAML_SYNTAX, error.origin, error.message);
            None
        }
    }
}
