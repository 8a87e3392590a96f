//! The sidecar of a partial file, with which a later process resumes the download.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};

use ring::digest::{Context, SHA256};
use serde_json::{Value, json};

use super::Sha256;
use super::byte_spans::ByteSpans;
use super::validator::Validator;
use crate::transfer::{Access, Directory, before_disk_step, before_disk_write};

/// The version of the format.
const FORMAT: u64 = 1;
/// The maximum size of a sidecar.
const MAX_SIDECAR_BYTES: u64 = 64 * 1024;

/// The description of a partial file. It contains no token, no URL and only a digest of the request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Sidecar {
    /// The id of the endpoint, for people.
    pub endpoint: String,
    /// The digest of the request.
    pub request: String,
    /// The validators of the version that the bytes belong to.
    pub validator: Validator,
    /// The number of bytes that were flushed to the disk.
    pub flushed: u64,
    /// The present bytes of a file in parts. Otherwise the length of the file determines them.
    pub spans: Option<ByteSpans>,
    /// The boot id of the system. Until the next boot, written bytes are not lost even without a flush.
    pub boot_id: Option<String>,
}

impl Sidecar {
    pub(crate) fn new(
        endpoint: &str,
        request: &Sha256,
        validator: Validator,
        flushed: u64,
        spans: Option<ByteSpans>,
    ) -> Self {
        Self {
            endpoint: endpoint.to_owned(),
            request: request.to_string(),
            validator,
            flushed,
            spans,
            boot_id: boot_id(),
        }
    }

    /// Returns the spans of a partial file of this length that are intact.
    pub(crate) fn intact_spans(&self, length: u64) -> ByteSpans {
        let same_boot = self.boot_id.is_some() && self.boot_id == boot_id();
        let intact = match &self.spans {
            Some(spans) if same_boot || self.flushed >= spans.count() => spans.clone(),
            Some(_) => ByteSpans::default(),
            None if same_boot => ByteSpans::from_prefix(length),
            None => ByteSpans::from_prefix(self.flushed.min(length)),
        };
        let max_end = self.validator.total.unwrap_or(length).min(length);
        if intact.end() > max_end {
            // The sidecar does not describe this file.
            ByteSpans::default()
        } else {
            intact
        }
    }

    /// Reads a sidecar. Returns `None` if it is missing or invalid.
    pub(crate) fn read(directory: &Directory, name: &OsStr) -> Option<Self> {
        let mut text = Vec::new();
        let file = directory.open_own(name, Access::Read).ok()?;
        file.take(MAX_SIDECAR_BYTES).read_to_end(&mut text).ok()?;
        Self::parse(&text)
    }

    /// Writes the sidecar over an existing one.
    pub(crate) fn write(&self, directory: &Directory, name: &OsStr) -> io::Result<File> {
        let mut file = match directory.create(name) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                directory.open_own(name, Access::ReadWrite)?
            }
            other => other?,
        };
        let text = self.to_json().to_string();
        file.seek(SeekFrom::Start(0))?;
        let count = before_disk_write(text.len())?;
        file.write_all(&text.as_bytes()[..count])?;
        before_disk_step()?;
        // A crash before this leaves the end of a longer text, which the reader ignores.
        file.set_len(text.len() as u64)?;
        Ok(file)
    }

    fn to_json(&self) -> Value {
        let validator = &self.validator;
        json!({
            "larkspur_partial": FORMAT,
            "endpoint": self.endpoint,
            "request": self.request,
            "total": validator.total,
            "etag": validator.etag,
            "last_modified": validator.last_modified,
            "content_type": validator.content_type,
            "name": validator.name,
            "takes_ranges": validator.accepts_ranges,
            "flushed": self.flushed,
            "spans": self.spans.as_ref().map(ByteSpans::as_slice),
            "boot_id": self.boot_id,
            "checksum": self.checksum(),
        })
    }

    fn parse(text: &[u8]) -> Option<Self> {
        let value: Value = serde_json::Deserializer::from_slice(text).into_iter().next()?.ok()?;
        let text = |key: &str| value.get(key).and_then(Value::as_str).map(str::to_owned);
        let number = |key: &str| value.get(key).and_then(Value::as_u64);
        (number("larkspur_partial")? == FORMAT).then_some(())?;
        let sidecar = Self {
            endpoint: text("endpoint")?,
            request: text("request")?,
            validator: Validator {
                total: number("total"),
                etag: text("etag"),
                last_modified: text("last_modified"),
                content_type: text("content_type"),
                // The sidecar may have been edited.
                name: text("name").and_then(|name| crate::byte_stream::sanitize(&name)),
                accepts_ranges: value.get("takes_ranges").and_then(Value::as_bool).unwrap_or(false),
            },
            flushed: number("flushed")?,
            spans: match value.get("spans") {
                None | Some(Value::Null) => None,
                Some(spans) => Some(parse_spans(spans)?),
            },
            boot_id: text("boot_id"),
        };
        (text("checksum")? == sidecar.checksum()).then_some(sidecar)
    }

    /// Returns a digest of all values. A crash while the sidecar is overwritten leaves a mixture of two texts, which must not be
    /// accepted.
    fn checksum(&self) -> String {
        let mut context = Context::new(&SHA256);
        context.update(format!("{self:?}").as_bytes());
        Sha256::from(context).to_string()
    }
}

