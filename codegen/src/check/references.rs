//! Checks that the endpoints and fields named by `poll:` and `upload:` exist and have compatible types.

use std::collections::HashMap;

use serde_json::Value;

use crate::characters::quote;
use crate::finding;
use crate::model::{
    Api, Body, Endpoint, Feed, FeedSource, Field, Module, Origin, Place, Poll, PollState, Step, Type, TypeKind, Upload,
};
use crate::read::Reader;

/// Checks every `poll:` and sets [`Endpoint::task_state`] of the endpoints that it polls.
pub(super) fn check_polling(reader: &mut Reader<'_>, api: &mut Api) {
    check_polls(reader, api);
    let states = collect_states(reader, api);
    for endpoint in api.modules.iter_mut().flat_map(|module| &mut module.endpoints) {
        endpoint.task_state = states.get(&endpoint.id).cloned();
    }
}

/// Returns the declared state of each polled endpoint; all entries that poll it must declare the same.
fn collect_states(reader: &mut Reader<'_>, api: &Api) -> HashMap<String, PollState> {
    let mut states: HashMap<String, PollState> = HashMap::new();
    let mut first: HashMap<&str, &str> = HashMap::new();
    for (_, endpoint) in api.endpoints() {
        let Some(poll) = &endpoint.poll else { continue };
        let state = states
            .entry(poll.endpoint.clone())
            .or_insert_with(|| poll.state.clone());
        let by = *first.entry(&poll.endpoint).or_insert(&endpoint.id);
        let same = PollState {
            origin: state.origin,
            ..poll.state.clone()
        };
        if *state != same {
            let subject = format!("{} poll: ", endpoint.id);
            let message = format!("`{by}` declares a different state for `{}`", poll.endpoint);
            let help =
                Some("state, done, failed and reason must be equal in all entries that poll the same endpoint".into());
            reader.report_about(finding::POLL_STATE, poll.state.origin, &subject, &message, help);
        }
    }
    states
}

fn check_polls(reader: &mut Reader<'_>, api: &Api) {
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
                for (rule, origin, message) in find_poll_violations(api, endpoint, poll, target) {
                    report(rule, origin, &message);
                }
            }
            Some(_) => {
                let message = format!("{} is in another project", quote(&poll.endpoint));
                report(finding::POLL_ENDPOINT, poll.origin, &message);
            }
            None if reader.complete => {
                let subject = format!("{} poll: ", endpoint.id);
                let message = format!("unknown endpoint {}", quote(&poll.endpoint));
                let help = Some("add its entry or correct the id".into());
                reader.report_about(finding::POLL_ENDPOINT, poll.origin, &subject, &message, help);
            }
            None => {}
        }
    }
}

/// The rule, position and message of a violation.
type PollViolation = (&'static str, Origin, String);

fn find_poll_violations(api: &Api, endpoint: &Endpoint, poll: &Poll, target: &Endpoint) -> Vec<PollViolation> {
    let mut violations: Vec<PollViolation> = poll
        .feeds
        .iter()
        .filter_map(|feed| find_feed_error(api, endpoint, target, feed))
        .map(|(origin, message)| (finding::POLL_FIELD, origin, message))
        .collect();
    let fed = |field: &Field| poll.feeds.iter().any(|feed| feed.field == field.key);
    for field in target.fields.iter().filter(|field| field.required && !fed(field)) {
        let (id, key) = (&target.id, quote(&field.key));
        let message = format!("`{id}` requires {key}, which neither `from_response:` nor `from_request:` sets");
        violations.push((finding::POLL_FIELD, poll.origin, message));
    }
    let state = find_state_error(api, poll, target);
    let reason = find_reason_error(api, poll, target);
    let of_state = state.into_iter().chain(reason);
    violations.extend(of_state.map(|message| (finding::POLL_STATE, poll.state.origin, message)));
    violations
}

fn find_feed_error(api: &Api, endpoint: &Endpoint, target: &Endpoint, feed: &Feed) -> Option<(Origin, String)> {
    let (fields, whose) = match feed.source {
        FeedSource::Response => (api.response_fields(endpoint), "response"),
        FeedSource::Request => (endpoint.fields.as_slice(), "request"),
    };
    let (to, from) = (find_field(&target.fields, &feed.field), find_field(fields, &feed.from));
    let message = match (to, from) {
        (None, _) => format!("`{}` has no field {}", target.id, quote(&feed.field)),
        (_, None) => format!("the {whose} has no field {}", quote(&feed.from)),
        (Some(to), _) if !matches!(to.place, Place::Path | Place::Query) => {
            let key = quote(&to.key);
            format!("{key} is neither a path nor a query parameter of `{}`", target.id)
        }
        (Some(to), Some(from)) if to.ty != from.ty || to.secret != from.secret => {
            format!("{} and {} have different types", quote(&to.key), quote(&from.key))
        }
        (Some(to), Some(_)) if !matches!(to.ty, Type::String | Type::Int | Type::Bool) => {
            format!("{} is not a string, int or bool", quote(&to.key))
        }
        _ => return None,
    };
    Some((feed.origin, message))
}

/// Returns the field of the response at the end of a path of keys through objects.
fn resolve_field<'a>(api: &'a Api, target: &Endpoint, path: &[String]) -> Result<Option<&'a Field>, String> {
    let mut fields = api.response_fields(target);
    let mut found = None;
    for key in path {
        let field = find_field(fields, key);
        let field = field.ok_or_else(|| format!("the response of `{}` has no field {}", target.id, quote(key)))?;
        fields = match &field.ty {
            Type::Named(id) => api.type_def(*id).kind.fields(),
            _ => &[],
        };
        found = Some(field);
    }
    Ok(found)
}

