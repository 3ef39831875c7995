//! Poll policies: the delay between the polls of a watch.
//!
//! A [`PollPolicy`] is pure: it has no clock and sends nothing, so that it can be tested and
//! measured in virtual time. After each successful poll it receives a [`PollState`] and returns the
//! delay to the next poll; after a failed one, the [retry policy](crate::retry) decides instead. The
//! watch applies its deadline to every delay; a policy must not know about it.
//!
//! - [`Adaptive`], the default: schedules polls by forecasting the clip's completion time.
//! - [`Fixed`]: a constant delay.
//! - [`Exponential`]: a delay that grows by a constant factor.

mod adaptive;
mod batch;
mod forecast;
mod interval;
mod state;

pub use adaptive::{Adaptive, History, HistorySnapshot, HistorySnapshotError, Term};
pub use batch::{BatchRequest, BatchScheduler};
pub use forecast::Forecast;
pub use interval::{Exponential, Fixed};
pub use state::{Estimate, PollState};

use std::fmt;
use std::time::Duration;

/// Restores the poll policy of a checkpoint; an unknown or missing one gives the default policy.
///
/// Of an adaptive policy, the model of the clip is restored, and limits and jitter are the defaults.
pub(crate) fn from_saved(saved: Option<&str>, history: &History) -> Box<dyn PollPolicy> {
    let saved = saved.unwrap_or_default();
    if let Some(fixed) = Fixed::from_saved(saved) {
        return Box::new(fixed);
    }
    if let Some(exponential) = Exponential::from_saved(saved) {
        return Box::new(exponential);
    }
    let mut adaptive = Adaptive::new(history);
    adaptive.restore(saved);
    Box::new(adaptive)
}

/// Decides the delay to the next poll of a watch.
///
/// ```
/// use std::time::Duration;
/// use rhombus_clips::polling::{PollState, PollPolicy};
///
/// /// Polls every second while the clip is rendered, and every ten seconds otherwise.
/// #[derive(Debug)]
/// struct Eager;
///
/// impl PollPolicy for Eager {
///     fn next_delay(&mut self, state: &PollState<'_>) -> Duration {
///         let is_rendering = state.status().is_some_and(|status| status.as_str() == "RENDERING");
///         Duration::from_secs(if is_rendering { 1 } else { 10 })
///     }
/// }
/// # rhombus_clips_sim::example!(service, client, uuid, clip().renders_in(30.s()), {
/// client.watch(uuid).polling(Eager).await?;
/// # });
/// ```
pub trait PollPolicy: fmt::Debug + Send + 'static {
    /// Returns the delay to the next poll, after a successful poll of a clip in progress.
    fn next_delay(&mut self, state: &PollState<'_>) -> Duration;

    /// Notifies the policy that the clip was seen complete, `elapsed` after the watch began.
    ///
    /// ```
    /// use std::time::Duration;
    /// use rhombus_clips::polling::{PollState, PollPolicy};
    ///
    /// /// Waits for half the duration of the previous clip.
    /// #[derive(Debug, Default)]
    /// struct HalfOfPrevious(Option<Duration>);
    ///
    /// impl PollPolicy for HalfOfPrevious {
    ///     fn next_delay(&mut self, _: &PollState<'_>) -> Duration {
    ///         self.0.map_or(Duration::from_secs(5), |previous| previous / 2)
    ///     }
    ///
    ///     fn on_complete(&mut self, elapsed: Duration) {
    ///         self.0 = Some(elapsed);
    ///     }
    /// }
    ///
    /// let mut poll_policy = HalfOfPrevious::default();
    /// poll_policy.on_complete(Duration::from_secs(40));
    /// assert_eq!(poll_policy.next_delay(&PollState::new(Duration::ZERO)), Duration::from_secs(20));
    /// ```
    fn on_complete(&mut self, elapsed: Duration) {
        let _ = elapsed;
    }

    /// Returns an estimate of the remaining time, for display; `None` if the policy has none.
    ///
    /// ```
    /// use std::time::Duration;
    /// use rhombus_clips::polling::{Adaptive, History, PollState, PollPolicy};
    ///
    /// let mut poll_policy = Adaptive::new(&History::new());
    /// poll_policy.next_delay(&PollState::new(Duration::ZERO).with_percent(0));
    /// poll_policy.next_delay(&PollState::new(Duration::from_secs(20)).with_percent(50));
    /// let estimate = poll_policy.estimate().expect("the policy has seen progress");
    /// assert!(estimate.lower <= estimate.remaining && estimate.remaining <= estimate.upper);
    /// ```
    fn estimate(&self) -> Option<Estimate> {
        None
    }

    /// Returns the distribution of the remaining time from the last poll on, or from the beginning of
    /// the watch before the first poll; `None` if the policy has none.
    ///
    /// [`WatchAll`](crate::WatchAll) lists clips with a forecast many at a time, and polls the others
    /// one by one.
    ///
    /// ```
    /// use std::time::Duration;
    /// use rhombus_clips::polling::{Adaptive, History, PollPolicy};
    ///
    /// let poll_policy = Adaptive::new(&History::new());
    /// let forecast = poll_policy.forecast().expect("it has one before the first poll");
    /// assert!(forecast.probability_within(Duration::from_secs(3600)) > 0.9);
    /// ```
    fn forecast(&self) -> Option<Forecast> {
        None
    }

    /// Returns the state to store in a [`Checkpoint`](crate::Checkpoint), as a short text.
    ///
    /// ```
    /// use std::time::Duration;
    /// use rhombus_clips::polling::{Exponential, PollState, PollPolicy};
    ///
    /// let second = Duration::from_secs(1);
    /// let state = PollState::new(Duration::ZERO);
    /// let mut poll_policy = Exponential::new(second, 2.0, 60 * second);
    /// poll_policy.next_delay(&state);
    /// let saved = poll_policy.save().expect("the number of polls is saved");
    ///
    /// let mut poll_policy = Exponential::new(second, 2.0, 60 * second);
    /// poll_policy.restore(&saved);
    /// assert_eq!(poll_policy.next_delay(&state), 2 * second);
    /// ```
    fn save(&self) -> Option<String> {
        None
    }

    /// Restores the state that [`save`](Self::save) returned, possibly in another process or from
    /// another version. Implementations ignore invalid text.
    fn restore(&mut self, saved: &str) {
        let _ = saved;
    }
}
