//! Statistics that the watches of one client share.
//!
//! The forecast of a clip draws on the render times of earlier clips, on the durations of their phases
//! and on the errors of earlier predictions. All are stored as running statistics of bounded size,
//! never as raw observations. Render times are recorded for clips that were seen complete; phases and
//! prediction errors whenever a phase ends. This module must not know how polls are scheduled.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use super::distribution::{LogLogisticParams, RunningStats, gcd};
use super::phase::ESTIMATORS;

/// Number of kinds of phases that statistics are stored for; bounds the memory. Chosen in 01abedf,
/// not tuned.
const MAX_PHASES: usize = 64;

/// Number of completed clips below which a client is in its cold start. Introduced in 5e17d34; not
/// tuned by itself.
/// Sensitivity: 2: −0.01 polls, −0.01 s; 5: −0.03 polls, ±0.00 s.
const COLD_START_CLIPS: f64 = 3.0;

/// Number of completed clips from which on the render time per second of footage is used. Set in
/// 01abedf; not tuned by itself.
/// Sensitivity: not significant (2, 5).
const MIN_CLIPS_FOR_LENGTH: f64 = 3.0;

/// Variance added to a prediction by the footage's length. Set in 01abedf; not tuned by itself.
/// Sensitivity: not significant (×0.8, ×1.25).
const LENGTH_VARIANCE_OFFSET: f64 = 0.01;

// Weakly informative priors. Render times are undocumented; seconds to tens of minutes are
// expected. All chosen in 01abedf and unchanged since.

/// Render time of a clip: median in seconds, and log-variance.
/// Sensitivity: not significant (×0.8, ×1.25).
const PRIOR_TOTAL_SECONDS: f64 = 40.0;
/// Sensitivity: not significant (×0.8, ×1.25).
const PRIOR_TOTAL_LOG_VARIANCE: f64 = 1.0;

/// Render time per second of footage: median, and log-variance.
/// Sensitivity: not significant (×0.8, ×1.25).
const PRIOR_SECONDS_PER_FOOTAGE_SECOND: f64 = 0.5;
/// Sensitivity: not significant (×0.8, ×1.25).
const PRIOR_BY_LENGTH_LOG_VARIANCE: f64 = 1.5;

/// Log-variance of a phase's duration, and of the time after it. Their medians need no prior: they
/// are used only once there is a value.
/// Sensitivity: not significant (×0.8, ×1.25).
const PRIOR_PHASE_LOG_VARIANCE: f64 = 0.8;

/// Mean squared log error of each estimator (average speed, recent speed, power law), in the first,
/// second and last band of a phase.
/// Sensitivity: not significant (×0.8, ×1.25).
const PRIOR_SQUARED_ERRORS: [[f64; 3]; ESTIMATORS] =
    [[0.15, 0.10, 0.06], [0.15, 0.10, 0.06], [0.25, 0.10, 0.06]];

/// Weight of the newest squared error in its exponentially weighted mean, and the weight of the
/// mean before it, which sum to 1. Set in 01abedf; not tuned by themselves.
/// Sensitivity of both together: not significant (×0.8, ×1.25).
const NEW_ERROR_WEIGHT: f64 = 0.07;
const OLD_ERROR_WEIGHT: f64 = 0.93;

/// Limit of one log error: a few predictions that are far off must not discredit the estimator.
/// Lowered from 1.5 in 6f14c64; no separate experiment is recorded.
/// Sensitivity: ×0.8: −0.31 polls, +0.09 s; ×1.25: +0.28 polls, −0.04 s.
const MAX_ESTIMATOR_LOG_ERROR: f64 = 1.0;

/// Shortest durations that enter a logarithm: numerical bounds, chosen in 01abedf.
const MIN_PREDICTION_SECONDS: f64 = 0.05;
const MIN_DURATION_SECONDS: f64 = 0.1;

/// Statistics shared by the watches of one client: render times of the clips that they saw complete,
/// durations of operations, and the accuracy of earlier predictions.
///
/// Bounded in memory, some 8 KiB. A clone shares the statistics.
///
/// ```
/// # rhombus_clips_sim::example!(service, client, uuid, clip().renders_in(30.s()), {
/// use rhombus_clips::polling::{Adaptive, History};
///
/// // Shared by all clients of the program, instead of one per client.
/// let history = History::new();
/// client.watch(uuid).polling(Adaptive::new(&history)).await?;
/// # });
/// ```
#[derive(Clone, Default)]
pub struct History(Arc<RwLock<Stats>>);

impl History {
    /// Creates a history without any clips.
    pub fn new() -> Self {
        Self::default()
    }

