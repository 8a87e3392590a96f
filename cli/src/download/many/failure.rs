//! Why a file could not be had, and what to do.

use std::io;
use std::time::Duration;

use larkspur::Error;
use larkspur::endpoint::{EndpointInfo, Lifetime};
use larkspur::error::{DownloadError, ErrorKind};

use super::record::{Placed, TAKEN};

/// Most failures pass.
const AGAIN: &str = "run the same command again";

/// Why a file could not be had.
#[derive(Debug, Clone)]
pub(super) struct Failure {
    pub token: String,
    pub kind: Kind,
    /// The platform's, or a word where it has none.
    pub code: String,
    /// What happened, in a line.
    pub message: String,
    /// What to do, in a line.
    pub advice: String,
    /// Id under which the platform's support finds the call.
    pub log_id: Option<String>,
}

/// Where a failure comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// The file was there for a time that is over.
    Expired,
    /// The platform refused it.
    Refused,
    /// The platform could not be reached, or not for long enough.
    Network,
    /// It could not be written here.
    Disk,
    /// Somebody has changed the file that was here.
    Changed,
    /// Anything else.
    Other,
}

impl Kind {
    /// As JSON has it.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Expired => "expired",
            Self::Refused => "refused",
            Self::Network => "network",
            Self::Disk => "disk",
            Self::Changed => "changed",
            Self::Other => "other",
        }
    }
}

impl Failure {
    /// Why a transfer of this endpoint failed.
    pub(super) fn of(token: &str, endpoint: &'static EndpointInfo, error: &Error) -> Self {
        let (kind, advice) = judge(endpoint, error);
        let text = error.to_string();
        Self {
            token: token.to_owned(),
            kind,
            code: code(kind, error),
            message: text.lines().next().unwrap_or_default().to_owned(),
            advice,
            log_id: error.log_id().map(str::to_owned),
        }
    }

    /// A file that is there and is not what came.
    pub(super) fn changed(token: &str, placed: &Placed) -> Self {
        let Placed { name, bytes } = placed;
        Self {
            token: token.to_owned(),
            kind: Kind::Changed,
            code: Kind::Changed.as_str().to_owned(),
            message: format!("{name} is not the file of {bytes} bytes that came"),
            advice: format!("{name} was changed here and stays as it is: move it away to have it fetched again"),
            log_id: None,
        }
    }

    /// A file that came, and of which the journal could not say so.
    pub(super) fn journal(token: &str, why: &str) -> Self {
        Self {
            token: token.to_owned(),
            kind: Kind::Disk,
            code: Kind::Disk.as_str().to_owned(),
            message: why.to_owned(),
            advice: format!("see to the directory, then {AGAIN}"),
            log_id: None,
        }
    }
}

/// Whether the same would happen to every other file of the list: then it is no use to go on.
pub(super) fn concerns_all(endpoint: &'static EndpointInfo, error: &Error) -> bool {
    match error.kind() {
        ErrorKind::Config(_) | ErrorKind::Auth(_) => true,
        ErrorKind::Io { source, .. } => matches!(
            source.kind(),
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::ReadOnlyFilesystem
        ),
        // The app lacks a scope that the endpoint needs, whichever the file.
        ErrorKind::Api(answer) if !answer.permission_violations.is_empty() => true,
        _ => is_of_the_app(endpoint, error) && !error.is_retryable(),
    }
}

/// Whether it is the call for a token of the app that failed, which has an endpoint of its own.
fn is_of_the_app(endpoint: &'static EndpointInfo, error: &Error) -> bool {
    error.endpoint().is_some_and(|other| other.id != endpoint.id)
}

fn judge(endpoint: &'static EndpointInfo, error: &Error) -> (Kind, String) {
    match error.kind() {
        ErrorKind::Api(_) if is_of_the_app(endpoint, error) && !error.is_retryable() => {
            let advice = format!("see to the app's id, its secret and the host, then {AGAIN}");
            (Kind::Refused, advice)
        }
        ErrorKind::Api(_) => refused(endpoint, error),
        ErrorKind::Transport(_) => (Kind::Network, AGAIN.to_owned()),
        ErrorKind::RateLimited(_) | ErrorKind::Download(_) => (Kind::Other, AGAIN.to_owned()),
        ErrorKind::Io { source, .. } => (Kind::Disk, format!("see to the directory ({source}), then {AGAIN}")),
        ErrorKind::Validation(_) => (Kind::Other, "mend this line of the list".to_owned()),
        _ => (Kind::Other, unexplained(error)),
    }
}

fn refused(endpoint: &'static EndpointInfo, error: &Error) -> (Kind, String) {
    let hint = error.hint();
    let lifetime = endpoint.lifetime.filter(|lifetime| lifetime.of == "file");
    let Some(lifetime) = lifetime else {
        return (Kind::Refused, hint.unwrap_or_else(|| unexplained(error)));
    };
    // The platform has no code of its own for a file whose time is over: it says that there is none, or that the token
    // is wrong.
    let documented = endpoint.documented(error.code(), error.status().unwrap_or_default());
    match (error.status(), hint) {
        (Some(404 | 410), _) => (Kind::Expired, expired(&lifetime)),
        (_, Some(hint)) if documented.is_some_and(|documented| documented.http < 500) => {
            (Kind::Expired, format!("{hint} Or {}", expired(&lifetime)))
        }
        (_, hint) => (Kind::Refused, hint.unwrap_or_else(|| unexplained(error))),
    }
}

fn unexplained(error: &Error) -> String {
    match (error.is_retryable(), error.log_id()) {
        (true, _) => AGAIN.to_owned(),
        (false, Some(log_id)) => format!("ask the platform's support, which finds the call by its log id {log_id}"),
        (false, None) => "see the message".to_owned(),
    }
}

fn expired(lifetime: &Lifetime) -> String {
    let lives = spelled(lifetime.duration);
    match lifetime.since.contains("export") {
        true => format!("the exported file lives {lives}: export it again"),
        false => format!("the {} lives {lives}: have it made again", lifetime.of),
    }
}

/// A time in its largest whole unit.
fn spelled(duration: Duration) -> String {
    let seconds = duration.as_secs();
    let (count, unit) = match seconds {
        _ if seconds > 0 && seconds.is_multiple_of(3600) => (seconds / 3600, "hour"),
        _ if seconds > 0 && seconds.is_multiple_of(60) => (seconds / 60, "minute"),
        _ => (seconds, "second"),
    };
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {unit}{plural}")
}

fn code(kind: Kind, error: &Error) -> String {
    if let ErrorKind::Download(DownloadError::Exists { .. }) = error.kind() {
        return TAKEN.to_owned();
    }
    match (error.status(), error.code()) {
        (Some(status), Some(code)) => format!("HTTP {status}, {code}"),
        (Some(status), None) => format!("HTTP {status}"),
        _ => kind.as_str().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::spelled;

    #[test]
    fn a_time_is_told_in_its_largest_whole_unit() {
        let spelled = [600, 3600, 90, 60, 86_400].map(|seconds| spelled(Duration::from_secs(seconds)));
        assert_eq!(spelled, ["10 minutes", "1 hour", "90 seconds", "1 minute", "24 hours"]);
    }
}
