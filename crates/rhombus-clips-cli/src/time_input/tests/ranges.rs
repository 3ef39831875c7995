//! Ranges of time.

use super::*;

fn range(
    from: &str,
    to: &str,
    date: Option<&str>,
    now: &str,
    zone_name: &str,
) -> Result<String, String> {
    let zone = zone(Some(zone_name)).unwrap();
    let date = date.map(|date| parse_date(date).unwrap());
    parse_range(from, to, date, instant(now), &zone).map(|range| {
        format!(
            "{} {}",
            format(range.start, &zone),
            format(range.end, &zone)
        )
    })
}

#[test]
fn a_range_of_times_of_day_has_ended() {
    let morning = "2026-11-24T00:20:00Z";
    for (from, to, now, zone, expected) in [
        (
            "23:50",
            "00:10",
            morning,
            "UTC",
            "2026-11-23T23:50:00+00:00 2026-11-24T00:10:00+00:00",
        ),
        (
            "23:50",
            "00:30",
            morning,
            "UTC",
            "2026-11-22T23:50:00+00:00 2026-11-23T00:30:00+00:00",
        ),
        (
            "11:50pm",
            "0:10",
            morning,
            "UTC",
            "2026-11-23T23:50:00+00:00 2026-11-24T00:10:00+00:00",
        ),
        (
            "00:10",
            "00:20",
            morning,
            "UTC",
            "2026-11-24T00:10:00+00:00 2026-11-24T00:20:00+00:00",
        ),
        (
            "00:10",
            "01:10",
            morning,
            BERLIN,
            "2026-11-24T00:10:00+01:00 2026-11-24T01:10:00+01:00",
        ),
        (
            "00:10",
            "01:30",
            morning,
            BERLIN,
            "2026-11-23T00:10:00+01:00 2026-11-23T01:30:00+01:00",
        ),
        (
            "16:00",
            "16:10",
            morning,
            LOS_ANGELES,
            "2026-11-23T16:00:00-08:00 2026-11-23T16:10:00-08:00",
        ),
        // Across a night in which the clock goes back.
        (
            "23:00",
            "06:00",
            "2026-10-25T12:00:00Z",
            BERLIN,
            "2026-10-24T23:00:00+02:00 2026-10-25T06:00:00+01:00",
        ),
    ] {
        assert_eq!(
            range(from, to, None, now, zone).as_deref(),
            Ok(expected),
            "{from} {to}"
        );
    }
}

#[test]
fn a_range_over_midnight_is_a_night_at_most() {
    let now = "2026-11-24T15:00:00Z";
    for date in [None, Some("2026-11-22")] {
        range("19:00", "07:00", date, now, "UTC").unwrap();
        let error = range("14:02", "14:01", date, now, "UTC").unwrap_err();
        assert!(
            error.starts_with(
                "14:01 is not after 14:02, and 23h 59m later on the next day: write both with dates if that is meant, "
            ),
            "{error}"
        );
        let (_, dates) = error.rsplit_once("meant, ").unwrap();
        let (start, end) = dates.split_once(" and ").unwrap();
        let dated = range(start, end, None, now, "UTC").unwrap();
        assert_eq!(dated, format!("{start} {end}"));
    }
    for date in [None, Some("2026-11-22")] {
        range("14:02", "14:02", date, now, "UTC").unwrap_err();
    }
    // All of it on one day.
    range("00:10", "23:00", Some("2026-11-22"), now, "UTC").unwrap();
}

#[test]
fn the_end_of_a_range_follows_its_start() {
    let now = "2026-11-24T15:00:00Z";
    for (from, to, date, expected) in [
        (
            "23:50",
            "00:10",
            Some("2026-07-01"),
            "2026-07-01T23:50:00+02:00 2026-07-02T00:10:00+02:00",
        ),
        (
            "14:02",
            "14:10",
            Some("2026-07-01"),
            "2026-07-01T14:02:00+02:00 2026-07-01T14:10:00+02:00",
        ),
        (
            "14:02",
            "now",
            Some("2026-11-24"),
            "2026-11-24T14:02:00+01:00 2026-11-24T16:00:00+01:00",
        ),
        (
            "14:02",
            "2026-07-03T10:00Z",
            Some("2026-07-01"),
            "2026-07-01T14:02:00+02:00 2026-07-03T12:00:00+02:00",
        ),
        (
            "2026-07-01 23:50",
            "0:10",
            None,
            "2026-07-01T23:50:00+02:00 2026-07-02T00:10:00+02:00",
        ),
        (
            "-2h",
            "14:10",
            None,
            "2026-11-24T14:00:00+01:00 2026-11-24T14:10:00+01:00",
        ),
        (
            "-10m",
            "now",
            None,
            "2026-11-24T15:50:00+01:00 2026-11-24T16:00:00+01:00",
        ),
        (
            "15:00",
            "-10m",
            None,
            "2026-11-24T15:00:00+01:00 2026-11-24T15:50:00+01:00",
        ),
        (
            "15:00",
            "2026-11-20T12:00+01:00",
            None,
            "2026-11-19T15:00:00+01:00 2026-11-20T12:00:00+01:00",
        ),
        (
            "15:00",
            "2030-01-01T12:00",
            None,
            "2026-11-24T15:00:00+01:00 2030-01-01T12:00:00+01:00",
        ),
        (
            "2026-03-29 14:00",
            "02:30",
            None,
            "2026-03-29T14:00:00+02:00 2026-03-30T02:30:00+02:00",
        ),
        (
            "2026-10-25T02:40+02:00",
            "02:30",
            None,
            "2026-10-25T02:40:00+02:00 2026-10-25T02:30:00+01:00",
        ),
    ] {
        assert_eq!(
            range(from, to, date, now, BERLIN).as_deref(),
            Ok(expected),
            "{from} {to}"
        );
    }
}

#[test]
fn ranges_that_are_empty_or_ambiguous_are_errors() {
    let now = "2026-11-24T15:00:00Z";
    for (from, to, date, expected) in [
        (
            "now",
            "-10m",
            None,
            "the range ends at 2026-11-24T15:50:00+01:00, not after its start at \
             2026-11-24T16:00:00+01:00: write the earlier time first",
        ),
        (
            "2026-11-24T14:02",
            "2026-11-24T13:02Z",
            None,
            "the range ends at 2026-11-24T14:02:00+01:00, not after its start at \
             2026-11-24T14:02:00+01:00: write the earlier time first",
        ),
        (
            "-10m",
            "now",
            Some("2026-07-01"),
            "`-10m` has a date of its own",
        ),
        (
            "23:50",
            "02:30",
            Some("2026-10-24"),
            "02:30 occurs twice on 2026-10-25",
        ),
        (
            "23:50",
            "02:30",
            Some("2026-03-28"),
            "02:30 does not exist on 2026-03-29",
        ),
        (
            "02:30",
            "04:00",
            Some("2026-03-29"),
            "02:30 does not exist on 2026-03-29",
        ),
        ("14:02", "soon", None, "`soon` is no time"),
        ("soon", "14:02", None, "`soon` is no time"),
    ] {
        let error = range(from, to, date, now, BERLIN).unwrap_err();
        assert!(error.starts_with(expected), "{error}");
    }
}
