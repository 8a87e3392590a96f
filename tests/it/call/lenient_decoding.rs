//! Responses that differ from the documentation: what does not fit is left out, and nothing else is lost.

use std::fmt::Debug;
use std::sync::{Arc, Mutex};

use crate::support::sample::{Sample, Update};
use crate::support::{Platform, Reply};
use larkspur::Client;
use larkspur::drive::v1::file::ListResponse;
use larkspur::error::ErrorKind;
use larkspur::wire::{Decode, Fields, Value, json};
use proptest::prelude::*;
use serde::de::DeserializeOwned;

fn decode(json: &str) -> Sample {
    serde_json::from_str(json).unwrap()
}

fn update() -> Update {
    Update {
        id: 7,
        dry: None,
        trace: None,
        sample: None,
        list: None,
    }
}

/// Calls an endpoint that responds with this data.
async fn call(data: &str, strict: bool) -> larkspur::Result<Sample> {
    let platform = Platform::replying(Reply::data(data)).await;
    let client = Client::builder()
        .tenant_token("t-1")
        .base_url(platform.base_url())
        .strict_decoding(strict)
        .build()
        .unwrap();
    let mut sample = Sample::blank();
    client.call(&update(), &mut sample).await?;
    Ok(sample)
}

#[tokio::test]
async fn optional_field_of_another_type_is_absent() {
    let sample = call(
        r#"{"name":"a","size":384.586,"ready":"maybe","parent":"text","tags":{"a":1},"counts":{"a":1}}"#,
        false,
    )
    .await
    .unwrap();
    assert_eq!((sample.name.as_str(), sample.size, sample.ready), ("a", None, None));
    assert!(sample.parent.is_none() && sample.tags.is_empty());
    assert_eq!(sample.counts["a"], 1);
    assert_eq!(sample.unknown.get("size"), Some(&json!(384.586)));
    assert_eq!(sample.unknown.get("parent"), Some(&json!("text")));
    assert_eq!(sample.unknown.get("tags"), Some(&json!({"a": 1})));
    assert_eq!(sample.unknown.len(), 4);
}

#[test]
fn odd_element_leaves_its_siblings() {
    let sample = decode(
        r#"{"name":"a","tags":["x",{"y":1},"z"],"counts":{"a":1,"b":"many","c":3},
        "children":[{"name":"b"},7,{"size":1},{"name":"c","tags":[[],"t"]}]}"#,
    );
    assert_eq!(sample.tags, ["x", "z"]);
    assert_eq!(sample.counts.keys().collect::<Vec<_>>(), ["a", "c"]);
    let names: Vec<_> = sample.children.iter().map(|child| child.name.as_str()).collect();
    assert_eq!(names, ["b", "c"]);
    assert_eq!(sample.unknown.get("tags[1]"), Some(&json!({"y": 1})));
    assert_eq!(sample.unknown.get("counts.b"), Some(&json!("many")));
    assert_eq!(sample.unknown.get("children[1]"), Some(&json!(7)));
    assert_eq!(sample.unknown.get("children[2]").unwrap()["size"], json!(1));
    assert_eq!(sample.children[1].unknown.get("tags[0]"), Some(&json!([])));
}

#[test]
fn object_without_required_field_stays_raw() {
    let sample = decode(r#"{"name":"a","parent":{"size":1,"tags":["x",[1]],"new":true,"ratio":"?"},"size":2}"#);
    assert!(sample.parent.is_none());
    assert_eq!(sample.size, Some(2));
    let raw = sample.unknown.get("parent").unwrap();
    assert_eq!(raw["tags"], json!(["x", [1]]));
    assert_eq!(
        (&raw["size"], &raw["new"], &raw["ratio"]),
        (&json!(1), &json!(true), &json!("?"))
    );
    assert!(raw.get("name").is_none());
}

#[tokio::test]
async fn required_field_fails_the_call() {
    for data in [
        r#"{"name":{},"size":1}"#,
        r#"{"size":1}"#,
        r#"{"name":null}"#,
        "[]",
        "null",
        r#""text""#,
    ] {
        let error = call(data, false).await.unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Decode(_)), "{data}: {error}");
    }
}

