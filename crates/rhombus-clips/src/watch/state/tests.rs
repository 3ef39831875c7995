use super::*;
use crate::polling::{Fixed, History};
use crate::retry::NoRetry;
use crate::watch::checkpoint::Checkpoint;
use rhombus_clips_api::types::ClipStatus;
use std::time::SystemTime;

const SEC: Duration = Duration::from_secs(1);

fn state(timeout: Duration, grace_period: Duration) -> WatchState {
    let progress = WatchProgress::new(ClipUuid::from_bytes([0; 16]));
    let poll_policy = Box::new(Fixed::new(2 * SEC));
    WatchState::new(progress, poll_policy, config(timeout, grace_period))
}

fn config(timeout: Duration, grace_period: Duration) -> Arc<WatchConfig> {
    Arc::new(WatchConfig {
        timeout,
        grace_period,
        ..WatchConfig::new(Arc::new(crate::retry::Backoff::default()))
    })
}

fn clip(status: ClipStatus) -> Result<Option<Clip>> {
    Ok(Some(Clip::of_status(status)))
}

fn rate_limited(retry_after: Duration) -> Result<Option<Clip>> {
    Err(Error::new(ErrorKind::RateLimited, "").with_retry_after(Some(retry_after)))
}

fn finish(state: &mut WatchState, elapsed: Duration, result: Result<Option<Clip>>) -> Transition {
    state.finish_poll(PollInput {
        elapsed,
        result,
        known: None,
        random: 0.5,
        withdraw: &|| true,
    })
}

/// A poll that takes no time.
fn poll(state: &mut WatchState, elapsed: Duration, result: Result<Option<Clip>>) -> Transition {
    state.start_poll(elapsed);
    finish(state, elapsed, result)
}

fn delay(transition: Transition) -> Duration {
    match transition {
        Transition::PollAgain { delay, .. } => delay,
        other => panic!("{other:?}"),
    }
}

