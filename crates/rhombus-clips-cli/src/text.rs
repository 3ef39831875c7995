//! Text formatting for the terminal and the command line.
//!
//! Pure functions that know nothing of commands, settings or events.
use std::borrow::Cow;
use std::time::Duration;

use console::{measure_text_width, truncate_str};

/// Replaces control characters, so that the text is one line.
pub(crate) fn sanitize_line(text: &str) -> Cow<'_, str> {
    if !text.contains(char::is_control) {
        return Cow::Borrowed(text);
    }
    let sanitize = |c: char| match c {
        '\n' | '\r' | '\t' => ' ',
        c if c.is_control() => char::REPLACEMENT_CHARACTER,
        c => c,
    };
    Cow::Owned(text.chars().map(sanitize).collect())
}

/// Returns the rows as aligned columns, two spaces apart. A width truncates the lines.
pub(crate) fn align_columns<const N: usize>(rows: &[[String; N]], width: Option<usize>) -> String {
    let mut widths = [0; N];
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = measure_text_width(cell).max(*width);
        }
    }
    let mut text = String::new();
    for row in rows {
        let mut line = String::new();
        for (cell, width) in row.iter().zip(widths) {
            line.push_str(&pad(cell, width));
            line.push_str("  ");
        }
        let line = line.trim_end();
        match width {
            Some(width) => text.push_str(&truncate_str(line, width, "…")),
            None => text.push_str(line),
        }
        text.push('\n');
    }
    text
}

/// Pads a text with trailing spaces to a width on the terminal.
pub(crate) fn pad(text: &str, width: usize) -> String {
    let missing = width.saturating_sub(measure_text_width(text));
    format!("{text}{}", " ".repeat(missing))
}

/// Parses a non-negative number of seconds, which may have a fraction.
pub(crate) fn parse_duration(text: &str) -> Result<Duration, String> {
    text.parse()
        .ok()
        .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
        .ok_or_else(|| "expected a number of seconds, such as 30 or 0.5".to_owned())
}

/// Parses a positive number of seconds, which may have a fraction.
pub(crate) fn parse_positive_duration(text: &str) -> Result<Duration, String> {
    match parse_duration(text)? {
        Duration::ZERO => Err("must be greater than 0".to_owned()),
        duration => Ok(duration),
    }
}

/// Quotes a text so that a shell parses it as one word.
pub(crate) fn shell_quote(text: &str) -> String {
    let is_safe = |c: char| c.is_alphanumeric() || "/._-+=:,@%".contains(c);
    match !text.is_empty() && text.chars().all(is_safe) {
        true => text.to_owned(),
        false => format!("'{}'", sanitize_line(text).replace('\'', r"'\''")),
    }
}

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// Formats milliseconds since 1970 as a timestamp such as `2026-08-01 09:30:05 UTC`.
pub(crate) fn format_utc(ms: i64) -> String {
    let (year, month, day) = civil_date(ms.div_euclid(DAY_MS));
    let seconds = ms.rem_euclid(DAY_MS) / 1000;
    let (hour, minute, second) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02} UTC")
}

/// Converts days since 1970-01-01 to year, month and day of the Gregorian calendar.
///
/// Years are counted from March, so that the leap day is the last day of its year and the first day of
/// each month is `(153 * month + 2) / 5`.
fn civil_date(days_since_1970: i64) -> (i64, i64, i64) {
    let days = days_since_1970 + 719_468; // since 0000-03-01
    let era = days.div_euclid(146_097); // 400 years each
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let (month, next_year) = match month_from_march {
        0..10 => (month_from_march + 3, 0),
        _ => (month_from_march - 9, 1),
    };
    (era * 400 + year_of_era + next_year, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_are_replaced() {
        assert_eq!(sanitize_line("Tür 4: 搬入"), "Tür 4: 搬入");
        assert_eq!(sanitize_line("a\nb\tc"), "a b c");
        assert_eq!(
            sanitize_line("\u{1b}[31mred\u{9b}0m"),
            "\u{fffd}[31mred\u{fffd}0m"
        );
    }

    #[test]
    fn columns_are_aligned_for_wide_characters() {
        let row = |cells: [&str; 3]| cells.map(str::to_owned);
        let rows = [
            row(["CLIP", "TITLE", "SIZE"]),
            row(["a", "搬入口", "1"]),
            row(["abcdef", "Tür", ""]),
        ];
        assert_eq!(
            align_columns(&rows, None),
            "CLIP    TITLE   SIZE\na       搬入口  1\nabcdef  Tür\n"
        );
        assert_eq!(
            align_columns(&rows, Some(12)),
            "CLIP    TIT…\na       搬…\nabcdef  Tür\n"
        );
    }

    #[test]
    fn seconds_may_have_a_fraction() {
        assert_eq!(parse_duration("1800"), Ok(Duration::from_secs(1800)));
        assert_eq!(parse_duration("0.25"), Ok(Duration::from_millis(250)));
        assert_eq!(parse_duration("0"), Ok(Duration::ZERO));
    }

    #[test]
    fn invalid_durations_are_rejected() {
        for text in ["", "-1", "nan", "inf", "1e300", "30s", "1,5"] {
            assert!(parse_duration(text).is_err(), "{text}");
        }
        assert!(parse_positive_duration("0").is_err());
        assert!(parse_positive_duration("0.0000000001").is_err());
    }

    #[test]
    fn arguments_are_quoted_as_needed() {
        assert_eq!(shell_quote("a/b-1.json"), "a/b-1.json");
        assert_eq!(shell_quote("it's"), r"'it'\''s'");
        assert_eq!(shell_quote(""), "''");
    }

    #[test]
    fn known_timestamps_are_formatted() {
        let known = [
            (0, "1970-01-01 00:00:00 UTC"),
            (-1, "1969-12-31 23:59:59 UTC"),
            (951_782_400_000, "2000-02-29 00:00:00 UTC"),
            (951_868_800_000, "2000-03-01 00:00:00 UTC"),
            (1_735_689_599_999, "2024-12-31 23:59:59 UTC"),
            (1_767_225_600_000, "2026-01-01 00:00:00 UTC"),
            (4_107_542_400_000, "2100-03-01 00:00:00 UTC"),
            (-62_135_596_800_000, "0001-01-01 00:00:00 UTC"),
        ];
        for (ms, text) in known {
            assert_eq!(format_utc(ms), text);
        }
    }

    #[test]
    fn extreme_timestamps_do_not_overflow() {
        format_utc(i64::MIN);
        format_utc(i64::MAX);
    }
}
