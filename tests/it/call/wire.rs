//! How values travel: leniently in, exactly out, checked before.

use crate::support::sample::{Colour, Sample, Sell, Send, Update};
use crate::support::{Platform, Reply, USER_TOKEN};
use larkspur::endpoint::TokenKind;
use larkspur::error::{AuthError, ErrorKind};
use larkspur::secret::ExposeSecret;
use larkspur::wire::{self, Decode, Value};
use larkspur::{Client, UploadSource};

fn decode(json: &str) -> Sample {
    serde_json::from_str(json).unwrap()
}

fn problem(json: &str) -> String {
    let mut sample = Sample::blank();
    wire::from_json(json.as_bytes(), &mut sample).unwrap_err().to_string()
}

#[test]
fn null_and_missing_key_are_absent() {
    let sample = decode(r#"{"name":"a","size":null,"tags":null,"parent":null,"counts":null}"#);
    assert_eq!((sample.size, sample.ratio), (None, None));
    assert!(sample.tags.is_empty() && sample.counts.is_empty() && sample.parent.is_none());
}

#[test]
fn numbers_may_come_as_text_and_text_as_numbers() {
    let sample = decode(r#"{"name":12,"size":"34","ratio":"0.5","ready":"true","key":56,"tags":[1,true]}"#);
    assert_eq!(sample.name, "12");
    assert_eq!(
        (sample.size, sample.ratio, sample.ready),
        (Some(34), Some(0.5), Some(true))
    );
    assert_eq!(sample.key.unwrap().expose_secret(), "56");
    assert_eq!(sample.tags, ["1", "true"]);
}

#[test]
fn accepts_integer_with_zero_fraction() {
    assert_eq!(decode(r#"{"name":"a","size":3.0}"#).size, Some(3));
}

#[test]
fn preserves_unknown_enum_value() {
    assert_eq!(decode(r#"{"name":"a","colour":"red"}"#).colour, Some(Colour::Red));
    let kept = Colour::Unrecognized("teal".to_owned());
    assert_eq!(decode(r#"{"name":"a","colour":"teal"}"#).colour, Some(kept));
}

#[test]
fn preserves_unknown_keys() {
    let json = r#"{"name":"a","tags":[],"values":[],"counts":{},"children":[],"new":{"x":[1,null]}}"#;
    let sample = decode(json);
    assert_eq!(sample.unknown.get("new").unwrap()["x"][0], 1);
    assert_eq!(sample.unknown.iter().count(), 1);
    assert_eq!(serde_json::to_string(&sample).unwrap(), json);
}

#[test]
fn last_duplicate_key_wins() {
    let sample = decode(r#"{"name":"a","name":"b","tags":["x"],"tags":["y"]}"#);
    assert_eq!((sample.name.as_str(), sample.tags), ("b", vec!["y".to_owned()]));
}

#[test]
fn skips_null_list_items() {
    let sample = decode(r#"{"name":"a","tags":["x",null],"values":[1,null],"counts":{"a":1,"b":null}}"#);
    assert_eq!(sample.tags, ["x"]);
    assert_eq!(sample.values, [Value::from(1), Value::Null]);
    assert_eq!(sample.counts.into_iter().collect::<Vec<_>>(), [("a".to_owned(), 1)]);
}

#[test]
fn a_type_may_hold_itself() {
    let sample = decode(r#"{"name":"a","parent":{"name":"b","children":[{"name":"c"}]}}"#);
    assert_eq!(sample.parent.unwrap().children[0].name, "c");
}

#[test]
fn escapes_in_keys_and_values_are_read() {
    assert_eq!(decode(r#"{"n\u0061me":"\u00e9\"\n"}"#).name, "é\"\n");
}

#[test]
fn decode_error_names_path() {
    for (json, expected) in [
        (r#"{"name":{}}"#, "`name`: expected a string, found an object"),
        (r#"{"size":1}"#, "`name`: expected a value, found nothing"),
        (r#"{"name":null}"#, "`name`: expected a value, found nothing"),
        (r#"[1]"#, "expected an object, found a list"),
        (r#"[]"#, "`name`: expected a value, found nothing"),
    ] {
        let problem = problem(json);
        assert!(problem.contains(expected), "{json}: {problem}");
    }
}

#[test]
fn broken_json_is_an_error_and_deep_json_too() {
    assert!(problem(r#"{"name":"a"} x"#).contains("trailing"));
    assert!(problem(r#"{"name":"a""#).contains("EOF"));
    let deep = format!(r#"{{"name":"a","anything":{}"#, "[".repeat(100_000));
    assert!(problem(&deep).contains("recursion"));
}

proptest::proptest! {
    #[test]
    fn no_text_panics(json in r#"[\{\}\[\]":,0-9a-z\\ue+. -]{0,80}"#) {
        let _ = wire::from_json(json.as_bytes(), &mut Sample::blank());
    }
}

fn update() -> Update {
    Update {
        id: 7,
        dry: Some(true),
        trace: Some("trace-1".to_owned()),
        sample: Some(decode(r#"{"name":"a","key":"k","colour":"red","counts":{"x":1}}"#)),
        list: None,
    }
}

#[tokio::test]
async fn encodes_present_fields_only() {
    let platform = Platform::replying(Reply::data("{}")).await;
    platform.client().call_empty(&update()).await.unwrap();
    let call = platform.call();
    assert_eq!(call.method, "PATCH");
    assert_eq!(call.target, "/open-apis/7/x?dry=true");
    assert_eq!(call.header("x-trace"), "trace-1");
    assert_eq!(call.header("content-type"), "application/json; charset=utf-8");
    assert_eq!(
        call.body,
        r#"{"sample":{"name":"a","key":"k","colour":"red","tags":[],"values":[],"counts":{"x":1},"children":[]}}"#
    );
}

#[tokio::test]
async fn accepts_missing_data_for_empty_response() {
    for body in [r#"{"code":0,"msg":"ok"}"#, r#"{"code":0,"data":[]}"#, r#"{"code":"0"}"#] {
        let platform = Platform::replying(Reply::json(200, body)).await;
        platform.client().call_empty(&update()).await.unwrap();
    }
}

#[tokio::test]
async fn a_multipart_body_has_a_part_for_each_field() {
    let platform = Platform::replying(Reply::data("{}")).await;
    let request = Send {
        kind: "pdf".to_owned(),
        sizes: Some(vec![1, 2]),
        file: UploadSource::new("报告 \"1\".pdf", "content"),
        range: None,
    };
    platform
        .client()
        .as_user(USER_TOKEN)
        .call_empty(&request)
        .await
        .unwrap();
    let call = platform.call();
    assert!(
        call.header("content-type")
            .starts_with("multipart/form-data; boundary=")
    );
    let body = String::from_utf8(call.body.to_vec()).unwrap();
    for part in [
        "name=\"kind\"\r\n\r\npdf\r\n",
        "name=\"sizes\"\r\n\r\n[1,2]\r\n",
        "name=\"file\"; filename=\"报告 \\\"1\\\".pdf\"\r\n\r\ncontent\r\n",
    ] {
        assert!(body.contains(part), "{part} is not in:\n{body}");
    }
}

#[test]
fn a_line_break_in_a_file_name_is_refused() {
    let request = Send {
        kind: "pdf".to_owned(),
        sizes: None,
        file: UploadSource::new("a\r\nX: y", "content"),
        range: None,
    };
    assert_eq!(wire::validate(&request)[0].rule, "file_name");
}

#[test]
fn validates_nested_values() {
    let mut request = update();
    let sample = request.sample.as_mut().unwrap();
    sample.name = "九个字符的名字太长".to_owned();
    sample.size = Some(11);
    sample.children = vec![decode(r#"{"name":"","size":-1}"#)];
    let violations = wire::validate(&request);
    let broken: Vec<_> = violations
        .iter()
        .map(|violation| (violation.field.as_str(), violation.rule))
        .collect();
    assert_eq!(
        broken,
        [
            ("sample.name", "max_length"),
            ("sample.size", "max"),
            ("sample.children[0].name", "min_length"),
            ("sample.children[0].size", "min"),
        ]
    );
    assert_eq!(
        violations[1].to_string(),
        "`sample.size` is 11, maximum 10 (value: \"11\"): lower it"
    );
}

#[test]
fn a_number_that_json_cannot_write_is_refused() {
    let mut request = update();
    request.sample.as_mut().unwrap().ratio = Some(f64::NAN);
    assert_eq!(wire::validate(&request)[0].rule, "finite");
}

#[test]
fn rejects_control_character_in_header() {
    let mut request = update();
    request.trace = Some("a\r\nb: c".to_owned());
    assert_eq!(wire::validate(&request)[0].rule, "control_characters");
}

#[tokio::test]
async fn rejects_wrong_token_kind_before_sending() {
    let client = Client::builder()
        .tenant_token("t-1")
        .base_url("http://127.0.0.1:9")
        .build()
        .unwrap();
    let error = client.as_user(USER_TOKEN).call_empty(&update()).await.unwrap_err();
    let ErrorKind::Auth(AuthError::TokenKind { given, taken }) = error.kind() else {
        panic!("{error}")
    };
    assert_eq!((*given, *taken), (TokenKind::User, &[TokenKind::Tenant][..]));
    assert!(error.to_string().contains("accepted: tenant"), "{error}");
}

#[tokio::test]
async fn custom_app_cannot_call_store_endpoint() {
    let platform = Platform::replying(Reply::data("{}")).await;
    let error = platform.client().call_empty(&Sell { price: None }).await.unwrap_err();
    assert!(
        matches!(error.kind(), ErrorKind::Auth(AuthError::AppKind { .. })),
        "{error}"
    );
    assert_eq!(platform.calls().len() + platform.token_requests(), 0);
}

#[tokio::test]
async fn a_slash_at_the_end_of_a_path_is_sent() {
    let platform = Platform::replying(Reply::data("{}")).await;
    let client = Client::builder()
        .tenant_token("t-1")
        .base_url(platform.base_url())
        .build()
        .unwrap();
    client.call_empty(&Sell { price: None }).await.unwrap();
    assert_eq!(platform.call().target, "/open-apis/sell/");
}

#[test]
fn debug_omits_absent_and_redacts_secrets() {
    let sample = decode(r#"{"name":"a","key":"k3y","counts":{"x":1},"parent":{"name":"b"}}"#);
    assert_eq!(
        format!("{sample:?}"),
        r#"Sample {name: "a", key: [redacted], tags: [], values: [], counts: {"x": 1}, children: [], parent: {name: "b", tags: [], values: [], counts: {}, children: []}}"#
    );
}
