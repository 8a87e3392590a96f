//! The platform's envelope `{code, msg, data, error}`, read on every HTTP status, and the errors made from it.

use std::collections::HashMap;
use std::fmt;

use reqwest::header::{HeaderMap, LOCATION};
use reqwest::{StatusCode, Url};
use secrecy::{ExposeSecret, SecretString};
use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use crate::error::{ApiError, FieldViolation, Help, PermissionViolation};
use crate::retry::parse_retry_after;
use crate::secret::REDACTED;
use crate::wire::{
    Decode, Decoded, Failure, Fields, FieldsMut, Filler, Key, Mismatch, ObjectVisitor, Slot, Trail, Value, View,
    refuse_all_but_objects, reset_fields, skip,
};

/// An envelope without its data.
#[derive(Debug, Default)]
pub(crate) struct Envelope {
    pub code: Option<i64>,
    pub msg: String,
    pub error: Option<Value>,
    /// Whether data was decoded.
    pub has_data: bool,
    /// Values of the data that do not fit and were left out.
    pub mismatches: Vec<Mismatch>,
}

impl Envelope {
    /// Reads an envelope and, on success, its data. `strict` makes every value that does not fit its type an error.
    ///
    /// `code` may follow `data`, and the data of a failure may not match the type: if decoding fails, a second pass reads the
    /// envelope only.
    pub(crate) fn read(
        json: &[u8],
        flat: bool,
        into: Option<&mut dyn FieldsMut>,
        strict: bool,
    ) -> Result<Self, Failure> {
        decode(json, flat, into, strict).or_else(|failure| match decode(json, flat, None, strict) {
            Ok(envelope) if envelope.code.is_some_and(|code| code != 0) => Ok(Self {
                has_data: true,
                ..envelope
            }),
            _ => Err(failure),
        })
    }

    /// Reads the envelope of a failure: an object with a `code` other than 0, and a message or the details of an error.
    pub(crate) fn read_failure(json: &[u8]) -> Option<Self> {
        let envelope = decode(json, false, None, false).ok()?;
        let described = !envelope.msg.is_empty() || matches!(envelope.error, Some(Value::Object(_)));
        let failed = envelope.code.is_some_and(|code| code != 0) && described;
        failed.then_some(envelope)
    }
}

/// Returns the data of an envelope as unchanged text, `{}` without data; for flat responses the whole text.
pub(crate) fn data_text(json: &[u8], flat: bool) -> Result<String, Failure> {
    let whole = |error: &dyn fmt::Display| Trail::default().failure(&error);
    if flat {
        let text = str::from_utf8(json).map_err(|error| whole(&error))?;
        return Ok(text.trim().to_owned());
    }
    let mut entries: HashMap<String, &RawValue> = serde_json::from_slice(json).map_err(|error| whole(&error))?;
    Ok(entries.remove("data").map_or("{}", RawValue::get).to_owned())
}

fn decode(json: &[u8], flat: bool, into: Option<&mut dyn FieldsMut>, strict: bool) -> Result<Envelope, Failure> {
    let trail = Trail::new(strict);
    let mut deserializer = serde_json::Deserializer::from_slice(json);
    let seed = Seed {
        flat,
        into,
        trail: &trail,
    };
    let envelope = seed
        .deserialize(&mut deserializer)
        .and_then(|envelope| deserializer.end().map(|()| envelope))
        .map_err(|error| trail.failure(&error))?;
    Ok(Envelope {
        mismatches: trail.into_mismatches(),
        ..envelope
    })
}

struct Seed<'a, 't> {
    flat: bool,
    into: Option<&'a mut dyn FieldsMut>,
    trail: &'t Trail,
}

impl<'de> DeserializeSeed<'de> for Seed<'_, '_> {
    type Value = Envelope;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Envelope, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Seed<'_, '_> {
    type Value = Envelope;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with `code` and `msg`")
    }

    refuse_all_but_objects!();

    fn visit_seq<A: SeqAccess<'de>>(self, _: A) -> Result<Envelope, A::Error> {
        Err(self.trail.mismatch("an object", "a list"))
    }

    fn visit_map<A: MapAccess<'de>>(self, entries: A) -> Result<Envelope, A::Error> {
        match (self.into, self.flat) {
            (Some(into), true) => flat(entries, into, self.trail),
            (into, _) => nested(entries, into, self.trail),
        }
    }
}

