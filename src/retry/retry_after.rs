//! Server-imposed delays: `Retry-After` and the platform's own header.

use std::time::{Duration, SystemTime};

use reqwest::header::{DATE, HeaderMap, HeaderName, RETRY_AFTER};

/// The platform's own header: seconds until the rate window resets.
const RESET: HeaderName = HeaderName::from_static("x-ogw-ratelimit-reset");

/// Returns the delay that the headers impose: the platform's own header first, then that of HTTP, which a proxy may set.
pub(crate) fn parse_retry_after(headers: &HeaderMap) -> Option<Duration> {
    seconds(headers, &RESET)
        .or_else(|| seconds(headers, &RETRY_AFTER))
        .or_else(|| until(headers))
}

fn seconds(headers: &HeaderMap, name: &HeaderName) -> Option<Duration> {
    text(headers, name)?.parse().ok().map(Duration::from_secs)
}

/// Returns the delay until the date in `Retry-After`, relative to the response's `Date`: the local clock may be wrong.
fn until(headers: &HeaderMap) -> Option<Duration> {
    let end = date(headers, &RETRY_AFTER)?;
    let now = date(headers, &DATE).unwrap_or_else(SystemTime::now);
    // A date in the past means no delay.
    Some(end.duration_since(now).unwrap_or_default())
}

fn date(headers: &HeaderMap, name: &HeaderName) -> Option<SystemTime> {
    httpdate::parse_http_date(text(headers, name)?).ok()
}

fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name)?.to_str().ok().map(str::trim)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: &str = "Fri, 02 Jan 2026 12:00:00 GMT";

    fn parsed(headers: &[(HeaderName, &str)]) -> Option<u64> {
        let headers = headers
            .iter()
            .map(|(name, value)| (name.clone(), value.parse().unwrap()));
        parse_retry_after(&headers.collect()).map(|wait| wait.as_secs())
    }

    #[test]
    fn prefers_the_platforms_header() {
        assert_eq!(parsed(&[(RETRY_AFTER, "9"), (RESET, "3")]), Some(3));
        assert_eq!(parsed(&[(RETRY_AFTER, " 9 "), (RESET, "soon")]), Some(9));
    }

    #[test]
    fn reads_dates_relative_to_the_response() {
        for (date, wait) in [
            ("Fri, 02 Jan 2026 12:00:07 GMT", Some(7)),
            ("Friday, 02-Jan-26 12:01:00 GMT", Some(60)),
            ("Fri Jan  2 11:59:00 2026", Some(0)),
            ("Fri, 32 Jan 2026 12:00:07 GMT", None),
        ] {
            assert_eq!(parsed(&[(DATE, NOON), (RETRY_AFTER, date)]), wait, "{date}");
        }
    }

    #[test]
    fn reads_dates_by_the_local_clock_without_date() {
        let in_an_hour = httpdate::fmt_http_date(SystemTime::now() + Duration::from_secs(3600));
        let wait = parsed(&[(RETRY_AFTER, &in_an_hour)]).unwrap();
        assert!((3500..=3600).contains(&wait), "{wait}");
    }

    #[test]
    fn ignores_invalid_delays() {
        for value in ["", "-1", "1.5", "tomorrow", "99999999999999999999999"] {
            assert_eq!(parsed(&[(RETRY_AFTER, value), (RESET, value)]), None, "{value}");
        }
    }
}
