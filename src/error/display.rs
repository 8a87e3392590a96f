//! What an error says to people: the first line tells what happened, the others what helps.

use std::fmt::{self, Display, Formatter, Write as _};

use super::api::{ApiError, common};
use super::{Error, ErrorKind, Violation};
use crate::endpoint::EndpointInfo;

impl Display for Error {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if let Some(endpoint) = self.endpoint() {
            write!(f, "{}: ", endpoint.id)?;
        }
        match self.kind() {
            ErrorKind::Config(error) => error.fmt(f),
            ErrorKind::Validation(violations) => invalid(violations, f),
            ErrorKind::Auth(error) => write!(f, "not sent: {error}"),
            ErrorKind::Login(error) => error.fmt(f),
            ErrorKind::RateLimited(limited) => write!(f, "not sent: {limited}"),
            ErrorKind::Store(error) => write!(f, "not sent: {error}"),
            ErrorKind::Api(answer) => answered(answer, self.endpoint(), f),
            ErrorKind::Transport(fault) => fault.fmt(f),
            ErrorKind::Decode(unreadable) => unreadable.fmt(f),
            ErrorKind::Range(fault) => fault.fmt(f),
            ErrorKind::Download(fault) => fault.fmt(f),
            ErrorKind::Upload(fault) => fault.fmt(f),
            ErrorKind::TemporaryLink(fault) => fault.fmt(f),
            ErrorKind::Pagination(fault) => fault.fmt(f),
            ErrorKind::Polling(fault) => fault.fmt(f),
            ErrorKind::TooLarge { limit, way_out } => {
                write!(f, "the answer is larger than {limit} bytes: {way_out}")
            }
            ErrorKind::Io { path, action, source } => {
                write!(f, "{action} {} failed: {source}", path.display())
            }
        }?;
        self.inner.cause.tries.fmt(f)?;
        match (&self.inner.task, self.kind()) {
            (None, _) => Ok(()),
            (Some(task), ErrorKind::Polling(fault)) if fault.is_end() => write!(f, "\n  the task: {task}"),
            (Some(task), _) => write!(f, "\n  the task goes on; to ask for it: {task}"),
        }
    }
}

fn invalid(violations: &[Violation], f: &mut Formatter<'_>) -> fmt::Result {
    match violations {
        [violation] => write!(f, "not sent: {violation}"),
        violations => {
            write!(f, "not sent, {} fields are wrong:", violations.len())?;
            violations.iter().try_for_each(|violation| write!(f, "\n  {violation}"))
        }
    }
}

fn answered(answer: &ApiError, endpoint: Option<&EndpointInfo>, f: &mut Formatter<'_>) -> fmt::Result {
    headline(answer, f)?;
    if let Some(hint) = hint(answer, endpoint) {
        write!(f, "\n  {hint}")?;
    }
    for violation in &answer.field_violations {
        write!(f, "\n  field `{}`", violation.field)?;
        part(f, " = ", &violation.value)?;
        part(f, ": ", &violation.description)?;
    }
    for violation in &answer.permission_violations {
        write!(f, "\n  missing scope {}", violation.scope)?;
        part(f, ": ", &violation.description)?;
    }
    if let Some(wait) = answer.retry_after {
        write!(f, "\n  try again in {} s", wait.as_secs())?;
    }
    for help in &answer.helps {
        write!(f, "\n  help: {}", help.url)?;
        part(f, " ", &help.description)?;
    }
    if let Some(url) = &answer.troubleshooter {
        write!(f, "\n  troubleshooting: {url}")?;
    }
    if let Some(docs) = endpoint.map(|endpoint| endpoint.docs).filter(|docs| !docs.is_empty()) {
        write!(f, "\n  documentation: {docs}")?;
    }
    match &answer.log_id {
        Some(log_id) => write!(f, "\n  log id: {log_id}"),
        None => Ok(()),
    }
}

fn headline(answer: &ApiError, f: &mut Formatter<'_>) -> fmt::Result {
    write!(f, "the platform answered HTTP {}", answer.status)?;
    match (answer.code, &answer.redirect, &answer.excerpt) {
        (Some(code), ..) => {
            write!(f, ", code {code}")?;
            part(f, ": ", &answer.msg)
        }
        (None, Some(host), _) => write!(f, ", a redirect to {host}, which is not followed: check the base URL"),
        (None, None, Some(excerpt)) => write!(f, " without an envelope, and the body {excerpt:?}"),
        (None, None, None) if answer.status == 416 => {
            f.write_str(", as the file ends before the range begins: ask for an earlier part of it")
        }
        (None, None, None) => f.write_str(" with an empty body, which tells no cause"),
    }
}

/// What the spec or the guide of common codes says of the failure.
pub(super) fn hint(answer: &ApiError, endpoint: Option<&EndpointInfo>) -> Option<String> {
    let documented = endpoint.and_then(|endpoint| endpoint.documented(answer.code, answer.status));
    let mut hint = match documented {
        Some(documented) if !documented.hint.is_empty() => documented.hint.to_owned(),
        _ => answer.code.and_then(common)?.hint.to_owned(),
    };
    let scopes = endpoint.map_or(&[][..], |endpoint| endpoint.scopes);
    if answer.is_about_scopes() && !scopes.is_empty() {
        let _ = write!(hint, " Any one of: {}.", scopes.join(", "));
    }
    Some(hint)
}

/// Text with what leads up to it, if there is any text.
fn part(f: &mut Formatter<'_>, lead: &str, text: &str) -> fmt::Result {
    if text.is_empty() {
        return Ok(());
    }
    write!(f, "{lead}{text}")
}
