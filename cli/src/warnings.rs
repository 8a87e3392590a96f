//! Warnings of the library on standard error: values of a response that were left out, state that could not be saved.

use std::collections::HashSet;
use std::fmt::{self, Write as _};
use std::sync::{Mutex, PoisonError};

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};

use crate::progress::print_line;

/// Maximum number of different warnings that are printed. A bulk run repeats them.
const MAX_WARNINGS: usize = 50;

/// Prints the warnings of the library from here on.
pub(crate) fn print_warnings() {
    // Another subscriber would print them.
    let _ = tracing::subscriber::set_global_default(Warnings::default());
}

/// A subscriber that prints each warning of the library once. It observes no spans.
#[derive(Default)]
struct Warnings(Mutex<HashSet<String>>);

impl Warnings {
    /// Returns whether the line is to be printed: it is new, and not too many were before.
    fn is_new(&self, line: &str) -> bool {
        let mut printed = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        printed.len() < MAX_WARNINGS && printed.insert(line.to_owned())
    }
}

impl Subscriber for Warnings {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.is_event() && *metadata.level() <= Level::WARN && metadata.target().starts_with("larkspur")
    }

    fn event(&self, event: &Event<'_>) {
        let mut text = Text::default();
        event.record(&mut text);
        let line = text.into_line();
        if self.is_new(&line) {
            print_line(&line);
        }
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        // No span is enabled; an id must not be zero.
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

/// The message of an event, and its fields.
#[derive(Default)]
struct Text {
    message: String,
    fields: String,
}

impl Text {
    fn into_line(self) -> String {
        let Self { message, fields } = self;
        if fields.is_empty() {
            format!("warning: {message}")
        } else {
            format!("warning: {message} ({fields})")
        }
    }
}

impl Visit for Text {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.record_debug(field, &format_args!("{value}"));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        // Writing to a string does not fail.
        let _ = if field.name() == "message" {
            write!(self.message, "{value:?}")
        } else {
            let separator = if self.fields.is_empty() { "" } else { ", " };
            write!(self.fields, "{separator}{} {value:?}", field.name())
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_has_message_and_fields() {
        let text = Text {
            message: "a value is left out".to_owned(),
            fields: "path `a.b`, count 2".to_owned(),
        };
        assert_eq!(text.into_line(), "warning: a value is left out (path `a.b`, count 2)");
    }

    #[test]
    fn repeated_and_excess_warnings_are_dropped() {
        let warnings = Warnings::default();
        assert!(warnings.is_new("one"));
        assert!(!warnings.is_new("one"));
        let printed = (0..2 * MAX_WARNINGS).filter(|number| warnings.is_new(&number.to_string()));
        assert_eq!(printed.count(), MAX_WARNINGS - 1);
    }
}
