//! A share that is learned from hits and misses.

/// Largest number of observations that count, so that a service that changes is noticed. Chosen, not
/// tuned.
const MAX_WEIGHT: f64 = 200.0;

/// Lowest share. Chosen, not tuned: clips that a page would show with it are still worth one at times.
const MIN_SHARE: f64 = 0.02;

/// Share of cases in which something holds, by those that were seen.
#[derive(Clone, Copy, Debug)]
pub(super) struct Share {
    hits: f64,
    misses: f64,
}

impl Share {
    /// Creates a share that is presumed to be this one, with the weight of one observation.
    pub(super) fn presumed(share: f64) -> Self {
        Self {
            hits: share,
            misses: 1.0 - share,
        }
    }

    pub(super) fn add(&mut self, is_hit: bool) {
        match is_hit {
            true => self.hits += 1.0,
            false => self.misses += 1.0,
        }
        let weight = self.hits + self.misses;
        if weight > MAX_WEIGHT {
            self.hits *= MAX_WEIGHT / weight;
            self.misses *= MAX_WEIGHT / weight;
        }
    }

    /// Returns the share, which is never so low that nothing would be learned any more.
    pub(super) fn get(self) -> f64 {
        (self.hits / (self.hits + self.misses)).max(MIN_SHARE)
    }
}
