//! Forecast of a clip: the distribution of the time until it is complete.
//!
//! The forecast mixes what the client's statistics say about the phase and the clip with what the
//! observed progress extrapolates to, each weighted by its past accuracy, and allows for outliers,
//! stalls and suspensions. A forecast also records its own predictions in the model, which are compared
//! with the outcome later. It must not know how polls are scheduled.

use super::distribution::{Distribution, LogLogistic, LogLogisticParams, SortedDistribution};
use super::error_tracker::Prediction;
use super::history::{PhaseStats, Stats};
use super::model::{ClipModel, MIN_CLIPS_FOR_PHASE, StatusClass, phase_percent};
use super::phase::{ESTIMATORS, Extrapolation};

// Numbers of samples per component of a forecast: a compromise between precision and time. Set in
// 01abedf, and lowered in c018ca5 to make forecasts cheaper.

/// Duration of the phase or the clip by the statistics: more where no progress will refine it.
/// Sensitivity: 6: −0.11 polls, −0.01 s; 24: −0.17 polls, +0.01 s.
const DURATION_SAMPLES: usize = 12;
/// Sensitivity: 12: +0.44 polls, −0.05 s; 48: −0.27 polls, +0.03 s.
const NO_PROGRESS_DURATION_SAMPLES: usize = 24;
/// Sensitivity: not significant (7, 30).
const COMPLETING_SAMPLES: usize = 15;
/// Sensitivity: not significant (7, 30).
const MIXED_DURATION_SAMPLES: usize = 15;
/// Durations that are convolved with everything before them.
/// Sensitivity: not significant (2, 8).
const CONVOLVED_SAMPLES: usize = 4;
/// Sensitivity: 3: +0.82 polls, −0.05 s; 14: ±0.00 polls, ±0.00 s.
const OUTLIER_SAMPLES: usize = 7;
/// Sensitivity: 4: +0.25 polls, +0.04 s; 18: −0.20 polls, ±0.00 s.
const ESTIMATOR_SAMPLES: usize = 9;
/// Sensitivity: 4: +0.05 polls, +0.03 s; 18: −0.04 polls, +0.01 s.
const STALL_SAMPLES: usize = 9;

/// Log-variance of a duration of which only the order of magnitude is known. Set in 01abedf; not
/// tuned by itself.
/// Sensitivity: ×0.8: −0.16 polls, +0.04 s; ×1.25: +0.16 polls, −0.02 s.
const WIDE_LOG_VARIANCE: f64 = 1.95;

/// Remaining time of a phase at 100 %: its median is the time for which it has been there, which is at
/// least this share of the phase and with a minimum in seconds. Set in 01abedf;
/// not tuned by themselves.
/// Sensitivity: not significant (×0.8, ×1.25).
const COMPLETING_MIN_FRACTION: f64 = 0.05;
/// Sensitivity: not significant (×0.8, ×1.25).
const COMPLETING_MIN_SECONDS: f64 = 0.7;
/// Sensitivity: not significant (×0.8, ×1.25).
const COMPLETING_LOG_VARIANCE: f64 = 1.46;

/// Largest share of the statistical duration in a forecast by extrapolation, and the exponent with
/// which the share rises with its relative accuracy. Set in 01abedf; not tuned by themselves.
/// Sensitivity: ×0.8: −0.04 polls, +0.01 s; ×1.25: +0.03 polls, ±0.00 s.
const MAX_DURATION_SHARE: f64 = 0.8;
/// Sensitivity: 1: +0.50 polls, −0.08 s; 3: −0.10 polls, +0.05 s.
const DURATION_SHARE_EXPONENT: i32 = 2;

/// Prior probability that a phase is the last, for `RENDERING` (raised from 0.75 in 5e17d34 with
/// other constants) and for any other status (01abedf); no separate experiment is recorded.
/// Sensitivity: ×0.8: −0.06 polls, ±0.00 s; ×1.1: +0.01 polls, −0.02 s.
const RENDERING_LAST_PROBABILITY: f64 = 0.82;
/// Sensitivity: not significant (×0.8, ×1.25).
const OTHER_LAST_PROBABILITY: f64 = 0.1;

/// Time after a phase without statistics: median as a share of the elapsed time, with a minimum in
/// seconds. Set in 01abedf; not tuned by themselves.
/// Sensitivity: not significant (×0.8, ×1.25).
const AFTER_FRACTION: f64 = 0.5;
/// Sensitivity: not significant (×0.8, ×1.25).
const AFTER_MIN_SECONDS: f64 = 5.0;
/// Sensitivity: not significant (×0.8, ×1.25).
const AFTER_LOG_VARIANCE: f64 = 1.0;

