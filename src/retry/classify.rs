//! Classification of failed attempts: retry, replay with another token, or give up. It depends on whether the request is
//! idempotent.

use std::time::Duration;

use crate::endpoint::{EndpointInfo, Method, Request};
use crate::error::{ErrorKind, Stopped};
use crate::wire::{Encode, FieldInfo, Fields, Location, View};

/// A failed attempt.
pub(crate) struct Failure<'a> {
    pub endpoint: &'static EndpointInfo,
    pub problem: &'a ErrorKind,
    pub repeat: Repeat,
    /// Whether the platform rejected the token, the call has not replaced one yet, and another one is available.
    pub another_token: bool,
    /// Whether a page of a proxy is the response to a request with the header that only serves the name of the file.
    pub name_header: bool,
    /// Whether part of the response was decoded before the failure was detected.
    pub decoded: bool,
}

/// What to do after a failed attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Send it again with another token, without delay.
    Replay,
    /// Send it again without the header that only serves the name of the file, after the server-imposed delay at the earliest.
    OmitNameHeader(Option<Duration>),
    /// Retry, after the server-imposed delay at the earliest.
    Retry(Cause, Option<Duration>),
    /// The call fails.
    GiveUp(Option<Stopped>),
}

/// Why a retry may succeed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cause {
    /// A transient failure.
    Fault,
    /// A rate limit, which delays the calls of others as well.
    Rate,
}

/// Returns what to do after a failed attempt.
pub(crate) fn classify_failure(failure: &Failure<'_>) -> Verdict {
    let Some((next, unprocessed)) = classify(failure) else {
        return Verdict::GiveUp(None);
    };
    match failure.repeat {
        // Another response would be mixed with the decoded part of this one.
        _ if failure.decoded => Verdict::GiveUp(None),
        Repeat::Never => Verdict::GiveUp(Some(Stopped::Body)),
        Repeat::Unprocessed { key } if !unprocessed => Verdict::GiveUp(Some(Stopped::Effect(key))),
        _ => next,
    }
}

/// Returns what may help, and whether the request was certainly not processed.
fn classify(failure: &Failure<'_>) -> Option<(Verdict, bool)> {
    match failure.problem {
        // The gateway checks the token before it processes the request.
        _ if failure.another_token => Some((Verdict::Replay, true)),
        ErrorKind::Api(response) if response.is_rate_limited() => {
            Some((Verdict::Retry(Cause::Rate, response.imposed_delay()), true))
        }
        ErrorKind::Api(response) if failure.name_header => Some((Verdict::OmitNameHeader(response.retry_after), false)),
        ErrorKind::Api(response) if response.is_retryable(Some(failure.endpoint)) => {
            Some((Verdict::Retry(Cause::Fault, response.retry_after), false))
        }
        ErrorKind::Transport(fault) if fault.kind.is_retryable() => {
            Some((Verdict::Retry(Cause::Fault, None), fault.unprocessed))
        }
        _ => None,
    }
}

/// Whether a request may be sent again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Repeat {
    /// The request is idempotent.
    Safe,
    /// Only if the first request was certainly not processed.
    Unprocessed {
        /// The field for an idempotency key, if the endpoint has one.
        key: Option<&'static str>,
    },
    /// Never: its body can be read only once.
    Never,
}

impl Repeat {
    pub(crate) fn classify(request: &dyn Request) -> Self {
        let endpoint = request.endpoint();
        let fields: &dyn Fields = request;
        if has(
            fields,
            |_, value| matches!(value, View::File(upload) if !upload.is_repeatable()),
        ) {
            return Self::Never;
        }
        let carries = |key| has(fields, |field, value| is_key(field, key) && is_text(value));
        match endpoint.idempotency {
            _ if is_idempotent(endpoint) => Self::Safe,
            Some(key) if carries(key) => Self::Safe,
            key => Self::Unprocessed { key },
        }
    }
}

fn is_idempotent(endpoint: &EndpointInfo) -> bool {
    endpoint.repeatable || matches!(endpoint.method, Method::Get)
}

fn is_key(field: &FieldInfo, key: &str) -> bool {
    field.key == key && matches!(field.location, Location::Query | Location::Body)
}

fn is_text(value: &View<'_>) -> bool {
    matches!(value, View::Str(text) if !text.is_empty())
}

