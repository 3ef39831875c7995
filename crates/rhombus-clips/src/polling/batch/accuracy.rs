//! Accuracy of the forecasts: the completions that came, for each one that was expected.
//!
//! The expected delays of many clips add up, and so do the errors of their forecasts: a forecast that is
//! a little early for each clip would send too many requests for all. Clips beyond the first page are the
//! ones that take longer than most, so their forecasts err in another way than those of the others.

/// Upper limits of the probabilities that are corrected alike; the last group has none. Measured with
/// `cargo xtask polling --together`: with one group for all, 1,000 clips take 3 % more requests for the
/// same delay; with nine, they take as many.
const MAX_PROBABILITIES: [f64; 4] = [0.02, 0.1, 0.3, 0.6];

/// Number of completions that are presumed to come as expected, and the largest number that counts, so
/// that a service that changes is noticed. Measured likewise: 10 and 200 take 1 % more requests.
const PRESUMED: f64 = 4.0;
const MAX_COUNT: f64 = 500.0;

/// Completions that were expected and that came.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Accuracy {
    first_page: Groups,
    beyond: Groups,
}

/// By the probability with which they were expected.
type Groups = [Completions; MAX_PROBABILITIES.len() + 1];

#[derive(Clone, Copy, Debug, Default)]
struct Completions {
    expected: f64,
    came: f64,
}

impl Accuracy {
    /// Records an observation of a clip, with its page if known, that was expected to be complete with this
    /// probability.
    pub(super) fn add(&mut self, page: Option<usize>, probability: f64, is_complete: bool) {
        let groups = match is_beyond_first(page) {
            true => &mut self.beyond,
            false => &mut self.first_page,
        };
        if let Some(group) = groups.get_mut(group(probability)) {
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
    pub(super) fn factor(&self, page: Option<usize>, probability: f64) -> f64 {
        let groups = match is_beyond_first(page) {
            true => &self.beyond,
            false => &self.first_page,
        };
        let group = groups.get(group(probability)).copied().unwrap_or_default();
        (group.came + PRESUMED) / (group.expected + PRESUMED)
    }
}

fn is_beyond_first(page: Option<usize>) -> bool {
    page.is_some_and(|page| page > 0)
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
        let first = Some(0);
        assert_eq!(accuracy.factor(first, 0.2), 1.0);
        for clip in 0..1000 {
            accuracy.add(first, 0.2, clip % 10 == 0);
            accuracy.add(first, 0.5, clip % 2 == 0);
        }
        assert!((accuracy.factor(first, 0.25) - 0.5).abs() < 0.05);
        assert!((accuracy.factor(first, 0.5) - 1.0).abs() < 0.05);
        // Others came since.
        (0..10_000).for_each(|clip| accuracy.add(first, 0.2, clip % 5 == 0));
        assert!(accuracy.factor(first, 0.25) > 0.9);
    }

    #[test]
    fn clips_beyond_the_first_page_are_corrected_by_themselves() {
        let mut accuracy = Accuracy::default();
        (0..1000).for_each(|clip| accuracy.add(Some(2), 0.2, clip % 10 == 0));
        assert!((accuracy.factor(Some(1), 0.2) - 0.5).abs() < 0.05);
        assert_eq!(accuracy.factor(Some(0), 0.2), 1.0);
        assert_eq!(accuracy.factor(None, 0.2), 1.0);
    }
}
