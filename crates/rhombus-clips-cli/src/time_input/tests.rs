//! Tables of times in time zones.

mod clock_changes;
mod ranges;

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
