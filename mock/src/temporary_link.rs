//! Temporary download links, which lead to a file without a token for a limited time.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::time::Duration;

use larkspur_codegen::model::Place;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, json};

use crate::call::Call;
use crate::response::{Envelope, ErrorResponse, HttpResponse, Violation, success_response};

/// Path prefix of all links.
pub(crate) const PATH_PREFIX: &str = "/_mock/links/";

/// The endpoint whose files the links lead to.
pub(crate) const FILE_ENDPOINT: &str = "drive.v1.media.download";

/// Query parameter of the endpoint that issues links.
const TOKENS_KEY: &str = "file_tokens";

/// Lifetime of a link if the spec does not set one.
const DEFAULT_LIFETIME: Duration = Duration::from_secs(24 * 60 * 60);

/// Issues links and verifies them.
///
/// A link carries its own expiry and signature, so issued links take no memory.
#[derive(Debug, Default)]
pub(crate) struct Links {
    /// A per-process key, which makes signatures unpredictable.
    key: RandomState,
}

impl Links {
    /// Returns path and query of a link to a file.
    pub(crate) fn create(&self, file_token: &str, expires: Duration) -> String {
        let code = self.sign(file_token, expires.as_millis());
        let token = utf8_percent_encode(file_token, NON_ALPHANUMERIC);
        format!("{PATH_PREFIX}{token}?code={code}")
    }

    /// Returns whether the code of a link was issued for this file and has not expired.
    pub(crate) fn verify(&self, file_token: &str, code: &str, now: Duration) -> bool {
        let expires = code
            .split_once('-')
            .map(|(expires, _)| u128::from_str_radix(expires, 16));
        let Some(Ok(expires)) = expires else {
            return false;
        };
        code == self.sign(file_token, expires) && now.as_millis() < expires
    }

    fn sign(&self, file_token: &str, expires: u128) -> String {
        format!("{expires:x}-{:016x}", self.key.hash_one((file_token, expires)))
    }
}

/// `drive.v1.media.batch_get_tmp_download_url`: issues a link for each requested token.
pub(crate) fn create_links(
    links: &Links,
    call: &Call<'_>,
    base_url: &str,
    now: Duration,
) -> Result<HttpResponse, ErrorResponse> {
    let tokens = call.texts(Place::Query, TOKENS_KEY);
    // Tokens hold no comma: a comma means that several tokens were joined instead of repeating the key.
    if let Some(joined) = tokens.iter().find(|token| token.contains(',')) {
        return Err(reject_token(call, joined, "must be repeated for each token"));
    }
    if tokens.contains(&"") {
        return Err(reject_token(call, "", "must not be empty"));
    }
    let lifetime = call.endpoint.lifetime.as_ref();
    let lifetime = lifetime.map_or(DEFAULT_LIFETIME, |lifetime| Duration::from_secs(lifetime.seconds));
    let expires = now.saturating_add(lifetime);
    let entries = tokens.iter().map(|token| {
        let path = links.create(token, expires);
        json!({ "file_token": token, "tmp_download_url": format!("{base_url}{path}") })
    });
    let data = Map::from_iter([("tmp_download_urls".to_owned(), entries.collect())]);
    Ok(success_response(data, Envelope::Nested))
}

fn reject_token(call: &Call<'_>, token: &str, description: &str) -> ErrorResponse {
    let violation = Violation {
        field: TOKENS_KEY.to_owned(),
        value: token.to_owned(),
        description: description.to_owned(),
    };
    ErrorResponse::invalid_fields(call.endpoint, vec![violation])
}
