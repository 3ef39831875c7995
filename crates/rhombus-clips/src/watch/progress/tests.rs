use super::*;
use crate::polling::{Fixed, History};
use crate::retry::{Backoff, Never};
use rhombus_clips_api::types::ClipStatus;

const SEC: Duration = Duration::from_secs(1);
const CHANCE: Chance<'static> = Chance {
    random: 0.5,
    withdraw: &|| true,
};

fn progress(deadline: Duration, grace: Duration) -> Progress {
    let uuid = ClipUuid::from_bytes([0; 16]);
    let poll_policy = Box::new(Fixed::new(2 * SEC));
    Progress::new(uuid, poll_policy, rules(deadline, grace))
}

fn rules(deadline: Duration, grace: Duration) -> Arc<Rules> {
    Arc::new(Rules {
        deadline,
        grace,
        ..Rules::new(Arc::new(Backoff::default()))
    })
}

fn clip(status: ClipStatus) -> Result<Option<Clip>> {
    Ok(Some(Clip::of_status(status)))
}

fn rate_limited(retry_after: Duration) -> Result<Option<Clip>> {
    Err(Error::new(ErrorKind::RateLimited, "").with_retry_after(Some(retry_after)))
}

/// A look that begins and ends at once.
fn look(progress: &mut Progress, at: Duration, outcome: Result<Option<Clip>>) -> Verdict {
    progress.begin_look(at);
    progress.judge(at, outcome, CHANCE)
}

fn wait(verdict: Verdict) -> Duration {
    match verdict {
        Verdict::LookAgain { wait, .. } => wait,
        other => panic!("{other:?}"),
    }
}

