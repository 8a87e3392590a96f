//! Query parameters and body fields with fixed values.

use crate::support::{Platform, Reply};
use larkspur::endpoint::{BodyKind, EndpointInfo, FixedField, FixedValue, Method, PlatformHost, Request, TokenKind};
use larkspur::wire::{Encode, FieldInfo, Fields, object};
use serde_json::{Value, json};

static MOVE: EndpointInfo = EndpointInfo::new("test.v1.sample.move", Method::Post, "/open-apis/sample")
    .host(PlatformHost::Www)
    .tokens(&[TokenKind::Tenant])
    .body(BodyKind::Json)
    .fixed_fields(&[
        FixedField::query("view", FixedValue::Str("a b")),
        FixedField::body("action", FixedValue::Str("move")),
        FixedField::body("level", FixedValue::Int(2)),
        FixedField::body("whole", FixedValue::Bool(true)),
    ]);

request!(Move, MOVE, {
    page: Option<i64> = FieldInfo::query("page"),
    target: Option<String> = FieldInfo::body("target")
});

fn request() -> Move {
    Move {
        page: Some(1),
        target: Some("t".to_owned()),
    }
}

#[tokio::test]
async fn sends_fixed_fields() {
    let platform = Platform::replying(Reply::data("{}")).await;
    platform.client().call_empty(&request()).await.unwrap();
    let call = platform.call();
    assert_eq!(call.target, "/open-apis/sample?view=a%20b&page=1");
    let body: Value = serde_json::from_slice(&call.body).unwrap();
    let expected = json!({ "action": "move", "level": 2, "whole": true, "target": "t" });
    assert_eq!(body, expected);
}

#[tokio::test]
async fn extra_body_keeps_fixed_fields() {
    let platform = Platform::replying(Reply::data("{}")).await;
    let client = platform.client().extra_body("more", json!(1));
    client.call_empty(&request()).await.unwrap();
    let body: Value = serde_json::from_slice(&platform.call().body).unwrap();
    assert_eq!((&body["action"], &body["more"]), (&json!("move"), &json!(1)));
}
