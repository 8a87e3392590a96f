//! Documentation comments, and text of the spec in them.
//!
//! Documentation is Markdown, and `cargo test` compiles and runs the code blocks in it. Text of a spec is therefore escaped:
//! it renders as it is written and is never markup. Only code spans with single backticks keep their meaning.

use proc_macro2::TokenStream;
use quote::quote;

use crate::characters::is_deceptive;
use crate::model::Deprecation;

/// The lines of a documentation comment. The caller escapes text of a spec, see [`plain`].
#[derive(Default)]
pub(super) struct Docs(Vec<String>);

impl Docs {
    /// Creates a comment with a first line.
    pub(super) fn new(line: impl Into<String>) -> Self {
        Self(vec![line.into()])
    }

    /// Adds a paragraph.
    pub(super) fn paragraph(&mut self, line: impl Into<String>) {
        self.blank();
        self.0.push(line.into());
    }

    /// Adds a list, unless it is empty.
    pub(super) fn list(&mut self, items: impl IntoIterator<Item = String>) {
        let mut items = items.into_iter().peekable();
        if items.peek().is_some() {
            self.blank();
        }
        self.0.extend(items.map(|item| format!("- {item}")));
    }

    /// Adds lines unchanged.
    pub(super) fn lines(&mut self, lines: impl IntoIterator<Item = String>) {
        self.blank();
        self.0.extend(lines);
    }

    fn blank(&mut self) {
        if !self.0.is_empty() {
            self.0.push(String::new());
        }
    }

    /// Returns outer attributes, for the item that follows.
    pub(super) fn outer(&self) -> TokenStream {
        let lines = self.spaced();
        quote!(#(#[doc = #lines])*)
    }

    /// Returns inner attributes, for the enclosing module.
    pub(super) fn inner(&self) -> TokenStream {
        let lines = self.spaced();
        quote!(#(#![doc = #lines])*)
    }

    /// Returns the lines with a leading space, as `///` comments have it.
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

/// Returns a documentation comment of one line.
pub(super) fn doc_line(text: impl Into<String>) -> TokenStream {
    Docs::new(text).outer()
}

/// Returns one line of Markdown that renders as `text`.
pub(super) fn plain(text: &str) -> String {
    let text = collapse(text);
    let mut out = String::with_capacity(text.len() + 8);
    let mut rest = text.as_str();
    while let Some((before, code, after)) = split_code(rest) {
        escape(before, &mut out);
        out.push('`');
        out.push_str(code);
        out.push('`');
        rest = after;
    }
    escape(rest, &mut out);
    escape_start(out)
}

/// Returns `text` as a sentence: with a full stop, unless it ends with punctuation.
pub(super) fn sentence(text: &str) -> String {
    let mut out = plain(text);
    if out.ends_with(|last: char| last.is_alphanumeric() || matches!(last, '`' | ')' | '"')) {
        out.push('.');
        // A number begins a list only with it.
        out = escape_start(out);
    }
    out
}

/// Returns `text` as a code span. A backtick, which would end the span, becomes an apostrophe.
pub(super) fn code(text: &str) -> String {
    let text = collapse(text).replace('`', "'");
    if text.is_empty() {
        "(empty)".to_owned()
    } else {
        format!("`{text}`")
    }
}

/// Returns code spans separated by commas.
pub(super) fn codes(texts: &[String]) -> String {
    texts.iter().map(|text| code(text)).collect::<Vec<_>>().join(", ")
}

/// Returns a link to `url`, or its text as code if it is not a plain web address.
pub(super) fn link(label: &str, url: &str) -> String {
    let harmless = |c: char| c.is_ascii_alphanumeric() || "-._~:/?#@!$&'*+,;=%".contains(c);
    if url.starts_with("https://") && url.chars().all(harmless) {
        format!("[{label}]({url})")
    } else {
        format!("{label}: {}", code(url))
    }
}

/// Returns `text` on one line: white space becomes single spaces, and invisible characters are removed.
pub(super) fn collapse(text: &str) -> String {
    let visible: String = text
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .filter(|c| !is_deceptive(*c))
        .collect();
    visible.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Splits at the first code span: two single backticks with text between them.
fn split_code(text: &str) -> Option<(&str, &str, &str)> {
    let mut from = 0;
    loop {
        let open = from + text[from..].find('`')?;
        let body = open + 1;
        let close = body + text[body..].find('`')?;
        let single_open = close > body;
        let single_close = !text[close + 1..].starts_with('`');
        let content = &text[body..close];
        // Markdown would remove a space at either end.
        if single_open && single_close && content.trim() == content {
            return Some((&text[..open], content, &text[close + 1..]));
        }
        // Not a span: continue after the whole run of backticks.
        from = open + text[open..].len() - text[open..].trim_start_matches('`').len();
    }
}

/// Writes text without code spans, with a backslash before each special character of Markdown.
fn escape(text: &str, out: &mut String) {
    let mut previous = ' ';
    for (at, c) in text.char_indices() {
        let rest = &text[at + c.len_utf8()..];
        let special = match c {
            '\\' | '`' | '*' | '[' | ']' | '<' | '>' | '&' | '|' | '~' | '$' | '^' | '{' | '}' => true,
            '_' => !(previous.is_ascii_alphanumeric() && rest.starts_with(|next: char| next.is_ascii_alphanumeric())),
            // Rustdoc warns about bare web addresses.
            ':' => rest.starts_with("//"),
            _ => false,
        };
        if special {
            out.push('\\');
        }
        out.push(c);
        previous = c;
    }
}

/// Escapes the start of a line that would otherwise begin a heading, a list or a rule.
fn escape_start(line: String) -> String {
    if line.starts_with(['#', '+', '-', '=', ':']) {
        return format!("\\{line}");
    }
    let digits = line.len() - line.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    if digits > 0 && line[digits..].starts_with(['.', ')']) {
        return format!("{}\\{}", &line[..digits], &line[digits..]);
    }
    line
}

/// Returns the attribute of a deprecated request. Rustdoc renders the note as Markdown, above the documentation, which
/// therefore does not repeat it.
pub(super) fn deprecated_endpoint(deprecation: &Deprecation) -> TokenStream {
    let note = match (&deprecation.successor, &deprecation.reason) {
        (Some(successor), None) => format!("use {}", plain(successor)),
        (Some(successor), Some(reason)) => format!("use {}: {}", plain(successor), plain(reason)),
        (None, Some(reason)) => plain(reason),
        (None, None) => "the platform has deprecated this endpoint".to_owned(),
    };
    quote!(#[deprecated(note = #note)])
}

/// Returns the attribute of a deprecated field.
pub(super) fn deprecated_field(reason: &str) -> TokenStream {
    let note = plain(reason);
    quote!(#[deprecated(note = #note)])
}

/// Returns the attribute of items that use something deprecated.
pub(super) fn allow_deprecated() -> TokenStream {
    quote!(#[allow(deprecated)])
}
