//! Enum values: listed by the portal's elements, or as a list in the description.

use std::collections::HashSet;

use super::super::model::{EnumValue, Notes, Type, quoted};
use super::super::page::{Cell, is_wide};
use crate::characters::is_hidden;
use crate::names;

/// Reads the values that the page lists for a field. `ty` is the field's type without lists.
pub(super) fn read_values(cell: &Cell, ty: &Type, notes: &mut Notes) -> Vec<EnumValue> {
    let listed = if cell.values.is_empty() {
        listed_values(&cell.text)
    } else {
        cell.values.clone()
    };
    if listed.is_empty() && cell.text.lines().any(announces_values) {
        notes.add(cell.line, "unrecognized list of values");
    } else if listed.is_empty() && names_values_in_sentence(&cell.text) {
        notes.add(cell.line, "skipped the values that a sentence names");
    }
    if listed.is_empty() || *ty == Type::Bool {
        return Vec::new();
    }
    let is_bit = |value: &String| value.parse::<u32>().is_ok_and(u32::is_power_of_two);
    let is_mask_of_bits = *ty == Type::Int && listed.iter().all(is_bit);
    if is_bit_mask(&cell.text) && !is_mask_of_bits {
        let values = listed.iter().map(|value| quoted(value)).collect::<Vec<_>>().join(", ");
        let message = format!("skipped the values of a bit mask, whose sums are values too: {values}");
        notes.add(cell.line, message);
        return Vec::new();
    }
    let is_integer = |value: &String| value.parse::<i64>().is_ok_and(|number| number.to_string() == *value);
    let fits = match ty {
        Type::String => true,
        Type::Int => listed.iter().all(is_integer),
        _ => false,
    };
    if !fits {
        let first = quoted(&listed[0]);
        notes.add(
            cell.line,
            format!(
                "skipped the values: {first} does not have the type `{}`",
                ty.expression()
            ),
        );
        return Vec::new();
    }
    name_values(listed, cell, ty, notes)
}

/// Gives each value a name if none can be derived from it.
fn name_values(listed: Vec<String>, cell: &Cell, ty: &Type, notes: &mut Notes) -> Vec<EnumValue> {
    let (mut seen, mut taken) = (HashSet::new(), HashSet::new());
    let mut values = Vec::new();
    // All smaller numbers are taken.
    let mut next_number = 1;
    for value in listed {
        if value.is_empty() || value.contains(is_hidden) || !seen.insert(value.clone()) {
            notes.add(
                cell.line,
                format!("skipped the value {}: invalid or duplicate", quoted(&value)),
            );
            continue;
        }
        let derived = (*ty == Type::String).then(|| names::variant(&value)).flatten();
        let name = match derived {
            Some(derived) if taken.insert(derived.clone()) => None,
            _ => {
                next_number = next_number.max(values.len() + 1);
                let name = free_name(&value, &mut next_number, &taken);
                taken.extend(names::variant(&name));
                Some(name)
            }
        };
        let scopes = Vec::new();
        values.push(EnumValue { value, name, scopes });
    }
    values
}

/// Returns a free name such as `value_1`, for a value that no name can be derived from.
fn free_name(value: &str, next_number: &mut usize, taken: &HashSet<String>) -> String {
    let digits: String = value.chars().filter(char::is_ascii_digit).collect();
    let sign = if value.starts_with('-') { "minus" } else { "value" };
    let free = |name: &String| names::variant(name).is_some_and(|variant| !taken.contains(&variant));
    let from_digits = format!("{sign}_{digits}");
    if !digits.is_empty() && free(&from_digits) {
        return from_digits;
    }
    loop {
        let name = format!("item_{next_number}");
        if free(&name) {
            return name;
        }
        *next_number += 1;
    }
}

/// Returns the values of a list in a description: `- open_id：...` below a line that announces_values values. Copied text has
/// no dashes and may have each value on a line of its own, after an empty line.
fn listed_values(text: &str) -> Vec<String> {
    let mut lines = text.lines().skip_while(|line| !announces_values(line));
    lines.next();
    let (mut values, mut dashed, mut after_blank) = (Vec::new(), false, true);
    for line in lines.map(str::trim) {
        let item = line.strip_prefix(['-', '*']).filter(|item| item.starts_with(' '));
        dashed |= item.is_some();
        let word = match item {
            _ if line.is_empty() => {
                after_blank = true;
                continue;
            }
            Some(item) => first_word(item),
            None if dashed => break,
            None => match undashed_value(line, after_blank) {
                Some(word) => word,
                // A description of the value above.
                None if !after_blank && !values.is_empty() => continue,
                None => break,
            },
        };
        after_blank = false;
        if word.is_empty() || word.contains(is_wide) {
            return Vec::new();
        }
        values.push(word.to_owned());
    }
    values
}

/// Whether a line announces_values a list of values.
fn announces_values(line: &str) -> bool {
    const LABELS: &[&str] = &[
        "可选值有",
        "可选值如下",
        "可能值有",
        "可选值：",
        "optional values are",
        "possible values",
    ];
    // The label may be bold.
    let lower = line.replace('*', "").to_lowercase();
    LABELS.iter().any(|label| lower.contains(label))
}

