//! The formats of timestamps.

use serde::Serialize;
use serde_json::Value;

use super::{Field, Type};

/// How a string or an integer holds a point in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
pub enum TimeFormat {
    /// Seconds since 1970.
    Seconds,
    /// Milliseconds since 1970.
    Milliseconds,
    /// A date and time with an offset, such as `2024-02-29T08:00:00+08:00`.
    Rfc3339,
}

impl TimeFormat {
    /// All formats.
    pub const ALL: [Self; 3] = [Self::Seconds, Self::Milliseconds, Self::Rfc3339];

    /// Returns the word in the spec.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Seconds => "seconds",
            Self::Milliseconds => "milliseconds",
            Self::Rfc3339 => "rfc3339",
        }
    }

    /// Returns a description that completes "a timestamp in ...".
    pub fn describe(self) -> &'static str {
        match self {
            Self::Seconds => "seconds since 1970",
            Self::Milliseconds => "milliseconds since 1970",
            Self::Rfc3339 => "the format of RFC 3339",
        }
    }

    /// Returns whether a field of this type can hold such a timestamp.
    pub fn fits(self, ty: &Type) -> bool {
        *ty == Type::String || *ty == Type::Int && self != Self::Rfc3339
    }

    /// Returns whether a value is such a timestamp. Empty text is an unset one.
    pub fn accepts(self, value: &Value) -> bool {
        match (self, value) {
            (_, Value::String(text)) if text.is_empty() => true,
            (Self::Rfc3339, Value::String(text)) => is_rfc3339(text),
            (Self::Seconds | Self::Milliseconds, Value::String(text)) => {
                let digits = text.strip_prefix('-').unwrap_or(text);
                text.parse::<i64>().is_ok() && digits.bytes().all(|b| b.is_ascii_digit())
            }
            (Self::Seconds | Self::Milliseconds, value) => value.is_i64(),
            (Self::Rfc3339, _) => false,
        }
    }

    /// Returns a timestamp in this format, as a value of the field's type.
    pub fn sample(self, field: &Field) -> Value {
        let number: i64 = match self {
            Self::Rfc3339 => return Value::from("2023-11-14T22:13:20Z"),
            Self::Seconds => 1_700_000_000,
            Self::Milliseconds => 1_700_000_000_000,
        };
        if field.ty == Type::Int {
            Value::from(number)
        } else {
            Value::from(number.to_string())
        }
    }
}

/// Returns whether the text has the form `2024-02-29T08:00:00[.123]` followed by `Z` or an offset.
fn is_rfc3339(text: &str) -> bool {
    const FORM: &[u8] = b"0000-00-00T00:00:00";
    let matches_form = |text: &[u8], form: &[u8]| {
        text.len() == form.len()
            && text.iter().zip(form).all(|(c, expected)| match expected {
                b'0' => c.is_ascii_digit(),
                b'T' => matches!(c, b'T' | b't' | b' '),
                other => c == other,
            })
    };
    let Some((date, rest)) = text.as_bytes().split_at_checked(FORM.len()) else {
        return false;
    };
    let rest = match rest.strip_prefix(b".") {
        Some(fraction) => {
            let digits = fraction.iter().take_while(|c| c.is_ascii_digit()).count();
            if digits == 0 {
                return false;
            }
            &fraction[digits..]
        }
        None => rest,
    };
    let is_offset = matches!(rest, b"Z" | b"z") || matches_form(rest, b"+00:00") || matches_form(rest, b"-00:00");
    matches_form(date, FORM) && is_offset
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn accepts_timestamps_of_the_format() {
        for (format, value) in [
            (TimeFormat::Seconds, json!(1_700_000_000)),
            (TimeFormat::Seconds, json!("1700000000")),
            (TimeFormat::Seconds, json!("-1")),
            (TimeFormat::Milliseconds, json!("")),
            (TimeFormat::Rfc3339, json!("2024-02-29T08:00:00+08:00")),
            (TimeFormat::Rfc3339, json!("2024-02-29T08:00:00.123Z")),
        ] {
            assert!(format.accepts(&value), "{value}");
        }
    }

    #[test]
    fn rejects_other_values() {
        for (format, value) in [
            (TimeFormat::Seconds, json!("+1")),
            (TimeFormat::Seconds, json!("1.5")),
            (TimeFormat::Seconds, json!("today")),
            (TimeFormat::Milliseconds, json!(1.5)),
            (TimeFormat::Rfc3339, json!(1)),
            (TimeFormat::Rfc3339, json!("2024-02-29")),
            (TimeFormat::Rfc3339, json!("2024-02-29T08:00:00")),
            (TimeFormat::Rfc3339, json!("2024-02-29T08:00:00.Z")),
            (TimeFormat::Rfc3339, json!("日期-02-29T08:00:00Z")),
        ] {
            assert!(!format.accepts(&value), "{value}");
        }
    }
}
