//! `auth.v3.tenant_access_token`: the token of an app that acts in one tenant.

use larkspur_codegen::model::{AppKind, TokenKind};
use serde_json::{Map, Value};

use super::given;
use crate::answer::{self, Answer, Form};
use crate::call::Call;
use crate::code;
use crate::refusal::Refusal;
use crate::state::State;
use crate::sync::lock;
use crate::token::{Grant, Holder};

/// Hands out a store app's token for a tenant, whichever: all have installed the app.
pub(super) fn create(state: &State, _: &Call<'_>, body: &Map<String, Value>) -> Result<Answer, Refusal> {
    let now = state.clock.now();
    let mut tokens = lock(&state.tokens);
    let app = tokens.app(given::text(body, "app_access_token"), now)?;
    let tenant = given::text(body, "tenant_key");
    let store = state.apps.get(&app).is_some_and(|app| app.kind == AppKind::Store);
    if !store || tenant.is_empty() {
        return Err(Refusal::common(code::TENANT_TOKEN_REFUSED));
    }
    Ok(answer(tokens.current(
        TokenKind::Tenant,
        Holder::in_tenant(&app, tenant),
        now,
    )))
}

/// Hands out a custom app's token.
pub(super) fn internal(state: &State, _: &Call<'_>, body: &Map<String, Value>) -> Result<Answer, Refusal> {
    let app = given::text(body, "app_id");
    let secret = given::text(body, "app_secret");
    state.apps.check(app, secret, AppKind::Custom, code::APP_UNAUTHORIZED)?;
    let now = state.clock.now();
    Ok(answer(lock(&state.tokens).current(
        TokenKind::Tenant,
        Holder::of_app(app),
        now,
    )))
}

fn answer(grant: Grant) -> Answer {
    let mut fields = Map::new();
    fields.insert("tenant_access_token".to_owned(), Value::from(grant.text));
    fields.insert("expire".to_owned(), Value::from(grant.left.as_secs()));
    answer::success(fields, Form::Flat)
}