fn parse_spans(value: &Value) -> Option<ByteSpans> {
    let span = |span: &Value| Some((span.get(0)?.as_u64()?, span.get(1)?.as_u64()?));
    value.as_array()?.iter().map(span).collect()
}

/// Returns the name of the sidecar of a partial file.
pub(crate) fn sidecar_name(partial: &OsStr) -> OsString {
    let mut name = partial.to_owned();
    name.push(".json");
    name
}

/// Returns the boot id of Linux. On other systems only flushed bytes are intact.
fn boot_id() -> Option<String> {
    let id = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
    Some(id.trim().to_owned()).filter(|id| !id.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(sidecar: &Sidecar) -> String {
        sidecar.to_json().to_string()
    }

    fn sidecar() -> Sidecar {
        Sidecar {
            endpoint: "drive.v1.media.download".to_owned(),
            request: "ab".repeat(32),
            validator: Validator {
                total: Some(100),
                etag: Some("\"a\\\"b\"".to_owned()),
                last_modified: None,
                content_type: Some("image/png".to_owned()),
                name: Some("封面.png".to_owned()),
                accepts_ranges: true,
            },
            flushed: 10,
            spans: None,
            boot_id: boot_id(),
        }
    }

    #[test]
    fn round_trips_over_a_longer_text() {
        let mut text = text(&sidecar());
        assert_eq!(Sidecar::parse(text.as_bytes()), Some(sidecar()));
        text.push_str("0,\"boot_id\":null}");
        assert_eq!(Sidecar::parse(text.as_bytes()), Some(sidecar()));
    }

    #[test]
    fn rejects_other_files() {
        for text in ["", "{", "null", "{}", "[1]", r#"{"larkspur_partial":2}"#] {
            assert_eq!(Sidecar::parse(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn only_flushed_bytes_survive_a_reboot() {
        let mut sidecar = sidecar();
        sidecar.boot_id = Some("an earlier boot".to_owned());
        assert_eq!(
            (sidecar.intact_spans(50).prefix(), sidecar.intact_spans(5).prefix()),
            (10, 5)
        );
        sidecar.boot_id = None;
        assert_eq!(sidecar.intact_spans(50).prefix(), 10);
    }

    #[test]
    fn spans_survive_a_reboot_once_flushed() {
        let spans: ByteSpans = [(0, 10), (20, 30)].into_iter().collect();
        let mut sidecar = sidecar();
        sidecar.spans = Some(spans.clone());
        assert_eq!(sidecar.intact_spans(30), spans);
        assert_eq!(
            Sidecar::parse(text(&sidecar).as_bytes()).and_then(|read| read.spans),
            Some(spans.clone())
        );
        sidecar.boot_id = Some("an earlier boot".to_owned());
        assert_eq!(sidecar.intact_spans(30), ByteSpans::default());
        sidecar.flushed = 20;
        assert_eq!(sidecar.intact_spans(30), spans);
        assert_eq!(sidecar.intact_spans(29), ByteSpans::default());
    }

    /// A crash within a write leaves such texts.
    #[test]
    fn rejects_torn_text() {
        let with = |end: u64| {
            let mut sidecar = sidecar();
            sidecar.spans = Some([(0, 9), (10, end)].into_iter().collect());
            text(&sidecar)
        };
        for (old, new) in [(with(98), with(99)), (with(98), with(100)), (with(100), with(11))] {
            for torn in 1..new.len() {
                let mut text = new.as_bytes()[..torn].to_vec();
                text.extend_from_slice(old.as_bytes().get(torn..).unwrap_or_default());
                let read = Sidecar::parse(&text);
                let expected = [Sidecar::parse(old.as_bytes()), Sidecar::parse(new.as_bytes()), None];
                assert!(expected.contains(&read), "{}", String::from_utf8_lossy(&text));
            }
        }
    }

    #[test]
    fn rejects_partial_file_longer_than_the_file() {
        let mut sidecar = sidecar();
        sidecar.flushed = 200;
        assert_eq!(sidecar.intact_spans(101), ByteSpans::default());
    }
}
