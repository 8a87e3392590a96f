//! Findings about a spec: the rules with their stable ids, and the position, the message and the fix.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};

use crate::model::Origin;
use crate::source::Source;

/// A violation of a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Id of the rule, one of [`RULES`] or [`LINTS`].
    pub rule: &'static str,
    /// Path of the file.
    pub path: String,
    /// The position in the file.
    pub origin: Origin,
    /// The subject, what is wrong and the value.
    pub message: String,
    /// The fix, unless the message names it.
    pub help: Option<Cow<'static, str>>,
}

impl Finding {
    /// Returns the severity of its rule.
    pub fn severity(&self) -> Severity {
        Rule::with_id(self.rule).map_or(Severity::Error, |rule| rule.severity)
    }

    pub(crate) fn sort_key(&self) -> (&str, u32, u32, &str, &str) {
        (
            &self.path,
            self.origin.line,
            self.origin.column,
            self.rule,
            &self.message,
        )
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Origin { line, column, .. } = self.origin;
        write!(f, "{}:{line}:{column}: {}: {}", self.path, self.rule, self.message)?;
        match &self.help {
            Some(help) => write!(f, "; {help}"),
            None => Ok(()),
        }
    }
}

/// Findings, sorted by file, line and column.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Findings(Vec<Finding>);

impl Findings {
    /// Sorts `findings` and removes duplicates.
    pub fn new(mut findings: Vec<Finding>) -> Self {
        findings.sort_unstable_by(|a, b| a.sort_key().cmp(&b.sort_key()));
        findings.dedup();
        Self(findings)
    }

    /// Keeps the findings for which `wanted` returns true.
    pub fn retain(&mut self, wanted: impl FnMut(&Finding) -> bool) {
        self.0.retain(wanted);
    }

    /// Iterates over the findings in order.
    pub fn iter(&self) -> std::slice::Iter<'_, Finding> {
        self.0.iter()
    }

    /// Returns the number of findings.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Returns whether there are no findings.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<'a> IntoIterator for &'a Findings {
    type Item = &'a Finding;
    type IntoIter = std::slice::Iter<'a, Finding>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl fmt::Display for Findings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for finding in self {
            writeln!(f, "{finding}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Findings {}

/// An `allow:` entry: a lint that may be violated in a part of a file.
pub(crate) struct Allowance {
    pub rule: &'static str,
    pub reason: String,
    pub span: Span,
    /// The subject of findings about the entry.
    pub subject: String,
    /// The position of the rule id.
    pub origin: Origin,
}

/// A part of a file, between the start offsets of its first and last scalar.
#[derive(Clone, Copy)]
pub(crate) struct Span {
    first: usize,
    last: usize,
}

impl Span {
    /// Returns the span of a whole file.
    pub fn file() -> Self {
        Self {
            first: 0,
            last: usize::MAX,
        }
    }

    /// Returns the span from `key` to the offset `last`.
    pub fn entry(key: Origin, last: usize) -> Self {
        Self {
            first: key.offset,
            last,
        }
    }

    /// Returns its start offset.
    pub fn first(&self) -> usize {
        self.first
    }

    /// Returns whether an offset in its file is inside the span.
    pub fn contains_offset(&self, offset: usize) -> bool {
        (self.first..=self.last).contains(&offset)
    }
}

impl Findings {
    /// Renders every finding with its source line and a caret.
    pub fn render(&self, source: &Source, colour: bool) -> String {
        let mut text = String::new();
        for finding in self.render_each(source, colour) {
            text.push_str(&finding);
            text.push_str("\n\n");
        }
        text
    }

    /// Renders the findings one by one, which keeps the memory for very many findings small.
    pub fn render_each(&self, source: &Source, colour: bool) -> impl Iterator<Item = String> {
        let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
        self.iter().map(move |finding| render(&renderer, finding, source))
    }
}

/// Longer lines are not shown, only their position.
const MAX_LINE_BYTES: usize = 1000;

fn render(renderer: &Renderer, finding: &Finding, source: &Source) -> String {
    let shown = find_line(finding, source);
    let group = Group::with_title(level(finding).primary_title(&finding.message).id(finding.rule));
    let line_number = finding.origin.line.max(1) as usize;
    let group = match &shown {
        Some((line, start)) => group.element(
            Snippet::source(&**line)
                .path(&finding.path)
                .line_start(line_number)
                .annotation(AnnotationKind::Primary.span(caret_range(finding, line, *start))),
        ),
        None => group.element(
            annotate_snippets::Origin::path(&finding.path)
                .line(line_number)
                .char_column(finding.origin.column as usize),
        ),
    };
    let group = match &finding.help {
        Some(help) => group.element(Level::HELP.message(&**help)),
        None => group,
    };
    renderer.render(&[group])
}

fn level(finding: &Finding) -> Level<'static> {
    match finding.severity() {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Note => Level::NOTE,
    }
}

