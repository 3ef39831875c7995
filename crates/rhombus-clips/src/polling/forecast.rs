//! Forecast of a clip as equally likely remaining times, the form in which poll policies share it.
//!
//! A request for many clips is worth the delay that it ends for all of them, so the scheduler of
//! many clips needs more of a forecast than the delay to the clip's own next poll. The type must not
//! know how a forecast is made.

use std::time::Duration;

/// Distribution of the time until a clip is complete: a few equally likely times, from the moment
/// that the forecast was made.
///
/// ```
/// use std::time::Duration;
/// use rhombus_clips::polling::Forecast;
///
/// let [two, four, ten] = [2, 4, 10].map(Duration::from_secs);
/// let forecast = Forecast::new([ten, two]);
/// assert_eq!(forecast.probability_within(four), 0.5);
/// // Half of the clips are complete after 2 s, and have then waited for another 2 s.
/// assert_eq!(forecast.expected_delay(four), Duration::from_secs(1));
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Forecast {
    /// Ascending, in seconds; the first `count` are set.
    remaining: [f32; Self::MAX_TIMES],
    count: u8,
}

impl Forecast {
    /// Largest number of times: 16, so that a hundred thousand forecasts fit in memory.
    pub const MAX_TIMES: usize = 16;

    /// Creates a forecast of equally likely times, in any order; those beyond
    /// [`MAX_TIMES`](Self::MAX_TIMES) are ignored. Without any, the clip is never expected.
    #[must_use]
    pub fn new(remaining: impl IntoIterator<Item = Duration>) -> Self {
        Self::from_seconds(remaining.into_iter().map(|time| time.as_secs_f32()))
    }

    pub(crate) fn from_seconds(seconds: impl IntoIterator<Item = f32>) -> Self {
        let mut remaining = [0.0; Self::MAX_TIMES];
        let mut count = 0;
        for (slot, seconds) in remaining.iter_mut().zip(seconds) {
            *slot = seconds.max(0.0);
            count += 1;
        }
        if let Some(times) = remaining.get_mut(..count) {
            times.sort_unstable_by(f32::total_cmp);
        }
        Self {
            remaining,
            count: count as u8,
        }
    }

    /// Returns the times, ascending.
    ///
    /// ```
    /// use std::time::Duration;
    /// use rhombus_clips::polling::Forecast;
    ///
    /// // The same for a service that is twice as fast.
    /// let forecast = Forecast::new([4, 8].map(Duration::from_secs));
    /// let faster = Forecast::new(forecast.times().map(|time| time / 2));
    /// assert_eq!(faster, Forecast::new([2, 4].map(Duration::from_secs)));
    /// assert!(faster.times().len() <= Forecast::MAX_TIMES);
    /// ```
    pub fn times(&self) -> impl ExactSizeIterator<Item = Duration> + '_ {
        let times = self.seconds().iter();
        times.map(|seconds| Duration::try_from_secs_f32(*seconds).unwrap_or(Duration::MAX))
    }

    /// Returns the times, ascending, in seconds.
    pub(crate) fn seconds(&self) -> &[f32] {
        self.remaining.get(..self.count.into()).unwrap_or_default()
    }

    /// Returns the probability that the clip is complete within this time, from 0 to 1.
    #[must_use]
    pub fn probability_within(&self, time: Duration) -> f64 {
        let seconds = time.as_secs_f32();
        let done = self.seconds().partition_point(|end| *end <= seconds);
        done as f64 / f64::from(self.count.max(1))
    }

    /// Returns the mean time for which the clip has been complete after this time, where a clip that
    /// is not complete yet counts as 0: the delay that a poll then ends.
    #[must_use]
    pub fn expected_delay(&self, time: Duration) -> Duration {
        let seconds = time.as_secs_f64();
        let delays = self.seconds().iter().map(|end| seconds - f64::from(*end));
        let sum: f64 = delays.filter(|delay| *delay > 0.0).sum();
        let mean = sum / f64::from(self.count.max(1));
        Duration::try_from_secs_f64(mean).unwrap_or(Duration::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_forecast_without_times_never_expects_the_clip() {
        let forecast = Forecast::new([]);
        assert_eq!(forecast.probability_within(Duration::MAX), 0.0);
        assert_eq!(
            forecast.expected_delay(Duration::from_secs(9)),
            Duration::ZERO
        );
    }

    #[test]
    fn times_beyond_the_largest_number_are_ignored() {
        let forecast = Forecast::new((0..100).map(Duration::from_secs));
        assert_eq!(forecast.seconds().len(), Forecast::MAX_TIMES);
        assert_eq!(forecast.probability_within(Duration::from_secs(99)), 1.0);
    }
}
