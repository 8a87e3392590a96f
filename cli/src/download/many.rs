//! Many files: a list of tokens, a directory, and a journal in it.

mod failure;
mod fetch;
mod history;
pub(crate) mod item;
mod journal;
mod leftovers;
pub(crate) mod line;
pub(crate) mod list;
mod names;
mod plan;
pub(crate) mod progress;
mod record;
mod runner;
mod summary;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use clap::{Args, ValueEnum};
use larkspur::{Client, RetryPolicy};

use self::fetch::Setup;
use self::item::Item;
use self::journal::Journal;
use self::list::Listing;
use self::names::Names;
use self::plan::Plan;
use self::progress::Progress;
use self::summary::Tally;
use super::request::Shape;
use super::{find, parameters};
use crate::stop::Stop;

/// What only many files need.
#[derive(Args)]
pub(super) struct Many {
    /// Fetch a file for each token of this list, or of standard input where it is `-`: a token a line, or JSON lines
    /// such as {"token": "boxcn1", "name": "own name.pdf", "extra": "..."}.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["values", "range"])]
    pub(super) tokens_from: Option<PathBuf>,
    /// How many files to fetch at a time, within the limits of the endpoint.
    #[arg(long, value_name = "NUMBER", default_value_t = 4, requires = "tokens_from")]
    #[arg(value_parser = clap::value_parser!(u8).range(1..=64))]
    jobs: u8,
    /// Fetch only what failed in an earlier run.
    #[arg(long, requires = "tokens_from")]
    retry_failed: bool,
    /// Show no progress, and no summary where every file is there.
    #[arg(long, requires = "tokens_from")]
    quiet: bool,
    /// How to tell at the end what became of the files.
    #[arg(long, value_enum, default_value_t = Format::Human, requires = "tokens_from")]
    format: Format,
}

/// How many files are brought.
pub(crate) struct How {
    /// So many at a time.
    pub jobs: u8,
    /// Only those that failed before.
    pub retry_failed: bool,
    /// Nothing is told but failures.
    pub quiet: bool,
    pub format: Format,
}

/// How to tell what became of the files.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// A row for each failure, and a line of totals.
    Human,
    /// One JSON object.
    Json,
}

/// Brings every file of the list that is not there.
pub(super) async fn run(arguments: &super::Arguments, list: &Path) -> Result<(), Stop> {
    is_there(&arguments.to)?;
    let many = &arguments.many;
    let shape = parameters::shape(find(&arguments.endpoint)?)?;
    let client = patient(&arguments.caller.client()?);
    let listing = Listing {
        shape,
        base_url: client.base_url(),
        query: &arguments.query,
        proofs: &[],
    };
    let items = listing.read(list)?;
    let how = How {
        jobs: many.jobs,
        retry_failed: many.retry_failed,
        quiet: many.quiet,
        format: many.format,
    };
    bring(client, shape, items, &arguments.to, &how).await
}

/// Refuses a directory that is not there: a slip of the path would otherwise make one.
pub(crate) fn is_there(directory: &Path) -> Result<(), Stop> {
    if directory.is_dir() {
        return Ok(());
    }
    Err(Stop::unable(format!(
        "there is no directory {}: make it first, or give another --to",
        directory.display()
    )))
}

/// Brings these files into a directory, but for those that are there.
pub(crate) async fn bring(
    client: Client,
    shape: Shape,
    items: Vec<Item>,
    directory: &Path,
    how: &How,
) -> Result<(), Stop> {
    let (journal, history) = Journal::open(directory)?;
    leftovers::remove(directory);
    let mut names = Names::new(directory, &history);
    let plan = Plan::new(items, &history, &mut names, directory, how.retry_failed);
    plan.write(&journal)?;
    let setup = Setup {
        client,
        shape,
        directory: directory.to_owned(),
        journal,
        names: Mutex::new(names),
        progress: Progress::new(how.quiet, plan.wanted.len()),
    };
    let tally = runner::run(Arc::new(setup), plan, usize::from(how.jobs)).await;
    tell(&tally, how)
}

/// A client for a run that nobody waits for: a call may wait for its turn as long as the longest window of any limit, a
/// day, and a fault is given some time to pass.
pub(crate) fn patient(client: &Client) -> Client {
    const LONGEST_WINDOW: Duration = Duration::from_secs(24 * 60 * 60);
    let retries = RetryPolicy::new().attempts(6).max_backoff(Duration::from_secs(30));
    client.with_deadline(2 * LONGEST_WINDOW).with_retries(retries)
}

/// The summary, and how the command ends.
fn tell(tally: &Tally, how: &How) -> Result<(), Stop> {
    let told = match how.format {
        Format::Json => summary::json(tally),
        Format::Human if how.quiet && tally.is_complete() => Ok(()),
        Format::Human => summary::human(tally),
    };
    match told {
        // Whoever read the output has left; the exit code tells them.
        Ok(()) | Err(Stop::Unheard) => tally.end(),
        Err(stop) => Err(stop),
    }
}
