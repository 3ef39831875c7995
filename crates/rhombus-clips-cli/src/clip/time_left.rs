//! How much longer a clip will take, for people.

use rhombus_clips::polling::Estimate;
use std::fmt;
use std::time::Duration;

/// The time left, and the bounds that it keeps with nine chances in ten each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TimeLeft {
    pub(crate) remaining: Duration,
    pub(crate) lower: Duration,
    pub(crate) upper: Duration,
}

impl From<Estimate> for TimeLeft {
    fn from(estimate: Estimate) -> Self {
        Self {
            remaining: estimate.remaining,
            lower: estimate.lower,
            upper: estimate.upper,
        }
    }
}

impl TimeLeft {
    /// What is left when so much time has passed since.
    pub(crate) fn after(self, passed: Duration) -> Self {
        Self {
            remaining: self.remaining.saturating_sub(passed),
            lower: self.lower.saturating_sub(passed),
            upper: self.upper.saturating_sub(passed),
        }
    }

    /// The time left alone, such as `~1m20s`. Where more has passed than was to be expected, the
    /// bound that is left.
    pub(crate) fn short(self) -> String {
        let upper = rounded(self.upper, u64::div_ceil);
        match nearest(self.remaining) {
            Duration::ZERO if upper <= Duration::from_secs(1) => "soon".to_owned(),
            Duration::ZERO => format!("<{}", span(upper)),
            remaining => format!("~{}", span(remaining)),
        }
    }
}

/// Such as `~1m20s (50s–2m)`. What is no more precise than a reader needs moves less.
impl fmt::Display for TimeLeft {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.short())?;
        let remaining = nearest(self.remaining);
        let lower = rounded(self.lower, u64::div_euclid).min(remaining);
        let upper = rounded(self.upper, u64::div_ceil).max(remaining);
        if remaining.is_zero() || lower == upper {
            return Ok(());
        }
        write!(f, " ({}–{})", span(lower), span(upper))
    }
}

fn nearest(duration: Duration) -> Duration {
    rounded(duration, |ms, step| (ms + step / 2) / step)
}

/// In steps that grow with the duration.
fn rounded(duration: Duration, divided: impl Fn(u64, u64) -> u64) -> Duration {
    let step = match duration.as_secs() {
        0..10 => 1000,
        10..60 => 5 * 1000,
        60..600 => 10 * 1000,
        600..3600 => 60 * 1000,
        _ => 10 * 60 * 1000,
    };
    // Beyond a century nobody waits.
    let ms = u64::try_from(duration.as_millis()).map_or(u64::MAX / 4, |ms| ms.min(u64::MAX / 4));
    Duration::from_millis(divided(ms, step) * step)
}

/// Whole seconds as `50s`, `1m20s`, `2m` or `1h10m`.
pub(crate) fn span(duration: Duration) -> String {
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

    fn left(remaining: u64, lower: u64, upper: u64) -> TimeLeft {
        let [remaining, lower, upper] = [remaining, lower, upper].map(Duration::from_millis);
        TimeLeft {
            remaining,
            lower,
            upper,
        }
    }

    #[test]
    fn it_is_as_precise_as_a_reader_needs() {
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
            assert_eq!(left(remaining, lower, upper).to_string(), text);
        }
        assert_eq!(left(81_000, 52_000, 112_000).short(), "~1m20s");
    }

    #[test]
    fn rounding_never_puts_it_outside_its_bounds() {
        // 57.6 s are rounded up to a minute, 58 s are a bound of 55 s to a minute.
        assert_eq!(left(57_600, 57_000, 57_900).to_string(), "~1m (55s–1m)");
        for ms in (0..10_000_000).step_by(777) {
            let _ = left(ms, ms, ms).to_string();
        }
    }

    #[test]
    fn it_passes() {
        let left = left(10_000, 4000, 20_000).after(Duration::from_secs(5));
        assert_eq!(left.remaining, Duration::from_secs(5));
        assert_eq!(left.lower, Duration::ZERO);
        assert_eq!(left.upper, Duration::from_secs(15));
    }

    #[test]
    fn every_duration_has_a_text() {
        let most = Duration::MAX;
        let left = TimeLeft {
            remaining: most,
            lower: most,
            upper: most,
        };
        assert!(left.to_string().starts_with('~'));
        assert_eq!(span(Duration::from_secs(3661)), "1h01m");
        assert_eq!(span(Duration::from_secs(62)), "1m02s");
    }
}