/// Returns whether the values that were read are the bits of a bit mask.
pub(super) fn are_bits(values: &[EnumValue], text: &str) -> bool {
    !values.is_empty() && is_bit_mask(text)
}

/// Returns whether the listed values may be added to each other.
fn is_bit_mask(text: &str) -> bool {
    let lower = text.to_lowercase();
    ["位运算", "bitwise", "bit mask", "bitmask"]
        .iter()
        .any(|label| lower.contains(label))
}

/// Returns whether a sentence names values: `可以是"a"或者"b"`, `1为收信，2为发信`.
fn names_values_in_sentence(text: &str) -> bool {
    text.lines()
        .any(|line| has_quoted_choices(line) || has_numbered_meanings(line))
}

/// Returns whether a line offers at least two quoted words.
fn has_quoted_choices(line: &str) -> bool {
    const OFFERS: &[&str] = &["可以是", "可以为", "取值为", "can be", "one of", "either"];
    let lower = line.to_lowercase();
    let is_word = |word: &&str| {
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
        !word.is_empty() && word.chars().all(plain)
    };
    // Every second part is in quotes.
    let quoted = line.split(['"', '“', '”', '`']).skip(1).step_by(2).filter(is_word);
    OFFERS.iter().any(|offer| lower.contains(offer)) && quoted.count() >= 2
}

/// Returns whether a line explains at least two numbers: `1为收信，2为发信`, `1：GPS 打卡，2：Wi-Fi 打卡`.
fn has_numbered_meanings(line: &str) -> bool {
    let parts = line.split(['，', ',', '；', ';', '、', '。']);
    // A label may precede the first number.
    let numbers = parts.filter_map(|part| part.find(|c: char| c.is_ascii_digit()).map(|start| &part[start..]));
    numbers.filter(|number| is_explained_number(number)).count() >= 2
}

/// Returns whether a text is a number with a meaning in words.
fn is_explained_number(text: &str) -> bool {
    let rest = text.trim_start_matches(|c: char| c.is_ascii_digit());
    let mut separators = ["为", "是", "表示", "代表", "：", ":", "-", "=", " is ", " for "].into_iter();
    let meaning = separators.find_map(|separator| rest.strip_prefix(separator));
    meaning.is_some_and(|meaning| meaning.trim_start().starts_with(char::is_alphabetic))
}

fn first_word(item: &str) -> &str {
    let mut words = item.split(['：', ':', ' ']).filter(|word| !word.is_empty());
    words.next().unwrap_or_default().trim_matches(['`', '"', '*'])
}

/// Returns the value in a line without a dash: `card：...` or `card`.
fn undashed_value(line: &str, after_blank: bool) -> Option<&str> {
    let is_value = |word: &str| {
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
        !word.is_empty() && !word.ends_with('.') && word.chars().all(plain)
    };
    let before = line
        .split_once('：')
        .or_else(|| line.split_once(": "))
        .map(|(word, _)| word.trim());
    before
        .or(Some(line).filter(|_| after_blank))
        .filter(|word| is_value(word))
}

#[cfg(test)]
mod tests {
    use super::{is_bit_mask, listed_values, names_values_in_sentence};

    #[test]
    fn recognizes_values_in_sentences() {
        for text in [
            r#"任务角色，可以是"assignee"或者"follower""#,
            "1为收信，2为发信，3为草稿",
            "打卡类型。1：GPS 打卡，2：Wi-Fi 打卡",
            "Type: 1 is sent, 2 is received",
            "The role can be `reader` or `writer`.",
        ] {
            assert!(names_values_in_sentence(text), "{text}");
        }
        for text in [
            "页大小，最大值为 100",
            "时间范围：2020-01-01，2021-01-01",
            "可以是任意文本",
            "最多 10 个，每个 1-50 字符",
            "See `a` and `b`.",
        ] {
            assert!(!names_values_in_sentence(text), "{text}");
        }
    }

    #[test]
    fn recognizes_bit_masks() {
        assert!(is_bit_mask("- 1：x\n- 2：y\n位运算，需要传入加和值 3。"));
        assert!(!is_bit_mask("- 1：x\n- 2：y"));
    }

    #[test]
    fn reads_values_after_dashes() {
        assert_eq!(
            listed_values("**可选值有**：\n- `a`：x\n- b: y\n**默认值**：`a`"),
            ["a", "b"]
        );
    }

    #[test]
    fn reads_copied_values_without_dashes() {
        assert_eq!(listed_values("可选值有：\n\na：甲\nb：乙\n默认值：a"), ["a", "b"]);
        assert_eq!(
            listed_values("Optional values are:\n\na\nwords, words.\n\nb\nmore words.\n\nMore."),
            ["a", "b"]
        );
    }

    #[test]
    fn ignores_lists_of_sentences() {
        assert_eq!(listed_values("可选值有：\n- 甲\n- 乙"), Vec::<String>::new());
        assert_eq!(listed_values("- a\n- b"), Vec::<String>::new());
    }
}
