//! The texts of an error for people: one line, and a report of several.

use std::fmt::{self, Display, Formatter, Write as _};

use super::api::{ApiError, common_code};
use super::{Error, ErrorKind, Stopped, Tries, Violation};
use crate::endpoint::EndpointInfo;

impl Display for Error {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if let Some(endpoint) = self.endpoint() {
            write!(f, "{}: ", endpoint.id)?;
        }
        match self.kind() {
            ErrorKind::Config(error) => error.fmt(f),
            ErrorKind::Validation(violations) => write_violations(violations, f),
            ErrorKind::Auth(error) => write!(f, "not sent: {error}"),
            ErrorKind::Login(error) => error.fmt(f),
            ErrorKind::RateLimited(error) => write!(f, "not sent: {error}"),
            ErrorKind::Store(error) => write!(f, "not sent: {error}"),
            ErrorKind::Api(response) => write_response(response, f),
            ErrorKind::Transport(error) => error.fmt(f),
            ErrorKind::Decode(error) => error.fmt(f),
            ErrorKind::Range(error) => error.fmt(f),
            ErrorKind::Download(error) => error.fmt(f),
            ErrorKind::Upload(error) => error.fmt(f),
            ErrorKind::TemporaryLink(error) => error.fmt(f),
            ErrorKind::Pagination(error) => error.fmt(f),
            ErrorKind::Polling(error) => error.fmt(f),
            ErrorKind::TooLarge { limit, hint } => {
                write!(f, "the response is larger than {limit} bytes: {hint}")
            }
            ErrorKind::Io { path, action, source } => {
                write!(f, "{action} {} failed: {source}", path.display())
            }
        }
    }
}

/// The report of an error: the line of its `Display`, then one indented line for each detail.
pub(super) struct Report<'a>(pub &'a Error);

impl Display for Report<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let error = self.0;
        error.fmt(f)?;
        match error.kind() {
            ErrorKind::Validation(violations) => {
                let further = violations.iter().skip(1);
                further
                    .into_iter()
                    .try_for_each(|violation| write!(f, "\n  {violation}"))?;
            }
            ErrorKind::Api(response) => write_details(response, error, f)?,
            _ => {}
        }
        write_tries(&error.inner.cause.tries, f)?;
        match (&error.inner.task, error.kind()) {
            (None, _) => Ok(()),
            (Some(task), ErrorKind::Polling(polling)) if polling.is_end() => write!(f, "\n  the task: {task}"),
            (Some(task), _) => write!(f, "\n  the task continues; poll it with: {task}"),
        }
    }
}

fn write_violations(violations: &[Violation], f: &mut Formatter<'_>) -> fmt::Result {
    let Some((first, further)) = violations.split_first() else {
        return f.write_str("not sent: invalid request");
    };
    write!(f, "not sent: {first}")?;
    match further.len() {
        0 => Ok(()),
        1 => f.write_str(" (and 1 more violation)"),
        count => write!(f, " (and {count} more violations)"),
    }
}

fn write_response(response: &ApiError, f: &mut Formatter<'_>) -> fmt::Result {
    write!(f, "the platform returned HTTP {}", response.status)?;
    match (response.code, &response.redirect, &response.excerpt) {
        (Some(code), ..) => {
            write!(f, ", code {code}")?;
            write_part(f, ": ", &response.msg)
        }
        (None, Some(host), _) => write!(f, ", a redirect to {host}, which is not followed: check the base URL"),
        (None, None, Some(excerpt)) => write!(f, " without an envelope (body: {excerpt:?})"),
        (None, None, None) if response.status == 416 => {
            f.write_str(": the range starts after the end of the file: request an earlier part")
        }
        (None, None, None) => f.write_str(" with an empty body"),
    }
}

fn write_details(response: &ApiError, error: &Error, f: &mut Formatter<'_>) -> fmt::Result {
    if let Some(hint) = hint(error) {
        write!(f, "\n  {hint}")?;
    }
    for violation in &response.field_violations {
        write!(f, "\n  field `{}`", violation.field)?;
        write_part(f, " = ", &violation.value)?;
        write_part(f, ": ", &violation.description)?;
    }
    for violation in &response.permission_violations {
        write!(f, "\n  missing scope {}", violation.scope)?;
        write_part(f, ": ", &violation.description)?;
    }
    if let Some(delay) = response.retry_after {
        write!(f, "\n  retry in {} s", delay.as_secs())?;
    }
    for help in &response.helps {
        write!(f, "\n  help: {}", help.url)?;
        write_part(f, " ", &help.description)?;
    }
    if let Some(url) = &response.troubleshooter {
        write!(f, "\n  troubleshooting: {url}")?;
    }
    if let Some(docs) = error
        .endpoint()
        .map(|endpoint| endpoint.docs)
        .filter(|docs| !docs.is_empty())
    {
        write!(f, "\n  documentation: {docs}")?;
    }
    match &response.log_id {
        Some(log_id) => write!(f, "\n  log id: {log_id}"),
        None => Ok(()),
    }
}

fn write_tries(tries: &Tries, f: &mut Formatter<'_>) -> fmt::Result {
    if let [first, further @ ..] = &*tries.waits {
        write!(
            f,
            "\n  sent {} times, with delays of {:.1} s",
            tries.attempts,
            first.as_secs_f64()
        )?;
        further
            .iter()
            .try_for_each(|wait| write!(f, ", {:.1} s", wait.as_secs_f64()))?;
    }
    match tries.stopped {
        None | Some(Stopped::Attempts) => Ok(()),
        Some(stopped) => write!(f, "\n  not retried: {stopped}"),
    }
}

/// Returns cause and fix of a failure, and whether the fallbacks of a download were refused too.
pub(super) fn hint(error: &Error) -> Option<String> {
    let hint = failure_hint(error.api_error()?, error.endpoint());
    let fallbacks = match error.inner.cause.tries.fallbacks {
        0 => return hint,
        1 => "Another request for the file was refused too.".to_owned(),
        count => format!("{count} other requests for the file were refused too."),
    };
    Some(hint.map_or(fallbacks.clone(), |hint| format!("{hint} {fallbacks}")))
}

/// Returns cause and fix of a failure, from the spec or the list of common codes.
fn failure_hint(response: &ApiError, endpoint: Option<&EndpointInfo>) -> Option<String> {
    let documented = endpoint.and_then(|endpoint| endpoint.documented(response.code, response.status));
    let mut hint = match documented {
        Some(documented) if !documented.hint.is_empty() => documented.hint.to_owned(),
        _ => response.code.and_then(common_code)?.hint.to_owned(),
    };
    let scopes = endpoint.map_or(&[][..], |endpoint| endpoint.scopes);
    if response.is_about_scopes() && !scopes.is_empty() {
        let _ = write!(hint, " Any one of: {}.", scopes.join(", "));
    }
    Some(hint)
}

/// Writes a text with a prefix, if the text is not empty.
fn write_part(f: &mut Formatter<'_>, prefix: &str, text: &str) -> fmt::Result {
    if text.is_empty() {
        return Ok(());
    }
    write!(f, "{prefix}{text}")
}
