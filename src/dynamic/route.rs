//! Requests for endpoints that the spec does not have.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Mutex, PoisonError};

use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use crate::endpoint::{self, EndpointInfo, Method, ResponseKind, TokenKind};
use crate::error::{DecodeError, Error, ErrorKind, Result, Violation};
use crate::generated::catalog::ENDPOINTS;
use crate::wire::{Encode, FieldInfo, Fields, Value};
use crate::{ByteStream, Client};

/// Maximum number of routes of a process. Each is retained until its end.
const MAX_ROUTES: usize = 10_000;

/// A request for an endpoint that the spec does not have; returned by [`Client::request`].
///
/// It is sent with the client's tokens, retries and errors. A token of the first kind that the client has is sent, in the order
/// tenant, app, user, unless the client is a view such as [`Client::as_user`]. Calls other than GET are retried only if the
/// platform has not received them.
#[must_use = "a request does nothing until it is sent"]
pub struct RouteRequest {
    client: Client,
    route: Result<&'static Route, Violation>,
    /// One for each parameter of the path.
    parameters: Vec<Option<String>>,
    violations: Vec<Violation>,
}

impl Client {
    /// Creates a request for an endpoint that the spec does not have.
    ///
    /// `path` starts with a slash, usually `/open-apis/`, and has `:name` for each parameter, which [`RouteRequest::parameter`]
    /// sets. Rate limits hold per path, so ids belong into parameters. If the spec has an endpoint at this path, its token kinds,
    /// rate limits and documented failures apply.
    ///
    /// ```no_run
    /// # async fn example(client: larkspur::Client) -> larkspur::Result<()> {
    /// use larkspur::endpoint::Method;
    /// use larkspur::wire::{Value, json};
    ///
    /// let contact: Value = client
    ///     .request(Method::Post, "/open-apis/crm/v1/accounts/:id/contacts")
    ///     .parameter("id", "c-100")
    ///     .query("notify", "true")
    ///     .body(json!({ "name": "Ada" }))
    ///     .send()
    ///     .await?;
    /// println!("{}", contact["contact_id"]);
    /// # Ok(())
    /// # }
    /// ```
    pub fn request(&self, method: Method, path: impl AsRef<str>) -> RouteRequest {
        let route = find_route(method, path.as_ref());
        let count = route.as_ref().map_or(0, |route| route.fields.len());
        RouteRequest {
            client: self.clone(),
            route,
            parameters: vec![None; count],
            violations: Vec::new(),
        }
    }
}

impl RouteRequest {
    /// Sets a parameter of the path. It is encoded as one segment.
    pub fn parameter(mut self, name: impl AsRef<str>, value: impl Into<String>) -> Self {
        let name = name.as_ref();
        let Ok(route) = &self.route else { return self };
        let index = route.fields.iter().position(|field| field.key == name);
        match index.and_then(|index| self.parameters.get_mut(index)) {
            Some(parameter) => *parameter = Some(value.into()),
            None => self.violations.push(Violation::new(
                name,
                "unknown_field",
                "is not a parameter of the path",
                "add it to the path as `:name`, or use `query`",
            )),
        }
        self
    }

    /// Adds a parameter to the query.
    pub fn query(mut self, name: impl AsRef<str>, value: impl AsRef<str>) -> Self {
        self.client = self.client.extra_query(name, value);
        self
    }

    /// Sets a header, see [`Client::extra_header`].
    pub fn header(mut self, name: impl AsRef<str>, value: impl AsRef<str>) -> Self {
        self.client = self.client.extra_header(name, value);
        self
    }

    /// Sets the JSON body.
    pub fn body(mut self, body: impl Into<Value>) -> Self {
        self.client = self.client.with_body(body.into());
        self
    }

    /// Sends the request and decodes `data` of the response, or the whole response if it has no `data`.
    ///
    /// # Errors
    ///
    /// Those of [`Client::call`], and if the response does not fit `T`.
    pub async fn send<T: DeserializeOwned>(self) -> Result<T> {
        let endpoint = self.route.as_ref().ok().map(|route| &route.info);
        let text = self.send_json().await?;
        serde_json::from_str(&text).map_err(|error| {
            let kind = ErrorKind::Decode(DecodeError {
                status: 200,
                path: "data".to_owned(),
                problem: error.to_string(),
                log_id: None,
            });
            match endpoint {
                Some(endpoint) => Error::at(endpoint, kind),
                None => Error::new(kind),
            }
        })
    }

    /// Sends the request and returns the text of `data` unchanged, or of the whole response if it has no `data`.
    ///
    /// # Errors
    ///
    /// Those of [`Client::call`].
    pub async fn send_json(self) -> Result<String> {
        self.check()?;
        let text = self.client.call_json(&self).await?;
        // The response is an object, or the call would have failed.
        let entries: HashMap<String, &RawValue> = serde_json::from_str(&text).unwrap_or_default();
        let data = entries
            .get("data")
            .map(|data| data.get())
            .filter(|data| *data != "null");
        Ok(data.map_or_else(|| text.clone(), str::to_owned))
    }

