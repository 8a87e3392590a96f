//! Documented failures.

use super::{Reader, shown};
use crate::model::ErrorEntry;
use crate::yaml::Node;
use crate::{finding, format, names};

impl Reader<'_> {
    /// Reads the list of failures.
    pub(super) fn errors(&mut self, node: &Node) -> Option<Vec<ErrorEntry>> {
        let errors = self.each(node, Self::error)?;
        for (index, error) in errors.iter().enumerate() {
            let before = &errors[..index];
            if let Some(other) = before.iter().find(|other| same_failure(other, error)) {
                let what = told_by(error);
                let message = format!("{what} is there already, in line {}", other.origin.line);
                self.report_with_help(finding::DUPLICATE_ERROR, error.origin, message, "make them one entry");
            } else if let Some(other) = before.iter().find(|other| other.rust == error.rust) {
                let (one, two, rust) = (told_by(other), told_by(error), &error.rust);
                let message = format!("{one} and {two} both become the variant `{rust}`");
                self.report_with_help(
                    finding::SAME_RUST_NAME,
                    error.origin,
                    message,
                    "give them different names",
                );
            }
        }
        Some(errors)
    }

    fn error(&mut self, node: &Node) -> Option<ErrorEntry> {
        let entries = self.entries(node, format::ERROR.names)?;
        // All keys are read before any of them may end it, so that what is wrong comes at once.
        let http = self.needed(&entries, "http", Self::status);
        let code = self.optional(&entries, "code", Self::error_code);
        let msg = self.optional(&entries, "msg", Self::line);
        let name = self.optional(&entries, "name", Self::snake_name);
        let doc = self.optional(&entries, "doc", Self::line);
        let retry = self.optional(&entries, "retry", Self::flag);
        let http = http?;
        if code.is_none() && entries.get("code").is_some() {
            return None;
        }
        Some(ErrorEntry {
            http,
            code,
            msg,
            rust: name
                .and_then(|name| names::variant(&name))
                .unwrap_or_else(|| default_name(code, http)),
            doc,
            retry: retry.unwrap_or(false),
            origin: node.origin,
        })
    }

    fn status(&mut self, node: &Node) -> Option<u16> {
        let status: u16 = self.count(node)?;
        if (200..600).contains(&status) {
            return Some(status);
        }
        let message = format!("{} is no status of an answer: 200 to 599", shown(&status.to_string()));
        self.report(finding::HTTP_STATUS, node.origin, message);
        None
    }

    pub(super) fn error_code(&mut self, node: &Node) -> Option<i64> {
        let code = self.integer(node)?;
        if code != 0 {
            return Some(code);
        }
        self.report(
            finding::ERROR_CODE,
            node.origin,
            "the code 0 says that the call succeeded",
        );
        None
    }
}

/// A code tells a failure whatever the status; without one the status tells it.
fn same_failure(one: &ErrorEntry, other: &ErrorEntry) -> bool {
    match (one.code, other.code) {
        (Some(one), Some(other)) => one == other,
        (None, None) => one.http == other.http,
        _ => false,
    }
}

fn told_by(error: &ErrorEntry) -> String {
    match error.code {
        Some(code) => format!("code {code}"),
        None => format!("HTTP status {} without a code", error.http),
    }
}

fn default_name(code: Option<i64>, http: u16) -> String {
    match code {
        Some(code) if code < 0 => format!("CodeMinus{}", code.unsigned_abs()),
        Some(code) => format!("Code{code}"),
        None => format!("Http{http}"),
    }
}
