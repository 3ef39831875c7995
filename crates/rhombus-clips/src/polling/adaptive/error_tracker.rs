//! Prediction-error tracking for the extrapolated end of a phase.
//!
//! Successive predictions that agree are reliable, long before the actual end is known. The tracker
//! turns that agreement into a variance and combines it with the errors observed on earlier clips,
//! which act as a prior. It must not know how the
//! predictions are made.

use serde::{Deserialize, Serialize};

use super::phase::is_plausible_time;

/// Weight of the errors of earlier clips, in errors of this clip.
const PRIOR_WEIGHT: f64 = 1.0;

/// Decay per poll of the errors observed on this clip.
const DECAY: f32 = 0.8;

/// Limit of one log ratio of successive predictions, so that a single jump does not dominate the sum.
const MAX_LOG_DISAGREEMENT: f32 = 1.5;

/// Shortest predicted remaining time that errors are computed for. A numerical
/// bound: after weeks, an `f32` cannot resolve less.
const MIN_TRACKED_SECONDS: f32 = 0.1;

/// Largest plausible sum in a checkpoint: above the limit of the geometric series of the largest
/// squared error, `MAX_LOG_DISAGREEMENT² / (1 - DECAY)`.
const MAX_PLAUSIBLE_SUM: f32 = 20.0;

/// Remaining time of a phase as predicted at one poll, compared with the actual one when the phase
/// ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Prediction {
    /// Seconds since the watch began.
    pub(super) predicted_at: f32,
    /// Predicted remaining seconds.
    pub(super) remaining: f32,
    /// Band of the phase's progress: 0, 1 or 2.
    pub(super) band: u8,
}

impl Prediction {
    /// Returns whether a watch can have made this prediction; a checkpoint may hold any numbers.
    pub(super) fn is_plausible(&self) -> bool {
        is_plausible_time(self.predicted_at) && is_plausible_remaining(self.remaining)
    }
}

/// Agreement of the predicted end with the previous prediction, from poll to poll.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct ErrorTracker {
    /// Time of the last poll, and the end of the phase as then predicted.
    last: Option<(f32, f32)>,
    /// Exponentially decaying sum of the squared log errors.
    squared_error: f32,
    /// Exponentially decaying number of errors.
    count: f32,
}

impl ErrorTracker {
    /// Returns whether a watch can have recorded these errors; a checkpoint may hold any numbers.
    pub(super) fn is_plausible(&self) -> bool {
        let is_plausible_last =
            |(at, end): (f32, f32)| is_plausible_time(at) && is_plausible_remaining(end);
        let mut sums = [self.squared_error, self.count].into_iter();
        self.last.is_none_or(is_plausible_last)
            && sums.all(|sum| (0.0..=MAX_PLAUSIBLE_SUM).contains(&sum))
    }

    /// Records the predicted end of the phase, and its error relative to the previous one.
    pub(super) fn record(&mut self, now: f32, end: f32) {
        if let Some((then, previous_end)) = self.last {
            let ratio = (end - then).max(MIN_TRACKED_SECONDS)
                / (previous_end - then).max(MIN_TRACKED_SECONDS);
            let log_error = ratio
                .ln()
                .clamp(-MAX_LOG_DISAGREEMENT, MAX_LOG_DISAGREEMENT);
            self.squared_error = DECAY * self.squared_error + log_error.powi(2);
            self.count = DECAY * self.count + 1.0;
        }
        self.last = Some((now, end));
    }

    /// Returns the log-variance of the prediction: the mean of the `prior` variance and the squared
    /// errors of this clip, weighted by their counts.
    pub(super) fn variance(&self, prior: f64) -> f64 {
        (PRIOR_WEIGHT * prior + f64::from(self.squared_error))
            / (PRIOR_WEIGHT + f64::from(self.count))
    }
}

fn is_plausible_remaining(seconds: f32) -> bool {
    seconds.is_finite() && seconds >= 0.0
}