fn failure(transition: Transition) -> Error {
    match transition {
        Transition::Failed(error) => error,
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_last_delay_is_cut_to_the_deadline_and_a_final_poll_decides() {
    let mut state = state(5 * SEC, SEC);
    assert_eq!(
        delay(poll(&mut state, 2 * SEC, clip(ClipStatus::Rendering))),
        2 * SEC
    );
    assert_eq!(
        delay(poll(&mut state, 4 * SEC, clip(ClipStatus::Rendering))),
        SEC
    );
    let error = failure(poll(&mut state, 5 * SEC, clip(ClipStatus::Rendering)));
    assert!(error.is_deadline_exceeded());
    assert_eq!(error.elapsed(), Some(5 * SEC));
}

#[test]
fn a_clip_that_is_complete_at_the_deadline_is_complete() {
    let mut state = state(5 * SEC, SEC);
    assert!(matches!(
        poll(&mut state, 6 * SEC, clip(ClipStatus::Complete)),
        Transition::Complete(..)
    ));
}

#[test]
fn a_missing_record_is_tolerated_for_the_grace_period() {
    let mut state = state(60 * SEC, 3 * SEC);
    assert_eq!(delay(poll(&mut state, SEC, Ok(None))), 2 * SEC);
    assert_eq!(delay(poll(&mut state, 3 * SEC, Ok(None))), SEC);
    assert!(failure(poll(&mut state, 4 * SEC, Ok(None))).is_not_found());
}

#[test]
fn a_failure_does_not_end_the_grace_period() {
    let mut state = state(60 * SEC, 3 * SEC);
    delay(poll(&mut state, SEC, Ok(None)));
    delay(poll(&mut state, 4 * SEC, rate_limited(SEC)));
    assert!(failure(poll(&mut state, 8 * SEC, Ok(None))).is_not_found());
}

#[test]
fn a_poll_across_the_deadline_is_not_the_final_one() {
    let mut state = state(5 * SEC, SEC);
    state.start_poll(4 * SEC);
    let transition = finish(&mut state, 14 * SEC, clip(ClipStatus::Rendering));
    assert_eq!(delay(transition), Duration::ZERO);
    let transition = poll(&mut state, 14 * SEC, clip(ClipStatus::Complete));
    assert!(matches!(transition, Transition::Complete(..)));
}

#[test]
fn a_record_that_returns_restarts_the_grace_period() {
    let mut state = state(60 * SEC, 3 * SEC);
    delay(poll(&mut state, SEC, Ok(None)));
    delay(poll(&mut state, 3 * SEC, clip(ClipStatus::Initiating)));
    delay(poll(&mut state, 5 * SEC, Ok(None)));
    delay(poll(&mut state, 7 * SEC, Ok(None)));
    let error = failure(poll(&mut state, 8 * SEC, Ok(None)));
    assert!(error.is_not_found());
}

#[test]
fn unlimited_durations_are_valid() {
    let mut state = state(Duration::MAX, Duration::MAX);
    assert_eq!(delay(poll(&mut state, SEC, Ok(None))), 2 * SEC);
    assert_eq!(
        delay(poll(&mut state, SEC, rate_limited(Duration::MAX))),
        Duration::MAX - SEC
    );
}

#[test]
fn offline_and_unknown_states_are_polled_again() {
    let mut state = state(60 * SEC, SEC);
    for status in [
        ClipStatus::Offline,
        ClipStatus::Unknown,
        ClipStatus::from("PAUSED"),
    ] {
        delay(poll(&mut state, SEC, clip(status)));
    }
}

#[test]
fn a_failed_clip_ends_the_watch_with_the_clip() {
    for status in [ClipStatus::Failed, ClipStatus::Deleted] {
        let error = failure(poll(&mut state(60 * SEC, SEC), SEC, clip(status.clone())));
        assert!(error.is_clip_failed());
        assert_eq!(error.clip().map(Clip::status), Some(&status));
    }
}

#[test]
fn retry_after_decides_the_delay_up_to_the_deadline() {
    let mut state = state(60 * SEC, SEC);
    assert_eq!(delay(poll(&mut state, SEC, rate_limited(SEC))), SEC);
    assert_eq!(
        delay(poll(&mut state, SEC, rate_limited(30 * SEC))),
        30 * SEC
    );
    assert_eq!(
        delay(poll(&mut state, SEC, rate_limited(3600 * SEC))),
        59 * SEC
    );
}

#[test]
fn consecutive_failures_are_counted_and_backed_off() {
    let mut state = state(3600 * SEC, SEC);
    let timeout = || Err(Error::new(ErrorKind::Timeout, ""));
    for (failures, expected) in [(1, SEC / 2), (2, SEC), (3, 2 * SEC), (4, 4 * SEC)] {
        assert_eq!(delay(poll(&mut state, SEC, timeout())), expected);
        assert_eq!(state.progress.consecutive_failures, failures);
    }
    delay(poll(&mut state, SEC, clip(ClipStatus::Rendering)));
    assert_eq!(state.progress.consecutive_failures, 0);
    assert_eq!(delay(poll(&mut state, SEC, timeout())), SEC / 2);
}

#[test]
fn a_policy_may_end_the_watch_on_a_transient_failure() {
    let mut state = state(60 * SEC, SEC);
    state.config_mut().policy = Arc::new(NoRetry);
    let error = failure(poll(&mut state, SEC, rate_limited(SEC)));
    assert!(error.is_rate_limited());
}

#[test]
fn a_watch_past_its_deadline_waits_for_its_final_poll() {
    let state = state(60 * SEC, SEC);
    assert_eq!(state.admission_deadline(SEC), 65 * SEC);
    assert_eq!(state.admission_deadline(600 * SEC), 605 * SEC);
}

#[test]
fn a_poll_has_a_limited_time_beyond_the_deadline() {
    let mut state = state(60 * SEC, SEC);
    assert_eq!(state.start_poll(SEC), 60 * SEC);
    assert_eq!(state.start_poll(58 * SEC), 63 * SEC);
    assert_eq!(state.start_poll(600 * SEC), 605 * SEC);
}

#[test]
fn a_restored_watch_equals_an_uninterrupted_one() {
    let outcomes = |at: u64| match at {
        0..10 => Ok(None),
        10..30 => clip(ClipStatus::Rendering),
        _ => clip(ClipStatus::Offline),
    };
    // The same watch, uninterrupted and restored before every poll.
    let (mut uninterrupted, mut restored) = (state(50 * SEC, 11 * SEC), state(50 * SEC, 11 * SEC));
    let mut at = Duration::ZERO;
    let mut polls = 0;
    loop {
        let text = restored.checkpoint(at, SystemTime::now()).to_string();
        let checkpoint: Checkpoint = text.parse().unwrap();
        let poll_policy = crate::polling::from_saved(checkpoint.poll_policy(), &History::new());
        let config = config(50 * SEC, 11 * SEC);
        restored = WatchState::restore(&checkpoint, poll_policy, config);
        let expected = poll(&mut uninterrupted, at, outcomes(at.as_secs()));
        let found = poll(&mut restored, at, outcomes(at.as_secs()));
        polls += 1;
        assert_eq!(restored.polls(), polls);
        match (expected, found) {
            (Transition::PollAgain { delay, .. }, Transition::PollAgain { delay: found, .. }) => {
                assert_eq!(delay, found);
                at += delay;
                assert_eq!(restored.due(), Some(at));
            }
            (Transition::Failed(expected), Transition::Failed(found)) => {
                assert_eq!(expected.to_string(), found.to_string());
                assert!(found.is_deadline_exceeded());
                break;
            }
            other => panic!("{other:?}"),
        }
    }
    assert_eq!((polls, at), (26, 50 * SEC));
}

#[test]
fn the_number_of_polls_does_not_overflow() {
    let mut state = state(60 * SEC, SEC);
    state.progress.polls = u64::MAX;
    state.start_poll(SEC);
    assert_eq!(state.polls(), u64::MAX);
}

#[test]
fn a_permanent_failure_ends_the_watch_with_its_kind() {
    let denied = Err(Error::new(ErrorKind::Authentication, "denied").with_status(403));
    let error = failure(poll(&mut state(60 * SEC, SEC), SEC, denied));
    assert!(error.is_authentication());
    assert_eq!(error.status(), Some(403));
}

#[test]
fn the_last_failure_is_the_source_of_the_missed_deadline() {
    let error = failure(poll(&mut state(SEC, SEC), SEC, rate_limited(SEC)));
    let source = std::error::Error::source(&error).unwrap();
    assert!(source.downcast_ref::<Error>().unwrap().is_rate_limited());
}
