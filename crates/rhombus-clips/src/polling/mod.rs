//! When a watch looks next.
//!
//! A [`PollPolicy`] is pure: it has no clock and sends nothing. It is fed with an [`PollState`]
//! after each look that succeeded and answers with the wait until the next; after a look that
//! failed, the [retry policy](crate::retry) decides instead. The deadline of the watch cuts every
//! wait.
//!
//! - [`Adaptive`], the default: looks where they are worth most, as the clip's own progress says.
//! - [`Fixed`]: the same wait after every look.
//! - [`Exponential`]: waits that grow by a factor.

mod adaptive;
mod exponential;
mod fixed;
mod state;

pub use adaptive::{Adaptive, History};
pub use exponential::Exponential;
pub use fixed::Fixed;
pub use state::{Estimate, PollState};

use std::fmt;
use std::time::Duration;

/// The poll policy that a checkpoint kept; the default one where it kept none that is known.
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

/// Decides when a watch looks next.
///
/// ```
/// use std::time::Duration;
/// use rhombus_clips::polling::{PollState, PollPolicy};
///
/// /// Every second while the clip is rendered, and every ten otherwise.
/// #[derive(Debug)]
/// struct Eager;
///
/// impl PollPolicy for Eager {
///     fn next_delay(&mut self, seen: &PollState<'_>) -> Duration {
///         let renders = seen.status().is_some_and(|status| status.as_str() == "RENDERING");
///         Duration::from_secs(if renders { 1 } else { 10 })
///     }
/// }
/// # use rhombus_clips_sim::prelude::*;
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let uuid = rhombus_clips::ClipUuid::from_bytes([1; 16]);
/// # let service = Service::start().await?.with_clip(uuid, clip().renders_in(30.s()));
/// # let client = rhombus_clips::Client::builder().api_key(service.api_key()).base_url(service.base_url()).build()?;
/// client.watch(uuid).polling(Eager).await?;
/// # Ok(())
/// # }
/// ```
pub trait PollPolicy: fmt::Debug + Send + 'static {
    /// The wait until the next look, after one that saw this and that the clip is not done yet.
    fn next_delay(&mut self, seen: &PollState<'_>) -> Duration;

    /// The clip was seen complete, this long after the watch began.
    ///
    /// ```
    /// use std::time::Duration;
    /// use rhombus_clips::polling::{PollState, PollPolicy};
    ///
    /// /// Half the time that the clip before took.
    /// #[derive(Debug, Default)]
    /// struct LikeTheLast(Option<Duration>);
    ///
    /// impl PollPolicy for LikeTheLast {
    ///     fn next_delay(&mut self, _: &PollState<'_>) -> Duration {
    ///         self.0.map_or(Duration::from_secs(5), |last| last / 2)
    ///     }
    ///
    ///     fn on_complete(&mut self, elapsed: Duration) {
    ///         self.0 = Some(elapsed);
    ///     }
    /// }
    ///
    /// let mut poll_policy = LikeTheLast::default();
    /// poll_policy.on_complete(Duration::from_secs(40));
    /// assert_eq!(poll_policy.next_delay(&PollState::new(Duration::ZERO)), Duration::from_secs(20));
    /// ```
    fn on_complete(&mut self, elapsed: Duration) {
        let _ = elapsed;
    }

    /// How much longer it will take, for people; `None` when there is no telling.
    ///
    /// ```
    /// use std::time::Duration;
    /// use rhombus_clips::polling::{Adaptive, History, PollState, PollPolicy};
    ///
    /// let mut poll_policy = Adaptive::new(&History::new());
    /// poll_policy.next_delay(&PollState::new(Duration::ZERO).with_percent(0));
    /// poll_policy.next_delay(&PollState::new(Duration::from_secs(20)).with_percent(50));
    /// let estimate = poll_policy.estimate().expect("there is something to go by");
    /// assert!(estimate.lower <= estimate.remaining && estimate.remaining <= estimate.upper);
    /// ```
    fn estimate(&self) -> Option<Estimate> {
        None
    }

    /// What a [`Checkpoint`](crate::Checkpoint) is to keep of this poll policy, as a short text.
    ///
    /// ```
    /// use std::time::Duration;
    /// use rhombus_clips::polling::{Exponential, PollState, PollPolicy};
    ///
    /// let second = Duration::from_secs(1);
    /// let seen = PollState::new(Duration::ZERO);
    /// let mut poll_policy = Exponential::new(second, 2.0, 60 * second);
    /// poll_policy.next_delay(&seen);
    /// let kept = poll_policy.save().expect("it knows how often it was asked");
    ///
    /// let mut poll_policy = Exponential::new(second, 2.0, 60 * second);
    /// poll_policy.restore(&kept);
    /// assert_eq!(poll_policy.next_delay(&seen), 2 * second);
    /// ```
    fn save(&self) -> Option<String> {
        None
    }

    /// Goes on from what [`save`](Self::save) gave, perhaps in another process and from another
    /// version. Text that makes no sense is to be ignored.
    fn restore(&mut self, saved: &str) {
        let _ = saved;
    }
}
