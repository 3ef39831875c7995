//! Looks where they are worth most.

mod course;
mod few;
mod forecast;
mod history;
mod math;
mod phase;
mod placement;
mod price;
#[cfg(test)]
mod tests;
mod trust;

pub use history::History;

use std::sync::Arc;
use std::time::Duration;

use rhombus_clips_api::types::ClipStatus;

use super::{Estimate, PollPolicy, PollState};
use course::{Course, Look};

/// Looks where they are worth most, as the clip's own progress says.
///
/// ```
/// use std::time::Duration;
/// use rhombus_clips::polling::Adaptive;
///
/// # use rhombus_clips_sim::prelude::*;
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let uuid = rhombus_clips::ClipUuid::from_bytes([1; 16]);
/// # let service = Service::start().await?.with_clip(uuid, clip().renders_in(30.s()));
/// # let client = rhombus_clips::Client::builder().api_key(service.api_key()).base_url(service.base_url()).build()?;
/// let poll_policy = Adaptive::new(client.history()).min_interval(Duration::from_secs(1));
/// client.watch(uuid).polling(poll_policy).await?;
/// service.verify(uuid).min_interval(900.ms());
/// # Ok(())
/// # }
/// ```
///
/// # The idea
///
/// After each look there is a *forecast*: a distribution of the time left. The next look is placed
/// so that all looks until the end cost least, where a look is worth a third of a second of delay.
///
/// **Phases.** A phase is one operation under one status; a percentage that falls by more than 5
/// percentage points and 15 percent begins another. The time at which a percentage was reached lies
/// between two looks, and is not longer ago than a percentage stays. That is the time which a step
/// takes, where a step is the common divisor of the percentages, or the longest time in which it
/// was seen not to move. Time spent `OFFLINE` does not count; with 40 percent it goes on for about
/// half as long as all so far, and what was left comes after it.
///
/// **The end of the phase** is extrapolated in three ways: at the speed of the whole phase, at that
/// of its second half, and along the power of the time that goes through its middle and its last
/// point. Each says a time that is off by a factor; how far, is known from the phases that ended
/// before (by thirds of the way; a factor of more than e counts as e, for a few that go astray say
/// little of the others), and from how well what it said at one look agreed with what it said at the
/// next. The ways are weighted by the inverse of that variance, to the power of 2.3, and become
/// log-logistic distributions, which have closed forms for all that is asked of them.
///
/// **What ought to be over and is not** is less and less likely to move, and more and more likely
/// to have stalled (which 3.5 percent do): it then takes about as long again as it already did.
///
/// **After the phase** others may come. How likely it is the last, what comes after it, and how long
/// such phases take, the [`History`] knows from the clips that this client saw complete. Before
/// that, `RENDERING` is taken to be the last phase with 82 percent, and another with 10. A clip
/// without percentages is forecast by the time that others took, absolutely or for each second of
/// footage, whichever tells more. And with a small probability, larger for uneven progress, nothing
/// of this is of any use.
///
/// **Placement.** If nothing new were learned on the way, the cheapest looks are found by a dynamic
/// program over the forecast, cut into 32 groups. But a look tells where the end is, which saves
/// others: while the middle half of the forecast is wider than 7 looks are worth, the next look
/// comes at 88 percent of the time that is too early with 72 percent, if that is sooner; but never
/// before the phase has gone on for 30 percent longer. A clip that has not moved yet is looked at
/// after 4 seconds, and then whenever 0.7 times the time so far has passed again, for some take no
/// longer.
///
/// **Without a percentage** there is nothing to learn on the way, and a look is worth 0.04 seconds and
/// 0.2 percent of the time so far. So it is with a percentage that stands at 0: at once where such
/// phases never said another, after 8 seconds where they are not known, and after 25 where they did
/// say others, or the client knows little.
///
/// **The first clips.** Until a client saw three clips complete, it knows little of what to expect,
/// and has 16 looks for each. They are rationed: where n is one more than are left, but
/// at least 2, a look is worth at least 0.7 times the middle half of the forecast by n squared, and
/// with a percentage at least 0.45 seconds and 0.1 percent of the time so far. What is not done
/// by the last of them is looked at on at that price. While it is `OFFLINE`, nothing is rationed. And
/// no wait is longer than 1.5 times the time so far, or 10 seconds.
///
/// # Figures
///
/// `cargo xtask polling`, virtual time, 804 made clips of 21 families (seed 1), of which 723 say
/// percentages. They take about 64 seconds on average, from one second to half an hour:
///
/// | with percentages | looks | delay | 95 percent of delays below |
/// |---|---|---|---|
/// | adaptive | 11.4 | 1.30 s | 4.92 s |
/// | every 2 s, as Rhombus's React SDK | 32.8 | 1.00 s | 1.91 s |
/// | every 5 s, as its Python example | 14.0 | 2.43 s | 4.74 s |
/// | 1 s to 60 s, doubling | 6.9 | 18.66 s | 53.25 s |
///
/// | without | looks | delay | delay as a part of the time |
/// |---|---|---|---|
/// | adaptive | 22.2 | 2.26 s | 4.4 % |
/// | every 2 s | 40.0 | 0.97 s | 2.4 % |
/// | every 5 s | 16.9 | 2.57 s | 6.7 % |
/// | 1 s to 60 s, doubling | 7.4 | 19.72 s | 36.1 % |
#[derive(Clone, Debug)]
pub struct Adaptive {
    settings: Arc<Settings>,
    course: Course,
    /// The 0.1, 0.5 and 0.9 quantiles of the time left, in seconds.
    estimate: Option<[f32; 3]>,
}

