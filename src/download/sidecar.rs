//! What stands beside a partial file, so that a later process can go on with it.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};

use ring::digest::{Context, SHA256};
use serde_json::{Value, json};

use super::byte_spans::ByteSpans;
use super::report::Sha256;
use super::validator::Validator;
use crate::transfer::directory::Directory;
use crate::transfer::disk_faults;

/// The format of the file.
const FORMAT: u64 = 1;
/// Longest file that is taken for one of ours.
const LONGEST: u64 = 64 * 1024;

/// What is known of a partial file. No token, no URL and nothing of a request is in it, but a digest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Sidecar {
    /// Id of the endpoint, for whoever looks at it.
    pub endpoint: String,
    /// PrefixDigest of the request.
    pub request: String,
    /// The validator that the bytes are of.
    pub validator: Validator,
    /// How many bytes have been flushed to the disk.
    pub flushed: u64,
    /// Which bytes are there, where they do not come one behind the other; else the length of the file tells.
    pub pieces: Option<ByteSpans>,
    /// What the system was known by since it started. While it runs, bytes that were written are not lost, be they
    /// flushed or not.
    pub boot: Option<String>,
}

impl Sidecar {
    pub(crate) fn new(
        endpoint: &str,
        request: &Sha256,
        validator: Validator,
        flushed: u64,
        pieces: Option<ByteSpans>,
    ) -> Self {
        Self {
            endpoint: endpoint.to_owned(),
            request: request.to_string(),
            validator,
            flushed,
            pieces,
            boot: boot(),
        }
    }

    /// Which bytes of a partial file of this length are as they were written.
    pub(crate) fn sound(&self, length: u64) -> ByteSpans {
        let same_boot = self.boot.is_some() && self.boot == boot();
        let sound = match &self.pieces {
            Some(pieces) if same_boot || self.flushed >= pieces.count() => pieces.clone(),
            Some(_) => ByteSpans::default(),
            None if same_boot => ByteSpans::beginning(length),
            None => ByteSpans::beginning(self.flushed.min(length)),
        };
        let longest = self.validator.total.unwrap_or(length).min(length);
        match sound.end() > longest {
            // Longer than the file, or than what is there: not what this describes.
            true => ByteSpans::default(),
            false => sound,
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
        let torn = disk_faults::write(text.len())?;
        file.write_all(&text.as_bytes()[..torn])?;
        disk_faults::step()?;
        // A process that dies in between leaves the rest of a longer text, which the reader passes over.
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
            "takes_ranges": validator.takes_ranges,
            "flushed": self.flushed,
            "pieces": self.pieces.as_ref().map(ByteSpans::spans),
            "boot": self.boot,
            "sum": self.sum(),
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
                // It may have been changed since, and is to be as safe as one that comes.
                name: text("name").and_then(|name| crate::byte_stream::safe(&name)),
                takes_ranges: value.get("takes_ranges").and_then(Value::as_bool).unwrap_or(false),
            },
            flushed: number("flushed")?,
            pieces: match value.get("pieces") {
                None | Some(Value::Null) => None,
                Some(pieces) => Some(spans(pieces)?),
            },
            boot: text("boot"),
        };
        (text("sum")? == sidecar.sum()).then_some(sidecar)
    }

    /// A digest of all of it. Pieces are written down again and again in the same place, and a process may die within: what it
    /// leaves is neither the old text nor the new one, and must not be taken for either.
    fn sum(&self) -> String {
        let mut context = Context::new(&SHA256);
        context.update(format!("{self:?}").as_bytes());
        Sha256::from(context).to_string()
    }
}

fn spans(value: &Value) -> Option<ByteSpans> {
    let span = |span: &Value| Some((span.get(0)?.as_u64()?, span.get(1)?.as_u64()?));
    value.as_array()?.iter().map(span).collect()
}

/// TargetName of the sidecar of a partial file.
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
                takes_ranges: true,
            },
            flushed: 10,
            pieces: None,
            boot: boot(),
        }
    }

    #[test]
    fn it_is_read_as_it_was_written_even_over_a_longer_one() {
        let mut text = text(&sidecar());
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
        assert_eq!((sidecar.sound(50).prefix(), sidecar.sound(5).prefix()), (10, 5));
        sidecar.boot = None;
        assert_eq!(sidecar.sound(50).prefix(), 10);
    }

    #[test]
    fn pieces_are_sound_while_the_system_runs_or_once_all_are_flushed() {
        let pieces: ByteSpans = [(0, 10), (20, 30)].into_iter().collect();
        let mut sidecar = sidecar();
        sidecar.pieces = Some(pieces.clone());
        assert_eq!(sidecar.sound(30), pieces);
        assert_eq!(
            Sidecar::parse(text(&sidecar).as_bytes()).and_then(|read| read.pieces),
            Some(pieces.clone())
        );
        sidecar.boot = Some("an earlier one".to_owned());
        assert_eq!(sidecar.sound(30), ByteSpans::default());
        sidecar.flushed = 20;
        assert_eq!(sidecar.sound(30), pieces);
        assert_eq!(sidecar.sound(29), ByteSpans::default());
    }

    /// What a process leaves that dies within a write.
    #[test]
    fn a_text_that_is_neither_the_old_one_nor_the_new_one_is_none() {
        let with = |end: u64| {
            let mut sidecar = sidecar();
            sidecar.pieces = Some([(0, 9), (10, end)].into_iter().collect());
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
    fn a_partial_file_longer_than_the_file_is_not_sound() {
        let mut sidecar = sidecar();
        sidecar.flushed = 200;
        assert_eq!(sidecar.sound(101), ByteSpans::default());
    }
}
