//! What the spec does not have: values, parameters and endpoints.

use std::time::Duration;

use crate::support::sample::{Sell, Send, Update};
use crate::support::{APP_ID, APP_SECRET, Platform, Reply, TENANT_TOKEN, USER_TOKEN};
use larkspur::endpoint::{EndpointInfo, Method, Request, TokenKind};
use larkspur::error::ErrorKind;
use larkspur::wire::{Encode, FieldInfo, Fields, Rule, Value, json, object};
use larkspur::{Client, Error, RateLimitMode, RetryPolicy, UploadSource};

fn update() -> Update {
    Update {
        id: 7,
        dry: Some(true),
        trace: Some("trace-1".to_owned()),
        sample: None,
        list: Some(vec![1]),
    }
}

fn rules(error: &Error) -> Vec<&'static str> {
    error.violations().iter().map(|violation| violation.rule).collect()
}

#[tokio::test]
async fn allow_undocumented_sends_any_token_kind() {
    let platform = Platform::replying(Reply::data("{}")).await;
    let client = platform.client();
    // Documented for tenant tokens only.
    client
        .as_user(USER_TOKEN)
        .allow_undocumented()
        .call_empty(&update())
        .await
        .unwrap();
    assert!(platform.call().header("authorization").ends_with(USER_TOKEN));
    platform.forget();
    client.allow_undocumented().call_empty(&update()).await.unwrap();
    assert!(platform.call().header("authorization").contains(TENANT_TOKEN));
    platform.forget();
    // Documented for store apps only.
    client
        .allow_undocumented()
        .call_empty(&Sell { price: None })
        .await
        .unwrap();
    assert_eq!(platform.calls().len(), 1);
}

