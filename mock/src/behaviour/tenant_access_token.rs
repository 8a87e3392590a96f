//! `auth.v3.tenant_access_token.internal`: an app's id and secret against a token.

use serde_json::{Map, Value};

use crate::answer::{self, Answer};
use crate::call::Call;
use crate::code;
use crate::refusal::Refusal;
use crate::state::State;
use crate::sync::lock;

/// Hands out the app's token.
pub(super) fn internal(state: &State, _: &Call<'_>, body: &Map<String, Value>) -> Result<Answer, Refusal> {
    let given = |key| body.get(key).and_then(Value::as_str).unwrap_or_default();
    let app = given("app_id");
    let secret = state
        .apps
        .get(app)
        .ok_or_else(|| Refusal::common(code::APP_PARAMETER))?;
    if secret != given("app_secret") {
        return Err(Refusal::common(code::APP_SECRET));
    }
    let grant = lock(&state.tokens).tenant(app, state.clock.now());
    let mut fields = Map::new();
    fields.insert("tenant_access_token".to_owned(), Value::from(grant.text));
    fields.insert("expire".to_owned(), Value::from(grant.left.as_secs()));
    Ok(answer::success(fields, true))
}
