//! Endpoints that do more than their types tell: one file each, found by id.

mod app_access_token;
mod app_ticket;
mod batch_get_tmp_download_url;
mod given;
mod oauth;
mod tenant_access_token;

use serde_json::{Map, Value};

use crate::answer::Answer;
use crate::call::Call;
use crate::refusal::Refusal;
use crate::state::State;

/// What an endpoint does with a call that has passed every check. It gets the fields of the body.
pub(crate) type Behaviour = fn(&State, &Call<'_>, &Map<String, Value>) -> Result<Answer, Refusal>;

/// The behaviour of an endpoint, where it has one of its own.
pub(crate) fn of(id: &str) -> Option<Behaviour> {
    Some(match id {
        "auth.v3.app_access_token.create" => app_access_token::create,
        "auth.v3.app_access_token.internal" => app_access_token::internal,
        "auth.v3.app_ticket.resend" => app_ticket::resend,
        "auth.v3.tenant_access_token.create" => tenant_access_token::create,
        "auth.v3.tenant_access_token.internal" => tenant_access_token::internal,
        "authen.v2.oauth.token" => oauth::token,
        "drive.v1.media.batch_get_tmp_download_url" => batch_get_tmp_download_url::links,
        _ => return None,
    })
}