#[tokio::test]
async fn strict_decoding_fails_the_call() {
    for (data, expected) in [
        (r#"{"name":"a","size":3.5}"#, "`data.size`: expected an integer"),
        (
            r#"{"name":"a","ready":"maybe"}"#,
            "`data.ready`: expected a boolean, found a string",
        ),
        (
            r#"{"name":"a","size":18446744073709551615}"#,
            "found a number beyond 64 bits",
        ),
        (
            r#"{"name":"a","tags":"x"}"#,
            "`data.tags`: expected a list, found a string",
        ),
        (
            r#"{"name":"a","counts":{"k":[]}}"#,
            "`data.counts.k`: expected an integer, found a list",
        ),
        (
            r#"{"name":"a","children":[{"name":"b"},{"name":[]}]}"#,
            "`data.children[1].name`: expected",
        ),
        (
            r#"{"name":"a","parent":{"size":1}}"#,
            "`data.parent.name`: expected a value, found nothing",
        ),
        (
            r#"{"name":"a","parent":[]}"#,
            "`data.parent`: expected an object, found a list",
        ),
        ("[]", "`data`: expected an object"),
    ] {
        let error = call(data, true).await.unwrap_err().to_string();
        assert!(error.contains(expected), "{data}: {error}");
    }
}

#[test]
fn empty_list_is_an_absent_object() {
    let sample = decode(r#"{"name":"a","parent":[],"counts":[],"children":[[],{"name":"b"}]}"#);
    assert!(sample.parent.is_none() && sample.counts.is_empty() && sample.unknown.is_empty());
    assert_eq!(sample.children.len(), 1);
}

#[test]
fn number_beyond_64_bits_is_absent() {
    let sample = decode(r#"{"name":18446744073709551615,"size":18446744073709551615,"key":18446744073709551615}"#);
    assert_eq!((sample.name.as_str(), sample.size), ("18446744073709551615", None));
    assert_eq!(sample.unknown.get("size"), Some(&json!(18446744073709551615_u64)));
    // Its digits would be those of a float.
    let sample = decode(r#"{"name":"a","tags":["x",123456789012345678901234567890]}"#);
    assert_eq!(
        (sample.tags.as_slice(), sample.unknown.len()),
        (&["x".to_owned()][..], 1)
    );
}

#[test]
fn last_duplicate_replaces_object_and_null() {
    let sample =
        decode(r#"{"name":"a","parent":{"name":"b","size":1,"new":1},"parent":{"name":"c"},"size":1,"size":null}"#);
    let parent = sample.parent.unwrap();
    assert_eq!((parent.name.as_str(), parent.size), ("c", None));
    assert!(parent.unknown.is_empty() && sample.size.is_none());
    let sample = decode(r#"{"name":[],"name":"b","size":"x","size":2,"tags":[[],"a"],"tags":["b"]}"#);
    assert_eq!((sample.name.as_str(), sample.size), ("b", Some(2)));
    assert_eq!(sample.tags, ["b"]);
    assert!(sample.unknown.is_empty(), "{:?}", sample.unknown);
}

#[test]
fn serialized_value_contains_raw_values() {
    let json =
        r#"{"name":"a","tags":["x",[1],"y",{"k":2}],"values":[],"counts":{"a":1,"b":"?"},"children":[],"size":"?"}"#;
    let again = serde_json::to_string(&decode(json)).unwrap();
    assert_eq!(again, json);
    assert_eq!(decode(&again).tags, ["x", "y"]);
}

#[test]
fn number_of_odd_elements_is_bounded() {
    let tags = vec!["[1]"; 20_000].join(",");
    let error = serde_json::from_str::<Sample>(&format!(r#"{{"name":"a","tags":[{tags}]}}"#)).unwrap_err();
    assert!(
        error
            .to_string()
            .contains("`tags[10000]`: expected a string, found a list"),
        "{error}"
    );
}

/// The warnings of a call, with their fields.
#[derive(Clone, Default)]
struct Warnings(Arc<Mutex<Vec<String>>>);

struct Line(String);

impl tracing::field::Visit for Line {
    fn record_debug(&mut self, field: &tracing::field::Field, value: &dyn Debug) {
        self.0.push_str(&format!("{field}={value:?} "));
    }
}

impl tracing::Subscriber for Warnings {
    fn enabled(&self, metadata: &tracing::Metadata<'_>) -> bool {
        *metadata.level() == tracing::Level::WARN
    }

    fn event(&self, event: &tracing::Event<'_>) {
        let mut line = Line(String::new());
        event.record(&mut line);
        self.0.lock().unwrap().push(line.0);
    }

    fn new_span(&self, _: &tracing::span::Attributes<'_>) -> tracing::span::Id {
        tracing::span::Id::from_u64(1)
    }

    fn record(&self, _: &tracing::span::Id, _: &tracing::span::Record<'_>) {}
    fn record_follows_from(&self, _: &tracing::span::Id, _: &tracing::span::Id) {}
    fn enter(&self, _: &tracing::span::Id) {}
    fn exit(&self, _: &tracing::span::Id) {}
}

#[tokio::test]
async fn warning_names_endpoint_and_path() {
    let warnings = Warnings::default();
    let _guard = tracing::subscriber::set_default(warnings.clone());
    let data =
        r#"{"name":"a","size":"the-value","children":[{"name":"b","size":1.5},{"name":"c","size":2.5},{"tags":[]}]}"#;
    // A test of another thread that sees the same event for the first time can hide one from this subscriber.
    for _ in 0..5 {
        tracing::callsite::rebuild_interest_cache();
        call(data, false).await.unwrap();
        if !warnings.0.lock().unwrap().is_empty() {
            break;
        }
    }
    let lines = warnings.0.lock().unwrap().clone();
    let [children, sizes, size] = lines.as_slice() else {
        panic!("{lines:?}")
    };
    assert!(
        children.contains(r#"endpoint="test.v1.sample.update""#)
            && children.contains(r#"path="data.children[2].name""#),
        "{children}"
    );
    assert!(
        sizes.contains(r#"path="data.children[0].size""#) && sizes.contains("count=2"),
        "{sizes}"
    );
    assert!(
        size.contains(r#"expected="an integer" found="a string""#) && !size.contains("the-value"),
        "{size}"
    );
}

/// Any JSON, often of a kind that is close to what fits.
fn any_json() -> impl Strategy<Value = Value> {
    let scalar = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        // Beyond, a float has other digits than an integer.
        (-9_007_199_254_740_992_i64..9_007_199_254_740_992).prop_map(Value::from),
        (-1e6..1e6).prop_map(Value::from),
        "[a-z0-9.]{0,4}".prop_map(Value::from),
        Just(json!("")),
    ];
    let key = || {
        prop_oneof![
            Just("name".to_owned()),
            Just("size".to_owned()),
            Just("tags".to_owned()),
            "[a-z]{1,3}"
        ]
    };
    scalar.prop_recursive(3, 12, 4, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(key(), inner, 0..4).prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

/// The paths of all values, as JSON pointers.
fn pointers(value: &Value, at: &str, all: &mut Vec<String>) {
    all.push(at.to_owned());
    match value {
        Value::Array(values) => {
            for (index, value) in values.iter().enumerate() {
                pointers(value, &format!("{at}/{index}"), all);
            }
        }
        Value::Object(map) => {
            for (key, value) in map {
                pointers(value, &format!("{at}/{key}"), all);
            }
        }
        _ => {}
    }
}

/// A value without what means absent, and with scalars as text.
fn normal(value: &Value) -> Option<Value> {
    Some(match value {
        Value::Null => return None,
        Value::Bool(value) => value.to_string().into(),
        Value::Number(number) => match number.as_f64() {
            Some(float) if number.is_f64() && float.fract() == 0.0 => (float as i64).to_string().into(),
            _ => number.to_string().into(),
        },
        // `07` and `7`, `.5` and `0.5` are one number.
        Value::String(text) => match (text.parse::<i64>(), text.parse::<f64>()) {
            (Ok(number), _) => number.to_string().into(),
            (_, Ok(number)) => number.to_string().into(),
            _ => text.clone().into(),
        },
        Value::Array(values) => {
            let values: Vec<_> = values.iter().filter_map(normal).collect();
            return (!values.is_empty()).then(|| values.into());
        }
        Value::Object(map) => {
            let map = map
                .iter()
                .filter_map(|(key, value)| Some((key.clone(), normal(value)?)));
            let map: serde_json::Map<_, _> = map.collect();
            return (!map.is_empty()).then(|| map.into());
        }
    })
}

/// Replaces one value of a valid response, and decodes it. `required` are the pointers that every response needs.
fn check<T: DeserializeOwned + Fields + serde::Serialize>(
    valid: &Value,
    required: &[&str],
    chosen: prop::sample::Index,
    value: &Value,
) -> Result<(), TestCaseError> {
    let mut all = Vec::new();
    pointers(valid, "", &mut all);
    all.remove(0);
    let pointer = chosen.get(&all);
    let mut changed = valid.clone();
    *changed.pointer_mut(pointer).unwrap() = value.clone();
    match serde_json::from_value::<T>(changed.clone()) {
        Ok(decoded) => {
            let kept = serde_json::to_value(&decoded).unwrap();
            prop_assert_eq!(normal(&kept), normal(&changed), "at {}: {}", pointer, changed);
        }
        Err(error) => {
            let is_required = required.iter().any(|path| pointer.starts_with(path));
            prop_assert!(is_required, "at {}: {}: {}", pointer, changed, error);
        }
    }
    Ok(())
}

#[test]
fn raw_element_after_null_has_its_place() {
    let text = json!({"name": "a", "tags": [null, ["odd"], "b", null, {"odd": 1}, "c"]});
    let decoded: Sample = serde_json::from_value(text).unwrap();
    assert_eq!(decoded.tags, ["b", "c"]);
    let encoded = serde_json::to_value(&decoded).unwrap();
    assert_eq!(encoded["tags"], json!([["odd"], "b", {"odd": 1}, "c"]));
}

proptest! {
    #[test]
    fn any_value_of_a_sample_may_differ(chosen: prop::sample::Index, value in any_json()) {
        let valid = json!({
            "name": "a", "size": 1, "ratio": 0.5, "ready": true, "key": "k", "colour": "red",
            "tags": ["x", "y", "z"], "anything": {"a": [1]}, "values": [1, "b"],
            "counts": {"a": 1, "b": 2}, "new": {"x": 1},
            "children": [
                {"name": "b", "tags": ["t", "u"], "counts": {"c": 3}},
                {"name": "c", "children": [{"name": "d", "size": 4}, {"name": "e"}]},
                {"name": "f"},
            ],
            "parent": {"name": "g", "size": 2, "children": [{"name": "h", "tags": ["v", "w"]}, {"name": "i"}]},
        });
        check::<Sample>(&valid, &["/name"], chosen, &value)?;
    }

    #[test]
    fn any_value_of_a_page_may_differ(chosen: prop::sample::Index, value in any_json()) {
        let valid = json!({
            "files": [
                {"token": "a", "name": "n", "type": "docx", "parent_token": "p", "url": "u",
                 "shortcut_info": {"target_type": "docx", "target_token": "t"}, "owner_id": "o"},
                {"token": "b", "name": "m", "type": "sheet", "created_time": "1", "modified_time": "2"},
            ],
            "next_page_token": "x",
            "has_more": true,
        });
        check::<ListResponse>(&valid, &[], chosen, &value)?;
    }
}