/// What the copies of a poll policy share: a client may watch a hundred thousand clips.
#[derive(Clone, Debug)]
struct Settings {
    history: History,
    shortest: Duration,
    longest: Duration,
    jitter: f64,
}

impl Adaptive {
    /// The shortest wait unless another is set: 250 ms.
    ///
    /// ```
    /// use std::time::Duration;
    /// use rhombus_clips::polling::Adaptive;
    ///
    /// assert_eq!(Adaptive::MIN_INTERVAL, Duration::from_millis(250));
    /// assert_eq!(Adaptive::MAX_INTERVAL, Duration::from_secs(240));
    /// ```
    pub const MIN_INTERVAL: Duration = Duration::from_millis(250);

    /// The longest wait unless another is set: 4 minutes.
    pub const MAX_INTERVAL: Duration = Duration::from_secs(240);

    /// Learns from and for the watches that share this history.
    pub fn new(history: &History) -> Self {
        Self {
            settings: Arc::new(Settings {
                history: history.clone(),
                shortest: Self::MIN_INTERVAL,
                longest: Self::MAX_INTERVAL,
                jitter: 0.0,
            }),
            course: Course::default(),
            estimate: None,
        }
    }

    /// No wait is shorter: [`MIN_INTERVAL`](Self::MIN_INTERVAL) unless set; less than a millisecond is
    /// taken as one.
    #[must_use]
    pub fn min_interval(mut self, wait: Duration) -> Self {
        self.settings_mut().shortest = wait.max(Duration::from_millis(1));
        self
    }

    /// No wait is longer, except one that would be shorter than the [shortest](Self::min_interval):
    /// [`MAX_INTERVAL`](Self::MAX_INTERVAL) unless set.
    #[must_use]
    pub fn max_interval(mut self, wait: Duration) -> Self {
        self.settings_mut().longest = wait;
        self
    }

    /// Makes each wait shorter by a random part of it, of at most so much: 0 (not at all, unless
    /// set) to 1.
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
        self.settings_mut().jitter = if jitter.is_nan() {
            0.0
        } else {
            jitter.clamp(0.0, 1.0)
        };
        self
    }

    fn settings_mut(&mut self) -> &mut Settings {
        Arc::make_mut(&mut self.settings)
    }
}

impl PollPolicy for Adaptive {
    fn next_delay(&mut self, seen: &PollState<'_>) -> Duration {
        let look = Look {
            at: seen.elapsed().as_secs_f64(),
            status: seen.status(),
            percent: seen.percent(),
            operation: seen.operation(),
            clip_length: seen.clip_length().map(|length| length.as_secs_f64()),
        };
        let settings = &*self.settings;
        self.course.see(&look, &mut settings.history.write());
        // Forecasts of many clips are made at once, and each takes far longer than to see.
        let learned = settings.history.read();
        let forecast = self.course.forecast(&learned);
        let wait = self
            .course
            .wait(&forecast, settings.shortest.as_secs_f64(), &learned);
        drop(learned);
        let quantiles = forecast.quantiles([0.1, 0.5, 0.9]);
        self.estimate = Some(quantiles.map(|time| time as f32));
        // Of the longest wait too: whoever waits that long is not to come with all others.
        let wait = wait.min(settings.longest.as_secs_f64());
        let wait = wait * (1.0 - settings.jitter * seen.random());
        seconds(wait).min(settings.longest).max(settings.shortest)
    }

    fn on_complete(&mut self, elapsed: Duration) {
        self.course
            .complete(elapsed.as_secs_f64(), &mut self.settings.history.write());
    }

    fn estimate(&self) -> Option<Estimate> {
        let [lower, remaining, upper] = self.estimate?.map(|time| seconds(time.into()));
        Some(Estimate::new(remaining, lower, upper))
    }

    fn save(&self) -> Option<String> {
        let course = serde_json::to_string(&self.course).ok()?;
        Some(format!("adaptive {course}"))
    }

    fn restore(&mut self, saved: &str) {
        let course = saved.strip_prefix("adaptive ");
        let course = course.and_then(|course| serde_json::from_str::<Course>(course).ok());
        // What cannot be would spoil what is learned for all watches of the client.
        if let Some(course) = course.filter(Course::is_sound) {
            self.course = course;
        }
    }
}

fn seconds(seconds: f64) -> Duration {
    Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX)
}

/// A status under which a percentage stands still until it passes.
fn is_suspended(status: Option<&ClipStatus>) -> bool {
    status == Some(&ClipStatus::Offline)
}
