//! Durations as one says them.

use std::time::Duration;

/// Durations as one says them: `30.s()`, `250.ms()`, `5.minutes()`.
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
/// For `u64` alone, so that a number without a type can be one. There is no `min`: every number
/// has one of those.
pub trait DurationUnits {
    /// So many milliseconds.
    fn ms(self) -> Duration;

    /// So many seconds.
    fn s(self) -> Duration;

    /// So many minutes.
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
