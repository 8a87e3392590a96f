//! What the documentation says of a field.

use super::endpoint::size;
use super::{Docs, needed_scopes};
use crate::emit::text;
use crate::model::{Bounds, Field, FileFact, Place, Type};

/// The comment of a field in a struct.
pub(in crate::emit) fn describe(field: &Field) -> Docs {
    let mut docs = Docs::new(match &field.doc {
        Some(doc) => text::sentence(doc),
        None => format!("The field {}.", text::code(&field.key)),
    });
    let facts = facts(field);
    if !facts.is_empty() {
        docs.paragraph(facts.join(" "));
    }
    docs
}

/// One sentence for each fact, in a fixed order.
fn facts(field: &Field) -> Vec<String> {
    let mut facts = Vec::new();
    // Without a text of its own, the comment begins with the key.
    if field.key != field.rust && field.doc.is_some() {
        facts.push(format!("{} on the wire.", text::code(&field.key)));
    }
    facts.extend(place(field.place));
    facts.extend(bounds(&field.bounds, &field.ty));
    facts.extend(field.of_file.map(of_file));
    if let Some(default) = &field.default {
        facts.push(format!(
            "Where it is left out, the platform takes {}.",
            text::code(&default.to_string())
        ));
    }
    if let Some(example) = &field.example {
        facts.push(format!("Example: {}.", text::code(&example.to_string())));
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
        Place::Query => "query",
        Place::Header => "headers",
        Place::Body => return None,
    };
    Some(format!("Travels in the {place}."))
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
        (Some(1), Some(max)) => format!("Not empty, and {} at most.", size(max)),
        (Some(min), Some(max)) => format!("{} to {}.", size(min), size(max)),
        (Some(1), None) => "Not empty.".to_owned(),
        (Some(min), None) => format!("At least {}.", size(min)),
        (None, Some(max)) => format!("At most {}.", size(max)),
        (None, None) => return None,
    })
}

fn of_file(fact: FileFact) -> String {
    let what = match fact {
        FileFact::Name => "name",
        FileFact::Size => "size in bytes",
        FileFact::Adler32 => "Adler-32 checksum, unless it is a stream",
    };
    format!("Where it is left out, the client gives the file's {what}.")
}

/// A sentence with the bounds that there are; `one` and `many` are the unit of what is bounded.
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