    /// Locks for reading. A poisoned lock is used as it is: no code panics while it holds it.
    pub(super) fn read(&self) -> RwLockReadGuard<'_, Stats> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn write(&self) -> RwLockWriteGuard<'_, Stats> {
        self.0.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for History {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("History").finish_non_exhaustive()
    }
}

/// Statistics behind the lock of a [`History`].
pub(super) struct Stats {
    phases: HashMap<u32, PhaseStats>,
    /// Number of phases that ended, by which the last use of each [`PhaseStats`] is ordered.
    ended_phases: u64,
    /// Logarithm of the seconds from the first poll of a clip to its end.
    log_total: RunningStats,
    /// Logarithm of those seconds per second of footage.
    log_total_per_footage: RunningStats,
    /// Exponentially weighted mean of the squared log error of each estimator, per band.
    squared_errors: [[f64; 3]; ESTIMATORS],
}

/// Statistics of one kind of phase.
#[derive(Clone, Debug)]
pub(super) struct PhaseStats {
    last_used: u64,
    /// Logarithm of the phase's duration in seconds.
    log_duration: RunningStats,
    /// Logarithm of the seconds from its end to that of the clip, where it is not the last phase.
    log_after: RunningStats,
    /// Number of completed clips that had the phase, at most the window of the statistics.
    completed: f64,
    /// Frequency with which it was the last phase, 0 to 1.
    last_frequency: f64,
    /// Greatest common divisor of its percentages between 0 and 100; 0 if it never reported any.
    pub(super) step: u8,
}

/// End of a phase, of a clip that may still be in progress.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub(super) struct PhaseEnd {
    pub(super) key: u32,
    /// Seconds since the watch began.
    pub(super) ended_at: f32,
}

impl Default for Stats {
    fn default() -> Self {
        Self {
            phases: HashMap::new(),
            ended_phases: 0,
            log_total: RunningStats::with_prior(PRIOR_TOTAL_SECONDS.ln(), PRIOR_TOTAL_LOG_VARIANCE),
            log_total_per_footage: RunningStats::with_prior(
                PRIOR_SECONDS_PER_FOOTAGE_SECOND.ln(),
                PRIOR_BY_LENGTH_LOG_VARIANCE,
            ),
            squared_errors: PRIOR_SQUARED_ERRORS,
        }
    }
}

impl Stats {
    pub(super) fn phase(&self, key: u32) -> Option<&PhaseStats> {
        self.phases.get(&key)
    }

    /// Returns the number of clips seen complete, at most the window of the statistics.
    pub(super) fn completed_clips(&self) -> f64 {
        self.log_total.count
    }

    /// Returns whether too few clips were seen complete to forecast from them.
    pub(super) fn is_cold_start(&self) -> bool {
        self.completed_clips() < COLD_START_CLIPS
    }

    /// Returns the mean squared log error of each estimator in this band of a phase.
    pub(super) fn error_variances(&self, band: usize) -> [f64; ESTIMATORS] {
        self.squared_errors.map(|bands| bands[band])
    }

    /// Returns the render time of a clip with so many seconds of footage: absolute, or per second of
    /// footage if that has the lower variance.
    pub(super) fn total_duration(&self, footage_seconds: Option<f64>) -> LogLogisticParams {
        let per_footage = &self.log_total_per_footage;
        let footage_seconds = footage_seconds.filter(|_| {
            per_footage.count >= MIN_CLIPS_FOR_LENGTH
                && per_footage.variance < self.log_total.variance
        });
        match footage_seconds {
            Some(seconds) => LogLogisticParams {
                median: per_footage.mean.exp() * seconds.max(1.0),
                log_variance: per_footage.variance + LENGTH_VARIANCE_OFFSET,
            },
            None => LogLogisticParams {
                median: self.log_total.mean.exp(),
                log_variance: self.log_total.variance,
            },
        }
    }

    /// Records the duration of a phase that ended; replaces the least recently used kind of phase
    /// if there are too many.
    pub(super) fn record_phase_end(&mut self, key: u32, seconds: f64, step: u8) {
        self.ended_phases += 1;
        if self.phases.len() >= MAX_PHASES && !self.phases.contains_key(&key) {
            let oldest = self.phases.iter().min_by_key(|(_, phase)| phase.last_used);
            if let Some(oldest) = oldest.map(|(key, _)| *key) {
                self.phases.remove(&oldest);
            }
        }
        let phase = self.phases.entry(key).or_insert_with(|| PhaseStats {
            last_used: 0,
            log_duration: RunningStats::with_prior(0.0, PRIOR_PHASE_LOG_VARIANCE),
            log_after: RunningStats::with_prior(0.0, PRIOR_PHASE_LOG_VARIANCE),
            completed: 0.0,
            last_frequency: 0.0,
            step: 0,
        });
        phase.last_used = self.ended_phases;
        phase
            .log_duration
            .add(seconds.max(MIN_DURATION_SECONDS).ln());
        phase.step = gcd(phase.step, step);
    }

