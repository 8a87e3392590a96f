//! Documentation of fields, of values of enums, and of documented errors.

use super::markdown::{self, Docs};
use crate::model::{Bounds, ErrorEntry, Field, FileAttribute, Place, Type, Variant};

/// Returns the comment of a field.
pub(super) fn field_docs(field: &Field) -> Docs {
    let mut docs = Docs::new(match &field.doc {
        Some(doc) => markdown::sentence(doc),
        None => format!("The field {}.", markdown::code(&field.key)),
    });
    let facts = facts(field);
    if !facts.is_empty() {
        docs.paragraph(facts.join(" "));
    }
    docs
}

/// Returns one sentence for each property, in a fixed order.
fn facts(field: &Field) -> Vec<String> {
    let mut facts = Vec::new();
    // Without documentation, the comment starts with the key.
    if field.key != field.rust && field.doc.is_some() {
        facts.push(format!("{} on the wire.", markdown::code(&field.key)));
    }
    facts.extend(place(field.place));
    facts.extend(bounds(&field.bounds, &field.ty));
    facts.extend(field.of_file.map(of_file));
    if let Some(default) = &field.default {
        facts.push(format!("Default: {}.", markdown::code(&default.to_string())));
    }
    if let Some(example) = &field.example {
        facts.push(format!("Example: {}.", markdown::code(&example.to_string())));
    }
    facts.extend(needed_scopes(&field.scopes));
    if field.secret {
        facts.push("Secret: never printed.".to_owned());
    }
    facts
}

fn place(place: Place) -> Option<String> {
    let place = match place {
        Place::Path => "path",
        Place::Query => "query string",
        Place::Header => "headers",
        Place::Body => return None,
    };
    Some(format!("Sent in the {place}."))
}

fn bounds(bounds: &Bounds, ty: &Type) -> Vec<String> {
    let (item, items) = match ty {
        Type::Map(_) => (" entry", " entries"),
        _ => (" element", " elements"),
    };
    let length = [bounds.min_length, bounds.max_length].map(|n| n.map(|n| n as f64));
    let count = [bounds.min_items, bounds.max_items].map(|n| n.map(|n| n as f64));
    [
        between([bounds.min, bounds.max], "", ""),
        between(length, " character", " characters"),
        between(count, item, items),
        bytes(bounds.min_bytes, bounds.max_bytes),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn bytes(min: Option<u64>, max: Option<u64>) -> Option<String> {
    Some(match (min, max) {
        (Some(1), Some(max)) => format!("Not empty, at most {}.", size(max)),
        (Some(min), Some(max)) => format!("{} to {}.", size(min), size(max)),
        (Some(1), None) => "Not empty.".to_owned(),
        (Some(min), None) => format!("At least {}.", size(min)),
        (None, Some(max)) => format!("At most {}.", size(max)),
        (None, None) => return None,
    })
}

fn of_file(fact: FileAttribute) -> String {
    let what = match fact {
        FileAttribute::Name => "name",
        FileAttribute::Size => "size in bytes",
        FileAttribute::Adler32 => "Adler-32 checksum, unless it is a stream",
    };
    format!("If unset, the client sends the file's {what}.")
}

/// Returns a sentence with the bounds; `one` and `many` are the unit.
fn between(bounds: [Option<f64>; 2], one: &str, many: &str) -> Option<String> {
    let unit = |n: f64| if n == 1.0 { one } else { many };
    Some(match bounds {
        [Some(min), Some(max)] if min == max => format!("Exactly {min}{}.", unit(min)),
        [Some(min), Some(max)] => format!("{min} to {max}{}.", unit(max)),
        [Some(min), None] => format!("At least {min}{}.", unit(min)),
        [None, Some(max)] => format!("At most {max}{}.", unit(max)),
        [None, None] => return None,
    })
}

/// Returns the comment of a variant.
pub(super) fn variant_docs<T: std::fmt::Display>(variant: &Variant<T>) -> Docs {
    let value = markdown::code(&variant.value.to_string());
    let mut docs = Docs::new(match &variant.doc {
        Some(doc) => format!("{value}: {}", markdown::sentence(doc)),
        None => format!("{value}."),
    });
    if let Some(scopes) = needed_scopes(&variant.scopes) {
        docs.paragraph(scopes);
    }
    docs
}

/// Returns the comment of a variant of an error enum.
pub(super) fn error_docs(entry: &ErrorEntry) -> Docs {
    let mut head = format!("HTTP {}", entry.http);
    if let Some(code) = entry.code {
        head.push_str(&format!(", code {code}"));
    }
    if let Some(msg) = &entry.msg {
        head.push_str(&format!(", {}", markdown::code(msg)));
    }
    let mut sentences = Vec::new();
    match &entry.doc {
        Some(doc) => sentences.push(format!("{head}: {}", markdown::sentence(doc))),
        None => sentences.push(format!("{head}.")),
    }
    if entry.retry {
        sentences.push("Retryable.".to_owned());
    }
    Docs::new(sentences.join(" "))
}

/// Returns a sentence with the scopes, any of which suffices for a field or a value.
fn needed_scopes(scopes: &[String]) -> Option<String> {
    match scopes {
        [] => None,
        [scope] => Some(format!("Requires the scope {}.", markdown::code(scope))),
        scopes => Some(format!("Requires any of the scopes {}.", markdown::codes(scopes))),
    }
}

/// Returns bytes in the largest unit that divides them, and their exact number.
pub(super) fn size(bytes: u64) -> String {
    const UNITS: [(&str, u64); 3] = [("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)];
    let whole = |(_, unit): &(&str, u64)| bytes > 0 && bytes.is_multiple_of(*unit);
    match UNITS.into_iter().find(whole) {
        Some((name, unit)) => format!("{} {name} ({bytes} bytes)", bytes / unit),
        None if bytes == 1 => "1 byte".to_owned(),
        None => format!("{bytes} bytes"),
    }
}
