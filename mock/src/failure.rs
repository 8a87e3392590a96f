//! Failures on request: what a test wants to see an endpoint answer.

use std::collections::{HashMap, VecDeque};

use larkspur_codegen::model::Endpoint;

use crate::code;
use crate::refusal::{Rate, Refusal};

/// A failure that an endpoint is to answer with.
///
/// ```
/// use larkspur_mock::Failure;
///
/// let documented = Failure::code(234001);            // HTTP status and message as the spec has them
/// let twice = Failure::status(500).times(2);         // a failure that has no code of its own
/// let throttled = Failure::code(99991400).reset(3);  // "come back in three seconds"
/// let strange = Failure::code(99991663).http(200);   // a code on a status that does not fit
/// let silent = Failure::status(400).empty();         // no body at all
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    code: Option<i64>,
    http: Option<u16>,
    msg: Option<String>,
    reset: Option<u64>,
    empty: bool,
    times: u32,
}

impl Failure {
    /// The failure with this code: as the endpoint documents it, else as the platform's list of
    /// common codes has it, else with HTTP status 400.
    pub fn code(code: i64) -> Self {
        Self::blank(Some(code), None)
    }

    /// The failure with this HTTP status.
    pub fn status(http: u16) -> Self {
        Self::blank(None, Some(http))
    }

    fn blank(code: Option<i64>, http: Option<u16>) -> Self {
        Self {
            code,
            http,
            msg: None,
            reset: None,
            empty: false,
            times: 1,
        }
    }

    /// Answers with this HTTP status, whatever the code.
    pub fn http(self, http: u16) -> Self {
        Self {
            http: Some(http),
            ..self
        }
    }

    /// Answers with this message.
    pub fn msg(self, msg: impl Into<String>) -> Self {
        Self {
            msg: Some(msg.into()),
            ..self
        }
    }

    /// Tells the caller to come back in so many seconds.
    pub fn reset(self, seconds: u64) -> Self {
        Self {
            reset: Some(seconds),
            ..self
        }
    }

    /// Leaves the body empty.
    pub fn empty(self) -> Self {
        Self { empty: true, ..self }
    }

    /// Answers so many calls with the failure instead of one.
    pub fn times(self, times: u32) -> Self {
        Self { times, ..self }
    }

    /// What `x-mock-error` asks for: `234001` for a code, `http 403` for a status.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        match text.trim().strip_prefix("http ") {
            Some(status) => {
                let status = status.trim().parse().ok()?;
                (400..600).contains(&status).then(|| Self::status(status))
            }
            None => text.trim().parse().ok().filter(|code| *code != 0).map(Self::code),
        }
    }

    /// The refusal at an endpoint.
    pub(crate) fn refusal(&self, endpoint: &Endpoint) -> Refusal {
        let mut refusal = match self.code {
            Some(code) => of_code(endpoint, code),
            None => of_status(endpoint, self.http.unwrap_or(500)),
        };
        refusal.http = self.http.unwrap_or(refusal.http);
        refusal.msg = self.msg.clone().unwrap_or(refusal.msg);
        refusal.empty = self.empty;
        if self.reset.is_some() || refusal.code == code::RATE {
            refusal.rate = Some(Rate {
                limit: first_window(endpoint),
                reset: self.reset.unwrap_or(1),
            });
        }
        if matches!(refusal.code, code::APP_SCOPE | code::USER_SCOPE) {
            refusal.scopes = endpoint.scopes.clone().unwrap_or_default();
        }
        refusal
    }
}

fn of_code(endpoint: &Endpoint, code: i64) -> Refusal {
    match endpoint.errors.iter().find(|entry| entry.code == Some(code)) {
        Some(entry) => Refusal::new(entry.http, code, entry.msg.clone().unwrap_or_default()),
        None => Refusal::common(code),
    }
}

fn of_status(endpoint: &Endpoint, http: u16) -> Refusal {
    let code = if http < 500 { code::BAD_REQUEST } else { code::INTERNAL };
    let documented = endpoint
        .errors
        .iter()
        .find(|entry| entry.http == http && entry.code.is_none());
    let msg = documented.and_then(|entry| entry.msg.clone());
    let common = Refusal::common(code);
    Refusal::new(http, code, msg.unwrap_or(common.msg))
}

fn first_window(endpoint: &Endpoint) -> u32 {
    let windows = endpoint.limits.iter().flat_map(|limits| &limits.windows);
    windows.map(|window| window.calls).next().unwrap_or(100)
}

/// Failures that wait for a call, in their order, by endpoint.
#[derive(Debug, Default)]
pub(crate) struct Failures(HashMap<String, VecDeque<Failure>>);

impl Failures {
    /// Appends a failure for an endpoint.
    pub(crate) fn push(&mut self, endpoint: &str, failure: Failure) {
        self.0.entry(endpoint.to_owned()).or_default().push_back(failure);
    }

    /// The failure that the next call is to meet.
    pub(crate) fn next(&mut self, endpoint: &str) -> Option<Failure> {
        let waiting = self.0.get_mut(endpoint)?;
        while let Some(failure) = waiting.front_mut() {
            if failure.times > 0 {
                failure.times -= 1;
                return Some(failure.clone());
            }
            waiting.pop_front();
        }
        None
    }
}
