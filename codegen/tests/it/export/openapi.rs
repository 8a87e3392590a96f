//! Endpoints in an OpenAPI document, as `docs/spec/openapi.md` describes them.

use std::collections::BTreeSet;

use larkspur_codegen::export::{OpenApiOptions, OpenApiVersion};
use larkspur_codegen::{Source, export, load};
use serde_json::{Value, json};

/// The document of one file, `spec/demo/v1/thing.yaml`.
fn document(text: &str) -> Value {
    let mut source = Source::new();
    source.add("spec/demo/v1/thing.yaml", text);
    source.add(
        "spec/demo/v1/errors.yaml",
        "errors: { 7: { http: 403, msg: no., doc: Not yours. }, 8: { http: 403 } }",
    );
    let api = load(&source).unwrap_or_else(|findings| panic!("{}", findings.render(&source, false)));
    export::openapi(&api, &OpenApiOptions::default())
}

/// The operation of a file with the one endpoint `GET /open-apis/demo/v1/things`.
fn operation(facts: &str) -> Value {
    let head = "endpoints:\n  get:\n    http: GET /open-apis/demo/v1/things\n";
    let document = document(&format!("{head}{facts}"));
    document["paths"]["/open-apis/demo/v1/things"]["get"].clone()
}

fn statuses(operation: &Value) -> Vec<&str> {
    let responses = operation["responses"].as_object();
    responses
        .map(|responses| responses.keys().map(String::as_str).collect())
        .unwrap_or_default()
}

#[test]
fn an_operation_has_the_id_of_its_endpoint() {
    assert_eq!(operation("")["operationId"], "demo.v1.thing.get");
}

#[test]
fn query_list_repeats_key() {
    let operation = operation("    query:\n      ids: { type: '[string]', required: true, max_items: 5 }\n");
    assert_eq!(
        operation["parameters"][0],
        json!({
            "name": "ids",
            "in": "query",
            "required": true,
            "style": "form",
            "explode": true,
            "schema": { "type": "array", "items": { "type": "string", "minLength": 1 }, "maxItems": 5 },
        })
    );
}

#[test]
fn paths_differing_in_parameter_names_merge() {
    let document = document(
        "endpoints:
  get:
    http: GET /open-apis/demo/v1/:kind/things/:id
    path: { kind: { type: string }, id: { type: string } }
  delete:
    http: DELETE /open-apis/demo/v1/:type/things/:thing_id
    path: { thing_id: { type: int }, type: { type: string } }
",
    );
    let item = &document["paths"]["/open-apis/demo/v1/{kind}/things/{id}"];
    let names: Vec<_> = [0, 1].map(|place| &item["delete"]["parameters"][place]["name"]).into();
    assert_eq!(names, ["id", "kind"]);
    assert_eq!(document["paths"].as_object().map(|paths| paths.len()), Some(1));
}

#[test]
fn any_one_token_of_the_kinds_suffices() {
    let operation = operation("    tokens: [tenant, user]\n");
    assert_eq!(
        operation["security"],
        json!([{ "tenant_access_token": [] }, { "user_access_token": [] }])
    );
}

#[test]
fn an_endpoint_without_tokens_needs_no_security() {
    assert_eq!(operation("    tokens: []\n")["security"], json!([]));
}

#[test]
fn unstated_tokens_allow_all_and_none() {
    let security = operation("")["security"].clone();
    assert_eq!(security[0], json!({}));
    assert_eq!(security.as_array().map(Vec::len), Some(4));
}

#[test]
fn ranged_download_has_206_and_416() {
    let operation = operation("    limits: []\n    response: binary\n    download: { ranges: true }\n");
    assert_eq!(statuses(&operation), ["200", "206", "400", "416"]);
    assert_eq!(operation["parameters"][0]["name"], "Range");
    for status in ["206", "416"] {
        let header = &operation["responses"][status]["headers"]["content-range"];
        assert_eq!(header["required"], true, "{status}");
    }
    assert_eq!(operation["responses"]["416"]["content"], Value::Null);
}

#[test]
fn download_without_ranges_has_only_200() {
    let operation = operation("    limits: []\n    response: binary\n    download: { max_bytes: 1 KB }\n");
    assert_eq!(statuses(&operation), ["200", "400"]);
    assert_eq!(operation["parameters"], Value::Null);
    assert_eq!(operation["responses"]["200"]["x-max-bytes"], 1024);
}

#[test]
fn documents_429_unless_without_limits() {
    assert_eq!(statuses(&operation("")), ["200", "400", "429"]);
    assert_eq!(statuses(&operation("    limits: [5/second]\n")), ["200", "400", "429"]);
    assert_eq!(statuses(&operation("    limits: []\n")), ["200", "400"]);
}

