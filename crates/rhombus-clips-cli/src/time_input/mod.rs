//! Times as people write them on the command line.
//!
//! A time is a date with a time, with or without an offset from UTC; a time of day, which is its last
//! occurrence; a duration before now; or `now`. A local time counts in a time zone. Where a clock change
//! skips or repeats it, the error names the times that can be meant instead of a choice of one.
//!
//! Pure but for [`zone`], which reads the time zones of the system: the caller gives the time and the
//! zone.

mod clock;
mod occurrence;
mod time_zone;

use std::ops::Range;

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use clock::Moment;
pub(crate) use clock::parse_date;
use occurrence::{first_after, format, last_before, on_date};
pub(crate) use time_zone::zone;

/// Forms of a time, for error messages.
const FORMS: &str = "write a date with a time such as 2026-11-24T14:02 or 2026-11-24T14:02:05+01:00, a time of \
     day such as 14:02 or 2:02pm, a duration before now such as -10m or -1h30m, or now";

/// Longest range over midnight between two times of day. Chosen: a night is shorter, and a longer one is rather a
/// mistyped end.
const MAX_NIGHT: SignedDuration = SignedDuration::from_hours(12);

/// A time as written, before the time zone and the current time give it an instant.
enum Written {
    Now,
    /// Before now.
    Ago(SignedDuration),
    /// Without an offset.
    Local(DateTime),
    Instant(Timestamp),
    TimeOfDay(Time),
}

/// Parses a time. A time of day is its occurrence on the date, or without one the last at or before now.
pub(crate) fn parse(
    text: &str,
    date: Option<Date>,
    now: Timestamp,
    zone: &TimeZone,
) -> Result<Timestamp, String> {
    let written = Written::parse(text)?;
    match (written, date) {
        (Written::TimeOfDay(time), Some(date)) => on_date(date, time, zone),
        (Written::TimeOfDay(time), None) => last_before(time, now, zone),
        (_, Some(date)) => Err(format!(
            "`{text}` has a date of its own: with --date {date}, write a time of day such as 14:02"
        )),
        (written, None) => written.instant(text, now, zone),
    }
}

/// Parses both ends of a range of time, of which the second is a time of day most often.
///
/// A second time of day is the first after the first time, so that 23:50 to 00:10 crosses midnight.
/// Two times of day without a date are the last such range that has ended. A range over midnight has at most twelve
/// hours.
pub(crate) fn parse_range(
    from: &str,
    to: &str,
    date: Option<Date>,
    now: Timestamp,
    zone: &TimeZone,
) -> Result<Range<Timestamp>, String> {
    let range = match (Written::parse(from)?, Written::parse(to)?) {
        (Written::TimeOfDay(start), end) if date.is_none() => {
            let end = match end {
                Written::TimeOfDay(end) => last_before(end, now, zone)?,
                end => end.instant(to, now, zone)?,
            };
            // An end in the future must not move the start there.
            let before_end = end.saturating_sub(SignedDuration::from_nanos(1));
            let latest = before_end.unwrap_or(end).min(now);
            last_before(start, latest, zone)?..end
        }
        (_, Written::TimeOfDay(end)) => {
            let start = parse(from, date, now, zone)?;
            start..first_after(end, start, zone)?
        }
        (_, end) => parse(from, date, now, zone)?..end.instant(to, now, zone)?,
    };
    if range.is_empty() {
        return Err(format!(
            "the range ends at {}, not after its start at {}: write the earlier time first",
            format(range.end, zone),
            format(range.start, zone)
        ));
    }
    let duration = range.start.duration_until(range.end);
    if is_over_midnight(from, to) && duration > MAX_NIGHT {
        return Err(format!(
            "{to} is not after {from}, and {duration:#} later on the next day: write both with dates if that is \
             meant, {} and {}",
            format(range.start, zone),
            format(range.end, zone)
        ));
    }
    Ok(range)
}

/// Returns whether two times of day are of two days.
fn is_over_midnight(from: &str, to: &str) -> bool {
    match (Written::parse(from), Written::parse(to)) {
        (Ok(Written::TimeOfDay(from)), Ok(Written::TimeOfDay(to))) => to <= from,
        _ => false,
    }
}

impl Written {
    fn parse(text: &str) -> Result<Self, String> {
        let trimmed = text.trim();
        if trimmed.eq_ignore_ascii_case("now") {
            return Ok(Self::Now);
        }
        if let Some(duration) = trimmed.strip_prefix('-') {
            return ago(duration).map(Self::Ago).ok_or_else(|| {
                format!("`{text}` is no duration before now: write -10m or -1h30m")
            });
        }
        let written = match clock::parse_moment(trimmed) {
            Some(moment) => moment.and_then(|moment| match moment {
                Moment::Local(local) => Ok(Self::Local(local)),
                Moment::WithOffset(local, offset) => offset
                    .to_timestamp(local)
                    .map(Self::Instant)
                    .map_err(|_| format!("{local} is beyond the years that can be represented")),
            }),
            None => clock::parse_time(trimmed).map(Self::TimeOfDay),
        };
        written.map_err(|reason| invalid(text, &reason))
    }

    /// Returns the instant of a time that is not a time of day.
    fn instant(self, text: &str, now: Timestamp, zone: &TimeZone) -> Result<Timestamp, String> {
        match self {
            Self::Now => Ok(now),
            Self::Ago(duration) => now
                .checked_sub(duration)
                .map_err(|_| format!("`{text}` is before the first year: write -10m or -1h30m")),
            Self::Local(local) => on_date(local.date(), local.time(), zone),
            Self::Instant(timestamp) => Ok(timestamp),
            Self::TimeOfDay(time) => last_before(time, now, zone),
        }
    }
}

/// Parses the duration after the hyphen, which has units: `-10` can be meant as minutes. A day has 24
/// hours.
fn ago(text: &str) -> Option<SignedDuration> {
    // A capital M stands for months, and is meant as minutes.
    let has_units = text.ends_with(|c: char| c.is_ascii_alphabetic()) && !text.contains('M');
    let duration = humantime::parse_duration(text).ok().filter(|_| has_units)?;
    SignedDuration::try_from(duration).ok()
}

fn invalid(text: &str, reason: &str) -> String {
    format!("`{text}` is no time, since {reason}: {FORMS}")
}

#[cfg(test)]
mod tests;