fn find_reason_error(api: &Api, poll: &Poll, target: &Endpoint) -> Option<String> {
    match resolve_field(api, target, &poll.state.reason) {
        Err(message) => Some(message),
        Ok(Some(field)) if field.ty != Type::String || field.secret => {
            let reason = quote(&poll.state.reason.join("."));
            Some(format!("the reason {reason} must be a string that is not secret"))
        }
        Ok(_) => None,
    }
}

fn find_state_error(api: &Api, poll: &Poll, target: &Endpoint) -> Option<String> {
    let ty = match resolve_field(api, target, &poll.state.path) {
        Ok(field) => &field?.ty,
        Err(message) => return Some(message),
    };
    let values: Vec<&Value> = poll.state.done.iter().chain(&poll.state.failed).collect();
    if let Some(value) = values.iter().find(|value| !is_state_value(api, ty, value)) {
        let (state, value) = (quote(&poll.state.path.join(".")), quote(&value.to_string()));
        return Some(format!(
            "{value} is not a value of {state}: quote a string that looks like a number"
        ));
    }
    let duplicate = |(index, value): &(usize, &&Value)| values[..*index].contains(value);
    let (_, value) = values.iter().enumerate().find(duplicate)?;
    Some(format!("duplicate value {}", quote(&value.to_string())))
}

/// Returns whether a value belongs to the type of a state.
fn is_state_value(api: &Api, ty: &Type, value: &Value) -> bool {
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

fn find_field<'f>(fields: &'f [Field], key: &str) -> Option<&'f Field> {
    fields.iter().find(|field| field.key == key)
}

pub(super) fn check_uploads(reader: &mut Reader<'_>, api: &Api) {
    for (module, endpoint) in api.endpoints() {
        let Some(upload) = &endpoint.upload else { continue };
        let steps = upload
            .steps()
            .map(|(key, step)| resolve_step(reader, api, module, endpoint, key, step));
        let [Some(prepare), Some(part), Some(finish)] = steps else {
            continue;
        };
        let resolved = ResolvedUpload {
            api,
            endpoint,
            upload,
            prepare,
            part,
            finish,
        };
        for (origin, message) in resolved.find_violations() {
            let subject = format!("{} upload: ", endpoint.id);
            reader.report_about(finding::UPLOAD_FIELD, origin, &subject, &message, None);
        }
    }
}

/// Returns the endpoint of a step; reports one that is missing or in another project.
fn resolve_step<'a>(
    reader: &mut Reader<'_>,
    api: &'a Api,
    module: &Module,
    endpoint: &Endpoint,
    key: &str,
    step: &Step,
) -> Option<&'a Endpoint> {
    let target = api.endpoints().find(|(_, target)| target.id == step.endpoint);
    let (message, help) = match target {
        Some((home, target)) if home.project == module.project => return Some(target),
        Some(_) => (format!("{} is in another project", quote(&step.endpoint)), None),
        // It may be defined in a file that was not parsed.
        None if !reader.complete => return None,
        None => (
            format!("unknown endpoint {}", quote(&step.endpoint)),
            Some("add its entry or correct the id".into()),
        ),
    };
    let subject = format!("{} upload.{key}: ", endpoint.id);
    reader.report_about(finding::UPLOAD_ENDPOINT, step.origin, &subject, &message, help);
    None
}

/// An upload with its resolved endpoints.
struct ResolvedUpload<'a> {
    api: &'a Api,
    endpoint: &'a Endpoint,
    upload: &'a Upload,
    prepare: &'a Endpoint,
    part: &'a Endpoint,
    finish: &'a Endpoint,
}

/// The position and message of a violation.
type UploadViolation = (Origin, String);

