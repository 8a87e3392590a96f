//! A spec is untrusted text: the loader returns findings with positions and never panics.

use larkspur_codegen::{Findings, Source, lint, load};
use proptest::prelude::*;

const PATH: &str = "spec/drive/v1/media.yaml";

fn of(bytes: impl Into<Vec<u8>>) -> Source {
    let mut source = Source::new();
    source.add(PATH, bytes);
    source
}

fn findings(bytes: impl Into<Vec<u8>>) -> Findings {
    load(&of(bytes)).expect_err("a hostile spec does not load")
}

/// Whether there is one finding of this rule, at a place in the file.
fn refused(bytes: impl Into<Vec<u8>>, rule: &str) {
    let findings = findings(bytes);
    let seen: Vec<_> = findings.iter().map(|finding| finding.rule).collect();
    assert_eq!(seen, [rule], "{findings}");
    assert!(
        findings
            .iter()
            .all(|finding| finding.path == PATH && finding.origin.line > 0)
    );
}

#[test]
fn rejects_very_deep_nesting() {
    for open in ["[", "{a: ", "- ", "? "] {
        refused(open.repeat(100_000), "yaml-syntax");
    }
}

#[test]
fn rejects_alias_bomb_at_first_anchor() {
    let mut bomb = "a: &a [x, x, x, x, x, x, x, x, x]\n".to_owned();
    for (one, next) in ('a'..'k').zip('b'..) {
        bomb.push_str(&format!("{next}: &{next} [*{one}, *{one}, *{one}, *{one}, *{one}]\n"));
    }
    refused(bomb, "yaml-syntax");
}

#[test]
fn rejects_invalid_utf8_with_position() {
    let findings = findings(b"doc: fine\nendpoints: \xff\xfe".to_vec());
    let finding = findings.iter().next().expect("there is one");
    assert_eq!(
        (finding.rule, finding.origin.line, finding.origin.column),
        ("file-encoding", 2, 12)
    );
}

#[test]
fn rejects_empty_file() {
    refused("", "wrong-value");
    refused("\n\n# nothing\n", "wrong-value");
}

#[test]
fn rejects_nul_in_comment() {
    refused("doc: One.\n# \0\n", "forbidden-character");
}