/// Probability of an outlier, a clip that follows no model, where there is no extrapolation. Set in 01abedf; not
/// tuned by itself.
/// Sensitivity: ×0.8: −0.27 polls, ±0.00 s; ×1.25: +0.38 polls, +0.01 s.
const OUTLIER_PROBABILITY: f64 = 0.05;

/// That probability with an extrapolation: an intercept, a slope over the estimators' variance, and
/// a maximum. Intercept and maximum were lowered from 0.009 and 0.12 in 6f14c64, the slope raised
/// from 0.5 in 5e17d34; no separate experiment is recorded.
/// Sensitivity: not significant (×0.8, ×1.25).
const OUTLIER_PROBABILITY_INTERCEPT: f64 = 0.006;
/// Sensitivity: ×0.8: −0.03 polls, +0.02 s; ×1.25: ±0.00 polls, ±0.00 s.
const OUTLIER_PROBABILITY_PER_VARIANCE: f64 = 0.65;
/// Sensitivity: ×0.8: −0.12 polls, +0.03 s; ×1.25: +0.31 polls, −0.03 s.
const MAX_OUTLIER_PROBABILITY: f64 = 0.085;

/// Remaining time of an outlier: median as a share of the elapsed time, with a minimum in seconds.
/// Set in 01abedf; not tuned by themselves.
/// Sensitivity: ×0.8: +0.32 polls, −0.05 s; ×1.25: −0.28 polls, +0.05 s.
const OUTLIER_FRACTION: f64 = 0.5;
/// Sensitivity: ×0.8: +0.14 polls, −0.01 s; ×1.25: −0.12 polls, +0.02 s.
const OUTLIER_MIN_SECONDS: f64 = 3.0;

/// Probability that a suspended clip resumes only after a further wait, set in ef7ed12; and that
/// wait's median as a share of the elapsed time, which counts as with a minimum in seconds, set in
/// 01abedf. No experiment is recorded for any of them.
/// Sensitivity: not significant (×0.8, ×1.25).
const SUSPENDED_PROBABILITY: f64 = 0.4;
/// Sensitivity: not significant (×0.8, ×1.25).
const SUSPENDED_FRACTION: f64 = 0.5;
/// Sensitivity: not significant (×0.8, ×1.25).
const SUSPENDED_MIN_ELAPSED_SECONDS: f64 = 5.0;

/// Weight of an estimator: a power of its inverse variance, and the variance added before, so that a
/// small one does not silence the others. The exponent was raised from 1.85 in 5e17d34 with other
/// constants, the offset is of 01abedf; no separate experiment is recorded.
/// Sensitivity: not significant (×0.8, ×1.25).
const ESTIMATOR_WEIGHT_EXPONENT: f64 = -2.3;
/// Sensitivity: not significant (×0.8, ×1.25).
const ESTIMATOR_VARIANCE_OFFSET: f64 = 0.003;

/// Factor from an estimator's mean squared error to the variance of its prediction, raised from 0.5
/// in 5e17d34 with other constants; and the least variance, set in 01abedf.
/// Sensitivity: ×0.8: −0.22 polls, +0.07 s; ×1.25: +0.21 polls, −0.04 s.
const ESTIMATOR_VARIANCE_FACTOR: f64 = 0.95;
/// Sensitivity: not significant (×0.8, ×1.25).
const MIN_ESTIMATOR_VARIANCE: f64 = 0.002;

/// Prior probability that a phase stalls. Set in 5e17d34; no separate experiment is recorded.
/// Sensitivity: ×0.8: +0.02 polls, ±0.00 s; ×1.25: −0.04 polls, +0.02 s.
const STALL_PROBABILITY: f64 = 0.035;

/// Scale of the likelihood exp(-(t / plateau)² / scale) that a phase which is not stalled has stood
/// still for the time t. Set in 5e17d34; no separate experiment is recorded.
/// Sensitivity: ×0.8: −0.03 polls, +0.01 s; ×1.25: +0.02 polls, −0.01 s.
const PLATEAU_OVERRUN_SCALE: f64 = 2.3;

/// Further duration of a stall: median as a share of its duration so far, with a minimum in seconds.
/// Set in 5e17d34; no separate experiment is recorded.
/// Sensitivity: ×0.8: +0.03 polls, −0.02 s; ×1.25: −0.05 polls, +0.02 s.
const STALL_FRACTION: f64 = 0.85;
/// Sensitivity: not significant (×0.8, ×1.25).
const STALL_MIN_SECONDS: f64 = 0.5;

