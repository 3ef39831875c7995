//! Adaptive poll policy: schedules polls by forecasting the clip's completion time.
//!
//! A fixed interval is either wasteful for long clips or slow for short ones, so this policy
//! estimates when the clip will be complete and polls around that time. It is pure: a [`PollState`]
//! goes in, a delay comes out, and the only shared state is the [`History`]. It must not know
//! clocks, requests or the watch that it serves.
//!
//! The pipeline, one file a stage: [`model`] (with [`phase`] and [`error_tracker`]) turns polls into
//! a [`forecast`], [`distribution`] represents it, [`schedule`] places the next poll on it, and [`history`] carries what was learned to the client's next clips.
//!
//! # Constants
//!
//! Each tuned constant stands beside its use, with the commit that set its value. None of these
//! commits records the experiment behind the value, so each comment also states the sensitivity: the
//! change of the mean polls per clip and of the mean detection delay if only this constant takes
//! another value, or is multiplied by a factor. They are means of `pollsMean` and `delayMsMean` in
//! `pooled` over 40 runs on 2026-11-26, `cargo xtask polling --output json --seed N` with N from 1
//! to 40. The baseline is 12.88 polls and 1.41 s. "Not significant" means that each change is below
//! three standard errors (of the paired differences; one is 0.008 polls and 0.012 s at the median).
//!
//! A constant without measured sensitivity may still matter for clips that the synthetic traces do
//! not contain. Constants that only keep the arithmetic finite have no such figures.

mod distribution;
mod error_tracker;
mod forecast;
mod history;
mod model;
mod phase;
mod recent_values;
mod schedule;
#[cfg(test)]
mod tests;

pub use history::History;

use std::sync::Arc;
use std::time::Duration;

use super::{Estimate, PollPolicy, PollState};
use model::{ClipModel, PollSample};

