//! Parses a text as a snapshot of a history and, with the bytes after 0xff, lets an adaptive policy
//! poll a clip with it.

#![no_main]

use std::time::{Duration, SystemTime};

use arbitrary::{Arbitrary, Unstructured};
use libfuzzer_sys::fuzz_target;
use rhombus_clips::ClipStatus;
use rhombus_clips::polling::{Adaptive, History, HistorySnapshot, PollPolicy, PollState};

#[derive(Arbitrary, Debug, Default)]
struct Clip {
    polls: Vec<Poll>,
    is_complete: bool,
    age_days: u16,
}

#[derive(Arbitrary, Debug)]
struct Poll {
    after: Duration,
    status: u8,
    percent: Option<u8>,
    operation: u8,
    footage: Option<Duration>,
}

fuzz_target!(|data: &[u8]| {
    let mut parts = data.splitn(2, |byte| *byte == 0xff);
    let Some(Ok(text)) = parts.next().map(std::str::from_utf8) else {
        return;
    };
    let snapshot = match text.parse::<HistorySnapshot>() {
        Ok(snapshot) => snapshot,
        Err(error) => {
            assert!(!error.to_string().contains('\n'));
            return;
        }
    };
    let rest = Unstructured::new(parts.next().unwrap_or_default());
    check_watch(
        &snapshot,
        Clip::arbitrary_take_rest(rest).unwrap_or_default(),
    );
});

fn check_watch(snapshot: &HistorySnapshot, clip: Clip) {
    check_round_trip(snapshot);
    let now = SystemTime::UNIX_EPOCH + Duration::from_secs(86_400 * u64::from(clip.age_days));
    let history = History::new();
    history.merge(snapshot, now);
    let mut poll_policy = Adaptive::new(&history);
    let mut elapsed = Duration::ZERO;
    for poll in clip.polls {
        elapsed = elapsed.saturating_add(poll.after);
        let status = match poll.status % 4 {
            0 => ClipStatus::Initiating,
            1 => ClipStatus::Rendering,
            2 => ClipStatus::Offline,
            _ => ClipStatus::Uploading,
        };
        let operation = ["", "Processing video", "Finishing file"][usize::from(poll.operation % 3)];
        let mut state = PollState::new(elapsed)
            .with_status(&status)
            .with_operation(operation);
        if let Some(percent) = poll.percent {
            state = state.with_percent(percent);
        }
        if let Some(length) = poll.footage {
            state = state.with_footage_duration(length);
        }
        let delay = poll_policy.next_delay(&state);
        assert!(delay >= Adaptive::MIN_INTERVAL && delay <= Adaptive::MAX_INTERVAL);
        let estimate = poll_policy.estimate().unwrap();
        assert!(estimate.lower <= estimate.remaining);
        assert!(estimate.remaining <= estimate.upper);
    }
    if clip.is_complete {
        poll_policy.on_complete(elapsed);
    }
    let mut stored = snapshot.clone();
    stored.merge(&history.take_learned(now), now);
    check_round_trip(&stored);
    check_round_trip(&history.snapshot(now));
}

fn check_round_trip(snapshot: &HistorySnapshot) {
    let text = snapshot.to_string();
    let parsed: HistorySnapshot = text.parse().unwrap();
    assert_eq!(parsed.to_string(), text);
}