impl Finding {
    /// Returns the column after the last character of the finding, on its first line.
    pub fn end_column(&self, source: &Source) -> u32 {
        let bytes = source.bytes(self.origin.file).unwrap_or_default();
        let start = self.origin.offset.min(bytes.len());
        let rest = &bytes[start..];
        let rest = &rest[..rest.len().min(self.origin.length.max(MAX_CHARACTER_BYTES))];
        let line = rest.split(|byte| *byte == b'\n').next().unwrap_or_default();
        let line = String::from_utf8_lossy(line.strip_suffix(b"\r").unwrap_or(line));
        let length = line.get(caret_range(self, &line, self.origin.offset));
        let length = length.map_or(0, |part| part.chars().count());
        self.origin
            .column
            .saturating_add(u32::try_from(length).unwrap_or(u32::MAX))
    }
}

/// The maximum length of a character in UTF-8.
const MAX_CHARACTER_BYTES: usize = 4;

/// Returns the line of a finding and its offset in the file; `None` if it is too long to be shown, also to be searched for:
/// all findings of a file may be in one line. Invalid UTF-8 is replaced.
fn find_line<'s>(finding: &Finding, source: &'s Source) -> Option<(Cow<'s, str>, usize)> {
    let bytes = source.bytes(finding.origin.file).unwrap_or_default();
    let (before, behind) = bytes.split_at(finding.origin.offset.min(bytes.len()));
    let near = before.len().saturating_sub(MAX_LINE_BYTES + 1);
    let start = match before[near..].iter().rposition(|byte| *byte == b'\n') {
        Some(newline) => near + newline + 1,
        None if near == 0 => 0,
        None => return None,
    };
    let mut following = behind.iter().take(MAX_LINE_BYTES + 2);
    let length = match following.position(|byte| *byte == b'\n') {
        Some(length) => length,
        None if behind.len() <= MAX_LINE_BYTES => behind.len(),
        None => return None,
    };
    let line = &bytes[start..before.len() + length];
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    (line.len() <= MAX_LINE_BYTES).then(|| (String::from_utf8_lossy(line), start))
}

/// Returns the byte range of the finding in `line`, at character boundaries and clamped to the line.
fn caret_range(finding: &Finding, line: &str, line_start: usize) -> Range<usize> {
    let start = finding.origin.offset.saturating_sub(line_start);
    let end = start + finding.origin.length.max(1);
    line.floor_char_boundary(start)..line.ceil_char_boundary(end)
}

/// The severity of a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Severity {
    /// Informational; nothing fails.
    Note,
    /// `spec check` fails, but code is generated.
    Warning,
    /// A violation of the format; nothing is generated.
    Error,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        })
    }
}

/// A rule for specs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    /// Stable id, in kebab-case.
    pub id: &'static str,
    /// The requirement, in one line.
    pub meaning: &'static str,
    /// The severity of a violation.
    pub severity: Severity,
}

impl Rule {
    /// Returns the rule of the format or the lint with this id.
    pub fn with_id(id: &str) -> Option<&'static Self> {
        Self::all().find(|rule| rule.id == id)
    }

    /// Returns all rules: those of the format, then the lints.
    pub fn all() -> impl Iterator<Item = &'static Self> {
        RULES.iter().chain(LINTS)
    }

    /// Returns whether `allow:` may name it: true for lints except `unused-allowance`.
    pub fn can_be_allowed(&self) -> bool {
        self.severity != Severity::Error && self.id != UNUSED_ALLOWANCE
    }
}

