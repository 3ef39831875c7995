//! Statistics that a [`History`](super::History) holds.
//!
//! The forecast of a clip draws on the render times of earlier clips, on the durations of their phases
//! and on the errors of earlier predictions. All are stored as running statistics of bounded size,
//! never as raw observations. Render times are recorded for clips that were seen complete; phases and
//! prediction errors whenever a phase ends. This module must not know how polls are scheduled.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use serde::{Deserialize, Serialize};

use super::distribution::{LogLogisticParams, gcd};
use super::running_stats::{RunningMean, RunningStats};

/// Number of kinds of phases that statistics are stored for; bounds the memory.
const MAX_PHASES: usize = 64;

/// Number of completed clips from which on the render time per second of footage is used.
const MIN_CLIPS_FOR_LENGTH: f64 = 3.0;

// Weakly informative priors. Render times are undocumented; seconds to tens of minutes are
// expected.

/// Render time of a clip: median in seconds, and log-variance.
const PRIOR_TOTAL_SECONDS: f64 = 50.0;
const PRIOR_TOTAL_LOG_VARIANCE: f64 = 0.53;

/// Log-variance of the render time per second of footage.
const PRIOR_BY_LENGTH_LOG_VARIANCE: f64 = 1.5;

/// Log-variance of a phase's duration, and of the time after it. Their medians need no prior: they
/// are used only once there is a value.
const PRIOR_PHASE_LOG_VARIANCE: f64 = 0.8;

/// Squared log error of the extrapolation, in the first, second and last band of a phase.
const PRIOR_SQUARED_ERRORS: [f64; 3] = [0.32, 0.25, 0.2];

/// Number of errors that these count as.
const PRIOR_ERROR_WEIGHT: f64 = 8.0;

/// Limit of one log error: a few predictions that are far off must not discredit all.
const MAX_PREDICTION_LOG_ERROR: f64 = 1.0;

/// Probability below which a phase counts as rarely the last, and its prior. Chosen: two clips that went
/// on are enough.
const RARELY_LAST_PROBABILITY: f64 = 0.3;
const RARELY_LAST_PRIOR: f64 = 0.5;

/// Number of phases of a kind below which its statistics are forgotten, after they faded. Chosen, not
/// tuned: one phase that ended seven half-lives ago.
const MIN_PHASE_COUNT: f64 = 0.01;

/// Shortest durations that enter a logarithm: numerical bounds.
const MIN_PREDICTION_SECONDS: f64 = 0.05;
const MIN_DURATION_SECONDS: f64 = 0.1;

/// Statistics behind the lock of a [`History`](super::History), or in its snapshot.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Stats {
    phases: BTreeMap<u32, PhaseStats>,
    /// Number of phases that ended, by which the last use of each [`PhaseStats`] is ordered.
    #[serde(skip)]
    ended_phases: u64,
    /// Logarithm of the seconds from the first poll of a clip to its end.
    log_total: RunningStats,
    /// Logarithm of those seconds per second of footage.
    log_total_per_footage: RunningStats,
    /// Squared log errors of the extrapolation, per band.
    squared_errors: [RunningMean; 3],
    /// Records the same, without what was recorded or merged before it was put here.
    #[serde(skip)]
    pub(super) learned: Option<Box<Self>>,
}

/// Statistics of one kind of phase.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct PhaseStats {
    #[serde(skip)]
    last_used: u64,
    /// Logarithm of the phase's duration in seconds.
    log_duration: RunningStats,
    /// Logarithm of the seconds from its end to that of the clip, where it is not the last phase.
    log_after: RunningStats,
    /// Whether it was the last phase, 0 or 1, of each completed clip that had it.
    last: RunningMean,
    /// Greatest common divisor of its percentages between 0 and 100; 0 if it never reported any.
    pub(super) step: u8,
}

/// End of a phase, of a clip that may still be in progress.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct PhaseEnd {
    pub(super) key: u32,
    /// Seconds since the watch began.
    pub(super) ended_at: f32,
}

impl Default for Stats {
    fn default() -> Self {
        Self {
            phases: BTreeMap::new(),
            ended_phases: 0,
            log_total: RunningStats::with_prior(PRIOR_TOTAL_SECONDS.ln(), PRIOR_TOTAL_LOG_VARIANCE),
            log_total_per_footage: RunningStats::with_prior(0.0, PRIOR_BY_LENGTH_LOG_VARIANCE),
            squared_errors: [RunningMean::default(); 3],
            learned: None,
        }
    }
}