fn has(fields: &dyn Fields, is_it: impl Fn(&'static FieldInfo, &View<'_>) -> bool) -> bool {
    let mut found = false;
    fields.each(&mut |field, value: &dyn Encode| found |= is_it(field, &value.view()));
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::endpoint::{DocumentedError, Method};
    use crate::error::{ApiError, TransportError, TransportKind};

    static ENDPOINT: EndpointInfo = EndpointInfo::new("test.v1.sample.get", Method::Get, "/x").errors(&[
        DocumentedError::code(400, 7001, "busy", "").retry(),
        DocumentedError::code(500, 7002, "broken", ""),
    ]);

    const CHANGES: Repeat = Repeat::Unprocessed { key: Some("uuid") };
    const RETRY: Verdict = Verdict::Retry(Cause::Fault, None);
    const AFTER_PAUSE: Verdict = Verdict::Retry(Cause::Rate, None);
    const FINAL: Verdict = Verdict::GiveUp(None);
    const MAY_HAVE_HAPPENED: Verdict = Verdict::GiveUp(Some(Stopped::Effect(Some("uuid"))));

    fn api_error(status: u16, code: Option<i64>) -> ErrorKind {
        ErrorKind::Api(Box::new(ApiError {
            status,
            code,
            ..ApiError::default()
        }))
    }

    fn fault(kind: TransportKind, unprocessed: bool) -> ErrorKind {
        let mut error = TransportError::new(kind, "");
        error.unprocessed = unprocessed;
        ErrorKind::Transport(error)
    }

    fn classify_kind(problem: &ErrorKind, repeat: Repeat) -> Verdict {
        classify_failure(&Failure {
            endpoint: &ENDPOINT,
            problem,
            repeat,
            another_token: false,
            name_header: false,
            decoded: false,
        })
    }

    #[test]
    fn verdict_depends_on_idempotency() {
        let table = [
            // Failure, verdict for an idempotent request, verdict for another one.
            (api_error(500, None), RETRY, MAY_HAVE_HAPPENED),
            (api_error(503, Some(1)), RETRY, MAY_HAVE_HAPPENED),
            (api_error(408, None), RETRY, MAY_HAVE_HAPPENED),
            (api_error(501, None), FINAL, FINAL),
            (api_error(400, None), FINAL, FINAL),
            (api_error(403, Some(99991672)), FINAL, FINAL),
            (api_error(429, None), AFTER_PAUSE, AFTER_PAUSE),
            (api_error(429, Some(7002)), AFTER_PAUSE, AFTER_PAUSE),
            (api_error(400, Some(99991400)), AFTER_PAUSE, AFTER_PAUSE),
            (api_error(200, Some(11232)), AFTER_PAUSE, AFTER_PAUSE),
            (api_error(200, Some(230020)), AFTER_PAUSE, AFTER_PAUSE),
            (api_error(200, Some(2200)), RETRY, MAY_HAVE_HAPPENED),
            (api_error(400, Some(7001)), RETRY, MAY_HAVE_HAPPENED),
            (api_error(500, Some(7002)), FINAL, FINAL),
            (api_error(400, Some(99991663)), FINAL, FINAL),
            (fault(TransportKind::Dns, true), RETRY, RETRY),
            (fault(TransportKind::Connect, true), RETRY, RETRY),
            (fault(TransportKind::Other, true), RETRY, RETRY),
            (fault(TransportKind::Other, false), RETRY, MAY_HAVE_HAPPENED),
            (fault(TransportKind::Timeout, false), RETRY, MAY_HAVE_HAPPENED),
            (fault(TransportKind::CutBody, false), RETRY, MAY_HAVE_HAPPENED),
            (fault(TransportKind::Tls, true), FINAL, FINAL),
        ];
        for (problem, repeated, changing) in table {
            assert_eq!(classify_kind(&problem, Repeat::Safe), repeated, "{problem:?}");
            assert_eq!(classify_kind(&problem, CHANGES), changing, "{problem:?}");
        }
    }

    #[test]
    fn verdict_has_the_server_imposed_delay() {
        let wait = Some(Duration::from_secs(7));
        for (status, cause) in [(429, Cause::Rate), (503, Cause::Fault)] {
            let problem = ErrorKind::Api(Box::new(ApiError {
                status,
                retry_after: wait,
                ..ApiError::default()
            }));
            assert_eq!(classify_kind(&problem, Repeat::Safe), Verdict::Retry(cause, wait));
        }
    }

    #[test]
    fn rejected_token_is_replaced_once() {
        for repeat in [Repeat::Safe, CHANGES] {
            let failure = Failure {
                endpoint: &ENDPOINT,
                problem: &api_error(400, Some(99991663)),
                repeat,
                another_token: true,
                name_header: false,
                decoded: false,
            };
            assert_eq!(classify_failure(&failure), Verdict::Replay);
        }
    }

    #[test]
    fn stream_is_sent_once() {
        for problem in [api_error(429, None), fault(TransportKind::Connect, true)] {
            let verdict = classify_kind(&problem, Repeat::Never);
            assert_eq!(verdict, Verdict::GiveUp(Some(Stopped::Body)));
        }
    }

    #[test]
    fn partly_decoded_response_is_final() {
        let failure = Failure {
            endpoint: &ENDPOINT,
            problem: &api_error(200, Some(2200)),
            repeat: Repeat::Safe,
            another_token: false,
            name_header: false,
            decoded: true,
        };
        assert_eq!(classify_failure(&failure), FINAL);
    }
}
