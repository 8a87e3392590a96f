//! What stands in a file while an upload is under way, so that a later process can go on with it.

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};

use super::step_request::PrepareResponse;
use crate::digest;
use crate::error::{ErrorKind, UploadError};
use crate::transfer::directory::{Directory, lock_file};
use crate::transfer::disk_faults;
use crate::upload_source::FileFingerprint;

/// What the file begins with: that it is one of ours, and its format.
const MARK: &str = "larkspur upload 1 ";
/// Longest file that is taken for one of ours: that of an upload of the most parts has less than 1.3 MB.
const MAX_STATE_BYTES: u64 = 2 * 1024 * 1024;

/// How far an upload has come. No token is in it and nothing of the request but a digest. The id of the upload is, which is
/// of use to nobody but the caller who began it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct UploadState {
    /// Digest of what is sent, and where to.
    pub request: String,
    /// What told the file from others when the upload began.
    pub file: Option<FileFingerprint>,
    /// How many bytes it has.
    pub length: u64,
    /// What the platform answered as the upload began.
    pub prepared: PrepareResponse,
    /// When that was, in seconds since 1970.
    pub began: u64,
    /// The checksum of each part that the platform has.
    pub sums: Vec<Option<u32>>,
    /// Whether the last step was sent, and may have been done.
    pub finishing: bool,
}

impl UploadState {
    fn to_json(&self) -> Value {
        json!({
            "request": self.request,
            "file": self.file.as_ref().map(looks),
            "length": self.length,
            "prepared": self.prepared.to_json(),
            "began": self.began,
            "sums": self.sums,
            "finishing": self.finishing,
        })
    }

    /// The text of the file: in its first line a digest of the second. A process may die within the writing of a text over
    /// another one, and what it leaves must not be taken for either.
    fn to_text(&self) -> String {
        let json = self.to_json().to_string();
        format!("{MARK}{}\n{json}\n", digest::of(&json))
    }

    fn parse(text: &[u8]) -> Option<Self> {
        let mut lines = text.split(|byte| *byte == b'\n');
        let (head, json) = (lines.next()?, lines.next()?);
        let json = std::str::from_utf8(json).ok()?;
        (format!("{MARK}{}", digest::of(json)).as_bytes() == head).then_some(())?;
        let value: Value = serde_json::from_str(json).ok()?;
        let number = |key: &str| value.get(key).and_then(Value::as_u64);
        let sum = |sum: &Value| match sum {
            Value::Null => Some(None),
            sum => Some(Some(u32::try_from(sum.as_u64()?).ok()?)),
        };
        Some(Self {
            request: value.get("request")?.as_str()?.to_owned(),
            file: match value.get("file")? {
                Value::Null => None,
                file => Some(from_looks(file)?),
            },
            length: number("length")?,
            prepared: PrepareResponse::from_json(value.get("prepared")?)?,
            began: number("began")?,
            sums: value.get("sums")?.as_array()?.iter().map(sum).collect::<Option<_>>()?,
            finishing: value.get("finishing")?.as_bool()?,
        })
    }
}

fn looks(file: &FileFingerprint) -> Value {
    let modified = file.modified.and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    json!({
        "length": file.length,
        "modified": modified.map(|since| (since.as_secs(), since.subsec_nanos())),
        "inode": file.inode,
    })
}

fn from_looks(value: &Value) -> Option<FileFingerprint> {
    let pair = |key: &str| {
        let pair = value.get(key)?;
        Some((pair.get(0)?.as_u64()?, pair.get(1)?.as_u64()?))
    };
    let since = |(seconds, nanos): (u64, u64)| {
        let since = std::time::Duration::new(seconds, u32::try_from(nanos).ok()?);
        UNIX_EPOCH.checked_add(since)
    };
    Some(FileFingerprint {
        length: value.get("length")?.as_u64()?,
        modified: pair("modified").and_then(since),
        inode: pair("inode"),
    })
}

/// Seconds since 1970.
pub(super) fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| since.as_secs())
}

/// The file with the state of one upload, which no other process writes meanwhile.
pub(super) struct StateFile {
    path: PathBuf,
    directory: Directory,
    name: OsString,
    /// Locked as long as it is open.
    file: File,
}

impl StateFile {
    /// Opens or makes the file, readable for its owner alone, and locks it.
    pub(super) fn open(path: &Path) -> Result<Self, ErrorKind> {
        let local = |source| ErrorKind::Io {
            path: path.to_owned(),
            action: "opening",
            source,
        };
        let name = path
            .file_name()
            .ok_or_else(|| local(io::ErrorKind::InvalidFilename.into()))?;
        let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
        let directory = Directory::open(parent.unwrap_or(Path::new("."))).map_err(local)?;
        let file = lock_file(&directory, name).map_err(local)?;
        let file = file.ok_or_else(|| ErrorKind::Upload(UploadError::Busy { path: path.to_owned() }))?;
        Ok(Self {
            path: path.to_owned(),
            name: name.to_owned(),
            directory,
            file,
        })
    }

