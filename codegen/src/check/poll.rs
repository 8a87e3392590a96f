//! Tasks: whether what `poll:` names is there, and fits.

use std::collections::HashMap;

use serde_json::Value;

use crate::finding;
use crate::model::{Api, Endpoint, Feed, FeedSource, Field, Module, Origin, Place, Poll, Response, Type, TypeKind};
use crate::read::{Reader, shown};

pub(super) fn check(reader: &mut Reader<'_>, api: &Api) {
    let known: HashMap<&str, (&Module, &Endpoint)> = api
        .endpoints()
        .map(|(module, endpoint)| (endpoint.id.as_str(), (module, endpoint)))
        .collect();
    for (module, endpoint) in api.endpoints() {
        let Some(poll) = &endpoint.poll else { continue };
        let mut report = |rule, origin: Origin, message: &str| {
            let subject = format!("{} poll: ", endpoint.id);
            reader.report_about(rule, origin, &subject, message, None);
        };
        match known.get(poll.endpoint.as_str()) {
            Some((home, target)) if home.project == module.project => {
                for (rule, origin, message) in faults(api, endpoint, poll, target) {
                    report(rule, origin, &message);
                }
            }
            Some(_) => {
                let message = format!("{} is an endpoint of another project", shown(&poll.endpoint));
                report(finding::POLL_ENDPOINT, poll.origin, &message);
            }
            None if reader.complete => {
                let subject = format!("{} poll: ", endpoint.id);
                let message = format!("there is no endpoint {}", shown(&poll.endpoint));
                let help = Some("write its entry too, or correct the id".into());
                reader.report_about(finding::POLL_ENDPOINT, poll.origin, &subject, &message, help);
            }
            None => {}
        }
    }
}

/// A rule, the place where it is broken, and how.
type Fault = (&'static str, Origin, String);

fn faults(api: &Api, endpoint: &Endpoint, poll: &Poll, target: &Endpoint) -> Vec<Fault> {
    let mut faults: Vec<Fault> = poll
        .feeds
        .iter()
        .filter_map(|feed| feed_fault(api, endpoint, target, feed))
        .map(|(origin, message)| (finding::POLL_FIELD, origin, message))
        .collect();
    let fed = |field: &Field| poll.feeds.iter().any(|feed| feed.field == field.key);
    for field in target.fields.iter().filter(|field| field.required && !fed(field)) {
        let (id, key) = (&target.id, shown(&field.key));
        let message = format!("`{id}` requires {key}, which neither `from_response:` nor `from_request:` gives");
        faults.push((finding::POLL_FIELD, poll.origin, message));
    }
    let state = state_fault(api, poll, target);
    faults.extend(state.map(|message| (finding::POLL_STATE, poll.state.origin, message)));
    faults
}

fn feed_fault(api: &Api, endpoint: &Endpoint, target: &Endpoint, feed: &Feed) -> Option<(Origin, String)> {
    let (fields, whose) = match feed.source {
        FeedSource::Response => (answer(api, endpoint), "response"),
        FeedSource::Request => (endpoint.fields.as_slice(), "request"),
    };
    let (to, from) = (find(&target.fields, &feed.field), find(fields, &feed.from));
    let message = match (to, from) {
        (None, _) => format!("`{}` has no field {}", target.id, shown(&feed.field)),
        (_, None) => format!("the {whose} has no field {}", shown(&feed.from)),
        (Some(to), _) if !matches!(to.place, Place::Path | Place::Query) => {
            let key = shown(&to.key);
            format!("{key} is in neither the path nor the query of `{}`", target.id)
        }
        (Some(to), Some(from)) if to.ty != from.ty || to.secret != from.secret => {
            format!("{} and {} have different types", shown(&to.key), shown(&from.key))
        }
        (Some(to), Some(_)) if !matches!(to.ty, Type::String | Type::Int | Type::Bool) => {
            format!("{} is no string, int or bool", shown(&to.key))
        }
        _ => return None,
    };
    Some((feed.origin, message))
}

fn state_fault(api: &Api, poll: &Poll, target: &Endpoint) -> Option<String> {
    let mut fields = answer(api, target);
    let mut ty = None;
    for key in &poll.state.path {
        let Some(field) = find(fields, key) else {
            return Some(format!("the answer of `{}` has no field {}", target.id, shown(key)));
        };
        fields = match &field.ty {
            Type::Named(id) => fields_of(&api.type_def(*id).kind),
            _ => &[],
        };
        ty = Some(&field.ty);
    }
    let ty = ty?;
    let values: Vec<&Value> = poll.state.done.iter().chain(&poll.state.failed).collect();
    if let Some(value) = values.iter().find(|value| !is_state(api, ty, value)) {
        let (state, value) = (shown(&poll.state.path.join(".")), shown(&value.to_string()));
        return Some(format!(
            "{value} is no value of {state}; a text that looks like a number is quoted"
        ));
    }
    let twice = |(index, value): &(usize, &&Value)| values[..*index].contains(value);
    let (_, value) = values.iter().enumerate().find(twice)?;
    Some(format!("the value {} is there twice", shown(&value.to_string())))
}

/// Whether a state of this type can have this value.
fn is_state(api: &Api, ty: &Type, value: &Value) -> bool {
    match (ty, value) {
        (Type::String, Value::String(_)) | (Type::Bool, Value::Bool(_)) => true,
        (Type::Int, Value::Number(number)) => number.is_i64(),
        (Type::Named(id), value) => match &api.type_def(*id).kind {
            TypeKind::StringEnum(variants) => variants.iter().any(|variant| value == variant.value.as_str()),
            TypeKind::IntEnum(variants) => variants.iter().any(|variant| *value == variant.value),
            TypeKind::Object(_) => false,
        },
        _ => false,
    }
}

fn answer<'a>(api: &'a Api, endpoint: &Endpoint) -> &'a [Field] {
    match endpoint.response {
        Response::Json { ty, .. } => fields_of(&api.type_def(ty).kind),
        Response::Empty | Response::Binary(_) => &[],
    }
}

fn fields_of(kind: &TypeKind) -> &[Field] {
    match kind {
        TypeKind::Object(fields) => fields,
        TypeKind::StringEnum(_) | TypeKind::IntEnum(_) => &[],
    }
}

fn find<'f>(fields: &'f [Field], key: &str) -> Option<&'f Field> {
    fields.iter().find(|field| field.key == key)
}
