//! Which keys and types can travel where.

use super::field::Home;
use super::{Reader, shown};
use crate::characters::is_deceptive;
use crate::model::{Origin, Place, Type};
use crate::yaml::Key;
use crate::{finding, names};

/// Headers that the client sets itself, or that would break the message.
pub(crate) const CLIENT_HEADERS: &[&str] = &[
    "authorization",
    "connection",
    "content-length",
    "cookie",
    "expect",
    "host",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// A longer key is refused.
const MAX_KEY_BYTES: usize = 256;

impl Reader<'_> {
    /// Reports a key that cannot be sent.
    pub(super) fn wire_key(&mut self, key: &Key, place: Place) {
        let text = key.text.as_str();
        if place == Place::Header {
            self.header_name(text, key.origin);
        } else if place == Place::Path && !is_path_parameter(text) {
            let message = format!("{} is no name of a path parameter", shown(text));
            self.report(finding::PATH_PARAMETER_NAME, key.origin, message);
        } else if text.trim().is_empty() || text.len() > MAX_KEY_BYTES {
            let message = format!("a key has 1 to {MAX_KEY_BYTES} bytes, and not only spaces");
            self.report(finding::WIRE_KEY, key.origin, message);
        } else if let Some(c) = text.chars().find(|c| c.is_control() && !is_deceptive(*c)) {
            let message = format!("the key {} holds the character U+{:04X}", shown(text), u32::from(c));
            self.report(finding::FORBIDDEN_CHARACTER, key.origin, message);
        }
    }

    /// Reports a header that HTTP, or the client, does not allow.
    pub(super) fn header_name(&mut self, name: &str, origin: Origin) {
        if !names::is_header_name(name) {
            let message = format!("{} is no name of a header", shown(name));
            self.report(finding::HEADER_NAME, origin, message);
        } else if CLIENT_HEADERS.contains(&name.to_ascii_lowercase().as_str()) {
            let message = format!("the client sets the header {} itself", shown(name));
            self.report_with_help(finding::CLIENT_HEADER, origin, message, "remove it");
        }
    }

    /// Reports a type that cannot travel where the field does.
    pub(super) fn check_placement(&mut self, ty: &Type, home: &Home<'_>, origin: Origin) {
        let list_of_scalars = matches!(ty, Type::List(item) if self.is_scalar(item));
        let (fits, rule) = match home.place {
            Place::Path => (self.is_scalar(ty), "a path parameter is a scalar or an enum"),
            Place::Header => (self.is_scalar(ty), "a header is a scalar or an enum"),
            Place::Query => (
                self.is_scalar(ty) || list_of_scalars,
                "a query parameter is a scalar, an enum, or a list of them",
            ),
            Place::Body if home.multipart => (
                self.is_scalar(ty) || list_of_scalars || *ty == Type::File,
                "a part of a multipart body is a file, a scalar, an enum, or a list of scalars",
            ),
            Place::Body => (!holds_file(ty), "a file travels in a multipart body only"),
        };
        if !fits {
            self.report(finding::TYPE_PLACEMENT, origin, rule);
        }
    }
}

/// `[A-Za-z_][A-Za-z0-9_]*`.
pub(super) fn is_path_parameter(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

fn holds_file(ty: &Type) -> bool {
    match ty {
        Type::File => true,
        Type::List(inner) | Type::Map(inner) => holds_file(inner),
        _ => false,
    }
}