/// Reads a response whose fields are next to `code` and `msg`.
fn flat<'de, A: MapAccess<'de>>(mut entries: A, into: &mut dyn FieldsMut, trail: &Trail) -> Result<Envelope, A::Error> {
    let mut envelope = Envelope::default();
    let mut filler = Filler::new(into, trail);
    while let Some(key) = entries.next_key_seed(Key)? {
        if envelope.take(&key, &mut entries, trail)? {
            continue;
        }
        if envelope.code.unwrap_or(0) == 0 {
            envelope.has_data = true;
            filler.take(&key, &mut entries)?;
        } else {
            skip(&mut entries)?;
        }
    }
    if envelope.code.unwrap_or(0) == 0 {
        require(filler.finish()?, trail)?;
    }
    Ok(envelope)
}

/// Reads a response whose fields are in `data`.
fn nested<'de, A: MapAccess<'de>>(
    mut entries: A,
    mut into: Option<&mut dyn FieldsMut>,
    trail: &Trail,
) -> Result<Envelope, A::Error> {
    let mut envelope = Envelope::default();
    while let Some(key) = entries.next_key_seed(Key)? {
        let succeeded = envelope.code.unwrap_or(0) == 0;
        if key == "data"
            && succeeded
            && let Some(fields) = into.as_deref_mut()
        {
            if envelope.has_data {
                // The last value of a duplicate key wins.
                reset_fields(fields);
                trail.truncate(0);
            }
            envelope.has_data = true;
            let data = ObjectVisitor { fields, trail };
            entries.next_value_seed(data).inspect_err(|_| trail.key("data"))?;
            trail.extend_all("data");
        } else if !envelope.take(&key, &mut entries, trail)? {
            skip(&mut entries)?;
        }
    }
    match into {
        // Without data only a response without required fields is valid.
        Some(fields) if envelope.code == Some(0) && !envelope.has_data => Filler::new(fields, trail)
            .finish()
            .and_then(|decoded| require(decoded, trail))
            .inspect_err(|_| trail.key("data"))?,
        _ => {}
    }
    Ok(envelope)
}

/// Fails if what was decoded does not fit.
fn require<E: serde::de::Error>(decoded: Decoded, trail: &Trail) -> Result<(), E> {
    match decoded {
        Decoded::Mismatch => Err(trail.raise()),
        Decoded::Absent | Decoded::Present | Decoded::Incomplete => Ok(()),
    }
}

/// Reads a value of the envelope itself.
fn read_value<'de, A: MapAccess<'de>>(entries: &mut A, value: &mut dyn Decode, trail: &Trail) -> Result<(), A::Error> {
    require(entries.next_value_seed(Slot { value, trail })?, trail)
}

impl Envelope {
    /// Reads a key of the envelope; returns whether it is one.
    fn take<'de, A: MapAccess<'de>>(&mut self, key: &str, entries: &mut A, trail: &Trail) -> Result<bool, A::Error> {
        match key {
            "code" => read_value(entries, &mut self.code, trail),
            // A message of any type must not prevent reading the code.
            "msg" | "error_description" => entries.next_value().map(|value| match value {
                Value::Null => {}
                Value::String(text) => self.msg = text,
                other => self.msg = other.to_string(),
            }),
            "error" => read_value(entries, &mut self.error, trail),
            _ => return Ok(false),
        }
        .inspect_err(|_| trail.key(key))?;
        Ok(true)
    }
}

/// Maximum length of a text, in characters: enough for any message, and safe for logs.
const MAX_TEXT: usize = 1000;
/// Maximum length of an excerpt of a body without an envelope.
const MAX_EXCERPT: usize = 200;
/// Maximum number of entries of a list.
const MAX_ENTRIES: usize = 50;

/// The header of the platform's log id. Other servers set `X-Request-Id` too.
pub(super) const LOG_ID: &str = "x-tt-logid";

/// Returns the log id of the call. A proxy may build it from anything in the request, so it is scrubbed.
pub(crate) fn log_id(headers: &HeaderMap, scrubber: &Scrubber) -> Option<String> {
    let value = headers.get(LOG_ID).or_else(|| headers.get("x-request-id"))?;
    Some(clean(&scrubber.scrub(&String::from_utf8_lossy(value.as_bytes()))))
}

/// Reads an error from a failed response.
pub(crate) struct ErrorReader<'a> {
    pub status: StatusCode,
    pub url: &'a Url,
    pub headers: &'a HeaderMap,
    pub scrubber: &'a Scrubber,
}

