//! The journal of a directory: what happened to each file, one synced JSON line per event.

use std::collections::HashMap;
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use larkspur::__private::OwnFile;
use larkspur::download::file_name;
use larkspur_codegen::command::output::Stop;
use serde_json::{Value, json};

use super::list::ItemId;

/// File name of the journal.
const NAME: &str = ".larkspur-journal.jsonl";
/// Its first line.
const HEADER: &str = "{\"larkspur_journal\":1}\n";

/// Error code of a download whose file name another file took first.
pub(super) const NAME_TAKEN: &str = "taken";

/// A journal that this run has locked until it ends.
pub(super) struct Journal(Mutex<OpenJournal>);

struct OpenJournal {
    file: OwnFile,
    /// Length of the complete lines.
    length: u64,
}

impl Journal {
    /// Opens the journal of a directory and reads its history. An incomplete last line of a killed run is removed.
    pub(super) fn open(directory: &Path) -> Result<(Self, History), Stop> {
        let path = directory.join(NAME);
        let fail = |problem: String| Stop::unable(format!("{}: {problem}", path.display()));
        let open_error = |error: io::Error| fail(format!("cannot open journal: {error}"));
        let mut file = OwnFile::lock(&path)
            .map_err(open_error)?
            .ok_or_else(|| fail("another run is using this directory: wait until it has finished".to_owned()))?;
        let mut text = Vec::new();
        file.read_to_end(&mut text).map_err(open_error)?;
        check_header(&text).map_err(fail)?;
        let complete = text.iter().rposition(|byte| *byte == b'\n').map_or(0, |last| last + 1);
        text.truncate(complete);
        let history = parse_history(&text).map_err(fail)?;
        let mut open = OpenJournal {
            file,
            length: complete as u64,
        };
        open.initialize().map_err(open_error)?;
        open.file.sync_directory().map_err(open_error)?;
        Ok((Self(Mutex::new(open)), history))
    }

    /// Appends a record and syncs it to disk.
    pub(super) fn append(&self, record: &Record) -> io::Result<()> {
        // Safe after a panic elsewhere, as `length` is always correct.
        let mut open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        open.append(&record.to_line())
    }
}

impl OpenJournal {
    /// Removes an incomplete line, and writes the header of a new journal.
    fn initialize(&mut self) -> io::Result<()> {
        self.file.set_len(self.length)?;
        match self.length {
            0 => self.append(HEADER),
            _ => Ok(()),
        }
    }

    fn append(&mut self, line: &str) -> io::Result<()> {
        // This removes what a failed write has left.
        self.file.set_len(self.length)?;
        self.file.seek(SeekFrom::Start(self.length))?;
        self.file.write_all(line.as_bytes())?;
        self.file.sync_data()?;
        self.length += line.len() as u64;
        Ok(())
    }
}

/// Refuses another file, which must not be truncated. A killed run may leave only the beginning of the header.
fn check_header(text: &[u8]) -> Result<(), String> {
    let length = text.len().min(HEADER.len());
    if text[..length] == HEADER.as_bytes()[..length] {
        Ok(())
    } else {
        Err("not a journal: move the file to another place, or choose another --to".to_owned())
    }
}

/// Parses the complete lines of a journal.
fn parse_history(text: &[u8]) -> Result<History, String> {
    let mut history = History::default();
    let records = text.strip_prefix(HEADER.as_bytes()).unwrap_or_default();
    for (index, line) in records.split(|byte| *byte == b'\n').enumerate() {
        if line.is_empty() {
            continue;
        }
        let record = Record::parse(line).ok_or_else(|| {
            let number = index + 2;
            format!("line {number}: invalid record: remove the line, and its file is downloaded again")
        })?;
        history.add(record);
    }
    Ok(history)
}

/// A line of the journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Record {
    pub id: ItemId,
    /// For people who read the journal. It is not a credential: it needs an access token to be of use.
    pub token: String,
    pub event: Event,
}

/// What happened to a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Event {
    /// The download is complete, and the file is about to be renamed.
    Placing(PlacedFile),
    /// The file has its name.
    Done(PlacedFile),
    /// The download failed.
    Failed {
        /// Error code.
        code: String,
    },
}

/// Name and size of a downloaded file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PlacedFile {
    pub name: String,
    pub bytes: u64,
}

