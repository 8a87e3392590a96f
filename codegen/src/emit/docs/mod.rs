//! Documentation comments, line by line.

pub(super) mod endpoint;
pub(super) mod error;
pub(super) mod field;
pub(super) mod variant;

use proc_macro2::TokenStream;
use quote::quote;

use super::text;

/// The lines of a documentation comment. Whoever adds a line has escaped it, see `text`.
#[derive(Default)]
pub(super) struct Docs(Vec<String>);

impl Docs {
    /// A comment that begins with this line.
    pub(super) fn new(line: impl Into<String>) -> Self {
        Self(vec![line.into()])
    }

    /// Adds a paragraph.
    pub(super) fn paragraph(&mut self, line: impl Into<String>) {
        self.blank();
        self.0.push(line.into());
    }

    /// Adds a list, or nothing where it has no items.
    pub(super) fn list(&mut self, items: impl IntoIterator<Item = String>) {
        let mut items = items.into_iter().peekable();
        if items.peek().is_some() {
            self.blank();
        }
        self.0.extend(items.map(|item| format!("- {item}")));
    }

    /// Adds lines as they are.
    pub(super) fn lines(&mut self, lines: impl IntoIterator<Item = String>) {
        self.blank();
        self.0.extend(lines);
    }

    fn blank(&mut self) {
        if !self.0.is_empty() {
            self.0.push(String::new());
        }
    }

    /// As attributes of the item that follows.
    pub(super) fn outer(&self) -> TokenStream {
        let lines = self.spaced();
        quote!(#(#[doc = #lines])*)
    }

    /// As attributes of the module around.
    pub(super) fn inner(&self) -> TokenStream {
        let lines = self.spaced();
        quote!(#(#![doc = #lines])*)
    }

    /// With the space that stands behind the slashes.
    fn spaced(&self) -> impl Iterator<Item = String> {
        self.0.iter().map(|line| {
            if line.is_empty() {
                String::new()
            } else {
                format!(" {line}")
            }
        })
    }
}

/// A sentence with the scopes of which a field or a value needs any one.
fn needed_scopes(scopes: &[String]) -> Option<String> {
    match scopes {
        [] => None,
        [scope] => Some(format!("Needs the scope {}.", text::code(scope))),
        scopes => Some(format!("Needs one of the scopes {}.", text::codes(scopes))),
    }
}

/// A documentation comment of one line.
pub(super) fn line(text: impl Into<String>) -> TokenStream {
    Docs::new(text).outer()
}