impl Stats {
    pub(super) fn phase(&self, key: u32) -> Option<&PhaseStats> {
        self.phases.get(&key)
    }

    /// Returns the mean squared log error of the extrapolation in this band of a phase.
    pub(super) fn error_variance(&self, band: usize) -> f64 {
        match (
            self.squared_errors.get(band),
            PRIOR_SQUARED_ERRORS.get(band),
        ) {
            (Some(errors), Some(prior)) => errors.with_prior(*prior, PRIOR_ERROR_WEIGHT),
            _ => 0.0,
        }
    }

    /// Returns the render time of a clip with so many seconds of footage: absolute, or per second of
    /// footage if that has the lower variance.
    pub(super) fn total_duration(&self, footage_seconds: Option<f64>) -> LogLogisticParams {
        let total = self.log_total.duration();
        let per_footage = self.log_total_per_footage.duration();
        match footage_seconds {
            Some(seconds)
                if self.log_total_per_footage.count >= MIN_CLIPS_FOR_LENGTH
                    && per_footage.log_variance < total.log_variance =>
            {
                LogLogisticParams {
                    median: per_footage.median * seconds.max(1.0),
                    ..per_footage
                }
            }
            _ => total,
        }
    }

    /// Records the duration of a phase that ended; replaces the least recently used kind of phase
    /// if there are too many.
    pub(super) fn record_phase_end(&mut self, key: u32, seconds: f64, step: u8) {
        if let Some(learned) = &mut self.learned {
            learned.record_phase_end(key, seconds, step);
        }
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
            last: RunningMean::default(),
            step: 0,
        });
        phase.last_used = self.ended_phases;
        phase
            .log_duration
            .add(seconds.max(MIN_DURATION_SECONDS).ln());
        phase.step = gcd(phase.step, step);
    }

    /// Records the error of a predicted remaining time.
    pub(super) fn record_error(&mut self, band: usize, predicted: f64, actual: f64) {
        if let Some(learned) = &mut self.learned {
            learned.record_error(band, predicted, actual);
        }
        let log_error = (predicted.max(MIN_PREDICTION_SECONDS) / actual).ln();
        let log_error = log_error.clamp(-MAX_PREDICTION_LOG_ERROR, MAX_PREDICTION_LOG_ERROR);
        if let Some(squared_errors) = self.squared_errors.get_mut(band) {
            squared_errors.add(log_error.powi(2));
        }
    }

    /// Records a clip that was seen complete after so many seconds, and its phases.
    pub(super) fn record_completion(
        &mut self,
        seconds: f64,
        footage_seconds: Option<f64>,
        phases: &[PhaseEnd],
    ) {
        if let Some(learned) = &mut self.learned {
            learned.record_completion(seconds, footage_seconds, phases);
        }
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
            phase.last.add(u8::from(is_last).into());
            if !is_last {
                let after = seconds - f64::from(end.ended_at);
                phase.log_after.add(after.max(MIN_DURATION_SECONDS).ln());
            }
        }
    }
}

// Merging and fading. Counts are weights: evidence that faded to half its weight counts as half as
// many clips.
impl Stats {
    /// Returns whether nothing was recorded.
    pub(super) fn is_empty(&self) -> bool {
        let totals = [self.log_total.count, self.log_total_per_footage.count];
        let errors = self.squared_errors.iter().map(|errors| errors.count);
        let counts = totals.into_iter().chain(errors);
        self.phases.is_empty() && counts.sum::<f64>() <= 0.0
    }

    /// Returns the weight of the clips that were seen complete: their number, where none has faded, and
    /// at most the window of the statistics.
    pub(super) fn clips(&self) -> f64 {
        self.log_total.count
    }

