//! Delay to the next poll of a clip.
//!
//! A poll costs a request, and ends the delay of a clip that is complete by then. It is due as soon as
//! the expected delay, the mean time for which the clip has been complete, reaches the cost. For a
//! constant completion rate `r` and a cost `c`, polls are then `sqrt(2 c / r)` apart, which minimizes
//! the sum of delays and costs, as in the economic order quantity of an inventory. Expected delays of
//! several clips add up, so the same rule schedules a request for many.
//!
//! A limit in proportion to the elapsed time bounds the delay of a clip that ends against all
//! expectation. It is tight until the history knows clips of this kind.

use super::distribution::SortedDistribution;
use super::forecast::OTHER_LAST_PROBABILITY;
use super::model::{ClipModel, Progress};
use super::terms::{Term, Terms};

/// Cost of a request, in seconds of delay. Chosen as a compromise between polls and delay.
pub(in crate::polling) const REQUEST_COST_SECONDS: f64 = 0.3;
/// The same for a clip of a kind that the history does not know: the limits of its delay already take most of
/// the polls.
const FIRST_CLIP_REQUEST_COST_SECONDS: f64 = 0.38;

/// The same without progress, where the delay counts in relation to the render time: a minimum, and a
/// share of the elapsed time. Chosen so that first clips take some 70 % of the polls of an interval of 2 s.
const NO_PROGRESS_MIN_COST_SECONDS: f64 = 0.018;
const NO_PROGRESS_COST_PER_SECOND: f64 = 0.0006;

/// Longest delay, as a share of the elapsed time, with a minimum in seconds. Chosen as bounds on the
/// delay: a clip is never later than 10 s or a tenth of its render time.
const MAX_DELAY_FRACTION: f64 = 0.1;
const MAX_DELAY_SECONDS: f64 = 9.9;
/// The same while little time has passed: so many seconds more than that. Chosen: a clip that takes seconds and
/// jumps to its end is not late by several times its render time, for 1 % more polls.
const EARLY_MAX_DELAY_SECONDS: f64 = 3.5;
/// The same where the history knows clips of this kind. Chosen: a short one among long ones is not late
/// by a multiple of its render time.
const LEARNED_MAX_DELAY_FRACTION: f64 = 1.0;
const LEARNED_MAX_DELAY_SECONDS: f64 = 5.0;
/// The same until there is progress: such a clip may take seconds only.
const NO_PROGRESS_MAX_DELAY_FRACTION: f64 = 0.25;
const NO_PROGRESS_MAX_DELAY_SECONDS: f64 = 2.0;

impl ClipModel {
    /// Returns the delay to the next poll, in seconds.
    pub(super) fn next_delay(
        &self,
        forecast: &SortedDistribution,
        min_interval: f64,
        terms: Terms,
    ) -> f64 {
        let now = f64::from(self.last_poll_at);
        let cost = match self.progress {
            Progress::None => NO_PROGRESS_MIN_COST_SECONDS + NO_PROGRESS_COST_PER_SECOND * now,
            // The delay of a waiting clip counts only if the clip ends without being rendered.
            Progress::Waiting => FIRST_CLIP_REQUEST_COST_SECONDS / OTHER_LAST_PROBABILITY,
            Progress::Unknown | Progress::Seen => FIRST_CLIP_REQUEST_COST_SECONDS,
            Progress::Learned => REQUEST_COST_SECONDS,
        };
        let seen = |early: f64| (MAX_DELAY_FRACTION * now).max(MAX_DELAY_SECONDS.min(early));
        let not_seen = (NO_PROGRESS_MAX_DELAY_FRACTION * now).max(NO_PROGRESS_MAX_DELAY_SECONDS);
        let max = match self.progress {
            _ if !terms.has(Term::DelayLimit) => f64::INFINITY,
            Progress::Learned => (LEARNED_MAX_DELAY_FRACTION * now).max(LEARNED_MAX_DELAY_SECONDS),
            Progress::Seen => seen(now + EARLY_MAX_DELAY_SECONDS),
            // It may yet report progress, and end before a poll sees that.
            Progress::Waiting | Progress::Unknown => not_seen.min(seen(f64::INFINITY)),
            Progress::None => not_seen,
        };
        let due = forecast.time_of_expected_delay(cost);
        due.min(max).max(min_interval)
    }
}
