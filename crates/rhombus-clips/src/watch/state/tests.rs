use super::*;
use crate::Hint;
use crate::error::RequestFailure;
use crate::polling::{Fixed, History};
use crate::retry::{NoRetry, RetryPolicy};
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
        ..WatchConfig::new(
            Arc::new(crate::retry::Backoff::default()),
            WatchLimits::new(RetryLimits::default(), 30 * SEC),
        )
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
        is_reached: false,
        resumed_at: Duration::ZERO,
        known: None,
        random: 0.5,
        withdraw: &|| true,
    })
}

/// A poll that takes no time.
fn poll(state: &mut WatchState, elapsed: Duration, result: Result<Option<Clip>>) -> Transition {
    state.start_poll(elapsed, Duration::ZERO);
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

fn resumed(state: &WatchState, elapsed: Duration) -> WatchState {
    let checkpoint = state.checkpoint(elapsed, SystemTime::now());
    let config = config(60 * SEC, 3 * SEC);
    let mut resumed = WatchState::restore(&checkpoint, Box::new(Fixed::new(2 * SEC)), config);
    resumed.resume_grace_period();
    resumed
}

#[test]
fn a_clip_that_was_seen_once_can_be_resumed_when_its_record_is_missing() {
    let mut state = state(60 * SEC, 3 * SEC);
    delay(poll(&mut state, SEC, clip(ClipStatus::Rendering)));
    for from in [2, 10] {
        // The grace period starts again when the watch is resumed.
        delay(poll(&mut state, from * SEC, Ok(None)));
        delay(poll(&mut state, (from + 2) * SEC, Ok(None)));
        let error = failure(poll(&mut state, (from + 3) * SEC, Ok(None)));
        assert!(error.is_not_found() && state.is_resumable(&error));
        assert_eq!(error.hints(), [Hint::CheckOrganization, Hint::ResumeWatch]);
        let message = error.to_string();
        assert!(message.ends_with("; last status RENDERING"), "{message}");
        state = resumed(&state, (from + 3) * SEC);
    }
    let deleted = failure(poll(&mut state, 20 * SEC, clip(ClipStatus::Deleted)));
    assert!(!state.is_resumable(&deleted));
}

#[test]
fn a_clip_that_was_never_seen_cannot_be_resumed_when_it_is_not_found() {
    let mut state = state(60 * SEC, 3 * SEC);
    delay(poll(&mut state, SEC, Ok(None)));
    let mut state = resumed(&state, 2 * SEC);
    let error = failure(poll(&mut state, 4 * SEC, Ok(None)));
    assert!(error.is_not_found() && !state.is_resumable(&error));
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
    state.start_poll(4 * SEC, Duration::ZERO);
    let transition = finish(&mut state, 8 * SEC, clip(ClipStatus::Rendering));
    assert_eq!(delay(transition), Duration::ZERO);
    let transition = poll(&mut state, 8 * SEC, clip(ClipStatus::Complete));
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
        600 * SEC
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
        delay(poll(&mut state, SEC, rate_limited(600 * SEC))),
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
    assert_eq!(state.final_round_end(SEC), 65 * SEC);
    assert_eq!(state.final_round_end(600 * SEC), 605 * SEC);
}

#[test]
fn a_poll_has_a_limited_time_beyond_the_deadline() {
    let mut state = state(60 * SEC, SEC);
    assert_eq!(state.start_poll(SEC, Duration::ZERO), 60 * SEC);
    assert_eq!(state.start_poll(58 * SEC, Duration::ZERO), 63 * SEC);
    // The final round is common: a late poll has less time.
    assert_eq!(state.start_poll(64 * SEC, Duration::ZERO), 65 * SEC);
    // A watch that is resumed after its deadline has a round of its own.
    assert_eq!(state.start_poll(601 * SEC, 600 * SEC), 605 * SEC);
    let limits = WatchLimits::new(RetryLimits::default(), SEC);
    state.config_mut().limits = limits;
    assert_eq!(state.start_poll(60 * SEC, Duration::ZERO), 61 * SEC);
}

#[test]
fn a_watch_whose_final_round_is_over_ends_without_a_final_poll_and_says_so() {
    let mut state = state(5 * SEC, SEC);
    state.start_poll(4 * SEC, Duration::ZERO);
    let error = failure(finish(&mut state, 10 * SEC, clip(ClipStatus::Rendering)));
    assert!(error.is_deadline_exceeded());
    let message = error.to_string();
    assert!(
        message.contains("without a final poll; last status RENDERING"),
        "{message}"
    );
    let error = failure(state.exceed_deadline(10 * SEC, None, None));
    assert!(
        error.to_string().contains("without a final poll"),
        "{error}"
    );
}

fn unreachable() -> Result<Option<Clip>> {
    let error = Error::new(ErrorKind::Connection, "cannot connect");
    Err(error.with_request_failure(RequestFailure::NotConnected))
}

#[test]
fn an_endpoint_that_never_responded_is_tried_for_a_minute() {
    let mut state = state(1800 * SEC, SEC);
    let mut at = SEC;
    let error = loop {
        match poll(&mut state, at, unreachable()) {
            Transition::PollAgain { delay, .. } => at += delay,
            Transition::Failed(error) => break error,
            other => panic!("{other:?}"),
        }
    };
    assert!(error.is_connect());
    assert_eq!(at, 61 * SEC);
}

#[test]
fn an_endpoint_that_responded_is_tried_to_the_deadline() {
    let reached_by_itself = |state: &mut WatchState| {
        let error = Error::new(ErrorKind::UnexpectedStatus, "").with_status(503);
        delay(poll(state, SEC, Err(error)));
    };
    let mut state_of_client = state(1800 * SEC, SEC);
    let mut reached = state(1800 * SEC, SEC);
    reached_by_itself(&mut reached);
    // Its checkpoint says so.
    let checkpoint = reached.checkpoint(SEC, SystemTime::now());
    let policy = Box::new(Fixed::new(2 * SEC));
    let mut resumed = WatchState::restore(&checkpoint, policy, config(1800 * SEC, SEC));
    for minute in 1..20 {
        delay(poll(&mut reached, minute * 60 * SEC, unreachable()));
        delay(poll(&mut resumed, minute * 60 * SEC, unreachable()));
        state_of_client.start_poll(minute * 60 * SEC, Duration::ZERO);
        delay(state_of_client.finish_poll(PollInput {
            elapsed: minute * 60 * SEC,
            result: unreachable(),
            is_reached: true,
            resumed_at: Duration::ZERO,
            known: None,
            random: 0.5,
            withdraw: &|| true,
        }));
    }
}

#[test]
fn nobody_is_told_of_a_missing_record_when_nobody_was_reached() {
    let mut state = state(5 * SEC, SEC);
    let message = failure(poll(&mut state, 5 * SEC, unreachable())).to_string();
    assert!(
        message.ends_with("no response from the service so far"),
        "{message}"
    );
}

#[test]
fn a_retry_after_that_is_too_long_is_cut_and_then_probed() {
    let mut state = state(7200 * SEC, SEC);
    let too_long = || rate_limited(Duration::from_secs(99_999_999_999));
    assert_eq!(
        delay(poll(&mut state, SEC, rate_limited(600 * SEC))),
        600 * SEC
    );
    delay(poll(&mut state, SEC, clip(ClipStatus::Rendering)));
    // Another failure before it makes no difference.
    delay(poll(&mut state, SEC, rate_limited(SEC)));
    assert_eq!(delay(poll(&mut state, SEC, too_long())), 600 * SEC);
    assert_eq!(delay(poll(&mut state, SEC, too_long())), 60 * SEC);
    assert_eq!(delay(poll(&mut state, SEC, too_long())), 60 * SEC);
}

/// A policy that panics where it is told to.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Panics {
    Delay,
    Estimate,
    Retry,
    Save,
}

