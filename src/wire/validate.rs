//! Validation of requests before sending. All violations are reported at once.

use std::borrow::Cow;
use std::fmt;

use regex_lite::RegexBuilder;

use super::{Encode, FieldInfo, Fields, Location, Rule, View, text};
use crate::range::ByteRange;

/// A field that violates a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Violation {
    /// The field, as the platform spells it: `file_tokens[2]`, `content.title`.
    pub field: String,
    /// Name of the rule: `required`, `max_items`.
    pub rule: &'static str,
    /// What is wrong.
    pub problem: String,
    /// The value, shortened; `None` if it is secret, absent or not helpful.
    pub value: Option<String>,
    /// What to do.
    pub hint: &'static str,
}

impl Violation {
    /// Maximum length of a shown value, in characters.
    const MAX_SHOWN: usize = 60;

    /// Creates a violation. `problem` follows the name of the field ("is longer than ..."), `hint` states what to do.
    pub fn new(field: impl Into<String>, rule: &'static str, problem: impl Into<String>, hint: &'static str) -> Self {
        Self {
            field: field.into(),
            rule,
            problem: problem.into(),
            value: None,
            hint,
        }
    }

    /// Adds the value, shortened if it is long. Never pass a secret.
    #[must_use]
    pub fn with_value(mut self, value: Option<String>) -> Self {
        self.value = value.map(|value| {
            let mut shown: String = value.chars().take(Self::MAX_SHOWN).collect();
            if shown.len() < value.len() {
                shown.push('…');
            }
            shown
        });
        self
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` {}", self.field, self.problem)?;
        if let Some(value) = &self.value {
            // Debug escapes line breaks.
            write!(f, " (value: {value:?})")?;
        }
        write!(f, ": {}", self.hint)
    }
}

/// Returns all violations of the spec in these fields.
pub fn validate(fields: &dyn Fields) -> Vec<Violation> {
    let mut violations = Violations {
        all: Vec::new(),
        enforce_spec: true,
    };
    check_fields(fields, &ValuePath::Root, &mut violations);
    violations.all
}

/// Returns what cannot be sent in these fields, whatever the spec has: text that HTTP or JSON cannot carry, and values that
/// would change the called path.
pub(crate) fn validate_sendable(fields: &dyn Fields) -> Vec<Violation> {
    let mut violations = Violations {
        all: Vec::new(),
        enforce_spec: false,
    };
    check_fields(fields, &ValuePath::Root, &mut violations);
    violations.all
}

/// The path of a value, which becomes text only in a violation.
#[derive(Clone, Copy)]
enum ValuePath<'a> {
    Root,
    Key(&'a ValuePath<'a>, &'a str),
    Element(&'a ValuePath<'a>, usize),
}

impl fmt::Display for ValuePath<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Root => Ok(()),
            Self::Key(Self::Root, key) => f.write_str(key),
            Self::Key(parent, key) => write!(f, "{parent}.{key}"),
            Self::Element(list, index) => write!(f, "{list}[{index}]"),
        }
    }
}

impl From<&ValuePath<'_>> for String {
    fn from(path: &ValuePath<'_>) -> Self {
        path.to_string()
    }
}

struct Violations {
    all: Vec<Violation>,
    /// Whether required fields and bounds are checked.
    enforce_spec: bool,
}

impl Violations {
    fn push(&mut self, violation: Violation) {
        self.all.push(violation);
    }
}

fn check_fields(fields: &dyn Fields, parent: &ValuePath<'_>, violations: &mut Violations) {
    fields.each(&mut |field, value| check_field(field, value, &ValuePath::Key(parent, field.key), violations));
}

fn check_field(field: &'static FieldInfo, value: &dyn Encode, path: &ValuePath<'_>, violations: &mut Violations) {
    let view = value.view();
    // Properties of the file are filled in after validation.
    let is_required = field.required && (violations.enforce_spec || field.location == Location::Path);
    if is_required && field.of_file.is_none() && is_missing(field.location, &view) {
        violations.push(Violation::new(
            path,
            "required",
            "is required, but missing or empty",
            "set it",
        ));
        return;
    }
    let rules = if violations.enforce_spec { field.rules } else { &[] };
    for rule in rules {
        if let Some((name, problem, hint)) = violated_rule(rule, &view) {
            let violation = Violation::new(path, name, problem, hint);
            violations.push(violation.with_value(shown_value(&view)));
        }
    }
    check_value(field.location, &view, path, violations);
}

/// Returns whether a value is missing. Outside of the body an empty value counts as missing.
fn is_missing(location: Location, view: &View<'_>) -> bool {
    match view {
        View::Absent => true,
        _ if location == Location::Body => false,
        View::List(list) => list.is_empty(),
        other => text(other).is_some_and(|text| text.is_empty()),
    }
}

/// Checks that depend on the location and the type of a value.
fn check_value(location: Location, view: &View<'_>, path: &ValuePath<'_>, violations: &mut Violations) {
    match view {
        View::Absent => {}
        View::Object(fields) => check_fields(*fields, path, violations),
        View::List(list) => {
            let mut index = 0;
            list.each(&mut |element| {
                let path = ValuePath::Element(path, index);
                check_element(location, &element.view(), &path, violations);
                index += 1;
            });
        }
        View::Map(map) => map.each(&mut |key, value| {
            check_value(location, &value.view(), &ValuePath::Key(path, key), violations);
        }),
        View::Range(range) => check_range(range, path, violations),
        View::File(file) => check_file_name(file.file_name(), path, violations),
        View::Float(value) if !value.is_finite() => violations.push(
            Violation::new(path, "finite", "is not a finite number", "set a finite number")
                .with_value(Some(value.to_string())),
        ),
        scalar if location != Location::Body => check_text(location, scalar, path, violations),
        _ => {}
    }
}

fn check_range(range: &ByteRange, path: &ValuePath<'_>, violations: &mut Violations) {
    if range.is_empty() {
        violations.push(Violation::new(
            path,
            "empty_range",
            "is an empty range",
            "request at least one byte, or omit it to get the whole file",
        ));
    }
}

/// A line break in the name would end the header that carries it.
fn check_file_name(name: &str, path: &ValuePath<'_>, violations: &mut Violations) {
    if name.is_empty() || name.chars().any(char::is_control) {
        let violation = Violation::new(
            path,
            "file_name",
            "has a file name that is empty or contains a control character",
            "use printable characters",
        );
        violations.push(violation.with_value(Some(name.to_owned())));
    }
}

fn check_element(location: Location, view: &View<'_>, path: &ValuePath<'_>, violations: &mut Violations) {
    let empty = location != Location::Body && text(view).is_none_or(|text| text.is_empty());
    if empty {
        violations.push(Violation::new(path, "required", "is empty", "remove it"));
    } else {
        check_value(location, view, path, violations);
    }
}

/// Checks text outside of the body: one line, and in the path a valid segment.
fn check_text(location: Location, view: &View<'_>, path: &ValuePath<'_>, violations: &mut Violations) {
    let Some(text) = text(view) else { return };
    if text.chars().any(char::is_control) {
        let violation = Violation::new(path, "control_characters", "contains a control character", "remove it");
        violations.push(violation.with_value(shown_value(view)));
    }
    if location == Location::Path && matches!(&*text, "." | "..") {
        let violation = Violation::new(
            path,
            "path_segment",
            "would change the called path",
            "use the token that the platform issued",
        );
        violations.push(violation.with_value(shown_value(view)));
    }
}

/// Returns name, problem and hint of a violated rule.
fn violated_rule(rule: &Rule, view: &View<'_>) -> Option<(&'static str, String, &'static str)> {
    let number = match view {
        View::Int(value) => Some(*value as f64),
        View::Float(value) => Some(*value),
        _ => None,
    };
    let length = match view {
        View::Str(_) | View::Secret(_) | View::Display(_) => text(view).map(|text| text.chars().count() as u64),
        _ => None,
    };
    let items = match view {
        View::List(list) => Some(list.len() as u64),
        View::Map(map) => Some(map.len() as u64),
        _ => None,
    };
    let bytes = match view {
        View::File(upload) => upload.length(),
        _ => None,
    };
    match *rule {
        Rule::Min(min) => number
            .filter(|value| *value < min)
            .map(|value| ("min", format!("is {value}, minimum {min}"), "raise it")),
        Rule::Max(max) => number
            .filter(|value| *value > max)
            .map(|value| ("max", format!("is {value}, maximum {max}"), "lower it")),
        Rule::MinLength(min) => length.filter(|length| *length < min).map(|length| {
            let problem = format!("has {length} characters, minimum {min}");
            ("min_length", problem, "lengthen it")
        }),
        Rule::MaxLength(max) => length.filter(|length| *length > max).map(|length| {
            let problem = format!("has {length} characters, maximum {max}");
            ("max_length", problem, "shorten it")
        }),
        Rule::Pattern(pattern) => text(view).filter(|text| !matches_pattern(pattern, text)).map(|_| {
            let problem = format!("does not match the pattern `{pattern}`");
            ("pattern", problem, "correct it, or use `client.allow_undocumented()`")
        }),
        Rule::MinItems(min) => items.filter(|items| *items < min).map(|items| {
            let problem = format!("has {items} elements, minimum {min}");
            ("min_items", problem, "add elements")
        }),
        Rule::MaxItems(max) => items.filter(|items| *items > max).map(|items| {
            let problem = format!("has {items} elements, maximum {max}");
            ("max_items", problem, "split them over several calls")
        }),
        Rule::MinBytes(min) => bytes.filter(|bytes| *bytes < min).map(|bytes| {
            let problem = format!("has {bytes} bytes, minimum {min}");
            ("min_bytes", problem, "use a larger file")
        }),
        Rule::MaxBytes(max) => bytes.filter(|bytes| *bytes > max).map(|bytes| {
            let problem = format!("has {bytes} bytes, maximum {max}");
            (
                "max_bytes",
                problem,
                "use a smaller file, or `client.upload`, which sends larger files in parts where the endpoint supports it",
            )
        }),
    }
}

/// Maximum size of a compiled pattern in bytes; the loader of the spec has the same limit.
const MAX_PATTERN_BYTES: usize = 100_000;

/// Maximum length of a value that is compared with a pattern, in bytes. The platform rejects a longer one itself.
const MAX_MATCHED_BYTES: usize = 10_000;

/// Returns whether a text matches a pattern, in time proportional to the length of both. Longer texts are not compared, and an
/// invalid pattern restricts nothing: the check only spares a request.
fn matches_pattern(pattern: &str, text: &str) -> bool {
    if text.len() > MAX_MATCHED_BYTES {
        return true;
    }
    let compiled = RegexBuilder::new(pattern).size_limit(MAX_PATTERN_BYTES).build();
    compiled.map_or(true, |compiled| compiled.is_match(text))
}

/// Returns the value for an error, unless it is a secret or too large.
fn shown_value(view: &View<'_>) -> Option<String> {
    match view {
        View::Bool(_) | View::Int(_) | View::Float(_) | View::Str(_) | View::Display(_) => {
            text(view).map(Cow::into_owned)
        }
        _ => None,
    }
}
