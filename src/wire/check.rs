//! The checks before sending. All that is wrong is told at once.

use super::{Encode, FieldInfo, Fields, Location, Rule, View, Violation, text};
use crate::range::ByteRange;

/// Everything in which these fields break what the spec says of them.
pub fn check(fields: &dyn Fields) -> Vec<Violation> {
    let mut violations = Vec::new();
    check_fields(fields, "", &mut violations);
    violations
}

fn check_fields(fields: &dyn Fields, parent: &str, violations: &mut Vec<Violation>) {
    fields.each(&mut |field, value| {
        let path = if parent.is_empty() {
            field.key.to_owned()
        } else {
            format!("{parent}.{}", field.key)
        };
        check_field(field, value, &path, violations);
    });
}

fn check_field(field: &'static FieldInfo, value: &dyn Encode, path: &str, violations: &mut Vec<Violation>) {
    let view = value.view();
    // What a field says of the file is known once that is looked at.
    if field.required && field.of_file.is_none() && is_missing(field.location, &view) {
        violations.push(Violation::new(
            path,
            "required",
            "is required and missing or empty",
            "set it",
        ));
        return;
    }
    for rule in field.rules {
        if let Some((name, problem, way_out)) = broken(rule, &view) {
            let violation = Violation::new(path, name, problem, way_out);
            violations.push(violation.seen(shown(&view)));
        }
    }
    check_value(field.location, &view, path, violations);
}

/// Outside a body an empty value is as good as none.
fn is_missing(location: Location, view: &View<'_>) -> bool {
    match view {
        View::Absent => true,
        _ if location == Location::Body => false,
        View::List(list) => list.is_empty(),
        other => text(other).is_some_and(|text| text.is_empty()),
    }
}

/// The checks that follow from where and how a value travels.
fn check_value(location: Location, view: &View<'_>, path: &str, violations: &mut Vec<Violation>) {
    match view {
        View::Absent => {}
        View::Object(fields) => check_fields(*fields, path, violations),
        View::List(list) => {
            let mut index = 0;
            list.each(&mut |element| {
                let path = format!("{path}[{index}]");
                check_element(location, &element.view(), &path, violations);
                index += 1;
            });
        }
        View::Map(map) => map.each(&mut |key, value| {
            check_value(location, &value.view(), &format!("{path}.{key}"), violations);
        }),
        View::Range(range) => check_range(range, path, violations),
        View::File(file) => check_file_name(file.file_name(), path, violations),
        View::Float(value) if !value.is_finite() => violations
            .push(Violation::new(path, "finite", "is no finite number", "give a number").seen(Some(value.to_string()))),
        scalar if location != Location::Body => check_text(location, scalar, path, violations),
        _ => {}
    }
}

fn check_range(range: &ByteRange, path: &str, violations: &mut Vec<Violation>) {
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
fn check_file_name(name: &str, path: &str, violations: &mut Vec<Violation>) {
    if name.is_empty() || name.chars().any(char::is_control) {
        let violation = Violation::new(
            path,
            "file_name",
            "has a file name that is empty or contains a control character",
            "use printable characters",
        );
        violations.push(violation.seen(Some(name.to_owned())));
    }
}

fn check_element(location: Location, view: &View<'_>, path: &str, violations: &mut Vec<Violation>) {
    let empty = location != Location::Body && text(view).is_none_or(|text| text.is_empty());
    if empty {
        violations.push(Violation::new(path, "required", "is empty", "leave it out"));
    } else {
        check_value(location, view, path, violations);
    }
}

/// Text outside the body: one line, and in the path nothing that is no segment.
fn check_text(location: Location, view: &View<'_>, path: &str, violations: &mut Vec<Violation>) {
    let Some(text) = text(view) else { return };
    if text.chars().any(char::is_control) {
        let violation = Violation::new(path, "control_characters", "holds a control character", "remove it");
        violations.push(violation.seen(shown(view)));
    }
    if location == Location::Path && matches!(text.as_str(), "." | "..") {
        let violation = Violation::new(
            path,
            "path_segment",
            "would change the path that is called",
            "give the token that the platform gave",
        );
        violations.push(violation.seen(shown(view)));
    }
}

/// Name, problem and way out of a broken rule.
fn broken(rule: &Rule, view: &View<'_>) -> Option<(&'static str, String, &'static str)> {
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
            .map(|value| ("min", format!("is {value}, at least {min} is allowed"), "raise it")),
        Rule::Max(max) => number
            .filter(|value| *value > max)
            .map(|value| ("max", format!("is {value}, at most {max} is allowed"), "lower it")),
        Rule::MinLength(min) => length.filter(|length| *length < min).map(|length| {
            let problem = format!("has {length} characters, at least {min} are needed");
            ("min_length", problem, "lengthen it")
        }),
        Rule::MaxLength(max) => length.filter(|length| *length > max).map(|length| {
            let problem = format!("has {length} characters, at most {max} are allowed");
            ("max_length", problem, "shorten it")
        }),
        Rule::MinItems(min) => items.filter(|items| *items < min).map(|items| {
            let problem = format!("has {items} elements, at least {min} are needed");
            ("min_items", problem, "add some")
        }),
        Rule::MaxItems(max) => items.filter(|items| *items > max).map(|items| {
            let problem = format!("has {items} elements, at most {max} are allowed");
            ("max_items", problem, "split them over several calls")
        }),
        Rule::MinBytes(min) => bytes.filter(|bytes| *bytes < min).map(|bytes| {
            let problem = format!("has {bytes} bytes, at least {min} are needed");
            ("min_bytes", problem, "give a larger file")
        }),
        Rule::MaxBytes(max) => bytes.filter(|bytes| *bytes > max).map(|bytes| {
            let problem = format!("has {bytes} bytes, at most {max} are allowed");
            (
                "max_bytes",
                problem,
                "give a smaller file, or send it with `client.upload` where that takes larger ones in parts",
            )
        }),
    }
}

/// The value for an error, unless it is a secret or too large to be of use.
fn shown(view: &View<'_>) -> Option<String> {
    match view {
        View::Bool(_) | View::Int(_) | View::Float(_) | View::Str(_) | View::Display(_) => text(view),
        _ => None,
    }
}
