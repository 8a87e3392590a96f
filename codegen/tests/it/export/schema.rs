//! The JSON Schema of the spec format agrees with the loader.
//!
//! `tests/spec/schema.mjs` validates spec files with it.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use larkspur_codegen::finding::Rule;
use larkspur_codegen::{Source, load, schema};

fn here(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn source(path: &str) -> Source {
    Source::read_dir(&here(path)).expect("a readable directory")
}

#[test]
fn committed_schema_is_current() {
    let committed = std::fs::read_to_string(here("../spec/schema.json")).expect("spec/schema.json can be read");
    assert!(
        committed == schema::text(),
        "spec/schema.json is stale; run `cargo spec schema > spec/schema.json`"
    );
}

#[test]
fn spec_files_start_with_the_schema_comment() {
    for (path, text) in source("../spec").files() {
        let text = String::from_utf8_lossy(text);
        let (comment, _) = schema::EDITOR_LINE.split_once('=').expect("a path");
        let line = text.lines().next().expect("a line");
        let schema = line.strip_prefix(comment).and_then(|rest| rest.strip_prefix('='));
        let folder = here("..").join(path).with_file_name("");
        assert!(folder.join(schema.expect(path)).is_file(), "{path}");
    }
}

#[test]
fn schema_is_not_a_spec_file() {
    let paths: Vec<_> = source("../spec").files().map(|(path, _)| path.to_owned()).collect();
    assert!(paths.iter().all(|path| path.ends_with(".yaml")), "{paths:?}");
}

/// Returns a spec file with an unknown key in the mapping that the schema defines as `name`.
fn with_unknown_key(name: &str) -> String {
    const KEY: &str = "something_unheard_of: 1";
    let endpoint = |inside: &str| format!("endpoints:\n  get:\n    http: POST /x\n    {inside}\n");
    match name {
        "file" => format!("{KEY}\n"),
        "endpoint" => endpoint(KEY),
        "field" => endpoint(&format!("body: {{ a: {{ type: string, {KEY} }} }}")),
        "fixed_header" => endpoint(&format!("headers: {{ X-A: {{ fixed: a, {KEY} }} }}")),
        "token" => endpoint(&format!("tokens: [{{ kind: user, source: sdk, {KEY} }}]")),
        "fixed_field" => endpoint(&format!("query: {{ a: {{ fixed: a, {KEY} }} }}")),
        "enum_value" => endpoint(&format!(
            "body: {{ a: {{ type: string, enum: [{{ value: a, {KEY} }}] }} }}"
        )),
        "type" => format!("types:\n  A: {{ enum: [a], {KEY} }}\n"),
        "download" => endpoint(&format!("response: binary\n    download: {{ {KEY} }}")),
        "response_header" => endpoint(&format!(
            "response: binary\n    download: {{ headers: {{ a: {{ {KEY} }} }} }}"
        )),
        "error_code" => format!("errors: {{ 1: {{ http: 400, {KEY} }} }}"),
        "error" => endpoint(&format!("errors: [{{ http: 400, {KEY} }}]")),
        "pagination" => endpoint(&format!(
            "response: {{ a: {{ type: int }} }}\n    pagination: {{ {KEY} }}"
        )),
        "poll" => endpoint(&format!("response: {{ a: {{ type: int }} }}\n    poll: {{ {KEY} }}")),
        "upload" => endpoint(&format!(
            "multipart: {{ a: {{ type: file, max_bytes: 1 }} }}\n    upload: {{ {KEY} }}"
        )),
        "lifetime" => endpoint(&format!("lifetime: {{ of: a, seconds: 1, {KEY} }}")),
        "deprecation" => endpoint(&format!("deprecated: {{ {KEY} }}")),
        _ => panic!("unknown mapping {name}: add it to this test"),
    }
}

/// Returns the words after `start` in the loader's findings.
fn words_after(text: &str, start: &str) -> BTreeSet<String> {
    let mut source = Source::new();
    let file = if text.starts_with("errors:") { "errors" } else { "b" };
    source.add(format!("spec/a/v1/{file}.yaml"), text);
    let findings = load(&source).expect_err("an invalid spec").to_string();
    let list = findings
        .lines()
        .find_map(|line| line.split_once(start))
        .unwrap_or_else(|| panic!("{start}: {findings}"))
        .1;
    list.split(", ").map(str::to_owned).collect()
}

#[test]
fn lists_every_rule_that_can_be_allowed() {
    let schema = schema::json();
    let properties = schema["$defs"]["allow"]["properties"].as_object().expect("properties");
    let in_schema: BTreeSet<&str> = properties.keys().map(String::as_str).collect();
    let rules = Rule::all().filter(|rule| rule.can_be_allowed());
    assert_eq!(in_schema, rules.map(|rule| rule.id).collect());
}

#[test]
fn has_the_same_keys_as_the_loader() {
    let schema = schema::json();
    let definitions = schema["$defs"].as_object().expect("definitions");
    // The keys of `allow` are rules, not keys of the format.
    for (name, definition) in definitions.iter().filter(|(name, _)| *name != "allow") {
        let properties = definition["properties"].as_object().expect("properties");
        let in_schema: BTreeSet<String> = properties.keys().cloned().collect();
        assert_eq!(
            in_schema,
            words_after(&with_unknown_key(name), "expected one of "),
            "{name}"
        );
    }
}

#[test]
fn has_the_same_words_as_the_loader() {
    let schema = schema::json();
    for key in ["tokens", "apps", "abilities"] {
        let items = &schema["$defs"]["endpoint"]["properties"][key]["items"];
        // A token kind is a word, or a mapping with a source.
        let words = items.get("enum").unwrap_or(&items["anyOf"][0]["enum"]).clone();
        let words: BTreeSet<String> = serde_json::from_value(words).expect("a list of words");
        let text = format!("endpoints:\n  get:\n    http: POST /x\n    {key}: [nothing]\n");
        assert_eq!(words, words_after(&text, "expected one of "), "{key}");
    }
}
