//! `source` of endpoints, fields and token kinds that no page documents.

use larkspur_codegen::diff::diff;
use larkspur_codegen::export;
use larkspur_codegen::model::{Api, SecondSource, TokenKind};
use larkspur_codegen::{Source, emit, lint, load};
use serde_json::{Value, json};

const FIND: &str = "endpoints:
  find:
    source: sdk
    http: GET /open-apis/demo/v1/things
    tokens: [tenant, { kind: user, source: sdk }]
    query: { depth: { type: int, source: sdk }, name: { type: string } }
";

fn source(text: &str) -> Source {
    let mut source = Source::new();
    source.add("spec/demo/v1/thing.yaml", text);
    source
}

fn api(text: &str) -> Api {
    load(&source(text)).unwrap_or_else(|findings| panic!("{findings}"))
}

#[test]
fn reads_source_of_each_fact() {
    let api = api(FIND);
    let (_, endpoint) = api.endpoints().next().unwrap();
    assert_eq!(endpoint.source, Some(SecondSource::Sdk));
    assert_eq!(
        endpoint.tokens.as_deref(),
        Some(&[TokenKind::Tenant, TokenKind::User][..])
    );
    assert_eq!(endpoint.token_sources, [(TokenKind::User, SecondSource::Sdk)]);
    let sources: Vec<_> = endpoint.fields.iter().map(|field| field.source).collect();
    assert_eq!(sources, [Some(SecondSource::Sdk), None]);
}

#[test]
fn rejects_unknown_and_incomplete_sources() {
    for (from, to) in [
        ("source: sdk\n", "source: blog\n"),
        (", source: sdk }]", " }]"),
        ("{ kind: user, source: sdk }", "{ kind: user, source: page }"),
        ("{ kind: user, source: sdk }", "{ source: sdk }"),
        ("[tenant, {", "[user, {"),
    ] {
        let text = FIND.replacen(from, to, 1);
        assert_ne!(text, FIND);
        load(&source(&text)).expect_err(&text);
    }
}

#[test]
fn rustdoc_and_export_name_the_source() {
    let api = api(FIND);
    let text: String = emit(&api).expect("it becomes Rust").into_values().collect();
    assert_eq!(text.matches("the platform's own SDK").count(), 3, "{text}");
    let endpoint = &export::json(&api)["endpoints"][0];
    assert_eq!(
        (&endpoint["documented_by"], &endpoint["token_sources"]),
        (&json!("sdk"), &json!({ "user": "sdk" }))
    );
    let fields = &endpoint["parameters"]["query"];
    assert_eq!(
        (&fields[0]["documented_by"], &fields[1]["documented_by"]),
        (&json!("sdk"), &Value::Null)
    );
}

#[test]
fn endpoint_of_second_source_needs_no_page() {
    let missing = |text: &str| {
        let report = lint::check(&source(text));
        report
            .findings
            .iter()
            .any(|finding| finding.rule == "missing-docs-link")
    };
    assert!(!missing(FIND));
    assert!(missing(&FIND.replacen("    source: sdk\n", "", 1)));
}

#[test]
fn diff_reports_another_source() {
    let new = FIND
        .replace("    source: sdk\n", "")
        .replace("{ kind: user, source: sdk }", "user")
        .replace(", source: sdk }", " }");
    let changes = diff(&api(FIND), &api(&new));
    let messages: Vec<_> = changes
        .iter()
        .filter(|change| change.rule.id == "source-changed")
        .collect();
    assert_eq!(messages.len(), 3, "{changes:?}");
}
