//! A bulk download: several files in parallel, until all are present, the run is aborted or interrupted.
//!
//! Each file has records in the journal; the run ends with a summary.

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use clap::ValueEnum;
use larkspur::download::{CompleteFile, Overwrite, Progress as TransferProgress, Report};
use larkspur::{Client, Error};
use larkspur_codegen::command::output::{self, Stop};
use serde_json::{Value, json};
use tokio::sync::Notify;
use tokio::task::JoinSet;

use super::failure::{Failure, FailureKind};
use super::journal::{Event, Journal, PlacedFile, Record};
use super::list::{Item, RequestShape};
use super::plan::{Names, Plan, PresentFile, Selection};
use crate::exit_code::{affects_all_requests, stop, stop_for};
use crate::progress::Progress;
use crate::signals::{Signal, wait_for_signal};
use crate::target::OverwriteOption;

/// Number of consecutive network failures after which the run is aborted.
const MAX_NETWORK_FAILURES: usize = 8;

/// Time for which the first file is requested alone: a refusal that all files would meet then takes one request.
const MAX_PROBE: Duration = Duration::from_secs(2);

/// Options of a bulk download.
pub(crate) struct BatchOptions {
    /// Maximum number of parallel downloads.
    pub jobs: u8,
    /// Whether to download only files that failed before.
    pub retry_failed: bool,
    /// Whether to print failures only.
    pub quiet: bool,
    pub format: Format,
    pub overwrite: OverwriteOption,
    /// What could not be listed, for the summary in JSON.
    pub skipped: Vec<String>,
}

/// Format of the summary.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// A row for each failure, and a line of totals.
    Human,
    /// One JSON object.
    Json,
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
    let overwrite = options.overwrite.overwrite;
    let selection = Selection {
        only_failed: options.retry_failed,
        overwrite,
    };
    let mut names = Names::new(directory, &history, overwrite);
    let plan = Plan::new(items, &history, &mut names, directory, selection);
    plan.write_records(&journal)?;
    let context = Context {
        client,
        shape,
        directory: directory.to_owned(),
        journal,
        names: Mutex::new(names),
        progress: Progress::new(options.quiet, plan.pending.len()),
        overwrite: options.overwrite,
        first_bytes: Notify::new(),
    };
    let tally = run_plan(Arc::new(context), plan, usize::from(options.jobs)).await;
    print_summary(&tally, options)
}

