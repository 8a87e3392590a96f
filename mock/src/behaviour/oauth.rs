//! `authen.v2.oauth.token`: the code of a login, or a refresh token, against a pair of tokens.

use std::collections::HashSet;
use std::time::Duration;

use serde_json::{Map, Value};

use super::given;
use crate::answer::{self, Answer, Form};
use crate::call::Call;
use crate::code::oauth as code;
use crate::failure::Failure;
use crate::logins::{Exchange, Granted, Logins, OFFLINE};
use crate::refusal::Refusal;
use crate::state::State;
use crate::sync::lock;
use crate::token::Holder;

/// How long a user token holds once its pair has been refreshed.
const ROTATION: Duration = Duration::from_secs(60);

/// Hands out a user token, and a refresh token where `offline_access` is among the scopes.
pub(super) fn token(state: &State, call: &Call<'_>, body: &Map<String, Value>) -> Result<Answer, Refusal> {
    pair(state, body).map_err(|code| Failure::code(code).refusal(call.endpoint))
}

fn pair(state: &State, body: &Map<String, Value>) -> Result<Answer, i64> {
    let app = client(state, body)?;
    let now = state.clock.now();
    let mut logins = lock(&state.logins);
    let exchange = given::text(body, "grant_type") == "authorization_code";
    let spent = needed(body, if exchange { "code" } else { "refresh_token" })?;
    let granted = if exchange {
        let exchange = Exchange {
            app,
            code: spent,
            redirect_uri: given::optional(body, "redirect_uri"),
            verifier: given::optional(body, "code_verifier"),
        };
        logins.granted_by_code(&exchange, now)?
    } else {
        logins.granted_by_refresh(app, spent, now)?
    };
    let scopes = narrowed(&granted, given::text(body, "scope"))?;
    // Refused up to here, a code or refresh token can be used again.
    if exchange {
        logins.use_code(spent);
    } else if let Some(before) = logins.use_refresh(spent) {
        lock(&state.tokens).end(before, now.saturating_add(ROTATION));
    }
    Ok(answer::success(
        tokens(state, &mut logins, app, granted, &scopes),
        Form::OAuth,
    ))
}

/// The app that calls, by its id and secret.
fn client<'a>(state: &State, body: &'a Map<String, Value>) -> Result<&'a str, i64> {
    let id = given::text(body, "client_id");
    match state.apps.get(id) {
        None => Err(code::APP_NOT_FOUND),
        Some(app) if app.secret != given::text(body, "client_secret") => Err(code::CLIENT_SECRET),
        Some(_) => Ok(id),
    }
}

fn needed<'a>(body: &'a Map<String, Value>, key: &str) -> Result<&'a str, i64> {
    given::optional(body, key)
        .filter(|text| !text.is_empty())
        .ok_or(code::MISSING_PARAMETER)
}

/// The scopes that are asked for, which are among those that were granted; all of them where none are.
fn narrowed(granted: &Granted, asked: &str) -> Result<Vec<String>, i64> {
    let asked: Vec<String> = asked.split_whitespace().map(str::to_owned).collect();
    if asked.is_empty() {
        return Ok(granted.scopes.clone());
    }
    if asked.iter().collect::<HashSet<_>>().len() < asked.len() {
        return Err(code::DUPLICATE_SCOPE);
    }
    if asked.iter().any(|scope| !granted.scopes.contains(scope)) {
        return Err(code::SCOPE_NOT_GRANTED);
    }
    Ok(asked)
}

/// The fields of an answer.
fn tokens(state: &State, logins: &mut Logins, app: &str, granted: Granted, scopes: &[String]) -> Map<String, Value> {
    let now = state.clock.now();
    let access = lock(&state.tokens).log_in(Holder::of_app(app), now);
    let mut fields = Map::new();
    if scopes.iter().any(|scope| scope == OFFLINE) {
        let (refresh, lifetime) = logins.issue(app, granted, &access.text, now);
        fields.insert("refresh_token".to_owned(), Value::from(refresh));
        fields.insert("refresh_token_expires_in".to_owned(), Value::from(lifetime.as_secs()));
    }
    fields.insert("access_token".to_owned(), Value::from(access.text));
    fields.insert("expires_in".to_owned(), Value::from(access.left.as_secs()));
    fields.insert("token_type".to_owned(), Value::from("Bearer"));
    fields.insert("scope".to_owned(), Value::from(scopes.join(" ")));
    fields
}
