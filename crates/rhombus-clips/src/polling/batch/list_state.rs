//! When a list may be requested again.

/// When a list may be requested.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct ListState {
    pub(super) in_flight: bool,
    /// Not before this time, in seconds since the epoch.
    pub(super) not_before: f64,
}

impl ListState {
    /// Returns the state of a list that is never requested again.
    pub(super) fn closed() -> Self {
        Self {
            in_flight: false,
            not_before: f64::INFINITY,
        }
    }

    /// Returns whether a response is awaited, or may be requested by this time.
    pub(super) fn opens_by(self, time: f64) -> bool {
        self.in_flight || self.not_before <= time
    }

    pub(super) fn is_open(self, time: f64) -> bool {
        !self.in_flight && time >= self.not_before
    }
}