/// Part of the remaining time by average speed that follows a stall. Raised from 0.6 in 5e17d34 with
/// other constants.
/// Sensitivity: ×0.8: +0.06 polls, −0.02 s; ×1.25: −0.07 polls, +0.03 s.
const STALL_REMAINING_FRACTION: f64 = 0.65;

// Numerical bounds that keep quotients and logarithms finite: chosen in 01abedf and 5e17d34, not
// tuned.

const MIN_END_AHEAD_SECONDS: f64 = 0.1;
const MIN_REMAINING_SECONDS: f64 = 0.05;
const MIN_RATE_SECONDS: f64 = 0.01;
const MIN_PLATEAU_SECONDS: f64 = 0.001;
const MIN_LIKELIHOOD: f64 = 1e-9;

impl ClipModel {
    /// Returns the distribution of the time from now until the clip is complete.
    pub(super) fn forecast(&mut self, stats: &Stats) -> SortedDistribution {
        let Some(phase) = &mut self.phase else {
            return Distribution::default().sorted();
        };
        let now = f64::from(self.last_poll_at);
        let phase_stats = stats.phase(phase.key);
        let in_phase = (now - phase.entered_at()).max(0.0);
        let extrapolation = phase.extrapolate(phase_stats.map_or(0, |phase| phase.step));
        let duration_samples = if self.has_no_progress {
            NO_PROGRESS_DURATION_SAMPLES
        } else {
            DURATION_SAMPLES
        };
        let mut outlier_probability = OUTLIER_PROBABILITY;
        let mut forecast = match extrapolation {
            Some(extrapolation) => {
                let (forecast, variance) =
                    self.combine_estimators(&extrapolation, phase_stats, stats);
                outlier_probability = (OUTLIER_PROBABILITY_INTERCEPT
                    + OUTLIER_PROBABILITY_PER_VARIANCE * variance)
                    .min(MAX_OUTLIER_PROBABILITY);
                forecast
            }
            None if phase.percent() >= 100.0 => {
                let since = now - phase.reached_at();
                let completing = LogLogisticParams {
                    median: since
                        .max(COMPLETING_MIN_FRACTION * in_phase)
                        .max(COMPLETING_MIN_SECONDS),
                    log_variance: COMPLETING_LOG_VARIANCE,
                };
                Distribution::from_params(completing, 0.0, COMPLETING_SAMPLES)
            }
            None => {
                let known = phase_stats.filter(|phase| phase.completed_clips() >= 1.0);
                let (duration, elapsed) = match known {
                    Some(known) if self.ended_phases.is_empty() => {
                        let total = stats.total_duration(self.footage_seconds());
                        let phase_only = known.duration();
                        if total.log_variance < phase_only.log_variance {
                            (total, now)
                        } else {
                            (phase_only, in_phase)
                        }
                    }
                    Some(known) => (known.duration(), in_phase),
                    None => (stats.total_duration(self.footage_seconds()), now),
                };
                Distribution::from_params(duration, elapsed, duration_samples)
            }
        };
        if extrapolation.is_some()
            && let Some(known) =
                phase_stats.filter(|phase| phase.completed_clips() >= MIN_CLIPS_FOR_PHASE)
        {
            let duration = known.duration();
            let errors = stats.error_variances(band(f64::from(phase_percent(&self.phase))));
            let error = (errors[0] + errors[1]) / 2.0;
            let accuracy = error / (duration.log_variance + error);
            let share = MAX_DURATION_SHARE * accuracy.powi(DURATION_SHARE_EXPONENT);
            forecast.mix(share, duration, in_phase, MIXED_DURATION_SAMPLES);
        }

        let prior = if self.status == StatusClass::Rendering {
            RENDERING_LAST_PROBABILITY
        } else {
            OTHER_LAST_PROBABILITY
        };
        let last_probability = phase_stats.map_or(prior, |phase| phase.last_probability(prior));
        let time_after =
            phase_stats
                .and_then(PhaseStats::time_after)
                .unwrap_or(LogLogisticParams {
                    median: (AFTER_FRACTION * now).max(AFTER_MIN_SECONDS),
                    log_variance: AFTER_LOG_VARIANCE,
                });
        forecast.convolve(1.0 - last_probability, time_after, CONVOLVED_SAMPLES);
        let outlier = LogLogisticParams {
            median: (OUTLIER_FRACTION * now).max(OUTLIER_MIN_SECONDS),
            log_variance: WIDE_LOG_VARIANCE,
        };
        forecast.mix(outlier_probability, outlier, 0.0, OUTLIER_SAMPLES);
        if self.status == StatusClass::Suspended {
            let suspension = LogLogisticParams {
                median: SUSPENDED_FRACTION * now.max(SUSPENDED_MIN_ELAPSED_SECONDS),
                log_variance: WIDE_LOG_VARIANCE,
            };
            forecast.convolve(SUSPENDED_PROBABILITY, suspension, CONVOLVED_SAMPLES);
        }
        forecast.sorted()
    }

