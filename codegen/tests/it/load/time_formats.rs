//! `format` of timestamps and `pattern` of texts.

use larkspur_codegen::export::{self, OpenApiOptions};
use larkspur_codegen::{Source, emit, lint, load};
use serde_json::json;

fn source(field: &str) -> Source {
    let mut source = Source::new();
    let entry = format!(
        "endpoints:\n  get:\n    http: GET /open-apis/demo/v1/things\n    response: {{ time: {{ {field} }} }}\n"
    );
    source.add("spec/demo/v1/thing.yaml", entry);
    source
}

#[test]
fn accepts_formats_of_strings_and_ints() {
    for field in [
        "type: string, format: seconds",
        "type: string, format: milliseconds, example: 1700000000000",
        "type: string, format: rfc3339, example: 2024-02-29T08:00:00Z",
        "type: int, format: seconds, example: 1700000000",
        "type: int, format: milliseconds, default: 0",
    ] {
        load(&source(field)).unwrap_or_else(|findings| panic!("{field}: {findings}"));
    }
}

#[test]
fn rejects_other_types_words_and_examples() {
    for (field, rule) in [
        ("type: int, format: rfc3339", "key-not-applicable"),
        ("type: bool, format: seconds", "key-not-applicable"),
        ("type: \"[string]\", format: seconds", "key-not-applicable"),
        ("type: string, enum: [a], format: seconds", "key-not-applicable"),
        ("type: string, format: date", "unknown-word"),
        ("type: string, format: seconds, example: today", "literal-type"),
        ("type: string, format: rfc3339, example: \"1700000000\"", "literal-type"),
    ] {
        let findings = load(&source(field)).expect_err(field).to_string();
        assert!(findings.contains(rule), "{field}: {findings}");
    }
}

#[test]
fn pattern_applies_to_matching_texts() {
    load(&source("type: string, pattern: \"^[a-z]+$\", example: abc")).unwrap();
    for (field, rule) in [
        ("type: int, pattern: a", "key-not-applicable"),
        ("type: string, pattern: \"[a\"", "pattern"),
    ] {
        let findings = load(&source(field)).expect_err(field).to_string();
        assert!(findings.contains(rule), "{field}: {findings}");
    }
    let report = lint::check(&source("type: string, pattern: b, example: a"));
    assert!(report.findings.iter().any(|finding| finding.rule == "literal-bounds"));
}

#[test]
fn bits_of_mask_are_powers_of_two() {
    let bits = "flags: [{ value: 1, name: one }, { value: 4, name: four }]";
    for example in ["", ", example: 5", ", example: 0"] {
        load(&source(&format!("type: int, {bits}{example}"))).unwrap_or_else(|findings| panic!("{findings}"));
    }
    for (field, rule) in [
        (format!("type: string, {bits}"), "key-not-applicable"),
        (
            format!("type: int, {bits}, enum: [{{ value: 1, name: one }}]"),
            "key-not-applicable",
        ),
        (format!("type: int, {bits}, example: 6"), "literal-type"),
        (
            "type: int, flags: [{ value: 3, name: three }]".to_owned(),
            "wrong-value",
        ),
        ("type: int, flags: []".to_owned(), "empty-value"),
    ] {
        let findings = load(&source(&field)).expect_err(&field).to_string();
        assert!(findings.contains(rule), "{field}: {findings}");
    }
}

#[test]
fn exports_bits_of_mask() {
    let api = load(&source("type: int, flags: [{ value: 1, name: one }]")).unwrap();
    let exported = export::json(&api);
    assert_eq!(
        exported["types"]["demo.v1.thing.GetResponseTime"]["kind"],
        json!("flags")
    );
    let document = export::openapi(&api, &OpenApiOptions::default());
    let schema = &document["components"]["schemas"]["demo.v1.thing.GetResponseTime"];
    assert_eq!(schema["x-flags"][0]["value"], json!(1));
    assert_eq!((&schema["minimum"], &schema["maximum"]), (&json!(0), &json!(1)));
    let api = load(&source(
        "type: int, flags: [{ value: 4, name: four }, { value: 8, name: eight }]",
    ))
    .unwrap();
    let document = export::openapi(&api, &OpenApiOptions::default());
    let schema = &document["components"]["schemas"]["demo.v1.thing.GetResponseTime"];
    assert_eq!(schema["enum"], json!([0, 4, 8, 12]));
}

#[test]
fn rejects_field_named_like_accessor() {
    let field = "type: string, format: seconds }, time_as_system_time: { type: string";
    let findings = load(&source(field)).expect_err("the names collide").to_string();
    assert!(findings.contains("same-rust-name"), "{findings}");
}

#[test]
fn field_keeps_its_type_and_gains_accessor() {
    let api = load(&source("type: string, format: seconds")).unwrap();
    let text: String = emit(&api).expect("it becomes Rust").into_values().collect();
    assert!(text.contains("pub time: Option<String>"), "{text}");
    assert!(text.contains("pub fn time_as_system_time("), "{text}");
}

#[test]
fn exports_format() {
    let api = load(&source("type: string, format: rfc3339")).unwrap();
    let exported = export::json(&api);
    assert_eq!(
        exported["endpoints"][0]["response"]["fields"][0]["format"],
        json!("rfc3339")
    );
    let document = export::openapi(&api, &OpenApiOptions::default());
    assert!(document.to_string().contains("\"x-timestamp\":\"rfc3339\""));
}
