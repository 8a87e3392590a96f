use std::path::Path;

use larkspur_codegen::Source;
use larkspur_mock::Mock;
use serde_json::json;

use crate::support::client::{Outcome, ask, get, post};
use crate::support::spec;

#[tokio::test]
async fn an_answer_has_every_field_of_its_type_with_examples_and_within_bounds() -> Outcome {
    let mock = spec::notes().start().await?;
    let reply = get(mock.base_url(), "/open-apis/test/v1/notes/latest").send().await?;
    let expected = json!({
        "code": 0,
        "msg": "success",
        "data": { "note": {
            "note_id": "note",
            "title": "titlexxxxxxx",
            "priority": "low",
            "stars": 3,
            "author": { "name": "Ada", "age": 1 },
            "answers": [],
        } },
    });
    assert_eq!((reply.status, reply.json()), (200, expected));
    Ok(())
}

#[tokio::test]
async fn types_that_contain_one_another_in_many_ways_still_give_an_answer() -> Outcome {
    let mock = Mock::builder().spec(spec::entangled()).start().await?;
    let reply = get(mock.base_url(), "/open-apis/test/v1/knots").send().await?;
    assert!(reply.body.len() < 1_000_000, "{} bytes", reply.body.len());
    assert_eq!(reply.json()["data"]["last"], "last");
    Ok(())
}

#[tokio::test]
async fn an_object_is_left_out_where_a_required_field_of_it_would_never_end() -> Outcome {
    let mut source = Source::new();
    let text = "endpoints:\n  get:\n    http: GET /open-apis/test/v1/rings\n    tokens: []\n    response:\n      ring: { type: Ring }\ntypes:\n  Ring:\n    fields:\n      id: { type: string }\n      next: { type: Link }\n  Link:\n    fields:\n      ring: { type: Ring, required: true }\n";
    source.add("spec/test/v1/ring.yaml", text);
    let mock = Mock::builder().spec(source).start().await?;
    let reply = get(mock.base_url(), "/open-apis/test/v1/rings").send().await?;
    assert_eq!(reply.json()["data"], json!({ "ring": { "id": "id" } }));
    Ok(())
}

#[tokio::test]
async fn an_endpoint_without_a_response_answers_with_an_empty_envelope() -> Outcome {
    let mock = spec::notes().start().await?;
    let reply = ask("DELETE", mock.base_url(), "/open-apis/test/v1/notes/n1")
        .send()
        .await?;
    assert_eq!(reply.json(), json!({ "code": 0, "msg": "success", "data": {} }));
    Ok(())
}

#[tokio::test]
async fn a_flat_answer_has_its_fields_beside_the_code() -> Outcome {
    let mock = Mock::start().await?;
    let body = json!({ "app_id": mock.app_id(), "app_secret": mock.app_secret() });
    let ask = post(mock.base_url(), "/open-apis/auth/v3/tenant_access_token/internal");
    let reply = ask.json(&body).send().await?.json();
    assert!(reply["tenant_access_token"].is_string() && reply.get("data").is_none());
    Ok(())
}

#[tokio::test]
async fn every_endpoint_of_the_spec_is_served() -> Outcome {
    serves_all_of(larkspur_mock::embedded_spec()).await
}

#[tokio::test]
async fn every_endpoint_of_a_spec_with_strange_names_is_served() -> Outcome {
    let cursed = Path::new(env!("CARGO_MANIFEST_DIR")).join("../codegen/tests/fixtures/cursed/spec");
    serves_all_of(Source::read_dir(&cursed)?).await
}

/// Calls each endpoint once, and expects an answer and that it is counted as one of that endpoint.
async fn serves_all_of(source: Source) -> Outcome {
    let api = larkspur_codegen::load(&source).map_err(|findings| findings.to_string())?;
    let mock = Mock::builder().spec(source).start().await?;
    for (_, endpoint) in api.endpoints() {
        let method = format!("{:?}", endpoint.method).to_uppercase();
        let path = endpoint.path.replace(':', "value_of_");
        ask(&method, mock.base_url(), &path).send().await?;
        assert_eq!(mock.calls(&endpoint.id), 1, "{}", endpoint.id);
    }
    Ok(())
}
