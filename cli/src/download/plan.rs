//! The plan of a run: which files to download, which are present, and their names.

use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};

use larkspur::download::file_name;
use larkspur_codegen::command::output::Stop;

use super::failure::Failure;
use super::journal::{Event, FileState, History, Journal, PlacedFile, Record};
use super::list::{Item, ItemId};

/// The plan of a run.
pub(super) struct Plan {
    /// Files to download, in the order of the list.
    pub pending: Vec<Item>,
    pub present: Vec<PresentFile>,
    pub failures: Vec<Failure>,
    /// Number of missing files that this run skips.
    pub left: usize,
    /// Records of what the directory shows and the journal does not.
    records: Vec<Record>,
}

/// Which files of a list are downloaded.
#[derive(Clone, Copy)]
pub(super) struct Selection {
    /// Only those that failed in an earlier run.
    pub only_failed: bool,
    /// Also those that were changed after their download.
    pub overwrite: bool,
}

/// A file that is present.
pub(super) struct PresentFile {
    pub token: String,
    pub placed: PlacedFile,
}

enum Status {
    Present(PlacedFile),
    Missing,
    /// The file was changed after the download.
    Changed(PlacedFile),
}

impl Plan {
    /// Creates the plan for the selected items.
    pub(super) fn new(
        items: Vec<Item>,
        history: &History,
        names: &mut Names,
        directory: &Path,
        selection: Selection,
    ) -> Self {
        let mut plan = Self {
            pending: Vec::new(),
            present: Vec::new(),
            failures: Vec::new(),
            left: 0,
            records: Vec::new(),
        };
        for item in items {
            let state = history.state(&item.id);
            plan.add(item, &state, directory, selection);
        }
        // Names are assigned in the order of the list, so that they do not depend on the order of the downloads.
        for item in &plan.pending {
            if let Some(name) = &item.name {
                names.assign(&item.id, name);
            }
        }
        plan
    }

    fn add(&mut self, item: Item, state: &FileState, directory: &Path, selection: Selection) {
        match check_status(state, directory) {
            Status::Present(placed) => {
                if state.failed || !state.done {
                    self.record(&item, Event::Done(placed.clone()));
                }
                let token = item.token;
                self.present.push(PresentFile { token, placed });
            }
            _ if selection.only_failed && !state.failed => self.left += 1,
            Status::Missing => self.pending.push(item),
            Status::Changed(_) if selection.overwrite => self.pending.push(item),
            Status::Changed(placed) => {
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

    /// Appends the new records to the journal.
    pub(super) fn write_records(&self, journal: &Journal) -> Result<(), Stop> {
        let written = self.records.iter().try_for_each(|record| journal.append(record));
        written.map_err(|error| Stop::unable(format!("cannot write journal: {error}")))
    }
}

fn check_status(state: &FileState, directory: &Path) -> Status {
    let Some(placed) = state.placed.clone() else {
        return Status::Missing;
    };
    match directory.join(&placed.name).symlink_metadata() {
        Ok(found) if found.is_file() && found.len() == placed.bytes => Status::Present(placed),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Status::Missing,
        _ if state.done => Status::Changed(placed),
        // A run ended before the rename, and another file has the name.
        _ => Status::Missing,
    }
}

/// The names of the files in a directory. A name stays with its file across runs.
pub(super) struct Names {
    directory: PathBuf,
    /// Owners of names in lower case, as some file systems ignore case.
    owners: HashMap<String, ItemId>,
    assigned: HashMap<ItemId, String>,
    /// The next number to try, by the name without a number.
    next_number: HashMap<String, u32>,
    /// Whether existing files of others are replaced.
    overwrite: bool,
}

impl Names {
    /// Creates the names that earlier runs assigned.
    pub(super) fn new(directory: &Path, history: &History, overwrite: bool) -> Self {
        let mut names = Self {
            directory: directory.to_owned(),
            owners: HashMap::new(),
            assigned: HashMap::new(),
            next_number: HashMap::new(),
            overwrite,
        };
        for (id, name) in history.names() {
            names.insert(id, name);
        }
        names
    }

    /// Assigns the earlier name, else the requested one, with a number if another item has it. An existing file has its name
    /// too, unless it may be replaced.
    pub(super) fn assign(&mut self, id: &ItemId, requested: &str) -> String {
        if let Some(earlier) = self.assigned.get(id)
            && !self.exists(earlier)
        {
            return earlier.clone();
        }
        let base = requested.to_lowercase();
        let mut number = self.next_number.get(&base).copied().unwrap_or(0);
        loop {
            let name = match number {
                0 => requested.to_owned(),
                number => file_name::add_number(requested, number),
            };
            number = number.saturating_add(1);
            let is_taken = self.owners.contains_key(&name.to_lowercase()) || self.exists(&name);
            // No directory has as many files as there are numbers.
            if !is_taken || number == u32::MAX {
                self.next_number.insert(base, number);
                self.insert(id, &name);
                return name;
            }
        }
    }

    fn insert(&mut self, id: &ItemId, name: &str) {
        self.owners.insert(name.to_lowercase(), id.clone());
        self.assigned.insert(id.clone(), name.to_owned());
    }

    fn exists(&self, name: &str) -> bool {
        !self.overwrite && self.directory.join(name).symlink_metadata().is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(digit: &str) -> ItemId {
        ItemId::parse(&digit.repeat(32)).unwrap_or_else(|| unreachable!("32 hexadecimal digits"))
    }

    #[test]
    fn numbers_equal_names_and_keeps_them() -> io::Result<()> {
        let directory = tempfile::tempdir()?;
        let mut names = Names::new(directory.path(), &History::default(), false);
        assert_eq!(names.assign(&id("a"), "report.pdf"), "report.pdf");
        assert_eq!(names.assign(&id("b"), "report.pdf"), "report (1).pdf");
        assert_eq!(names.assign(&id("c"), "Report.PDF"), "Report (2).PDF");
        assert_eq!(names.assign(&id("b"), "another.pdf"), "report (1).pdf");
        Ok(())
    }

    #[test]
    fn does_not_assign_names_of_existing_files() -> io::Result<()> {
        let directory = tempfile::tempdir()?;
        std::fs::write(directory.path().join("report.pdf"), "of another program")?;
        let mut names = Names::new(directory.path(), &History::default(), false);
        assert_eq!(names.assign(&id("a"), "report.pdf"), "report (1).pdf");

        let mut names = Names::new(directory.path(), &History::default(), true);
        assert_eq!(names.assign(&id("a"), "report.pdf"), "report.pdf");
        assert_eq!(names.assign(&id("b"), "report.pdf"), "report (1).pdf");
        Ok(())
    }
}
