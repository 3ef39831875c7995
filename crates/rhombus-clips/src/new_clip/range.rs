//! Time ranges as the service takes them: whole milliseconds, and whole seconds of length.
//!
//! The start is rounded down and the end up, so that nothing of the wanted range is cut.

use std::ops::Range;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Deserializer, Serialize, de};

/// Why a clip cannot be requested.
#[derive(Debug)]
pub(crate) struct InvalidClip(pub(crate) String);

type Result<T> = std::result::Result<T, InvalidClip>;

/// Shortest range, from the service's document of `deviceIntervalMap`.
pub(crate) const MIN_DURATION: Duration = Duration::from_secs(1);

/// A range of footage in whole milliseconds since 1970, which contains the wanted one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub(crate) struct FootageRange {
    pub(crate) start_ms: i64,
    pub(crate) end_ms: i64,
}

impl FootageRange {
    /// Rounds a range that is valid: not empty, in the past, and at least as long as the shortest.
    pub(crate) fn new(range: &Range<SystemTime>, now: SystemTime) -> Result<Self> {
        let length = match range.end.duration_since(range.start) {
            Ok(length) if !length.is_zero() => length,
            _ => {
                return Err(invalid(
                    "the range ends before it starts, or where it starts",
                ));
            }
        };
        if length < MIN_DURATION {
            let message = format!("the range lasts {length:?}; the shortest clip has 1 second");
            return Err(invalid(message));
        }
        let ahead = range.end.duration_since(now).unwrap_or_default();
        if !ahead.is_zero() {
            let message = format!(
                "the range ends {} s in the future; footage exists until now",
                ahead.as_secs_f64().ceil()
            );
            return Err(invalid(message));
        }
        let since_epoch = |time: SystemTime| time.duration_since(UNIX_EPOCH).ok();
        let start = since_epoch(range.start).and_then(|it| i64::try_from(it.as_millis()).ok());
        let end = since_epoch(range.end).and_then(|it| {
            let ms = it.as_nanos().div_ceil(1_000_000);
            i64::try_from(ms).ok()
        });
        match (start, end) {
            // The length is sent in 32 bits.
            (Some(start_ms), Some(end_ms)) if end_ms - start_ms <= i64::from(i32::MAX) * 1000 => {
                Ok(Self { start_ms, end_ms })
            }
            _ => Err(invalid(
                "the range is out of bounds: it is after 1970, and at most 68 years long",
            )),
        }
    }

    /// Length in milliseconds.
    pub(crate) fn length_ms(self) -> i64 {
        self.end_ms.saturating_sub(self.start_ms)
    }

    /// Length in whole seconds, rounded up.
    pub(crate) fn length_sec(self) -> i64 {
        let ms = self.length_ms();
        ms / 1000 + i64::from(ms % 1000 > 0)
    }

    /// Returns the range up to a length in milliseconds, and the rest.
    pub(crate) fn split_at(self, length_ms: i64) -> (Self, Self) {
        let middle = self.start_ms.saturating_add(length_ms).min(self.end_ms);
        let before = Self {
            end_ms: middle,
            ..self
        };
        let after = Self {
            start_ms: middle,
            ..self
        };
        (before, after)
    }

    pub(crate) fn overlaps(self, other: Self) -> bool {
        self.start_ms < other.end_ms && other.start_ms < self.end_ms
    }

    pub(crate) fn to_times(self) -> Range<SystemTime> {
        time(self.start_ms)..time(self.end_ms)
    }
}

/// Reads a range that was stored, which has been in the past already.
impl<'de> Deserialize<'de> for FootageRange {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Stored {
            start_ms: i64,
            end_ms: i64,
        }
        let Stored { start_ms, end_ms } = Stored::deserialize(deserializer)?;
        let range = Self { start_ms, end_ms };
        if start_ms < 0 || range.length_ms() < MIN_DURATION.as_millis() as i64 {
            return Err(de::Error::custom(
                "a range is shorter than a second, or before 1970",
            ));
        }
        Ok(range)
    }
}

/// Returns the time of milliseconds since 1970, which are not negative.
pub(crate) fn time(ms: i64) -> SystemTime {
    let since_epoch = Duration::from_millis(u64::try_from(ms).unwrap_or(0));
    UNIX_EPOCH.checked_add(since_epoch).unwrap_or(UNIX_EPOCH)
}

pub(crate) fn invalid(message: impl Into<String>) -> InvalidClip {
    InvalidClip(message.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(nanos: u64) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(1_000_000) + Duration::from_nanos(nanos)
    }

    #[test]
    fn the_sent_range_contains_the_wanted_one() {
        let now = at(10_000_000_000_000);
        for start in [0, 1, 999_999, 1_000_000, 1_500_000, 999_999_999] {
            for length in [1_000_000_000, 1_000_000_001, 1_999_999_999, 61_000_000_000] {
                let wanted = at(start)..at(start + length);
                let sent = FootageRange::new(&wanted, now).unwrap();
                let times = sent.to_times();
                assert!(times.start <= wanted.start && times.end >= wanted.end);
                let end = times.start + Duration::from_secs(sent.length_sec() as u64);
                assert!(end >= wanted.end, "{start} {length}");
                assert!(sent.length_ms() <= (length / 1_000_000) as i64 + 2);
                assert!(sent.length_sec() * 1000 < sent.length_ms() + 1000);
            }
        }
    }

    #[test]
    fn invalid_ranges_are_named() {
        let now = at(5_000_000_000);
        let second = 1_000_000_000;
        let message = |range| FootageRange::new(&range, now).unwrap_err().0;
        assert!(message(at(second)..at(0)).contains("before it starts"));
        assert!(message(at(second)..at(second)).contains("where it starts"));
        assert!(message(at(0)..at(second - 1)).contains("the shortest clip has 1 second"));
        assert!(message(at(0)..at(5 * second + 1)).contains("ends 1 s in the future"));
        assert!(message(at(9 * second)..at(20 * second)).contains("ends 15 s in the future"));
        let ancient = UNIX_EPOCH - Duration::from_secs(5)..UNIX_EPOCH;
        assert!(message(ancient).contains("after 1970"));
    }
}