    /// The state that is in it, if it is one. What is another file is left as it is.
    pub(super) fn read(&mut self) -> Result<Option<UploadState>, ErrorKind> {
        let mut text = Vec::new();
        let read = self.file.seek(SeekFrom::Start(0));
        let read = read.and_then(|_| (&mut self.file).take(MAX_STATE_BYTES).read_to_end(&mut text));
        read.map_err(|source| self.local("reading", source))?;
        // The first bytes of one, where a process died as it began to write.
        let begun = text.len().min(MARK.len());
        match text[..begun] == MARK.as_bytes()[..begun] {
            true => Ok(UploadState::parse(&text)),
            false => {
                let kind = "it is no state of an upload and stays as it is: name another path";
                Err(self.local("reading", io::Error::new(io::ErrorKind::InvalidData, kind)))
            }
        }
    }

    /// Writes the state over what is there.
    pub(super) fn write(&mut self, state: &UploadState) -> Result<(), ErrorKind> {
        let text = state.to_text();
        let written = self.file.seek(SeekFrom::Start(0)).and_then(|_| {
            let torn = disk_faults::write(text.len())?;
            self.file.write_all(&text.as_bytes()[..torn])?;
            disk_faults::step()?;
            // A process that dies in between leaves the rest of a longer text, which the reader passes over.
            self.file.set_len(text.len() as u64)
        });
        written.map_err(|source| self.local("writing", source))
    }

    /// Removes the file: the upload is over.
    pub(super) fn remove(self) -> Result<(), ErrorKind> {
        let removed = self.directory.remove(&self.name);
        removed.map_err(|source| self.local("removing", source))
    }

    fn local(&self, action: &'static str, source: io::Error) -> ErrorKind {
        ErrorKind::Io {
            path: self.path.clone(),
            action,
            source,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state(done: usize) -> UploadState {
        let mut prepared = PrepareResponse::default();
        crate::wire::FieldsMut::unknown_mut(&mut prepared).insert("upload_id", "7111".into());
        UploadState {
            request: "ab".repeat(32),
            file: Some(FileFingerprint {
                length: 100,
                modified: UNIX_EPOCH.checked_add(std::time::Duration::new(1_700_000_000, 123_456_700)),
                inode: Some((1, u64::MAX)),
            }),
            length: 100,
            prepared,
            began: 1_700_000_001,
            sums: (0..25)
                .map(|part| (part < done).then_some(part as u32 * 1_000_003))
                .collect(),
            finishing: false,
        }
    }

    #[test]
    fn a_state_is_read_as_it_was_written_even_over_a_longer_one() {
        let mut text = state(3).to_text();
        assert_eq!(UploadState::parse(text.as_bytes()), Some(state(3)));
        text.push_str("ull,null]}\n");
        assert_eq!(UploadState::parse(text.as_bytes()), Some(state(3)));
    }

    /// What a process leaves that dies within a write.
    #[test]
    fn a_text_that_is_neither_the_old_one_nor_the_new_one_is_none() {
        for (old, new) in [(0, 1), (1, 2), (24, 25), (25, 0)] {
            let (old, new) = (state(old).to_text(), state(new).to_text());
            for torn in 1..new.len() {
                let mut text = new.as_bytes()[..torn].to_vec();
                text.extend_from_slice(old.as_bytes().get(torn..).unwrap_or_default());
                let read = UploadState::parse(&text);
                let expected = [
                    UploadState::parse(old.as_bytes()),
                    UploadState::parse(new.as_bytes()),
                    None,
                ];
                assert!(expected.contains(&read), "{}", String::from_utf8_lossy(&text));
            }
        }
    }

    #[test]
    fn what_is_no_state_is_none() {
        for text in ["", "{}", MARK, "larkspur upload 1 00\n{}\n"] {
            assert_eq!(UploadState::parse(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn a_file_of_somebody_else_stays_as_it_is() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("notes.txt");
        std::fs::write(&path, "my notes").unwrap();
        let mut file = StateFile::open(&path).unwrap();
        assert!(file.read().is_err());
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "my notes");
    }

    #[test]
    fn a_state_that_was_torn_as_it_began_is_begun_anew() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("state");
        std::fs::write(&path, &MARK[..4]).unwrap();
        let mut file = StateFile::open(&path).unwrap();
        assert_eq!(file.read().unwrap(), None);
        file.write(&state(1)).unwrap();
        assert_eq!(file.read().unwrap(), Some(state(1)));
        assert!(matches!(
            StateFile::open(&path),
            Err(ErrorKind::Upload(UploadError::Busy { .. }))
        ));
    }
}
