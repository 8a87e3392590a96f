//! What the documentation says of a documented failure.

use super::Docs;
use crate::emit::text;
use crate::model::ErrorEntry;

/// The comment of a variant of an error enum.
pub(in crate::emit) fn describe(entry: &ErrorEntry) -> Docs {
    let mut head = format!("HTTP {}", entry.http);
    if let Some(code) = entry.code {
        head.push_str(&format!(", code {code}"));
    }
    if let Some(msg) = &entry.msg {
        head.push_str(&format!(", {}", text::code(msg)));
    }
    let mut sentences = Vec::new();
    match &entry.doc {
        Some(doc) => sentences.push(format!("{head}: {}", text::sentence(doc))),
        None => sentences.push(format!("{head}.")),
    }
    if entry.retry {
        sentences.push("Trying again may help.".to_owned());
    }
    Docs::new(sentences.join(" "))
}
