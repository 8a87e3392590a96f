//! The state file of an upload, with which a later process resumes it.

use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};

use super::endpoints::PrepareResponse;
use crate::error::{ErrorKind, UploadError};
use crate::secret::sha256_hex;
use crate::transfer::{OwnFile, before_disk_step, before_disk_write};
use crate::upload_source::FileFingerprint;

/// The magic number and the version of the format.
const MAGIC: &str = "larkspur upload 1 ";
/// The maximum size of a state file. The state of the maximum number of parts has less than 1.3 MB.
const MAX_STATE_BYTES: u64 = 2 * 1024 * 1024;

/// The state of an upload. It contains no token and only a digest of the request. The id of the upload is usable only by the
/// caller that started it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct UploadState {
    /// The digest of the request.
    pub request: String,
    /// The fingerprint of the file at the start of the upload.
    pub file: Option<FileFingerprint>,
    /// The size of the file in bytes.
    pub length: u64,
    /// The response to `prepare`.
    pub prepared: PrepareResponse,
    /// The start of the upload, in seconds since 1970.
    pub started: u64,
    /// The checksum of each uploaded part.
    pub checksums: Vec<Option<u32>>,
    /// Whether `finish` was called and may have taken effect.
    pub finishing: bool,
}

impl UploadState {
    fn to_json(&self) -> Value {
        json!({
            "request": self.request,
            "file": self.file.as_ref().map(fingerprint_to_json),
            "length": self.length,
            "prepared": self.prepared.to_json(),
            "started": self.started,
            "checksums": self.checksums,
            "finishing": self.finishing,
        })
    }

    /// Returns the text of the file. The first line contains a digest of the second: a crash while the file is overwritten leaves a
    /// mixture of two texts, which must not be accepted.
    fn to_text(&self) -> String {
        let json = self.to_json().to_string();
        format!("{MAGIC}{}\n{json}\n", sha256_hex(&json))
    }

    fn parse(text: &[u8]) -> Option<Self> {
        let mut lines = text.split(|byte| *byte == b'\n');
        let (head, json) = (lines.next()?, lines.next()?);
        let json = std::str::from_utf8(json).ok()?;
        (format!("{MAGIC}{}", sha256_hex(json)).as_bytes() == head).then_some(())?;
        let value: Value = serde_json::from_str(json).ok()?;
        let number = |key: &str| value.get(key).and_then(Value::as_u64);
        let checksum = |sum: &Value| match sum {
            Value::Null => Some(None),
            sum => Some(Some(u32::try_from(sum.as_u64()?).ok()?)),
        };
        Some(Self {
            request: value.get("request")?.as_str()?.to_owned(),
            file: match value.get("file")? {
                Value::Null => None,
                file => Some(fingerprint_from_json(file)?),
            },
            length: number("length")?,
            prepared: PrepareResponse::from_json(value.get("prepared")?)?,
            started: number("started")?,
            checksums: value
                .get("checksums")?
                .as_array()?
                .iter()
                .map(checksum)
                .collect::<Option<_>>()?,
            finishing: value.get("finishing")?.as_bool()?,
        })
    }
}

fn fingerprint_to_json(file: &FileFingerprint) -> Value {
    let modified = file.modified.and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    json!({
        "length": file.length,
        "modified": modified.map(|since| (since.as_secs(), since.subsec_nanos())),
        "inode": file.inode,
    })
}

fn fingerprint_from_json(value: &Value) -> Option<FileFingerprint> {
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

/// Returns the seconds since 1970.
pub(super) fn unix_time() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| since.as_secs())
}

/// The locked state file of an upload.
pub(super) struct StateFile {
    path: PathBuf,
    file: OwnFile,
}

impl StateFile {
    /// Opens or creates the file, which only its owner can read, and locks it.
    pub(super) fn open(path: &Path) -> Result<Self, ErrorKind> {
        let io_error = |source| ErrorKind::Io {
            path: path.to_owned(),
            action: "opening",
            source,
        };
        let file = OwnFile::lock(path).map_err(io_error)?;
        let mut file = file.ok_or_else(|| ErrorKind::Upload(UploadError::Busy { path: path.to_owned() }))?;
        if file.is_new() {
            // An empty file of somebody else is not taken for a state.
            file.write_all(MAGIC.as_bytes()).map_err(io_error)?;
        }
        Ok(Self {
            path: path.to_owned(),
            file,
        })
    }

