//! One file of many, from its first byte to the journal.

use std::ffi::OsString;
use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use larkspur::download::{Progress as Now, Report, file_name};
use larkspur::{Client, Error};

use super::failure::{self, Failure};
use super::item::Item;
use super::journal::Journal;
use super::names::Names;
use super::plan::Here;
use super::progress::Progress;
use super::record::{Event, Placed, Record};
use crate::download::request::Shape;

/// Name of a file for which neither the platform nor its token gives one.
const NAMELESS: &str = "download";

/// What the files of a run share.
pub(super) struct Setup {
    pub client: Client,
    pub shape: Shape,
    pub directory: PathBuf,
    pub journal: Journal,
    pub names: Mutex<Names>,
    pub progress: Progress,
}

/// How it ended with a file.
pub(super) enum Ended {
    /// It is there.
    Here(Here),
    /// It could not be had.
    Failed(Failure),
    /// It could not be had, nor can any other: why.
    Hopeless(Failure, String),
}

/// Fetches a file, and writes into the journal what became of it.
///
/// Before it gets its name the journal says which that is, so that a run which is killed before it can say "done" need
/// not fetch the file again.
pub(super) async fn fetch(setup: Arc<Setup>, item: Item) -> Ended {
    let running = setup.progress.begin(&item.token);
    let shown = running.clone();
    let request = setup.shape.request(item.values.clone(), None);
    let transfer = setup.client.download(request).resume();
    let transfer = transfer.progress(move |now: Now| shown.advance(now.bytes, now.total));
    let (naming, named) = (Arc::clone(&setup), item.clone());
    let choose = move |served: Option<&str>, bytes| name(&naming, &named, served, bytes);
    let ended = transfer.to_dir_as(&setup.directory, choose).await;
    let (event, ended) = judge(&setup, &item, ended);
    let written = write(Arc::clone(&setup), record(&item, event)).await;
    running.end();
    let ended = match (written, ended) {
        (Err(error), ended) => {
            let why = format!("the journal cannot be written: {error}");
            Ended::Hopeless(ended.into_failure(&item.token, &why), why)
        }
        (Ok(()), ended) => ended,
    };
    setup.progress.tell(&ended);
    ended
}

/// The name for a file of which all bytes are there.
fn name(setup: &Setup, item: &Item, served: Option<&str>, bytes: u64) -> io::Result<OsString> {
    let of_token = || file_name::safe(&item.token);
    let wanted = item
        .name
        .clone()
        .or_else(|| served.map(str::to_owned))
        .or_else(of_token);
    let wanted = wanted.unwrap_or_else(|| NAMELESS.to_owned());
    let name = {
        let mut names = setup.names.lock().unwrap_or_else(PoisonError::into_inner);
        names.choose(&item.id, &wanted)
    };
    let placed = Placed {
        name: name.clone(),
        bytes,
    };
    setup.journal.append(&record(item, Event::Placing(placed)))?;
    Ok(name.into())
}

fn judge(setup: &Setup, item: &Item, ended: Result<Report, Error>) -> (Event, Ended) {
    let token = item.token.clone();
    let error = match ended {
        Ok(report) => {
            let placed = Placed {
                name: final_name(&report),
                bytes: report.bytes,
            };
            return (Event::Done(placed.clone()), Ended::Here(Here { token, placed }));
        }
        Err(error) => error,
    };
    let endpoint = setup.shape.endpoint();
    let failure = Failure::of(&token, endpoint, &error);
    let code = failure.code.clone();
    let ended = match failure::concerns_all(endpoint, &error) {
        true => Ended::Hopeless(failure, error.to_string()),
        false => Ended::Failed(failure),
    };
    (Event::Failed { code }, ended)
}

fn final_name(report: &Report) -> String {
    let name = report.path.as_deref().and_then(|path| path.file_name());
    name.unwrap_or_default().to_string_lossy().into_owned()
}

fn record(item: &Item, event: Event) -> Record {
    Record {
        id: item.id.clone(),
        token: item.token.clone(),
        event,
    }
}

/// Writes where waiting for the disk holds nobody up.
async fn write(setup: Arc<Setup>, record: Record) -> io::Result<()> {
    let written = tokio::task::spawn_blocking(move || setup.journal.append(&record)).await;
    written.unwrap_or_else(|error| Err(io::Error::other(error)))
}

impl Ended {
    /// The failure that it is, or that the journal's is for it.
    fn into_failure(self, token: &str, why: &str) -> Failure {
        match self {
            Self::Failed(failure) | Self::Hopeless(failure, _) => failure,
            Self::Here(_) => Failure::journal(token, why),
        }
    }
}
