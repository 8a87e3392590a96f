//! The HTTP server: accepts connections on loopback and handles requests.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::body::Incoming;
use hyper::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_REQUEST_HEADERS, HeaderMap, HeaderName, HeaderValue,
};
use hyper::http::request::Parts;
use hyper::service::service_fn;
use hyper::{Method, Request, StatusCode};
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use hyper_util::server::graceful::GracefulShutdown;
use larkspur_codegen::model::Response;
use serde_json::{Map, Value};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinSet;

use crate::call::{Call, parse_query};
use crate::file::create_links;
use crate::mock::{State, lock};
use crate::record::{Recorded, record_headers};
use crate::response::{Envelope, ErrorResponse, HttpResponse, success_response, text_response};
use crate::stub::{Failure, StubContent};
use crate::synthesize::{Synthesizer, apply_page};
use crate::validate::{Payload, validate_call};
use crate::{auth_endpoint, control};

/// Time that in-flight calls have to finish at shutdown.
const SHUTDOWN_GRACE: Duration = Duration::from_secs(5);

/// Maximum size of a request body in bytes.
const MAX_BODY_BYTES: usize = 256 * 1024 * 1024;

const LOG_ID: HeaderName = HeaderName::from_static("x-tt-logid");

/// Serves until `stop` is sent or dropped, then waits for in-flight calls.
pub(crate) async fn serve(listener: TcpListener, state: Arc<State>, stop: oneshot::Receiver<()>) {
    let graceful = GracefulShutdown::new();
    let builder = auto::Builder::new(TokioExecutor::new());
    let mut connections = JoinSet::new();
    tokio::pin!(stop);
    loop {
        let stream = tokio::select! {
            // Frees the tasks of closed connections.
            Some(_) = connections.join_next() => continue,
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => stream,
                // Transient: the peer reset the connection, or no file descriptor is free.
                Err(_) => {
                    tokio::time::sleep(Duration::from_millis(10)).await;
                    continue;
                }
            },
            _ = &mut stop => break,
        };
        let state = Arc::clone(&state);
        let service = service_fn(move |request| {
            let state = Arc::clone(&state);
            async move { Ok::<_, Infallible>(handle_request(state, request).await) }
        });
        let connection = builder.serve_connection(TokioIo::new(stream), service).into_owned();
        // The client sees connection errors itself.
        connections.spawn(graceful.watch(connection));
    }
    drop(listener);
    // Dropping the set of connections aborts those that outlive the grace period.
    let _ = tokio::time::timeout(SHUTDOWN_GRACE, graceful.shutdown()).await;
}

async fn handle_request(state: Arc<State>, request: Request<Incoming>) -> HttpResponse {
    let log_id = state.next_log_id();
    let (parts, body) = request.into_parts();
    let mut response = match Limited::new(body, MAX_BODY_BYTES).collect().await {
        Err(error) => body_error_response(&*error),
        Ok(body) if control::is_control_path(parts.uri.path()) => {
            control::handle_control_request(&state, &parts, body.to_bytes())
        }
        Ok(_) if parts.method == Method::OPTIONS => allow_origins(preflight_response(&state, &parts)),
        Ok(body) => allow_origins(handle_platform_request(&state, &parts, body.to_bytes(), &log_id).await),
    };
    if let Ok(log_id) = HeaderValue::from_str(&log_id) {
        response.headers_mut().insert(LOG_ID, log_id);
    }
    response
}

/// Headers that a page of another origin may read.
const EXPOSED_HEADERS: &str =
    "content-disposition, content-range, x-ogw-ratelimit-limit, x-ogw-ratelimit-reset, x-tt-logid";

/// Lets pages of any origin read a response, such as a viewer of the OpenAPI document. The control endpoints are not for them.
fn allow_origins(mut response: HttpResponse) -> HttpResponse {
    let headers = response.headers_mut();
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static(EXPOSED_HEADERS));
    response
}

/// Builds the response to the question of a browser whether a page may send a request.
fn preflight_response(state: &State, parts: &Parts) -> HttpResponse {
    if !state.routes.has_path(parts.uri.path()) {
        return text_response(StatusCode::NOT_FOUND, "404 page not found");
    }
    let mut response = HttpResponse::default();
    *response.status_mut() = StatusCode::NO_CONTENT;
    let headers = response.headers_mut();
    headers.insert(
        ACCESS_CONTROL_ALLOW_METHODS,
        HeaderValue::from_static("GET, POST, PUT, PATCH, DELETE"),
    );
    let requested = parts.headers.get(ACCESS_CONTROL_REQUEST_HEADERS).cloned();
    headers.extend(requested.map(|requested| (ACCESS_CONTROL_ALLOW_HEADERS, requested)));
    response
}

