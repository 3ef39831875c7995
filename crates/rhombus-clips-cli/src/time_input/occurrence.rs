//! Occurrences of a local time in a time zone.
//!
//! A clock that is set forward skips local times, and one that is set back repeats them. Such a time is an
//! error, unless only one of the instants that can be meant fits.

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::{AmbiguousOffset, Offset, TimeZone};
use jiff::{SignedDuration, Timestamp};

/// Days around a day of which one has the occurrence. Chosen: a clock change skips or repeats at most a day
/// (Samoa skipped the 30th of December 2011), and one on each side of that for the offset.
const DAYS: i64 = 3;

/// Instants that a local time stands for in a time zone.
enum Occurrence {
    Once(Timestamp),
    Skipped(Gap),
    Twice(Timestamp, Timestamp),
}

/// The clock change that skips a local time.
struct Gap {
    /// Instant of the change.
    change: Timestamp,
    before: Offset,
    after: Offset,
    /// The skipped time with the offset that is valid then: before and after the change.
    candidates: [Timestamp; 2],
}

/// Returns the instant of a time of day on a date.
pub(super) fn on_date(date: Date, time: Time, zone: &TimeZone) -> Result<Timestamp, String> {
    let local = date.to_datetime(time);
    match occurrence(local, zone)? {
        Occurrence::Once(timestamp) => Ok(timestamp),
        ambiguous => Err(explain(&ambiguous, local, zone)),
    }
}

/// Returns the last occurrence of a time of day at or before an instant.
pub(super) fn last_before(
    time: Time,
    latest: Timestamp,
    zone: &TimeZone,
) -> Result<Timestamp, String> {
    nearest(time, latest, zone, -1, |timestamp| timestamp <= latest)
}

/// Returns the first occurrence of a time of day after an instant.
pub(super) fn first_after(
    time: Time,
    start: Timestamp,
    zone: &TimeZone,
) -> Result<Timestamp, String> {
    nearest(time, start, zone, 1, |timestamp| timestamp > start)
}

/// Searches day by day in a direction for an instant that fits.
fn nearest(
    time: Time,
    around: Timestamp,
    zone: &TimeZone,
    direction: i64,
    fits: impl Fn(Timestamp) -> bool,
) -> Result<Timestamp, String> {
    let today = zone.to_datetime(around).date();
    for offset in -1..=DAYS {
        let hours = SignedDuration::from_hours(24 * direction * offset);
        let Ok(date) = today.checked_add(hours) else {
            continue;
        };
        let local = date.to_datetime(time);
        let occurrence = occurrence(local, zone)?;
        let fitting = match &occurrence {
            Occurrence::Once(timestamp) => fits(*timestamp).then_some(*timestamp),
            // Until the clock has changed, the time of the day before can be meant only.
            Occurrence::Skipped(gap) => match fits(gap.change) {
                true => return Err(explain(&occurrence, local, zone)),
                false => None,
            },
            Occurrence::Twice(first, second) => match (fits(*first), fits(*second)) {
                (true, true) => return Err(explain(&occurrence, local, zone)),
                (true, false) => Some(*first),
                (false, true) => Some(*second),
                (false, false) => None,
            },
        };
        if let Some(timestamp) = fitting {
            return Ok(timestamp);
        }
    }
    Err(format!(
        "{time} does not occur near {} in {}",
        format(around, zone),
        name(zone)
    ))
}

fn occurrence(local: DateTime, zone: &TimeZone) -> Result<Occurrence, String> {
    let instant = |offset: Offset| {
        let timestamp = offset.to_timestamp(local);
        timestamp.map_err(|_| format!("{local} is beyond the years that can be represented"))
    };
    Ok(match zone.to_ambiguous_timestamp(local).offset() {
        AmbiguousOffset::Unambiguous { offset } => Occurrence::Once(instant(offset)?),
        AmbiguousOffset::Fold { before, after } => {
            Occurrence::Twice(instant(before)?, instant(after)?)
        }
        AmbiguousOffset::Gap { before, after } => {
            let candidates = [instant(after)?, instant(before)?];
            let [_, late] = candidates;
            let end = late.saturating_add(SignedDuration::from_nanos(1));
            let change = zone.preceding(end.unwrap_or(late)).next();
            Occurrence::Skipped(Gap {
                change: change.map_or(late, |transition| transition.timestamp()),
                before,
                after,
                candidates,
            })
        }
    })
}

/// Returns the error for a time that does not occur once.
fn explain(occurrence: &Occurrence, local: DateTime, zone: &TimeZone) -> String {
    let (date, time, zone_name) = (local.date(), short(local.time()), name(zone));
    match occurrence {
        Occurrence::Once(timestamp) => format!("{time} occurs at {}", format(*timestamp, zone)),
        Occurrence::Twice(first, second) => format!(
            "{time} occurs twice on {date} in {zone_name}: write {} or {}",
            format(*first, zone),
            format(*second, zone)
        ),
        Occurrence::Skipped(gap) => {
            let [early, late] = gap.candidates;
            format!(
                "{time} does not exist on {date} in {zone_name}: the clock goes from {} to {}; write {} \
                 or {}",
                gap.change.display_with_offset(gap.before),
                gap.change.display_with_offset(gap.after),
                format(early, zone),
                format(late, zone)
            )
        }
    }
}

/// Formats an instant with the offset that the time zone has then.
pub(super) fn format(timestamp: Timestamp, zone: &TimeZone) -> String {
    let offset = zone.to_offset(timestamp);
    timestamp.display_with_offset(offset).to_string()
}

/// Formats a time without seconds that are zero, as it was most likely written.
fn short(time: Time) -> String {
    match (time.second(), time.subsec_nanosecond()) {
        (0, 0) => time.strftime("%H:%M").to_string(),
        _ => time.to_string(),
    }
}

/// Names a time zone. One from a file or a rule in the variable TZ may have no name.
fn name(zone: &TimeZone) -> String {
    match (zone.iana_name(), zone.to_fixed_offset()) {
        (Some(name), _) => name.to_owned(),
        (None, Ok(offset)) => offset.to_string(),
        (None, Err(_)) => "the system's time zone".to_owned(),
    }
}
