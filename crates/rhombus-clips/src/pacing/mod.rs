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
/// # let client = rhombus_clips::Client::builder().api_key("0123456789").build()?;
/// # let uuid = "AAAAAAAAAAAAAAAAAAAAAA".parse().unwrap();
/// let watch = client.watch(uuid).pacing(Eager);
/// # Ok::<(), rhombus_clips::Error>(())
/// ```
pub trait Pacing: fmt::Debug + Send + 'static {
    /// The wait until the next look, after one that saw this and that the clip is not done yet.
    fn next_look(&mut self, seen: &Observation<'_>) -> Duration;

    /// The clip was seen complete, this long after the watch began.
    fn complete(&mut self, elapsed: Duration) {
        let _ = elapsed;
    }

    /// How much longer it will take, for people; `None` when there is no telling.
    fn estimate(&self) -> Option<Estimate> {
        None
    }

    /// What a [`Checkpoint`](crate::Checkpoint) is to keep of this pacing, as a short text.
    fn save(&self) -> Option<String> {
        None
    }

    /// Goes on from what [`save`](Self::save) gave, perhaps in another process and from another
    /// version. Text that makes no sense is to be ignored.
    fn restore(&mut self, saved: &str) {
        let _ = saved;
    }
}
