//! The client of a command: its credentials, and how long it waits for rate limits.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use clap::Args;
use larkspur::interceptor::{Interceptor, WaitEvent};
use larkspur::{Client, RetryPolicy};
use larkspur_codegen::command::output::Stop;

use crate::credentials::CredentialOptions;
use crate::exit_code::format_time;
use crate::progress;

/// Shorter waits are not reported.
const MIN_REPORTED_WAIT: Duration = Duration::from_secs(10);
/// The deadline of a call includes its attempts, which take up to a minute.
const MIN_MAX_WAIT: Duration = Duration::from_secs(60);

/// Options of commands that send requests.
#[derive(Args)]
pub(crate) struct ConnectionOptions {
    #[command(flatten)]
    credentials: CredentialOptions,
    /// Longest wait for a rate limit, or for a delay that the platform imposes, such as 30m, 2h or 1d; at least 1m. Waits of
    /// more than ten seconds are reported. Where a longer one is needed, the command ends and reports when to run it again.
    #[arg(long, value_name = "DURATION", default_value = "1h", value_parser = parse_duration)]
    max_wait: Duration,
}

impl ConnectionOptions {
    /// Builds a client with these credentials.
    pub(crate) fn client(&self) -> Result<Client, Stop> {
        let client = self.credentials.client(WaitReport::default())?;
        Ok(client.with_deadline(self.max_wait))
    }

    /// Returns whether a kind of token is named.
    pub(crate) fn names_caller(&self) -> bool {
        self.credentials.names_caller()
    }

    /// Builds a client for an endpoint without tokens, which needs neither app nor user.
    pub(crate) fn client_without_token(&self) -> Result<Client, Stop> {
        let client = self.credentials.client_without_token(WaitReport::default())?;
        Ok(client.with_deadline(self.max_wait))
    }

    /// Builds a client for unattended runs, which retries more often.
    pub(crate) fn persistent_client(&self) -> Result<Client, Stop> {
        let retries = RetryPolicy::new().attempts(6).max_backoff(Duration::from_secs(30));
        Ok(self.client()?.with_retries(retries))
    }
}

/// Reports waits of calls on standard error.
#[derive(Default)]
pub(crate) struct WaitReport {
    /// The end of the last reported wait for each endpoint, as all its calls wait for the same delay.
    reported: Mutex<HashMap<&'static str, SystemTime>>,
}

impl Interceptor for WaitReport {
    fn on_wait(&self, event: &WaitEvent) {
        if event.wait < MIN_REPORTED_WAIT {
            return;
        }
        let until = SystemTime::now() + event.wait;
        let mut reported = self.reported.lock().unwrap_or_else(PoisonError::into_inner);
        let last = reported.get(event.endpoint.id);
        if last.is_none_or(|last| *last + MIN_REPORTED_WAIT < until) {
            reported.insert(event.endpoint.id, until);
            progress::print_line(&format!(
                "{}: waiting for the rate limit until {} ({}); --max-wait sets the longest wait",
                event.endpoint.id,
                format_time(until),
                format_duration(event.wait),
            ));
        }
    }
}

/// Formats a duration in its two largest units, rounded up.
fn format_duration(duration: Duration) -> String {
    let seconds = duration.as_secs() + u64::from(duration.subsec_nanos() > 0);
    match (seconds / 3600, seconds / 60 % 60, seconds % 60) {
        (0, 0, seconds) => format!("{seconds} s"),
        (0, minutes, seconds) => format!("{minutes} min {seconds} s"),
        (hours, minutes, _) => format!("{hours} h {minutes} min"),
    }
}

/// Parses a duration with a unit: `90s`, `30m`, `2h` or `1d`.
fn parse_duration(text: &str) -> Result<Duration, String> {
    let invalid = || "expected a number with a unit: 90s, 30m, 2h or 1d".to_owned();
    let unit = text.chars().last().ok_or_else(invalid)?;
    let seconds: u64 = match unit {
        's' => 1,
        'm' => 60,
        'h' => 60 * 60,
        'd' => 24 * 60 * 60,
        _ => return Err(invalid()),
    };
    let number: u64 = text
        .strip_suffix(unit)
        .and_then(|number| number.parse().ok())
        .ok_or_else(invalid)?;
    let duration = number.checked_mul(seconds).map(Duration::from_secs);
    let duration = duration.ok_or_else(|| "the duration is too long: 1d is the longest rate limit".to_owned())?;
    if duration < MIN_MAX_WAIT {
        return Err("the duration is too short: expected at least 1m".to_owned());
    }
    Ok(duration)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parses_durations_with_units() {
        let seconds = |text: &str| parse_duration(text).map(|duration| duration.as_secs());
        assert_eq!(seconds("90s"), Ok(90));
        assert_eq!(seconds("30m"), Ok(1800));
        assert_eq!(seconds("2h"), Ok(7200));
        assert_eq!(seconds("1d"), Ok(86_400));
        for invalid in [
            "",
            "1",
            "m",
            "-1m",
            "1.5h",
            "1w",
            "59s",
            "0d",
            "18446744073709551615d",
            "1ä",
        ] {
            assert!(seconds(invalid).is_err(), "{invalid}");
        }
    }

    #[test]
    fn formats_two_largest_units() {
        let formatted = [0, 59, 61, 3600, 86_399].map(|seconds| format_duration(Duration::from_secs(seconds)));
        assert_eq!(formatted, ["0 s", "59 s", "1 min 1 s", "1 h 0 min", "23 h 59 min"]);
        assert_eq!(format_duration(Duration::from_millis(1500)), "2 s");
    }
}
