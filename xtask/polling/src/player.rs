//! Watches a clip in virtual time.

use std::time::Duration;

use rhombus_clips::polling::PollPolicy;

use crate::trace::Trace;

/// No look comes sooner after another: one that is answered at once would never end.
const SHORTEST: Duration = Duration::from_millis(1);

/// How a watch went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Watched {
    /// The looks, the first and the last included.
    pub(crate) polls: u64,
    /// When the clip was done.
    pub(crate) done: Duration,
    /// How long after that a look saw it.
    pub(crate) delay: Duration,
}

/// Looks at once and then whenever the poll policy says, until a look sees that the clip is done.
///
/// `random` gives the random number of each look.
pub(crate) fn watch(
    trace: &Trace,
    poll_policy: &mut dyn PollPolicy,
    mut random: impl FnMut() -> f64,
) -> Watched {
    let mut steps = trace.steps.iter().peekable();
    let mut step = None;
    let mut now = Duration::ZERO;
    let mut polls = 0;
    loop {
        polls += 1;
        while let Some(next) = steps.next_if(|next| next.at() <= now) {
            step = Some(next);
        }
        let end = step.filter(|step| step.is_done());
        if end.is_some_and(|end| end.is_complete()) {
            poll_policy.on_complete(now);
        }
        // Without a next step nothing will ever change.
        if end.is_some() || steps.peek().is_none() {
            let done = step.map_or(now, |step| step.at());
            return Watched {
                polls,
                done,
                delay: now.saturating_sub(done),
            };
        }
        let seen = trace.observation(step, now).with_random(random());
        let wait = poll_policy.next_delay(&seen).max(SHORTEST);
        now = now.saturating_add(wait);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reader;
    use rhombus_clips::polling::{Fixed, PollState};

    fn trace(steps: &str) -> Trace {
        let line = format!(r#"{{"family":"any","clipDurationSec":60,"steps":[{steps}]}}"#);
        let mut traces = reader::traces(line.as_bytes()).unwrap();
        traces.remove(0)
    }

    fn fixed(steps: &str, interval: Duration) -> Watched {
        watch(&trace(steps), &mut Fixed::new(interval), || 0.5)
    }

    fn watched(polls: u64, done: u64, delay: u64) -> Watched {
        Watched {
            polls,
            done: Duration::from_millis(done),
            delay: Duration::from_millis(delay),
        }
    }

    const SEC: Duration = Duration::from_secs(1);
    const STARTED: &str = r#"{"atMs":0,"status":"RENDERING","percent":0,"operation":"Queued"}"#;

    #[test]
    fn looks_are_counted_from_the_first_to_the_one_that_sees_the_end() {
        let steps = format!(r#"{STARTED},{{"atMs":45120,"status":"COMPLETE"}}"#);
        // At 0, 2, ..., 46 s.
        assert_eq!(fixed(&steps, 2 * SEC), watched(24, 45_120, 880));
        assert_eq!(fixed(&steps, 5 * SEC), watched(11, 45_120, 4_880));
    }

    #[test]
    fn a_look_at_the_moment_of_the_end_sees_it() {
        let steps = format!(r#"{STARTED},{{"atMs":4000,"status":"COMPLETE"}}"#);
        assert_eq!(fixed(&steps, 2 * SEC), watched(3, 4_000, 0));
        let steps = format!(r#"{STARTED},{{"atMs":4001,"status":"COMPLETE"}}"#);
        assert_eq!(fixed(&steps, 2 * SEC), watched(4, 4_001, 1_999));
    }

    #[test]
    fn a_clip_that_is_done_at_once_takes_one_look() {
        let steps = r#"{"atMs":0,"status":"COMPLETE"}"#;
        assert_eq!(fixed(steps, SEC), watched(1, 0, 0));
    }

    #[test]
    fn the_end_is_that_of_the_product() {
        for end in [
            r#""status":"FAILED""#,
            r#""status":"DELETED""#,
            r#""percent":100,"operation":"Complete""#,
            r#""status":"RENDERING","percent":100,"operation":"Complete""#,
        ] {
            let steps = format!(r#"{STARTED},{{"atMs":2500,{end}}}"#);
            assert_eq!(fixed(&steps, SEC), watched(4, 2_500, 500), "{end}");
        }
        let steps = format!(
            r#"{STARTED},{{"atMs":2500,"percent":100,"operation":"Processing video"}},{{"atMs":9100,"status":"COMPLETE"}}"#
        );
        assert_eq!(fixed(&steps, SEC), watched(11, 9_100, 900));
    }

    /// Keeps what it saw, and waits a random part of a second.
    #[derive(Debug, Default)]
    struct Witness {
        seen: Vec<String>,
        lengths: Vec<Option<Duration>>,
        completed: Option<Duration>,
    }

    impl PollPolicy for Witness {
        fn next_delay(&mut self, seen: &PollState<'_>) -> Duration {
            self.seen.push(format!(
                "{} {:?} {:?} {:?}",
                seen.elapsed().as_millis(),
                seen.status().map(ToString::to_string),
                seen.percent(),
                seen.operation(),
            ));
            self.lengths.push(seen.clip_length());
            SEC.mul_f64(seen.random())
        }

        fn on_complete(&mut self, elapsed: Duration) {
            self.completed = Some(elapsed);
        }
    }

    #[test]
    fn a_poll_policy_sees_the_last_step_at_or_before_the_look() {
        let trace = trace(
            r#"{"atMs":100,"status":"UPLOADING","percent":7,"operation":"Uploading"},{"atMs":600,"percent":140},{"atMs":900,"status":"COMPLETE"}"#,
        );
        let mut witness = Witness::default();
        let mut randoms = [0.1, 0.4, 0.2, 0.3].into_iter();
        let watched = watch(&trace, &mut witness, || randoms.next().unwrap());
        assert_eq!(
            witness.seen,
            [
                // The service has no record yet.
                "0 None None None",
                r#"100 Some("UPLOADING") Some(7) Some("Uploading")"#,
                r#"500 Some("UPLOADING") Some(7) Some("Uploading")"#,
                "700 None Some(100) None",
            ]
        );
        let minute = Some(60 * SEC);
        assert_eq!(witness.lengths, [None, minute, minute, minute]);
        assert_eq!(witness.completed, Some(SEC));
        assert_eq!(watched.delay, SEC / 10);
    }

    #[test]
    fn only_a_clip_that_is_rendered_counts_as_complete() {
        let mut witness = Witness::default();
        let trace = trace(&format!(r#"{STARTED},{{"atMs":400,"status":"FAILED"}}"#));
        watch(&trace, &mut witness, || 0.5);
        assert_eq!(witness.completed, None);
    }

    #[test]
    fn a_poll_policy_that_does_not_wait_comes_to_an_end() {
        let mut witness = Witness::default();
        let trace = trace(&format!(r#"{STARTED},{{"atMs":7,"status":"COMPLETE"}}"#));
        assert_eq!(watch(&trace, &mut witness, || 0.0).polls, 8);
    }
}