#[tokio::test]
async fn allow_undocumented_sends_values_out_of_bounds() {
    let platform = Platform::replying(Reply::data("{}")).await;
    let mut request = update();
    request.sample = Some(serde_json::from_str(r#"{"name":"far too long a name","size":11}"#).unwrap());
    let client = platform.client();
    let error = client.call_empty(&request).await.unwrap_err();
    assert_eq!(rules(&error), ["max_length", "max"]);
    client.allow_undocumented().call_empty(&request).await.unwrap();
    assert!(
        platform
            .call()
            .body
            .starts_with(br#"{"sample":{"name":"far too long a name","size":11,"#)
    );

    request.trace = Some("a\r\nb: c".to_owned());
    let error = client.allow_undocumented().call_empty(&request).await.unwrap_err();
    assert_eq!(rules(&error), ["control_characters"]);
}

#[tokio::test]
async fn extras_are_sent_with_the_request() {
    let platform = Platform::replying(Reply::data("{}")).await;
    let client = platform
        .client()
        .extra_query("a b", "x&y")
        .extra_query("dry", "2")
        .extra_header("X-Trace", "mine")
        .extra_header("X-New", "new")
        .extra_body("list", json!([2]))
        .extra_body("new", "value");
    client.call_empty(&update()).await.unwrap();
    let call = platform.call();
    assert_eq!(call.target, "/open-apis/7/x?dry=true&a%20b=x%26y&dry=2");
    assert_eq!(
        (call.header("x-trace"), call.header("x-new")),
        ("mine".into(), "new".into())
    );
    let body: Value = serde_json::from_slice(&call.body).unwrap();
    assert_eq!(body, json!({"list": [2], "new": "value"}));

    platform.forget();
    client
        .as_tenant()
        .allow_undocumented()
        .call_empty(&Sell { price: None })
        .await
        .unwrap();
    let call = platform.call();
    let body: Value = serde_json::from_slice(&call.body).unwrap();
    assert_eq!(body, json!({"list": [2], "new": "value"}));
    assert_eq!(call.header("content-type"), "application/json; charset=utf-8");
}

#[tokio::test]
async fn extra_body_is_a_part_of_a_form() {
    let platform = Platform::replying(Reply::data("{}")).await;
    let request = Send {
        kind: "pdf".to_owned(),
        sizes: None,
        file: UploadSource::new("a.pdf", "content"),
        range: None,
    };
    let client = platform
        .client()
        .as_user(USER_TOKEN)
        .extra_body("flags", json!({"x": 1}))
        .extra_body("name", "text");
    client.call_empty(&request).await.unwrap();
    let body = String::from_utf8(platform.call().body.to_vec()).unwrap();
    assert!(body.contains("name=\"flags\"\r\n\r\n{\"x\":1}\r\n"), "{body}");
    assert!(body.contains("name=\"name\"\r\n\r\ntext\r\n"), "{body}");
}

#[tokio::test]
async fn reserved_extra_headers_are_refused() {
    let platform = Platform::replying(Reply::data("{}")).await;
    for name in [
        "Authorization",
        "host",
        "Content-Length",
        "Transfer-Encoding",
        "Range",
        "Cookie",
    ] {
        let error = platform
            .client()
            .extra_header(name, "x")
            .call_empty(&update())
            .await
            .unwrap_err();
        assert_eq!(rules(&error), ["reserved_header"], "{name}");
    }
    for (name, value) in [("X Y", "x"), ("X-Y", "a\r\nb: c"), ("", "x")] {
        let error = platform
            .client()
            .extra_header(name, value)
            .call_empty(&update())
            .await
            .unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Validation(_)), "{error}");
    }
    assert!(platform.calls().is_empty());
}

#[tokio::test]
async fn extra_header_value_is_shown_nowhere() {
    let body = r#"{"code":7,"msg":"not with s3cret-header"}"#;
    let platform = Platform::replying(Reply::json(400, body)).await;
    let client = platform.client().extra_header("X-Key", "s3cret-header");
    let error = client.call_empty(&update()).await.unwrap_err();
    let shown = format!("{error} {error:?} {client:?}");
    assert!(!shown.contains("s3cret-header"), "{shown}");
}

#[tokio::test]
async fn request_calls_an_endpoint_without_spec() {
    let platform = Platform::replying(Reply::data(r#"{"contact_id":"c-1"}"#)).await;
    let created: Value = platform
        .client()
        .request(Method::Post, "/open-apis/crm/v1/accounts/:id/contacts")
        .parameter("id", "c/100")
        .query("notify", "true")
        .header("X-New", "new")
        .body(json!({ "name": "Ada" }))
        .send()
        .await
        .unwrap();
    assert_eq!(created, json!({"contact_id": "c-1"}));
    let call = platform.call();
    assert_eq!(call.method, "POST");
    assert_eq!(call.target, "/open-apis/crm/v1/accounts/c%2F100/contacts?notify=true");
    assert_eq!(
        (call.header("x-new"), &call.body[..]),
        ("new".into(), &br#"{"name":"Ada"}"#[..])
    );
    assert!(call.header("authorization").contains(TENANT_TOKEN));
}

#[tokio::test]
async fn request_without_data_returns_the_response() {
    let platform = Platform::replying(Reply::json(200, r#"{"code":0,"msg":"ok","id":1.50}"#)).await;
    let request = platform.client().request(Method::Get, "/open-apis/flat");
    assert_eq!(request.send_json().await.unwrap(), r#"{"code":0,"msg":"ok","id":1.50}"#);
}

#[tokio::test]
async fn request_error_has_route_and_code() {
    let platform = Platform::replying(Reply::json(400, r#"{"code":7,"msg":"no such contact"}"#)).await;
    let error = platform
        .client()
        .request(Method::Delete, "/open-apis/crm/v1/contacts/:id")
        .parameter("id", "c-1")
        .send_json()
        .await
        .unwrap_err();
    assert_eq!(error.code(), Some(7));
    assert!(
        error.to_string().contains("DELETE /open-apis/crm/v1/contacts/:id"),
        "{error}"
    );
}

#[tokio::test]
async fn invalid_route_is_not_sent() {
    let platform = Platform::replying(Reply::data("{}")).await;
    for path in [
        "open-apis/x",
        "https://elsewhere.example/x",
        "/a?b=c",
        "/a/../b",
        "/a//b",
        "/a b",
        "/a/:",
    ] {
        let error = platform
            .client()
            .request(Method::Get, path)
            .send_json()
            .await
            .unwrap_err();
        assert_eq!(rules(&error), ["path"], "{path}: {error}");
    }
    let missing = platform
        .client()
        .request(Method::Get, "/open-apis/:id")
        .send_json()
        .await;
    assert_eq!(rules(&missing.unwrap_err()), ["required"]);
    let dots = platform
        .client()
        .request(Method::Get, "/open-apis/:id")
        .parameter("id", "..");
    assert_eq!(rules(&dots.send_json().await.unwrap_err()), ["path_segment"]);
    let other = platform
        .client()
        .request(Method::Get, "/open-apis/x")
        .parameter("id", "1");
    assert_eq!(rules(&other.send_json().await.unwrap_err()), ["unknown_field"]);
    assert!(platform.calls().is_empty());
}

#[tokio::test]
async fn rate_limit_pauses_the_route_only() {
    let limited = r#"{"code":99991400,"msg":"request trigger frequency limit"}"#;
    let platform = Platform::start(move |request| match request.target.as_str() {
        "/open-apis/limited/1" => Reply::json(429, limited).header("x-ogw-ratelimit-reset", "60"),
        _ => Reply::data("{}"),
    })
    .await;
    let client = Client::builder()
        .tenant_token("t-1")
        .base_url(platform.base_url())
        .retries(RetryPolicy::none())
        .rate_limits(RateLimitMode::Fail)
        .deadline(Duration::from_secs(5))
        .build()
        .unwrap();
    let get = |path: &str, id: &str| client.request(Method::Get, path).parameter("id", id).send_json();
    assert!(get("/open-apis/limited/:id", "1").await.unwrap_err().is_rate_limited());
    // Another id of the same route has to wait, another route does not.
    assert!(get("/open-apis/limited/:id", "2").await.unwrap_err().is_rate_limited());
    get("/open-apis/other/:id", "1").await.unwrap();
    assert_eq!(platform.calls().len(), 2);
}

#[tokio::test]
async fn request_uses_spec_of_known_route() {
    let platform = Platform::replying(Reply::json(403, r#"{"code":1,"msg":"no"}"#)).await;
    let error = platform
        .client()
        .request(Method::Get, "/open-apis/drive/v1/medias/batch_get_tmp_download_url")
        .query("file_tokens", "boxcn1")
        .send_json()
        .await
        .unwrap_err();
    assert_eq!(
        error.endpoint().unwrap().id,
        "drive.v1.media.batch_get_tmp_download_url"
    );
}

#[tokio::test]
async fn request_fetches_a_file() {
    let reply = Reply::new(200, "content").header("content-disposition", "attachment; filename=\"a.txt\"");
    let platform = Platform::replying(reply).await;
    let client = Client::builder()
        .app(APP_ID, APP_SECRET)
        .base_url(platform.base_url())
        .build()
        .unwrap();
    let file = client.request(Method::Get, "/open-apis/files/:id").parameter("id", "1");
    assert_eq!(file.fetch().await.unwrap().bytes().await.unwrap(), "content");
}

static FIND: EndpointInfo =
    EndpointInfo::new("test.v1.sample.find", Method::Get, "/open-apis/sample").tokens(&[TokenKind::Tenant]);

request!(Find, FIND, { code: Option<String> = FieldInfo::query("code").rules(&[Rule::Pattern("^[a-z]{2}$")]) });

#[tokio::test]
async fn pattern_is_checked_before_sending() {
    let platform = Platform::replying(Reply::data("{}")).await;
    let client = platform.client();
    let find = |code: &str| Find {
        code: Some(code.to_owned()),
    };
    client.call_empty(&find("ab")).await.unwrap();
    let error = client.call_empty(&find("abc")).await.unwrap_err();
    assert_eq!(rules(&error), ["pattern"]);
    assert_eq!(platform.calls().len(), 1);
    client.allow_undocumented().call_empty(&find("abc")).await.unwrap();
    // Not compared: the platform rejects it.
    client.call_empty(&find(&"a".repeat(10_001))).await.unwrap();
}
