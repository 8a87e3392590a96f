//! `spec import`: reads documentation pages into entries.

use std::fs;
use std::path::{Path, PathBuf};

use clap::Args;

use super::output;
use super::spec_files::{NO_REPOSITORY, display_path, load, read_or_empty, rendered, replace, spec_directory};
use super::stop::Stop;
use crate::import::{ImportError, Imported, Page, import};
use crate::{Source, diff};

const AFTER_HELP: &str = "\
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
#[command(after_help = AFTER_HELP)]
pub(super) struct Arguments {
    /// Files or directories with pages.
    #[arg(required = true, value_name = "PAGE")]
    pages: Vec<PathBuf>,
    /// Directory of the spec; the default is spec/ of the repository around the working directory.
    #[arg(long, value_name = "DIR")]
    into: Option<PathBuf>,
}

/// The maximum size of a page.
const MAX_BYTES: u64 = 16 * 1024 * 1024;

/// Runs the command.
pub(super) fn run(arguments: &Arguments) -> Result<(), Stop> {
    let root = arguments.into.clone().or_else(spec_directory);
    let root = root.ok_or_else(|| Stop::unable(format!("{NO_REPOSITORY} --into")))?;
    let spec = read_or_empty(&root)?;
    let texts = texts(&arguments.pages)?;
    let pages: Vec<Page<'_>> = texts.iter().map(|(name, text)| Page { name, text }).collect();
    let imported = import(&spec, &pages).map_err(explained)?;
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

fn explained(error: ImportError) -> Stop {
    match error {
        ImportError::Findings { findings, spec } => rendered(&findings, &spec),
        error => Stop::failed(error),
    }
}