/// Defines a constant for the id of each rule, and a table of all rules.
macro_rules! rules {
    ($(#[$docs:meta])* $table:ident: $($name:ident $id:literal $severity:ident $meaning:literal)*) => {
        $(
            #[doc = $meaning]
            pub(crate) const $name: &str = $id;
        )*

        $(#[$docs])*
        pub const $table: &[Rule] = &[$(Rule { id: $id, meaning: $meaning, severity: Severity::$severity }),*];
    };
}

rules! {
    /// The rules of the format, sorted by id. Nothing is generated from a spec that violates one of them.
    RULES:
    ALLOWANCE "allowance" Error "An allowance names a lint."
    BOUNDS_ORDER "bounds-order" Error "The minimum of a field does not exceed its maximum."
    CLIENT_HEADER "client-header" Error "A spec does not set headers that the client sets."
    DATE "date" Error "A date is a calendar date, as YYYY-MM-DD."
    DOCS_URL "docs-url" Error "A link to the documentation is an https URL in ASCII."
    DUPLICATE_ERROR "duplicate-error" Error "A code is defined once, and a code or a status without a code is documented once per endpoint."
    DUPLICATE_HEADER "duplicate-header" Error "A header is declared once, ignoring case."
    DUPLICATE_MODULE "duplicate-module" Error "No two files map to the same Rust module."
    DUPLICATE_VALUE "duplicate-value" Error "A list of values has no duplicates."
    EMPTY_VALUE "empty-value" Error "A key has a value, and a text is not empty."
    ENDPOINT_ID "endpoint-id" Error "An endpoint id is project.version.resource.method."
    ENDPOINT_NAME "endpoint-name" Error "The key of an endpoint is snake_case in ASCII."
    ENDPOINTS_IN_TYPES "endpoints-in-types" Error "A file of shared types or of error codes has no endpoints."
    ENVELOPE_FIELD "envelope-field" Error "A flat response has no field that collides with the envelope."
    ERROR_CODE "error-code" Error "The code of an error is not 0."
    FILE_ENCODING "file-encoding" Error "A spec file is UTF-8."
    FILE_ATTRIBUTE "file-attribute" Error "A field with `of_file` is in a multipart body with exactly one file and has a suitable type."
    FILE_PATH "file-path" Error "A spec file is spec/<project>/<version>/<resource>.yaml or spec/types.yaml."
    FILE_SIZE "file-size" Error "A spec file has at most 4 MiB."
    FORBIDDEN_CHARACTER "forbidden-character" Error "A spec contains no control characters and no characters that hide or reorder text."
    HEADER_NAME "header-name" Error "A header name is an HTTP token."
    HEADER_NEEDS "header-needs" Error "The `needs` of a response header is a fixed header of the request."
    HEADER_VALUE "header-value" Error "The value of a fixed header is printable ASCII."
    HTTP_METHOD "http-method" Error "A method is GET, POST, PUT, PATCH or DELETE."
    HTTP_STATUS "http-status" Error "The status of a documented error is 200 to 599."
    IDEMPOTENCY_FIELD "idempotency-field" Error "The idempotency key is a string of the query or body."
    KEY_NOT_APPLICABLE "key-not-applicable" Error "A key is present only where it has an effect."
    LIMIT "limit" Error "A rate limit is `special` or a count per second, minute, hour or day, with one limit per period."
    LITERAL_TYPE "literal-type" Error "Examples and defaults are values of their field's type."
    MISSING_KEY "missing-key" Error "A required key is present."
    NO_RUST_NAME "no-rust-name" Error "A key or value maps to a Rust name or declares one."
    OBJECT_WITHOUT_FIELDS "object-without-fields" Error "An inline object declares its fields."
    OPTIONAL_PATH_PARAMETER "optional-path-parameter" Error "A path parameter is required."
    PAGINATION_FIELD "pagination-field" Error "`pagination` names existing fields of suitable types."
    PATH_PARAMETER_NAME "path-parameter-name" Error "A path parameter name consists of ASCII letters, digits and underscores."
    PATH_PARAMETER_UNDECLARED "path-parameter-undeclared" Error "Every `:name` of the path is declared under `path:`."
    PATH_PARAMETER_UNUSED "path-parameter-unused" Error "Every field under `path:` is a parameter of the path."
    PATTERN "pattern" Error "A `pattern` is a regular expression of the supported syntax and size."
    POLL_ENDPOINT "poll-endpoint" Error "`poll` names an existing endpoint of the same project."
    POLL_FIELD "poll-field" Error "`poll` names existing fields of equal types and sets every required field of the polled endpoint."
    POLL_STATE "poll-state" Error "The state of a task is a field of the poll response; its values are unique and belong to the field's type."
    REQUIRED_CYCLE "required-cycle" Error "No object requires itself."
    RESERVED_NAME "reserved-name" Error "A type is not named like a prelude type that generated code uses."
    RUST_NAME "rust-name" Error "A `rust:` name is an unused identifier in snake_case."
    SAME_RUST_NAME "same-rust-name" Error "No two items of a Rust struct, enum or module have the same name."
    SCOPE "scope" Error "A scope consists of ASCII letters, digits, colons, dots, dashes and underscores."
    SECRET_TYPE "secret-type" Error "Only strings are secret."
    SNAKE_NAME "snake-name" Error "The name of an error or enum value is snake_case in ASCII."
    TWO_BODIES "two-bodies" Error "An endpoint has one kind of body."
    TYPE_EXPRESSION "type-expression" Error "A type expression is valid."
    TYPE_KIND "type-kind" Error "A named type has either fields or enum values."
    TYPE_NAME "type-name" Error "A type name is CamelCase in ASCII."
    TYPE_PLACEMENT "type-placement" Error "The type of a field can be sent in the field's place."
    UNKNOWN_KEY "unknown-key" Error "A mapping has only known keys."
    UNKNOWN_WORD "unknown-word" Error "A word is one of the values that its key accepts."
    UNRESOLVED_ERROR "unresolved-error" Error "A listed error code is in the errors.yaml of its project version."
    UNRESOLVED_TYPE "unresolved-type" Error "A referenced type exists."
    UPLOAD_ENDPOINT "upload-endpoint" Error "`upload` names existing endpoints of the same project."
    UPLOAD_FIELD "upload-field" Error "`upload` provides every required field of its endpoints."
    URL_PATH "url-path" Error "A path consists of plain segments and `:parameters`."
    WIRE_KEY "wire-key" Error "A key has 1 to 256 bytes that are not all spaces."
    WRONG_VALUE "wrong-value" Error "A value has the form that its key requires."
    YAML_SYNTAX "yaml-syntax" Error "A file is one YAML document without anchors, aliases, merge keys and tags."
}

rules! {
    /// The lints, sorted by id. Code is generated despite violations.
    LINTS:
    BARE_DEPRECATION "bare-deprecation" Warning "A deprecated endpoint names its successor or a reason."
    BODY_ON_DELETE "body-on-delete" Warning "A DELETE request has no body: servers and proxies may drop it."
    BODY_ON_GET "body-on-get" Warning "A GET request has no body."
    DUPLICATE_ROUTE "duplicate-route" Warning "No two endpoints have the same method and path."
    DUPLICATE_TYPE "duplicate-type" Warning "Equal types of one name are one shared type."
    ERROR_MESSAGE "error-message" Warning "A code has the same message in all versions of a project."
    LITERAL_BOUNDS "literal-bounds" Warning "Examples and defaults are within the bounds of their field."
    MISSING_DOCS_LINK "missing-docs-link" Warning "An endpoint links to the page that it was transcribed from."
    MISSING_FIELD_DOC "missing-field-doc" Note "A field has a description."
    MISSING_LIMITS "missing-limits" Warning "An endpoint states its rate limits."
    MISSING_PAGINATION "missing-pagination" Warning "An endpoint that takes `page_token` and returns `has_more` declares its pagination."
    MISSING_POLL "missing-poll" Warning "An endpoint that returns a task id declares how to poll the task."
    MISSING_SCOPES "missing-scopes" Warning "An endpoint states its required scopes, possibly an empty list."
    MISSING_SUMMARY "missing-summary" Note "An endpoint has a summary."
    MISSING_TOKENS "missing-tokens" Warning "An endpoint states the token kinds that it takes, possibly an empty list."
    REDUNDANT_ERROR "redundant-error" Warning "An error with other keys than `code` differs from the definition of the code."
    SECRET_FIELD "secret-field" Warning "A string that is named like a secret is `secret: true`."
    SHADOWED_TYPE "shadowed-type" Warning "A type does not hide a shared type of the same name."
    TRAILING_SLASH "trailing-slash" Warning "A path does not end with a slash."
    UNTYPED_LIST "untyped-list" Warning "The elements of a list have a type."
    UNTYPED_VALUE "untyped-value" Note "A value has a type."
    UNUSED_ALLOWANCE "unused-allowance" Warning "An allowance suppresses at least one finding."
    UNUSED_ERROR "unused-error" Warning "A defined error code is documented by an endpoint."
    UNUSED_TYPE "unused-type" Warning "A named type is used by an endpoint."
}

#[cfg(test)]
mod tests {
    use super::{Finding, MAX_LINE_BYTES, Rule, find_line};
    use crate::Source;
    use crate::model::Origin;

    #[test]
    fn line_is_found_up_to_its_maximum_length() {
        for (length, is_shown) in [(MAX_LINE_BYTES, true), (MAX_LINE_BYTES + 1, false), (100_000, false)] {
            let mut source = Source::new();
            source.add("spec/a/v1/b.yaml", format!("first\n{}\r\nlast", "x".repeat(length)));
            for offset in [6, 6 + length / 2, 6 + length] {
                let finding = Finding {
                    rule: super::YAML_SYNTAX,
                    path: "spec/a/v1/b.yaml".to_owned(),
                    origin: Origin {
                        offset,
                        length: 2,
                        ..Origin::default()
                    },
                    message: String::new(),
                    help: None,
                };
                let found = find_line(&finding, &source).map(|(line, start)| (line.len(), start));
                assert_eq!(found, is_shown.then_some((length, 6)), "{length} {offset}");
            }
        }
    }

    #[test]
    fn rule_ids_are_unique_and_sorted() {
        let mut ids: Vec<&str> = Rule::all().map(|rule| rule.id).collect();
        ids.sort_unstable();
        assert!(ids.windows(2).all(|pair| pair[0] < pair[1]));
    }
}
