//! Times that a clock change skips or repeats.

use super::*;

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
