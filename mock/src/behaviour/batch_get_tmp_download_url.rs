//! `drive.v1.media.batch_get_tmp_download_url`: a link for each token, which works without one.

use std::time::Duration;

use larkspur_codegen::model::Place;
use serde_json::{Map, Value, json};

use crate::answer::{self, Answer};
use crate::call::Call;
use crate::refusal::{Refusal, Violation};
use crate::state::State;
use crate::sync::lock;

const KEY: &str = "file_tokens";

/// How long links live where the spec does not say.
const USUAL: Duration = Duration::from_secs(24 * 60 * 60);

/// One link for each token that was asked for.
pub(super) fn links(state: &State, call: &Call<'_>, _: &Map<String, Value>) -> Result<Answer, Refusal> {
    let tokens = call.texts(Place::Query, KEY);
    if let Some(joined) = tokens.iter().find(|token| token.contains(',')) {
        return Err(Refusal::fields(call.endpoint, vec![is_joined(joined)]));
    }
    let lifetime = call.endpoint.lifetime.as_ref();
    let lifetime = lifetime.map_or(USUAL, |lifetime| Duration::from_secs(lifetime.seconds));
    let expires = state.clock.now().saturating_add(lifetime);
    let mut links = lock(&state.links);
    let entries = tokens.iter().map(|token| {
        let path = links.open(token, expires);
        json!({ "file_token": token, "tmp_download_url": format!("{}{path}", state.base_url) })
    });
    let data = Map::from_iter([("tmp_download_urls".to_owned(), entries.collect())]);
    Ok(answer::success(data, false))
}

/// No token holds a comma: several were joined, where the platform wants the key repeated.
fn is_joined(tokens: &str) -> Violation {
    Violation {
        field: KEY.to_owned(),
        value: tokens.to_owned(),
        description: "must be repeated for each token".to_owned(),
    }
}
