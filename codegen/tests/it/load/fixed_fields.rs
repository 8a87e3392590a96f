//! `host`, and query parameters and body fields with `fixed` values.

use larkspur_codegen::export::{self, OpenApiOptions};
use larkspur_codegen::model::{Endpoint, Place, PlatformHost};
use larkspur_codegen::{Findings, Source, lint, load};
use serde_json::{Value, json};

fn source(entries: &str) -> Source {
    let mut source = Source::new();
    source.add("spec/demo/v1/thing.yaml", format!("endpoints:\n{entries}"));
    source
}

fn endpoints(entries: &str) -> Vec<Endpoint> {
    let api = load(&source(entries)).unwrap_or_else(|findings| panic!("{findings}"));
    api.endpoints().map(|(_, endpoint)| endpoint.clone()).collect()
}

fn findings(entries: &str) -> Findings {
    load(&source(entries)).expect_err("the entry is invalid")
}

/// Two operations on one route.
const MOVE_AND_COPY: &str = "  move:
    http: POST /open-apis/demo/v1/things
    host: www
    query: { view: { fixed: full }, page: { type: int } }
    body: { action: { fixed: move, doc: The operation. }, target: { type: string, required: true } }
  copy:
    http: POST /open-apis/demo/v1/things
    body: { action: { fixed: copy }, target: { type: string, required: true } }
";

#[test]
fn reads_host_and_fixed_fields() {
    let endpoints = endpoints(MOVE_AND_COPY);
    assert_eq!(endpoints[0].host, PlatformHost::Www);
    assert_eq!(endpoints[1].host, PlatformHost::Open);
    let fixed: Vec<_> = endpoints[0]
        .fixed_fields
        .iter()
        .map(|field| (field.key.as_str(), field.place, field.value.clone()))
        .collect();
    let expected = [
        ("view", Place::Query, json!("full")),
        ("action", Place::Body, json!("move")),
    ];
    assert_eq!(fixed, expected);
    let keys: Vec<_> = endpoints[0].fields.iter().map(|field| field.key.as_str()).collect();
    assert_eq!(keys, ["page", "target"]);
}

#[test]
fn type_of_fixed_value_is_that_of_scalar() {
    let body = "{ a: { fixed: 1 }, b: { fixed: \"1\" }, c: { fixed: true }, d: { fixed: 012 }, e: { fixed: yes } }";
    let entry = format!("  get:\n    http: POST /open-apis/demo/v1/things\n    body: {body}\n");
    let values: Vec<Value> = endpoints(&entry)[0]
        .fixed_fields
        .iter()
        .map(|field| field.value.clone())
        .collect();
    let expected = [json!(1), json!("1"), json!(true), json!("012"), json!("yes")];
    assert_eq!(values, expected);
}

#[test]
fn rejects_undocumented_host() {
    let entry = "  get:\n    http: GET /open-apis/demo/v1/things\n    host: evil.example\n";
    assert!(findings(entry).to_string().contains("unknown-word"));
}

#[test]
fn rejects_fixed_value_elsewhere() {
    for entry in [
        "    path: { id: { fixed: a } }\n",
        "    multipart: { id: { fixed: a } }\n",
        "    body: { id: { fixed: a, type: string } }\n",
        "    body: { id: { fixed: 1.5 } }\n",
        "    body: { id: { fixed: [a] } }\n",
        "    body: { id: { type: object, fields: { a: { fixed: b } } } }\n",
    ] {
        let entry = format!("  get:\n    http: POST /open-apis/demo/v1/things/:id\n{entry}");
        findings(&entry);
    }
}

#[test]
fn fixed_fields_distinguish_operations() {
    let duplicates = |entries: &str| {
        let report = lint::check(&source(entries));
        let findings = report.findings.iter();
        findings.filter(|finding| finding.rule == "duplicate-route").count()
    };
    assert_eq!(duplicates(MOVE_AND_COPY), 0);
    assert_eq!(duplicates(&MOVE_AND_COPY.replace("fixed: copy", "fixed: move")), 1);
    assert_eq!(
        duplicates(&MOVE_AND_COPY.replace("{ fixed: copy }", "{ type: string }")),
        1
    );
}

#[test]
fn exports_fixed_fields_and_host() {
    let api = load(&source(MOVE_AND_COPY)).unwrap();
    let exported = export::json(&api);
    assert_eq!(exported["endpoints"][0]["host"], "www");
    assert_eq!(
        exported["endpoints"][0]["fixed_fields"][1],
        json!({ "key": "action", "place": "body", "value": "move", "doc": "The operation." })
    );
    let operation =
        |options: &OpenApiOptions| export::openapi(&api, options)["paths"]["/open-apis/demo/v1/things"]["post"].clone();
    let described = operation(&OpenApiOptions::default());
    assert_eq!(described["servers"][0]["url"], "https://www.feishu.cn");
    let schema = &described["requestBody"]["content"]["application/json"]["schema"];
    assert_eq!(schema["properties"]["action"]["enum"], json!(["move"]));
    assert_eq!(schema["required"], json!(["target", "action"]));
    let own_server = OpenApiOptions {
        server: Some("http://127.0.0.1:1".to_owned()),
        ..OpenApiOptions::default()
    };
    assert_eq!(operation(&own_server)["servers"], Value::Null);
}
