//! `spec diff`: reports what a change of the spec means for users of the SDK.

use std::io::{Seek as _, SeekFrom, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};

use clap::{Args, ValueEnum};

use super::output::{self, Stop};
use super::spec_files::{load, read, repository};
use crate::Source;
use crate::diff::{self, Changes};
use crate::model::Api;

const AFTER_HELP: &str = "\
OLD and NEW are directories with spec files, or git revisions of the repository around the working
directory, whose spec/ is read without a checkout. An existing directory takes precedence.

Examples:
  larkspur spec diff main HEAD             what this branch means for users
  larkspur spec diff main spec             the same with uncommitted changes
  larkspur spec diff main HEAD --format markdown > comment.md

docs/spec/diff-rules.md lists the rules.

Exit codes: 0 no breaking change, 1 breaking changes, 2 could not run";

/// Report what a change of the spec means for users: breaking changes and the next version.
#[derive(Args)]
#[command(after_help = AFTER_HELP)]
pub(super) struct Arguments {
    /// Old spec: a directory or a git revision.
    old: String,
    /// New spec: a directory or a git revision.
    new: String,
    /// Output format.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    /// For a person.
    Text,
    /// For a comment on a pull request.
    Markdown,
    /// For a program.
    Json,
}

/// Runs the command.
pub(super) fn run(arguments: &Arguments) -> Result<(), Stop> {
    let (old, new) = (side(&arguments.old)?, side(&arguments.new)?);
    let changes = diff::diff(&old, &new);
    let text = match arguments.format {
        Format::Text => changes.text(),
        Format::Markdown => changes.markdown(),
        Format::Json => serde_json::to_string_pretty(&changes.json()).map_err(Stop::unable)?,
    };
    output::line(text.trim_end())?;
    verdict(&changes)
}

/// Loads one of the two specs. A spec with errors cannot be compared, which is not a result of the comparison.
fn side(name: &str) -> Result<Api, Stop> {
    let source = source(name)?;
    load(&source).map_err(|stop| match stop {
        Stop::Failed(findings) => Stop::unable(format!("the spec of `{name}` has errors:\n\n{findings}")),
        other => other,
    })
}

fn source(name: &str) -> Result<Source, Stop> {
    let directory = Path::new(name);
    if directory.is_dir() {
        read(directory)
    } else {
        read_revision(name)
    }
}

fn verdict(changes: &Changes) -> Result<(), Stop> {
    match changes.breaking() {
        0 => Ok(()),
        1 => Err(Stop::failed("1 breaking change")),
        count => Err(Stop::failed(format!("{count} breaking changes"))),
    }
}

/// Reads spec/ in a revision of the repository around the working directory.
fn read_revision(revision: &str) -> Result<Source, Stop> {
    let unknown = || {
        Stop::unable(format!(
            "`{revision}` is not a directory, and the working directory is not in a repository"
        ))
    };
    let root = repository().ok_or_else(unknown)?;
    let commit = commit(&root, revision)?;
    let files = files(&root, &commit)?;
    if files.is_empty() {
        return Err(Stop::unable(format!("`{revision}` contains no YAML file below spec/")));
    }
    contents(&root, &files)
}

/// A file of a revision.
struct File {
    object: String,
    path: String,
}

/// Returns the id of a commit. Other commands receive the id only, so that a revision is never parsed as an option.
fn commit(root: &Path, revision: &str) -> Result<String, Stop> {
    let mut command = git(root);
    command.args(["rev-parse", "--verify", "--quiet", "--end-of-options"]);
    let output = run_git(command.arg(format!("{revision}^{{commit}}")))?;
    if !output.status.success() {
        let message = format!(
            "`{revision}` is neither a directory nor a git revision: check the name, and fetch the history of a shallow clone"
        );
        return Err(Stop::unable(message));
    }
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// Returns the YAML files below spec/. Symbolic links are skipped.
fn files(root: &Path, commit: &str) -> Result<Vec<File>, Stop> {
    let listed = succeeded(git(root).args(["ls-tree", "-r", "-z", commit, "--", "spec/"]))?;
    let listed = String::from_utf8_lossy(&listed);
    Ok(listed.split('\0').filter_map(file).collect())
}

/// Parses a line of `ls-tree`: mode, type, object, a tab and the path.
fn file(line: &str) -> Option<File> {
    let (properties, path) = line.split_once('\t')?;
    let mut properties = properties.split(' ');
    let plain = properties.next()?.starts_with("100") && properties.next()? == "blob";
    let yaml = path.ends_with(".yaml") || path.ends_with(".yml");
    (plain && yaml).then_some(File {
        object: properties.next()?.to_owned(),
        path: path.to_owned(),
    })
}

/// Reads the files with one git process.
fn contents(root: &Path, files: &[File]) -> Result<Source, Stop> {
    let broken = |error: std::io::Error| Stop::unable(format!("cannot pass the list of files to git: {error}"));
    // A file instead of a pipe: git writes before it has read everything, which would block.
    let mut objects = tempfile::tempfile().map_err(broken)?;
    for file in files {
        writeln!(objects, "{}", file.object).map_err(broken)?;
    }
    objects.seek(SeekFrom::Start(0)).map_err(broken)?;
    let printed = succeeded(git(root).args(["cat-file", "--batch"]).stdin(Stdio::from(objects)))?;
    let mut source = Source::new();
    let mut rest = printed.as_slice();
    for file in files {
        let (content, after) =
            next(rest).ok_or_else(|| Stop::unable(format!("unexpected output of git for {}", file.path)))?;
        source.add(&*file.path, content);
        rest = after;
    }
    Ok(source)
}

/// Splits off the next object of `cat-file --batch`: `<id> blob <size>`, a line feed, the content and a line feed.
fn next(printed: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = printed.iter().position(|byte| *byte == b'\n')?;
    let header = std::str::from_utf8(&printed[..end]).ok()?;
    let size: usize = header.rsplit(' ').next()?.parse().ok()?;
    let content = printed.get(end + 1..)?;
    Some((content.get(..size)?, content.get(size + 1..)?))
}

fn git(root: &Path) -> Command {
    let mut command = Command::new("git");
    command.arg("-C").arg(root).stdin(Stdio::null());
    command
}

fn run_git(command: &mut Command) -> Result<std::process::Output, Stop> {
    command
        .output()
        .map_err(|error| Stop::unable(format!("cannot run git: {error}")))
}

fn succeeded(command: &mut Command) -> Result<Vec<u8>, Stop> {
    let output = run_git(command)?;
    if output.status.success() {
        return Ok(output.stdout);
    }
    let stderr = String::from_utf8_lossy(&output.stderr);
    Err(Stop::unable(format!("git failed: {}", stderr.trim())))
}
