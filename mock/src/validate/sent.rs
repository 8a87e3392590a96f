//! Files that came in a form, and what the call says of them.

use bytes::Bytes;
use larkspur_codegen::model::{Bounds, FileFact, Place};
use serde_json::{Map, Value};

use crate::call::Call;
use crate::refusal::Refusal;

/// A file that came in a form.
#[derive(Debug, Clone)]
pub(crate) struct Sent {
    /// The field that it came in.
    pub(crate) field: String,
    /// Its name, where it came with one.
    pub(crate) name: Option<String>,
    pub(crate) bytes: Bytes,
}

/// What is wrong with a file, where the endpoint documents that it is: its size, or what the call says of it.
pub(super) fn check(call: &Call<'_>, body: &Map<String, Value>, files: &[Sent]) -> Result<(), Refusal> {
    for file in files {
        let field = call.endpoint.fields.iter().find(|field| field.key == file.field);
        if let Some(field) = field {
            check_size(call, &field.bounds, file.bytes.len() as u64)?;
        }
    }
    match files {
        [file] => check_facts(call, body, file),
        _ => Ok(()),
    }
}

fn check_size(call: &Call<'_>, bounds: &Bounds, size: u64) -> Result<(), Refusal> {
    let documented = |words: &[&str]| match Refusal::documented(call.endpoint, words) {
        Some(refusal) => Err(refusal),
        // Told as a field that is wrong.
        None => Ok(()),
    };
    if bounds.min_bytes.is_some_and(|least| size < least) && size == 0 {
        documented(&["size", "0"])?;
    }
    if bounds.max_bytes.is_some_and(|most| size > most) {
        documented(&["size", "exceed"])?;
        documented(&["size", "limit"])?;
    }
    Ok(())
}

fn check_facts(call: &Call<'_>, body: &Map<String, Value>, file: &Sent) -> Result<(), Refusal> {
    for field in call.endpoint.fields.iter().filter(|field| field.place == Place::Body) {
        let (Some(fact), Some(given)) = (field.of_file, body.get(&field.key)) else {
            continue;
        };
        let given = match given {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        let (is, words): (String, &[&str]) = match fact {
            // A caller may give the file any name.
            FileFact::Name => continue,
            FileFact::Size => (file.bytes.len().to_string(), &["actual size"]),
            FileFact::Adler32 => (adler2::adler32_slice(&file.bytes).to_string(), &["checksum"]),
        };
        if given != is {
            let documented = Refusal::documented(call.endpoint, words);
            return Err(documented.unwrap_or_else(|| {
                let description = format!("is not the {} of what came, {is}", fact.as_str());
                Refusal::field(call.endpoint, &field.key, given, description)
            }));
        }
    }
    Ok(())
}
