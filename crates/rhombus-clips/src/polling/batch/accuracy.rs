//! Accuracy of the forecasts: the completions that came, for each one that was expected.
//!
//! The expected delays of many clips add up, and so do the errors of their forecasts: a forecast that is
//! a little early for each clip would send too many requests for all.

/// Upper limits of the probabilities that are corrected alike; the last group has none. Measured with
/// `cargo xtask polling --together`: with one group for all, 1,000 clips take 3 % more requests for the
/// same delay; with nine, they take as many.
const MAX_PROBABILITIES: [f64; 4] = [0.02, 0.1, 0.3, 0.6];

/// Number of completions that are presumed to come as expected, and the largest number that counts, so
/// that a service that changes is noticed. Measured likewise: 10 and 200 take 1 % more requests.
const PRESUMED: f64 = 4.0;
const MAX_COUNT: f64 = 500.0;

/// Completions that were expected and that came, by the probability with which they were expected.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Accuracy([Completions; MAX_PROBABILITIES.len() + 1]);

#[derive(Clone, Copy, Debug, Default)]
struct Completions {
    expected: f64,
    came: f64,
}

impl Accuracy {
    /// Records an observation of a clip that was expected to be complete with this probability.
    pub(super) fn add(&mut self, probability: f64, is_complete: bool) {
        if let Some(group) = self.0.get_mut(group(probability)) {
            group.expected += probability;
            group.came += f64::from(u8::from(is_complete));
            let count = group.expected.max(group.came);
            if count > MAX_COUNT {
                group.expected *= MAX_COUNT / count;
                group.came *= MAX_COUNT / count;
            }
        }
    }

    /// Returns the number of completions that come for each one that is expected with this probability.
    pub(super) fn factor(&self, probability: f64) -> f64 {
        let group = self.0.get(group(probability)).copied().unwrap_or_default();
        (group.came + PRESUMED) / (group.expected + PRESUMED)
    }
}

fn group(probability: f64) -> usize {
    MAX_PROBABILITIES.partition_point(|max| *max <= probability)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forecasts_that_are_too_early_are_corrected() {
        let mut accuracy = Accuracy::default();
        assert_eq!(accuracy.factor(0.2), 1.0);
        for clip in 0..1000 {
            accuracy.add(0.2, clip % 10 == 0);
            accuracy.add(0.5, clip % 2 == 0);
        }
        assert!((accuracy.factor(0.25) - 0.5).abs() < 0.05);
        assert!((accuracy.factor(0.5) - 1.0).abs() < 0.05);
        // Others came since.
        (0..10_000).for_each(|clip| accuracy.add(0.2, clip % 5 == 0));
        assert!(accuracy.factor(0.25) > 0.9);
    }
}