impl ResolvedUpload<'_> {
    fn find_violations(&self) -> Vec<UploadViolation> {
        let mut violations = Vec::new();
        self.check_prepare(&mut violations);
        self.check_part(&mut violations);
        self.check_finish(&mut violations);
        self.check_codes(&mut violations);
        violations
    }

    /// Its required fields must be fields of the single-call request.
    fn check_prepare(&self, violations: &mut Vec<UploadViolation>) {
        let given: Vec<&Field> = self.endpoint.fields.iter().collect();
        let source = "the single-call request";
        self.check_required_fields(&self.upload.prepare, self.prepare, &given, source, violations);
        let fields = self.api.response_fields(self.prepare);
        for (key, name) in [
            ("block_size", &self.upload.block_size),
            ("block_count", &self.upload.block_count),
        ] {
            if !fields.iter().any(|field| field.key == *name && field.ty == Type::Int) {
                let id = &self.prepare.id;
                let message = format!("the response of `{id}` has no int {} for `{key}`", quote(name));
                violations.push((self.upload.prepare.origin, message));
            }
        }
    }

    /// Its required fields must be in the response of `prepare` or describe the part.
    fn check_part(&self, violations: &mut Vec<UploadViolation>) {
        let (step, part) = (&self.upload.part, self.part);
        let files = part.fields.iter().filter(|field| field.ty == Type::File).count();
        if part.body != Body::Multipart || files != 1 {
            let message = format!("`{}` takes {files} files: expected exactly one", part.id);
            violations.push((step.origin, message));
        }
        let number = |field: &&Field| field.key == self.upload.number && field.ty == Type::Int;
        let number = part.fields.iter().find(number);
        if number.is_none() {
            let message = format!("`{}` has no int {} for `number`", part.id, quote(&self.upload.number));
            violations.push((step.origin, message));
        }
        let own = part
            .fields
            .iter()
            .filter(|field| field.of_file.is_some() || field.ty == Type::File);
        let given: Vec<&Field> = self
            .api
            .response_fields(self.prepare)
            .iter()
            .chain(own)
            .chain(number)
            .collect();
        self.check_required_fields(
            step,
            part,
            &given,
            "the response of `prepare` or the part (`of_file`)",
            violations,
        );
    }

    /// Its required fields must be in the response of `prepare`, and its response must contain that of the single-call endpoint.
    fn check_finish(&self, violations: &mut Vec<UploadViolation>) {
        let (step, finish) = (&self.upload.finish, self.finish);
        let given: Vec<&Field> = self.api.response_fields(self.prepare).iter().collect();
        self.check_required_fields(step, finish, &given, "the response of `prepare`", violations);
        let returned = self.api.response_fields(finish);
        for field in self.api.response_fields(self.endpoint) {
            if !returned.iter().any(|other| self.is_compatible(other, field)) {
                let (id, whole, key) = (&finish.id, &self.endpoint.id, quote(&field.key));
                let message = format!("the response of `{id}` does not have the field {key} of `{whole}`");
                violations.push((step.origin, message));
            }
        }
    }

    fn check_codes(&self, violations: &mut Vec<UploadViolation>) {
        let documents = |endpoint: &Endpoint, code| endpoint.errors.iter().any(|error| error.code == Some(code));
        for code in self.upload.restart.iter().copied() {
            if !documents(self.part, code) && !documents(self.finish, code) {
                let (part, finish) = (&self.part.id, &self.finish.id);
                let message = format!("neither `{part}` nor `{finish}` documents the code {code} in `restart`");
                violations.push((self.upload.origin, message));
            }
        }
    }

    fn check_required_fields(
        &self,
        step: &Step,
        target: &Endpoint,
        given: &[&Field],
        source: &str,
        violations: &mut Vec<UploadViolation>,
    ) {
        for field in target.fields.iter().filter(|field| field.required) {
            if field.place != Place::Body && field.place != Place::Query {
                let message = format!(
                    "`{}` requires {}, which is neither in the query nor in the body",
                    target.id,
                    quote(&field.key)
                );
                violations.push((step.origin, message));
            } else if !given.iter().any(|other| self.is_compatible(other, field)) {
                let (id, key) = (&target.id, quote(&field.key));
                let message = format!("`{id}` requires {key}, but no field of that name and type is in {source}");
                violations.push((step.origin, message));
            }
        }
    }

    /// Returns whether two fields have the same key and wire type.
    fn is_compatible(&self, one: &Field, other: &Field) -> bool {
        one.key == other.key && self.wire_type(&one.ty) == self.wire_type(&other.ty)
    }

    fn wire_type(&self, ty: &Type) -> Type {
        match ty {
            Type::Named(id) => match &self.api.type_def(*id).kind {
                TypeKind::StringEnum(_) => Type::String,
                TypeKind::IntEnum(_) => Type::Int,
                TypeKind::Object(_) => ty.clone(),
            },
            other => other.clone(),
        }
    }
}
