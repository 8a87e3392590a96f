use larkspur_mock::{ContentError, Failure, Mock, StartError, StubResponse, Task, sample_documents};
use serde_json::{Value, json};

use crate::support::client::{Outcome, get, post};

const NODE: &str = "wiki.v2.space.get_node";
const MEDIA: &str = "drive.v1.media.download";

fn node(title: &str) -> Value {
    json!({ "node": { "title": title } })
}

/// Returns the title of the node in the response.
async fn title(mock: &Mock, query: &str) -> Result<Option<String>, Box<dyn std::error::Error>> {
    let path = format!("/open-apis/wiki/v2/spaces/get_node?{query}");
    let response = get(mock.base_url(), &path).token(mock.tenant_token()).send().await?;
    Ok(response.json()["data"]["node"]["title"].as_str().map(str::to_owned))
}

#[tokio::test]
async fn stub_applies_to_matching_calls_only() -> Outcome {
    let mock = Mock::start().await?;
    let usual = title(&mock, "token=wikcn2").await?;
    mock.put_response(NODE, StubResponse::data(node("mine")).when("token", "wikcn1"))?;
    assert_eq!(title(&mock, "token=wikcn1").await?.as_deref(), Some("mine"));
    assert_eq!(title(&mock, "token=wikcn2").await?, usual);
    Ok(())
}

#[tokio::test]
async fn last_matching_stub_applies() -> Outcome {
    let mock = Mock::start().await?;
    mock.put_response(NODE, StubResponse::data(node("any")))?;
    mock.put_response(NODE, StubResponse::data(node("of a docx")).when("obj_type", "docx"))?;
    assert_eq!(title(&mock, "token=a").await?.as_deref(), Some("any"));
    assert_eq!(
        title(&mock, "token=a&obj_type=docx").await?.as_deref(),
        Some("of a docx")
    );
    Ok(())
}

#[tokio::test]
async fn matches_on_body_field() -> Outcome {
    let mock = Mock::start().await?;
    let endpoint = "bitable.v1.app.table.record.search";
    mock.put_response(
        endpoint,
        StubResponse::data(json!({ "total": 7 })).when("view_id", "vew1"),
    )?;
    let path = "/open-apis/bitable/v1/apps/bascn1/tables/tbl1/records/search";
    let search = post(mock.base_url(), path).token(mock.tenant_token());
    let response = search.json(&json!({ "view_id": "vew1" })).send().await?;
    assert_eq!(response.json()["data"], json!({ "total": 7 }));
    Ok(())
}

#[tokio::test]
async fn failure_matches_calls_without_field() -> Outcome {
    let mock = Mock::builder().rate_limits(false).start().await?;
    mock.put_response(MEDIA, StubResponse::failure(Failure::status(400)).without("extra"))?;
    for (query, status) in [("", 400), ("?extra=", 400), ("?extra=proof", 200), ("", 400)] {
        let path = format!("/open-apis/drive/v1/medias/boxcn1/download{query}");
        let response = get(mock.base_url(), &path).token(mock.tenant_token()).send().await?;
        assert_eq!(response.status, status, "{query}");
    }
    Ok(())
}

#[tokio::test]
async fn stub_does_not_bypass_checks() -> Outcome {
    let mock = Mock::start().await?;
    mock.put_response(NODE, StubResponse::data(node("mine")))?;
    let path = "/open-apis/wiki/v2/spaces/get_node";
    assert_eq!(get(mock.base_url(), path).send().await?.code(), Some(99_991_661));
    let without_token = get(mock.base_url(), path).token(mock.tenant_token()).send().await?;
    assert_eq!(without_token.status, 400);
    Ok(())
}

#[tokio::test]
async fn stub_of_task_has_state_and_own_reason() -> Outcome {
    let mock = Mock::builder().rate_limits(false).polls(1).start().await?;
    let result = json!({ "result": { "file_name": "mine", "job_error_msg": "too large", "job_status": 0 } });
    mock.put_response("drive.v1.export_task.get", StubResponse::data(result))?;
    mock.next_task("drive.v1.export_task.create", Task::failed())?;
    let create = post(mock.base_url(), "/open-apis/drive/v1/export_tasks").token(mock.tenant_token());
    let body = json!({ "file_extension": "pdf", "token": "doxcn1", "type": "docx" });
    let ticket = create.json(&body).send().await?.json()["data"]["ticket"].clone();
    let path = format!(
        "/open-apis/drive/v1/export_tasks/{}?token=doxcn1",
        ticket.as_str().unwrap_or_default()
    );
    let mut states = Vec::new();
    for _ in 0..2 {
        let response = get(mock.base_url(), &path).token(mock.tenant_token()).send().await?;
        let result = response.json()["data"]["result"].clone();
        assert_eq!(
            (&result["file_name"], &result["job_error_msg"]),
            (&json!("mine"), &json!("too large"))
        );
        states.push(result["job_status"].as_i64());
    }
    assert_eq!(states, [Some(1), Some(3)]);
    Ok(())
}

