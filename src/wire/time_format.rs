//! Timestamps in the formats of the platform, as `SystemTime`.

use std::fmt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::{Encode, View};

/// How a string or an integer holds a point in time.
///
/// ```
/// use larkspur::wire::TimeFormat;
/// use std::time::{Duration, UNIX_EPOCH};
///
/// let time = TimeFormat::Rfc3339.parse("2024-02-29T08:00:00+08:00")?;
/// assert_eq!(time, UNIX_EPOCH + Duration::from_secs(1_709_164_800));
/// assert_eq!(TimeFormat::Milliseconds.text(time), "1709164800000");
/// # Ok::<(), larkspur::wire::TimeError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TimeFormat {
    /// Seconds since 1970.
    Seconds,
    /// Milliseconds since 1970.
    Milliseconds,
    /// A date and time with an offset, such as `2024-02-29T08:00:00+08:00`.
    Rfc3339,
}

impl TimeFormat {
    /// Parses a timestamp.
    ///
    /// # Errors
    ///
    /// The text does not have the format, or the system cannot represent the time.
    pub fn parse(self, text: &str) -> Result<SystemTime, TimeError> {
        let time = match self {
            Self::Rfc3339 => parse_rfc3339(text).and_then(|(seconds, nanos)| time_at(seconds, nanos)),
            Self::Seconds | Self::Milliseconds => text.parse().ok().and_then(|number| self.time_of(number)),
        };
        time.ok_or_else(|| self.error(text))
    }

    /// Returns the timestamp in a field of a response; `None` if it is absent or empty.
    ///
    /// # Errors
    ///
    /// The value does not have the format, or the system cannot represent the time.
    pub fn read(self, value: &dyn Encode) -> Result<Option<SystemTime>, TimeError> {
        match value.view() {
            View::Absent => Ok(None),
            View::Str("") => Ok(None),
            View::Str(text) => self.parse(text).map(Some),
            View::Int(number) => match self.time_of(number) {
                Some(time) => Ok(Some(time)),
                None => Err(self.error(&number.to_string())),
            },
            _ => Err(self.error("a value of another type")),
        }
    }

    /// Returns the time as text in this format.
    pub fn text(self, time: SystemTime) -> String {
        match self {
            Self::Rfc3339 => format_rfc3339(Self::Seconds.number(time)),
            Self::Seconds | Self::Milliseconds => self.number(time).to_string(),
        }
    }

    /// Returns the time as a number: in milliseconds for [`TimeFormat::Milliseconds`], in seconds for the others. Fractions are
    /// rounded down.
    pub fn number(self, time: SystemTime) -> i64 {
        let nanos = match time.duration_since(UNIX_EPOCH) {
            Ok(since) => i128::try_from(since.as_nanos()).unwrap_or(i128::MAX),
            Err(before) => i128::try_from(before.duration().as_nanos()).map_or(i128::MIN, |nanos| -nanos),
        };
        let unit = match self {
            Self::Milliseconds => 1_000_000,
            Self::Seconds | Self::Rfc3339 => 1_000_000_000,
        };
        let number = nanos.div_euclid(unit);
        i64::try_from(number).unwrap_or(if number < 0 { i64::MIN } else { i64::MAX })
    }

    fn time_of(self, number: i64) -> Option<SystemTime> {
        match self {
            Self::Seconds => time_at(number, 0),
            // The remainder is smaller than 1000.
            Self::Milliseconds => time_at(number.div_euclid(1000), number.rem_euclid(1000) as u32 * 1_000_000),
            Self::Rfc3339 => None,
        }
    }

    fn error(self, value: &str) -> TimeError {
        const MAX_SHOWN: usize = 40;
        TimeError {
            format: self,
            value: value.chars().take(MAX_SHOWN).collect(),
        }
    }
}

/// A value that is not a timestamp of the documented format.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TimeError {
    /// The documented format.
    pub format: TimeFormat,
    /// The value, shortened.
    pub value: String,
}

impl fmt::Display for TimeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let expected = match self.format {
            TimeFormat::Seconds => "seconds since 1970",
            TimeFormat::Milliseconds => "milliseconds since 1970",
            TimeFormat::Rfc3339 => "a time such as 2024-02-29T08:00:00+08:00",
        };
        write!(f, "invalid timestamp {:?}: expected {expected}", self.value)
    }
}

impl std::error::Error for TimeError {}

fn time_at(seconds: i64, nanos: u32) -> Option<SystemTime> {
    let distance = Duration::from_secs(seconds.unsigned_abs());
    let whole = if seconds < 0 {
        UNIX_EPOCH.checked_sub(distance)
    } else {
        UNIX_EPOCH.checked_add(distance)
    };
    whole?.checked_add(Duration::from_nanos(nanos.into()))
}

const SECONDS_PER_DAY: i64 = 86_400;

/// Returns the seconds since 1970 and the nanoseconds of a time in the format of RFC 3339.
fn parse_rfc3339(text: &str) -> Option<(i64, u32)> {
    let (date, time) = text.split_at_checked(10)?;
    let time = time.strip_prefix(['T', 't', ' '])?;
    let (clock, rest) = time.split_at_checked(8)?;
    let [year, month, day] = parts(date, '-', [4, 2, 2])?;
    let [hour, minute, second] = parts(clock, ':', [2, 2, 2])?;
    // A leap second counts as the first one of the next minute.
    let is_valid = (1..=12).contains(&month)
        && (1..=days_in_month(year, month)).contains(&day)
        && hour < 24
        && minute < 60
        && second <= 60;
    if !is_valid {
        return None;
    }
    let (nanos, zone) = match rest.strip_prefix('.') {
        Some(rest) => {
            let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
            let digits = rest.get(..end.min(9)).filter(|digits| !digits.is_empty())?;
            (format!("{digits:0<9}").parse().ok()?, rest.get(end..)?)
        }
        None => (0, rest),
    };
    let offset = match zone {
        "Z" | "z" => 0,
        _ => {
            let sign = if zone.strip_prefix('-').is_some() { -1 } else { 1 };
            let [hours, minutes] = parts(zone.strip_prefix(['+', '-'])?, ':', [2, 2])?;
            if hours > 23 || minutes > 59 {
                return None;
            }
            sign * (hours * 3600 + minutes * 60)
        }
    };
    let clock = hour * 3600 + minute * 60 + second;
    Some((
        days_since_1970(year, month, day) * SECONDS_PER_DAY + clock - offset,
        nanos,
    ))
}