/// Prints the summary and returns how the command ends.
fn print_summary(tally: &Tally, options: &BatchOptions) -> Result<(), Stop> {
    let printed = match options.format {
        Format::Json => print_json(tally, &options.skipped),
        Format::Human if options.quiet && tally.is_complete() => Ok(()),
        Format::Human => print_table(tally),
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
    let mut signal = pin!(wait_for_signal());
    let mut probe = pin!(tokio::time::sleep(MAX_PROBE));
    let mut is_probing = true;
    while tally.stopped.is_none() {
        let limit = if is_probing { 1 } else { jobs };
        let free = limit.saturating_sub(running.len());
        for item in pending.by_ref().take(free) {
            running.spawn(download_item(Arc::clone(&context), item));
        }
        let next = tokio::select! {
            biased;
            signal = &mut signal => {
                tally.interrupted = Some(signal);
                break;
            }
            next = running.join_next() => next,
            () = context.first_bytes.notified(), if is_probing => {
                is_probing = false;
                continue;
            }
            () = &mut probe, if is_probing => {
                is_probing = false;
                continue;
            }
        };
        is_probing = false;
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
            Some(Err(error)) => {
                tally.stopped = Some(Abort {
                    reason: format!("a download task failed: {error}"),
                    needs_change: false,
                });
            }
        }
        if network_failures >= MAX_NETWORK_FAILURES {
            tally.stopped = Some(Abort {
                reason: "the platform is unreachable: check the network connection and LARKSPUR_BASE_URL".to_owned(),
                needs_change: false,
            });
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

/// The state that all downloads of a run share.
pub(super) struct Context {
    pub client: Client,
    pub shape: RequestShape,
    pub directory: PathBuf,
    pub journal: Journal,
    pub names: Mutex<Names>,
    pub progress: Progress,
    pub overwrite: OverwriteOption,
    /// Notified when bytes of a file arrive.
    pub first_bytes: Notify,
}

/// The result of a download.
pub(super) enum Outcome {
    Downloaded(PresentFile),
    Failed(Failure),
    /// The download failed for a reason that affects all files of the run.
    Aborted(Failure, Abort),
}

/// Why a run is aborted.
pub(super) struct Abort {
    pub reason: String,
    /// Whether the user has to change something before a run can succeed.
    pub needs_change: bool,
}

/// Downloads a file and records the result in the journal.
///
/// The journal holds the name of a file before the rename, so that a run that is killed between rename and `done` does not
/// download the file again.
pub(super) async fn download_item(context: Arc<Context>, item: Item) -> Outcome {
    let bar = context.progress.start_file(&item.token);
    let shared_bar = bar.clone();
    let download = match &item.media {
        Some(media) => media.download(&context.client),
        None => {
            let request = context.shape.request(item.values.clone(), None);
            context.client.download(request)
        }
    };
    let mut download = download.resume();
    if context.overwrite.overwrite {
        download = download.overwrite(Overwrite::Replace);
    }
    let receiving = Arc::clone(&context);
    let download = download.progress(move |now: TransferProgress| {
        receiving.first_bytes.notify_one();
        shared_bar.update(now.bytes, now.total);
    });
    let (name_context, name_item) = (Arc::clone(&context), item.clone());
    let choose = move |file: &CompleteFile<'_>| choose_name(&name_context, &name_item, file);
    let result = download.to_dir_as(&context.directory, choose).await;
    let (event, outcome) = evaluate(&context, &item, result);
    let written = write_record(Arc::clone(&context), create_record(&item, event)).await;
    bar.finish();
    let outcome = match written {
        Ok(()) => outcome,
        Err(error) => {
            let reason = format!("cannot write journal: {error}");
            let failure = outcome.into_failure(&item.token, &reason);
            Outcome::Aborted(
                failure,
                Abort {
                    reason,
                    needs_change: true,
                },
            )
        }
    };
    let (line, has_failed) = outcome.describe();
    context.progress.report_file(&line, has_failed);
    outcome
}

/// Chooses the name of a complete file and records it.
fn choose_name(context: &Context, item: &Item, file: &CompleteFile<'_>) -> io::Result<OsString> {
    let requested = item.name.as_deref().unwrap_or(file.default_name);
    let name = {
        let mut names = context.names.lock().unwrap_or_else(PoisonError::into_inner);
        names.assign(&item.id, requested)
    };
    let placed = PlacedFile {
        name: name.clone(),
        bytes: file.bytes,
    };
    context.journal.append(&create_record(item, Event::Placing(placed)))?;
    Ok(name.into())
}

fn evaluate(context: &Context, item: &Item, result: Result<Report, Error>) -> (Event, Outcome) {
    let token = item.token.clone();
    let error = match result {
        Ok(report) => {
            let placed = PlacedFile {
                name: final_name(&report),
                bytes: report.bytes,
            };
            let event = Event::Done(placed.clone());
            return (event, Outcome::Downloaded(PresentFile { token, placed }));
        }
        Err(error) => error,
    };
    let endpoint = error.endpoint().unwrap_or(context.shape.endpoint());
    let failure = Failure::new(&token, endpoint, &error);
    let code = failure.code.clone();
    let outcome = if affects_all_requests(&error) {
        let abort = Abort {
            reason: stop_for(&error).message(),
            needs_change: failure.needs_change,
        };
        Outcome::Aborted(failure, abort)
    } else {
        Outcome::Failed(failure)
    };
    (Event::Failed { code }, outcome)
}

fn final_name(report: &Report) -> String {
    let name = report.path.as_deref().and_then(|path| path.file_name());
    name.unwrap_or_default().to_string_lossy().into_owned()
}

fn create_record(item: &Item, event: Event) -> Record {
    Record {
        id: item.id.clone(),
        token: item.token.clone(),
        event,
    }
}

/// Appends to the journal on a blocking thread, as the sync to disk takes time.
async fn write_record(context: Arc<Context>, record: Record) -> io::Result<()> {
    let written = tokio::task::spawn_blocking(move || context.journal.append(&record)).await;
    written.unwrap_or_else(|error| Err(io::Error::other(error)))
}

impl Outcome {
    /// Returns the failure, or that of the journal for a downloaded file.
    fn into_failure(self, token: &str, reason: &str) -> Failure {
        match self {
            Self::Failed(failure) | Self::Aborted(failure, _) => failure,
            Self::Downloaded(_) => Failure::journal(token, reason),
        }
    }

    /// Returns the progress line, and whether the download failed.
    fn describe(&self) -> (String, bool) {
        match self {
            Self::Downloaded(file) => {
                let PlacedFile { name, bytes } = &file.placed;
                (format!("{}: {name} ({bytes} bytes)", file.token), false)
            }
            Self::Failed(failure) | Self::Aborted(failure, _) => {
                (format!("{}: failed: {}", failure.token, failure.message), true)
            }
        }
    }
}

/// The results of a run.
pub(super) struct Tally {
    downloaded: Vec<PresentFile>,
    /// Files that were present before.
    present: Vec<PresentFile>,
    failures: Vec<Failure>,
    /// Number of files that the run did not finish.
    pub left: usize,
    /// The signal that interrupted the run.
    pub interrupted: Option<Signal>,
    /// Why the run was aborted.
    pub stopped: Option<Abort>,
}

impl Tally {
    /// Creates a tally with the results of the plan.
    pub(super) fn new(present: Vec<PresentFile>, failures: Vec<Failure>, left: usize) -> Self {
        Self {
            downloaded: Vec::new(),
            present,
            failures,
            left,
            interrupted: None,
            stopped: None,
        }
    }

    /// Adds the result of a download.
    pub(super) fn add(&mut self, outcome: Outcome) {
        match outcome {
            Outcome::Downloaded(file) => self.downloaded.push(file),
            Outcome::Failed(failure) => self.failures.push(failure),
            Outcome::Aborted(failure, reason) => {
                self.failures.push(failure);
                self.stopped = Some(reason);
            }
        }
    }

    /// Returns whether no selected file is missing.
    pub(super) fn is_complete(&self) -> bool {
        self.failures.is_empty() && self.interrupted.is_none() && self.stopped.is_none()
    }

    /// Returns how the command ends.
    pub(super) fn result(&self) -> Result<(), Stop> {
        let advice = "run the same command again to resume";
        if let Some(signal) = self.interrupted {
            return Err(signal.stop(Some(advice)));
        }
        match &self.stopped {
            Some(abort) => Err(stop(
                abort.needs_change,
                format!("aborted: {}\n{advice}", abort.reason.trim_end()),
            )),
            None if self.failures.is_empty() => Ok(()),
            None => {
                let (failed, all) = (self.failures.len(), self.count());
                let needs_change = self.failures.iter().any(|failure| failure.needs_change);
                Err(stop(needs_change, format!("{failed} of {all} files failed")))
            }
        }
    }

    fn count(&self) -> usize {
        self.downloaded.len() + self.present.len() + self.failures.len() + self.left
    }

    fn downloaded_bytes(&self) -> u64 {
        self.downloaded.iter().map(|file| file.placed.bytes).sum()
    }
}

/// Prints a row for each failure, and a line of totals.
pub(super) fn print_table(tally: &Tally) -> Result<(), Stop> {
    if !tally.failures.is_empty() {
        let row = |failure: &Failure| [failure.token.clone(), failure.code.clone(), failure.advice.clone()];
        let rows: Vec<_> = tally.failures.iter().map(row).collect();
        for line in output::table(["token", "code", "what to do"], &rows) {
            output::line(line)?;
        }
        output::line("")?;
    }
    let mut totals = format!(
        "{} downloaded ({} bytes), {} already present",
        tally.downloaded.len(),
        tally.downloaded_bytes(),
        tally.present.len()
    );
    for (count, label) in [(tally.failures.len(), "failed"), (tally.left, "left")] {
        if count > 0 {
            totals.push_str(&format!(", {count} {label}"));
        }
    }
    output::line(totals)?;
    Ok(())
}

/// Prints one JSON object.
pub(super) fn print_json(tally: &Tally, skipped: &[String]) -> Result<(), Stop> {
    let downloaded = tally.downloaded.iter().map(|file| file_json(file, true));
    let present = tally.present.iter().map(|file| file_json(file, false));
    let failures = tally.failures.iter().map(|failure| {
        json!({
            "token": failure.token,
            "kind": failure.kind.as_str(),
            "code": failure.code,
            "message": failure.message,
            "advice": failure.advice,
            "log_id": failure.log_id,
        })
    });
    let document = json!({
        "files": present.chain(downloaded).collect::<Vec<_>>(),
        "failures": failures.collect::<Vec<_>>(),
        "skipped": skipped,
        "left": tally.left,
        "interrupted": tally.interrupted.is_some(),
        "stopped": tally.stopped.as_ref().map(|abort| &abort.reason),
    });
    output::json(&document)?;
    Ok(())
}

fn file_json(file: &PresentFile, is_new: bool) -> Value {
    json!({
        "token": file.token,
        "name": file.placed.name,
        "bytes": file.placed.bytes,
        "new": is_new,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn removes_only_orphaned_sidecars() -> io::Result<()> {
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
