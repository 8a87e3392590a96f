//! `poll:`: whether the endpoints and fields that it names exist and fit.

use std::collections::HashMap;

use serde_json::Value;

use crate::characters::quote;
use crate::finding;
use crate::model::{Api, Endpoint, Feed, FeedSource, Field, Module, Origin, Place, Poll, PollState, Type, TypeKind};
use crate::read::Reader;

/// Checks every `poll:` and sets [`Endpoint::tells`] of what it names.
pub(super) fn check(reader: &mut Reader<'_>, api: &mut Api) {
    faults_of_all(reader, api);
    let told = told_by_all(reader, api);
    for endpoint in api.modules.iter_mut().flat_map(|module| &mut module.endpoints) {
        endpoint.tells = told.get(&endpoint.id).cloned();
    }
}

/// How each endpoint that is polled tells the outcome; those that start its tasks have to agree.
fn told_by_all(reader: &mut Reader<'_>, api: &Api) -> HashMap<String, PollState> {
    let mut told: HashMap<String, PollState> = HashMap::new();
    let mut first: HashMap<&str, &str> = HashMap::new();
    for (_, endpoint) in api.endpoints() {
        let Some(poll) = &endpoint.poll else { continue };
        let state = told.entry(poll.endpoint.clone()).or_insert_with(|| poll.state.clone());
        let by = *first.entry(&poll.endpoint).or_insert(&endpoint.id);
        let same = PollState {
            origin: state.origin,
            ..poll.state.clone()
        };
        if *state != same {
            let subject = format!("{} poll: ", endpoint.id);
            let message = format!("`{by}` says otherwise how `{}` tells the outcome", poll.endpoint);
            let help = Some("state, done, failed and reason are the same for all tasks of one endpoint".into());
            reader.report_about(finding::POLL_STATE, poll.state.origin, &subject, &message, help);
        }
    }
    told
}

fn faults_of_all(reader: &mut Reader<'_>, api: &Api) {
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
                let message = format!("{} is an endpoint of another project", quote(&poll.endpoint));
                report(finding::POLL_ENDPOINT, poll.origin, &message);
            }
            None if reader.complete => {
                let subject = format!("{} poll: ", endpoint.id);
                let message = format!("there is no endpoint {}", quote(&poll.endpoint));
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
        let (id, key) = (&target.id, quote(&field.key));
        let message = format!("`{id}` requires {key}, which neither `from_response:` nor `from_request:` gives");
        faults.push((finding::POLL_FIELD, poll.origin, message));
    }
    let state = state_fault(api, poll, target);
    let reason = reason_fault(api, poll, target);
    let of_state = state.into_iter().chain(reason);
    faults.extend(of_state.map(|message| (finding::POLL_STATE, poll.state.origin, message)));
    faults
}

fn feed_fault(api: &Api, endpoint: &Endpoint, target: &Endpoint, feed: &Feed) -> Option<(Origin, String)> {
    let (fields, whose) = match feed.source {
        FeedSource::Response => (api.response_fields(endpoint), "response"),
        FeedSource::Request => (endpoint.fields.as_slice(), "request"),
    };
    let (to, from) = (find(&target.fields, &feed.field), find(fields, &feed.from));
    let message = match (to, from) {
        (None, _) => format!("`{}` has no field {}", target.id, quote(&feed.field)),
        (_, None) => format!("the {whose} has no field {}", quote(&feed.from)),
        (Some(to), _) if !matches!(to.place, Place::Path | Place::Query) => {
            let key = quote(&to.key);
            format!("{key} is in neither the path nor the query of `{}`", target.id)
        }
        (Some(to), Some(from)) if to.ty != from.ty || to.secret != from.secret => {
            format!("{} and {} have different types", quote(&to.key), quote(&from.key))
        }
        (Some(to), Some(_)) if !matches!(to.ty, Type::String | Type::Int | Type::Bool) => {
            format!("{} is no string, int or bool", quote(&to.key))
        }
        _ => return None,
    };
    Some((feed.origin, message))
}

/// The field of the answer at the end of these keys, which lead through objects.
fn field_at<'a>(api: &'a Api, target: &Endpoint, path: &[String]) -> Result<Option<&'a Field>, String> {
    let mut fields = api.response_fields(target);
    let mut found = None;
    for key in path {
        let field = find(fields, key);
        let field = field.ok_or_else(|| format!("the answer of `{}` has no field {}", target.id, quote(key)))?;
        fields = match &field.ty {
            Type::Named(id) => api.type_def(*id).kind.fields(),
            _ => &[],
        };
        found = Some(field);
    }
    Ok(found)
}

fn reason_fault(api: &Api, poll: &Poll, target: &Endpoint) -> Option<String> {
    match field_at(api, target, &poll.state.reason) {
        Err(message) => Some(message),
        Ok(Some(field)) if field.ty != Type::String || field.secret => {
            let reason = quote(&poll.state.reason.join("."));
            Some(format!("the reason {reason} is no string that may be shown"))
        }
        Ok(_) => None,
    }
}

fn state_fault(api: &Api, poll: &Poll, target: &Endpoint) -> Option<String> {
    let ty = match field_at(api, target, &poll.state.path) {
        Ok(field) => &field?.ty,
        Err(message) => return Some(message),
    };
    let values: Vec<&Value> = poll.state.done.iter().chain(&poll.state.failed).collect();
    if let Some(value) = values.iter().find(|value| !is_state(api, ty, value)) {
        let (state, value) = (quote(&poll.state.path.join(".")), quote(&value.to_string()));
        return Some(format!(
            "{value} is no value of {state}; a text that looks like a number is quoted"
        ));
    }
    let twice = |(index, value): &(usize, &&Value)| values[..*index].contains(value);
    let (_, value) = values.iter().enumerate().find(twice)?;
    Some(format!("the value {} is there twice", quote(&value.to_string())))
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

fn find<'f>(fields: &'f [Field], key: &str) -> Option<&'f Field> {
    fields.iter().find(|field| field.key == key)
}
