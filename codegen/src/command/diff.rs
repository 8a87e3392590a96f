//! `spec diff`: reports what a change of the spec means for users of the SDK.

use std::io::{Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use clap::{Args, ValueEnum};

use super::output::{self, Stop};
use super::spec_directory::{SpecOption, contains_yaml, is_spec, repository_root, working_directory};
use super::spec_files::{display_path, load, read};
use crate::Source;
use crate::diff::{self, AcceptedChanges, Changes};
use crate::model::Api;

const AFTER_HELP: &str = "\
OLD and NEW are directories with spec files, or revisions of the git repository, whose spec is read without a
checkout. An existing directory takes precedence. OLD is HEAD and NEW the working tree unless given.

Examples:
  larkspur spec diff                       what the uncommitted changes mean for users
  larkspur spec diff main                  what this branch means, with uncommitted changes
  larkspur spec diff main HEAD             what is committed in this branch
  larkspur spec diff HEAD ../my-crate/spec
  larkspur spec diff main HEAD --format markdown > comment.md
  larkspur spec diff main --format github  annotate the lines of a pull request

In a revision, the spec is in the directory of --spec, else in that of the other side, else in the nearest spec/.

A file of accepted changes lists rule, subject and reason of each: docs/spec/diff-rules.md, which also lists the rules.

Exit codes: 0 no breaking change, 1 breaking changes or an accepted change that does not exist, 2 could not run";

/// Report what a change of the spec means for users: breaking changes and the next version.
#[derive(Args)]
#[command(after_help = AFTER_HELP)]
pub(super) struct Arguments {
    /// Old spec: a directory or a git revision; the default is HEAD.
    old: Option<String>,
    /// New spec: a directory or a git revision; the default is the working tree.
    new: Option<String>,
    /// Output format.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// File of accepted changes, which do not count. The default is accepted-changes.yaml next to the directory of the spec,
    /// if it exists.
    #[arg(long, value_name = "FILE")]
    accepted: Option<PathBuf>,
    #[command(flatten)]
    spec: SpecOption,
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    /// For a person.
    Text,
    /// For a comment on a pull request.
    Markdown,
    /// Workflow commands of GitHub Actions, which annotate the lines of a pull request.
    Github,
    /// For a program.
    Json,
}

/// Runs the command.
pub(super) fn run(arguments: &Arguments) -> Result<(), Stop> {
    let old = arguments.old.as_deref().map_or(Side::Revision("HEAD"), Side::parse);
    let new = arguments.new.as_deref().map_or(Side::WorkingTree, Side::parse);
    let spec = SpecPlace {
        option: &arguments.spec,
        sides: [&old, &new],
    };
    let changes = diff::diff(&load_side(&old, &spec)?, &load_side(&new, &spec)?);
    let changes = match read_accepted(arguments.accepted.as_deref(), &spec)? {
        Some(accepted) => changes.accept(&accepted),
        None => changes,
    };
    let text = match arguments.format {
        Format::Text => changes.text(),
        Format::Markdown => changes.markdown(),
        Format::Github => changes.github(),
        Format::Json => serde_json::to_string_pretty(&changes.json()).map_err(Stop::unable)?,
    };
    output::line(text.trim_end())?;
    verdict(&changes)
}

/// One of the two specs.
enum Side<'a> {
    /// The directory of a spec, with the name that the user gives it.
    Directory(&'a str, PathBuf),
    Revision(&'a str),
    WorkingTree,
}

impl<'a> Side<'a> {
    fn parse(name: &'a str) -> Self {
        let directory = Path::new(name);
        let inner = directory.join("spec");
        if !directory.is_dir() {
            Self::Revision(name)
        } else if contains_yaml(&inner) && !is_spec(directory) {
            Self::Directory(name, inner)
        } else {
            Self::Directory(name, directory.to_owned())
        }
    }

    fn name(&self) -> &str {
        match self {
            Self::Directory(name, _) | Self::Revision(name) => name,
            Self::WorkingTree => "the working tree",
        }
    }
}

/// Where the spec is in the working tree and in revisions.
struct SpecPlace<'a> {
    option: &'a SpecOption,
    sides: [&'a Side<'a>; 2],
}

impl SpecPlace<'_> {
    /// Returns the directory of `--spec`, else that of a side in the repository of the working directory, else the nearest.
    fn directory(&self) -> Result<PathBuf, Stop> {
        if self.option.named().is_none() {
            let here = working_directory()?;
            let repository = repository_root(&here);
            for side in self.sides {
                let Side::Directory(_, directory) = side else { continue };
                let Ok(real) = directory.canonicalize() else { continue };
                let own = repository_root(&real);
                if own.is_some() && (repository.is_none() || own == repository) {
                    return Ok(directory.clone());
                }
            }
        }
        self.option.directory()
    }
}

/// Loads one of the two specs. A spec with errors cannot be compared, which is not a result of the comparison.
fn load_side(side: &Side<'_>, spec: &SpecPlace<'_>) -> Result<Api, Stop> {
    let source = match side {
        Side::Directory(_, directory) => read(directory)?,
        Side::Revision(revision) => read_revision(revision, spec)?,
        Side::WorkingTree => read(&spec.directory()?)?,
    };
    load(&source).map_err(|stop| match stop {
        Stop::Failed(findings) => Stop::unable(format!("the spec of `{}` has errors:\n\n{findings}", side.name())),
        other => other,
    })
}

