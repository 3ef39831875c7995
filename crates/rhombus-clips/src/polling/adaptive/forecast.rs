//! Forecast of a clip: the distribution of the time until it is complete.
//!
//! The remaining time is that of the phase and that of the phases to come. A phase with progress is
//! extrapolated; one without is forecast by the durations of earlier ones, or of earlier clips, and one
//! after the rendering as a short one. A small part of the forecast is an outlier, which nothing of this describes.

use super::distribution::{Distribution, LogLogisticParams, SortedDistribution};
use super::error_tracker::Prediction;
use super::history::{PhaseStats, Stats};
use super::model::{ClipModel, phase_percent};
use super::phase::Extrapolation;
use super::terms::{Term, Terms};

/// Samples of the main component of a forecast, and of others: a compromise between precision and time.
const PHASE_SAMPLES: usize = 24;
const SAMPLES: usize = 12;
/// Durations that are convolved with everything before them.
const CONVOLVED_SAMPLES: usize = 4;

/// Part of the forecast of a phase with progress that is its usual duration: the progress may stall.
const DURATION_SHARE: f64 = 0.07;

/// Log-variance of a duration of which only the order of magnitude is known.
const WIDE_LOG_VARIANCE: f64 = 1.95;

/// Remaining time of a phase at 100 %: its median as a share of the time for which it has been there, with
/// a minimum in seconds.
const COMPLETING_FRACTION: f64 = 0.5;
const COMPLETING_MIN_SECONDS: f64 = 0.35;

/// Remaining time of a clip whose rendering is over: its median as a share of the elapsed time, with a minimum
/// in seconds. Chosen on traces whose clips are finalized: 0.07 and 0.15 differ by up to 5 % of the delay.
const FINISHING_FRACTION: f64 = 0.07;
const FINISHING_MIN_SECONDS: f64 = 0.5;

/// Part of such a forecast where one poll saw a percentage: its phase may also be as long as that tells. Chosen:
/// 0.3 and 0.6 differ by less than 3 % of the delay.
const FINISHING_SHARE: f64 = 0.5;

/// Prior probability that a phase is the last, for `RENDERING` and for any other status.
const RENDERING_LAST_PROBABILITY: f64 = 0.92;
pub(super) const OTHER_LAST_PROBABILITY: f64 = 0.05;

/// Probability of an outlier, and its remaining time: median as a share of the elapsed time, with a
/// minimum in seconds.
const OUTLIER_PROBABILITY: f64 = 0.04;
const OUTLIER_FRACTION: f64 = 0.5;
const OUTLIER_MIN_SECONDS: f64 = 3.0;

/// Time for which a clip stays `OFFLINE`: its median as a share of the time for which it has been, with a
/// minimum in seconds.
const SUSPENSION_FRACTION: f64 = 0.3;
const SUSPENSION_MIN_SECONDS: f64 = 1.0;

/// Log-variance of the speed of a phase that only one poll saw: it began at any time since the poll before, and
/// the logarithm of an evenly distributed time has a variance of 1.
const UNKNOWN_START_LOG_VARIANCE: f64 = 1.0;

/// Numerical bounds.
const MIN_END_AHEAD_SECONDS: f64 = 0.1;
const MIN_REMAINING_SECONDS: f64 = 0.05;
const MIN_PREDICTION_VARIANCE: f64 = 0.002;

