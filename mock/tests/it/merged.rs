//! Endpoints of another crate, added to those of the embedded spec.

use larkspur_codegen::Source;
use larkspur_mock::{Mock, StartError};
use serde_json::json;

use crate::support::client::{Outcome, get, post};

/// An endpoint with a nested type, and one with the id and route of an embedded endpoint.
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
async fn added_endpoint_accepts_issued_token() -> Outcome {
    let mock = Mock::builder().add_spec(own()).start().await?;
    let app = json!({ "app_id": mock.app_id(), "app_secret": mock.app_secret() });
    let path = "/open-apis/auth/v3/tenant_access_token/internal";
    let token = post(mock.base_url(), path).json(&app).send().await?.json();
    let token = token["tenant_access_token"].as_str().unwrap_or_default().to_owned();
    let response = get(mock.base_url(), "/open-apis/crm/v1/contacts/1")
        .token(token)
        .send()
        .await?;
    assert_eq!(response.json()["data"]["contact"]["name"], "Ada");
    assert_eq!(mock.calls("crm.v1.contact.get"), 1);
    Ok(())
}

#[tokio::test]
async fn merged_endpoints_have_their_types() -> Outcome {
    let mock = Mock::builder().add_spec(own()).start().await?;
    let path = "/open-apis/drive/v1/medias/batch_get_tmp_download_url?file_tokens=boxcn1";
    let response = get(mock.base_url(), path).token(mock.tenant_token()).send().await?;
    assert_eq!(response.json()["data"]["tmp_download_urls"][0]["file_token"], "boxcn1");
    Ok(())
}

#[tokio::test]
async fn added_endpoint_replaces_same_route() -> Outcome {
    let mock = Mock::builder().add_spec(own()).start().await?;
    let path = "/open-apis/drive/v1/export_tasks/file/boxcn1/download";
    let response = get(mock.base_url(), path).send().await?;
    assert_eq!(response.json()["data"]["own"], "mine");
    Ok(())
}

#[tokio::test]
async fn invalid_added_spec_fails_to_start() {
    let mut source = Source::new();
    source.add("spec/crm/v1/contact.yaml", "endpoints: { get: { htp: GET /x } }\n");
    let result = Mock::builder().add_spec(source).start().await;
    assert!(matches!(result, Err(StartError::Spec(findings)) if findings.iter().any(|f| f.rule == "unknown-key")));
}
