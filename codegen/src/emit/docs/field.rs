//! What the documentation says of a field.

use super::Docs;
use crate::emit::text;
use crate::model::{Bounds, Field, Place, Type};

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
    if field.key != field.rust {
        facts.push(format!("{} on the wire.", text::code(&field.key)));
    }
    facts.extend(place(field.place));
    facts.extend(bounds(&field.bounds, &field.ty));
    if let Some(default) = &field.default {
        facts.push(format!(
            "Where it is left out, the platform takes {}.",
            text::code(&default.to_string())
        ));
    }
    if let Some(example) = &field.example {
        facts.push(format!("Example: {}.", text::code(&example.to_string())));
    }
    if !field.scopes.is_empty() {
        facts.push(format!(
            "Comes only with one of the scopes {}.",
            text::codes(&field.scopes)
        ));
    }
    if field.secret {
        facts.push("Secret: never printed.".to_owned());
    }
    if let Some(deprecated) = &field.deprecated {
        facts.push(format!("Deprecated: {}", text::sentence(deprecated)));
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
    let items = if matches!(ty, Type::Map(_)) {
        "entries"
    } else {
        "elements"
    };
    [
        between("", bounds.min, bounds.max),
        between(" characters", bounds.min_length, bounds.max_length),
        between(&format!(" {items}"), bounds.min_items, bounds.max_items),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn between<T: std::fmt::Display>(unit: &str, min: Option<T>, max: Option<T>) -> Option<String> {
    Some(match (min, max) {
        (Some(min), Some(max)) => format!("{min} to {max}{unit}."),
        (Some(min), None) => format!("At least {min}{unit}."),
        (None, Some(max)) => format!("At most {max}{unit}."),
        (None, None) => return None,
    })
}