/// Schedules polls by forecasting the clip's completion time.
///
/// ```
/// use std::time::Duration;
/// use rhombus_clips::polling::Adaptive;
///
/// # rhombus_clips_sim::example!(service, client, uuid, clip().renders_in(30.s()), {
/// let poll_policy = Adaptive::new(client.history()).min_interval(Duration::from_secs(1));
/// client.watch(uuid).polling(poll_policy).await?;
/// service.verify(uuid).min_interval(900.ms());
/// # });
/// ```
///
/// # Algorithm
///
/// After each poll, a statistical model of the clip gives a *forecast*: the distribution of the
/// remaining time, as weighted samples. The next poll is placed so that the expected cost of all
/// polls until the end is lowest, where the cost is the detection delay plus a constant for each
/// poll.
///
/// **Phases.** A phase is one operation under one status; a percentage that drops markedly starts
/// another. A poll sees a percentage only some time after it was reached: at most the interval
/// between two polls, and at most a *plateau*, the time for which a percentage stays unchanged. The
/// middle of that range is the estimate. The length of a plateau follows from the percent step, the
/// greatest common divisor of the percentages seen between 0 and 100, and is at least that of the longest one
/// observed. Time spent `OFFLINE` is excluded from the phase; the forecast assumes that it may
/// continue, and that the remaining time follows it.
///
/// **Extrapolation.** Three estimators extrapolate the end of the phase: the average speed of the
/// phase, the speed since its midpoint, and a power law through its midpoint and its newest point.
/// Each gives the median of a log-logistic duration, conditional on the time that has passed.
///
/// **Prediction-error tracking.** The log-variance of an estimator is its mean squared log error. It
/// combines the errors on the client's earlier clips, tracked for each band of a phase and
/// clipped to be robust against outliers, with the disagreement between its successive predictions
/// for this clip. The estimators are mixed with weights that are a power of their inverse variance.
///
/// **Overdue phases.** The longer a phase overruns its forecast and its usual plateau, the more
/// likely it has stalled: the posterior odds of a stall rise from a small prior by Bayes' rule. A
/// stall is forecast to last about as long again as it has so far.
///
/// **Running statistics.** For each kind of phase, the [`History`] holds a running mean and variance
/// of the logarithm of its duration and of the time after it, and the frequency with which it was
/// the last; weakly informative priors stand in until there are values. The time after the phase is
/// convolved with the forecast of the phase. A clip without percentages is forecast from the
/// render times of earlier clips, absolute or per second of footage, whichever has the lower variance;
/// for one with percentages, the duration of its phase is mixed in, with a share that rises with
/// the estimators' errors.
///
/// **Outliers.** With a small probability, which rises with the estimators' variance, the clip
/// follows none of this: the forecast is a mixture with a wide outlier component.
///
/// **Scheduling.** A dynamic program over candidate poll times finds the optimal next poll, as if
/// polls revealed nothing but completion. But a poll also narrows the forecast, which saves later
/// ones: while the interquartile range is wide relative to the poll cost, the next poll is a *probe*
/// shortly before an early quantile, though not before the phase has lasted noticeably longer.
/// Before the first progress, the delay is limited to a share of the elapsed time.
///
/// **No progress.** Without a percentage, or with one that stays at 0, polls reveal nothing before
/// the end, and the cost of a poll grows with the elapsed time, so that the delay grows with the
/// render time. How long a percentage may stay at 0 depends on the statistics of the phase.
///
/// **Cold start.** Until a client has seen a few clips complete, each clip has a poll budget: the
/// poll cost rises with the interquartile range and with the inverse square of the remaining
/// budget. A clip that outlasts its budget is polled at the final cost. The budget does not apply
/// while the clip is `OFFLINE`; a maximum delay in proportion to the elapsed time always does.
///
/// # Figures
///
/// `cargo xtask polling`, virtual time, 804 synthetic clips of 21 families (seed 1), of which 723
/// report percentages. They take about 64 seconds on average, from one second to half an hour:
///
/// | with percentages | polls | mean delay | p95 delay |
/// |---|---|---|---|
/// | adaptive | 11.4 | 1.30 s | 4.92 s |
/// | every 2 s, like Rhombus's React SDK | 32.8 | 1.00 s | 1.91 s |
/// | every 5 s, like its Python example | 14.0 | 2.43 s | 4.74 s |
/// | 1 s to 60 s, doubling | 6.9 | 18.66 s | 53.25 s |
///
/// | without percentages | polls | mean delay | delay relative to render time |
/// |---|---|---|---|
/// | adaptive | 22.2 | 2.26 s | 4.4 % |
/// | every 2 s | 40.0 | 0.97 s | 2.4 % |
/// | every 5 s | 16.9 | 2.57 s | 6.7 % |
/// | 1 s to 60 s, doubling | 7.4 | 19.72 s | 36.1 % |
#[derive(Clone, Debug)]
pub struct Adaptive {
    config: Arc<AdaptiveConfig>,
    model: ClipModel,
    /// The 0.1, 0.5 and 0.9 quantiles of the remaining time, in seconds.
    estimate: Option<[f32; 3]>,
}

/// Configuration, shared by the clones of a policy: a client may watch a hundred thousand clips.
#[derive(Clone, Debug)]
struct AdaptiveConfig {
    history: History,
    min_interval: Duration,
    max_interval: Duration,
    jitter: f64,
}

/// Probabilities of the estimate's quantiles: a median and an 80 % prediction interval.
const ESTIMATE_QUANTILES: [f64; 3] = [0.1, 0.5, 0.9];

impl Adaptive {
    /// Default minimum interval: 250 ms.
    ///
    /// ```
    /// use std::time::Duration;
    /// use rhombus_clips::polling::Adaptive;
    ///
    /// assert_eq!(Adaptive::MIN_INTERVAL, Duration::from_millis(250));
    /// assert_eq!(Adaptive::MAX_INTERVAL, Duration::from_secs(240));
    /// ```
    // Chosen in 01abedf, not tuned.
    pub const MIN_INTERVAL: Duration = Duration::from_millis(250);

    /// Default maximum interval: 4 minutes.
    // Raised from 2 minutes in 6f14c64, with the poll budget of long first clips.
    pub const MAX_INTERVAL: Duration = Duration::from_secs(240);

