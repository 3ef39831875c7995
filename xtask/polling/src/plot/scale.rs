//! A logarithmic axis.

use std::ops::Range;

/// What is less is drawn there: a logarithmic axis has no zero.
const LEAST: f64 = 0.001;

/// How far one axis reaches.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scale {
    from: f64,
    to: f64,
}

impl Scale {
    /// With some room around these values, and a doubling at least.
    pub(super) fn around(values: impl Iterator<Item = f64> + Clone) -> Self {
        let least = values.clone().fold(f64::INFINITY, f64::min);
        let most = values.fold(0.0, f64::max).max(LEAST);
        Self {
            from: least.clamp(LEAST, most) / 1.6,
            to: most * 1.6,
        }
    }

    pub(super) fn range(&self) -> Range<f64> {
        self.from..self.to
    }

    /// The value, where it can be drawn.
    pub(super) fn shown(&self, value: f64) -> f64 {
        value.max(LEAST)
    }

    /// 1, 2 and 5 of every power of ten.
    pub(super) fn ticks(&self) -> Vec<f64> {
        let powers = self.from.log10().floor() as i32..=self.to.log10().ceil() as i32;
        powers
            .flat_map(|power| [1.0, 2.0, 5.0].map(|digit| digit * 10_f64.powi(power)))
            .filter(|tick| self.range().contains(tick))
            .collect()
    }
}

/// A tick as people write it.
pub(super) fn number(value: f64) -> String {
    // Powers of ten below 1 are not exact.
    let digits = (-value.log10().floor()).max(0.0) as usize;
    format!("{value:.digits$}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_within() {
        let scale = Scale::around([0.5, 12.0].into_iter());
        let ticks: Vec<String> = scale.ticks().into_iter().map(number).collect();
        assert_eq!(ticks, ["0.5", "1", "2", "5", "10"]);
    }

    #[test]
    fn zero_can_be_drawn() {
        let scale = Scale::around([0.0].into_iter());
        assert!(scale.range().contains(&scale.shown(0.0)));
    }
}
