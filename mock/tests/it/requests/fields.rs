use std::collections::BTreeSet;

use larkspur_mock::Mock;
use serde_json::{Value, json};

use crate::support::client::{Outcome, Response, get, post};
use crate::support::spec;

const NOTES: &str = "/open-apis/test/v1/notes";

async fn create(mock: &Mock, body: Value) -> Result<Response, Box<dyn std::error::Error>> {
    let request = post(mock.base_url(), NOTES)
        .token(mock.user_token())
        .header("x-trace", "1");
    request.json(&body).send().await
}

#[tokio::test]
async fn accepts_body_within_bounds() -> Outcome {
    let mock = spec::notes().start().await?;
    let full = json!({
        "title": "标题标题标", "weight": 2, "secret": "abc", "labels": ["a", "b"],
        "author": { "name": "Ada", "age": null }, "counts": { "a": 1 }, "unheard": "of",
    });
    assert_eq!(create(&mock, full).await?.outcome(), (200, Some(0)));
    assert_eq!(create(&mock, json!({ "title": "ab" })).await?.outcome(), (200, Some(0)));
    Ok(())
}

#[tokio::test]
async fn reports_each_invalid_body_field() -> Outcome {
    let mock = spec::notes().start().await?;
    for (body, field) in [
        (json!({}), "title"),
        (json!({ "title": null }), "title"),
        (json!({ "title": 1 }), "title"),
        (json!({ "title": "a" }), "title"),
        (json!({ "title": "标题标题标题" }), "title"),
        (json!({ "title": "ab", "weight": "1" }), "weight"),
        (json!({ "title": "ab", "weight": 0.4 }), "weight"),
        (json!({ "title": "ab", "weight": 2.1 }), "weight"),
        (json!({ "title": "ab", "labels": "a" }), "labels"),
        (json!({ "title": "ab", "labels": ["a", 2] }), "labels[1]"),
        (json!({ "title": "ab", "labels": ["a", "b", "c"] }), "labels"),
        (json!({ "title": "ab", "author": "Ada" }), "author"),
        (json!({ "title": "ab", "author": {} }), "author.name"),
        (
            json!({ "title": "ab", "author": { "name": "Ada", "age": 1.5 } }),
            "author.age",
        ),
        (json!({ "title": "ab", "counts": [] }), "counts"),
        (json!({ "title": "ab", "counts": { "a": "1" } }), "counts.a"),
        (
            json!({ "title": "ab", "counts": { "a": 9_223_372_036_854_775_808_u64 } }),
            "counts.a",
        ),
    ] {
        let response = create(&mock, body.clone()).await?;
        assert_eq!(response.outcome(), (400, Some(99992402)), "{body}");
        assert_eq!(response.wrong_fields(), [field], "{body}");
    }
    Ok(())
}

#[tokio::test]
async fn reports_all_invalid_fields_at_once() -> Outcome {
    let mock = spec::notes().start().await?;
    let request = post(mock.base_url(), &format!("{NOTES}?notify=perhaps")).token(mock.user_token());
    let response = request.json(&json!({ "weight": 9 })).send().await?;
    let told = BTreeSet::from_iter(response.wrong_fields());
    let wrong = ["X-Trace", "notify", "title", "weight"];
    assert_eq!(told, BTreeSet::from(wrong.map(str::to_owned)));
    Ok(())
}

#[tokio::test]
async fn violation_has_value_and_rule() -> Outcome {
    let mock = spec::notes().start().await?;
    let response = create(&mock, json!({ "title": "ab", "weight": 9 })).await?;
    let expected = json!([{ "field": "weight", "value": "9", "description": "must be at most 2" }]);
    assert_eq!(response.json()["error"]["field_violations"], expected);
    Ok(())
}

#[tokio::test]
async fn violations_do_not_show_secrets() -> Outcome {
    let mock = spec::notes().start().await?;
    let response = create(&mock, json!({ "title": "ab", "secret": "hunter2" })).await?;
    assert_eq!(response.wrong_fields(), ["secret"]);
    assert!(!String::from_utf8_lossy(&response.body).contains("hunter2"));
    Ok(())
}

#[tokio::test]
async fn rejects_non_object_json() -> Outcome {
    let mock = spec::notes().start().await?;
    for body in ["{", "[]", "1"] {
        let request = post(mock.base_url(), NOTES)
            .token(mock.user_token())
            .header("x-trace", "1");
        let response = request.body(body).send().await?;
        assert_eq!(response.outcome(), (400, Some(99992402)), "{body}");
    }
    Ok(())
}

