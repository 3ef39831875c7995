//! The remaining time of a clip, formatted for display.
//!
//! Values are rounded to steps that grow with the duration. An estimate is not more precise than
//! that, and coarse values change less often on the screen.

use rhombus_clips::polling::Estimate;
use std::fmt;
use std::time::Duration;

/// Longest duration that is formatted, in milliseconds: rounding it up cannot overflow.
const MAX_MS: u64 = u64::MAX / 4;

/// Estimate of the remaining time, with its 80 % prediction interval.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RemainingTime {
    pub(crate) remaining: Duration,
    pub(crate) lower: Duration,
    pub(crate) upper: Duration,
}

impl From<Estimate> for RemainingTime {
    fn from(estimate: Estimate) -> Self {
        Self {
            remaining: estimate.remaining,
            lower: estimate.lower,
            upper: estimate.upper,
        }
    }
}

impl RemainingTime {
    /// Returns the estimate as it stands after `elapsed` more time.
    pub(crate) fn after(self, elapsed: Duration) -> Self {
        Self {
            remaining: self.remaining.saturating_sub(elapsed),
            lower: self.lower.saturating_sub(elapsed),
            upper: self.upper.saturating_sub(elapsed),
        }
    }

    /// Formats the estimate without its interval, such as `~1m20s`. Once the estimate has run out,
    /// formats the upper bound, such as `<30s`.
    pub(crate) fn short(self) -> String {
        let upper = rounded(self.upper, u64::div_ceil);
        match rounded_to_nearest(self.remaining) {
            Duration::ZERO if upper <= Duration::from_secs(1) => "soon".to_owned(),
            Duration::ZERO => format!("<{}", format_duration(upper)),
            remaining => format!("~{}", format_duration(remaining)),
        }
    }
}

/// Formats the estimate with its interval, such as `~1m20s (50s–2m)`.
impl fmt::Display for RemainingTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.short())?;
        let remaining = rounded_to_nearest(self.remaining);
        let lower = rounded(self.lower, u64::div_euclid).min(remaining);
        let upper = rounded(self.upper, u64::div_ceil).max(remaining);
        if remaining.is_zero() || lower == upper {
            return Ok(());
        }
        write!(
            f,
            " ({}–{})",
            format_duration(lower),
            format_duration(upper)
        )
    }
}

fn rounded_to_nearest(duration: Duration) -> Duration {
    rounded(duration, |ms, step| (ms + step / 2) / step)
}

/// Rounds to a multiple of a step that grows with the duration. The steps are chosen, not tuned:
/// about a tenth of the duration.
fn rounded(duration: Duration, divide: impl Fn(u64, u64) -> u64) -> Duration {
    let step_ms = match duration.as_secs() {
        0..10 => 1000,
        10..60 => 5 * 1000,
        60..600 => 10 * 1000,
        600..3600 => 60 * 1000,
        _ => 10 * 60 * 1000,
    };
    let ms = u64::try_from(duration.as_millis()).map_or(MAX_MS, |ms| ms.min(MAX_MS));
    Duration::from_millis(divide(ms, step_ms) * step_ms)
}

/// Formats a duration as `50s`, `1m20s`, `2m` or `1h10m`, truncated to seconds.
pub(crate) fn format_duration(duration: Duration) -> String {
    let seconds = duration.as_secs();
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    match (hours, minutes, seconds) {
        (0, 0, _) => format!("{seconds}s"),
        (0, _, 0) => format!("{minutes}m"),
        (0, _, _) => format!("{minutes}m{seconds:02}s"),
        (_, 0, _) => format!("{hours}h"),
        _ => format!("{hours}h{minutes:02}m"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn remaining_time(remaining: u64, lower: u64, upper: u64) -> RemainingTime {
        let [remaining, lower, upper] = [remaining, lower, upper].map(Duration::from_millis);
        RemainingTime {
            remaining,
            lower,
            upper,
        }
    }

    #[test]
    fn precision_decreases_with_the_duration() {
        for (times, text) in [
            ((81_000, 52_000, 112_000), "~1m20s (50s–2m)"),
            ((7400, 6900, 8100), "~7s (6s–9s)"),
            ((7400, 7400, 7400), "~7s (7s–8s)"),
            ((7000, 7000, 7000), "~7s"),
            ((33_000, 1900, 250_000), "~35s (1s–4m10s)"),
            ((1_450_000, 610_000, 9_000_000), "~24m (10m–2h30m)"),
            ((3_600_000, 3_600_000, 7_200_000), "~1h (1h–2h)"),
            ((300, 0, 9000), "<9s"),
            ((0, 0, 33_000), "<35s"),
            ((300, 0, 1000), "soon"),
            ((0, 0, 0), "soon"),
        ] {
            let (remaining, lower, upper) = times;
            assert_eq!(remaining_time(remaining, lower, upper).to_string(), text);
        }
        assert_eq!(remaining_time(81_000, 52_000, 112_000).short(), "~1m20s");
    }

    #[test]
    fn rounded_estimate_is_within_its_interval() {
        // 57.6 s round up to a minute, while the lower bound of 57 s rounds down to 55 s.
        assert_eq!(
            remaining_time(57_600, 57_000, 57_900).to_string(),
            "~1m (55s–1m)"
        );
        for ms in (0..10_000_000).step_by(777) {
            let _ = remaining_time(ms, ms, ms).to_string();
        }
    }

    #[test]
    fn elapsed_time_is_subtracted() {
        let time = remaining_time(10_000, 4000, 20_000).after(Duration::from_secs(5));
        assert_eq!(time.remaining, Duration::from_secs(5));
        assert_eq!(time.lower, Duration::ZERO);
        assert_eq!(time.upper, Duration::from_secs(15));
    }

    #[test]
    fn extreme_durations_can_be_formatted() {
        let max = Duration::MAX;
        let time = RemainingTime {
            remaining: max,
            lower: max,
            upper: max,
        };
        assert!(time.to_string().starts_with('~'));
        assert_eq!(format_duration(Duration::from_secs(3661)), "1h01m");
        assert_eq!(format_duration(Duration::from_secs(62)), "1m02s");
    }
}
