//! `spec new` and `spec import`: add entries to the spec.

use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use clap::Args;

use super::output::{self, Stop};
use super::spec_directory::{SpecOption, named_or_nearest};
use super::spec_files::{check_links, display_path, load, read_or_empty, rendered, write};
use crate::import::{ImportError, Imported, MAX_PAGE_BYTES, Page, import};
use crate::{LayoutError, NewEndpoint, ScaffoldError, Source, diff, scaffold, schema};

const NEW_HELP: &str = "\
Examples:
  larkspur spec new drive.v1.file.copy --http \"POST /open-apis/drive/v1/files/:file_token/copy\"
  larkspur spec new my.v1.thing.get --http \"GET /open-apis/my/v1/things/:thing_id\" --spec spec

The entry is added at the end of spec/drive/v1/file.yaml, which is created if necessary. It is valid; its
comments list what to complete from the page of the endpoint.

Exit codes: 0 done, 1 the entry or the spec has errors and nothing was written, 2 could not run";

/// Add an entry for an endpoint, to be completed.
#[derive(Args)]
#[command(after_help = NEW_HELP)]
pub(super) struct NewArguments {
    /// Id of the endpoint: project.version.resource.method.
    id: String,
    /// Method and path as on the page; parameters start with a colon.
    #[arg(long, value_name = "METHOD PATH")]
    http: String,
    #[command(flatten)]
    spec: SpecOption,
}

/// Runs `spec new`.
pub(super) fn run_new(arguments: &NewArguments) -> Result<(), Stop> {
    let root = arguments.spec.directory()?;
    let spec = read_or_empty(&root)?;
    let new = NewEndpoint {
        id: &arguments.id,
        http: &arguments.http,
    };
    let scaffold = scaffold(&spec, new).map_err(|error| explain_scaffold_error(error, &spec))?;
    let path = write(&root, &scaffold.path, scaffold.text.as_bytes())?;
    output::line(format!("wrote {}:{}", display_path(&path), scaffold.line))?;
    let schema = root.join(schema::FILE_NAME);
    if !schema.is_file() {
        let schema = display_path(&schema);
        output::line(format!("for editors: larkspur spec schema > {schema}"))?;
    }
    Ok(())
}

fn explain_scaffold_error(error: ScaffoldError, spec: &Source) -> Stop {
    match error {
        ScaffoldError::Findings { findings, spec } => rendered(&findings, &spec),
        ScaffoldError::Layout(LayoutError::Findings(findings)) => {
            // The file was read alone, so that it is the first of its findings.
            let mut source = Source::new();
            for (path, bytes) in spec.files() {
                if findings.iter().any(|finding| finding.path == path) {
                    source.add(path, bytes);
                }
            }
            rendered(&findings, &source)
        }
        error => Stop::failed(error),
    }
}

const IMPORT_HELP: &str = "\
PAGE is a file with a page of the platform as Markdown or as copied text, in Chinese or English, or a directory with
such files (.md, .txt).

Examples:
  larkspur spec import pages/drive-v1/file/copy.md
  larkspur spec import pages --into spec

Properties are imported, sentences are not: `summary` and `doc` stay empty for a person to write. In an existing
entry, written texts stay and properties that differ from the page are replaced; the output of `larkspur spec diff`
follows. Parts of the page that are not recognized are reported with their lines.

Exit codes: 0 done, 1 no endpoint found or the spec would have errors, and nothing was written, 2 could not run";

/// Import documentation pages into the spec.
#[derive(Args)]
#[command(after_help = IMPORT_HELP)]
pub(super) struct ImportArguments {
    /// Files or directories with pages.
    #[arg(required = true, value_name = "PAGE")]
    pages: Vec<PathBuf>,
    /// Directory of the spec. The default is the nearest spec/ with YAML files, from the working directory up to the root
    /// of the repository.
    #[arg(long, value_name = "DIR", visible_alias = "spec")]
    into: Option<PathBuf>,
}

