//! The endpoints that issue access tokens, refresh tokens and app tickets.

use std::collections::HashSet;
use std::time::Duration;

use larkspur_codegen::model::{AppKind, TokenKind};
use serde_json::{Map, Value};

use crate::call::Call;
use crate::error_code::{self, oauth};
use crate::login::{CodeExchange, LoginGrant, Logins, OFFLINE_SCOPE};
use crate::mock::{State, lock};
use crate::response::{Envelope, ErrorResponse, HttpResponse, success_response};
use crate::stub::Failure;
use crate::token::{Holder, IssuedToken};

/// How long a user token stays valid after its refresh token was used.
const ROTATION_GRACE: Duration = Duration::from_secs(60);

/// `auth.v3.app_access_token.create`: issues the app token of a store app for its current ticket.
pub(crate) fn create_app_token(state: &State, body: &Map<String, Value>) -> Result<HttpResponse, ErrorResponse> {
    let app = text(body, "app_id");
    let secret = text(body, "app_secret");
    state
        .apps
        .authenticate(app, secret, AppKind::Store, error_code::APP_UNAUTHORIZED)?;
    let now = state.clock.now();
    if !lock(&state.tickets).is_valid(app, text(body, "app_ticket"), now) {
        return Err(ErrorResponse::common(error_code::APP_TICKET));
    }
    let issued = lock(&state.tokens).current_or_issue(TokenKind::App, Holder::for_app(app), now);
    let mut fields = Map::new();
    fields.insert("app_access_token".to_owned(), Value::from(issued.text));
    fields.insert("expire".to_owned(), Value::from(issued.expires_in.as_secs()));
    Ok(success_response(fields, Envelope::Flat))
}

/// `auth.v3.app_access_token.internal`: issues the token of a custom app, which is its tenant token as well.
pub(crate) fn create_internal_app_token(
    state: &State,
    body: &Map<String, Value>,
) -> Result<HttpResponse, ErrorResponse> {
    let issued = issue_custom_app_token(state, body)?;
    let mut fields = Map::new();
    fields.insert("app_access_token".to_owned(), Value::from(issued.text.clone()));
    fields.insert("tenant_access_token".to_owned(), Value::from(issued.text));
    fields.insert("expire".to_owned(), Value::from(issued.expires_in.as_secs()));
    Ok(success_response(fields, Envelope::Flat))
}

/// `auth.v3.app_ticket.resend`: counts the request.
///
/// Nothing is pushed: the platform delivers the ticket as an event, a test calls `Mock::push_ticket`.
pub(crate) fn resend_app_ticket(state: &State, body: &Map<String, Value>) -> Result<HttpResponse, ErrorResponse> {
    let app = text(body, "app_id");
    let secret = text(body, "app_secret");
    state
        .apps
        .authenticate(app, secret, AppKind::Store, error_code::APP_RESEND)?;
    lock(&state.tickets).count_request(app);
    Ok(success_response(Map::new(), Envelope::Flat))
}

/// `auth.v3.tenant_access_token.create`: issues the token of a store app for any tenant, as every tenant has installed
/// the app.
pub(crate) fn create_tenant_token(state: &State, body: &Map<String, Value>) -> Result<HttpResponse, ErrorResponse> {
    let now = state.clock.now();
    let mut tokens = lock(&state.tokens);
    let app = tokens.find_app(text(body, "app_access_token"), now)?;
    let tenant = text(body, "tenant_key");
    let is_store_app = state.apps.get(&app).is_some_and(|app| app.kind == AppKind::Store);
    if !is_store_app || tenant.is_empty() {
        return Err(ErrorResponse::common(error_code::TENANT_TOKEN_REFUSED));
    }
    let issued = tokens.current_or_issue(TokenKind::Tenant, Holder::for_tenant(&app, tenant), now);
    Ok(tenant_token_response(issued))
}

/// `auth.v3.tenant_access_token.internal`: issues the tenant token of a custom app.
pub(crate) fn create_internal_tenant_token(
    state: &State,
    body: &Map<String, Value>,
) -> Result<HttpResponse, ErrorResponse> {
    issue_custom_app_token(state, body).map(tenant_token_response)
}

fn issue_custom_app_token(state: &State, body: &Map<String, Value>) -> Result<IssuedToken, ErrorResponse> {
    let app = text(body, "app_id");
    let secret = text(body, "app_secret");
    state
        .apps
        .authenticate(app, secret, AppKind::Custom, error_code::APP_UNAUTHORIZED)?;
    let now = state.clock.now();
    Ok(lock(&state.tokens).current_or_issue(TokenKind::Tenant, Holder::for_app(app), now))
}

