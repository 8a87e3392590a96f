//! `auth.v3.app_ticket.resend`: a store app asks for its ticket.

use larkspur_codegen::model::AppKind;
use serde_json::{Map, Value};

use super::given;
use crate::answer::{self, Answer, Form};
use crate::call::Call;
use crate::code;
use crate::refusal::Refusal;
use crate::state::State;
use crate::sync::lock;

/// Counts the call. The ticket comes when the test pushes it, as on the platform it comes as an event.
pub(super) fn resend(state: &State, _: &Call<'_>, body: &Map<String, Value>) -> Result<Answer, Refusal> {
    let app = given::text(body, "app_id");
    let secret = given::text(body, "app_secret");
    state.apps.check(app, secret, AppKind::Store, code::APP_RESEND)?;
    lock(&state.tickets).ask(app);
    Ok(answer::success(Map::new(), Form::Flat))
}