#[test]
fn documented_codes_are_open_list_by_status() {
    let operation = operation(
        "    errors:
      - 7
      - 8
      - { http: 503, retry: true }
",
    );
    // A plain reference: client generators drop the response of any other schema.
    for status in ["400", "403"] {
        let schema = &operation["responses"][status]["content"]["application/json"]["schema"];
        assert_eq!(*schema, json!({ "$ref": "#/components/schemas/Failure" }), "{status}");
    }
    assert_eq!(operation["responses"]["403"]["x-errors"][1]["code"], 8);
    assert_eq!(operation["responses"]["503"]["x-errors"][0]["retry"], true);
    let described = operation["responses"]["403"]["description"]
        .as_str()
        .unwrap_or_default();
    assert!(described.ends_with("- `7` Not yours.\n- `8`"), "{described}");
}

#[test]
fn description_has_tokens_scopes_and_limits() {
    let operation = operation(
        "    tokens: [tenant, user]\n    scopes: [a:b, c:d]\n    limits: [5/second, 100/minute]\n    notes: [One note.]\n",
    );
    let expected = [
        "One note.",
        "Access token: any of tenant, user.",
        "Scopes: any of `a:b`, `c:d`.",
        "Rate limit: 5 in 1 s, 100 in 60 s for each app and tenant.",
    ];
    assert_eq!(operation["description"], expected.join("\n\n"));
}

#[test]
fn options_set_version_and_server() {
    let source = {
        let mut source = Source::new();
        source.add(
            "spec/demo/v1/thing.yaml",
            "endpoints:\n  get:\n    http: GET /open-apis/demo/v1/things\n    response:\n      id: { type: string }\n",
        );
        source
    };
    let api = load(&source).unwrap_or_else(|findings| panic!("{findings}"));
    let options = OpenApiOptions {
        version: OpenApiVersion::V3_0,
        server: Some("http://127.0.0.1:8080".to_owned()),
    };
    let document = export::openapi(&api, &options);
    assert_eq!(document["openapi"], "3.0.3");
    assert_eq!(document["servers"], json!([{ "url": "http://127.0.0.1:8080" }]));
    assert_eq!(
        document["x-tagGroups"],
        json!([{ "name": "demo", "tags": ["demo.v1.thing"] }])
    );
    let id = &document["components"]["schemas"]["demo.v1.thing.GetResponse"]["properties"]["id"];
    assert_eq!(*id, json!({ "type": "string", "nullable": true }));
}

#[test]
fn error_with_success_status_joins_success() {
    let operation = operation("    errors:\n      - { code: 7, http: 200 }\n");
    let response = &operation["responses"]["200"];
    let schemas = &response["content"]["application/json"]["schema"]["anyOf"];
    assert_eq!(schemas[0], json!({ "$ref": "#/components/schemas/Success" }));
    assert_eq!(schemas[1], json!({ "$ref": "#/components/schemas/Failure" }));
    assert_eq!(response["x-errors"][0]["code"], 7);
}

#[test]
fn oauth_response_has_separate_schemas() {
    let operation = operation("    envelope: oauth\n    response:\n      id: { type: string }\n");
    let schema = |status: &str| operation["responses"][status]["content"]["application/json"]["schema"].clone();
    let named = |name: &str| json!({ "$ref": format!("#/components/schemas/{name}") });
    assert_eq!(schema("200")["allOf"][0], named("OAuthSuccess"));
    assert_eq!(
        schema("400"),
        json!({ "anyOf": [named("OAuthFailure"), named("Failure")] })
    );
}

#[test]
fn response_is_in_data_or_flat() {
    let answer = "    response:\n      id: { type: string, required: true }\n";
    let schema = |facts: &str| {
        let operation = operation(facts);
        operation["responses"]["200"]["content"]["application/json"]["schema"]["allOf"][1].clone()
    };
    let reference = json!({ "$ref": "#/components/schemas/demo.v1.thing.GetResponse" });
    assert_eq!(schema(answer)["properties"]["data"], reference);
    assert_eq!(schema(answer)["required"], json!(["data"]));
    assert_eq!(schema(&format!("    envelope: flat\n{answer}")), reference);
}

#[test]
fn enum_is_closed_in_requests_open_in_responses() {
    let document = document(
        "endpoints:
  get:
    http: GET /open-apis/demo/v1/things
    query: { order: { type: string, enum: [up, down] } }
    response: { state: { type: int, enum: [{ value: 1, name: one }] } }
",
    );
    let schemas = &document["components"]["schemas"];
    assert_eq!(
        schemas["demo.v1.thing.GetOrder"],
        json!({ "type": "string", "enum": ["up", "down"], "x-enum-varnames": ["Up", "Down"] })
    );
    assert_eq!(
        schemas["demo.v1.thing.GetResponseState"]["anyOf"][1],
        json!({ "type": "integer", "format": "int64" })
    );
}

