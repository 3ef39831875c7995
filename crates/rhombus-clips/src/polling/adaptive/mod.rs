//! Adaptive poll policy: schedules polls by forecasting the clip's completion time.
//!
//! A fixed interval is either wasteful for long clips or slow for short ones, so this policy
//! estimates when the clip will be complete and polls around that time. It is pure: a [`PollState`]
//! goes in, a delay comes out, and the only shared state is the [`History`]. It must not know
//! clocks, requests or the watch that it serves.
//!
//! The pipeline, one file a stage: [`model`] (with [`phase`] and [`error_tracker`]) turns polls into
//! a [`forecast`], [`distribution`] represents it, [`schedule`] places the next poll on it, [`history`]
//! carries what was learned to the client's next clips, and [`snapshot`] to those of the next run of the
//! program. [`terms`] names the parts that an ablation switches off.
//!
//! # Constants
//!
//! The constants stand beside their use, and were chosen on seeds 1 to 40, 2001 to 2040 and 3001 to 3140 of
//! `cargo xtask polling`, and on traces of other families. The sensitivity of those of an earlier version
//! was measured on seeds 1 to 20, as the change of mean polls and mean delay when one alone is multiplied by a
//! factor from 0.4 to 2: none but the cost of a request moves the polls by more than 3 % or the delay by more
//! than 7 %. The cost trades one for the other: a quarter more takes 5 % fewer polls at a 10 % longer delay.
//! An ablation, `cargo xtask polling --ablation`, measures the worth of each term.

mod distribution;
mod error_tracker;
mod forecast;
mod history;
mod model;
mod phase;
mod recent_values;
mod running_stats;
mod schedule;
mod snapshot;
mod terms;
#[cfg(test)]
mod tests;

pub use snapshot::{History, HistorySnapshot, HistorySnapshotError};
pub use terms::Term;

pub(super) use schedule::REQUEST_COST_SECONDS;

use std::sync::Arc;
use std::time::Duration;

use super::{Estimate, Forecast, PollPolicy, PollState};
use distribution::SortedDistribution;
use model::{ClipModel, PollSample};
use terms::Terms;

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
/// remaining time. The next poll is due when the expected delay, the mean time for which the clip
/// has then been complete, is worth a request. The estimate for display is the median of the same
/// forecast, with its 80 % interval.
///
/// **Phases.** A phase is one operation under one status; a percentage that drops markedly starts
/// another. A poll sees a percentage only some time after it was reached: at most the interval
/// between two polls, and at most a *plateau*, the time for which a percentage stays unchanged. The
/// middle of that range is the estimate. Time spent `OFFLINE` is excluded from the phase.
///
/// **Forecast of a phase.** The end of a phase is extrapolated, at a speed between that of the whole phase and
/// that of its recent part. The result is the median of a log-logistic duration, conditional on the time that has
/// passed since. Its variance is the mean squared log error of such predictions, of the client's earlier
/// clips and, from poll to poll, of this one. A small part of the forecast is the usual duration of such a
/// phase.
///
/// **Phases to come.** For each kind of phase, the [`History`] holds how often it was the last, and
/// the time that followed it. The forecast of the phase is convolved with that time, from the first
/// poll on, so that it does not jump when an operation ends.
///
/// **Finishing.** Once a rendering of 60 % or more has ended and another operation follows, little is expected
/// to be left: a share of the elapsed time, until a percentage that rises tells more.
///
/// **Offline.** A clip that is `OFFLINE` is forecast to stay so for about a third of the time that it has
/// been, and to go on from there.
///
/// **No progress.** A phase without a percentage is forecast by the render times of earlier clips,
/// absolute or per second of footage, whichever has the lower variance, or by a wide prior. If no
/// progress is to be expected, a poll reveals nothing before the end, and the relative delay counts:
/// the cost of a poll grows with the elapsed time. A clip of an unknown kind that is `INITIATING` or `UPLOADING`
/// is expected to be rendered first: it is polled as rarely as its limit allows.
///
/// **Outliers.** With a small probability the clip follows none of this: part of the forecast is as
/// wide as the elapsed time.
///
/// **Limits.** The delay is limited to the elapsed time, or 5 seconds. Until the history knows the phase
/// from two complete clips, the limit is 10 % of the elapsed time, or 10 seconds; without progress it is 25 %, or
/// 2 seconds, and before the first progress the shorter of the two. Of each pair the longer one counts. Where
/// there is progress while little time has passed, 10 seconds are the elapsed time and 3.5 seconds.
///
/// # Figures
///
/// `cargo xtask polling`, virtual time, 884 synthetic clips of 23 families (seed 1), of which 803
/// report percentages. They take about 68 seconds on average, from one second to an hour. A first clip
/// is one whose client has seen no other:
///
/// | with percentages | polls | mean delay | p95 delay |
/// |---|---|---|---|
/// | adaptive, later clips | 10.3 | 1.34 s | 4.58 s |
/// | adaptive, first clips | 12.3 | 1.36 s | 4.43 s |
/// | every 2 s, like Rhombus's React SDK | 34.9 | 1.01 s | 1.91 s |
/// | every 5 s, like its Python example | 14.8 | 2.43 s | 4.74 s |
/// | 1 s to 60 s, doubling | 7.0 | 18.77 s | 54.08 s |
///
/// | without percentages | polls | mean delay | delay relative to render time |
/// |---|---|---|---|
/// | adaptive, later clips | 23.6 | 1.65 s | 2.9 % |
/// | adaptive, first clips | 26.5 | 2.06 s | 4.4 % |
/// | every 2 s | 40.0 | 0.97 s | 2.4 % |
/// | every 5 s | 16.9 | 2.57 s | 6.7 % |
/// | 1 s to 60 s, doubling | 7.4 | 19.72 s | 36.1 % |
///
/// The 80 % interval of the estimate holds 81 % of the remaining times of later clips, and 80 % of
/// those of first clips.
#[derive(Clone, Debug)]
pub struct Adaptive {
    config: Arc<AdaptiveConfig>,
    model: ClipModel,
    /// The 0.1, 0.5 and 0.9 quantiles of the remaining time, in seconds.
    estimate: Option<[f32; 3]>,
    /// From the last poll on.
    forecast: Option<Forecast>,
}

