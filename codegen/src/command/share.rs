//! `spec share`: replaces equal types by one shared type.

use std::collections::HashSet;
use std::fs;

use clap::Args;

use super::output::{self, Stop};
use super::spec_directory::SpecOption;
use super::spec_files::{check_links, display_path, read, rendered, write};
use crate::{ShareError, SharedType, Source, finding, lint, share};

const AFTER_HELP: &str = "\
Examples:
  larkspur spec share --dry-run            list what would move
  larkspur spec share
  larkspur spec share --spec ../my-crate/spec

Objects are shared if their fields are equal and they have one name: that of the type, or of the field that it is
defined at. Enums are shared if their values are equal and they have one name or one field name. The shared type
is declared in the file of the resource if only its endpoints use it, in the types.yaml of the project version if
only its resources do, else in spec/types.yaml. `larkspur spec check` reports the same types as `duplicate-type`;
types for which that finding is allowed stay. Comments remain. Requests and responses do not change, paths of
types in Rust do; `larkspur spec diff` lists them.

Exit codes: 0 done, 1 the spec has errors and nothing was written, 2 could not run";

/// Replace equal types by one shared type.
#[derive(Args)]
#[command(after_help = AFTER_HELP)]
pub(super) struct Arguments {
    /// List the changes and write nothing.
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    spec: SpecOption,
}

/// Runs the command.
pub(super) fn run(arguments: &Arguments) -> Result<(), Stop> {
    let root = arguments.spec.directory()?;
    let spec = read(&root)?;
    let shared = share(&spec, allowed_positions).map_err(explain)?;
    for name in shared.changed.iter().chain(&shared.removed) {
        check_links(&root, name)?;
    }
    for ty in &shared.types {
        output::line(describe(ty))?;
    }
    if !arguments.dry_run {
        let texts = shared.changed.iter().filter_map(|name| {
            let found = shared.spec.files().find(|(path, _)| path == name);
            found.map(|(_, text)| (name, text))
        });
        for (name, text) in texts {
            let path = write(&root, name, text)?;
            output::line(format!("wrote {}", display_path(&path)))?;
        }
        for name in &shared.removed {
            let path = root.join(name.strip_prefix("spec/").unwrap_or(name));
            let removed = fs::remove_file(&path);
            removed.map_err(|error| Stop::unable(format!("cannot remove {}: {error}", path.display())))?;
            output::line(format!("removed {}", display_path(&path)))?;
        }
    }
    output::line(summary(&shared.types, arguments.dry_run))?;
    Ok(())
}

/// Returns the positions of the types for which the finding is allowed.
fn allowed_positions(spec: &Source) -> HashSet<(usize, usize)> {
    let report = lint::check(spec);
    let allowed = report.allowed.into_iter().map(|allowed| allowed.finding);
    allowed
        .filter(|finding| finding.rule == finding::DUPLICATE_TYPE)
        .map(|finding| (finding.origin.file, finding.origin.offset))
        .collect()
}

fn describe(ty: &SharedType) -> String {
    let replaced = ty.replaced.join(", ");
    format!("{} in {} replaces {replaced}", ty.name, ty.path)
}

fn summary(types: &[SharedType], is_dry: bool) -> String {
    let replaced: usize = types.iter().map(|ty| ty.replaced.len()).sum();
    match (types.len(), is_dry) {
        (0, _) => "no duplicate types".to_owned(),
        (count, true) => format!("{replaced} types would become {count}; nothing was written"),
        (count, false) => format!("{replaced} types became {count}; `larkspur spec diff` lists what changed in Rust"),
    }
}

fn explain(error: ShareError) -> Stop {
    match error {
        ShareError::Findings { findings, spec } => rendered(&findings, &spec),
        error => Stop::failed(error),
    }
}
