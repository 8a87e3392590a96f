//! `auth.v3.app_access_token`: the token of an app that acts in no tenant.

use larkspur_codegen::model::{AppKind, TokenKind};
use serde_json::{Map, Value};

use super::given;
use crate::answer::{self, Answer, Form};
use crate::call::Call;
use crate::code;
use crate::refusal::Refusal;
use crate::state::State;
use crate::sync::lock;
use crate::token::Holder;

/// Hands out a store app's token for its last ticket.
pub(super) fn create(state: &State, _: &Call<'_>, body: &Map<String, Value>) -> Result<Answer, Refusal> {
    let app = given::text(body, "app_id");
    let secret = given::text(body, "app_secret");
    state.apps.check(app, secret, AppKind::Store, code::APP_UNAUTHORIZED)?;
    let now = state.clock.now();
    if !lock(&state.tickets).holds(app, given::text(body, "app_ticket"), now) {
        return Err(Refusal::common(code::APP_TICKET));
    }
    let grant = lock(&state.tokens).current(TokenKind::App, Holder::of_app(app), now);
    let mut fields = Map::new();
    fields.insert("app_access_token".to_owned(), Value::from(grant.text));
    fields.insert("expire".to_owned(), Value::from(grant.left.as_secs()));
    Ok(answer::success(fields, Form::Flat))
}

/// Hands out a custom app's token, which is that for its tenant as well.
pub(super) fn internal(state: &State, _: &Call<'_>, body: &Map<String, Value>) -> Result<Answer, Refusal> {
    let app = given::text(body, "app_id");
    let secret = given::text(body, "app_secret");
    state.apps.check(app, secret, AppKind::Custom, code::APP_UNAUTHORIZED)?;
    let grant = lock(&state.tokens).current(TokenKind::Tenant, Holder::of_app(app), state.clock.now());
    let mut fields = Map::new();
    fields.insert("app_access_token".to_owned(), Value::from(grant.text.clone()));
    fields.insert("tenant_access_token".to_owned(), Value::from(grant.text));
    fields.insert("expire".to_owned(), Value::from(grant.left.as_secs()));
    Ok(answer::success(fields, Form::Flat))
}
