//! Temporary links: whoever has one gets the file, without a token and for a while.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::time::Duration;

use hyper::StatusCode;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use crate::answer::{self, Answer};
use crate::state::State;

/// Where the paths of links begin.
pub(crate) const PATH: &str = "/_mock/links/";

/// The endpoint whose files the links lead to.
const ENDPOINT: &str = "drive.v1.media.download";

/// What makes links and knows them again.
///
/// A link carries all that it is: no number of them costs memory.
#[derive(Debug, Default)]
pub(crate) struct Links {
    /// Differs from mock to mock, so that nobody can make a code up.
    random: RandomState,
}

impl Links {
    /// Path and query of a link to a file.
    pub(crate) fn open(&self, file_token: &str, expires: Duration) -> String {
        let code = self.code(file_token, expires.as_millis());
        let token = utf8_percent_encode(file_token, NON_ALPHANUMERIC);
        format!("{PATH}{token}?code={code}")
    }

    /// When the link ends, and the proof that this mock made it for this file.
    fn code(&self, file_token: &str, expires: u128) -> String {
        format!("{expires:x}-{:016x}", self.random.hash_one((file_token, expires)))
    }

    fn leads_to(&self, file_token: &str, code: &str, now: Duration) -> bool {
        let expires = code
            .split_once('-')
            .map(|(expires, _)| u128::from_str_radix(expires, 16));
        let Some(Ok(expires)) = expires else {
            return false;
        };
        code == self.code(file_token, expires) && now.as_millis() < expires
    }
}

/// The file behind a link.
pub(crate) fn follow(state: &State, file_token: &str, query: &[(String, String)]) -> Answer {
    let code = query
        .iter()
        .find(|(key, _)| key == "code")
        .map_or("", |(_, value)| value);
    if !state.links.leads_to(file_token, code, state.clock.now()) {
        return answer::text(StatusCode::FORBIDDEN, "403 link expired or wrong");
    }
    state.file(ENDPOINT, file_token).whole()
}
