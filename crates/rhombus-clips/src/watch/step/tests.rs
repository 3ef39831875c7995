//! Steps of a watch, from its start to each kind of end.

use super::*;
use crate::ClipUuid;
use crate::error::RequestFailure;
use crate::polling::Fixed;
use rhombus_clips_api::types::ClipStatus;

const SEC: Duration = Duration::from_secs(1);
const UUID: ClipUuid = ClipUuid::from_bytes([0; 16]);

fn time(seconds: u64) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000 + seconds)
}

fn policies() -> WatchPolicies {
    WatchPolicies::default().polling(Fixed::new(2 * SEC))
}

fn poll(result: Result<Clip>, seconds: u64) -> PollResult {
    PollResult::new(result, time(seconds), time(seconds))
}

fn clip(status: ClipStatus) -> Result<Clip> {
    Ok(Clip::of_status(status))
}

fn again(step: Step) -> (Checkpoint, SystemTime, Option<Update>) {
    match step {
        Step::PollAgain {
            checkpoint,
            due_at,
            update,
        } => (checkpoint, due_at, update),
        other => panic!("{other:?}"),
    }
}

fn error(step: Step) -> Error {
    match step {
        Step::Ended {
            result: Err(error), ..
        } => error,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_watch_runs_to_its_end_on_serialized_checkpoints() {
    let mut checkpoint = Checkpoint::new(UUID, time(0));
    for (seconds, is_change) in [(0, true), (2, false), (4, false)] {
        let step = checkpoint.step(poll(clip(ClipStatus::Rendering), seconds), &policies());
        let (next, due_at, update) = again(step);
        assert_eq!(due_at, time(seconds + 2));
        assert_eq!(next.due_at(), due_at);
        assert_eq!(update.is_some(), is_change, "{seconds}");
        checkpoint = next.to_string().parse().unwrap();
    }
    match checkpoint.step(poll(clip(ClipStatus::Complete), 6), &policies()) {
        Step::Ended {
            result,
            polls,
            elapsed,
        } => {
            assert!(result.unwrap().is_complete());
            assert_eq!((polls, elapsed), (4, 6 * SEC));
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_same_input_gives_the_same_step() {
    let checkpoint = Checkpoint::new(UUID, time(0));
    let step = || {
        let failed = poll(Err(Error::new(ErrorKind::Timeout, "")), 1).with_random(0.25);
        let (next, due_at, _) = again(checkpoint.step(failed, &WatchPolicies::default()));
        (next.to_string(), due_at)
    };
    assert_eq!(step(), step());
}

#[test]
fn a_failure_and_the_recovery_are_updates_across_steps() {
    let checkpoint = Checkpoint::new(UUID, time(0));
    let step = checkpoint.step(poll(clip(ClipStatus::Rendering), 0), &policies());
    let (checkpoint, ..) = again(step);
    let failed = poll(Err(Error::new(ErrorKind::Timeout, "")), 2);
    let (checkpoint, _, update) = again(checkpoint.step(failed, &policies()));
    assert!(update.unwrap().error().unwrap().is_timeout());
    let step = checkpoint.step(poll(clip(ClipStatus::Rendering), 4), &policies());
    let (_, _, update) = again(step);
    assert!(update.unwrap().error().is_none());
}

#[test]
fn not_found_is_tolerated_for_the_grace_period() {
    let not_found = || Err(Error::new(ErrorKind::NotFound, ""));
    let checkpoint =
        Checkpoint::new(UUID, time(0)).with_not_found_grace_period(Duration::from_secs(1));
    let (checkpoint, due_at, _) = again(checkpoint.step(poll(not_found(), 0), &policies()));
    assert_eq!(due_at, time(1));
    let error = error(checkpoint.step(poll(not_found(), 1), &policies()));
    assert!(error.is_not_found() && error.checkpoint().is_none());
}

#[test]
fn a_record_that_disappears_leaves_a_checkpoint() {
    let not_found = || Err(Error::new(ErrorKind::NotFound, ""));
    let checkpoint = Checkpoint::new(UUID, time(0)).with_not_found_grace_period(SEC);
    let step = checkpoint.step(poll(clip(ClipStatus::Rendering), 0), &policies());
    let (checkpoint, ..) = again(step);
    let (checkpoint, ..) = again(checkpoint.step(poll(not_found(), 2), &policies()));
    let error = error(checkpoint.step(poll(not_found(), 3), &policies()));
    assert!(error.is_not_found());
    assert_eq!(error.checkpoint().unwrap().last_status(), Some("RENDERING"));
}

#[test]
fn the_deadline_ends_the_watch_with_a_checkpoint() {
    let checkpoint = Checkpoint::new(UUID, time(0)).with_timeout(3 * SEC);
    let step = checkpoint.step(poll(clip(ClipStatus::Rendering), 2), &policies());
    let (checkpoint, due_at, _) = again(step);
    assert_eq!(due_at, time(3));
    let step = checkpoint.step(poll(clip(ClipStatus::Rendering), 3), &policies());
    let error = error(step);
    assert!(error.is_deadline_exceeded());
    assert_eq!(error.checkpoint().map(Checkpoint::polls), Some(2));
}

#[test]
fn a_held_poll_counts_no_request_and_ends_the_watch_only_beyond_the_deadline() {
    let checkpoint = Checkpoint::new(UUID, time(0)).with_timeout(60 * SEC);
    let held = |until| checkpoint.step(PollResult::held(time(until), time(1)), &policies());
    match held(30) {
        Step::Held { checkpoint, until } => {
            assert_eq!((checkpoint.polls(), until), (0, time(30)));
            assert_eq!(checkpoint.elapsed(), SEC);
        }
        other => panic!("{other:?}"),
    }
    let error = error(held(3600));
    assert!(error.is_deadline_exceeded());
    let source = std::error::Error::source(&error).unwrap();
    assert!(source.downcast_ref::<Error>().unwrap().is_rate_limited());
}

#[test]
fn times_that_run_backwards_do_not_panic() {
    let checkpoint = Checkpoint::new(UUID, time(100));
    let early = PollResult::new(clip(ClipStatus::Rendering), time(50), time(20));
    again(checkpoint.step(early, &policies()));
    let epoch = SystemTime::UNIX_EPOCH;
    let early = PollResult::new(clip(ClipStatus::Rendering), epoch, epoch);
    again(checkpoint.step(early, &policies()));
}

#[test]
fn an_endpoint_that_never_responded_ends_the_watch_after_a_minute() {
    let unreachable = || {
        let error = Error::new(ErrorKind::Connection, "cannot connect");
        Err(error.with_request_failure(RequestFailure::NotConnected))
    };
    let (checkpoint, ..) =
        again(Checkpoint::new(UUID, time(0)).step(poll(unreachable(), 0), &policies()));
    let saved: Checkpoint = checkpoint.to_string().parse().unwrap();
    let (checkpoint, ..) = again(saved.step(poll(unreachable(), 59), &policies()));
    let ended = error(checkpoint.step(poll(unreachable(), 60), &policies()));
    assert!(ended.is_connect());
    // Once there was a response, it goes on.
    let busy = Err(Error::new(ErrorKind::UnexpectedStatus, "").with_status(503));
    let (checkpoint, ..) = again(saved.step(poll(busy, 59), &policies()));
    let saved: Checkpoint = checkpoint.to_string().parse().unwrap();
    let (checkpoint, ..) = again(saved.step(poll(unreachable(), 600), &policies()));
    again(checkpoint.step(poll(unreachable(), 900), &policies()));
}

#[test]
fn limits_on_patience_can_be_set() {
    let limited = || Err(Error::new(ErrorKind::RateLimited, "").with_retry_after(Some(1000 * SEC)));
    let step = |policies: WatchPolicies| {
        let (_, due_at, _) =
            again(Checkpoint::new(UUID, time(0)).step(poll(limited(), 0), &policies));
        due_at
    };
    assert_eq!(step(policies()), time(600));
    assert_eq!(step(policies().max_retry_after(2000 * SEC)), time(1000));
    let error_of = Error::new(ErrorKind::Connection, "");
    let unreachable = Err(error_of.with_request_failure(RequestFailure::NotConnected));
    let impatient = policies().unreachable_grace_period(Duration::ZERO);
    assert!(
        error(Checkpoint::new(UUID, time(0)).step(poll(unreachable, 0), &impatient)).is_connect()
    );
}
