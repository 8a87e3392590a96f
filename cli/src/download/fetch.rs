//! The download of one file of a list, with its journal records.

use std::ffi::OsString;
use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use larkspur::download::{Progress as TransferProgress, Report, file_name};
use larkspur::{Client, Error};

use super::failure::{Failure, affects_all_files};
use super::journal::{Event, Journal, PlacedFile, Record};
use super::list::Item;
use super::plan::{Names, PresentFile};
use super::progress::Progress;
use super::request::RequestShape;

/// Name of a file if neither the platform nor its token gives one.
const FALLBACK_NAME: &str = "download";

/// The state that all downloads of a run share.
pub(super) struct Context {
    pub client: Client,
    pub shape: RequestShape,
    pub directory: PathBuf,
    pub journal: Journal,
    pub names: Mutex<Names>,
    pub progress: Progress,
}

/// The result of a download.
pub(super) enum Outcome {
    Downloaded(PresentFile),
    Failed(Failure),
    /// The download failed for a reason that affects all files of the run.
    Aborted(Failure, String),
}

/// Downloads a file and records the result in the journal.
///
/// The journal holds the name of a file before the rename, so that a run that is killed between rename and `done` does not
/// download the file again.
pub(super) async fn download_item(context: Arc<Context>, item: Item) -> Outcome {
    let bar = context.progress.start_file(&item.token);
    let shared_bar = bar.clone();
    let request = context.shape.request(item.values.clone(), None);
    let download = context.client.download(request).resume();
    let download = download.progress(move |now: TransferProgress| shared_bar.update(now.bytes, now.total));
    let (name_context, name_item) = (Arc::clone(&context), item.clone());
    let choose = move |served: Option<&str>, bytes| choose_name(&name_context, &name_item, served, bytes);
    let result = download.to_dir_as(&context.directory, choose).await;
    let (event, outcome) = evaluate(&context, &item, result);
    let written = write_record(Arc::clone(&context), create_record(&item, event)).await;
    bar.finish();
    let outcome = match written {
        Ok(()) => outcome,
        Err(error) => {
            let reason = format!("cannot write journal: {error}");
            Outcome::Aborted(outcome.into_failure(&item.token, &reason), reason)
        }
    };
    let (line, has_failed) = outcome.describe();
    context.progress.report_file(&line, has_failed);
    outcome
}

/// Chooses the name of a complete file and records it.
fn choose_name(context: &Context, item: &Item, served: Option<&str>, bytes: u64) -> io::Result<OsString> {
    let requested = item
        .name
        .clone()
        .or_else(|| served.map(str::to_owned))
        .or_else(|| file_name::sanitize(&item.token));
    let requested = requested.unwrap_or_else(|| FALLBACK_NAME.to_owned());
    let name = {
        let mut names = context.names.lock().unwrap_or_else(PoisonError::into_inner);
        names.assign(&item.id, &requested)
    };
    let placed = PlacedFile {
        name: name.clone(),
        bytes,
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
    let endpoint = context.shape.endpoint();
    let failure = Failure::new(&token, endpoint, &error);
    let code = failure.code.clone();
    let outcome = if affects_all_files(endpoint, &error) {
        Outcome::Aborted(failure, error.report().to_string())
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