impl Record {
    /// Returns the line with its line break.
    fn to_line(&self) -> String {
        let mut line = json!({ "item": self.id.to_string(), "token": self.token });
        match &self.event {
            Event::Placing(placed) => set_placed(&mut line, "placing", placed),
            Event::Done(placed) => set_placed(&mut line, "done", placed),
            Event::Failed { code } => {
                line["state"] = json!("failed");
                line["code"] = json!(code);
            }
        }
        format!("{line}\n")
    }

    /// Parses a line without its line break.
    fn parse(line: &[u8]) -> Option<Self> {
        let line: Value = serde_json::from_slice(line).ok()?;
        let text = |key: &str| line.get(key).and_then(Value::as_str);
        let placed = || {
            let name = text("name")?;
            // A manipulated journal must not refer to files outside of the directory.
            let is_safe = file_name::sanitize(name).as_deref() == Some(name);
            let bytes = line.get("bytes")?.as_u64()?;
            is_safe.then(|| PlacedFile {
                name: name.to_owned(),
                bytes,
            })
        };
        let event = match text("state")? {
            "placing" => Event::Placing(placed()?),
            "done" => Event::Done(placed()?),
            "failed" => Event::Failed {
                code: text("code")?.to_owned(),
            },
            _ => return None,
        };
        Some(Self {
            id: ItemId::parse(text("item")?)?,
            token: text("token")?.to_owned(),
            event,
        })
    }
}

fn set_placed(line: &mut Value, state: &str, placed: &PlacedFile) {
    line["state"] = json!(state);
    line["name"] = json!(placed.name);
    line["bytes"] = json!(placed.bytes);
}

/// The state of each file after earlier runs.
#[derive(Debug, Default)]
pub(super) struct History(HashMap<ItemId, FileState>);

/// The state of a file after earlier runs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct FileState {
    /// The name that the file got, or was about to get when a run ended.
    pub placed: Option<PlacedFile>,
    /// Whether the rename was recorded.
    pub done: bool,
    /// Whether the last event is a failure.
    pub failed: bool,
}

impl History {
    /// Adds the next record.
    fn add(&mut self, record: Record) {
        let state = self.0.entry(record.id).or_default();
        match record.event {
            Event::Placing(placed) => {
                *state = FileState {
                    placed: Some(placed),
                    done: false,
                    failed: false,
                };
            }
            Event::Done(placed) => {
                *state = FileState {
                    placed: Some(placed),
                    done: true,
                    failed: false,
                };
            }
            Event::Failed { code } => {
                // Other failures can follow the rename, so that the directory decides.
                if code == NAME_TAKEN {
                    *state = FileState::default();
                }
                state.failed = true;
            }
        }
    }

    /// Returns the state of a file.
    pub(super) fn state(&self, id: &ItemId) -> FileState {
        self.0.get(id).cloned().unwrap_or_default()
    }

    /// Returns the assigned names.
    pub(super) fn names(&self) -> impl Iterator<Item = (&ItemId, &str)> {
        self.0.iter().filter_map(|(id, state)| {
            let placed = state.placed.as_ref()?;
            Some((id, placed.name.as_str()))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn records() -> Option<[Record; 3]> {
        let placed = PlacedFile {
            name: "封面 (1).png".to_owned(),
            bytes: 12,
        };
        let failed = Event::Failed {
            code: "HTTP 404".to_owned(),
        };
        let id = ItemId::parse(&"0a".repeat(16))?;
        Some(
            [Event::Placing(placed.clone()), Event::Done(placed), failed].map(|event| Record {
                id: id.clone(),
                token: "boxcn\"1".to_owned(),
                event,
            }),
        )
    }

    #[test]
    fn record_round_trips() {
        for record in records().into_iter().flatten() {
            let line = record.to_line();
            assert_eq!(Record::parse(line.trim_end().as_bytes()), Some(record));
        }
    }

    #[test]
    fn rejects_names_outside_of_directory() {
        for name in ["../a", "a/b", ".larkspur-journal.jsonl", ""] {
            let line = json!({"item": "0a".repeat(16), "token": "t", "state": "done", "name": name, "bytes": 1});
            assert_eq!(Record::parse(line.to_string().as_bytes()), None, "{name}");
        }
    }
}
