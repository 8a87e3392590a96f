//! How long an answer asks to wait before the next try.

use std::time::{Duration, SystemTime};

use reqwest::header::{DATE, HeaderMap, HeaderName, RETRY_AFTER};

/// The platform's own header: seconds until the window begins anew.
const RESET: HeaderName = HeaderName::from_static("x-ogw-ratelimit-reset");

/// How long these headers ask to wait: the platform's own first, then the one of HTTP, which a proxy may have set too.
pub(crate) fn parse_retry_after(headers: &HeaderMap) -> Option<Duration> {
    seconds(headers, &RESET)
        .or_else(|| seconds(headers, &RETRY_AFTER))
        .or_else(|| until(headers))
}

fn seconds(headers: &HeaderMap, name: &HeaderName) -> Option<Duration> {
    text(headers, name)?.parse().ok().map(Duration::from_secs)
}

/// The wait until the date that `Retry-After` names, by the clock that the answer was dated with: ours may be wrong.
fn until(headers: &HeaderMap) -> Option<Duration> {
    let end = date(headers, &RETRY_AFTER)?;
    let now = date(headers, &DATE).unwrap_or_else(SystemTime::now);
    // A date that has passed: the wait is over.
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

    fn asked(headers: &[(HeaderName, &str)]) -> Option<u64> {
        let headers = headers
            .iter()
            .map(|(name, value)| (name.clone(), value.parse().unwrap()));
        parse_retry_after(&headers.collect()).map(|wait| wait.as_secs())
    }

    #[test]
    fn the_platforms_own_header_goes_before_that_of_http() {
        assert_eq!(asked(&[(RETRY_AFTER, "9"), (RESET, "3")]), Some(3));
        assert_eq!(asked(&[(RETRY_AFTER, " 9 "), (RESET, "soon")]), Some(9));
    }

    #[test]
    fn a_date_is_read_by_the_clock_that_the_answer_was_dated_with() {
        for (date, wait) in [
            ("Fri, 02 Jan 2026 12:00:07 GMT", Some(7)),
            ("Friday, 02-Jan-26 12:01:00 GMT", Some(60)),
            ("Fri Jan  2 11:59:00 2026", Some(0)),
            ("Fri, 32 Jan 2026 12:00:07 GMT", None),
        ] {
            assert_eq!(asked(&[(DATE, NOON), (RETRY_AFTER, date)]), wait, "{date}");
        }
    }

    #[test]
    fn a_date_in_an_answer_without_one_is_read_by_the_clock_here() {
        let in_an_hour = httpdate::fmt_http_date(SystemTime::now() + Duration::from_secs(3600));
        let wait = asked(&[(RETRY_AFTER, &in_an_hour)]).unwrap();
        assert!((3500..=3600).contains(&wait), "{wait}");
    }

    #[test]
    fn what_is_no_time_asks_for_nothing() {
        for value in ["", "-1", "1.5", "tomorrow", "99999999999999999999999"] {
            assert_eq!(asked(&[(RETRY_AFTER, value), (RESET, value)]), None, "{value}");
        }
    }
}
