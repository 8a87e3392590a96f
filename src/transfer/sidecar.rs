//! What stands beside a partial file, so that a later process can go on with it.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};

use serde_json::{Value, json};

use super::directory::Directory;
use super::inject;
use super::report::Sha256;
use super::version::Version;

/// The format of the file.
const FORMAT: u64 = 1;
/// Longest file that is taken for one of ours.
const LONGEST: u64 = 64 * 1024;

/// What is known of a partial file. No token, no URL and nothing of a request is in it, but a digest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Sidecar {
    /// Id of the endpoint, for whoever looks at it.
    pub endpoint: String,
    /// Digest of the request.
    pub request: String,
    /// The version that the bytes are of.
    pub version: Version,
    /// How many bytes have been flushed to the disk.
    pub flushed: u64,
    /// What the system was known by since it started. While it runs, bytes that were written are not lost, be they
    /// flushed or not.
    pub boot: Option<String>,
}

impl Sidecar {
    pub(crate) fn new(endpoint: &str, request: &Sha256, version: Version, flushed: u64) -> Self {
        Self {
            endpoint: endpoint.to_owned(),
            request: request.to_string(),
            version,
            flushed,
            boot: boot(),
        }
    }

    /// How many bytes at the start of a partial file of this length are as they were written.
    pub(crate) fn sound(&self, length: u64) -> u64 {
        let same_boot = self.boot.is_some() && self.boot == boot();
        let sound = if same_boot { length } else { self.flushed.min(length) };
        match self.version.total {
            // Longer than the file: not what this describes.
            Some(total) if sound > total => 0,
            _ => sound,
        }
    }

    /// What stands under this name, if it is a sidecar at all.
    pub(crate) fn read(directory: &Directory, name: &OsStr) -> Option<Self> {
        let mut text = Vec::new();
        let file = directory.open_own(name).ok()?;
        file.take(LONGEST).read_to_end(&mut text).ok()?;
        Self::parse(&text)
    }

    /// Writes it under this name, over what is there.
    pub(crate) fn write(&self, directory: &Directory, name: &OsStr) -> io::Result<File> {
        let mut file = match directory.create(name) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => directory.open_own(name)?,
            other => other?,
        };
        let text = self.to_json().to_string();
        file.seek(SeekFrom::Start(0))?;
        let torn = inject::write(text.len())?;
        file.write_all(&text.as_bytes()[..torn])?;
        inject::step()?;
        // A process that dies in between leaves the rest of a longer text, which the reader passes over.
        file.set_len(text.len() as u64)?;
        Ok(file)
    }

    fn to_json(&self) -> Value {
        let version = &self.version;
        json!({
            "larkspur_partial": FORMAT,
            "endpoint": self.endpoint,
            "request": self.request,
            "total": version.total,
            "etag": version.etag,
            "last_modified": version.last_modified,
            "content_type": version.content_type,
            "name": version.name,
            "takes_ranges": version.takes_ranges,
            "flushed": self.flushed,
            "boot": self.boot,
        })
    }

    fn parse(text: &[u8]) -> Option<Self> {
        let value: Value = serde_json::Deserializer::from_slice(text).into_iter().next()?.ok()?;
        let text = |key: &str| value.get(key).and_then(Value::as_str).map(str::to_owned);
        let number = |key: &str| value.get(key).and_then(Value::as_u64);
        (number("larkspur_partial")? == FORMAT).then_some(())?;
        Some(Self {
            endpoint: text("endpoint")?,
            request: text("request")?,
            version: Version {
                total: number("total"),
                etag: text("etag"),
                last_modified: text("last_modified"),
                content_type: text("content_type"),
                // It may have been changed since, and is to be as safe as one that comes.
                name: text("name").and_then(|name| crate::download::safe(&name)),
                takes_ranges: value.get("takes_ranges").and_then(Value::as_bool).unwrap_or(false),
            },
            flushed: number("flushed")?,
            boot: text("boot"),
        })
    }
}

/// Name of the sidecar of a partial file.
pub(crate) fn name_for(partial: &OsStr) -> OsString {
    let mut name = partial.to_owned();
    name.push(".json");
    name
}

/// What Linux makes anew at each start. Elsewhere only flushed bytes count.
fn boot() -> Option<String> {
    let id = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
    Some(id.trim().to_owned()).filter(|id| !id.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sidecar() -> Sidecar {
        Sidecar {
            endpoint: "drive.v1.media.download".to_owned(),
            request: "ab".repeat(32),
            version: Version {
                total: Some(100),
                etag: Some("\"a\\\"b\"".to_owned()),
                last_modified: None,
                content_type: Some("image/png".to_owned()),
                name: Some("封面.png".to_owned()),
                takes_ranges: true,
            },
            flushed: 10,
            boot: boot(),
        }
    }

    #[test]
    fn it_is_read_as_it_was_written_even_over_a_longer_one() {
        let mut text = sidecar().to_json().to_string();
        assert_eq!(Sidecar::parse(text.as_bytes()), Some(sidecar()));
        text.push_str("0,\"boot\":null}");
        assert_eq!(Sidecar::parse(text.as_bytes()), Some(sidecar()));
    }

    #[test]
    fn what_is_no_sidecar_is_none() {
        for text in ["", "{", "null", "{}", "[1]", r#"{"larkspur_partial":2}"#] {
            assert_eq!(Sidecar::parse(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn after_a_restart_of_the_system_only_flushed_bytes_are_sound() {
        let mut sidecar = sidecar();
        sidecar.boot = Some("an earlier one".to_owned());
        assert_eq!((sidecar.sound(50), sidecar.sound(5)), (10, 5));
        sidecar.boot = None;
        assert_eq!(sidecar.sound(50), 10);
    }

    #[test]
    fn a_partial_file_longer_than_the_file_is_not_sound() {
        let mut sidecar = sidecar();
        sidecar.flushed = 200;
        assert_eq!(sidecar.sound(101), 0);
    }
}
