//! The journal: what happened to each file, flushed to the disk line by line.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read as _, Write as _};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use super::history::History;
use super::record::Record;
use crate::stop::Stop;

/// Name of the journal.
const NAME: &str = ".larkspur-journal.jsonl";
/// Its first line.
const HEADER: &str = "{\"larkspur_journal\":1}\n";

/// A journal that this run alone writes. Its lock ends with it, and with the process.
pub(super) struct Journal(Mutex<Open>);

struct Open {
    file: File,
    /// Up to where the lines are whole.
    length: u64,
}

impl Journal {
    /// The journal of a directory, and what it holds. A last line without an end is one that a run was killed in: it
    /// is taken off.
    pub(super) fn open(directory: &Path) -> Result<(Self, History), Stop> {
        let path = directory.join(NAME);
        let fail = |problem: String| Stop::unable(format!("{}: {problem}", path.display()));
        let cannot = |error: io::Error| fail(format!("cannot be opened: {error}"));
        let mut file = create(&path).map_err(cannot)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(fail("another run writes into this directory: let it end".to_owned()));
            }
            Err(TryLockError::Error(error)) => {
                return Err(fail(format!("cannot be locked against a second run: {error}")));
            }
        }
        let mut text = Vec::new();
        file.read_to_end(&mut text).map_err(cannot)?;
        let whole = text.iter().rposition(|byte| *byte == b'\n').map_or(0, |last| last + 1);
        text.truncate(whole);
        let history = read(&text).map_err(fail)?;
        let mut open = Open {
            file,
            length: whole as u64,
        };
        open.begin().map_err(cannot)?;
        sync_names(directory).map_err(cannot)?;
        Ok((Self(Mutex::new(open)), history))
    }

    /// Writes a record, and waits until it is on the disk.
    pub(super) fn append(&self, record: &Record) -> io::Result<()> {
        // A poisoned lock is that of a thread which panicked elsewhere: `length` is right at any point.
        let mut open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        open.append(&record.to_line())
    }
}

impl Open {
    /// Takes off what is no whole line, and writes the header where there is none.
    fn begin(&mut self) -> io::Result<()> {
        self.file.set_len(self.length)?;
        match self.length {
            0 => self.append(HEADER),
            _ => Ok(()),
        }
    }

    fn append(&mut self, line: &str) -> io::Result<()> {
        // The file is opened to append: this takes off what a write that failed has left of its line.
        self.file.set_len(self.length)?;
        self.file.write_all(line.as_bytes())?;
        self.file.sync_data()?;
        self.length += line.len() as u64;
        Ok(())
    }
}

/// The records of a journal, or the line that is none.
fn read(text: &[u8]) -> Result<History, String> {
    let mut history = History::default();
    if text.is_empty() {
        return Ok(history);
    }
    let Some(records) = text.strip_prefix(HEADER.as_bytes()) else {
        return Err("its first line is not that of a journal: move it away, or give another --to".to_owned());
    };
    for (index, line) in records.split(|byte| *byte == b'\n').enumerate() {
        if line.is_empty() {
            continue;
        }
        let record = Record::read(line).ok_or_else(|| {
            let number = index + 2;
            format!("line {number} is no record: remove that line, whose file then counts as not there")
        })?;
        history.add(record);
    }
    Ok(history)
}

/// Makes or opens it, for its owner alone.
fn create(path: &Path) -> io::Result<File> {
    // Following a link would write wherever somebody else of this directory wants.
    if path.symlink_metadata().is_ok_and(|found| !found.is_file()) {
        return Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            "it is no ordinary file: remove it",
        ));
    }
    let mut options = OpenOptions::new();
    options.read(true).append(true).create(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    options.open(path)
}

/// Waits until the name of the journal is on the disk.
fn sync_names(directory: &Path) -> io::Result<()> {
    match cfg!(unix) {
        true => File::open(directory)?.sync_all(),
        false => Ok(()),
    }
}
