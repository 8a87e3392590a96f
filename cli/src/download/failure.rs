//! Failed downloads: their kinds, and what users can do about them.

use std::time::Duration;

use larkspur::Error;
use larkspur::endpoint::{EndpointInfo, Lifetime};
use larkspur::error::{DownloadError, ErrorKind};

use super::journal::{NAME_TAKEN, PlacedFile};
use crate::exit_code::{RETRY, advice_for, needs_change};

/// A failed download.
#[derive(Debug, Clone)]
pub(super) struct Failure {
    pub token: String,
    pub kind: FailureKind,
    /// HTTP status and code of the platform, or the kind.
    pub code: String,
    /// What failed, in one line.
    pub message: String,
    /// What to do, in one line.
    pub advice: String,
    /// Log id of the request, for the platform's support.
    pub log_id: Option<String>,
    /// Whether the user has to change something before a run can succeed.
    pub needs_change: bool,
}

/// The cause of a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FailureKind {
    /// The file has expired.
    Expired,
    /// The platform refused the request.
    Refused,
    /// A network error or timeout.
    Network,
    /// A local file could not be written.
    Disk,
    /// The local file was changed after its download.
    Changed,
    /// Any other cause.
    Other,
}

impl FailureKind {
    /// Returns the name in JSON.
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
    /// Creates the failure of a download with this error.
    pub(super) fn new(token: &str, endpoint: &'static EndpointInfo, error: &Error) -> Self {
        let (kind, advice) = classify(endpoint, error);
        let text = error.to_string();
        Self {
            token: token.to_owned(),
            kind,
            code: error_code(kind, error),
            message: text.lines().next().unwrap_or_default().to_owned(),
            advice,
            log_id: error.log_id().map(str::to_owned),
            needs_change: needs_change(error),
        }
    }

    /// Creates the failure of a file that was changed after its download.
    pub(super) fn changed(token: &str, placed: &PlacedFile) -> Self {
        let PlacedFile { name, bytes } = placed;
        Self {
            token: token.to_owned(),
            kind: FailureKind::Changed,
            code: FailureKind::Changed.as_str().to_owned(),
            message: format!("{name} differs from the downloaded file of {bytes} bytes"),
            advice: format!(
                "{name} was changed locally and is not replaced: move it to another place to download it again, or add --overwrite"
            ),
            log_id: None,
            needs_change: false,
        }
    }

    /// Creates the failure of a downloaded file that could not be recorded in the journal.
    pub(super) fn journal(token: &str, reason: &str) -> Self {
        Self {
            token: token.to_owned(),
            kind: FailureKind::Disk,
            code: FailureKind::Disk.as_str().to_owned(),
            message: reason.to_owned(),
            advice: format!("check the directory, then {RETRY}"),
            log_id: None,
            needs_change: true,
        }
    }
}

fn classify(endpoint: &'static EndpointInfo, error: &Error) -> (FailureKind, String) {
    let kind = match error.kind() {
        ErrorKind::Api(_) => FailureKind::Refused,
        ErrorKind::Transport(_) => FailureKind::Network,
        ErrorKind::Io { .. } => FailureKind::Disk,
        _ => FailureKind::Other,
    };
    if let Some(advice) = advice_for(error) {
        return (kind, advice);
    }
    match error.kind() {
        ErrorKind::Api(_) => classify_refusal(endpoint, error),
        ErrorKind::Validation(_) => (kind, "correct this line of the list".to_owned()),
        _ => (kind, default_advice(error)),
    }
}

fn classify_refusal(endpoint: &'static EndpointInfo, error: &Error) -> (FailureKind, String) {
    let hint = error.hint();
    let lifetime = endpoint.lifetime.filter(|lifetime| lifetime.of == "file");
    let Some(lifetime) = lifetime else {
        return (FailureKind::Refused, hint.unwrap_or_else(|| default_advice(error)));
    };
    // The platform has no code for an expired file: it reports a missing file or an invalid token.
    let documented = endpoint.documented(error.code(), error.status().unwrap_or_default());
    match (error.status(), hint) {
        (Some(404 | 410), _) => (FailureKind::Expired, expiry_advice(&lifetime)),
        (_, Some(hint)) if documented.is_some_and(|documented| documented.http < 500) => {
            (FailureKind::Expired, format!("{hint} Or {}", expiry_advice(&lifetime)))
        }
        (_, hint) => (FailureKind::Refused, hint.unwrap_or_else(|| default_advice(error))),
    }
}

fn default_advice(error: &Error) -> String {
    match (error.is_retryable(), error.log_id()) {
        (true, _) => RETRY.to_owned(),
        (false, Some(log_id)) => format!("contact the platform's support with log id {log_id}"),
        (false, None) => "see the message".to_owned(),
    }
}

fn expiry_advice(lifetime: &Lifetime) -> String {
    let duration = format_duration(lifetime.duration);
    if lifetime.since.contains("export") {
        format!("the exported file expires after {duration}: export it again")
    } else {
        format!("the {} expires after {duration}: create it again", lifetime.of)
    }
}

/// Formats a duration in its largest integral unit.
fn format_duration(duration: Duration) -> String {
    let seconds = duration.as_secs();
    let (count, unit) = match seconds {
        _ if seconds > 0 && seconds.is_multiple_of(3600) => (seconds / 3600, "hour"),
        _ if seconds > 0 && seconds.is_multiple_of(60) => (seconds / 60, "minute"),
        _ => (seconds, "second"),
    };
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {unit}{plural}")
}

fn error_code(kind: FailureKind, error: &Error) -> String {
    if let ErrorKind::Download(DownloadError::Exists { .. }) = error.kind() {
        return NAME_TAKEN.to_owned();
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

    use super::format_duration;

    #[test]
    fn formats_duration_in_largest_unit() {
        let formatted = [600, 3600, 90, 60, 86_400].map(|seconds| format_duration(Duration::from_secs(seconds)));
        assert_eq!(
            formatted,
            ["10 minutes", "1 hour", "90 seconds", "1 minute", "24 hours"]
        );
    }
}