#[test]
fn rejects_escaped_hidden_characters() {
    let endpoint = |more: &str| format!("endpoints:\n  get:\n    http: GET /x\n    {more}\n");
    for (what, more) in [
        ("a sentence", r#"summary: "Gets a \u202Efile.""#),
        ("a key", r#"query: { "a\u200B": { type: string } }"#),
        ("an enum value", r#"query: { a: { type: string, enum: ["a\u2066b"] } }"#),
        (
            "an example of any type",
            r#"response: { a: { type: any, example: { b: ["\uFEFF"] } } }"#,
        ),
        ("a control character", r#"notes: ["a\e[31m"]"#),
    ] {
        let findings = findings(endpoint(more));
        let hidden = findings.iter().filter(|finding| finding.rule == "forbidden-character");
        assert_eq!(hidden.count(), 1, "{what}: {findings}");
    }
}

#[test]
fn limits_hidden_character_findings() {
    let notes = r#""\u202E", "#.repeat(100_000);
    let findings = findings(format!("endpoints:\n  get:\n    http: GET /x\n    notes: [{notes}]\n"));
    assert_eq!(findings.len(), 20);
}

#[test]
fn accepts_byte_order_mark_and_crlf() {
    let text = "\u{feff}doc: One.\r\nendpoints:\r\n  get:\r\n    http: GET /x\r\n";
    assert!(load(&of(text)).is_ok());
}

#[test]
fn counts_columns_in_characters_with_crlf() {
    let findings = findings("doc: 云文档\r\nendpoints:\r\n  get: { summary: 中文, htp: GET /x, http: GET /x }\r\n");
    let finding = findings.iter().next().expect("there is one");
    assert_eq!((finding.origin.line, finding.origin.column), (3, 23));
}

#[test]
fn reports_ten_thousand_findings() {
    let endpoints: String = (0..10_000).map(|index| format!("  Get{index}: {{}}\n")).collect();
    let findings = findings(format!("endpoints:\n{endpoints}"));
    assert_eq!(findings.len(), 10_000);
}

#[test]
fn reports_long_required_cycle_once() {
    let types: String = (0..5_000)
        .map(|index| {
            let next = (index + 1) % 5_000;
            format!("  T{index}: {{ fields: {{ next: {{ type: T{next}, required: true }} }} }}\n")
        })
        .collect();
    let endpoint = "  get: { http: GET /x, response: { one: { type: T0 } } }\n";
    refused(format!("endpoints:\n{endpoint}types:\n{types}"), "required-cycle");
}

#[test]
fn reads_deepest_objects_on_small_stack() {
    let mut fields = "{ leaf: { type: string } }".to_owned();
    for _ in 0..28 {
        fields = format!("{{ a: {{ type: object, name: Deep, fields: {fields} }} }}");
    }
    let text = format!("endpoints:\n  get:\n    http: POST /x\n    body: {fields}\n");
    let findings = findings(text);
    assert!(
        findings.iter().all(|finding| finding.rule == "same-rust-name"),
        "{findings}"
    );
    assert_eq!(findings.len(), 27);
}

/// A spec with every idea of the format, to be mutated.
fn seed() -> impl Strategy<Value = String> {
    let fixtures = [
        include_str!("../../fixtures/cursed/spec/cursed/v1/names.yaml"),
        include_str!("../../fixtures/cursed/spec/cursed/v1/shapes.yaml"),
        include_str!("../../fixtures/cursed/spec/cursed/v1/app.table.record.yaml"),
        include_str!("../../fixtures/bad/spec/bad/v1/field.yaml"),
    ];
    proptest::sample::select(fixtures.map(str::to_owned).to_vec())
}

/// What a mutation puts in.
fn scrap() -> impl Strategy<Value = String> {
    let scraps = [
        "", " ", "\n", "\t", ":", "- ", "{", "}", "[", "]", "'", "\"", "|", ">", "&a", "*a", "!", "#", "%", "?", "~",
        "null", "true", "-1", "1e400", "012", "0x1F", "\u{0}", "\u{202e}", "中", "type", "fields:", "enum:", "object",
        "fixed:", "\r\n", "---\n", "...\n", "<<: ",
    ];
    proptest::sample::select(scraps.map(str::to_owned).to_vec())
}

/// Replaces some characters at `place` (in thousandths of the text) by `scrap`.
fn mutate(text: &str, place: usize, length: usize, scrap: &str) -> String {
    let characters: Vec<char> = text.chars().collect();
    let start = place * characters.len() / 1000;
    let end = (start + length).min(characters.len());
    let mut result: String = characters[..start].iter().collect();
    result.push_str(scrap);
    result.extend(&characters[end..]);
    result
}

/// Loads and checks a spec, and renders and exports the result.
fn exercise(source: &Source) {
    let report = lint::check(source);
    drop(report.findings.render(source, false));
    for finding in &report.findings {
        assert!(finding.end_column(source) >= finding.origin.column);
    }
    match load(source) {
        Ok(api) => drop(larkspur_codegen::export::json(&api).to_string()),
        Err(findings) => {
            assert!(!findings.is_empty());
            drop(findings.to_string());
            drop(findings.render(source, true));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn mutated_spec_never_panics(
        seed in seed(),
        mutations in proptest::collection::vec((0..1000_usize, 0..20_usize, scrap()), 1..8),
    ) {
        let text = mutations
            .iter()
            .fold(seed, |text, (place, length, scrap)| mutate(&text, *place, *length, scrap));
        exercise(&of(text));
    }

    #[test]
    fn any_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        exercise(&of(bytes));
    }

    #[test]
    fn any_path_never_panics(path in ".{0,40}") {
        let mut source = Source::new();
        source.add(path, "doc: One.\n");
        exercise(&source);
    }

    /// Whatever a key is, the name that it gets in Rust is one that Rust takes.
    #[test]
    fn derives_identifier_from_any_key(key in ".{0,20}") {
        for name in [
            larkspur_codegen::names::member(&key),
            larkspur_codegen::names::camel(&key).filter(|name| name != "Self"),
            larkspur_codegen::names::variant(&key),
        ].into_iter().flatten() {
            prop_assert!(syn::parse_str::<syn::Ident>(&name).is_ok(), "{name}");
            prop_assert!(name.is_ascii());
        }
    }
}
