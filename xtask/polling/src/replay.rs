//! Replays the watch of one trace in virtual time.
//!
//! Mirrors the polling loop of the library without its errors, retries and deadlines; it must not
//! know which policy it drives.

use std::time::Duration;

use rhombus_clips::polling::{Estimate, PollPolicy};

use crate::trace::{Step, Trace};

/// Minimum interval: a policy that returns zero would never advance the virtual time.
const MIN_INTERVAL: Duration = Duration::from_millis(1);

/// Result of one watch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct WatchResult {
    /// Number of polls, including the first and the last.
    pub(crate) polls: u64,
    /// Time at which the clip was done.
    pub(crate) done_at: Duration,
    /// Time from then to the poll that saw it.
    pub(crate) delay: Duration,
    /// Estimates of the remaining time, with the time of their poll; empty unless the clip was rendered.
    pub(crate) estimates: Vec<(Duration, Estimate)>,
}

impl WatchResult {
    /// Returns the delay relative to the time until the clip was done; 0 if it was done at once.
    pub(crate) fn delay_share(&self) -> f64 {
        match self.done_at.is_zero() {
            true => 0.0,
            false => self.delay.as_secs_f64() / self.done_at.as_secs_f64(),
        }
    }
}

/// Polls at once and then after each delay of the policy, until a poll sees that the clip is done.
///
/// `random` supplies the random number of each poll.
pub(crate) fn replay(
    trace: &Trace,
    poll_policy: &mut dyn PollPolicy,
    mut random: impl FnMut() -> f64,
) -> WatchResult {
    let mut steps = trace.steps.iter().peekable();
    let mut step = None;
    let mut now = Duration::ZERO;
    let mut polls = 0;
    let mut estimates = Vec::new();
    loop {
        polls += 1;
        while let Some(next) = steps.next_if(|next| next.elapsed() <= now) {
            step = Some(next);
        }
        let end = step.filter(|step| step.is_done());
        if end.is_some_and(|end| end.is_complete()) {
            poll_policy.on_complete(now);
        }
        // Without a further step, the state would never change.
        if end.is_some() || steps.peek().is_none() {
            let done_at = step.map_or(now, Step::elapsed);
            // A clip that fails does so at any time: there is no remaining time to estimate.
            estimates.retain(|(at, _)| *at < done_at && end.is_some_and(Step::is_complete));
            return WatchResult {
                polls,
                done_at,
                delay: now.saturating_sub(done_at),
                estimates,
            };
        }
        let state = trace.poll_state(step, now).with_random(random());
        let delay = poll_policy.next_delay(&state).max(MIN_INTERVAL);
        estimates.extend(poll_policy.estimate().map(|estimate| (now, estimate)));
        now = now.saturating_add(delay);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::parse_traces;
    use rhombus_clips::polling::{Fixed, PollState};

    fn trace(steps: &str) -> Trace {
        let line = format!(r#"{{"family":"any","clipDurationSec":60,"steps":[{steps}]}}"#);
        let mut traces = parse_traces(line.as_bytes()).unwrap();
        traces.remove(0)
    }

    fn replay_fixed(steps: &str, interval: Duration) -> WatchResult {
        replay(&trace(steps), &mut Fixed::new(interval), || 0.5)
    }

    fn result(polls: u64, done_at: u64, delay: u64) -> WatchResult {
        WatchResult {
            polls,
            done_at: Duration::from_millis(done_at),
            delay: Duration::from_millis(delay),
            estimates: Vec::new(),
        }
    }

    const SEC: Duration = Duration::from_secs(1);
    const STARTED: &str = r#"{"atMs":0,"status":"RENDERING","percent":0,"operation":"Queued"}"#;

    #[test]
    fn polls_include_the_first_and_the_last() {
        let steps = format!(r#"{STARTED},{{"atMs":45120,"status":"COMPLETE"}}"#);
        // At 0, 2, ..., 46 s.
        assert_eq!(replay_fixed(&steps, 2 * SEC), result(24, 45_120, 880));
        assert_eq!(replay_fixed(&steps, 5 * SEC), result(11, 45_120, 4_880));
    }

    #[test]
    fn a_poll_at_the_time_of_the_end_sees_it() {
        let steps = format!(r#"{STARTED},{{"atMs":4000,"status":"COMPLETE"}}"#);
        assert_eq!(replay_fixed(&steps, 2 * SEC), result(3, 4_000, 0));
        let steps = format!(r#"{STARTED},{{"atMs":4001,"status":"COMPLETE"}}"#);
        assert_eq!(replay_fixed(&steps, 2 * SEC), result(4, 4_001, 1_999));
    }

    #[test]
    fn a_clip_that_is_done_at_once_takes_one_poll() {
        let steps = r#"{"atMs":0,"status":"COMPLETE"}"#;
        assert_eq!(replay_fixed(steps, SEC), result(1, 0, 0));
    }

    #[test]
    fn a_watch_ends_by_the_rule_of_the_library() {
        for end in [
            r#""status":"FAILED""#,
            r#""status":"DELETED""#,
            r#""percent":100,"operation":"Complete""#,
            r#""status":"RENDERING","percent":100,"operation":"Complete""#,
        ] {
            let steps = format!(r#"{STARTED},{{"atMs":2500,{end}}}"#);
            assert_eq!(replay_fixed(&steps, SEC), result(4, 2_500, 500), "{end}");
        }
        let steps = format!(
            r#"{STARTED},{{"atMs":2500,"percent":100,"operation":"Processing video"}},{{"atMs":9100,"status":"COMPLETE"}}"#
        );
        assert_eq!(replay_fixed(&steps, SEC), result(11, 9_100, 900));
    }

    /// Records its input and returns a random part of a second.
    #[derive(Debug, Default)]
    struct RecordingPolicy {
        states: Vec<String>,
        lengths: Vec<Option<Duration>>,
        completed: Option<Duration>,
    }

    impl PollPolicy for RecordingPolicy {
        fn next_delay(&mut self, state: &PollState<'_>) -> Duration {
            self.states.push(format!(
                "{} {:?} {:?} {:?}",
                state.elapsed().as_millis(),
                state.status().map(ToString::to_string),
                state.percent(),
                state.operation(),
            ));
            self.lengths.push(state.footage_duration());
            SEC.mul_f64(state.random())
        }

        fn on_complete(&mut self, elapsed: Duration) {
            self.completed = Some(elapsed);
        }
    }

    #[test]
    fn a_poll_policy_sees_the_last_step_at_or_before_the_poll() {
        let trace = trace(
            r#"{"atMs":100,"status":"UPLOADING","percent":7,"operation":"Uploading"},{"atMs":600,"percent":140},{"atMs":900,"status":"COMPLETE"}"#,
        );
        let mut policy = RecordingPolicy::default();
        let mut randoms = [0.1, 0.4, 0.2, 0.3].into_iter();
        let result = replay(&trace, &mut policy, || randoms.next().unwrap());
        assert_eq!(
            policy.states,
            [
                // The service has no record of the clip yet.
                "0 None None None",
                r#"100 Some("UPLOADING") Some(7) Some("Uploading")"#,
                r#"500 Some("UPLOADING") Some(7) Some("Uploading")"#,
                "700 None Some(100) None",
            ]
        );
        let minute = Some(60 * SEC);
        assert_eq!(policy.lengths, [None, minute, minute, minute]);
        assert_eq!(policy.completed, Some(SEC));
        assert_eq!(result.delay, SEC / 10);
    }

    #[test]
    fn only_rendered_clips_count_as_complete() {
        let mut policy = RecordingPolicy::default();
        let trace = trace(&format!(r#"{STARTED},{{"atMs":400,"status":"FAILED"}}"#));
        replay(&trace, &mut policy, || 0.5);
        assert_eq!(policy.completed, None);
    }

    #[test]
    fn a_policy_without_delay_terminates() {
        let mut policy = RecordingPolicy::default();
        let trace = trace(&format!(r#"{STARTED},{{"atMs":7,"status":"COMPLETE"}}"#));
        assert_eq!(replay(&trace, &mut policy, || 0.0).polls, 8);
    }
}
