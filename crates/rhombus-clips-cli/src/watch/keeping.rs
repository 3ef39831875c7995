//! When what is not done is kept. Pure: time is what the caller says it is.

use std::time::Duration;

/// A kill -9 loses no more.
const OFTEN: Duration = Duration::from_secs(1);

/// Where writing takes long, it takes no more than such a part of the time.
const PART: u32 = 20;

/// Knows when to write next.
#[derive(Debug, Default)]
pub(crate) struct Keeping {
    has_changed: bool,
    next: Duration,
}

impl Keeping {
    /// There is something new to keep.
    pub(crate) fn change(&mut self) {
        self.has_changed = true;
    }

    /// When to write, if there is something to.
    pub(crate) fn due(&self) -> Option<Duration> {
        self.has_changed.then_some(self.next)
    }

    /// It was written, or not, which took from then to now.
    pub(crate) fn kept(&mut self, from: Duration, now: Duration) {
        self.has_changed = false;
        let took = now.saturating_sub(from);
        self.next = now.saturating_add(took.saturating_mul(PART).max(OFTEN));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn changes_are_kept_at_most_once_a_second() {
        let mut keeping = Keeping::default();
        assert_eq!(keeping.due(), None);
        keeping.change();
        assert_eq!(keeping.due(), Some(Duration::ZERO));
        keeping.kept(5 * SECOND, 5 * SECOND);
        assert_eq!(keeping.due(), None);
        keeping.change();
        assert_eq!(keeping.due(), Some(6 * SECOND));
    }

    #[test]
    fn a_slow_disk_is_written_to_less_often() {
        let mut keeping = Keeping::default();
        keeping.kept(SECOND, 2 * SECOND);
        keeping.change();
        assert_eq!(keeping.due(), Some(22 * SECOND));
    }
}