#[tokio::test]
async fn validates_query_parameters() -> Outcome {
    let mock = spec::notes().rate_limits(false).start().await?;
    for (query, wrong) in [
        ("page_size=50&order=newest", None),
        ("unheard=of", None),
        ("page_size=many", Some("page_size")),
        ("page_size=0", Some("page_size")),
        ("page_size=51", Some("page_size")),
        ("order=best", Some("order")),
        ("page_size=", Some("page_size")),
        ("order=", Some("order")),
        ("page_token=", None),
    ] {
        let request = get(mock.base_url(), &format!("{NOTES}?{query}")).token(mock.tenant_token());
        let response = request.send().await?;
        assert_eq!(response.wrong_fields(), Vec::from_iter(wrong), "{query}");
    }
    Ok(())
}

#[tokio::test]
async fn empty_text_is_not_required_value_or_element() -> Outcome {
    let mock = Mock::start().await?;
    let path = "/open-apis/drive/v1/medias/batch_get_tmp_download_url";
    for (query, wrong) in [
        ("file_tokens=a", None),
        ("file_tokens=", Some("file_tokens")),
        ("file_tokens=&file_tokens=", Some("file_tokens")),
        ("file_tokens=a&file_tokens=", Some("file_tokens[1]")),
    ] {
        let request = get(mock.base_url(), &format!("{path}?{query}")).token(mock.tenant_token());
        let response = request.send().await?;
        assert_eq!(response.wrong_fields(), Vec::from_iter(wrong), "{query}");
    }
    Ok(())
}

#[tokio::test]
async fn json_content_type_is_lenient() -> Outcome {
    let mock = Mock::start().await?;
    let body = serde_json::json!({ "app_id": mock.app_id(), "app_secret": mock.app_secret() }).to_string();
    let path = "/open-apis/auth/v3/tenant_access_token/internal";
    for (content_type, status) in [
        (None, 200),
        (Some("application/json"), 200),
        (Some("application/json; charset=utf-8"), 200),
        (Some("text/plain"), 400),
        (Some("application/x-www-form-urlencoded"), 400),
    ] {
        let request = post(mock.base_url(), path).body(body.clone());
        let request = match content_type {
            Some(content_type) => request.header("content-type", content_type),
            None => request,
        };
        assert_eq!(request.send().await?.status, status, "{content_type:?}");
    }
    Ok(())
}

#[tokio::test]
async fn missing_fixed_header_has_documented_code() -> Outcome {
    let mock = Mock::start().await?;
    let file = || get(mock.base_url(), "/open-apis/baike/v1/files/boxbc1/download").token(mock.tenant_token());
    for (content_type, outcome) in [
        (None, (400, Some(1540001))),
        (Some("application/json"), (400, Some(1540001))),
        (Some("application/json; charset=utf-8"), (200, None)),
        (Some("Application/JSON;charset=UTF-8"), (200, None)),
    ] {
        let request = match content_type {
            Some(content_type) => file().header("content-type", content_type),
            None => file(),
        };
        assert_eq!(request.send().await?.outcome(), outcome, "{content_type:?}");
    }
    Ok(())
}

#[tokio::test]
async fn fixed_fields_select_the_operation() -> Outcome {
    let mock = spec::notes().start().await?;
    let change = |query: &str, body: Value| {
        let path = format!("{NOTES}/change{query}");
        post(mock.base_url(), &path).token(mock.tenant_token()).json(&body)
    };
    let archived = change("?view=full", json!({ "action": "archive" })).send().await?;
    assert!(archived.json()["data"]["archived"].is_boolean());
    let restored = change("", json!({ "action": "restore", "level": 2 })).send().await?;
    assert!(restored.json()["data"]["restored"].is_boolean());
    // The first operation responds to what fits neither.
    for (query, body, field) in [
        ("", json!({ "action": "archive" }), "view"),
        ("?view=full", json!({ "action": "restore" }), "action"),
        ("?view=full&view=full", json!({ "action": "archive" }), "view"),
        ("?view=full", json!({}), "action"),
    ] {
        let response = change(query, body).send().await?;
        assert_eq!(response.wrong_fields(), [field]);
    }
    Ok(())
}

#[tokio::test]
async fn texts_have_the_documented_format() -> Outcome {
    let mock = spec::notes().start().await?;
    let valid =
        json!({ "title": "ab", "code": "ab", "bits": 5, "due": "1700000000", "remind": "2024-02-29T08:00:00+08:00" });
    let response = create(&mock, valid).await?;
    assert_eq!(response.json()["data"]["created"], "1700000000000");
    for (body, field) in [
        (json!({ "title": "ab", "bits": 6 }), "bits"),
        (json!({ "title": "ab", "code": "abc" }), "code"),
        (json!({ "title": "ab", "due": "today" }), "due"),
        (json!({ "title": "ab", "remind": "1700000000" }), "remind"),
    ] {
        assert_eq!(create(&mock, body).await?.wrong_fields(), [field]);
    }
    Ok(())
}
