use larkspur_mock::{ContentError, Failure, Mock, StartError, StubResponse, Task, sample_documents};
use serde_json::{Value, json};

use crate::support::client::{Outcome, get, post};

const NODE: &str = "wiki.v2.space.get_node";
const MEDIA: &str = "drive.v1.media.download";

fn node(title: &str) -> Value {
    json!({ "node": { "title": title } })
}

/// The title of the node that the mock tells of.
async fn title(mock: &Mock, query: &str) -> Result<Option<String>, Box<dyn std::error::Error>> {
    let path = format!("/open-apis/wiki/v2/spaces/get_node?{query}");
    let reply = get(mock.base_url(), &path).token(mock.tenant_token()).send().await?;
    Ok(reply.json()["data"]["node"]["title"].as_str().map(str::to_owned))
}

#[tokio::test]
async fn a_reply_is_given_to_the_calls_that_it_is_for_and_no_others() -> Outcome {
    let mock = Mock::start().await?;
    let usual = title(&mock, "token=wikcn2").await?;
    mock.put_response(NODE, StubResponse::data(node("mine")).when("token", "wikcn1"))?;
    assert_eq!(title(&mock, "token=wikcn1").await?.as_deref(), Some("mine"));
    assert_eq!(title(&mock, "token=wikcn2").await?, usual);
    Ok(())
}

#[tokio::test]
async fn of_replies_that_fit_the_last_one_counts() -> Outcome {
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
async fn a_condition_may_be_on_a_field_of_the_body() -> Outcome {
    let mock = Mock::start().await?;
    let endpoint = "bitable.v1.app.table.record.search";
    mock.put_response(
        endpoint,
        StubResponse::data(json!({ "total": 7 })).when("view_id", "vew1"),
    )?;
    let path = "/open-apis/bitable/v1/apps/bascn1/tables/tbl1/records/search";
    let search = post(mock.base_url(), path).token(mock.tenant_token());
    let reply = search.json(&json!({ "view_id": "vew1" })).send().await?;
    assert_eq!(reply.json()["data"], json!({ "total": 7 }));
    Ok(())
}

#[tokio::test]
async fn a_failure_can_be_for_calls_that_leave_a_field_out() -> Outcome {
    let mock = Mock::builder().rate_limits(false).start().await?;
    mock.put_response(MEDIA, StubResponse::failure(Failure::status(400)).without("extra"))?;
    for (query, status) in [("", 400), ("?extra=", 400), ("?extra=proof", 200), ("", 400)] {
        let path = format!("/open-apis/drive/v1/medias/boxcn1/download{query}");
        let reply = get(mock.base_url(), &path).token(mock.tenant_token()).send().await?;
        assert_eq!(reply.status, status, "{query}");
    }
    Ok(())
}

#[tokio::test]
async fn a_reply_goes_through_the_same_checks_as_any_answer() -> Outcome {
    let mock = Mock::start().await?;
    mock.put_response(NODE, StubResponse::data(node("mine")))?;
    let path = "/open-apis/wiki/v2/spaces/get_node";
    assert_eq!(get(mock.base_url(), path).send().await?.code(), Some(99_991_661));
    let without_token = get(mock.base_url(), path).token(mock.tenant_token()).send().await?;
    assert_eq!(without_token.status, 400);
    Ok(())
}

#[tokio::test]
async fn a_reply_of_a_task_tells_how_far_it_is_and_its_own_reason() -> Outcome {
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
        let reply = get(mock.base_url(), &path).token(mock.tenant_token()).send().await?;
        let result = reply.json()["data"]["result"].clone();
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
async fn a_reply_for_an_endpoint_that_is_not_there_is_refused() -> Outcome {
    let mock = Mock::start().await?;
    assert!(
        mock.put_response("wiki.v2.space.get_nodes", StubResponse::data(json!({})))
            .is_err()
    );
    Ok(())
}

#[tokio::test]
async fn replies_can_be_put_over_http() -> Outcome {
    let mock = Mock::start().await?;
    let put = || post(mock.base_url(), "/_mock/response");
    let wish = json!({ "endpoint": NODE, "when": { "token": "wikcn1" }, "data": node("mine") });
    assert_eq!(put().json(&wish).send().await?.status, 200);
    assert_eq!(title(&mock, "token=wikcn1").await?.as_deref(), Some("mine"));
    let wish = json!({ "endpoint": NODE, "without": ["obj_type"], "code": 131_005 });
    assert_eq!(put().json(&wish).send().await?.status, 200);
    let path = "/open-apis/wiki/v2/spaces/get_node?token=wikcn1";
    let reply = get(mock.base_url(), path).token(mock.tenant_token()).send().await?;
    assert_eq!(reply.code(), Some(131_005));
    Ok(())
}

#[tokio::test]
async fn a_reply_that_makes_no_sense_is_refused_with_an_example() -> Outcome {
    let mock = Mock::start().await?;
    for wish in [
        json!({}),
        json!({ "endpoint": NODE }),
        json!({ "endpoint": NODE, "data": [] }),
        json!({ "endpoint": NODE, "data": {}, "code": 1 }),
        json!({ "endpoint": NODE, "data": {}, "when": { "token": 1 } }),
        json!({ "endpoint": NODE, "data": {}, "without": "extra" }),
        json!({ "endpoint": NODE, "data": {}, "times": 2 }),
        json!({ "endpoint": NODE, "http": 7 }),
    ] {
        let reply = post(mock.base_url(), "/_mock/response").json(&wish).send().await?;
        assert!(reply.status == 400 && !reply.body.is_empty(), "{wish}");
    }
    let unknown = json!({ "endpoint": "wiki.v2.space.get_nodes", "data": {} });
    let reply = post(mock.base_url(), "/_mock/response").json(&unknown).send().await?;
    assert_eq!(reply.status, 404);
    Ok(())
}

#[tokio::test]
async fn a_mock_can_start_with_content() -> Outcome {
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
async fn content_that_cannot_be_read_keeps_the_mock_from_starting() -> Outcome {
    for (content, says) in [
        ("[]", "not an object"),
        ("{", "line 1"),
        (r#"{"reply": []}"#, "\"reply\""),
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

/// Whoever changes a type of the spec sees that the documents still fit it.
#[tokio::test]
async fn the_sample_documents_are_for_endpoints_of_the_spec() -> Outcome {
    let mock = Mock::builder().content(sample_documents()).start().await?;
    assert_eq!(title(&mock, "token=wikcnTasks0000001").await?.as_deref(), Some("Tasks"));
    Ok(())
}