impl crate::polling::PollPolicy for Panics {
    fn next_delay(&mut self, _: &PollState<'_>) -> Duration {
        assert_ne!(*self, Self::Delay);
        SEC
    }

    fn estimate(&self) -> Option<crate::polling::Estimate> {
        assert_ne!(*self, Self::Estimate);
        None
    }

    fn save(&self) -> Option<String> {
        assert_ne!(*self, Self::Save);
        None
    }
}

impl RetryPolicy for Panics {
    fn decide(&self, _: &FailedAttempt<'_>) -> crate::retry::RetryDecision {
        panic!("no idea")
    }
}

#[test]
fn a_policy_that_panics_ends_its_watch_with_an_error() {
    for panics in [Panics::Delay, Panics::Estimate, Panics::Retry] {
        let mut state = state(60 * SEC, SEC);
        state.poll_policy = Box::new(panics);
        state.config_mut().policy = Arc::new(panics);
        let result = match panics {
            Panics::Retry => rate_limited(SEC),
            _ => clip(ClipStatus::Rendering),
        };
        assert!(
            failure(poll(&mut state, SEC, result)).is_policy(),
            "{panics:?}"
        );
    }
    let mut state = state(60 * SEC, SEC);
    state.poll_policy = Box::new(Panics::Save);
    assert_eq!(state.checkpoint(SEC, SystemTime::now()).poll_policy(), None);
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
    state.start_poll(SEC, Duration::ZERO);
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
