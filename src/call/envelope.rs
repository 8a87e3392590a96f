//! The platform's envelope: `{code, msg, data, error}`, read on every HTTP status.

use std::collections::HashMap;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::wire::{Failure, FieldsMut, Filler, Key, ObjectVisitor, Slot, Trail, Value, refuse_all_but_objects, skip};

/// An envelope without its data.
#[derive(Debug, Default)]
pub(crate) struct Envelope {
    pub code: Option<i64>,
    pub msg: String,
    pub error: Option<Value>,
    /// Whether data was decoded.
    pub has_data: bool,
}

impl Envelope {
    /// Reads an envelope and, on success, its data.
    ///
    /// `code` may follow `data`, and the data of a failure may not match the type: if decoding fails, a second pass reads the
    /// envelope only.
    pub(crate) fn read(json: &[u8], flat: bool, into: Option<&mut dyn FieldsMut>) -> Result<Self, Failure> {
        decode(json, flat, into).or_else(|failure| match decode(json, flat, None) {
            Ok(envelope) if envelope.code.is_some_and(|code| code != 0) => Ok(Self {
                has_data: true,
                ..envelope
            }),
            _ => Err(failure),
        })
    }

    /// Reads the envelope of a failure: an object with a `code` other than 0 and a message.
    pub(crate) fn read_failure(json: &[u8]) -> Option<Self> {
        let envelope = decode(json, false, None).ok()?;
        let failed = envelope.code.is_some_and(|code| code != 0) && !envelope.msg.is_empty();
        failed.then_some(envelope)
    }
}

/// Returns the data of an envelope as unchanged text, `{}` without data; for flat responses the whole text.
pub(crate) fn text(json: &[u8], flat: bool) -> Result<String, Failure> {
    let whole = |error: &dyn fmt::Display| Trail::default().failure(&error);
    if flat {
        let text = str::from_utf8(json).map_err(|error| whole(&error))?;
        return Ok(text.trim().to_owned());
    }
    let mut entries: HashMap<String, &RawValue> = serde_json::from_slice(json).map_err(|error| whole(&error))?;
    Ok(entries.remove("data").map_or("{}", RawValue::get).to_owned())
}

fn decode(json: &[u8], flat: bool, into: Option<&mut dyn FieldsMut>) -> Result<Envelope, Failure> {
    let trail = Trail::default();
    let mut deserializer = serde_json::Deserializer::from_slice(json);
    let seed = Seed {
        flat,
        into,
        trail: &trail,
    };
    seed.deserialize(&mut deserializer)
        .and_then(|envelope| deserializer.end().map(|()| envelope))
        .map_err(|error| trail.failure(&error))
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
        filler.finish()?;
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
            && let Some(fields) = into.take()
        {
            envelope.has_data = true;
            let data = ObjectVisitor { fields, trail };
            entries.next_value_seed(data).inspect_err(|_| trail.key("data"))?;
        } else if !envelope.take(&key, &mut entries, trail)? {
            skip(&mut entries)?;
        }
    }
    match into {
        // Without data only a response without required fields is valid.
        Some(fields) if envelope.code == Some(0) => {
            Filler::new(fields, trail).finish().inspect_err(|_| trail.key("data"))?
        }
        _ => {}
    }
    Ok(envelope)
}

impl Envelope {
    /// Reads a key of the envelope; returns whether it is one.
    fn take<'de, A: MapAccess<'de>>(&mut self, key: &str, entries: &mut A, trail: &Trail) -> Result<bool, A::Error> {
        match key {
            "code" => entries.next_value_seed(Slot {
                value: &mut self.code,
                trail,
            }),
            // A message of any type must not prevent reading the code.
            "msg" | "error_description" => entries.next_value().map(|value| {
                match value {
                    Value::Null => {}
                    Value::String(text) => self.msg = text,
                    other => self.msg = other.to_string(),
                }
                true
            }),
            "error" => entries.next_value_seed(Slot {
                value: &mut self.error,
                trail,
            }),
            _ => return Ok(false),
        }
        .inspect_err(|_| trail.key(key))?;
        Ok(true)
    }
}
