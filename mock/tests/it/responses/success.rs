use std::path::Path;

use larkspur_codegen::Source;
use larkspur_mock::Mock;
use serde_json::json;

use crate::support::client::{Outcome, get, post, request};
use crate::support::spec;

#[tokio::test]
async fn synthesizes_all_fields_within_bounds() -> Outcome {
    let mock = spec::notes().start().await?;
    let response = get(mock.base_url(), "/open-apis/test/v1/notes/latest").send().await?;
    let expected = json!({
        "code": 0,
        "msg": "success",
        "data": { "note": {
            "note_id": "note",
            "title": "titlexxxxxxx",
            "priority": "low",
            "stars": 3,
            "author": { "name": "Ada", "age": 1 },
            "comments": [],
        } },
    });
    assert_eq!((response.status, response.json()), (200, expected));
    Ok(())
}

#[tokio::test]
async fn entangled_types_give_bounded_response() -> Outcome {
    let mock = Mock::builder().spec(spec::entangled()).start().await?;
    let response = get(mock.base_url(), "/open-apis/test/v1/knots").send().await?;
    assert!(response.body.len() < 1_000_000, "{} bytes", response.body.len());
    assert_eq!(response.json()["data"]["last"], "last");
    Ok(())
}

#[tokio::test]
async fn omits_object_with_endless_required_field() -> Outcome {
    let mut source = Source::new();
    let text = "endpoints:\n  get:\n    http: GET /open-apis/test/v1/rings\n    tokens: []\n    response:\n      ring: { type: Ring }\ntypes:\n  Ring:\n    fields:\n      id: { type: string }\n      next: { type: Link }\n  Link:\n    fields:\n      ring: { type: Ring, required: true }\n";
    source.add("spec/test/v1/ring.yaml", text);
    let mock = Mock::builder().spec(source).start().await?;
    let response = get(mock.base_url(), "/open-apis/test/v1/rings").send().await?;
    assert_eq!(response.json()["data"], json!({ "ring": { "id": "id" } }));
    Ok(())
}

#[tokio::test]
async fn empty_response_has_empty_data() -> Outcome {
    let mock = spec::notes().start().await?;
    let response = request("DELETE", mock.base_url(), "/open-apis/test/v1/notes/n1")
        .send()
        .await?;
    assert_eq!(response.json(), json!({ "code": 0, "msg": "success", "data": {} }));
    Ok(())
}

#[tokio::test]
async fn flat_response_has_fields_next_to_code() -> Outcome {
    let mock = Mock::start().await?;
    let body = json!({ "app_id": mock.app_id(), "app_secret": mock.app_secret() });
    let request = post(mock.base_url(), "/open-apis/auth/v3/tenant_access_token/internal");
    let response = request.json(&body).send().await?.json();
    assert!(response["tenant_access_token"].is_string() && response.get("data").is_none());
    Ok(())
}

#[tokio::test]
async fn serves_all_endpoints_of_embedded_spec() -> Outcome {
    serves_all_of(larkspur_mock::embedded_spec()).await
}

#[tokio::test]
async fn serves_all_endpoints_of_cursed_spec() -> Outcome {
    let cursed = Path::new(env!("CARGO_MANIFEST_DIR")).join("../codegen/tests/fixtures/cursed/spec");
    serves_all_of(Source::read_dir(&cursed)?).await
}

/// Calls each endpoint once and expects that the call is routed to it.
async fn serves_all_of(source: Source) -> Outcome {
    let api = larkspur_codegen::load(&source).map_err(|findings| findings.to_string())?;
    let mock = Mock::builder().spec(source).start().await?;
    for (_, endpoint) in api.endpoints() {
        let method = format!("{:?}", endpoint.method).to_uppercase();
        let path = endpoint.path.replace(':', "value_of_");
        request(&method, mock.base_url(), &path).send().await?;
        assert_eq!(mock.calls(&endpoint.id), 1, "{}", endpoint.id);
    }
    Ok(())
}