/// Name of the file of accepted changes.
const ACCEPTED_FILE: &str = "accepted-changes.yaml";

/// Reads the file of accepted changes, if there is one.
fn read_accepted(named: Option<&Path>, spec: &SpecPlace<'_>) -> Result<Option<AcceptedChanges>, Stop> {
    let path = match named {
        Some(path) => path.to_owned(),
        None => match spec.directory().ok().as_deref().and_then(Path::parent) {
            Some(parent) if parent.join(ACCEPTED_FILE).exists() => parent.join(ACCEPTED_FILE),
            _ => return Ok(None),
        },
    };
    let name = display_path(&path);
    let text = std::fs::read_to_string(&path).map_err(|error| Stop::unable(format!("cannot read {name}: {error}")))?;
    let accepted = AcceptedChanges::parse(&text).map_err(|error| Stop::unable(format!("{name}: {error}")))?;
    Ok(Some(accepted))
}

fn verdict(changes: &Changes) -> Result<(), Stop> {
    match changes.breaking() {
        0 if changes.unused_acceptances().is_empty() => Ok(()),
        0 => Err(Stop::failed("an accepted change does not exist")),
        1 => Err(Stop::failed("1 breaking change")),
        count => Err(Stop::failed(format!("{count} breaking changes"))),
    }
}

/// Reads the spec of a revision of the git repository.
fn read_revision(revision: &str, spec: &SpecPlace<'_>) -> Result<Source, Stop> {
    let directory = match spec.directory() {
        Ok(directory) => directory,
        Err(_) if repository_root(&working_directory()?).is_none() => return Err(no_repository(revision)),
        Err(stop) => return Err(stop),
    };
    let commit = commit(&directory, revision)?;
    let files = files(&directory, &commit)?;
    if files.is_empty() {
        let place = display_path(&directory);
        return Err(Stop::unable(format!(
            "`{revision}` contains no YAML file below {place}: set the directory of the spec with --spec"
        )));
    }
    contents(&directory, &files)
}

fn no_repository(revision: &str) -> Stop {
    Stop::unable(format!(
        "`{revision}` is not a directory, and the working directory is not in a repository"
    ))
}

/// A file of a revision.
struct File {
    object: String,
    /// As findings name it: `spec/drive/v1/file.yaml`.
    path: String,
}

/// Returns the id of a commit. Other commands receive the id only, so that a revision is never parsed as an option.
fn commit(directory: &Path, revision: &str) -> Result<String, Stop> {
    let mut command = git(directory);
    command.args(["rev-parse", "--verify", "--quiet", "--end-of-options"]);
    let output = run_git(command.arg(format!("{revision}^{{commit}}")))?;
    if !output.status.success() {
        // It has no `fatal` for an unknown revision.
        let stderr = String::from_utf8_lossy(&output.stderr);
        if stderr.contains("not a git repository") {
            return Err(Stop::unable(format!(
                "`{revision}` is not a directory, and {} is not in a git repository",
                display_path(directory)
            )));
        }
        if stderr.starts_with("fatal: ") {
            return Err(Stop::unable(format!("cannot read `{revision}`: {}", stderr.trim())));
        }
        let message = format!(
            "`{revision}` is neither a directory nor a git revision: check the name, and fetch the history of a shallow clone"
        );
        return Err(Stop::unable(message));
    }
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// Returns the YAML files below a directory. Symbolic links are skipped.
fn files(directory: &Path, commit: &str) -> Result<Vec<File>, Stop> {
    // Git lists what is below the directory that it runs in, relative to it.
    let listed = succeeded(git(directory).args(["ls-tree", "-r", "-z", commit]))?;
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
        path: format!("spec/{path}"),
    })
}

/// Reads the files with one git process.
fn contents(directory: &Path, files: &[File]) -> Result<Source, Stop> {
    let broken = |error: std::io::Error| Stop::unable(format!("cannot pass the list of files to git: {error}"));
    // A file instead of a pipe: git writes before it has read everything, which would block.
    let mut objects = tempfile::tempfile().map_err(broken)?;
    for file in files {
        writeln!(objects, "{}", file.object).map_err(broken)?;
    }
    objects.seek(SeekFrom::Start(0)).map_err(broken)?;
    let printed = succeeded(git(directory).args(["cat-file", "--batch"]).stdin(Stdio::from(objects)))?;
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

/// Returns git in a directory, whose repository it finds.
fn git(directory: &Path) -> Command {
    let mut command = Command::new("git");
    command.arg("-C").arg(directory).stdin(Stdio::null());
    // For the message that `commit` looks for.
    command.env("LC_ALL", "C");
    if std::env::var_os("GIT_WORK_TREE").is_none() {
        // Git sets it for the programs that it starts, and with it takes every directory for the root.
        command.env_remove("GIT_DIR");
    }
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