impl ErrorReader<'_> {
    /// Reads the body, with or without an envelope.
    pub(crate) fn body(&self, body: &[u8]) -> ApiError {
        match Envelope::read(body, false, None, false) {
            Ok(envelope) if envelope.code.is_some() => self.envelope(envelope),
            _ => ApiError {
                excerpt: self.excerpt(body),
                ..self.head()
            },
        }
    }

    /// Reads the envelope.
    pub(crate) fn envelope(&self, envelope: Envelope) -> ApiError {
        let head = self.head();
        let error = envelope.error.unwrap_or_default();
        let log_id = ["log_id", "logid"]
            .iter()
            .find_map(|key| error.get(key)?.as_str())
            .map(|log_id| self.clean(log_id));
        ApiError {
            code: envelope.code,
            msg: self.clean(&envelope.msg),
            log_id: head.log_id.or(log_id),
            troubleshooter: Some(self.text(&error, &["troubleshooter"])).filter(|text| !text.is_empty()),
            helps: entries(&error, "helps", |entry| Help {
                url: self.text(entry, &["url"]),
                description: self.text(entry, &["description"]),
            }),
            field_violations: entries(&error, "field_violations", |entry| FieldViolation {
                field: self.text(entry, &["field"]),
                value: self.text(entry, &["value"]),
                description: self.text(entry, &["description"]),
            }),
            // The documentation has scope and url, other SDKs read type, subject and description.
            permission_violations: entries(&error, "permission_violations", |entry| PermissionViolation {
                scope: self.text(entry, &["scope", "subject"]),
                kind: self.text(entry, &["type"]),
                description: self.text(entry, &["description", "url"]),
            }),
            ..head
        }
    }

    /// Reads status and headers.
    fn head(&self) -> ApiError {
        ApiError {
            status: self.status.as_u16(),
            log_id: log_id(self.headers, self.scrubber),
            retry_after: parse_retry_after(self.headers),
            redirect: self.redirect(),
            ..ApiError::default()
        }
    }

    /// Returns the host of a redirect; the rest of its URL may contain tokens.
    fn redirect(&self) -> Option<String> {
        if !self.status.is_redirection() {
            return None;
        }
        let location = self.headers.get(LOCATION)?.to_str().ok()?;
        let to = self.url.join(location).ok()?;
        Some(self.clean(to.host_str().unwrap_or_default()))
    }

    fn excerpt(&self, body: &[u8]) -> Option<String> {
        let text = self.clean(&String::from_utf8_lossy(body));
        let excerpt: String = text.trim().chars().take(MAX_EXCERPT).collect();
        Some(excerpt).filter(|excerpt| !excerpt.is_empty())
    }

    /// Returns the first present key as text.
    fn text(&self, entry: &Value, keys: &[&str]) -> String {
        match keys.iter().find_map(|key| entry.get(key)) {
            None | Some(Value::Null) => String::new(),
            Some(Value::String(text)) => self.clean(text),
            Some(other) => self.clean(&other.to_string()),
        }
    }

    /// Returns the text without secrets, in one line of bounded length.
    pub(crate) fn clean(&self, text: &str) -> String {
        clean(&self.scrubber.scrub(text))
    }
}

fn entries<T>(error: &Value, key: &str, read: impl Fn(&Value) -> T) -> Vec<T> {
    let list = error.get(key).and_then(Value::as_array);
    list.into_iter().flatten().take(MAX_ENTRIES).map(read).collect()
}

/// Returns one line without control characters, of bounded length.
pub(crate) fn clean(text: &str) -> String {
    text.chars()
        .take(MAX_TEXT)
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect()
}

/// Replaces the secrets of a call in text of its response: a platform or a proxy may repeat them in an error.
#[derive(Clone, Default)]
pub(crate) struct Scrubber(Vec<SecretString>);

impl Scrubber {
    /// Shorter texts occur everywhere, and need no protection.
    const MIN_LENGTH: usize = 4;

    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// Adds the secrets of another one.
    pub(super) fn extend(&mut self, other: &Self) {
        self.0.extend(other.0.iter().cloned());
    }

    /// Adds a secret.
    pub(crate) fn add(&mut self, secret: &SecretString) {
        if secret.expose_secret().len() >= Self::MIN_LENGTH {
            self.0.push(secret.clone());
        }
    }

    /// Adds all secrets in these fields, at any depth.
    pub(crate) fn add_all(&mut self, fields: &dyn Fields) {
        fields.each(&mut |_, value| self.add_value(&value.view()));
    }

    fn add_value(&mut self, value: &View<'_>) {
        match value {
            View::Secret(secret) => self.add(secret),
            View::Object(fields) => self.add_all(*fields),
            View::List(list) => list.each(&mut |element| self.add_value(&element.view())),
            View::Map(map) => map.each(&mut |_, value| self.add_value(&value.view())),
            _ => {}
        }
    }

    /// Returns the text without the secrets.
    pub(crate) fn scrub(&self, text: &str) -> String {
        self.0.iter().fold(text.to_owned(), |text, secret| {
            text.replace(secret.expose_secret(), REDACTED)
        })
    }
}