    /// Creates a policy that learns from, and for, all watches that share this history.
    pub fn new(history: &History) -> Self {
        Self {
            config: Arc::new(AdaptiveConfig {
                history: history.clone(),
                min_interval: Self::MIN_INTERVAL,
                max_interval: Self::MAX_INTERVAL,
                jitter: 0.0,
            }),
            model: ClipModel::default(),
            estimate: None,
        }
    }

    /// Sets the minimum interval, [`MIN_INTERVAL`](Self::MIN_INTERVAL) by default; values below one
    /// millisecond count as one.
    #[must_use]
    pub fn min_interval(mut self, interval: Duration) -> Self {
        self.config_mut().min_interval = interval.max(Duration::from_millis(1));
        self
    }

    /// Sets the maximum interval, [`MAX_INTERVAL`](Self::MAX_INTERVAL) by default; the
    /// [minimum](Self::min_interval) takes precedence.
    #[must_use]
    pub fn max_interval(mut self, interval: Duration) -> Self {
        self.config_mut().max_interval = interval;
        self
    }

    /// Shortens each interval by a random share of up to `jitter`, from 0 (the default) to 1.
    ///
    /// ```
    /// use std::time::Duration;
    /// use rhombus_clips::polling::{Adaptive, History};
    ///
    /// let poll_policy = Adaptive::new(&History::new())
    ///     .max_interval(Duration::from_secs(30))
    ///     .jitter(0.2);
    /// ```
    #[must_use]
    pub fn jitter(mut self, jitter: f64) -> Self {
        self.config_mut().jitter = if jitter.is_nan() {
            0.0
        } else {
            jitter.clamp(0.0, 1.0)
        };
        self
    }

    fn config_mut(&mut self) -> &mut AdaptiveConfig {
        Arc::make_mut(&mut self.config)
    }
}

impl PollPolicy for Adaptive {
    fn next_delay(&mut self, state: &PollState<'_>) -> Duration {
        let sample = PollSample {
            elapsed: state.elapsed().as_secs_f64(),
            status: state.status(),
            percent: state.percent(),
            operation: state.operation(),
            footage_seconds: state.footage_duration().map(|length| length.as_secs_f64()),
        };
        let config = &*self.config;
        self.model.observe(&sample, &mut config.history.write());
        // A forecast takes far longer than an observation: the read lock lets those of several clips
        // run in parallel.
        let stats = config.history.read();
        let forecast = self.model.forecast(&stats);
        let min_interval = config.min_interval.as_secs_f64();
        let delay = self.model.next_delay(&forecast, min_interval, &stats);
        drop(stats);
        let quantiles = forecast.quantiles(ESTIMATE_QUANTILES);
        self.estimate = Some(quantiles.map(|seconds| seconds as f32));
        // The jitter also applies to the maximum interval, so that watches that reach it do not poll
        // in lockstep.
        let delay = delay.min(config.max_interval.as_secs_f64());
        let delay = delay * (1.0 - config.jitter * state.random());
        saturating_duration(delay)
            .min(config.max_interval)
            .max(config.min_interval)
    }

    fn on_complete(&mut self, elapsed: Duration) {
        self.model
            .on_complete(elapsed.as_secs_f64(), &mut self.config.history.write());
    }

    fn estimate(&self) -> Option<Estimate> {
        let quantiles = self.estimate?;
        let [lower, remaining, upper] =
            quantiles.map(|seconds| saturating_duration(seconds.into()));
        Some(Estimate::new(remaining, lower, upper))
    }

    fn save(&self) -> Option<String> {
        let model = serde_json::to_string(&self.model).ok()?;
        Some(format!("adaptive {model}"))
    }

    fn restore(&mut self, saved: &str) {
        let model = saved.strip_prefix("adaptive ");
        let model = model.and_then(|model| serde_json::from_str::<ClipModel>(model).ok());
        // An implausible model would corrupt the statistics of all watches of the client.
        if let Some(model) = model.filter(ClipModel::is_plausible) {
            self.model = model;
        }
    }
}

fn saturating_duration(seconds: f64) -> Duration {
    Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX)
}
