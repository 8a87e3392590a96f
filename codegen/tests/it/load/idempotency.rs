//! `idempotency` and `repeatable` of endpoints.

use larkspur_codegen::model::Endpoint;
use larkspur_codegen::{Findings, Source, emit, load};

const CREATE: &str = "\
endpoints:
  create:
    http: POST /open-apis/demo/v1/things
    query: { uuid: { type: string }, page: { type: int } }
    body: { client_token: { type: string, required: true } }
";

fn source(facts: &str) -> Source {
    let mut source = Source::new();
    source.add("spec/demo/v1/thing.yaml", format!("{CREATE}{facts}"));
    source
}

fn endpoint(facts: &str) -> Endpoint {
    let api = load(&source(facts)).unwrap_or_else(|findings| panic!("{findings}"));
    let (_, endpoint) = api.endpoints().next().expect("there is one");
    endpoint.clone()
}

fn findings(facts: &str) -> Findings {
    load(&source(facts)).expect_err("there is something wrong")
}

#[test]
fn requests_are_not_idempotent_by_default() {
    let endpoint = endpoint("");
    assert_eq!((endpoint.idempotency, endpoint.repeatable), (None, false));
}

#[test]
fn accepts_string_idempotency_key() {
    for field in ["uuid", "client_token"] {
        let endpoint = endpoint(&format!("    idempotency: {field}\n"));
        assert_eq!(endpoint.idempotency.as_deref(), Some(field));
    }
}

#[test]
fn rejects_missing_or_non_string_key() {
    for field in ["page", "token"] {
        let findings = findings(&format!("    idempotency: {field}\n"));
        assert!(findings.to_string().contains("idempotency-field"), "{findings}");
    }
}

#[test]
fn emits_idempotency_in_endpoint_info() {
    for (facts, expected) in [
        ("    idempotency: uuid\n", "idempotency: Some(\"uuid\")"),
        ("    repeatable: true\n", "repeatable: true"),
    ] {
        let api = load(&source(facts)).unwrap_or_else(|findings| panic!("{findings}"));
        let text: String = emit(&api).expect("it becomes Rust").into_values().collect();
        assert!(text.contains(expected), "{text}");
    }
}