#[tokio::test]
async fn rejects_stub_for_unknown_endpoint() -> Outcome {
    let mock = Mock::start().await?;
    assert!(
        mock.put_response("wiki.v2.space.get_nodes", StubResponse::data(json!({})))
            .is_err()
    );
    Ok(())
}

#[tokio::test]
async fn sets_stubs_over_http() -> Outcome {
    let mock = Mock::start().await?;
    let put = || post(mock.base_url(), "/_mock/response");
    let json = json!({ "endpoint": NODE, "when": { "token": "wikcn1" }, "data": node("mine") });
    assert_eq!(put().json(&json).send().await?.status, 200);
    assert_eq!(title(&mock, "token=wikcn1").await?.as_deref(), Some("mine"));
    let json = json!({ "endpoint": NODE, "without": ["obj_type"], "code": 131_005 });
    assert_eq!(put().json(&json).send().await?.status, 200);
    let path = "/open-apis/wiki/v2/spaces/get_node?token=wikcn1";
    let response = get(mock.base_url(), path).token(mock.tenant_token()).send().await?;
    assert_eq!(response.code(), Some(131_005));
    Ok(())
}

#[tokio::test]
async fn rejects_invalid_stub_with_example() -> Outcome {
    let mock = Mock::start().await?;
    for json in [
        json!({}),
        json!({ "endpoint": NODE }),
        json!({ "endpoint": NODE, "data": [] }),
        json!({ "endpoint": NODE, "data": {}, "code": 1 }),
        json!({ "endpoint": NODE, "data": {}, "when": { "token": 1 } }),
        json!({ "endpoint": NODE, "data": {}, "without": "extra" }),
        json!({ "endpoint": NODE, "data": {}, "times": 2 }),
        json!({ "endpoint": NODE, "http": 7 }),
    ] {
        let response = post(mock.base_url(), "/_mock/response").json(&json).send().await?;
        assert!(response.status == 400 && !response.body.is_empty(), "{json}");
    }
    let unknown = json!({ "endpoint": "wiki.v2.space.get_nodes", "data": {} });
    let response = post(mock.base_url(), "/_mock/response").json(&unknown).send().await?;
    assert_eq!(response.status, 404);
    Ok(())
}

#[tokio::test]
async fn starts_with_content() -> Outcome {
    let content = json!({
        "responses": [{ "endpoint": NODE, "data": node("mine") }],
        "files": [{ "token": "boxcn1", "name": "a.txt", "content_type": "text/plain", "text": "内容" }],
    });
    let mock = Mock::builder().content(content.to_string()).start().await?;
    assert_eq!(title(&mock, "token=wikcn1").await?.as_deref(), Some("mine"));
    let file = mock.file(MEDIA, "boxcn1");
    assert_eq!((file.name.as_str(), &file.bytes[..]), ("a.txt", "内容".as_bytes()));
    Ok(())
}

#[tokio::test]
async fn invalid_content_fails_to_start() -> Outcome {
    for (content, says) in [
        ("[]", "not an object"),
        ("{", "line 1"),
        (r#"{"response": []}"#, "\"response\""),
        (r#"{"files": {}}"#, "`files` is not a list"),
        (r#"{"responses": [{"endpoint": "x"}]}"#, "responses[0]"),
        (r#"{"responses": [{"endpoint": "x.v1.y.z", "data": {}}]}"#, "x.v1.y.z"),
        (r#"{"files": [{"token": "boxcn1"}]}"#, "files[0]"),
    ] {
        let error = Mock::builder().content(content).start().await.map(|_| ());
        let Err(StartError::Content(error)) = error else {
            return Err(format!("{content}: {error:?}").into());
        };
        assert!(error.to_string().contains(says), "{content}: {error}");
    }
    let unknown = Mock::builder().content(r#"{"responses": [{"endpoint": "x", "data": {}}]}"#);
    let error = unknown.start().await.map(|_| ());
    assert!(matches!(
        error,
        Err(StartError::Content(ContentError::UnknownEndpoint { index: 0, .. }))
    ));
    Ok(())
}

/// Fails if a change of the spec breaks the sample documents.
#[tokio::test]
async fn sample_documents_match_the_spec() -> Outcome {
    let mock = Mock::builder().content(sample_documents()).start().await?;
    assert_eq!(title(&mock, "token=wikcnTasks0000001").await?.as_deref(), Some("Tasks"));
    Ok(())
}
