//! Any text as a spec: it has findings, or becomes Rust that contains only the content of the spec.
//!
//! The fuzz target in fuzz/ runs the same function without a time limit; see docs/internals/fuzzing.md.

use crate::support::any_spec::{SEPARATOR, run};
use proptest::prelude::*;

const SHAPES: &str = include_str!("../../fixtures/cursed/spec/cursed/v1/shapes.yaml");
const NAMES: &str = include_str!("../../fixtures/cursed/spec/cursed/v1/names.yaml");
const RECORD: &str = include_str!("../../fixtures/cursed/spec/cursed/v1/app.table.record.yaml");
const ERRORS: &str = include_str!("../../fixtures/cursed/spec/cursed/v1/errors.yaml");
const TYPES: &str = include_str!("../../fixtures/cursed/spec/cursed/v1/types.yaml");

/// The cursed spec as one text.
fn seed() -> String {
    [SHAPES, NAMES, RECORD, TYPES, ERRORS].join(&String::from_utf8_lossy(SEPARATOR))
}

/// Keys whose value is any text.
const TEXTS: &[&str] = &[
    "doc: ",
    "summary: ",
    "msg: ",
    "reason: ",
    "of: ",
    "since: ",
    "example: ",
    "deprecated: ",
];

/// `text` with the value of the key at `place` (in thousandths) replaced by `value` in quotes; only where the value
/// ends with its line and is not a mapping.
fn with_text(text: &str, place: usize, value: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    let free = |line: &str| {
        let key = line.trim_start();
        TEXTS
            .iter()
            .any(|text| key.starts_with(text) && !key[text.len()..].starts_with(['{', '[', '|', '>']))
    };
    let places: Vec<usize> = (0..lines.len()).filter(|&index| free(lines[index])).collect();
    let Some(&at) = places.get(place * places.len() / 1000) else {
        return text.to_owned();
    };
    let mut lines: Vec<String> = lines.into_iter().map(str::to_owned).collect();
    let colon = lines[at].find(": ").unwrap_or_default();
    lines[at].truncate(colon + 2);
    // A string of JSON is one of YAML.
    lines[at].push_str(&serde_json::Value::from(value).to_string());
    lines.join("\n") + "\n"
}

/// Texts that would be something else in Rust, Markdown or a terminal.
const HOSTILE: &[&str] = &[
    "*/ fn main() { std::process::exit(1) } /*",
    "\"] fn injected() {} #[doc = \"",
    "```\nfn main() {}\n```",
    "///\\",
    "```````",
];

fn hostile() -> impl Strategy<Value = String> {
    prop_oneof!["\\PC{0,40}", proptest::sample::select(HOSTILE).prop_map(str::to_owned),]
}

#[test]
fn the_seed_becomes_rust() {
    assert!(run(seed().as_bytes()));
}

#[test]
fn keeps_code_like_text_as_text() {
    for text in HOSTILE {
        let quoted = serde_json::Value::from(*text);
        let spec = format!("endpoints:\n  get:\n    http: GET /x\n    summary: {quoted}\n");
        assert!(run(spec.as_bytes()), "{text}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn loads_or_reports_any_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        run(&bytes);
    }

    #[test]
    fn hostile_texts_add_no_items(
        texts in proptest::collection::vec((0..1000_usize, hostile()), 1..6),
    ) {
        let text = texts.iter().fold(seed(), |text, (place, value)| with_text(&text, *place, value));
        run(text.as_bytes());
    }

    #[test]
    fn loads_or_reports_spec_with_missing_lines(
        gone in proptest::collection::vec(0..1000_usize, 1..4),
    ) {
        let text = seed();
        let mut lines: Vec<&str> = text.lines().collect();
        for place in gone {
            lines.remove(place * lines.len() / 1000);
        }
        run(lines.join("\n").as_bytes());
    }
}