impl ClipModel {
    /// Returns the distribution of the time from now until the clip is complete.
    pub(super) fn forecast(&mut self, stats: &Stats, terms: Terms) -> SortedDistribution {
        let footage_seconds = self
            .footage_seconds()
            .filter(|_| terms.has(Term::FootageLength));
        let total = stats.total_duration(footage_seconds);
        let now = f64::from(self.last_poll_at);
        let Some(phase) = &self.phase else {
            // Before the first poll.
            return Distribution::from_params(total, now, PHASE_SAMPLES).sorted();
        };
        let known = stats
            .phase(phase.key)
            .filter(|_| terms.has(Term::LearnedPhases));
        let in_phase = (now - phase.entered_at()).max(0.0);
        let is_finishing = self.is_finishing && terms.has(Term::Finishing);
        let finishing = LogLogisticParams {
            median: (FINISHING_FRACTION * now).max(FINISHING_MIN_SECONDS),
            log_variance: WIDE_LOG_VARIANCE,
        };
        let has_advanced = phase.has_advanced();
        let extrapolation = phase.extrapolate(known.map_or(0, |known| known.step), terms);
        let mut forecast = match extrapolation {
            Some(extrapolation) => {
                let params = self.record_prediction(&extrapolation, stats, terms);
                let since = (now - extrapolation.reached_at).max(0.0);
                let mut forecast = Distribution::from_params(params, since, PHASE_SAMPLES);
                if let Some(duration) = known.and_then(PhaseStats::duration) {
                    forecast.mix(DURATION_SHARE, duration, in_phase, SAMPLES);
                }
                if is_finishing && !has_advanced {
                    forecast.mix(FINISHING_SHARE, finishing, in_phase, SAMPLES);
                }
                forecast
            }
            None if phase.percent() >= 100.0 => {
                let since = now - phase.reached_at();
                let completing = LogLogisticParams {
                    median: (COMPLETING_FRACTION * since).max(COMPLETING_MIN_SECONDS),
                    log_variance: WIDE_LOG_VARIANCE,
                };
                Distribution::from_params(completing, 0.0, PHASE_SAMPLES)
            }
            None if is_finishing => Distribution::from_params(finishing, in_phase, PHASE_SAMPLES),
            None => Distribution::from_params(total, now, PHASE_SAMPLES),
        };
        let is_of_phase = extrapolation.is_some() || phase_percent(&self.phase) >= 100.0;
        if is_of_phase && terms.has(Term::LaterPhases) {
            let prior = match self.is_rendering {
                true => RENDERING_LAST_PROBABILITY,
                false => OTHER_LAST_PROBABILITY,
            };
            let last_probability = known.map_or(prior, |known| known.last_probability(prior));
            let (after, elapsed) = match known.and_then(PhaseStats::time_after) {
                Some(after) => (after, 0.0),
                None => (total, now),
            };
            forecast.convolve(1.0 - last_probability, after, elapsed, CONVOLVED_SAMPLES);
        }
        if let Some(suspended) = self.suspended_seconds()
            && terms.has(Term::Suspension)
        {
            let suspension = LogLogisticParams {
                median: (SUSPENSION_FRACTION * suspended).max(SUSPENSION_MIN_SECONDS),
                log_variance: WIDE_LOG_VARIANCE,
            };
            forecast.convolve(1.0, suspension, 0.0, CONVOLVED_SAMPLES);
        }
        if terms.has(Term::Outliers) {
            let outlier = LogLogisticParams {
                median: (OUTLIER_FRACTION * now).max(OUTLIER_MIN_SECONDS),
                log_variance: WIDE_LOG_VARIANCE,
            };
            forecast.mix(OUTLIER_PROBABILITY, outlier, 0.0, SAMPLES);
        }
        forecast.sorted()
    }

    /// Records the prediction and returns the distribution of the phase's time from the moment at which
    /// its percentage was reached.
    fn record_prediction(
        &mut self,
        extrapolation: &Extrapolation,
        stats: &Stats,
        terms: Terms,
    ) -> LogLogisticParams {
        let now = f64::from(self.last_poll_at);
        let band = band(phase_percent(&self.phase).into());
        let end = extrapolation.reached_at + extrapolation.remaining;
        let end_ahead = end.max(now + MIN_END_AHEAD_SECONDS);
        self.errors.record(self.last_poll_at, end_ahead as f32);
        self.predictions.push(Prediction {
            predicted_at: now as f32,
            remaining: (end - now).max(MIN_REMAINING_SECONDS) as f32,
            band: band as u8,
        });
        let learned = match terms.has(Term::LearnedErrors) {
            true => stats.error_variance(band),
            false => Stats::default().error_variance(band),
        };
        let variance = match &self.phase {
            _ if !terms.has(Term::OwnErrors) => learned,
            Some(phase) if phase.has_advanced() => self.errors.variance(learned),
            _ => self.errors.variance(learned) + UNKNOWN_START_LOG_VARIANCE,
        };
        LogLogisticParams {
            median: extrapolation.remaining,
            log_variance: variance.max(MIN_PREDICTION_VARIANCE),
        }
    }
}

/// Upper limits of the first and the second band of a phase's progress, in percent.
const FIRST_BAND_END_PERCENT: f64 = 34.0;
const SECOND_BAND_END_PERCENT: f64 = 75.0;

/// Returns the index of the band of a phase's progress: 0, 1 or 2.
pub(super) fn band(percent: f64) -> usize {
    match percent {
        ..FIRST_BAND_END_PERCENT => 0,
        ..SECOND_BAND_END_PERCENT => 1,
        _ => 2,
    }
}
