//! Notation of dates, times of day and offsets from UTC.
//!
//! An error is the reason alone, for a sentence that names the whole text.

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::Offset;

/// A date with a time.
pub(super) enum Moment {
    Local(DateTime),
    WithOffset(DateTime, Offset),
}

/// Parses a date such as `2026-11-24`.
pub(crate) fn parse_date(text: &str) -> Result<Date, String> {
    let date = fields(text, '-', [4, 2, 2])
        .ok_or_else(|| format!("`{text}` is no date such as 2026-11-24"))?;
    date_of(date).ok_or_else(|| format!("the calendar has no date {text}"))
}

fn date_of([year, month, day]: [u16; 3]) -> Option<Date> {
    let year = i16::try_from(year).ok()?;
    let [month, day] = small([month, day])?;
    Date::new(year, month, day).ok()
}

/// Parses a date with a time. Returns `None` if the text has no date.
pub(super) fn parse_moment(text: &str) -> Option<Result<Moment, String>> {
    let date_end = text
        .find(|c: char| !c.is_ascii_digit() && !matches!(c, '-' | '/'))
        .unwrap_or(text.len());
    let (date, rest) = text.split_at(date_end);
    date.contains(['-', '/'])
        .then(|| parse_time_after(date, rest))
}

fn parse_time_after(date: &str, rest: &str) -> Result<Moment, String> {
    let date = parse_date(date)?;
    let Some(rest) = rest.strip_prefix(['T', 't', ' ']) else {
        return match rest {
            "" => Err(format!("{date} has no time of day")),
            _ => Err(format!("a T or a space belongs after {date}")),
        };
    };
    let (time, offset) = match rest.find(['+', '-', 'Z', 'z']) {
        Some(index) => {
            let (time, offset) = rest.split_at(index);
            (time.trim_end(), Some(parse_offset(offset)?))
        }
        None => (rest, None),
    };
    let local = date.to_datetime(parse_time(time)?);
    Ok(match offset {
        Some(offset) => Moment::WithOffset(local, offset),
        None => Moment::Local(local),
    })
}

/// Parses a time of day such as `14:02`, `14:02:05.123`, `2:02pm` or `2pm`.
pub(super) fn parse_time(text: &str) -> Result<Time, String> {
    let not_a_time = || format!("`{text}` is no time of day such as 14:02 or 2:02pm");
    let (digits, half) = match split_half(text) {
        Some((digits, half)) => (digits, Some(half)),
        None => (text, None),
    };
    let (hour, rest) = match digits.split_once(':') {
        Some((hour, rest)) => (hour, Some(rest)),
        // `2pm` has no minutes, but a mere `14` would be hard to tell from a typing error.
        None if half.is_some() => (digits, None),
        None => return Err(not_a_time()),
    };
    let hour = number(hour, 1..=2).ok_or_else(not_a_time)?;
    let (minute, second, nanosecond) = match rest {
        Some(rest) => minutes(rest).ok_or_else(not_a_time)?,
        None => (0, 0, 0),
    };
    let hour = match half {
        None => Some(hour),
        Some(half) if (1..=12).contains(&hour) => Some(hour % 12 + half.first_hour()),
        Some(_) => None,
    };
    let out_of_range = || format!("the day has no {text}");
    let [hour, minute, second] = hour
        .and_then(|hour| small([hour, minute, second]))
        .ok_or_else(out_of_range)?;
    Time::new(hour, minute, second, nanosecond).map_err(|_| out_of_range())
}

#[derive(Clone, Copy)]
enum Half {
    Am,
    Pm,
}

impl Half {
    fn first_hour(self) -> u16 {
        match self {
            Self::Am => 0,
            Self::Pm => 12,
        }
    }
}

/// Splits `am` or `pm` off the end.
fn split_half(text: &str) -> Option<(&str, Half)> {
    let (digits, half) = text.split_at_checked(text.len().checked_sub(2)?)?;
    let half = match half.to_ascii_lowercase().as_str() {
        "am" => Half::Am,
        "pm" => Half::Pm,
        _ => return None,
    };
    Some((digits.trim_end(), half))
}

/// Parses `MM`, `MM:SS` or `MM:SS.fraction` as minutes, seconds and nanoseconds.
fn minutes(text: &str) -> Option<(u16, u16, i32)> {
    let Some((minute, rest)) = text.split_once(':') else {
        return Some((number(text, 2..=2)?, 0, 0));
    };
    let (second, nanosecond) = match rest.split_once('.') {
        Some((second, fraction)) => (second, nanoseconds(fraction)?),
        None => (rest, 0),
    };
    Some((number(minute, 2..=2)?, number(second, 2..=2)?, nanosecond))
}

fn nanoseconds(fraction: &str) -> Option<i32> {
    if !(1..=9).contains(&fraction.len()) || !fraction.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    format!("{fraction:0<9}").parse().ok()
}

/// Parses an offset from UTC such as `+02:00`, `+0200`, `+02` or `Z`.
pub(super) fn parse_offset(text: &str) -> Result<Offset, String> {
    if text.eq_ignore_ascii_case("z") {
        return Ok(Offset::UTC);
    }
    offset_of(text).ok_or_else(|| format!("`{text}` is no offset such as +02:00 or Z"))
}

fn offset_of(text: &str) -> Option<Offset> {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => (-1, digits),
        None => (1, text.strip_prefix('+')?),
    };
    let [hours, minutes] = match digits.len() {
        2 => [number(digits, 2..=2)?, 0],
        4 => fields_at(digits, 2)?,
        _ => fields(digits, ':', [2, 2])?,
    };
    // The greatest offset that RFC 3339 has is that of the longest day.
    if hours > 23 || minutes > 59 {
        return None;
    }
    Offset::from_seconds(sign * 60 * (60 * i32::from(hours) + i32::from(minutes))).ok()
}

fn fields_at(digits: &str, index: usize) -> Option<[u16; 2]> {
    let (first, second) = digits.split_at_checked(index)?;
    Some([number(first, 2..=2)?, number(second, 2..=2)?])
}

/// Parses numbers with these counts of digits between separators.
fn fields<const N: usize>(text: &str, separator: char, digits: [usize; N]) -> Option<[u16; N]> {
    let mut parts = text.split(separator);
    let mut numbers = [0; N];
    for (slot, digits) in numbers.iter_mut().zip(digits) {
        *slot = number(parts.next()?, digits..=digits)?;
    }
    parts.next().is_none().then_some(numbers)
}

/// Parses a number of ASCII digits without a sign.
fn number(text: &str, digits: std::ops::RangeInclusive<usize>) -> Option<u16> {
    let is_number = digits.contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    text.parse().ok().filter(|_| is_number)
}

fn small<const N: usize>(numbers: [u16; N]) -> Option<[i8; N]> {
    let mut result = [0; N];
    for (slot, number) in result.iter_mut().zip(numbers) {
        *slot = i8::try_from(number).ok()?;
    }
    Some(result)
}
