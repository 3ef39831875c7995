//! When a watch looks next.
//!
//! A [`Pacing`] is pure: it has no clock and sends nothing. It is fed with an [`Observation`]
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
mod observation;

pub use adaptive::{Adaptive, History};
pub use exponential::Exponential;
pub use fixed::Fixed;
pub use observation::{Estimate, Observation};

use std::fmt;
use std::time::Duration;

/// The pacing that a checkpoint kept; the default one where it kept none that is known.
pub(crate) fn kept(saved: Option<&str>, history: &History) -> Box<dyn Pacing> {
    let saved = saved.unwrap_or_default();
    if let Some(fixed) = Fixed::kept(saved) {
        return Box::new(fixed);
    }
    if let Some(exponential) = Exponential::kept(saved) {
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
/// use rhombus_clips::pacing::{Observation, Pacing};
///
/// /// Every second while the clip is rendered, and every ten otherwise.
/// #[derive(Debug)]
/// struct Eager;
///
/// impl Pacing for Eager {
///     fn next_look(&mut self, seen: &Observation<'_>) -> Duration {
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
/// client.watch(uuid).pacing(Eager).await?;
/// # Ok(())
/// # }
/// ```
pub trait Pacing: fmt::Debug + Send + 'static {
    /// The wait until the next look, after one that saw this and that the clip is not done yet.
    fn next_look(&mut self, seen: &Observation<'_>) -> Duration;

    /// The clip was seen complete, this long after the watch began.
    ///
    /// ```
    /// use std::time::Duration;
    /// use rhombus_clips::pacing::{Observation, Pacing};
    ///
    /// /// Half the time that the clip before took.
    /// #[derive(Debug, Default)]
    /// struct LikeTheLast(Option<Duration>);
    ///
    /// impl Pacing for LikeTheLast {
    ///     fn next_look(&mut self, _: &Observation<'_>) -> Duration {
    ///         self.0.map_or(Duration::from_secs(5), |last| last / 2)
    ///     }
    ///
    ///     fn complete(&mut self, elapsed: Duration) {
    ///         self.0 = Some(elapsed);
    ///     }
    /// }
    ///
    /// let mut pacing = LikeTheLast::default();
    /// pacing.complete(Duration::from_secs(40));
    /// assert_eq!(pacing.next_look(&Observation::at(Duration::ZERO)), Duration::from_secs(20));
    /// ```
    fn complete(&mut self, elapsed: Duration) {
        let _ = elapsed;
    }

    /// How much longer it will take, for people; `None` when there is no telling.
    ///
    /// ```
    /// use std::time::Duration;
    /// use rhombus_clips::pacing::{Adaptive, History, Observation, Pacing};
    ///
    /// let mut pacing = Adaptive::new(&History::new());
    /// pacing.next_look(&Observation::at(Duration::ZERO).with_percent(0));
    /// pacing.next_look(&Observation::at(Duration::from_secs(20)).with_percent(50));
    /// let estimate = pacing.estimate().expect("there is something to go by");
    /// assert!(estimate.at_least <= estimate.remaining && estimate.remaining <= estimate.at_most);
    /// ```
    fn estimate(&self) -> Option<Estimate> {
        None
    }

    /// What a [`Checkpoint`](crate::Checkpoint) is to keep of this pacing, as a short text.
    ///
    /// ```
    /// use std::time::Duration;
    /// use rhombus_clips::pacing::{Exponential, Observation, Pacing};
    ///
    /// let second = Duration::from_secs(1);
    /// let seen = Observation::at(Duration::ZERO);
    /// let mut pacing = Exponential::new(second, 2.0, 60 * second);
    /// pacing.next_look(&seen);
    /// let kept = pacing.save().expect("it knows how often it was asked");
    ///
    /// let mut pacing = Exponential::new(second, 2.0, 60 * second);
    /// pacing.restore(&kept);
    /// assert_eq!(pacing.next_look(&seen), 2 * second);
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
