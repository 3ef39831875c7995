use super::*;
use crate::polling::{Fixed, History};
use crate::retry::{Backoff, NoRetry};
use rhombus_clips_api::types::ClipStatus;

const SEC: Duration = Duration::from_secs(1);
const RETRY_CONTEXT: RetryContext<'static> = RetryContext {
    random: 0.5,
    withdraw: &|| true,
};

fn state(timeout: Duration, grace_period: Duration) -> WatchState {
    let uuid = ClipUuid::from_bytes([0; 16]);
    let poll_policy = Box::new(Fixed::new(2 * SEC));
    WatchState::new(uuid, poll_policy, config(timeout, grace_period))
}

fn config(timeout: Duration, grace_period: Duration) -> Arc<WatchConfig> {
    Arc::new(WatchConfig {
        timeout,
        grace_period,
        ..WatchConfig::new(Arc::new(Backoff::default()))
    })
}

fn clip(status: ClipStatus) -> Result<Option<Clip>> {
    Ok(Some(Clip::of_status(status)))
}

fn rate_limited(retry_after: Duration) -> Result<Option<Clip>> {
    Err(Error::new(ErrorKind::RateLimited, "").with_retry_after(Some(retry_after)))
}

/// A look that begins and ends at once.
fn poll(state: &mut WatchState, at: Duration, outcome: Result<Option<Clip>>) -> Decision {
    state.start_poll(at);
    state.on_result(at, outcome, RETRY_CONTEXT)
}

fn wait(decision: Decision) -> Duration {
    match decision {
        Decision::PollAgain { wait, .. } => wait,
        other => panic!("{other:?}"),
    }
}

