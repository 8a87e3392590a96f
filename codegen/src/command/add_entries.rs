//! `spec new` and `spec import`: add entries to the spec.

use std::fs;
use std::path::{Path, PathBuf};

use clap::Args;

use super::output::{self, Stop};
use super::spec_files::{NO_REPOSITORY, display_path, load, read_or_empty, rendered, replace, spec_directory};
use crate::import::{ImportError, Imported, Page, import};
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
    /// Directory of the spec; the default is spec/ of the repository around the working directory.
    #[arg(long, value_name = "DIR")]
    spec: Option<PathBuf>,
}

/// Runs `spec new`.
pub(super) fn run_new(arguments: &NewArguments) -> Result<(), Stop> {
    let root = arguments.spec.clone().or_else(spec_directory);
    let root = root.ok_or_else(|| Stop::unable(format!("{NO_REPOSITORY} --spec")))?;
    let spec = read_or_empty(&root)?;
    let new = NewEndpoint {
        id: &arguments.id,
        http: &arguments.http,
    };
    let scaffold = scaffold(&spec, new).map_err(|error| explain_scaffold_error(error, &spec))?;
    let path = root.join(scaffold.path.trim_start_matches("spec/"));
    replace(&path, &scaffold.text)?;
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
    /// Directory of the spec; the default is spec/ of the repository around the working directory.
    #[arg(long, value_name = "DIR")]
    into: Option<PathBuf>,
}

/// The maximum size of a page.
const MAX_BYTES: u64 = 16 * 1024 * 1024;

/// Runs `spec import`.
pub(super) fn run_import(arguments: &ImportArguments) -> Result<(), Stop> {
    let root = arguments.into.clone().or_else(spec_directory);
    let root = root.ok_or_else(|| Stop::unable(format!("{NO_REPOSITORY} --into")))?;
    let spec = read_or_empty(&root)?;
    let texts = texts(&arguments.pages)?;
    let pages: Vec<Page<'_>> = texts.iter().map(|(name, text)| Page { name, text }).collect();
    let imported = import(&spec, &pages).map_err(explain_import_error)?;
    for path in &imported.changed {
        write(&root, path, &imported.spec)?;
    }
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
    if fs::metadata(path).map_err(failed)?.len() > MAX_BYTES {
        return Err(Stop::unable(format!("{place} is larger than 16 MB")));
    }
    let bytes = fs::read(path).map_err(failed)?;
    String::from_utf8(bytes).map_err(|_| Stop::unable(format!("{place} is not valid UTF-8")))
}

fn write(root: &Path, path: &str, spec: &Source) -> Result<(), Stop> {
    let Some((_, bytes)) = spec.files().find(|(other, _)| *other == path) else {
        return Ok(());
    };
    let place = root.join(path.trim_start_matches("spec/"));
    if let Some(directory) = place.parent() {
        fs::create_dir_all(directory)
            .map_err(|error| Stop::unable(format!("cannot create {}: {error}", directory.display())))?;
    }
    replace(&place, &String::from_utf8_lossy(bytes))?;
    output::line(format!("wrote {}", display_path(&place)))?;
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
