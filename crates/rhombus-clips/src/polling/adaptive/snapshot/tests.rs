//! Tests of snapshots: text, versions, corrupt input, and what is taken and replaced.

use super::*;
use crate::polling::adaptive::history::PhaseEnd;

fn at(days: u64) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs((20_000 + days) * 24 * 60 * 60)
}

fn record(history: &History, clips: u32, seconds: f64) {
    let mut stats = history.write();
    for key in 0..clips {
        stats.record_phase_end(key, seconds, 3);
        let ended_at = seconds as f32;
        stats.record_completion(seconds, Some(60.0), &[PhaseEnd { key, ended_at }]);
    }
}

fn snapshot_of(clips: u32, seconds: f64) -> HistorySnapshot {
    let history = History::new();
    record(&history, clips, seconds);
    history.snapshot(at(0))
}

#[test]
fn text_round_trip() {
    for clips in [0, 1, 7, 1000] {
        let snapshot = snapshot_of(clips, 41.7);
        let text = snapshot.to_string();
        assert!(text.len() < 25 * 1024, "{} bytes", text.len());
        assert_eq!(text.parse::<HistorySnapshot>(), Ok(snapshot));
    }
}

#[test]
fn properties_that_are_not_known_are_ignored_and_some_may_be_missing() {
    let text = snapshot_of(2, 30.0).to_string();
    let newer = text.replace(r#""stats":{"#, r#""stats":{"new":[1],"#);
    let newer = newer.replacen('{', r#"{"other":{},"#, 1);
    assert_eq!(newer.parse(), Ok(snapshot_of(2, 30.0)));
    let empty = r#"{"version":1,"updated_at_sec":7,"stats":{}}"#;
    assert!(empty.parse::<HistorySnapshot>().unwrap().is_empty());
}

#[test]
fn another_version_is_an_error_that_says_so() {
    let text = r#"{"version":2,"anything":true}"#;
    let error = text.parse::<HistorySnapshot>().unwrap_err().to_string();
    assert_eq!(
        error,
        "invalid history: unsupported version 2 (this release reads version 1)"
    );
}

#[test]
fn corrupt_text_is_rejected() {
    let text = snapshot_of(3, 30.0).to_string();
    for (from, to) in [
        (r#""count":3.0"#, r#""count":-1.0"#),
        (r#""count":3.0"#, r#""count":1e300"#),
        (r#""mean":3.4012"#, r#""mean":700.0"#),
        (r#""step":3"#, r#""step":200"#),
        (
            r#""last":{"count":1.0,"mean":1.0}"#,
            r#""last":{"count":1.0,"mean":1.5}"#,
        ),
        (
            r#""squared_errors":[{"count":0.0"#,
            r#""squared_errors":[{"count":1e9"#,
        ),
        (
            r#""squared_errors":[{"count":0.0,"mean":0.0"#,
            r#""squared_errors":[{"count":0.0,"mean":-4"#,
        ),
        (r#""version":1"#, r#""version":"1""#),
        ("}}", ""),
    ] {
        let corrupt = text.replace(from, to);
        assert_ne!(corrupt, text, "{from}");
        assert!(corrupt.parse::<HistorySnapshot>().is_err(), "{from} {to}");
    }
    for text in ["", "[]", "null", "{}", &" ".repeat(1 << 20)] {
        assert!(text.parse::<HistorySnapshot>().is_err());
    }
}

#[test]
fn programs_that_share_a_file_count_nothing_twice() {
    let mut file = HistorySnapshot::default();
    for _ in 0..3 {
        let history = History::new();
        history.merge(&file, at(0));
        record(&history, 2, 30.0);
        assert_eq!(history.take_learned(at(0)).completed_clips(), 2);
        record(&history, 1, 30.0);
        let learned = history.take_learned(at(0));
        assert_eq!(learned.completed_clips(), 1);
        file.merge(&learned, at(0));
        assert!(history.take_learned(at(0)).is_empty());
    }
    assert_eq!(file.completed_clips(), 3);
}

#[test]
fn evidence_fades_with_age_in_any_number_of_steps() {
    let old = snapshot_of(16, 30.0);
    let mut merged = HistorySnapshot::default();
    merged.merge(&old, at(14));
    assert_eq!(merged.completed_clips(), 8);
    merged.merge(&HistorySnapshot::default(), at(28));
    assert_eq!(merged.completed_clips(), 4);
    assert_eq!(merged.updated_at(), at(28));
    let history = History::new();
    history.merge(&old, at(28));
    assert_eq!(history.snapshot(at(28)).completed_clips(), 4);
}

#[test]
fn a_time_in_the_future_does_not_outweigh_the_present() {
    let mut file = snapshot_of(4, 30.0);
    file.data.updated_at_sec = u64::MAX;
    file.merge(&snapshot_of(3, 30.0), at(0));
    assert_eq!((file.completed_clips(), file.updated_at()), (7, at(0)));
}

#[test]
fn replacing_keeps_what_was_learned_here() {
    let history = History::new();
    history.merge(&snapshot_of(20, 3000.0), at(0));
    record(&history, 1, 30.0);
    history.replace(&snapshot_of(5, 30.0), at(0));
    let snapshot = history.snapshot(at(0));
    assert_eq!(snapshot.completed_clips(), 6);
    let median = history.read().total_duration(None).median;
    assert!((median - 30.0).abs() < 0.1, "{median}");
    assert_eq!(history.take_learned(at(0)).completed_clips(), 1);
}