    /// Reads the state, if it is valid. Other files are refused and not changed.
    pub(super) fn read(&mut self) -> Result<Option<UploadState>, ErrorKind> {
        let mut text = Vec::new();
        let read = self.file.seek(SeekFrom::Start(0));
        let read = read.and_then(|_| (&*self.file).take(MAX_STATE_BYTES).read_to_end(&mut text));
        read.map_err(|source| self.io_error("reading", source))?;
        // A crash may leave only some bytes of the magic number.
        let prefix = text.len().min(MAGIC.len());
        if prefix > 0 && text[..prefix] == MAGIC.as_bytes()[..prefix] {
            self.file
                .restrict_to_owner()
                .map_err(|source| self.io_error("opening", source))?;
            Ok(UploadState::parse(&text))
        } else {
            let reason = "it is not the state of an upload: choose another path";
            Err(self.io_error("reading", io::Error::new(io::ErrorKind::InvalidData, reason)))
        }
    }

    /// Overwrites the state.
    pub(super) fn write(&mut self, state: &UploadState) -> Result<(), ErrorKind> {
        let text = state.to_text();
        let written = self.file.seek(SeekFrom::Start(0)).and_then(|_| {
            let count = before_disk_write(text.len())?;
            self.file.write_all(&text.as_bytes()[..count])?;
            before_disk_step()?;
            // A crash before this leaves the end of a longer text, which the reader ignores.
            self.file.set_len(text.len() as u64)?;
            if state.finishing {
                // Otherwise a power failure could hide that the file may have been created, and it would be created twice.
                self.file.sync_all()?;
                self.file.sync_directory()?;
            }
            Ok(())
        });
        written.map_err(|source| self.io_error("writing", source))
    }

    /// Removes the file after the upload.
    pub(super) fn remove(self) -> Result<(), ErrorKind> {
        let Self { path, file } = self;
        file.remove().map_err(|source| ErrorKind::Io {
            path,
            action: "removing",
            source,
        })
    }

    fn io_error(&self, action: &'static str, source: io::Error) -> ErrorKind {
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
            started: 1_700_000_001,
            checksums: (0..25)
                .map(|part| (part < done).then_some(part as u32 * 1_000_003))
                .collect(),
            finishing: false,
        }
    }

    #[test]
    fn round_trips_over_a_longer_text() {
        let mut text = state(3).to_text();
        assert_eq!(UploadState::parse(text.as_bytes()), Some(state(3)));
        text.push_str("ull,null]}\n");
        assert_eq!(UploadState::parse(text.as_bytes()), Some(state(3)));
    }

    /// A crash within a write leaves such texts.
    #[test]
    fn rejects_torn_text() {
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
    fn rejects_other_texts() {
        for text in ["", "{}", MAGIC, "larkspur upload 1 00\n{}\n"] {
            assert_eq!(UploadState::parse(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn does_not_change_other_files() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("notes.txt");
        std::fs::write(&path, "my notes").unwrap();
        let mut file = StateFile::open(&path).unwrap();
        assert!(file.read().is_err());
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "my notes");
    }

    #[cfg(unix)]
    #[test]
    fn leaves_mode_and_empty_file_of_others() {
        use std::os::unix::fs::PermissionsExt as _;
        let directory = tempfile::tempdir().unwrap();
        for content in ["", "my notes"] {
            let path = directory.path().join("notes.txt");
            std::fs::write(&path, content).unwrap();
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
            let mut file = StateFile::open(&path).unwrap();
            assert!(file.read().is_err(), "{content:?}");
            drop(file);
            assert_eq!(std::fs::read_to_string(&path).unwrap(), content);
            assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o644);
        }
    }

    #[test]
    fn restarts_after_torn_first_write() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("state");
        std::fs::write(&path, &MAGIC[..4]).unwrap();
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
