//! Watches a clip in virtual time.

use std::time::Duration;

use rhombus_clips::pacing::Pacing;

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

/// Looks at once and then whenever the pacing says, until a look sees that the clip is done.
///
/// `random` gives the random number of each look.
pub(crate) fn watch(
    trace: &Trace,
    pacing: &mut dyn Pacing,
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
            pacing.complete(now);
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
        let wait = pacing.next_look(&seen).max(SHORTEST);
        now = now.saturating_add(wait);
    }
}