/// Parses numbers of these lengths with a separator between them.
fn parts<const N: usize>(text: &str, separator: char, lengths: [usize; N]) -> Option<[i64; N]> {
    let mut numbers = [0; N];
    let mut texts = text.split(separator);
    for (number, length) in numbers.iter_mut().zip(lengths) {
        let digits = texts.next()?;
        if digits.len() != length || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        *number = digits.parse().ok()?;
    }
    texts.next().is_none().then_some(numbers)
}

fn days_in_month(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Years that start in March put the leap day at the end, and 400 of them have 146,097 days.
fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = of_era * 365 + of_era / 4 - of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

fn format_rfc3339(seconds: i64) -> String {
    let (days, clock) = (seconds.div_euclid(SECONDS_PER_DAY), seconds.rem_euclid(SECONDS_PER_DAY));
    let days = days + 719_468;
    let (era, day_of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * of_era + of_era / 4 - of_era / 100);
    let from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 {
        from_march + 3
    } else {
        from_march - 9
    };
    let year = era * 400 + of_era + i64::from(month <= 2);
    let (hour, minute, second) = (clock / 3600, clock / 60 % 60, clock % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64, nanos: u32) -> SystemTime {
        time_at(seconds, nanos).unwrap()
    }

    #[test]
    fn parses_each_format() {
        for (format, text, time) in [
            (TimeFormat::Seconds, "1709164800", at(1_709_164_800, 0)),
            (TimeFormat::Seconds, "-1", at(-1, 0)),
            (
                TimeFormat::Milliseconds,
                "1709164800123",
                at(1_709_164_800, 123_000_000),
            ),
            (TimeFormat::Milliseconds, "-1", at(-1, 999_000_000)),
            (TimeFormat::Rfc3339, "1970-01-01T00:00:00Z", at(0, 0)),
            (TimeFormat::Rfc3339, "2024-02-29T08:00:00+08:00", at(1_709_164_800, 0)),
            (
                TimeFormat::Rfc3339,
                "2024-02-28t19:00:00.5-05:00",
                at(1_709_164_800, 500_000_000),
            ),
            (TimeFormat::Rfc3339, "1969-12-31 23:59:59z", at(-1, 0)),
        ] {
            assert_eq!(format.parse(text), Ok(time), "{text}");
        }
    }

    #[test]
    fn rejects_other_texts() {
        for (format, text) in [
            (TimeFormat::Seconds, ""),
            (TimeFormat::Seconds, "1.5"),
            (TimeFormat::Seconds, "2024-02-29"),
            (TimeFormat::Milliseconds, "9223372036854775808"),
            (TimeFormat::Rfc3339, "2023-02-29T08:00:00Z"),
            (TimeFormat::Rfc3339, "2024-13-01T08:00:00Z"),
            (TimeFormat::Rfc3339, "2024-02-29T24:00:00Z"),
            (TimeFormat::Rfc3339, "2024-02-29T08:00:00"),
            (TimeFormat::Rfc3339, "2024-02-29T08:00:00.Z"),
            (TimeFormat::Rfc3339, "2024-02-29T08:00:00+24:00"),
            (TimeFormat::Rfc3339, "2024-02-29T08:00:00+08:00 "),
            (TimeFormat::Rfc3339, "日期日期日期"),
            (TimeFormat::Rfc3339, "+024-02-29T08:00:00Z"),
        ] {
            let error = format.parse(text).unwrap_err();
            assert!(error.to_string().contains("invalid timestamp"), "{text}");
        }
    }

    #[test]
    fn formats_as_parsed() {
        let (count, mut rng) = crate::sampling::cases(100_000, 5_000);
        for _ in 0..count {
            let seconds = rng.i64(-62_135_596_800..253_402_300_800);
            let time = at(seconds, 0);
            for format in [TimeFormat::Seconds, TimeFormat::Milliseconds, TimeFormat::Rfc3339] {
                assert_eq!(format.parse(&format.text(time)), Ok(time), "{seconds}");
            }
        }
    }

    #[test]
    fn rounds_fractions_down() {
        let before_epoch = at(-1, 999_000_000);
        assert_eq!(TimeFormat::Seconds.number(before_epoch), -1);
        assert_eq!(TimeFormat::Milliseconds.number(before_epoch), -1);
        assert_eq!(TimeFormat::Rfc3339.text(at(0, 999_999_999)), "1970-01-01T00:00:00Z");
    }

    #[test]
    fn reads_fields_of_responses() {
        let read = |value: &dyn Encode| TimeFormat::Seconds.read(value);
        assert_eq!(read(&None::<String>), Ok(None));
        assert_eq!(read(&String::new()), Ok(None));
        assert_eq!(read(&Some("5".to_owned())), Ok(Some(at(5, 0))));
        assert_eq!(read(&5_i64), Ok(Some(at(5, 0))));
        assert!(read(&"soon".to_owned()).is_err());
    }
}