/// Runs `spec import`.
pub(super) fn run_import(arguments: &ImportArguments) -> Result<(), Stop> {
    let root = named_or_nearest(arguments.into.as_deref())?;
    let spec = read_or_empty(&root)?;
    let texts = texts(&arguments.pages)?;
    let pages: Vec<Page<'_>> = texts.iter().map(|(name, text)| Page { name, text }).collect();
    let imported = import(&spec, &pages).map_err(explain_import_error)?;
    write_changed(&root, &imported)?;
    report(&imported)?;
    let changes = diff::diff(&load(&spec)?, &load(&imported.spec)?);
    if changes.iter().next().is_some() {
        output::line(changes.text().trim_end())?;
    }
    match imported.endpoints.as_slice() {
        [] => Err(Stop::failed("no page describes an endpoint: nothing was written")),
        _ => Ok(()),
    }
}

/// Reads the pages with their names in notes.
fn texts(paths: &[PathBuf]) -> Result<Vec<(String, String)>, Stop> {
    let mut files = Vec::new();
    for path in paths {
        collect(path, &mut files)?;
    }
    files.sort();
    files.dedup();
    if files.is_empty() {
        return Err(Stop::unable(
            "the given paths contain no page: pass files, or directories with .md or .txt files",
        ));
    }
    files.iter().map(|path| Ok((display_path(path), text(path)?))).collect()
}

/// Adds the file, or the pages below a directory. Symbolic links below it are skipped.
fn collect(path: &Path, files: &mut Vec<PathBuf>) -> Result<(), Stop> {
    let failed = |error: std::io::Error| Stop::unable(format!("cannot read {}: {error}", path.display()));
    if !path.is_dir() {
        files.push(path.to_owned());
        return Ok(());
    }
    for entry in fs::read_dir(path).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let (kind, inner) = (entry.file_type().map_err(failed)?, entry.path());
        let page = inner
            .extension()
            .is_some_and(|extension| extension == "md" || extension == "txt");
        if kind.is_dir() || kind.is_file() && page {
            collect(&inner, files)?;
        }
    }
    Ok(())
}

fn text(path: &Path) -> Result<String, Stop> {
    let place = path.display();
    let failed = |error: std::io::Error| Stop::unable(format!("cannot read {place}: {error}"));
    let mut bytes = Vec::new();
    let file = fs::File::open(path).map_err(failed)?;
    file.take(MAX_PAGE_BYTES as u64 + 1)
        .read_to_end(&mut bytes)
        .map_err(failed)?;
    if bytes.len() > MAX_PAGE_BYTES {
        let limit = MAX_PAGE_BYTES / 1024 / 1024;
        return Err(Stop::unable(format!(
            "cannot import {place}: it exceeds the limit of {limit} MiB for a page"
        )));
    }
    String::from_utf8(bytes).map_err(|_| Stop::unable(format!("{place} is not valid UTF-8")))
}

/// Writes the changed files, or none if a symbolic link leads to one of them.
fn write_changed(root: &Path, imported: &Imported) -> Result<(), Stop> {
    for name in &imported.changed {
        check_links(root, name)?;
    }
    for (name, text) in imported.spec.files() {
        if imported.changed.iter().any(|changed| changed == name) {
            let path = write(root, name, text)?;
            output::line(format!("wrote {}", display_path(&path)))?;
        }
    }
    Ok(())
}

fn report(imported: &Imported) -> Result<(), Stop> {
    for endpoint in &imported.endpoints {
        let counts = endpoint.counts;
        output::line(format!(
            "{} from {}: {} fields, {} enums, {} bounds, {} limits, {} errors",
            endpoint.id, endpoint.page, counts.fields, counts.enums, counts.bounds, counts.limits, counts.errors
        ))?;
    }
    for note in &imported.notes {
        output::line(format!("note: {note}"))?;
    }
    Ok(())
}

fn explain_import_error(error: ImportError) -> Stop {
    match error {
        ImportError::Findings { findings, spec } => rendered(&findings, &spec),
        error => Stop::failed(error),
    }
}
