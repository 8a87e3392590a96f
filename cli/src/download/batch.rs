//! A bulk download: several files in parallel, until all are present, the run is aborted or interrupted.

use std::path::Path;
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use clap::ValueEnum;
use larkspur::{Client, RetryPolicy};
use larkspur_codegen::command::output::Stop;
use tokio::task::JoinSet;

use super::failure::FailureKind;
use super::fetch::{Context, Outcome, download_item};
use super::journal::Journal;
use super::list::Item;
use super::plan::{Names, Plan};
use super::progress::Progress;
use super::request::RequestShape;
use super::summary::{self, Tally};

/// Number of consecutive network failures after which the run is aborted.
const MAX_NETWORK_FAILURES: usize = 8;

/// Options of a bulk download.
pub(crate) struct BatchOptions {
    /// Maximum number of parallel downloads.
    pub jobs: u8,
    /// Whether to download only files that failed before.
    pub retry_failed: bool,
    /// Whether to print failures only.
    pub quiet: bool,
    pub format: Format,
}

/// Format of the summary.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// A row for each failure, and a line of totals.
    Human,
    /// One JSON object.
    Json,
}

/// Requires an existing directory, as creating one would hide a typo in the path.
pub(crate) fn check_directory(directory: &Path) -> Result<(), Stop> {
    if directory.is_dir() {
        return Ok(());
    }
    Err(Stop::unable(format!(
        "no such directory: {}: create it first, or choose another --to",
        directory.display()
    )))
}

/// Returns a client for unattended runs, which waits for any rate limit window, the longest of which is a day, and retries
/// more often.
pub(crate) fn patient_client(client: &Client) -> Client {
    const LONGEST_WINDOW: Duration = Duration::from_secs(24 * 60 * 60);
    let retries = RetryPolicy::new().attempts(6).max_backoff(Duration::from_secs(30));
    client.with_deadline(2 * LONGEST_WINDOW).with_retries(retries)
}

/// Downloads items to a directory, except those that are present.
pub(crate) async fn download_items(
    client: Client,
    shape: RequestShape,
    items: Vec<Item>,
    directory: &Path,
    options: &BatchOptions,
) -> Result<(), Stop> {
    let (journal, history) = Journal::open(directory)?;
    remove_orphaned_sidecars(directory);
    let mut names = Names::new(directory, &history);
    let plan = Plan::new(items, &history, &mut names, directory, options.retry_failed);
    plan.write_records(&journal)?;
    let context = Context {
        client,
        shape,
        directory: directory.to_owned(),
        journal,
        names: Mutex::new(names),
        progress: Progress::new(options.quiet, plan.pending.len()),
    };
    let tally = run_plan(Arc::new(context), plan, usize::from(options.jobs)).await;
    print_summary(&tally, options)
}

/// Prints the summary and returns how the command ends.
fn print_summary(tally: &Tally, options: &BatchOptions) -> Result<(), Stop> {
    let printed = match options.format {
        Format::Json => summary::print_json(tally),
        Format::Human if options.quiet && tally.is_complete() => Ok(()),
        Format::Human => summary::print_table(tally),
    };
    match printed {
        // If standard output is closed, the exit code still has the result.
        Ok(()) | Err(Stop::OutputClosed) => tally.result(),
        Err(stop) => Err(stop),
    }
}

async fn run_plan(context: Arc<Context>, plan: Plan, jobs: usize) -> Tally {
    let mut pending = plan.pending.into_iter();
    let mut tally = Tally::new(plan.present, plan.failures, plan.left);
    let mut running = JoinSet::new();
    let mut network_failures = 0;
    let mut interrupt = pin!(tokio::signal::ctrl_c());
    while tally.stopped.is_none() {
        let free = jobs.saturating_sub(running.len());
        for item in pending.by_ref().take(free) {
            running.spawn(download_item(Arc::clone(&context), item));
        }
        let next = tokio::select! {
            biased;
            Ok(()) = &mut interrupt => {
                tally.interrupted = true;
                break;
            }
            next = running.join_next() => next,
        };
        match next {
            None => break,
            Some(Ok(outcome)) => {
                network_failures = if is_network_failure(&outcome) {
                    network_failures + 1
                } else {
                    0
                };
                tally.add(outcome);
            }
            Some(Err(error)) => tally.stopped = Some(format!("a download task failed: {error}")),
        }
        if network_failures >= MAX_NETWORK_FAILURES {
            tally.stopped = Some("the platform is unreachable: check the network connection".to_owned());
        }
    }
    tally.left += pending.len() + running.len();
    // Cancelled downloads leave partial files that a later run resumes.
    running.shutdown().await;
    context.progress.finish();
    tally
}

fn is_network_failure(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::Failed(failure) if failure.kind == FailureKind::Network)
}

/// Prefix of partial files, followed by a digest.
const PARTIAL_PREFIX: &str = ".download.";
/// Suffix of partial files.
const PARTIAL_SUFFIX: &str = ".part";
/// Number of hexadecimal digits of the digest.
const DIGEST_DIGITS: usize = 16;
/// Suffix of the sidecar of a partial file.
const SIDECAR_SUFFIX: &str = ".json";

/// Removes sidecars without partial files, left by a run that was killed between a rename and its cleanup.
///
/// No later download uses them, as their files are complete. A sidecar that cannot be removed is harmless.
fn remove_orphaned_sidecars(directory: &Path) {
    let entries = std::fs::read_dir(directory).into_iter().flatten().flatten();
    for entry in entries {
        let name = entry.file_name();
        let partial = name.to_str().and_then(|name| name.strip_suffix(SIDECAR_SUFFIX));
        let partial = partial.filter(|partial| is_partial_file(partial));
        let is_orphaned = partial.is_some_and(|partial| directory.join(partial).symlink_metadata().is_err());
        if is_orphaned {
            let _ = std::fs::remove_file(entry.path());
        }
    }
}

fn is_partial_file(name: &str) -> bool {
    let digest = name
        .strip_prefix(PARTIAL_PREFIX)
        .and_then(|rest| rest.strip_suffix(PARTIAL_SUFFIX));
    digest.is_some_and(|digest| digest.len() == DIGEST_DIGITS && digest.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn removes_only_orphaned_sidecars() -> std::io::Result<()> {
        let directory = tempfile::tempdir()?;
        let kept = [
            ".download.0123456789abcdee.part",
            ".download.0123456789abcdee.part.json",
            ".notes.part.json",
            ".download.mine.part.json",
            "download.0123456789abcdef.part.json",
        ];
        for name in kept.into_iter().chain([".download.0123456789abcdef.part.json"]) {
            std::fs::write(directory.path().join(name), "")?;
        }
        remove_orphaned_sidecars(directory.path());
        let left = std::fs::read_dir(directory.path())?.count();
        assert!(kept.iter().all(|name| directory.path().join(name).is_file()));
        assert_eq!(left, kept.len());
        Ok(())
    }
}