#[test]
fn only_optional_json_keys_are_nullable() {
    let document = document(
        "endpoints:
  create:
    http: POST /open-apis/demo/v1/things
    body: { name: { type: string, required: true }, nick: { type: string }, thing: { type: Thing, doc: It. } }
types:
  Thing: { fields: { id: { type: string } } }
",
    );
    let operation = &document["paths"]["/open-apis/demo/v1/things"]["post"];
    let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
    let properties = &schema["properties"];
    assert_eq!(schema["required"], json!(["name"]));
    assert_eq!(properties["name"], json!({ "type": "string" }));
    assert_eq!(properties["nick"], json!({ "type": ["string", "null"] }));
    assert_eq!(
        properties["thing"],
        json!({
            "anyOf": [{ "$ref": "#/components/schemas/demo.v1.thing.Thing" }, { "type": "null" }],
            "description": "It.",
        })
    );
}

#[test]
fn fixed_header_is_parameter_or_media_type() {
    let fixed = "    headers:\n      Content-Type: { fixed: application/json; charset=utf-8, required: true }\n";
    let parameter = operation(fixed)["parameters"][0].clone();
    assert_eq!(
        (&parameter["name"], &parameter["in"]),
        (&json!("Content-Type"), &json!("header"))
    );
    assert_eq!(parameter["schema"]["enum"], json!(["application/json; charset=utf-8"]));

    let head = "endpoints:\n  create:\n    http: POST /open-apis/demo/v1/things\n";
    let document = document(&format!("{head}{fixed}    body:\n      name: {{ type: string }}\n"));
    let operation = &document["paths"]["/open-apis/demo/v1/things"]["post"];
    assert_eq!(operation["parameters"], Value::Null);
    let content = &operation["requestBody"]["content"];
    assert!(
        content["application/json; charset=utf-8"]["schema"].is_object(),
        "{content}"
    );
}

#[test]
fn other_properties_are_extensions() {
    let operation = operation(
        "    tokens: [user]
    apps: [store]
    scopes: [thing, 'thing:readonly']
    abilities: [bot]
    limits: [special, 5/second]
    updated: 2024-02-29
    deprecated: { reason: Old. }
",
    );
    assert_eq!(operation["x-scopes"], json!(["thing", "thing:readonly"]));
    assert_eq!(operation["x-apps"], json!(["store"]));
    assert_eq!(operation["x-abilities"], json!(["bot"]));
    assert_eq!(
        operation["x-limits"],
        json!({ "special": true, "windows": [{ "calls": 5, "seconds": 1 }] })
    );
    assert_eq!(operation["x-updated"], "2024-02-29");
    assert_eq!(operation["deprecated"], true);
    let description = operation["description"].as_str().unwrap_or_default();
    assert!(
        description.starts_with("Deprecated: Old.\n\nAccess token: "),
        "{description}"
    );
}

#[test]
fn every_reference_leads_somewhere() {
    let fixture = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/cursed/spec");
    let source = Source::read_dir(&fixture).expect("the fixture is there");
    let document = export::openapi(
        &load(&source).unwrap_or_else(|findings| panic!("{findings}")),
        &OpenApiOptions::default(),
    );
    let mut references = BTreeSet::new();
    collect(&document, &mut references);
    assert!(references.len() > 20, "{references:?}");
    for reference in references {
        assert!(
            document.pointer(reference.trim_start_matches('#')).is_some(),
            "{reference}"
        );
    }
}

fn collect(value: &Value, references: &mut BTreeSet<String>) {
    match value {
        Value::Object(object) => {
            references.extend(object.get("$ref").and_then(Value::as_str).map(str::to_owned));
            object.values().for_each(|value| collect(value, references));
        }
        Value::Array(values) => values.iter().for_each(|value| collect(value, references)),
        _ => {}
    }
}

#[test]
fn first_endpoint_of_route_lists_others() {
    let document = document(
        "endpoints:
  exchange: { http: POST /open-apis/demo/v1/token }
  refresh: { http: POST /open-apis/demo/v1/token }
",
    );
    let operation = &document["paths"]["/open-apis/demo/v1/token"]["post"];
    assert_eq!(operation["operationId"], "demo.v1.thing.exchange");
    assert_eq!(operation["x-same-route"], json!(["demo.v1.thing.refresh"]));
}

#[test]
fn allowed_get_body_is_documented() {
    let operation = operation("    body: { name: { type: string } }\n    allow: { body-on-get: The page has it. }\n");
    assert!(operation["requestBody"].is_object());
}
