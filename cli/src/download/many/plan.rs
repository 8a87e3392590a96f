//! What is to be done, as far as the journal and the directory tell.

use std::io;
use std::path::Path;

use super::failure::Failure;
use super::history::{History, Past};
use super::item::Item;
use super::journal::Journal;
use super::names::Names;
use super::record::{Event, Placed, Record};
use crate::stop::Stop;

/// What is to be done.
pub(super) struct Plan {
    /// In the order of the list.
    pub wanted: Vec<Item>,
    pub here: Vec<Here>,
    pub failures: Vec<Failure>,
    /// How many are neither there nor asked for in this run.
    pub left: usize,
    records: Vec<Record>,
}

/// A file that is there.
pub(super) struct Here {
    pub token: String,
    pub placed: Placed,
}

/// How it stands with a file.
enum State {
    Here(Placed),
    Missing,
    /// Somebody has changed it since it came.
    Changed(Placed),
}

impl Plan {
    /// What is to be done for these; with `retry_failed`, only for those that failed.
    pub(super) fn new(
        items: Vec<Item>,
        history: &History,
        names: &mut Names,
        directory: &Path,
        retry_failed: bool,
    ) -> Self {
        let mut plan = Self {
            wanted: Vec::new(),
            here: Vec::new(),
            failures: Vec::new(),
            left: 0,
            records: Vec::new(),
        };
        for item in items {
            let past = history.of(&item.id);
            let asked_for = past.failed || !retry_failed;
            plan.add(item, &past, directory, asked_for);
        }
        // In the order of the list, so that the same list gives the same names whatever comes first.
        for item in &plan.wanted {
            if let Some(name) = &item.name {
                names.choose(&item.id, name);
            }
        }
        plan
    }

    fn add(&mut self, item: Item, past: &Past, directory: &Path, asked_for: bool) {
        match state(past, directory) {
            State::Here(placed) => {
                if past.failed || !past.done {
                    self.record(&item, Event::Done(placed.clone()));
                }
                let token = item.token;
                self.here.push(Here { token, placed });
            }
            _ if !asked_for => self.left += 1,
            State::Missing => self.wanted.push(item),
            State::Changed(placed) => {
                let failure = Failure::changed(&item.token, &placed);
                let code = failure.code.clone();
                self.record(&item, Event::Failed { code });
                self.failures.push(failure);
            }
        }
    }

    fn record(&mut self, item: &Item, event: Event) {
        self.records.push(Record {
            id: item.id.clone(),
            token: item.token.clone(),
            event,
        });
    }

    /// Writes down what the journal did not know.
    pub(super) fn write(&self, journal: &Journal) -> Result<(), Stop> {
        let written = self.records.iter().try_for_each(|record| journal.append(record));
        written.map_err(|error| Stop::unable(format!("the journal cannot be written: {error}")))
    }
}

fn state(past: &Past, directory: &Path) -> State {
    let Some(placed) = past.placed.clone() else {
        return State::Missing;
    };
    match directory.join(&placed.name).symlink_metadata() {
        Ok(found) if found.is_file() && found.len() == placed.bytes => State::Here(placed),
        Err(error) if error.kind() == io::ErrorKind::NotFound => State::Missing,
        _ if past.done => State::Changed(placed),
        // A run ended before the file got its name, which another one has now.
        _ => State::Missing,
    }
}