/// Builds the response for a body that is too large, truncated or malformed.
fn body_error_response(error: &(dyn std::error::Error + Send + Sync + 'static)) -> HttpResponse {
    if error.is::<LengthLimitError>() {
        return text_response(StatusCode::PAYLOAD_TOO_LARGE, "413 body larger than 256 MB");
    }
    text_response(StatusCode::BAD_REQUEST, &format!("400 body unreadable: {error}"))
}

/// Routes, serves and records a request to the platform.
async fn handle_platform_request(state: &State, parts: &Parts, body: Bytes, log_id: &str) -> HttpResponse {
    let route = state.routes.select(&state.api, parts, &body);
    let route = route.and_then(|route| Some((route.endpoint.resolve(&state.api)?, route.parameters)));
    let query = parse_query(parts.uri.query());
    let mut recorded = Recorded {
        method: parts.method.to_string(),
        path: parts.uri.path().to_owned(),
        query: query.clone(),
        headers: record_headers(&parts.headers),
        endpoint: route.as_ref().map(|(endpoint, _)| endpoint.id.clone()),
        body: body.clone(),
        status: 0,
        at: state.clock.now(),
    };
    let response = match route {
        None => text_response(StatusCode::NOT_FOUND, "404 page not found"),
        Some((endpoint, path)) => {
            let headers = &parts.headers;
            let call = Call {
                endpoint,
                path,
                query,
                headers,
                body: &body,
            };
            serve_call(state, &call)
                .await
                .unwrap_or_else(|error| error.to_http(endpoint, log_id))
        }
    };
    recorded.status = response.status().as_u16();
    lock(&state.requests).push(recorded);
    response
}

/// Checks a call in the order of the platform, gateway before endpoint, and responds to it.
async fn serve_call(state: &State, call: &Call<'_>) -> Result<HttpResponse, ErrorResponse> {
    if let Some(response) = injected_failure(state, call)? {
        return Ok(response);
    }
    let now = state.clock.now();
    let caller = lock(&state.tokens).authorize(call.endpoint, call.headers, now)?;
    if state.rate_limited {
        lock(&state.limiter).take(call.endpoint, caller, now)?;
    }
    let payload = validate_call(&state.api, call).await?;
    let stub = lock(&state.stub_responses).find(call, &payload.body);
    match stub {
        Some(StubContent::Failure(failure)) => Err(failure.to_response(call.endpoint)),
        Some(StubContent::Data(data)) => Ok(stub_response(state, call, &payload.body, data)),
        None => respond(state, call, &payload),
    }
}

/// Returns the failure that a test has set, if any.
fn injected_failure(state: &State, call: &Call<'_>) -> Result<Option<HttpResponse>, ErrorResponse> {
    if let Some(text) = header_text(call.headers, control::ERROR_HEADER) {
        return match Failure::parse(text) {
            Some(failure) => Err(failure.to_response(call.endpoint)),
            None => Ok(Some(text_response(StatusCode::BAD_REQUEST, control::ERROR_HEADER_HELP))),
        };
    }
    match lock(&state.failures).next(&call.endpoint.id) {
        Some(failure) => Err(failure.to_response(call.endpoint)),
        None => Ok(None),
    }
}

/// Responds to a valid call without a stub. Endpoints whose behaviour their types do not describe are listed by id.
fn respond(state: &State, call: &Call<'_>, payload: &Payload) -> Result<HttpResponse, ErrorResponse> {
    let body = &payload.body;
    match call.endpoint.id.as_str() {
        "auth.v3.app_access_token.create" => auth_endpoint::create_app_token(state, body),
        "auth.v3.app_access_token.internal" => auth_endpoint::create_internal_app_token(state, body),
        "auth.v3.app_ticket.resend" => auth_endpoint::resend_app_ticket(state, body),
        "auth.v3.tenant_access_token.create" => auth_endpoint::create_tenant_token(state, body),
        "auth.v3.tenant_access_token.internal" => auth_endpoint::create_internal_tenant_token(state, body),
        "authen.v2.oauth.token" => auth_endpoint::create_user_token(state, call, body),
        "drive.v1.media.batch_get_tmp_download_url" => {
            create_links(&state.links, call, &state.base_url, state.clock.now())
        }
        _ => synthesized_response(state, call, payload),
    }
}

/// Responds with values synthesized from the types of the spec.
fn synthesized_response(state: &State, call: &Call<'_>, payload: &Payload) -> Result<HttpResponse, ErrorResponse> {
    let endpoint = call.endpoint;
    match &endpoint.response {
        Response::Empty => {
            let mut data = Map::new();
            receive_files(state, call, payload, &mut data)?;
            Ok(success_response(data, Envelope::Nested))
        }
        Response::Json { ty, flat } => {
            let mut data = Synthesizer::new(&state.api).object(*ty);
            if let Some(pagination) = &endpoint.pagination {
                apply_page(&state.api, call, pagination, &payload.body, (*ty, &mut data))?;
            }
            receive_files(state, call, payload, &mut data)?;
            update_tasks(state, call, &payload.body, false, &mut data);
            Ok(success_response(data, Envelope::new(*flat, endpoint.oauth)))
        }
        Response::Binary(binary) => {
            let file = state.file(&endpoint.id, call.file_token());
            file.respond(endpoint, binary, call.headers)
        }
    }
}

fn stub_response(
    state: &State,
    call: &Call<'_>,
    body: &Map<String, Value>,
    mut data: Map<String, Value>,
) -> HttpResponse {
    let envelope = match &call.endpoint.response {
        Response::Json { flat, .. } => Envelope::new(*flat, call.endpoint.oauth),
        Response::Empty | Response::Binary(_) => Envelope::Nested,
    };
    update_tasks(state, call, body, true, &mut data);
    success_response(data, envelope)
}

/// Writes the state of the requested task into a response, and starts a task if the call does.
fn update_tasks(
    state: &State,
    call: &Call<'_>,
    body: &Map<String, Value>,
    is_stub: bool,
    data: &mut Map<String, Value>,
) {
    let mut tasks = lock(&state.tasks);
    tasks.write_state(&state.api, call, is_stub, data);
    tasks.start(call, body, data);
}

/// Stores files that the call carries, or whose upload it finishes.
fn receive_files(
    state: &State,
    call: &Call<'_>,
    payload: &Payload,
    data: &mut Map<String, Value>,
) -> Result<(), ErrorResponse> {
    let stored = lock(&state.uploads).receive(call, payload, data, state.clock.now())?;
    if let Some((token, file)) = stored {
        lock(&state.files).insert(token, file);
    }
    Ok(())
}

fn header_text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}
