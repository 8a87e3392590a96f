//! Exit codes: one table for all commands, and how an error of the client ends a command.

use std::io;
use std::path::Path;
use std::time::{Duration, SystemTime};

use larkspur::Error;
use larkspur::error::{ApiError, DownloadError, ErrorKind, TransportKind, UploadError};
use larkspur_codegen::command::output::Stop;

/// The table of exit codes for the help of a command.
macro_rules! exit_codes {
    () => {
        "\
Exit codes of all commands:
  0    success
  1    a request was refused, a connection failed, a check found something, or nothing matched
  2    not sent: wrong usage, setup, credentials or scopes, or a local file cannot be read or written
  130  interrupted by SIGINT (Ctrl-C)
  143  interrupted by SIGTERM"
    };
}
pub(crate) use exit_codes;

/// Advice for transient failures.
pub(crate) const RETRY: &str = "run the same command again";

/// A shorter delay passes before the next attempt of a person.
const MIN_LONG_DELAY: Duration = Duration::from_secs(60);

/// Returns how a command ends with an error of the client.
pub(crate) fn stop_for(error: &Error) -> Stop {
    let mut message = match error.kind() {
        ErrorKind::Download(DownloadError::Exists { path }) => return exists(path),
        _ => error.report().to_string(),
    };
    // Other kinds state in their message what to do.
    let has_advice = match error.kind() {
        ErrorKind::Api(response) => response.redirect.is_none(),
        ErrorKind::Auth(_) | ErrorKind::RateLimited(_) | ErrorKind::Io { .. } => true,
        ErrorKind::Transport(_) => true,
        _ => false,
    };
    if let Some(advice) = advice_for(error).filter(|_| has_advice) {
        message.push_str("\n  ");
        message.push_str(&advice);
    }
    stop(needs_change(error), message)
}

/// Returns the end of a command with exit code 2 if something has to be changed, else 1.
pub(crate) fn stop(needs_change: bool, message: String) -> Stop {
    if needs_change {
        Stop::Unable(message)
    } else {
        Stop::Failed(message)
    }
}

/// Returns the end of a command whose output exists.
pub(crate) fn exists(path: &Path) -> Stop {
    Stop::unable(format!(
        "{} exists: choose another path, or replace it with --overwrite",
        path.display()
    ))
}

/// Returns whether the user has to change something before the command can succeed: exit code 2. Else a later run may
/// succeed, or the platform has its reasons: exit code 1.
pub(crate) fn needs_change(error: &Error) -> bool {
    match error.kind() {
        ErrorKind::Config(_) | ErrorKind::Validation(_) | ErrorKind::Auth(_) | ErrorKind::Login(_) => true,
        ErrorKind::Io { .. } => true,
        ErrorKind::Download(error) => matches!(
            error,
            DownloadError::NotBinary
                | DownloadError::Ranged
                | DownloadError::Exists { .. }
                | DownloadError::Busy { .. }
                | DownloadError::Writer { .. }
        ),
        ErrorKind::Upload(error) => matches!(
            error,
            UploadError::Read { .. } | UploadError::NotResumable { .. } | UploadError::Busy { .. }
        ),
        ErrorKind::Api(_) => refuses_caller(error),
        _ => false,
    }
}

/// Returns whether every other request of the command would fail as well.
pub(crate) fn affects_all_requests(error: &Error) -> bool {
    match error.kind() {
        ErrorKind::Config(_) | ErrorKind::Auth(_) | ErrorKind::Login(_) => true,
        // Other files may have a shorter name.
        ErrorKind::Io { source, .. } => source.kind() != io::ErrorKind::InvalidFilename,
        ErrorKind::Api(_) => refuses_caller(error) || is_long_delay(error),
        _ => is_long_delay(error),
    }
}

/// Returns whether the platform refused the app, the token or the scopes, and not the request.
fn refuses_caller(error: &Error) -> bool {
    let is_missing_scope = |response: &ApiError| !response.permission_violations.is_empty();
    error.is_auth() || error.api_error().is_some_and(is_missing_scope) || is_refused_token_request(error)
}

/// Returns whether the request for an access token was refused, which has an endpoint of its own.
fn is_refused_token_request(error: &Error) -> bool {
    let is_token_endpoint = error
        .endpoint()
        .is_some_and(|endpoint| endpoint.id.starts_with("auth."));
    is_token_endpoint && error.api_error().is_some() && !error.is_retryable()
}

