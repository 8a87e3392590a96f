//! `drive.v1.media.batch_get_tmp_download_url`: a link for each token, which works without one.

use std::time::Duration;

use larkspur_codegen::model::Place;
use serde_json::{Map, Value, json};

use crate::answer::{self, Answer, Form};
use crate::call::Call;
use crate::refusal::{Refusal, Violation};
use crate::state::State;

const KEY: &str = "file_tokens";

/// How long links live where the spec does not say.
const USUAL: Duration = Duration::from_secs(24 * 60 * 60);

/// One link for each token that was asked for.
pub(super) fn links(state: &State, call: &Call<'_>, _: &Map<String, Value>) -> Result<Answer, Refusal> {
    let tokens = call.texts(Place::Query, KEY);
    // No token holds a comma: several were joined, where the platform wants the key repeated.
    if let Some(joined) = tokens.iter().find(|token| token.contains(',')) {
        return Err(Refusal::fields(
            call.endpoint,
            vec![violation(joined, "must be repeated for each token")],
        ));
    }
    if tokens.contains(&"") {
        return Err(Refusal::fields(call.endpoint, vec![violation("", "must not be empty")]));
    }
    let lifetime = call.endpoint.lifetime.as_ref();
    let lifetime = lifetime.map_or(USUAL, |lifetime| Duration::from_secs(lifetime.seconds));
    let expires = state.clock.now().saturating_add(lifetime);
    let entries = tokens.iter().map(|token| {
        let path = state.links.open(token, expires);
        json!({ "file_token": token, "tmp_download_url": format!("{}{path}", state.base_url) })
    });
    let data = Map::from_iter([("tmp_download_urls".to_owned(), entries.collect())]);
    Ok(answer::success(data, Form::Usual))
}

fn violation(token: &str, description: &str) -> Violation {
    Violation {
        field: KEY.to_owned(),
        value: token.to_owned(),
        description: description.to_owned(),
    }
}