    /// Adds what other statistics recorded, as if it had been recorded here too, in any order.
    pub(super) fn merge(&mut self, other: &Self) {
        for (key, phase) in &other.phases {
            match self.phases.entry(*key) {
                Entry::Occupied(mut entry) => entry.get_mut().merge(phase),
                Entry::Vacant(entry) => {
                    let last_used = self.ended_phases;
                    entry.insert(PhaseStats {
                        last_used,
                        ..phase.clone()
                    });
                }
            }
        }
        // Not the least recently used: what that is differs between programs.
        while self.phases.len() > MAX_PHASES {
            let counts = self.phases.iter();
            let rarest = counts.min_by(|(_, one), (_, other)| {
                one.log_duration.count.total_cmp(&other.log_duration.count)
            });
            let Some((&rarest, _)) = rarest else { break };
            self.phases.remove(&rarest);
        }
        self.log_total
            .merge(&other.log_total, PRIOR_TOTAL_LOG_VARIANCE);
        self.log_total_per_footage
            .merge(&other.log_total_per_footage, PRIOR_BY_LENGTH_LOG_VARIANCE);
        for (errors, others) in self.squared_errors.iter_mut().zip(&other.squared_errors) {
            errors.merge(others);
        }
    }

    /// Multiplies the weight of everything by a factor from 0 to 1.
    pub(super) fn fade(&mut self, factor: f64) {
        for phase in self.phases.values_mut() {
            phase.fade(factor);
        }
        self.phases
            .retain(|_, phase| phase.log_duration.count >= MIN_PHASE_COUNT);
        self.log_total.fade(factor, PRIOR_TOTAL_LOG_VARIANCE);
        self.log_total_per_footage
            .fade(factor, PRIOR_BY_LENGTH_LOG_VARIANCE);
        for errors in &mut self.squared_errors {
            errors.fade(factor);
        }
    }

    /// Returns whether all numbers are within what can be recorded.
    pub(super) fn is_plausible(&self) -> bool {
        let max_error = MAX_PREDICTION_LOG_ERROR.powi(2);
        let mut errors = self.squared_errors.iter();
        self.phases.len() <= MAX_PHASES
            && self.phases.values().all(PhaseStats::is_plausible)
            && self.log_total.is_plausible()
            && self.log_total_per_footage.is_plausible()
            && errors.all(|errors| errors.is_plausible(max_error))
    }

    /// Returns a copy for a snapshot: without the order of use, and with short numbers.
    pub(super) fn to_snapshot(&self) -> Self {
        let mut copy = Self {
            ended_phases: 0,
            learned: None,
            ..self.clone()
        };
        for phase in copy.phases.values_mut() {
            phase.last_used = 0;
            phase.log_duration.round();
            phase.log_after.round();
            phase.last.round();
        }
        copy.log_total.round();
        copy.log_total_per_footage.round();
        for errors in &mut copy.squared_errors {
            errors.round();
        }
        copy
    }
}

impl PhaseStats {
    fn merge(&mut self, other: &Self) {
        self.log_duration
            .merge(&other.log_duration, PRIOR_PHASE_LOG_VARIANCE);
        self.log_after
            .merge(&other.log_after, PRIOR_PHASE_LOG_VARIANCE);
        self.last.merge(&other.last);
        self.step = gcd(self.step, other.step);
    }

    fn fade(&mut self, factor: f64) {
        self.log_duration.fade(factor, PRIOR_PHASE_LOG_VARIANCE);
        self.log_after.fade(factor, PRIOR_PHASE_LOG_VARIANCE);
        self.last.fade(factor);
    }

    fn is_plausible(&self) -> bool {
        self.log_duration.is_plausible()
            && self.log_after.is_plausible()
            && self.last.is_plausible(1.0)
            && self.step <= 100
    }

    /// Returns the number of completed clips that had the phase, at most the window.
    pub(super) fn completed_clips(&self) -> f64 {
        self.last.count
    }

    /// Returns the duration of the next phase of this kind, if a clip with one was seen complete.
    pub(super) fn duration(&self) -> Option<LogLogisticParams> {
        (self.last.count >= 1.0).then(|| self.log_duration.duration())
    }

    /// Returns the probability that it is the last phase; `prior` counts as one observation.
    pub(super) fn last_probability(&self, prior: f64) -> f64 {
        self.last.with_prior(prior, 1.0)
    }

    /// Returns whether other phases mostly follow.
    pub(super) fn is_rarely_last(&self) -> bool {
        self.last_probability(RARELY_LAST_PRIOR) < RARELY_LAST_PROBABILITY
    }

    /// Returns the time from the end of this phase to that of the clip, if it ever was not the last.
    pub(super) fn time_after(&self) -> Option<LogLogisticParams> {
        (self.log_after.count >= 1.0).then(|| self.log_after.duration())
    }
}

#[cfg(test)]
mod tests;