/// Returns whether the platform, or a window of the endpoint, allows no request for a longer time.
fn is_long_delay(error: &Error) -> bool {
    error.is_rate_limited() && error.retry_after().is_some_and(|delay| delay >= MIN_LONG_DELAY)
}

/// Returns what to do about an error, in words of the command line; `None` if only its hint or a retry helps.
pub(crate) fn advice_for(error: &Error) -> Option<String> {
    const IN_TRANSIT: &str = "the response was changed in transit: check the proxies and LARKSPUR_BASE_URL";
    let text = match error.kind() {
        _ if is_long_delay(error) => return Some(advice_for_delay(error.retry_after().unwrap_or_default())),
        ErrorKind::Api(_) if is_refused_token_request(error) => {
            "check LARKSPUR_APP_ID, LARKSPUR_APP_SECRET and LARKSPUR_BASE_URL"
        }
        ErrorKind::Api(response) => return advice_for_response(error, response),
        ErrorKind::Auth(_) => "LARKSPUR_APP_ID sets the app, LARKSPUR_USER_TOKEN the user, --caller the kind of token",
        ErrorKind::Io { source, .. } => match source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => "free space on the disk",
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
                "choose a directory that you can write to"
            }
            _ => return Some(format!("check the directory and its disk ({source})")),
        },
        ErrorKind::Transport(error) => match error.kind {
            TransportKind::Dns | TransportKind::Connect => "check the network connection and LARKSPUR_BASE_URL",
            TransportKind::Tls => "check LARKSPUR_BASE_URL, the proxies and the root certificates of this computer",
            _ => return None,
        },
        ErrorKind::Decode(error) if error.path.is_empty() => IN_TRANSIT,
        ErrorKind::Range(_) => IN_TRANSIT,
        ErrorKind::Download(DownloadError::Unbounded { .. }) => {
            "a proxy removed the length of the response: check the proxies and LARKSPUR_BASE_URL"
        }
        ErrorKind::Download(DownloadError::ForeignPage { .. }) => {
            "check LARKSPUR_BASE_URL, and whether a gateway or a proxy requires a login"
        }
        ErrorKind::Download(DownloadError::Exists { .. }) => "move the file, or replace it with --overwrite",
        ErrorKind::Download(DownloadError::Busy { .. }) => "wait until the other download has ended",
        ErrorKind::Download(DownloadError::Changed { .. }) => {
            "run the same command again; if it fails again, remove the partial file"
        }
        _ => return None,
    };
    Some(text.to_owned())
}

fn advice_for_response(error: &Error, response: &ApiError) -> Option<String> {
    let text = match response.code {
        Some(99991668 | 99991677) => {
            "set a valid user token in LARKSPUR_USER_TOKEN, or select another kind of token with --caller"
        }
        Some(99991661 | 99991663 | 99991664 | 99991665 | 99991671) => {
            "select another kind of token with --caller, and check LARKSPUR_APP_ID and LARKSPUR_APP_SECRET"
        }
        Some(99991543) => "check LARKSPUR_APP_ID, LARKSPUR_APP_SECRET and LARKSPUR_BASE_URL",
        None if response.redirect.is_some() => "check LARKSPUR_BASE_URL: the platform itself does not redirect",
        None if response.excerpt.is_some() && error.hint().is_none() && !error.is_retryable() => {
            "the response is not from the platform: check the proxies and LARKSPUR_BASE_URL"
        }
        _ => return None,
    };
    Some(text.to_owned())
}

fn advice_for_delay(delay: Duration) -> String {
    let until = format_time(SystemTime::now() + delay);
    let minutes = delay.as_secs().div_ceil(60);
    let wait = match minutes {
        0..=90 => format!("{minutes}m"),
        minutes => format!("{}h", minutes.div_ceil(60)),
    };
    format!("the next request is allowed at {until}: run the same command then, or let it wait with --max-wait {wait}")
}

/// Formats a time, such as `Tue, 01 Dec 2026 08:00:00 GMT`.
pub(crate) fn format_time(time: SystemTime) -> String {
    httpdate::fmt_http_date(time)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn advice_for_delay_covers_the_delay() {
        let advice = |seconds| advice_for_delay(Duration::from_secs(seconds));
        assert!(advice(61).ends_with("--max-wait 2m"), "{}", advice(61));
        assert!(advice(86_400).ends_with("--max-wait 24h"), "{}", advice(86_400));
        assert!(advice(86_401).ends_with("--max-wait 25h"), "{}", advice(86_401));
    }
}
