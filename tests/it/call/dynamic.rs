//! Requests for endpoints that are known only at run time.

use crate::support::{Platform, Reply, TENANT_TOKEN};
use larkspur::dynamic::{DynamicRequest, Object, Value};
use larkspur::endpoint::{BodyKind, EndpointInfo, Method, ResponseKind, TokenKind};
use larkspur::error::ErrorKind;
use larkspur::wire::{FieldInfo, Rule};

static SHELF: EndpointInfo = EndpointInfo::new(
    "shop.v1.shelf.fill",
    Method::Post,
    "/open-apis/shop/v1/shelves/:id/fill",
)
.tokens(&[TokenKind::Tenant])
.body(BodyKind::Json);
static FLAT: EndpointInfo = EndpointInfo::new(
    "shop.v1.shelf.fill",
    Method::Post,
    "/open-apis/shop/v1/shelves/:id/fill",
)
.tokens(&[TokenKind::Tenant])
.response(ResponseKind::Json { flat: true });
static FIELDS: [FieldInfo; 4] = [
    FieldInfo::path("id"),
    FieldInfo::query("tags"),
    FieldInfo::body("things").required(),
    FieldInfo::body("key"),
];
static THING: [FieldInfo; 2] = [
    FieldInfo::body("name").required(),
    FieldInfo::body("weight").rules(&[Rule::Max(3.0)]),
];

fn thing(weight: f64) -> Object {
    Object::from_values(&THING, [Some("ball".into()), Some(weight.into())])
}

fn request(endpoint: &'static EndpointInfo, weight: f64) -> larkspur::Result<DynamicRequest> {
    DynamicRequest::new(endpoint, Object::new(&FIELDS))
        .with("id", "a/b")?
        .with("tags", vec!["red", "round"])?
        .with("things", vec![thing(weight)])?
        .with("key", larkspur::secret::SecretString::from("s3cret-key"))
}

#[tokio::test]
async fn sends_fields_at_their_places() {
    let platform = Platform::replying(Reply::data("{}")).await;
    let request = request(&SHELF, 1.5).unwrap();
    platform.client().call_json(&request).await.unwrap();
    let call = platform.call();
    assert_eq!(call.target, "/open-apis/shop/v1/shelves/a%2Fb/fill?tags=red&tags=round");
    assert_eq!(
        call.body,
        r#"{"things":[{"name":"ball","weight":1.5}],"key":"s3cret-key"}"#
    );
    assert_eq!(call.header("authorization"), format!("Bearer {TENANT_TOKEN}"));
}

#[tokio::test]
async fn validates_fields_before_sending() {
    let platform = Platform::replying(Reply::data("{}")).await;
    let request = request(&SHELF, 4.0).unwrap();
    let error = platform.client().call_json(&request).await.unwrap_err();
    let fields: Vec<_> = error
        .violations()
        .iter()
        .map(|violation| violation.field.as_str())
        .collect();
    assert_eq!(fields, ["things[0].weight"]);
    let error = platform
        .client()
        .call_json(&DynamicRequest::new(&SHELF, Object::new(&FIELDS)))
        .await;
    assert_eq!(error.unwrap_err().violations().len(), 2);
    assert!(platform.calls().is_empty());
}

#[tokio::test]
async fn returns_raw_response_data() {
    let data = r#"{ "b":1.10, "a":[12345678901234567890123, null] }"#;
    let platform = Platform::replying(Reply::data(data)).await;
    let answer = platform
        .client()
        .call_json(&request(&SHELF, 1.0).unwrap())
        .await
        .unwrap();
    assert_eq!(answer, data);
}

#[tokio::test]
async fn response_without_data_is_empty_object() {
    let platform = Platform::replying(Reply::json(200, r#"{"code":0,"msg":"ok"}"#)).await;
    let answer = platform
        .client()
        .call_json(&request(&SHELF, 1.0).unwrap())
        .await
        .unwrap();
    assert_eq!(answer, "{}");
}

#[tokio::test]
async fn returns_whole_flat_response() {
    let body = r#"{"code":0,"msg":"ok","free":7}"#;
    let platform = Platform::replying(Reply::json(200, body)).await;
    let answer = platform
        .client()
        .call_json(&request(&FLAT, 1.0).unwrap())
        .await
        .unwrap();
    assert_eq!(answer, body);
}

#[tokio::test]
async fn api_error_redacts_request_secrets() {
    let body = r#"{"code":7,"msg":"no shelf for s3cret-key","data":{}}"#;
    let platform = Platform::replying(Reply::json(200, body)).await;
    let error = platform
        .client()
        .call_json(&request(&SHELF, 1.0).unwrap())
        .await
        .unwrap_err();
    assert_eq!((error.code(), error.msg()), (Some(7), Some("no shelf for [redacted]")));
}

#[tokio::test]
async fn non_utf8_response_is_a_decode_error() {
    let body = b"{\"code\":0,\"data\":{\"a\":\"\xff\"}}".to_vec();
    for endpoint in [&SHELF, &FLAT] {
        let platform = Platform::replying(Reply::new(200, body.clone())).await;
        let error = platform
            .client()
            .call_json(&request(endpoint, 1.0).unwrap())
            .await
            .unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Decode(_)), "{error}");
    }
}

#[test]
fn rejects_unknown_field() {
    let error = Object::new(&FIELDS).with("tag", "red").unwrap_err();
    assert_eq!(error.violations()[0].rule, "unknown_field");
    assert!(error.to_string().contains("id, tags, things, key"), "{error}");
}

#[test]
fn a_secret_is_not_printed() {
    let printed = format!(
        "{:?} {:?}",
        request(&SHELF, 1.0).unwrap(),
        Value::Secret("s3cret".into())
    );
    assert!(!printed.contains("s3cret") && printed.contains("a/b"), "{printed}");
}
