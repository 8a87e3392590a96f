//! `larkspur demo`: the whole line at work, against the stand-in on this machine.

mod tour;

use std::path::{Path, PathBuf};

use clap::Args;
use larkspur_mock::Mock;

use crate::output;
use crate::stop::Stop;
use crate::table;

const AFTER_HELP: &str = "\
Examples:
  larkspur demo
  larkspur demo --to downloads

It needs no account and no network: a stand-in for the platform answers, on 127.0.0.1.";

/// Call the documented endpoints on a stand-in for the platform, and check what they give.
#[derive(Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct Arguments {
    /// Directory for the files, made where it is missing; a fresh temporary one otherwise.
    #[arg(long, value_name = "DIR")]
    to: Option<PathBuf>,
}

/// Runs the tour and prints what it met.
pub(crate) async fn run(arguments: &Arguments) -> Result<(), Stop> {
    let directory = directory(arguments.to.as_deref())?;
    let mock = Mock::start().await.map_err(Stop::unable)?;
    output::line(format!("A stand-in for the platform listens on {}.", mock.base_url()))?;
    output::line(format!("The files go to {}.\n", directory.display()))?;

    let steps = tour::take(&mock, &directory).await?;
    let rows: Vec<_> = steps.iter().map(tour::Step::row).collect();
    for line in table::lines(["endpoint", "result", "bytes", "file", "checked"], &rows) {
        output::line(line)?;
    }
    let wrong = steps.iter().filter(|step| !step.is_right()).count();
    if wrong > 0 {
        return Err(Stop::failed(format!(
            "{wrong} of {} calls did not give what they should",
            steps.len()
        )));
    }
    output::line(format!("\nAll {} calls gave what they should.", steps.len()))?;
    Ok(())
}

fn directory(wanted: Option<&Path>) -> Result<PathBuf, Stop> {
    let made = match wanted {
        Some(path) => std::fs::create_dir_all(path).map(|()| path.to_owned()),
        None => tempfile::Builder::new()
            .prefix("larkspur-demo-")
            .tempdir()
            .map(tempfile::TempDir::keep),
    };
    let wanted = wanted.unwrap_or(Path::new("a temporary directory")).display();
    made.map_err(|error| Stop::unable(format!("cannot make {wanted}: {error}")))
}
