//! One request, from its arrival to its answer.

use std::sync::Arc;

use bytes::Bytes;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::body::Incoming;
use hyper::header::{HeaderMap, HeaderName, HeaderValue};
use hyper::http::request::Parts;
use hyper::{Request, StatusCode};
use larkspur_codegen::model::Response;
use serde_json::{Map, Value};

use crate::answer::{self, Answer, Form};
use crate::behaviour;
use crate::call::Call;
use crate::control;
use crate::failure::Failure;
use crate::page;
use crate::query;
use crate::record::{self, Recorded};
use crate::refusal::Refusal;
use crate::reply::Content;
use crate::state::State;
use crate::sync::lock;
use crate::synthesize::Synthesizer;
use crate::validate::{self, Taken};

/// The largest body that is taken.
const BODY: usize = 256 * 1024 * 1024;

const LOG_ID: HeaderName = HeaderName::from_static("x-tt-logid");

/// Answers a request, and records it unless it is for the mock itself.
pub(crate) async fn handle(state: Arc<State>, request: Request<Incoming>) -> Answer {
    let log_id = state.log_id();
    let (parts, body) = request.into_parts();
    let mut answer = match Limited::new(body, BODY).collect().await {
        Err(error) => unreadable(&*error),
        Ok(body) if control::is_for_the_mock(parts.uri.path()) => control::answer(&state, &parts, body.to_bytes()),
        Ok(body) => platform(&state, &parts, body.to_bytes(), &log_id).await,
    };
    if let Ok(log_id) = HeaderValue::from_str(&log_id) {
        answer.headers_mut().insert(LOG_ID, log_id);
    }
    answer
}

/// The answer to a body that is too large, or that broke off or was framed wrongly.
fn unreadable(error: &(dyn std::error::Error + Send + Sync + 'static)) -> Answer {
    if error.is::<LengthLimitError>() {
        return answer::text(StatusCode::PAYLOAD_TOO_LARGE, "413 body larger than 256 MB");
    }
    answer::text(StatusCode::BAD_REQUEST, &format!("400 body unreadable: {error}"))
}

/// Answers as the platform would.
async fn platform(state: &State, parts: &Parts, body: Bytes, log_id: &str) -> Answer {
    let found = state.routes.find(&parts.method, parts.uri.path());
    let found = found.and_then(|found| Some((found.endpoint.of(&state.api)?, found.parameters)));
    let query = query::parse(parts.uri.query());
    let mut recorded = Recorded {
        method: parts.method.to_string(),
        path: parts.uri.path().to_owned(),
        query: query.clone(),
        headers: record::headers(&parts.headers),
        endpoint: found.as_ref().map(|(endpoint, _)| endpoint.id.clone()),
        body: body.clone(),
        status: 0,
        at: state.clock.now(),
    };
    let answer = match found {
        None => answer::text(StatusCode::NOT_FOUND, "404 page not found"),
        Some((endpoint, path)) => {
            let headers = &parts.headers;
            let call = Call {
                endpoint,
                path,
                query,
                headers,
                body: &body,
            };
            serve(state, &call)
                .await
                .unwrap_or_else(|refusal| refusal.answer(endpoint, log_id))
        }
    };
    recorded.status = answer.status().as_u16();
    lock(&state.requests).push(recorded);
    answer
}

/// The checks in the order of the platform: first its gateway's, then the endpoint's own.
async fn serve(state: &State, call: &Call<'_>) -> Result<Answer, Refusal> {
    if let Some(answer) = wanted_failure(state, call)? {
        return Ok(answer);
    }
    let now = state.clock.now();
    let caller = lock(&state.tokens).check(call.endpoint, call.headers, now)?;
    if state.limited {
        lock(&state.limiter).take(call.endpoint, caller, now)?;
    }
    let taken = validate::check(&state.api, call).await?;
    let wanted = lock(&state.replies).find(call, &taken.body);
    match (wanted, behaviour::of(&call.endpoint.id)) {
        (Some(Content::Failure(failure)), _) => Err(failure.refusal(call.endpoint)),
        (Some(Content::Data(data)), _) => Ok(given(state, call, &taken.body, data)),
        (None, Some(behaviour)) => behaviour(state, call, &taken.body),
        (None, None) => usual(state, call, &taken),
    }
}

/// The failure that a test asked for, if it did.
fn wanted_failure(state: &State, call: &Call<'_>) -> Result<Option<Answer>, Refusal> {
    if let Some(text) = header(call.headers, control::ERROR_HEADER) {
        return match Failure::parse(text) {
            Some(failure) => Err(failure.refusal(call.endpoint)),
            None => Ok(Some(answer::text(StatusCode::BAD_REQUEST, control::ERROR_HELP))),
        };
    }
    match lock(&state.failures).next(&call.endpoint.id) {
        Some(failure) => Err(failure.refusal(call.endpoint)),
        None => Ok(None),
    }
}

/// What an endpoint answers that does nothing out of the ordinary.
fn usual(state: &State, call: &Call<'_>, taken: &Taken) -> Result<Answer, Refusal> {
    let endpoint = call.endpoint;
    match &endpoint.response {
        Response::Empty => {
            let mut data = Map::new();
            keep(state, call, taken, &mut data)?;
            Ok(answer::success(data, Form::Usual))
        }
        Response::Json { ty, flat } => {
            let mut data = Synthesizer::new(&state.api).object(*ty);
            if let Some(paging) = &endpoint.pagination {
                page::turn(state, call, paging, &taken.body, (*ty, &mut data))?;
            }
            keep(state, call, taken, &mut data)?;
            tell(state, call, &taken.body, false, &mut data);
            Ok(answer::success(data, Form::of(*flat, endpoint.oauth)))
        }
        Response::Binary(binary) => {
            let file = state.file(&endpoint.id, call.file_token());
            file.answer(endpoint, binary, call.headers)
        }
    }
}

/// What an endpoint answers with a content of a test's own.
fn given(state: &State, call: &Call<'_>, body: &Map<String, Value>, mut data: Map<String, Value>) -> Answer {
    let form = match &call.endpoint.response {
        Response::Json { flat, .. } => Form::of(*flat, call.endpoint.oauth),
        Response::Empty | Response::Binary(_) => Form::Usual,
    };
    tell(state, call, body, true, &mut data);
    answer::success(data, form)
}

/// Writes into an answer what is to be said of tasks: how far one is, or that one begins.
fn tell(state: &State, call: &Call<'_>, body: &Map<String, Value>, own: bool, answer: &mut Map<String, Value>) {
    let mut progress = lock(&state.progress);
    progress.tell(&state.api, call, own, answer);
    progress.start(call, body, answer);
}

/// Takes files that came with the call, and those of which it is the end.
fn keep(state: &State, call: &Call<'_>, taken: &Taken, data: &mut Map<String, Value>) -> Result<(), Refusal> {
    let kept = lock(&state.uploads).take(call, taken, data, state.clock.now())?;
    if let Some((token, file)) = kept {
        lock(&state.files).insert(token, file);
    }
    Ok(())
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}