    /// Records the error of each estimator's predicted remaining time.
    pub(super) fn record_error(&mut self, band: usize, predicted: [f64; ESTIMATORS], actual: f64) {
        for (squared_errors, predicted) in self.squared_errors.iter_mut().zip(predicted) {
            let log_error = (predicted.max(MIN_PREDICTION_SECONDS) / actual).ln();
            let log_error = log_error.clamp(-MAX_ESTIMATOR_LOG_ERROR, MAX_ESTIMATOR_LOG_ERROR);
            if let Some(squared_error) = squared_errors.get_mut(band) {
                *squared_error =
                    OLD_ERROR_WEIGHT * *squared_error + NEW_ERROR_WEIGHT * log_error.powi(2);
            }
        }
    }

    /// Records a clip that was seen complete after so many seconds, and its phases.
    pub(super) fn record_completion(
        &mut self,
        seconds: f64,
        footage_seconds: Option<f64>,
        phases: &[PhaseEnd],
    ) {
        let seconds = seconds.max(MIN_DURATION_SECONDS);
        self.log_total.add(seconds.ln());
        if let Some(length) = footage_seconds {
            self.log_total_per_footage
                .add((seconds / length.max(1.0)).ln());
        }
        for (index, end) in phases.iter().enumerate() {
            let Some(phase) = self.phases.get_mut(&end.key) else {
                continue;
            };
            let is_last = index + 1 == phases.len();
            phase.completed = (phase.completed + 1.0).min(RunningStats::WINDOW);
            phase.last_frequency +=
                (f64::from(u8::from(is_last)) - phase.last_frequency) / phase.completed;
            if !is_last {
                let after = seconds - f64::from(end.ended_at);
                phase.log_after.add(after.max(MIN_DURATION_SECONDS).ln());
            }
        }
    }
}

impl PhaseStats {
    /// Returns the number of completed clips that had the phase, at most the window.
    pub(super) fn completed_clips(&self) -> f64 {
        self.completed
    }

    /// Returns the duration of the next phase of this kind.
    pub(super) fn duration(&self) -> LogLogisticParams {
        LogLogisticParams {
            median: self.log_duration.mean.exp(),
            log_variance: self.log_duration.predictive_variance(),
        }
    }

    /// Returns the probability that it is the last phase; `prior` counts as one observation.
    pub(super) fn last_probability(&self, prior: f64) -> f64 {
        (self.last_frequency * self.completed + prior) / (self.completed + 1.0)
    }

    /// Returns the time from the end of this phase to that of the clip, if it ever was not the last.
    pub(super) fn time_after(&self) -> Option<LogLogisticParams> {
        (self.log_after.count >= 1.0).then(|| LogLogisticParams {
            median: self.log_after.mean.exp(),
            log_variance: self.log_after.variance,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_of_phases_is_bounded() {
        let mut stats = Stats::default();
        for key in 0..1000 {
            stats.record_phase_end(key, 5.0, 1);
        }
        assert_eq!(stats.phases.len(), MAX_PHASES);
        assert!(stats.phase(999).is_some() && stats.phase(0).is_none());
    }

    #[test]
    fn the_order_of_phases_is_learned() {
        let mut stats = Stats::default();
        for _ in 0..10 {
            stats.record_phase_end(1, 10.0, 1);
            stats.record_phase_end(2, 30.0, 5);
            let phases = [(1, 10.0), (2, 40.0)].map(|(key, ended_at)| PhaseEnd { key, ended_at });
            stats.record_completion(40.0, Some(60.0), &phases);
        }
        let (upload, render) = (stats.phase(1).unwrap(), stats.phase(2).unwrap());
        assert!(upload.last_probability(0.5) < 0.1 && render.last_probability(0.5) > 0.9);
        assert!((upload.time_after().unwrap().median - 30.0).abs() < 1.0);
        assert!((render.duration().median - 30.0).abs() < 1.0);
        assert_eq!(render.step, 5);
    }

    #[test]
    fn the_footage_length_is_used_only_if_it_lowers_the_variance() {
        let mut stats = Stats::default();
        for length in [10.0, 1000.0, 30.0, 300.0, 100.0, 3000.0, 10.0, 1000.0] {
            stats.record_completion(length / 2.0, Some(length), &[]);
        }
        let duration = stats.total_duration(Some(600.0));
        assert!((duration.median - 300.0).abs() < 30.0, "{duration:?}");
        assert!(stats.total_duration(None).log_variance > 1.0);
    }

    #[test]
    fn accurate_estimators_get_lower_error_variances() {
        let mut stats = Stats::default();
        (0..50).for_each(|_| stats.record_error(1, [30.0, 15.0, 10.0], 10.0));
        let variances = stats.error_variances(1);
        assert!(variances[0] > variances[1] && variances[1] > variances[2]);
    }
}
