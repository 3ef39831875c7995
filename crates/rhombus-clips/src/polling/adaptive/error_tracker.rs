//! Prediction-error tracking for the estimators of a phase's end.
//!
//! An estimator whose successive predictions agree is reliable for this clip, long before the
//! actual end is known. The tracker turns that agreement into a variance per estimator and combines
//! it with the errors observed on earlier clips, which act as a prior. It must not know how the
//! predictions are made.

use serde::{Deserialize, Serialize};

use super::phase::{ESTIMATORS, is_plausible_time};

/// Number of polls of this clip that the errors of earlier clips count for.
///
/// Set to 1.8 in 01abedf, changed in 5e17d34 with other constants; no separate experiment is
/// recorded.
/// Sensitivity: ×0.8: −0.09 polls, +0.02 s; ×1.25: +0.06 polls, −0.03 s.
const PRIOR_WEIGHT: f64 = 1.7;

/// Decay per poll of the errors observed on this clip. Set in 01abedf; not tuned by itself.
/// Sensitivity: ×0.8: +0.05 polls, −0.01 s; ×1.25: −0.09 polls, +0.04 s.
const DECAY: f32 = 0.8;

/// Limit of one log ratio of successive predictions, so that a single jump does not dominate the sum. Set in 01abedf; not
/// tuned by itself.
/// Sensitivity: ×0.8: −0.03 polls, +0.01 s; ×1.25: −0.02 polls, −0.01 s.
const MAX_LOG_DISAGREEMENT: f32 = 1.5;

/// Shortest predicted remaining time that errors are computed for. Set in 079af8e as a numerical
/// bound: after weeks, an `f32` cannot resolve less.
const MIN_TRACKED_SECONDS: f32 = 0.1;

/// Largest plausible sum in a checkpoint: above the limit of the geometric series of the largest
/// squared error, `MAX_LOG_ERROR² / (1 - DECAY)`. Set in 079af8e.
const MAX_PLAUSIBLE_SUM: f32 = 20.0;

/// Remaining time of a phase as predicted at one poll, compared with the actual one when the phase
/// ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Prediction {
    /// Seconds since the watch began.
    pub(super) predicted_at: f32,
    /// Predicted remaining seconds, per estimator.
    pub(super) remaining: [f32; ESTIMATORS],
    /// Tercile of the phase's progress.
    pub(super) band: u8,
}

impl Prediction {
    /// Returns whether a watch can have made this prediction; a checkpoint may hold any numbers.
    pub(super) fn is_plausible(&self) -> bool {
        is_plausible_time(self.predicted_at)
            && self.remaining.into_iter().all(is_plausible_remaining)
    }
}

/// Agreement of each estimator with its own previous prediction, from poll to poll.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct ErrorTracker {
    /// Time of the last poll and the end of the phase as then predicted, per estimator.
    last: Option<(f32, [f32; ESTIMATORS])>,
    /// Exponentially decaying sums of the squared log errors, per estimator.
    squared_errors: [f32; ESTIMATORS],
    /// Exponentially decaying number of errors.
    count: f32,
}

impl ErrorTracker {
    /// Returns whether a watch can have recorded these errors; a checkpoint may hold any numbers.
    pub(super) fn is_plausible(&self) -> bool {
        let is_plausible_last = |(at, ends): (f32, [f32; ESTIMATORS])| {
            is_plausible_time(at) && ends.into_iter().all(is_plausible_remaining)
        };
        let mut sums = self.squared_errors.into_iter().chain([self.count]);
        self.last.is_none_or(is_plausible_last)
            && sums.all(|sum| (0.0..=MAX_PLAUSIBLE_SUM).contains(&sum))
    }

    /// Records the predicted ends of the phase and their errors relative to the previous ones.
    pub(super) fn record(&mut self, now: f32, ends: [f32; ESTIMATORS]) {
        if let Some((then, previous_ends)) = self.last {
            let errors = self.squared_errors.iter_mut().zip(ends).zip(previous_ends);
            for ((squared_error, end), previous_end) in errors {
                let ratio = (end - then).max(MIN_TRACKED_SECONDS)
                    / (previous_end - then).max(MIN_TRACKED_SECONDS);
                let log_error = ratio
                    .ln()
                    .clamp(-MAX_LOG_DISAGREEMENT, MAX_LOG_DISAGREEMENT);
                *squared_error = DECAY * *squared_error + log_error.powi(2);
            }
            self.count = DECAY * self.count + 1.0;
        }
        self.last = Some((now, ends));
    }

    /// Returns the log-variance of each estimator: the mean of the `prior` variances and the squared
    /// errors of this clip, weighted by their counts.
    pub(super) fn variances(&self, prior: [f64; ESTIMATORS]) -> [f64; ESTIMATORS] {
        let mut variances = prior;
        for (variance, squared_error) in variances.iter_mut().zip(self.squared_errors) {
            *variance = (PRIOR_WEIGHT * *variance + f64::from(squared_error))
                / (PRIOR_WEIGHT + f64::from(self.count));
        }
        variances
    }
}

fn is_plausible_remaining(seconds: f32) -> bool {
    seconds.is_finite() && seconds >= 0.0
}
