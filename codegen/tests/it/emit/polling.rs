//! `poll` of a model that no loader has checked: refused, and never wrong code.

use crate::support::{api, endpoint, field, required, type_def};
use larkspur_codegen::emit;
use larkspur_codegen::model::*;

/// A request that starts a task, polled by `target` with `from` of the response as its `id`.
fn started(target: Endpoint, from: &str) -> Api {
    let mut create = endpoint("create", "Create");
    create.response = Response::Json {
        ty: TypeId(0),
        flat: false,
    };
    create.poll = Some(Poll {
        endpoint: "demo.v1.thing.get".to_owned(),
        feeds: vec![Feed {
            field: "id".to_owned(),
            source: FeedSource::Response,
            from: from.to_owned(),
            origin: Origin::default(),
        }],
        state: PollState {
            path: vec!["state".to_owned()],
            done: vec!["done".into()],
            failed: Vec::new(),
            reason: Vec::new(),
            origin: Origin::default(),
        },
        origin: Origin::default(),
    });
    let fields = vec![field("ticket", Type::String), field("list", Type::Any)];
    let answer = type_def("CreateResponse", TypeKind::Object(fields), false, true);
    api(vec![create, target], vec![answer])
}

fn polled(fields: Vec<Field>) -> Endpoint {
    Endpoint {
        fields,
        ..endpoint("get", "Get")
    }
}

fn id() -> Field {
    Field {
        place: Place::Query,
        ..required(field("id", Type::String))
    }
}

fn refusal(api: &Api) -> String {
    emit(api).expect_err("it cannot become Rust").to_string()
}

#[test]
fn poll_uses_required_value_of_response() {
    let output = emit(&started(polled(vec![id()]), "ticket")).expect("it becomes Rust");
    let text: String = output.into_values().collect();
    assert!(text.contains("Get::new(response.ticket.clone()?)"), "{text}");
}

#[test]
fn rejects_poll_by_missing_endpoint() {
    let elsewhere = endpoint("other", "Other");
    assert!(refusal(&started(elsewhere, "ticket")).contains("no endpoint `demo.v1.thing.get`"));
}

#[test]
fn rejects_poll_without_required_field() {
    let token = Field {
        key: "token".to_owned(),
        rust: "token".to_owned(),
        ..id()
    };
    assert!(
        refusal(&started(polled(vec![id(), token]), "ticket")).contains("no source for the required field `token`")
    );
}

#[test]
fn rejects_poll_by_missing_or_composite_field() {
    assert!(refusal(&started(polled(vec![id()]), "nothing")).contains("the field `nothing` is missing"));
    assert!(refusal(&started(polled(vec![id()]), "list")).contains("`list` must be a string"));
}