fn tenant_token_response(issued: IssuedToken) -> HttpResponse {
    let mut fields = Map::new();
    fields.insert("tenant_access_token".to_owned(), Value::from(issued.text));
    fields.insert("expire".to_owned(), Value::from(issued.expires_in.as_secs()));
    success_response(fields, Envelope::Flat)
}

/// `authen.v2.oauth.token`: exchanges an authorization code or a refresh token for a pair of tokens.
///
/// A refresh token is issued only if `offline_access` is among the scopes.
pub(crate) fn create_user_token(
    state: &State,
    call: &Call<'_>,
    body: &Map<String, Value>,
) -> Result<HttpResponse, ErrorResponse> {
    exchange_grant(state, body).map_err(|code| Failure::code(code).to_response(call.endpoint))
}

fn exchange_grant(state: &State, body: &Map<String, Value>) -> Result<HttpResponse, i64> {
    let app = authenticate_client(state, body)?;
    let now = state.clock.now();
    let mut logins = lock(&state.logins);
    let is_code_exchange = text(body, "grant_type") == "authorization_code";
    let credential = required_text(body, if is_code_exchange { "code" } else { "refresh_token" })?;
    let granted = if is_code_exchange {
        let exchange = CodeExchange {
            app,
            code: credential,
            redirect_uri: optional_text(body, "redirect_uri"),
            verifier: optional_text(body, "code_verifier"),
        };
        logins.validate_code(&exchange, now)?
    } else {
        logins.validate_refresh_token(app, credential, now)?
    };
    let scopes = narrow_scopes(&granted, text(body, "scope"))?;
    // A code or refresh token refused above stays usable.
    if is_code_exchange {
        logins.mark_code_used(credential);
    } else if let Some(previous) = logins.mark_refresh_token_used(credential) {
        lock(&state.tokens).expire_at(previous, now.saturating_add(ROTATION_GRACE));
    }
    Ok(success_response(
        issue_token_pair(state, &mut logins, app, granted, &scopes),
        Envelope::OAuth,
    ))
}

fn authenticate_client<'a>(state: &State, body: &'a Map<String, Value>) -> Result<&'a str, i64> {
    let id = text(body, "client_id");
    match state.apps.get(id) {
        None => Err(oauth::APP_NOT_FOUND),
        Some(app) if app.secret != text(body, "client_secret") => Err(oauth::CLIENT_SECRET),
        Some(_) => Ok(id),
    }
}

/// Returns the requested scopes, or all granted scopes if none are requested.
fn narrow_scopes(granted: &LoginGrant, requested: &str) -> Result<Vec<String>, i64> {
    let requested: Vec<String> = requested.split_whitespace().map(str::to_owned).collect();
    if requested.is_empty() {
        return Ok(granted.scopes.clone());
    }
    if requested.iter().collect::<HashSet<_>>().len() < requested.len() {
        return Err(oauth::DUPLICATE_SCOPE);
    }
    if requested.iter().any(|scope| !granted.scopes.contains(scope)) {
        return Err(oauth::SCOPE_NOT_GRANTED);
    }
    Ok(requested)
}

fn issue_token_pair(
    state: &State,
    logins: &mut Logins,
    app: &str,
    granted: LoginGrant,
    scopes: &[String],
) -> Map<String, Value> {
    let now = state.clock.now();
    let access = lock(&state.tokens).issue_user_token(Holder::for_app(app), now);
    let mut fields = Map::new();
    if scopes.iter().any(|scope| scope == OFFLINE_SCOPE) {
        let (refresh, lifetime) = logins.issue_refresh_token(app, granted, &access.text, now);
        fields.insert("refresh_token".to_owned(), Value::from(refresh));
        fields.insert("refresh_token_expires_in".to_owned(), Value::from(lifetime.as_secs()));
    }
    fields.insert("access_token".to_owned(), Value::from(access.text));
    fields.insert("expires_in".to_owned(), Value::from(access.expires_in.as_secs()));
    fields.insert("token_type".to_owned(), Value::from("Bearer"));
    fields.insert("scope".to_owned(), Value::from(scopes.join(" ")));
    fields
}

/// Returns the text of a field, empty if it is absent.
fn text<'a>(body: &'a Map<String, Value>, key: &str) -> &'a str {
    optional_text(body, key).unwrap_or_default()
}

fn optional_text<'a>(body: &'a Map<String, Value>, key: &str) -> Option<&'a str> {
    body.get(key).and_then(Value::as_str)
}

fn required_text<'a>(body: &'a Map<String, Value>, key: &str) -> Result<&'a str, i64> {
    optional_text(body, key)
        .filter(|text| !text.is_empty())
        .ok_or(oauth::MISSING_PARAMETER)
}