/// Configuration, shared by the clones of a policy: a client may watch a hundred thousand clips.
#[derive(Clone, Debug)]
struct AdaptiveConfig {
    history: History,
    min_interval: Duration,
    max_interval: Duration,
    jitter: f64,
    terms: Terms,
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
    // Chosen: below, the time of a response dominates the delay.
    pub const MIN_INTERVAL: Duration = Duration::from_millis(250);

    /// Default maximum interval: 4 minutes.
    // Chosen: a tenth of 40 minutes.
    pub const MAX_INTERVAL: Duration = Duration::from_secs(240);

    /// Creates a policy that learns from, and for, all watches that share this history.
    pub fn new(history: &History) -> Self {
        Self {
            config: Arc::new(AdaptiveConfig {
                history: history.clone(),
                min_interval: Self::MIN_INTERVAL,
                max_interval: Self::MAX_INTERVAL,
                jitter: 0.0,
                terms: Terms::ALL,
            }),
            model: ClipModel::default(),
            estimate: None,
            forecast: None,
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

    /// Switches a [term](Term) of the model off, to measure what it is worth.
    ///
    /// ```
    /// use rhombus_clips::polling::{Adaptive, History, Term};
    ///
    /// let poll_policy = Adaptive::new(&History::new()).without(Term::LaterPhases);
    /// ```
    #[must_use]
    pub fn without(mut self, term: Term) -> Self {
        let config = self.config_mut();
        config.terms = config.terms.without(term);
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
        self.model
            .observe(&sample, &mut config.history.write(), config.terms);
        // A forecast takes far longer than an observation: the read lock lets those of several clips
        // run in parallel.
        let stats = config.history.read();
        let forecast = self.model.forecast(&stats, config.terms);
        drop(stats);
        let min_interval = config.min_interval.as_secs_f64();
        let delay = self.model.next_delay(&forecast, min_interval, config.terms);
        let quantiles = forecast.quantiles(ESTIMATE_QUANTILES);
        self.estimate = Some(quantiles.map(|seconds| seconds as f32));
        self.forecast = Some(shared_forecast(&forecast));
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

    fn forecast(&self) -> Option<Forecast> {
        self.forecast.or_else(|| {
            let stats = self.config.history.read();
            Some(shared_forecast(
                &self.model.clone().forecast(&stats, self.config.terms),
            ))
        })
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

/// Returns the middles of parts of equal probability.
fn shared_forecast(forecast: &SortedDistribution) -> Forecast {
    const COUNT: usize = Forecast::MAX_TIMES;
    let middles = std::array::from_fn::<f64, COUNT, _>(|index| (index as f64 + 0.5) / COUNT as f64);
    let times = forecast.quantiles(middles);
    Forecast::from_seconds(times.map(|seconds| seconds as f32))
}

fn saturating_duration(seconds: f64) -> Duration {
    Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX)
}
