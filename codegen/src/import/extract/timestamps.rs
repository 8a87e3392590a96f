//! The formats of timestamps, in the descriptions of fields.

use serde_json::Value as Json;

use super::super::model::{Field, Type};
use crate::model::TimeFormat;

/// Returns the format of the timestamp that a field holds, if its description and its example agree on one.
pub(super) fn read_format(field: &Field, text: &str) -> Option<TimeFormat> {
    let is_scalar = matches!(field.ty, Type::String | Type::Int);
    if !is_scalar || !field.values.is_empty() {
        return None;
    }
    let lower = text.to_lowercase();
    let described = described_format(&lower);
    let example = field.example.as_ref().map(format_of_example);
    match (described, example) {
        (Described::Format(format), Some(of_example)) => (of_example == Some(format)).then_some(format),
        (Described::Format(format), None) => {
            (format != TimeFormat::Rfc3339 || field.ty == Type::String).then_some(format)
        }
        // The page names no unit; its example has one.
        (Described::Timestamp, Some(of_example)) => of_example.filter(|format| *format != TimeFormat::Rfc3339),
        (Described::Timestamp | Described::Other, _) => None,
    }
}

enum Described {
    Format(TimeFormat),
    /// A timestamp without a unit.
    Timestamp,
    Other,
}

fn described_format(text: &str) -> Described {
    let has = |words: &[&str]| words.iter().any(|word| text.contains(word));
    let is_timestamp = has(&["时间戳", "timestamp", "unix时间", "unix 时间", "unix time", "epoch"]);
    let milliseconds = is_timestamp && has(&["毫秒", "(ms)", "（ms）", "单位：ms", "单位:ms", "millisecond"]);
    let without = text
        .replace("毫秒", "")
        .replace("milliseconds", "")
        .replace("millisecond", "");
    let seconds = is_timestamp && (without.contains("秒") || without.contains("second"));
    let rfc3339 = has(&["rfc3339", "rfc 3339", "rfc-3339"]);
    match (seconds, milliseconds, rfc3339) {
        (true, false, false) => Described::Format(TimeFormat::Seconds),
        (false, true, false) => Described::Format(TimeFormat::Milliseconds),
        (false, false, true) => Described::Format(TimeFormat::Rfc3339),
        (false, false, false) if is_timestamp => Described::Timestamp,
        _ => Described::Other,
    }
}

/// Returns the format of an example between 2001 and 2286; there is no such time with a number of digits for both units.
fn format_of_example(example: &Json) -> Option<TimeFormat> {
    let text = example.as_str().map_or_else(|| example.to_string(), str::to_owned);
    let is_number = text.bytes().all(|b| b.is_ascii_digit());
    match text.len() {
        10 if is_number => Some(TimeFormat::Seconds),
        13 if is_number => Some(TimeFormat::Milliseconds),
        _ => Some(TimeFormat::Rfc3339).filter(|format| !text.is_empty() && format.accepts(&Json::from(text.as_str()))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn format(ty: Type, text: &str, example: Json) -> Option<&'static str> {
        let field = Field {
            example: Some(example).filter(|example| !example.is_null()),
            ..Field::new("time", ty)
        };
        read_format(&field, text).map(TimeFormat::as_str)
    }

    #[test]
    fn reads_unit_of_description() {
        let read = |text: &str| format(Type::String, text, Json::Null);
        assert_eq!(read("创建时间（毫秒级时间戳）"), Some("milliseconds"));
        assert_eq!(read("秒级时间戳，开始时间"), Some("seconds"));
        assert_eq!(
            read("Creation time, as a timestamp in milliseconds"),
            Some("milliseconds")
        );
        assert_eq!(read("Unix time in seconds"), Some("seconds"));
        assert_eq!(read("时间，格式为 RFC 3339"), Some("rfc3339"));
        for text in ["时间戳", "秒级或毫秒级时间戳", "时长，单位：毫秒", "创建时间"] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn example_decides_or_contradicts() {
        let read = |text: &str, example: Json| format(Type::String, text, example);
        assert_eq!(read("时间戳", "1700000000".into()), Some("seconds"));
        assert_eq!(read("时间戳", "1700000000000".into()), Some("milliseconds"));
        assert_eq!(read("毫秒级时间戳", "1700000000".into()), None);
        assert_eq!(read("秒级时间戳", "{\"start\":\"1700000000\"}".into()), None);
        assert_eq!(read("RFC3339", "2024-02-29T08:00:00+08:00".into()), Some("rfc3339"));
        assert_eq!(format(Type::Int, "时间戳", 1_700_000_000.into()), Some("seconds"));
        assert_eq!(format(Type::Int, "RFC3339", Json::Null), None);
        assert_eq!(format(Type::Bool, "秒级时间戳", Json::Null), None);
    }
}
