//! Text of the spec inside documentation.
//!
//! Documentation is Markdown, and a code block in it is a test that `cargo test` compiles and runs. So text
//! from a spec is escaped: it reads as it was written, and is never markup. Only code spans with single
//! backticks are left to the spec.

use crate::characters::is_deceptive;

/// One line of Markdown that reads as `text`.
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

/// `text` as a sentence: with a full stop, unless it ends with punctuation.
pub(super) fn sentence(text: &str) -> String {
    let mut out = plain(text);
    if out.ends_with(|last: char| last.is_alphanumeric() || matches!(last, '`' | ')' | '"')) {
        out.push('.');
    }
    out
}

/// `text` as a code span. A backtick in it, which would end the span, is shown as an apostrophe.
pub(super) fn code(text: &str) -> String {
    let text = collapse(text).replace('`', "'");
    if text.is_empty() {
        "(empty)".to_owned()
    } else {
        format!("`{text}`")
    }
}

/// Several code spans, as `a`, `b`, `c`.
pub(super) fn codes(texts: &[String]) -> String {
    texts.iter().map(|text| code(text)).collect::<Vec<_>>().join(", ")
}

/// A link to `url`, or its text as code where it is not a plain web address.
pub(super) fn link(label: &str, url: &str) -> String {
    let harmless = |c: char| c.is_ascii_alphanumeric() || "-._~:/?#@!$&'*+,;=%".contains(c);
    if url.starts_with("https://") && url.chars().all(harmless) {
        format!("[{label}]({url})")
    } else {
        format!("{label}: {}", code(url))
    }
}

/// `text` on one line: white space becomes single spaces, and invisible characters go.
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
        // Markdown would drop a space at either end.
        if single_open && single_close && content.trim() == content {
            return Some((&text[..open], content, &text[close + 1..]));
        }
        // Not a span: go on behind the whole run of backticks.
        from = open + text[open..].len() - text[open..].trim_start_matches('`').len();
    }
}

/// Writes text without code spans, with a backslash before each character that has a meaning in Markdown.
fn escape(text: &str, out: &mut String) {
    let mut previous = ' ';
    for (at, c) in text.char_indices() {
        let rest = &text[at + c.len_utf8()..];
        let special = match c {
            '\\' | '`' | '*' | '[' | ']' | '<' | '>' | '&' | '|' | '~' | '$' | '^' | '{' | '}' => true,
            '_' => !(previous.is_ascii_alphanumeric() && rest.starts_with(|next: char| next.is_ascii_alphanumeric())),
            // A bare web address, of which rustdoc complains.
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

/// Takes the meaning from what would make a heading, a list or a rule of a line that begins with it.
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