fn failure(decision: Decision) -> Error {
    match decision {
        Decision::Fail(error) => error,
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_last_wait_is_cut_to_the_deadline_and_one_last_look_decides() {
    let mut state = state(5 * SEC, SEC);
    assert_eq!(
        wait(poll(&mut state, 2 * SEC, clip(ClipStatus::Rendering))),
        2 * SEC
    );
    assert_eq!(
        wait(poll(&mut state, 4 * SEC, clip(ClipStatus::Rendering))),
        SEC
    );
    let error = failure(poll(&mut state, 5 * SEC, clip(ClipStatus::Rendering)));
    assert!(error.is_deadline_exceeded());
    assert_eq!(error.elapsed(), Some(5 * SEC));
}

#[test]
fn a_clip_that_is_done_at_the_deadline_is_done() {
    let mut state = state(5 * SEC, SEC);
    assert!(matches!(
        poll(&mut state, 6 * SEC, clip(ClipStatus::Complete)),
        Decision::Complete(_)
    ));
}

#[test]
fn a_missing_record_is_tolerated_for_the_grace_period() {
    let mut state = state(60 * SEC, 3 * SEC);
    assert_eq!(wait(poll(&mut state, SEC, Ok(None))), 2 * SEC);
    assert_eq!(wait(poll(&mut state, 3 * SEC, Ok(None))), SEC);
    assert!(failure(poll(&mut state, 4 * SEC, Ok(None))).is_not_found());
}

#[test]
fn a_failure_does_not_end_the_grace_period() {
    let mut state = state(60 * SEC, 3 * SEC);
    wait(poll(&mut state, SEC, Ok(None)));
    wait(poll(&mut state, 4 * SEC, rate_limited(SEC)));
    assert!(failure(poll(&mut state, 8 * SEC, Ok(None))).is_not_found());
}

#[test]
fn a_look_across_the_deadline_is_not_the_last() {
    let mut state = state(5 * SEC, SEC);
    state.start_poll(4 * SEC);
    let decision = state.on_result(14 * SEC, clip(ClipStatus::Rendering), RETRY_CONTEXT);
    assert_eq!(wait(decision), Duration::ZERO);
    let decision = poll(&mut state, 14 * SEC, clip(ClipStatus::Complete));
    assert!(matches!(decision, Decision::Complete(_)));
}

#[test]
fn a_record_that_comes_back_starts_the_grace_period_anew() {
    let mut state = state(60 * SEC, 3 * SEC);
    wait(poll(&mut state, SEC, Ok(None)));
    wait(poll(&mut state, 3 * SEC, clip(ClipStatus::Initiating)));
    wait(poll(&mut state, 5 * SEC, Ok(None)));
    wait(poll(&mut state, 7 * SEC, Ok(None)));
    let error = failure(poll(&mut state, 8 * SEC, Ok(None)));
    assert!(error.is_not_found());
}

#[test]
fn limits_without_end_are_limits() {
    let mut state = state(Duration::MAX, Duration::MAX);
    assert_eq!(wait(poll(&mut state, SEC, Ok(None))), 2 * SEC);
    assert_eq!(
        wait(poll(&mut state, SEC, rate_limited(Duration::MAX))),
        Duration::MAX - SEC
    );
}

#[test]
fn offline_and_unknown_states_go_on() {
    let mut state = state(60 * SEC, SEC);
    for status in [
        ClipStatus::Offline,
        ClipStatus::Unknown,
        ClipStatus::from("PAUSED"),
    ] {
        wait(poll(&mut state, SEC, clip(status)));
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
fn the_service_decides_the_wait_up_to_the_deadline() {
    let mut state = state(60 * SEC, SEC);
    assert_eq!(wait(poll(&mut state, SEC, rate_limited(SEC))), SEC);
    assert_eq!(
        wait(poll(&mut state, SEC, rate_limited(30 * SEC))),
        30 * SEC
    );
    assert_eq!(
        wait(poll(&mut state, SEC, rate_limited(3600 * SEC))),
        59 * SEC
    );
}

#[test]
fn failures_in_a_row_are_counted_and_waited_for_ever_longer() {
    let mut state = state(3600 * SEC, SEC);
    let timeout = || Err(Error::new(ErrorKind::Timeout, ""));
    for (failures, expected) in [(1, SEC / 2), (2, SEC), (3, 2 * SEC), (4, 4 * SEC)] {
        assert_eq!(wait(poll(&mut state, SEC, timeout())), expected);
        assert_eq!(state.consecutive_failures(), failures);
    }
    wait(poll(&mut state, SEC, clip(ClipStatus::Rendering)));
    assert_eq!(state.consecutive_failures(), 0);
    assert_eq!(wait(poll(&mut state, SEC, timeout())), SEC / 2);
}

#[test]
fn a_policy_may_end_the_watch_with_what_would_pass() {
    let mut state = state(60 * SEC, SEC);
    state.config_mut().policy = Arc::new(NoRetry);
    let error = failure(poll(&mut state, SEC, rate_limited(SEC)));
    assert!(error.is_rate_limited());
}

#[test]
fn a_watch_that_goes_on_after_its_deadline_waits_for_its_last_poll() {
    let state = state(60 * SEC, SEC);
    assert_eq!(state.limiter_deadline(SEC), 65 * SEC);
    assert_eq!(state.limiter_deadline(600 * SEC), 605 * SEC);
}

#[test]
fn a_look_has_five_seconds_beyond_the_deadline_and_no_more() {
    let mut state = state(60 * SEC, SEC);
    assert_eq!(state.start_poll(SEC), 60 * SEC);
    assert_eq!(state.start_poll(58 * SEC), 63 * SEC);
    assert_eq!(state.start_poll(600 * SEC), 605 * SEC);
}

#[test]
fn what_was_resumed_goes_on_as_if_it_had_never_stopped() {
    let outcomes = |at: u64| match at {
        0..10 => Ok(None),
        10..30 => clip(ClipStatus::Rendering),
        _ => clip(ClipStatus::Offline),
    };
    // The same watch, unbroken and broken after every look.
    let (mut unbroken, mut broken) = (state(50 * SEC, 11 * SEC), state(50 * SEC, 11 * SEC));
    let mut at = Duration::ZERO;
    let mut looks = 0;
    loop {
        let text = broken.checkpoint(at, SystemTime::now()).to_string();
        let checkpoint: Checkpoint = text.parse().unwrap();
        let poll_policy =
            crate::polling::from_saved(checkpoint.data.poll_policy.as_deref(), &History::new());
        let config = config(50 * SEC, 11 * SEC);
        broken = WatchState::resume(&checkpoint, poll_policy, config);
        let expected = poll(&mut unbroken, at, outcomes(at.as_secs()));
        let found = poll(&mut broken, at, outcomes(at.as_secs()));
        looks += 1;
        assert_eq!(broken.polls(), looks);
        match (expected, found) {
            (Decision::PollAgain { wait, .. }, Decision::PollAgain { wait: found, .. }) => {
                assert_eq!(wait, found);
                at += wait;
                assert_eq!(broken.due(), Some(at));
            }
            (Decision::Fail(expected), Decision::Fail(found)) => {
                assert_eq!(expected.to_string(), found.to_string());
                assert!(found.is_deadline_exceeded());
                break;
            }
            other => panic!("{other:?}"),
        }
    }
    assert_eq!((looks, at), (26, 50 * SEC));
}

#[test]
fn the_largest_number_of_requests_does_not_overflow() {
    let mut state = state(60 * SEC, SEC);
    state.polls = u64::MAX;
    state.start_poll(SEC);
    assert_eq!(state.polls(), u64::MAX);
}

#[test]
fn a_permanent_failure_ends_the_watch_and_keeps_its_kind() {
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
