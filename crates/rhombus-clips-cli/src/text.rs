//! Text formatting for the terminal and the command line.
//!
//! Pure functions that know nothing of commands, settings or events.

use std::borrow::Cow;
use std::time::Duration;

use console::{Alignment, measure_text_width, pad_str, truncate_str};
use jiff::Timestamp;
use rhombus_clips::displayable_characters;

/// Replaces control characters and hidden ones, so that the text is one line that shows all it contains.
pub(crate) fn sanitize_line(text: &str) -> Cow<'_, str> {
    if displayable_characters(text).all(|(_, is_displayable)| is_displayable) {
        return Cow::Borrowed(text);
    }
    let sanitize = |(c, is_displayable)| match c {
        c if is_displayable => c,
        '\n' | '\r' | '\t' | '\u{85}' | '\u{2028}' | '\u{2029}' => ' ',
        _ => char::REPLACEMENT_CHARACTER,
    };
    Cow::Owned(displayable_characters(text).map(sanitize).collect())
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
pub(crate) fn pad(text: &str, width: usize) -> Cow<'_, str> {
    pad_str(text, width, Alignment::Left, None)
}

/// Parses a duration: a number of seconds, which may have a fraction, or numbers with units.
pub(crate) fn parse_duration(text: &str) -> Result<Duration, String> {
    let duration = match text.parse() {
        Ok(seconds) => Duration::try_from_secs_f64(seconds).ok(),
        Err(_) => humantime::parse_duration(text).ok(),
    };
    duration.ok_or_else(|| {
        "expected seconds, such as 90 or 0.5, or units, such as 10m or 1h30m".to_owned()
    })
}

/// Parses a duration that is not zero.
pub(crate) fn parse_positive_duration(text: &str) -> Result<Duration, String> {
    match parse_duration(text)? {
        Duration::ZERO => Err("must be greater than 0".to_owned()),
        duration => Ok(duration),
    }
}

/// Formats the exact length of footage, such as `1h 5m`.
pub(crate) fn format_length(length: Duration) -> String {
    humantime::format_duration(length).to_string()
}

/// Quotes a text so that a shell parses it as one word.
pub(crate) fn shell_quote(text: &str) -> String {
    let text = sanitize_line(text);
    // Fails for a NUL only, which is a control character.
    shlex::try_quote(&text)
        .unwrap_or(Cow::Borrowed(&text))
        .into_owned()
}

/// Formats milliseconds since 1970 as a timestamp such as `2026-08-01 09:30:05 UTC`.
pub(crate) fn format_utc(ms: i64) -> String {
    match Timestamp::from_millisecond(ms) {
        Ok(timestamp) => timestamp.strftime("%Y-%m-%d %H:%M:%S UTC").to_string(),
        // Outside of the years from -9999 to 9999.
        Err(_) => format!("{ms} ms since 1970"),
    }
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
        assert_eq!(
            sanitize_line("a\u{202e}b\u{2029}c\u{ad}"),
            "a\u{fffd}b c\u{fffd}"
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
    fn durations_may_have_units() {
        for (text, seconds) in [
            ("30s", 30),
            ("10m", 600),
            ("1h30m", 5400),
            ("1h 30m", 5400),
            ("2days", 172_800),
        ] {
            assert_eq!(
                parse_duration(text),
                Ok(Duration::from_secs(seconds)),
                "{text}"
            );
        }
        assert_eq!(parse_duration("250ms"), Ok(Duration::from_millis(250)));
        assert!(parse_positive_duration("0s").is_err());
    }

    #[test]
    fn invalid_durations_are_rejected() {
        for text in [
            "",
            "-1",
            "nan",
            "inf",
            "1e300",
            "1,5",
            "10x",
            "m",
            "-5m",
            "1h-30m",
            "99999999999999999999y",
        ] {
            assert!(parse_duration(text).is_err(), "{text}");
        }
        assert!(parse_positive_duration("0").is_err());
        assert!(parse_positive_duration("0.0000000001").is_err());
    }

    #[test]
    fn arguments_are_quoted_as_needed() {
        assert_eq!(shell_quote("a/b-1.json"), "a/b-1.json");
        assert_eq!(shell_quote("two words"), "'two words'");
        assert_eq!(shell_quote("it's"), "\"it's\"");
        assert_eq!(shell_quote("a\nb\0"), "'a b\u{fffd}'");
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
        for ms in [i64::MIN, i64::MAX] {
            assert_eq!(format_utc(ms), format!("{ms} ms since 1970"));
        }
    }
}