fn failure(verdict: Verdict) -> Error {
    match verdict {
        Verdict::Fail(error) => error,
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_last_wait_is_cut_to_the_deadline_and_one_last_look_decides() {
    let mut progress = progress(5 * SEC, SEC);
    assert_eq!(
        wait(look(&mut progress, 2 * SEC, clip(ClipStatus::Rendering))),
        2 * SEC
    );
    assert_eq!(
        wait(look(&mut progress, 4 * SEC, clip(ClipStatus::Rendering))),
        SEC
    );
    let error = failure(look(&mut progress, 5 * SEC, clip(ClipStatus::Rendering)));
    assert!(error.is_deadline_exceeded());
    assert_eq!(error.elapsed(), Some(5 * SEC));
}

#[test]
fn a_clip_that_is_done_at_the_deadline_is_done() {
    let mut progress = progress(5 * SEC, SEC);
    assert!(matches!(
        look(&mut progress, 6 * SEC, clip(ClipStatus::Complete)),
        Verdict::Complete(_)
    ));
}

#[test]
fn a_missing_record_is_tolerated_for_the_grace_period() {
    let mut progress = progress(60 * SEC, 3 * SEC);
    assert_eq!(wait(look(&mut progress, SEC, Ok(None))), 2 * SEC);
    assert_eq!(wait(look(&mut progress, 3 * SEC, Ok(None))), SEC);
    assert!(failure(look(&mut progress, 4 * SEC, Ok(None))).is_not_found());
}

#[test]
fn a_failure_does_not_end_the_grace_period() {
    let mut progress = progress(60 * SEC, 3 * SEC);
    wait(look(&mut progress, SEC, Ok(None)));
    wait(look(&mut progress, 4 * SEC, rate_limited(SEC)));
    assert!(failure(look(&mut progress, 8 * SEC, Ok(None))).is_not_found());
}

#[test]
fn a_look_across_the_deadline_is_not_the_last() {
    let mut progress = progress(5 * SEC, SEC);
    progress.begin_look(4 * SEC);
    let verdict = progress.judge(14 * SEC, clip(ClipStatus::Rendering), CHANCE);
    assert_eq!(wait(verdict), Duration::ZERO);
    let verdict = look(&mut progress, 14 * SEC, clip(ClipStatus::Complete));
    assert!(matches!(verdict, Verdict::Complete(_)));
}

#[test]
fn a_record_that_comes_back_starts_the_grace_period_anew() {
    let mut progress = progress(60 * SEC, 3 * SEC);
    wait(look(&mut progress, SEC, Ok(None)));
    wait(look(&mut progress, 3 * SEC, clip(ClipStatus::Initiating)));
    wait(look(&mut progress, 5 * SEC, Ok(None)));
    wait(look(&mut progress, 7 * SEC, Ok(None)));
    let error = failure(look(&mut progress, 8 * SEC, Ok(None)));
    assert!(error.is_not_found());
}

#[test]
fn limits_without_end_are_limits() {
    let mut progress = progress(Duration::MAX, Duration::MAX);
    assert_eq!(wait(look(&mut progress, SEC, Ok(None))), 2 * SEC);
    assert_eq!(
        wait(look(&mut progress, SEC, rate_limited(Duration::MAX))),
        Duration::MAX - SEC
    );
}

#[test]
fn offline_and_unknown_states_go_on() {
    let mut progress = progress(60 * SEC, SEC);
    for status in [
        ClipStatus::Offline,
        ClipStatus::Unknown,
        ClipStatus::from("PAUSED"),
    ] {
        wait(look(&mut progress, SEC, clip(status)));
    }
}

#[test]
fn a_failed_clip_ends_the_watch_with_the_clip() {
    for status in [ClipStatus::Failed, ClipStatus::Deleted] {
        let error = failure(look(
            &mut progress(60 * SEC, SEC),
            SEC,
            clip(status.clone()),
        ));
        assert!(error.is_clip_failed());
        assert_eq!(error.clip().map(Clip::status), Some(&status));
    }
}

#[test]
fn the_service_decides_the_wait_up_to_the_deadline() {
    let mut progress = progress(60 * SEC, SEC);
    assert_eq!(wait(look(&mut progress, SEC, rate_limited(SEC))), SEC);
    assert_eq!(
        wait(look(&mut progress, SEC, rate_limited(30 * SEC))),
        30 * SEC
    );
    assert_eq!(
        wait(look(&mut progress, SEC, rate_limited(3600 * SEC))),
        59 * SEC
    );
}

#[test]
fn failures_in_a_row_are_counted_and_waited_for_ever_longer() {
    let mut progress = progress(3600 * SEC, SEC);
    let timeout = || Err(Error::new(ErrorKind::Timeout, ""));
    for (failures, expected) in [(1, SEC / 2), (2, SEC), (3, 2 * SEC), (4, 4 * SEC)] {
        assert_eq!(wait(look(&mut progress, SEC, timeout())), expected);
        assert_eq!(progress.consecutive_failures(), failures);
    }
    wait(look(&mut progress, SEC, clip(ClipStatus::Rendering)));
    assert_eq!(progress.consecutive_failures(), 0);
    assert_eq!(wait(look(&mut progress, SEC, timeout())), SEC / 2);
}

#[test]
fn a_policy_may_end_the_watch_with_what_would_pass() {
    let mut progress = progress(60 * SEC, SEC);
    progress.rules_mut().policy = Arc::new(Never);
    let error = failure(look(&mut progress, SEC, rate_limited(SEC)));
    assert!(error.is_rate_limited());
}

#[test]
fn a_watch_that_goes_on_after_its_deadline_waits_for_its_last_look() {
    let progress = progress(60 * SEC, SEC);
    assert_eq!(progress.patience(SEC), 65 * SEC);
    assert_eq!(progress.patience(600 * SEC), 605 * SEC);
}

#[test]
fn a_look_has_five_seconds_beyond_the_deadline_and_no_more() {
    let mut progress = progress(60 * SEC, SEC);
    assert_eq!(progress.begin_look(SEC), 60 * SEC);
    assert_eq!(progress.begin_look(58 * SEC), 63 * SEC);
    assert_eq!(progress.begin_look(600 * SEC), 605 * SEC);
}

#[test]
fn what_was_resumed_goes_on_as_if_it_had_never_stopped() {
    let outcomes = |at: u64| match at {
        0..10 => Ok(None),
        10..30 => clip(ClipStatus::Rendering),
        _ => clip(ClipStatus::Offline),
    };
    // The same watch, unbroken and broken after every look.
    let (mut unbroken, mut broken) = (progress(50 * SEC, 11 * SEC), progress(50 * SEC, 11 * SEC));
    let mut at = Duration::ZERO;
    let mut looks = 0;
    loop {
        let text = broken.checkpoint(at, SystemTime::now()).to_string();
        let checkpoint: Checkpoint = text.parse().unwrap();
        let poll_policy =
            crate::polling::kept(checkpoint.standing.poll_policy.as_deref(), &History::new());
        let rules = rules(50 * SEC, 11 * SEC);
        broken = Progress::resume(&checkpoint, poll_policy, rules);
        let expected = look(&mut unbroken, at, outcomes(at.as_secs()));
        let found = look(&mut broken, at, outcomes(at.as_secs()));
        looks += 1;
        assert_eq!(broken.polls(), looks);
        match (expected, found) {
            (Verdict::LookAgain { wait, .. }, Verdict::LookAgain { wait: found, .. }) => {
                assert_eq!(wait, found);
                at += wait;
                assert_eq!(broken.due(), Some(at));
            }
            (Verdict::Fail(expected), Verdict::Fail(found)) => {
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
    let mut progress = progress(60 * SEC, SEC);
    progress.polls = u64::MAX;
    progress.begin_look(SEC);
    assert_eq!(progress.polls(), u64::MAX);
}

#[test]
fn a_permanent_failure_ends_the_watch_and_keeps_its_kind() {
    let denied = Err(Error::new(ErrorKind::Authentication, "denied").with_status(403));
    let error = failure(look(&mut progress(60 * SEC, SEC), SEC, denied));
    assert!(error.is_auth());
    assert_eq!(error.status(), Some(403));
}

#[test]
fn the_last_failure_is_the_source_of_the_missed_deadline() {
    let error = failure(look(&mut progress(SEC, SEC), SEC, rate_limited(SEC)));
    let source = std::error::Error::source(&error).unwrap();
    assert!(source.downcast_ref::<Error>().unwrap().is_rate_limited());
}
