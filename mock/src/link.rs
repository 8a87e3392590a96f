//! Temporary links: whoever has one gets the file, without a token and for a while.

use std::collections::HashMap;
use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::time::Duration;

use hyper::StatusCode;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use crate::answer::{self, Answer};
use crate::state::State;
use crate::sync::lock;

/// Where the paths of links begin.
pub(crate) const PATH: &str = "/_mock/links/";

/// The endpoint whose files the links lead to.
const ENDPOINT: &str = "drive.v1.media.download";

/// The links that were handed out, by their codes.
#[derive(Debug, Default)]
pub(crate) struct Links {
    random: RandomState,
    open: HashMap<String, Link>,
}

#[derive(Debug)]
struct Link {
    file_token: String,
    expires: Duration,
}

impl Links {
    /// Path and query of a new link to a file.
    pub(crate) fn open(&mut self, file_token: &str, expires: Duration) -> String {
        let code = format!("{:016x}", self.random.hash_one((file_token, self.open.len())));
        let link = Link {
            file_token: file_token.to_owned(),
            expires,
        };
        let path = format!(
            "{PATH}{}?code={code}",
            utf8_percent_encode(file_token, NON_ALPHANUMERIC)
        );
        self.open.insert(code, link);
        path
    }

    fn leads_to(&self, file_token: &str, code: &str, now: Duration) -> bool {
        let link = self.open.get(code);
        link.is_some_and(|link| link.file_token == file_token && now < link.expires)
    }
}

/// The file behind a link.
pub(crate) fn follow(state: &State, file_token: &str, query: &[(String, String)]) -> Answer {
    let code = query
        .iter()
        .find(|(key, _)| key == "code")
        .map_or("", |(_, value)| value);
    if !lock(&state.links).leads_to(file_token, code, state.clock.now()) {
        return answer::text(StatusCode::FORBIDDEN, "403 link expired or wrong");
    }
    state.file(ENDPOINT, file_token).whole()
}
