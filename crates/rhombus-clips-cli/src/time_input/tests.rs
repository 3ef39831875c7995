//! Tables of times in time zones.

use super::*;

const BERLIN: &str = "Europe/Berlin";
const LOS_ANGELES: &str = "America/Los_Angeles";
const LORD_HOWE: &str = "Australia/Lord_Howe";

fn instant(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn parsed(text: &str, date: Option<&str>, now: &str, zone_name: &str) -> Result<String, String> {
    let zone = zone(Some(zone_name)).unwrap();
    let date = date.map(|date| parse_date(date).unwrap());
    parse(text, date, instant(now), &zone).map(|timestamp| format(timestamp, &zone))
}

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
fn forms_of_a_time() {
    let now = "2026-11-24T15:00:00.5Z";
    for (text, zone, expected) in [
        ("2026-11-24T14:02:05Z", BERLIN, "2026-11-24T15:02:05+01:00"),
        ("2026-11-24t14:02:05z", "UTC", "2026-11-24T14:02:05+00:00"),
        (
            "2026-11-24 14:02:05.123-08:00",
            "UTC",
            "2026-11-24T22:02:05.123+00:00",
        ),
        ("2026-11-24 14:02 +0100", "UTC", "2026-11-24T13:02:00+00:00"),
        ("2026-11-24T14:02+01", "UTC", "2026-11-24T13:02:00+00:00"),
        ("2026-11-24T14:02", BERLIN, "2026-11-24T14:02:00+01:00"),
        ("2026-07-24 14:02:05", BERLIN, "2026-07-24T14:02:05+02:00"),
        (
            "2026-07-24T14:02:05.123",
            LOS_ANGELES,
            "2026-07-24T14:02:05.123-07:00",
        ),
        ("2026-07-24 2:02pm", LORD_HOWE, "2026-07-24T14:02:00+10:30"),
        ("2026-12-24 14:02", LORD_HOWE, "2026-12-24T14:02:00+11:00"),
        ("2026-12-24 14:02", "-03:30", "2026-12-24T14:02:00-03:30"),
        ("now", BERLIN, "2026-11-24T16:00:00.5+01:00"),
        (" NOW ", "UTC", "2026-11-24T15:00:00.5+00:00"),
        ("-10m", "UTC", "2026-11-24T14:50:00.5+00:00"),
        ("-1h30m", "UTC", "2026-11-24T13:30:00.5+00:00"),
        ("-1h 30m", "UTC", "2026-11-24T13:30:00.5+00:00"),
        ("-1.5h", "UTC", "2026-11-24T13:30:00.5+00:00"),
        ("-90s", "UTC", "2026-11-24T14:58:30.5+00:00"),
        ("-2d", "UTC", "2026-11-22T15:00:00.5+00:00"),
        ("14:02", "UTC", "2026-11-24T14:02:00+00:00"),
        ("9:02", "UTC", "2026-11-24T09:02:00+00:00"),
        ("14:02:05", "UTC", "2026-11-24T14:02:05+00:00"),
        ("14:02:05.25", "UTC", "2026-11-24T14:02:05.25+00:00"),
        ("2:02pm", "UTC", "2026-11-24T14:02:00+00:00"),
        ("2:02 PM", "UTC", "2026-11-24T14:02:00+00:00"),
        ("2pm", "UTC", "2026-11-24T14:00:00+00:00"),
        ("12:30am", "UTC", "2026-11-24T00:30:00+00:00"),
        ("12:30pm", "UTC", "2026-11-24T12:30:00+00:00"),
        ("15:00", "UTC", "2026-11-24T15:00:00+00:00"),
    ] {
        assert_eq!(
            parsed(text, None, now, zone).as_deref(),
            Ok(expected),
            "{text}"
        );
    }
}

#[test]
fn a_time_of_day_is_its_last_occurrence() {
    let now = "2026-11-24T15:00:00Z";
    for (text, zone, expected) in [
        (
            "15:00:00.000000001",
            "UTC",
            "2026-11-23T15:00:00.000000001+00:00",
        ),
        ("15:01", "UTC", "2026-11-23T15:01:00+00:00"),
        ("15:59", BERLIN, "2026-11-24T15:59:00+01:00"),
        ("16:01", BERLIN, "2026-11-23T16:01:00+01:00"),
        ("07:00", LOS_ANGELES, "2026-11-24T07:00:00-08:00"),
        ("07:01", LOS_ANGELES, "2026-11-23T07:01:00-08:00"),
        // The date there is the next one.
        ("01:59", LORD_HOWE, "2026-11-25T01:59:00+11:00"),
        ("02:01", LORD_HOWE, "2026-11-24T02:01:00+11:00"),
        ("00:30", "+09:30", "2026-11-25T00:30:00+09:30"),
        ("00:31", "+09:30", "2026-11-24T00:31:00+09:30"),
    ] {
        assert_eq!(
            parsed(text, None, now, zone).as_deref(),
            Ok(expected),
            "{text}"
        );
    }
}

#[test]
fn a_date_places_times_of_day() {
    let now = "2026-11-24T15:00:00Z";
    let on = |text, zone| parsed(text, Some("2026-07-01"), now, zone);
    assert_eq!(
        on("23:50", BERLIN).as_deref(),
        Ok("2026-07-01T23:50:00+02:00")
    );
    assert_eq!(
        on("2:02pm", LOS_ANGELES).as_deref(),
        Ok("2026-07-01T14:02:00-07:00")
    );
    for text in ["now", "-10m", "2026-07-01T14:02", "2026-07-01T14:02Z"] {
        let error = on(text, "UTC").unwrap_err();
        assert_eq!(
            error,
            format!(
                "`{text}` has a date of its own: with --date 2026-07-01, write a time of day such as 14:02"
            )
        );
    }
}

#[test]
fn a_skipped_time_names_both_candidates() {
    for (text, zone, expected) in [
        (
            "2026-03-29 02:30",
            BERLIN,
            "02:30 does not exist on 2026-03-29 in Europe/Berlin: the clock goes from \
             2026-03-29T02:00:00+01:00 to 2026-03-29T03:00:00+02:00; write 2026-03-29T01:30:00+01:00 or \
             2026-03-29T03:30:00+02:00",
        ),
        (
            "2026-03-08T02:00:00",
            LOS_ANGELES,
            "02:00 does not exist on 2026-03-08 in America/Los_Angeles: the clock goes from \
             2026-03-08T02:00:00-08:00 to 2026-03-08T03:00:00-07:00; write 2026-03-08T01:00:00-08:00 or \
             2026-03-08T03:00:00-07:00",
        ),
        (
            "2026-10-04T02:29:59",
            LORD_HOWE,
            "02:29:59 does not exist on 2026-10-04 in Australia/Lord_Howe: the clock goes from \
             2026-10-04T02:00:00+10:30 to 2026-10-04T02:30:00+11:00; write 2026-10-04T01:59:59+10:30 or \
             2026-10-04T02:59:59+11:00",
        ),
    ] {
        let now = "2026-11-24T15:00:00Z";
        assert_eq!(parsed(text, None, now, zone).unwrap_err(), expected);
    }
}

#[test]
fn a_repeated_time_names_both_candidates() {
    for (text, zone, expected) in [
        (
            "2026-10-25 02:30",
            BERLIN,
            "02:30 occurs twice on 2026-10-25 in Europe/Berlin: write 2026-10-25T02:30:00+02:00 or \
             2026-10-25T02:30:00+01:00",
        ),
        (
            "2026-11-01 1:30am",
            LOS_ANGELES,
            "01:30 occurs twice on 2026-11-01 in America/Los_Angeles: write 2026-11-01T01:30:00-07:00 or \
             2026-11-01T01:30:00-08:00",
        ),
        (
            "2026-04-05 01:45",
            LORD_HOWE,
            "01:45 occurs twice on 2026-04-05 in Australia/Lord_Howe: write 2026-04-05T01:45:00+11:00 or \
             2026-04-05T01:45:00+10:30",
        ),
    ] {
        let now = "2026-11-24T15:00:00Z";
        assert_eq!(parsed(text, None, now, zone).unwrap_err(), expected);
    }
}

#[test]
fn candidates_are_accepted_as_written() {
    let now = "2026-11-24T15:00:00Z";
    for text in [
        "2026-03-29T01:30:00+01:00",
        "2026-03-29T03:30:00+02:00",
        "2026-10-25T02:30:00+02:00",
        "2026-10-25T02:30:00+01:00",
    ] {
        assert_eq!(parsed(text, None, now, BERLIN).as_deref(), Ok(text));
    }
    // The edges of both changes occur once.
    for (text, expected) in [
        ("2026-03-29 01:59:59", "2026-03-29T01:59:59+01:00"),
        ("2026-03-29 03:00", "2026-03-29T03:00:00+02:00"),
        ("2026-10-25 01:59:59", "2026-10-25T01:59:59+02:00"),
        ("2026-10-25 03:00", "2026-10-25T03:00:00+01:00"),
    ] {
        assert_eq!(parsed(text, None, now, BERLIN).as_deref(), Ok(expected));
    }
}

#[test]
fn a_clock_change_to_come_does_not_count() {
    for (now, expected) in [
        // Before the clock goes forward, and before it has gone back.
        ("2026-03-29T00:59:59Z", Ok("2026-03-28T02:30:00+01:00")),
        (
            "2026-03-29T01:00:00Z",
            Err("02:30 does not exist on 2026-03-29"),
        ),
        (
            "2026-03-29T20:00:00Z",
            Err("02:30 does not exist on 2026-03-29"),
        ),
        ("2026-03-30T00:30:00Z", Ok("2026-03-30T02:30:00+02:00")),
        ("2026-10-25T00:29:59Z", Ok("2026-10-24T02:30:00+02:00")),
        ("2026-10-25T00:30:00Z", Ok("2026-10-25T02:30:00+02:00")),
        ("2026-10-25T01:29:59Z", Ok("2026-10-25T02:30:00+02:00")),
        (
            "2026-10-25T01:30:00Z",
            Err("02:30 occurs twice on 2026-10-25"),
        ),
    ] {
        match (parsed("02:30", None, now, BERLIN), expected) {
            (Ok(time), Ok(expected)) => assert_eq!(time, expected, "{now}"),
            (Err(error), Err(expected)) => assert!(error.starts_with(expected), "{error}"),
            (result, _) => panic!("{now}: {result:?}"),
        }
    }
}

#[test]
fn a_whole_day_can_be_skipped() {
    let parsed = |text, now| parsed(text, None, now, "Pacific/Apia");
    let error = parsed("2011-12-30 12:00", "2012-01-05T00:00:00Z").unwrap_err();
    assert!(
        error
            .contains("the clock goes from 2011-12-30T00:00:00-10:00 to 2011-12-31T00:00:00+14:00"),
        "{error}"
    );
    let error = parsed("12:00", "2011-12-30T20:00:00Z").unwrap_err();
    assert!(
        error.starts_with("12:00 does not exist on 2011-12-30"),
        "{error}"
    );
}

#[test]
fn invalid_times_name_the_text_and_the_forms() {
    for (text, reason) in [
        ("", "`` is no time of day"),
        ("yesterday", "`yesterday` is no time of day"),
        ("14", "`14` is no time of day"),
        ("14.02", "`14.02` is no time of day"),
        ("1402", "`1402` is no time of day"),
        ("14:2", "`14:2` is no time of day"),
        ("014:02", "`014:02` is no time of day"),
        ("14:02:5", "`14:02:5` is no time of day"),
        ("14:02:05.", "`14:02:05.` is no time of day"),
        ("14:02:05,5", "`14:02:05,5` is no time of day"),
        (
            "14:02:05.1234567890",
            "`14:02:05.1234567890` is no time of day",
        ),
        ("+1:02", "`+1:02` is no time of day"),
        ("１４:02", "`１４:02` is no time of day"),
        ("24:00", "the day has no 24:00"),
        ("14:60", "the day has no 14:60"),
        ("23:59:60", "the day has no 23:59:60"),
        ("0:30am", "the day has no 0:30am"),
        ("13:30pm", "the day has no 13:30pm"),
        ("pm", "`pm` is no time of day"),
        ("2026-11-24", "2026-11-24 has no time of day"),
        ("2026-11-24T", "`` is no time of day"),
        (
            "2026-11-24x14:02",
            "a T or a space belongs after 2026-11-24",
        ),
        ("2026-02-29T14:02", "the calendar has no date 2026-02-29"),
        ("2026-13-01T14:02", "the calendar has no date 2026-13-01"),
        ("26-11-24T14:02", "`26-11-24` is no date such as 2026-11-24"),
        ("2026-1-5 14:02", "`2026-1-5` is no date such as 2026-11-24"),
        (
            "11/24/2026 14:02",
            "`11/24/2026` is no date such as 2026-11-24",
        ),
        (
            "2026-11-24T14:02+1",
            "`+1` is no offset such as +02:00 or Z",
        ),
        ("2026-11-24T14:02+24:00", "`+24:00` is no offset"),
        ("2026-11-24T14:02+02:60", "`+02:60` is no offset"),
        ("2026-11-24T14:02Z[UTC]", "`Z[UTC]` is no offset"),
        (
            "9999-12-31T23:59-23:00",
            "9999-12-31T23:59:00 is beyond the years",
        ),
    ] {
        let error = parsed(text, None, "2026-11-24T15:00:00Z", BERLIN).unwrap_err();
        let start = format!("`{text}` is no time, since {reason}");
        assert!(error.starts_with(&start), "{error}");
        assert!(error.ends_with("such as -10m or -1h30m, or now"), "{error}");
    }
}

#[test]
fn durations_before_now_have_units() {
    for text in [
        "-",
        "-10",
        "-10x",
        "-10M",
        "--10m",
        "-99999999999999999999d",
        "-\u{661}0m",
    ] {
        let error = parsed(text, None, "2026-11-24T15:00:00Z", "UTC").unwrap_err();
        assert!(
            error.starts_with(&format!("`{text}` is no duration before now: write -10m")),
            "{error}"
        );
    }
    let error = parsed("-99999y", None, "2026-11-24T15:00:00Z", "UTC").unwrap_err();
    assert!(
        error.starts_with("`-99999y` is before the first year"),
        "{error}"
    );
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
        // A whole day.
        (
            "00:10",
            "00:10",
            morning,
            "UTC",
            "2026-11-23T00:10:00+00:00 2026-11-24T00:10:00+00:00",
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
            "14:02",
            Some("2026-07-01"),
            "2026-07-01T14:02:00+02:00 2026-07-02T14:02:00+02:00",
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

#[test]
fn time_zones_have_names_or_offsets() {
    for (name, expected) in [
        ("Europe/Berlin", "2026-11-24T16:00:00+01:00"),
        ("europe/berlin", "2026-11-24T16:00:00+01:00"),
        ("UTC", "2026-11-24T15:00:00+00:00"),
        ("utc", "2026-11-24T15:00:00+00:00"),
        ("Z", "2026-11-24T15:00:00+00:00"),
        ("+02:00", "2026-11-24T17:00:00+02:00"),
        ("-0330", "2026-11-24T11:30:00-03:30"),
        ("+00:00", "2026-11-24T15:00:00+00:00"),
    ] {
        assert_eq!(
            parsed("now", None, "2026-11-24T15:00:00Z", name).as_deref(),
            Ok(expected),
            "{name}"
        );
    }
    for (name, expected) in [
        (
            "Berlin",
            "unknown time zone `Berlin` (similar: Europe/Berlin): write a name such as",
        ),
        (
            "US/los angeles",
            "unknown time zone `US/los angeles` (similar: America/Los_Angeles): write",
        ),
        (
            "PST",
            "unknown time zone `PST`: write a name such as Europe/Berlin",
        ),
        ("", "unknown time zone ``: write a name"),
        (
            "../etc/passwd",
            "unknown time zone `../etc/passwd`: write a name",
        ),
        (
            "+2",
            "unknown time zone, since `+2` is no offset such as +02:00 or Z: write a name",
        ),
    ] {
        let error = zone(Some(name)).unwrap_err();
        assert!(error.starts_with(expected), "{error}");
        assert!(
            error.ends_with("UTC, or an offset such as +02:00"),
            "{error}"
        );
    }
}

#[test]
fn no_text_panics() {
    let zone = zone(Some(BERLIN)).unwrap();
    for text in [
        "-9999-01-01T00:00",
        "0000-01-01 00:00",
        "9999-12-31 23:59:59",
        "23:59",
        "0:00",
    ] {
        for now in [Timestamp::MIN, Timestamp::MAX, Timestamp::UNIX_EPOCH] {
            let _ = parse(text, None, now, &zone);
            let _ = parse(text, Some(Date::MAX), now, &zone);
            let _ = parse(text, Some(Date::MIN), now, &zone);
            for end in [text, "-1y", "12:00", "now"] {
                let _ = parse_range(text, end, None, now, &zone);
                let _ = parse_range(text, end, Some(Date::MAX), now, &zone);
            }
        }
    }
}
