//! When a page was last edited.

use super::page::Document;

/// The date of a page, as its front matter or the line below its title has it.
pub(super) fn of(page: &Document<'_>) -> Option<String> {
    let moments = ["updateTime", "updatedAt", "last_remote_update_timestamp"];
    let moment = moments.iter().find_map(|key| page.front(key)).and_then(date);
    let day = || page.front("last_remote_update").and_then(day);
    let mut lines = page.before_request().flat_map(|section| section.lines.iter());
    let mut line = || lines.find_map(|line| shown_date(line.text));
    moment.or_else(day).or_else(&mut line)
}

/// The day of a line such as `最后更新于 2023-10-13`.
fn shown_date(line: &str) -> Option<String> {
    let labels = ["最后更新于", "Last updated on", "Last updated at", "Last updated"];
    let rest = labels.iter().find_map(|label| line.trim().strip_prefix(label))?;
    day(rest.trim_start_matches([':', '：', ' ']))
}

/// The day that a text begins with.
fn day(text: &str) -> Option<String> {
    let day = text.get(..10)?;
    let numbers: Vec<u32> = day.split('-').map_while(|part| part.parse().ok()).collect();
    let [year, month @ 1..=12, number] = numbers.as_slice() else {
        return None;
    };
    let shaped = day
        .bytes()
        .zip(b"0000-00-00")
        .all(|(byte, form)| (byte == b'-') == (*form == b'-'));
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        4 | 6 | 9 | 11 => 30,
        2 => 28 + u32::from(leap),
        _ => 31,
    };
    (shaped && (1..=days).contains(number)).then(|| day.to_owned())
}

const DAY: i64 = 24 * 60 * 60;

/// The portal counts in milliseconds and shows dates of Beijing.
const ZONE: i64 = 8 * 60 * 60;

/// The date of a moment as `YYYY-MM-DD`; `None` where it is none of the portal's days.
pub(super) fn date(milliseconds: &str) -> Option<String> {
    let seconds = milliseconds.parse::<i64>().ok()? / 1000;
    let days = (seconds + ZONE).div_euclid(DAY);
    if !(10_000..100_000).contains(&days) {
        return None;
    }
    let (year, month, day) = civil(days);
    Some(format!("{year:04}-{month:02}-{day:02}"))
}

/// Year, month and day of a count of days since 1970, in the calendar whose years begin in March.
fn civil(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 {
        shifted_month + 3
    } else {
        shifted_month - 9
    };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day)
}

#[cfg(test)]
mod tests {
    use super::{date, shown_date};

    #[test]
    fn a_moment_is_the_day_that_it_is_in_beijing() {
        assert_eq!(date("1697163790000").as_deref(), Some("2023-10-13"));
        assert_eq!(date("1709222399000").as_deref(), Some("2024-02-29"));
        assert_eq!(date("1709222400000").as_deref(), Some("2024-03-01"));
    }

    #[test]
    fn a_line_may_have_the_day() {
        assert_eq!(shown_date("最后更新于 2024-02-29").as_deref(), Some("2024-02-29"));
        assert_eq!(shown_date("Last updated: 2023-10-13.").as_deref(), Some("2023-10-13"));
        for line in [
            "最后更新于 2023-02-29",
            "最后更新于 今天",
            "on 2023-10-13",
            "最后更新于 -023-10-13",
        ] {
            assert_eq!(shown_date(line), None, "{line}");
        }
    }

    #[test]
    fn what_is_no_moment_is_no_date() {
        for text in ["", "0", "-1", "yesterday", "9223372036854775807"] {
            assert_eq!(date(text), None, "{text}");
        }
    }
}