    /// Returns the distribution of the phase's remaining time as a mixture of the estimators and a
    /// stall, and the weighted mean of the estimators' variances.
    fn combine_estimators(
        &mut self,
        extrapolation: &Extrapolation,
        phase_stats: Option<&PhaseStats>,
        stats: &Stats,
    ) -> (Distribution, f64) {
        let now = f64::from(self.last_poll_at);
        let percent = f64::from(phase_percent(&self.phase));
        let band = band(percent);
        let since = (now - extrapolation.reached_at).max(0.0);
        let ends = extrapolation.remaining.map(|remaining| {
            (extrapolation.reached_at + remaining).max(now + MIN_END_AHEAD_SECONDS) as f32
        });
        self.errors.record(self.last_poll_at, ends);
        self.predictions.push(Prediction {
            predicted_at: now as f32,
            remaining: extrapolation
                .remaining
                .map(|remaining| (remaining - since).max(MIN_REMAINING_SECONDS) as f32),
            band: band as u8,
        });

        let variances = self.errors.variances(stats.error_variances(band));
        let weights = variances
            .map(|variance| (variance + ESTIMATOR_VARIANCE_OFFSET).powf(ESTIMATOR_WEIGHT_EXPONENT));
        let total_weight: f64 = weights.iter().sum();
        let (mut mean_variance, mut plateau, mut likelihood) = (0.0, 0.0, 0.0);
        let components: [(f64, LogLogisticParams); ESTIMATORS] = std::array::from_fn(|estimator| {
            let remaining = extrapolation.remaining[estimator];
            let weight = weights[estimator] / total_weight;
            let variance =
                (ESTIMATOR_VARIANCE_FACTOR * variances[estimator]).max(MIN_ESTIMATOR_VARIANCE);
            let params = LogLogisticParams {
                median: remaining,
                log_variance: variance,
            };
            mean_variance += weight * variance;
            let rate = (100.0 - percent) / remaining.max(MIN_RATE_SECONDS);
            if let Some(phase) = &self.phase {
                let known_step = phase_stats.map_or(0, |phase| phase.step);
                plateau += weight * phase.expected_plateau(known_step, rate);
            }
            // An estimator whose predicted end is overdue loses weight.
            let survival = LogLogistic::new(params).survival(since);
            let weight = weight * survival.max(MIN_LIKELIHOOD);
            likelihood += weight;
            (weight, params)
        });
        // Posterior odds of a stall: its likelihood is 1, that of the alternative falls as the
        // estimators and the expected plateau are overrun.
        let overrun = since / plateau.max(MIN_PLATEAU_SECONDS);
        let moving = likelihood * (-overrun.powi(2) / PLATEAU_OVERRUN_SCALE).exp();
        let stall_odds = STALL_PROBABILITY / moving.max(MIN_LIKELIHOOD);
        let stall = LogLogisticParams {
            median: (STALL_FRACTION * since).max(STALL_MIN_SECONDS),
            log_variance: WIDE_LOG_VARIANCE,
        };
        let mut forecast = Distribution::default();
        for (weight, params) in components {
            let weight = weight / likelihood / (1.0 + stall_odds);
            forecast.add(weight, params, since, ESTIMATOR_SAMPLES);
        }
        let after_stall = STALL_REMAINING_FRACTION * extrapolation.remaining[0];
        let stall_weight = stall_odds / (1.0 + stall_odds);
        forecast.add_shifted(after_stall, stall_weight, stall, 0.0, STALL_SAMPLES);
        (forecast, mean_variance)
    }
}

/// Upper limits of the first and the second band of a phase's progress, in percent. Only roughly
/// thirds: set in 01abedf; not tuned by themselves.
/// Sensitivity: not significant (×0.8, ×1.25).
const FIRST_BAND_END_PERCENT: f64 = 34.0;
/// Sensitivity: ×0.8: +0.03 polls, −0.01 s; ×1.25: −0.07 polls, ±0.00 s.
const SECOND_BAND_END_PERCENT: f64 = 75.0;

/// Returns the index of the band of a phase's progress: 0, 1 or 2.
fn band(percent: f64) -> usize {
    match percent {
        ..FIRST_BAND_END_PERCENT => 0,
        ..SECOND_BAND_END_PERCENT => 1,
        _ => 2,
    }
}
