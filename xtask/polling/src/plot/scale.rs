//! Logarithmic axis of a plot: its range and its ticks.

use std::ops::Range;

/// Smallest value drawn: a logarithmic axis has no zero. Smaller values are drawn there.
const MIN_VALUE: f64 = 0.001;

/// Factor between the outermost values and the ends of the axis. Chosen by eye.
const MARGIN: f64 = 1.6;

/// Range of one axis.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scale {
    from: f64,
    to: f64,
}

impl Scale {
    /// Creates a range around these values, with a margin on both sides.
    pub(super) fn around(values: impl Iterator<Item = f64> + Clone) -> Self {
        let min = values.clone().fold(f64::INFINITY, f64::min);
        let max = values.fold(0.0, f64::max).max(MIN_VALUE);
        Self {
            from: min.clamp(MIN_VALUE, max) / MARGIN,
            to: max * MARGIN,
        }
    }

    pub(super) fn range(&self) -> Range<f64> {
        self.from..self.to
    }

    /// Returns the value, or the smallest one that can be drawn.
    pub(super) fn clamp(&self, value: f64) -> f64 {
        value.max(MIN_VALUE)
    }

    /// Returns ticks at 1, 2 and 5 times each power of ten in the range.
    pub(super) fn ticks(&self) -> Vec<f64> {
        let powers = self.from.log10().floor() as i32..=self.to.log10().ceil() as i32;
        powers
            .flat_map(|power| [1.0, 2.0, 5.0].map(|digit| digit * 10_f64.powi(power)))
            .filter(|tick| self.range().contains(tick))
            .collect()
    }
}

/// Formats a tick.
pub(super) fn number(value: f64) -> String {
    // The digit count hides that negative powers of ten are inexact.
    let digits = (-value.log10().floor()).max(0.0) as usize;
    format!("{value:.digits$}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_in_range() {
        let scale = Scale::around([0.5, 12.0].into_iter());
        let ticks: Vec<String> = scale.ticks().into_iter().map(number).collect();
        assert_eq!(ticks, ["0.5", "1", "2", "5", "10"]);
    }

    #[test]
    fn zero_can_be_drawn() {
        let scale = Scale::around([0.0].into_iter());
        assert!(scale.range().contains(&scale.clamp(0.0)));
    }
}
