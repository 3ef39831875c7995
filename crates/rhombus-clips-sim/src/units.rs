//! Duration literals.
//!
//! An extension trait for integers that keeps the many durations of a test short. It is part of
//! the prelude and has no use inside this crate.

use std::time::Duration;

/// Duration literals: `30.s()`, `250.ms()`, `5.minutes()`.
///
/// ```
/// use rhombus_clips_sim::prelude::*;
/// use std::time::Duration;
///
/// assert_eq!(30.s(), Duration::from_secs(30));
/// assert_eq!(250.ms(), Duration::from_millis(250));
/// assert_eq!(5.minutes(), Duration::from_secs(300));
/// ```
///
/// The trait is implemented for `u64` only, so that the type of an integer literal can be
/// inferred. There is no method `min`, because `Ord::min` applies to every integer.
pub trait DurationUnits {
    /// Returns this number of milliseconds.
    fn ms(self) -> Duration;

    /// Returns this number of seconds.
    fn s(self) -> Duration;

    /// Returns this number of minutes.
    fn minutes(self) -> Duration;
}

impl DurationUnits for u64 {
    fn ms(self) -> Duration {
        Duration::from_millis(self)
    }

    fn s(self) -> Duration {
        Duration::from_secs(self)
    }

    fn minutes(self) -> Duration {
        Duration::from_secs(self.saturating_mul(60))
    }
}
