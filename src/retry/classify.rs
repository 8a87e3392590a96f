//! What the failure of an attempt means for the call.

use std::time::Duration;

use super::Repeat;
use crate::endpoint::EndpointInfo;
use crate::error::{ErrorKind, Stopped};

/// An attempt that was sent and failed.
pub(crate) struct Failure<'a> {
    pub endpoint: &'static EndpointInfo,
    pub problem: &'a ErrorKind,
    pub repeat: Repeat,
    /// Whether the platform refused the token, the call has not replaced one before, and there can be another.
    pub another_token: bool,
    /// Whether part of the answer was decoded before it turned out to be a failure.
    pub decoded: bool,
}

/// What to do next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Send it once more with another token, at once.
    Replay,
    /// Try again, not before the time that the platform asked for.
    Retry(Cause, Option<Duration>),
    /// The failure is the call's.
    GiveUp(Option<Stopped>),
}

/// Why another try may help.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cause {
    /// Something failed that may work the next time.
    Fault,
    /// Too many calls: those of others have to wait as well.
    Rate,
}

/// What the failure of an attempt means for the call.
pub(crate) fn classify_failure(failure: &Failure<'_>) -> Verdict {
    let Some((next, unprocessed)) = what_may_help(failure) else {
        return Verdict::GiveUp(None);
    };
    match failure.repeat {
        // Another answer would be mixed with what is left of this one.
        _ if failure.decoded => Verdict::GiveUp(None),
        Repeat::Never => Verdict::GiveUp(Some(Stopped::Body)),
        Repeat::Unprocessed { key } if !unprocessed => Verdict::GiveUp(Some(Stopped::Effect(key))),
        _ => next,
    }
}

/// What may help, and whether the request surely was not processed.
fn what_may_help(failure: &Failure<'_>) -> Option<(Verdict, bool)> {
    match failure.problem {
        // The gateway looks at the token before anything else.
        _ if failure.another_token => Some((Verdict::Replay, true)),
        ErrorKind::Api(answer) if answer.is_rate_refusal() => {
            Some((Verdict::Retry(Cause::Rate, answer.retry_after), true))
        }
        ErrorKind::Api(answer) if answer.is_retryable(Some(failure.endpoint)) => {
            Some((Verdict::Retry(Cause::Fault, answer.retry_after), false))
        }
        ErrorKind::Transport(fault) if fault.kind.is_retryable() => {
            Some((Verdict::Retry(Cause::Fault, None), fault.unprocessed))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::endpoint::{DocumentedError, Method};
    use crate::error::{ApiError, TransportError, TransportKind};

    static ENDPOINT: EndpointInfo = EndpointInfo::new("test.v1.sample.get", Method::Get, "/x").errors(&[
        DocumentedError::code(400, 7001, "try later", "").retry(),
        DocumentedError::code(500, 7002, "broken", ""),
    ]);

    const CHANGES: Repeat = Repeat::Unprocessed { key: Some("uuid") };
    const RETRY: Verdict = Verdict::Retry(Cause::Fault, None);
    const AFTER_PAUSE: Verdict = Verdict::Retry(Cause::Rate, None);
    const FINAL: Verdict = Verdict::GiveUp(None);
    const MAY_HAVE_HAPPENED: Verdict = Verdict::GiveUp(Some(Stopped::Effect(Some("uuid"))));

    fn answered(status: u16, code: Option<i64>) -> ErrorKind {
        ErrorKind::Api(Box::new(ApiError {
            status,
            code,
            ..ApiError::default()
        }))
    }

    fn fault(kind: TransportKind, unprocessed: bool) -> ErrorKind {
        ErrorKind::Transport(TransportError {
            kind,
            detail: String::new(),
            unprocessed,
        })
    }

    fn judge(problem: &ErrorKind, repeat: Repeat) -> Verdict {
        classify_failure(&Failure {
            endpoint: &ENDPOINT,
            problem,
            repeat,
            another_token: false,
            decoded: false,
        })
    }

    #[test]
    fn what_a_failure_means_depends_on_what_a_second_call_would_do() {
        let table = [
            // Failure, for a call that may be repeated, for one that changes something.
            (answered(500, None), RETRY, MAY_HAVE_HAPPENED),
            (answered(503, Some(1)), RETRY, MAY_HAVE_HAPPENED),
            (answered(408, None), RETRY, MAY_HAVE_HAPPENED),
            (answered(501, None), FINAL, FINAL),
            (answered(400, None), FINAL, FINAL),
            (answered(403, Some(99991672)), FINAL, FINAL),
            (answered(429, None), AFTER_PAUSE, AFTER_PAUSE),
            (answered(429, Some(7002)), AFTER_PAUSE, AFTER_PAUSE),
            (answered(400, Some(99991400)), AFTER_PAUSE, AFTER_PAUSE),
            (answered(200, Some(11232)), AFTER_PAUSE, AFTER_PAUSE),
            (answered(200, Some(230020)), AFTER_PAUSE, AFTER_PAUSE),
            (answered(200, Some(2200)), RETRY, MAY_HAVE_HAPPENED),
            (answered(400, Some(7001)), RETRY, MAY_HAVE_HAPPENED),
            (answered(500, Some(7002)), FINAL, FINAL),
            (answered(400, Some(99991663)), FINAL, FINAL),
            (fault(TransportKind::Dns, true), RETRY, RETRY),
            (fault(TransportKind::Connect, true), RETRY, RETRY),
            (fault(TransportKind::Other, true), RETRY, RETRY),
            (fault(TransportKind::Other, false), RETRY, MAY_HAVE_HAPPENED),
            (fault(TransportKind::Timeout, false), RETRY, MAY_HAVE_HAPPENED),
            (fault(TransportKind::CutBody, false), RETRY, MAY_HAVE_HAPPENED),
            (fault(TransportKind::Tls, true), FINAL, FINAL),
        ];
        for (problem, repeated, changing) in table {
            assert_eq!(judge(&problem, Repeat::Safe), repeated, "{problem:?}");
            assert_eq!(judge(&problem, CHANGES), changing, "{problem:?}");
        }
    }

    #[test]
    fn what_the_platform_asks_to_wait_is_part_of_the_verdict() {
        let wait = Some(Duration::from_secs(7));
        for (status, cause) in [(429, Cause::Rate), (503, Cause::Fault)] {
            let problem = ErrorKind::Api(Box::new(ApiError {
                status,
                retry_after: wait,
                ..ApiError::default()
            }));
            assert_eq!(judge(&problem, Repeat::Safe), Verdict::Retry(cause, wait));
        }
    }

    #[test]
    fn another_token_is_worth_a_replay_even_of_what_changes_something() {
        for repeat in [Repeat::Safe, CHANGES] {
            let failure = Failure {
                endpoint: &ENDPOINT,
                problem: &answered(400, Some(99991663)),
                repeat,
                another_token: true,
                decoded: false,
            };
            assert_eq!(classify_failure(&failure), Verdict::Replay);
        }
    }

    #[test]
    fn what_can_be_read_once_is_sent_once() {
        for problem in [answered(429, None), fault(TransportKind::Connect, true)] {
            let verdict = judge(&problem, Repeat::Never);
            assert_eq!(verdict, Verdict::GiveUp(Some(Stopped::Body)));
        }
    }

    #[test]
    fn a_second_answer_is_not_mixed_with_a_first() {
        let failure = Failure {
            endpoint: &ENDPOINT,
            problem: &answered(200, Some(2200)),
            repeat: Repeat::Safe,
            another_token: false,
            decoded: true,
        };
        assert_eq!(classify_failure(&failure), FINAL);
    }
}
