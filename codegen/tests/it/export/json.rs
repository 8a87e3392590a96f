//! The model as JSON, as `docs/spec/export.md` promises it.

use std::path::Path;

use larkspur_codegen::{Source, export, load};
use serde_json::{Value, json};

fn exported(spec: &str) -> Value {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(spec);
    let source = Source::read_dir(&root).expect("the spec can be read");
    let api = load(&source).unwrap_or_else(|findings| panic!("{findings}"));
    export::json(&api)
}

fn endpoint(export: &Value, id: &str) -> Value {
    let endpoints = export["endpoints"].as_array().expect("there are endpoints");
    let found = endpoints.iter().find(|endpoint| endpoint["id"] == id);
    found.unwrap_or_else(|| panic!("{id} is exported")).clone()
}

#[test]
fn exports_properties_and_parameters_by_place() {
    let export = exported("../spec");
    let endpoint = endpoint(&export, "drive.v1.media.batch_get_tmp_download_url");
    assert_eq!(endpoint["method"], "GET");
    assert_eq!(endpoint["tokens"], json!(["tenant", "user"]));
    assert_eq!(endpoint["limits"], json!({ "special": true, "windows": [] }));
    let tokens = &endpoint["parameters"]["query"][0];
    assert_eq!(tokens["type"], json!({ "kind": "list", "of": { "kind": "string" } }));
    assert_eq!((&tokens["min_items"], &tokens["max_items"]), (&json!(1), &json!(5)));
    assert_eq!(endpoint["errors"][0]["code"], 1_061_002);
}

#[test]
fn unstated_is_null_and_none_is_empty() {
    let export = exported("../spec");
    let export_task = endpoint(&export, "drive.v1.export_task.download");
    assert_eq!(export_task["pagination"], Value::Null);
    let internal = endpoint(&export, "auth.v3.tenant_access_token.internal");
    assert_eq!((&internal["tokens"], &internal["limits"]), (&json!([]), &Value::Null));
}

#[test]
fn exports_scopes_of_enum_value() {
    let export = exported("tests/fixtures/cursed/spec");
    let values = &export["types"]["cursed.v1.app.table.record.ListUserIdType"]["values"];
    assert_eq!(values[0]["scopes"], json!([]));
    assert_eq!(values[2]["scopes"], json!(["contact:user.employee_id:readonly"]));
}

#[test]
fn exports_name_and_fields_of_response_type() {
    let export = exported("tests/fixtures/cursed/spec");
    let response = &endpoint(&export, "loop_like.v2.type.refresh")["response"];
    assert_eq!(response["type"], "loop_like.v2.type.RefreshResponse");
    assert_eq!(response["flat"], true);
    assert_eq!(response["fields"][0]["key"], "token");
}

#[test]
fn exports_oauth_format_and_flat() {
    let export = exported("../spec");
    let response = &endpoint(&export, "authen.v2.oauth.token")["response"];
    assert_eq!((&response["flat"], &response["oauth"]), (&json!(true), &json!(true)));
    let response = &endpoint(&export, "auth.v3.tenant_access_token.internal")["response"];
    assert_eq!((&response["flat"], &response["oauth"]), (&json!(true), &json!(false)));
}

#[test]
fn whether_a_call_may_be_sent_again_is_exported() {
    let export = exported("tests/fixtures/cursed/spec");
    let facts = |id: &str| {
        let endpoint = endpoint(&export, id);
        (endpoint["idempotency"].clone(), endpoint["repeatable"].clone())
    };
    assert_eq!(facts("cursed.v1.tasks.create"), (json!("token"), json!(false)));
    assert_eq!(facts("cursed.v1.tasks.create_again"), (Value::Null, json!(true)));
}

#[test]
fn exports_poll() {
    let export = exported("tests/fixtures/cursed/spec");
    assert_eq!(
        endpoint(&export, "cursed.v1.tasks.create")["poll"],
        json!({
            "endpoint": "cursed.v1.tasks.get",
            "from_response": { "task_id": "ticket", "type": "number" },
            "from_request": { "token": "token", "urgent": "urgent" },
            "state": ["result", "job_status"],
            "done": [0],
            "failed": [3, 107],
            "reason": ["result", "because"],
        })
    );
    assert_eq!(endpoint(&export, "cursed.v1.tasks.get")["poll"], Value::Null);
}

#[test]
fn every_name_of_a_type_can_be_looked_up() {
    let export = exported("tests/fixtures/cursed/spec");
    let types = export["types"].as_object().expect("there are types");
    let mut names = Vec::new();
    collect_names(&export, &mut names);
    assert!(!names.is_empty());
    for name in names {
        assert!(types.contains_key(&name), "{name}");
    }
}

fn collect_names(value: &Value, names: &mut Vec<String>) {
    match value {
        Value::Object(object) => {
            if object.get("kind") == Some(&json!("named"))
                && let Some(Value::String(name)) = object.get("name")
            {
                names.push(name.clone());
            }
            object.values().for_each(|value| collect_names(value, names));
        }
        Value::Array(values) => values.iter().for_each(|value| collect_names(value, names)),
        _ => {}
    }
}

#[test]
fn every_endpoint_has_the_same_keys() {
    let export = exported("tests/fixtures/cursed/spec");
    let keys = |endpoint: &Value| -> Vec<String> {
        endpoint
            .as_object()
            .map(|object| object.keys().cloned().collect())
            .unwrap_or_default()
    };
    let endpoints = export["endpoints"].as_array().expect("there are endpoints");
    assert!(endpoints.iter().all(|endpoint| keys(endpoint) == keys(&endpoints[0])));
}
