//! A crate's own endpoints beside those that the mock carries.

use larkspur_codegen::Source;
use larkspur_mock::{Mock, StartError};
use serde_json::json;

use crate::support::client::{Outcome, get, post};

/// An endpoint with a nested type, and one that has the id and route of the SDK's.
fn own() -> Source {
    let mut source = Source::new();
    source.add(
        "spec/crm/v1/contact.yaml",
        r#"
endpoints:
  get:
    http: GET /open-apis/crm/v1/contacts/:contact_id
    tokens: [tenant]
    path:
      contact_id: { type: string, required: true }
    response:
      contact: { type: Contact, required: true }
types:
  Contact:
    fields:
      name: { type: string, required: true, example: Ada }
      friends: { type: "[Contact]" }
"#,
    );
    source.add(
        "spec/drive/v1/export_task.yaml",
        r"
endpoints:
  download:
    http: GET /open-apis/drive/v1/export_tasks/file/:token/download
    tokens: []
    path:
      token: { type: string, required: true }
    response:
      own: { type: string, required: true, example: mine }
",
    );
    source
}

#[tokio::test]
async fn a_token_of_the_sdks_endpoint_opens_an_endpoint_of_ones_own() -> Outcome {
    let mock = Mock::builder().add_spec(own()).start().await?;
    let app = json!({ "app_id": mock.app_id(), "app_secret": mock.app_secret() });
    let path = "/open-apis/auth/v3/tenant_access_token/internal";
    let token = post(mock.base_url(), path).json(&app).send().await?.json();
    let token = token["tenant_access_token"].as_str().unwrap_or_default().to_owned();
    let reply = get(mock.base_url(), "/open-apis/crm/v1/contacts/1")
        .token(token)
        .send()
        .await?;
    assert_eq!(reply.json()["data"]["contact"]["name"], "Ada");
    assert_eq!(mock.calls("crm.v1.contact.get"), 1);
    Ok(())
}

#[tokio::test]
async fn the_sdks_endpoints_stay_and_keep_their_types() -> Outcome {
    let mock = Mock::builder().add_spec(own()).start().await?;
    let path = "/open-apis/drive/v1/medias/batch_get_tmp_download_url?file_tokens=boxcn1";
    let reply = get(mock.base_url(), path).token(mock.tenant_token()).send().await?;
    assert_eq!(reply.json()["data"]["tmp_download_urls"][0]["file_token"], "boxcn1");
    Ok(())
}

#[tokio::test]
async fn an_added_endpoint_takes_the_place_of_one_with_its_route() -> Outcome {
    let mock = Mock::builder().add_spec(own()).start().await?;
    let path = "/open-apis/drive/v1/export_tasks/file/boxcn1/download";
    let reply = get(mock.base_url(), path).send().await?;
    assert_eq!(reply.json()["data"]["own"], "mine");
    Ok(())
}

#[tokio::test]
async fn an_added_spec_that_is_wrong_starts_nothing() {
    let mut source = Source::new();
    source.add("spec/crm/v1/contact.yaml", "endpoints: { get: { htp: GET /x } }\n");
    let result = Mock::builder().add_spec(source).start().await;
    assert!(matches!(result, Err(StartError::Spec(findings)) if findings.iter().any(|f| f.rule == "unknown-key")));
}