    /// Sends the request and returns its response as a stream of bytes.
    ///
    /// # Errors
    ///
    /// Those of [`Client::fetch`].
    pub async fn fetch(self) -> Result<ByteStream> {
        self.check()?;
        self.client.fetch(&self).await
    }

    fn check(&self) -> Result<()> {
        let violations = match &self.route {
            Ok(_) => self.violations.clone(),
            Err(violation) => vec![violation.clone()],
        };
        if violations.is_empty() {
            return Ok(());
        }
        Err(Error::new(ErrorKind::Validation(violations)))
    }

    fn route(&self) -> &'static Route {
        match &self.route {
            Ok(route) => route,
            Err(_) => &INVALID,
        }
    }
}

impl Fields for RouteRequest {
    fn fields(&self) -> &'static [FieldInfo] {
        self.route().fields
    }

    fn value(&self, index: usize) -> Option<&dyn Encode> {
        self.parameters.get(index).map(|value| value as &dyn Encode)
    }
}

impl endpoint::Request for RouteRequest {
    fn endpoint(&self) -> &'static EndpointInfo {
        &self.route().info
    }
}

/// Without values, which may be secret.
impl fmt::Debug for RouteRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let info = &self.route().info;
        f.debug_struct("RouteRequest")
            .field("method", &info.method.as_str())
            .field("path", &info.path)
            .finish_non_exhaustive()
    }
}

/// An endpoint at a path with parameters.
struct Route {
    info: EndpointInfo,
    /// The parameters of the path.
    fields: &'static [FieldInfo],
}

/// The route of a request whose path is invalid, which is not sent.
static INVALID: Route = Route {
    info: EndpointInfo::new("request", Method::Get, "/"),
    fields: &[],
};

/// Returns the route, which is created once.
fn find_route(method: Method, path: &str) -> Result<&'static Route, Violation> {
    static ROUTES: Mutex<Option<HashMap<(Method, &'static str), &'static Route>>> = Mutex::new(None);
    check_path(path)?;
    let mut routes = ROUTES.lock().unwrap_or_else(PoisonError::into_inner);
    let routes = routes.get_or_insert_default();
    if let Some(route) = routes.get(&(method, path)) {
        return Ok(route);
    }
    if routes.len() >= MAX_ROUTES {
        return Err(invalid_path(
            path,
            format!("is one of more than {MAX_ROUTES} paths in this process"),
            "put ids into parameters: `/open-apis/crm/v1/accounts/:id`",
        ));
    }
    let path: &'static str = path.to_owned().leak();
    let route: &'static Route = Box::leak(Box::new(Route::new(method, path)));
    routes.insert((method, path), route);
    Ok(route)
}

impl Route {
    fn new(method: Method, path: &'static str) -> Self {
        let fields: Vec<_> = path
            .split('/')
            .filter_map(|segment| segment.strip_prefix(':'))
            .collect();
        let fields: Vec<_> = fields.into_iter().map(FieldInfo::path).collect();
        let known = ENDPOINTS
            .iter()
            .find(|endpoint| endpoint.method == method && is_same_route(endpoint.path, path));
        let info = match known {
            Some(known) => EndpointInfo {
                path,
                body: endpoint::BodyKind::None,
                idempotency: None,
                response: ResponseKind::Json { flat: true },
                ..**known
            },
            None => EndpointInfo::new(format!("{} {path}", method.as_str()).leak(), method, path)
                .tokens(&[TokenKind::Tenant, TokenKind::App, TokenKind::User])
                .response(ResponseKind::Json { flat: true }),
        };
        Self {
            info,
            fields: fields.leak(),
        }
    }
}

/// Returns whether two paths lead to the same endpoint, whatever the names of their parameters.
fn is_same_route(known: &str, path: &str) -> bool {
    let mut segments = known.split('/').zip(path.split('/'));
    known.split('/').count() == path.split('/').count()
        && segments.all(|(known, given)| known == given || (known.starts_with(':') && !given.is_empty()))
}

fn check_path(path: &str) -> Result<(), Violation> {
    let refuse = |problem: &str, hint| Err(invalid_path(path, problem, hint));
    if !path.starts_with('/') {
        return refuse(
            "does not start with a slash",
            "use the path without the host: `/open-apis/...`",
        );
    }
    if path.contains(['?', '#']) {
        return refuse(
            "contains a query or a fragment",
            "use `query` for the parameters of the query",
        );
    }
    let is_valid = |c: char| c.is_ascii_graphic() && !matches!(c, '\\' | '"' | '<' | '>' | '`' | '{' | '}');
    if !path.chars().all(is_valid) {
        return refuse(
            "contains a character that is not valid in a path",
            "put the value into a parameter, which is encoded",
        );
    }
    let segments = path.strip_suffix('/').unwrap_or(path).split('/').skip(1);
    if segments
        .into_iter()
        .any(|segment| matches!(segment, "" | "." | ".." | ":"))
    {
        return refuse(
            "has an empty or relative segment",
            "write the path as the platform documents it",
        );
    }
    Ok(())
}

fn invalid_path(path: &str, problem: impl Into<String>, hint: &'static str) -> Violation {
    Violation::new("path", "path", problem, hint).with_value(Some(path.to_owned()))
}
