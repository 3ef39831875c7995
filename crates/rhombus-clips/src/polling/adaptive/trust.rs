//! What was said of the time left, and how far it is to be believed.

use serde::{Deserialize, Serialize};

use super::phase::is_time;

/// What was said of the time left.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Saying {
    pub(super) at: f32,
    pub(super) left: [f32; 3],
    pub(super) third: u8,
}

impl Saying {
    /// Whether it may have been said.
    pub(super) fn is_sound(&self) -> bool {
        is_time(self.at) && self.left.into_iter().all(is_left)
    }
}

/// How well each way to extrapolate agreed with itself, from look to look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Trust {
    /// The last look, and when the phase would end by it.
    last: Option<(f32, [f32; 3])>,
    /// Sums of squares of the logarithm of what was said against what was said next.
    errors: [f32; 3],
    count: f32,
}

impl Trust {
    /// Whether it may have come of looks.
    pub(super) fn is_sound(&self) -> bool {
        let is_last = |(at, ends): (f32, [f32; 3])| is_time(at) && ends.into_iter().all(is_left);
        let mut sums = self.errors.into_iter().chain([self.count]);
        self.last.is_none_or(is_last) && sums.all(|sum| (0.0..=20.0).contains(&sum))
    }

    /// Older looks count less and less.
    const MEMORY: f32 = 0.8;

    pub(super) fn note(&mut self, now: f32, ends: [f32; 3]) {
        if let Some((then, before)) = self.last {
            for ((error, end), before) in self.errors.iter_mut().zip(ends).zip(before) {
                // After weeks, a tenth of a second is less than what two numbers are apart.
                let off = (end - then).max(0.1) / (before - then).max(0.1);
                let off = off.ln().clamp(-1.5, 1.5);
                *error = Self::MEMORY * *error + off.powi(2);
            }
            self.count = Self::MEMORY * self.count + 1.0;
        }
        self.last = Some((now, ends));
    }

    /// The variance of each, by what other clips say and by this one.
    pub(super) fn variances(&self, learned: [f64; 3]) -> [f64; 3] {
        let mut variances = learned;
        for (variance, error) in variances.iter_mut().zip(self.errors) {
            *variance = (WEIGHT_OF_OTHERS * *variance + f64::from(error))
                / (WEIGHT_OF_OTHERS + f64::from(self.count));
        }
        variances
    }
}

/// How many looks at this clip all others count for.
const WEIGHT_OF_OTHERS: f64 = 1.7;

/// Whether it may be a time that is left.
fn is_left(seconds: f32) -> bool {
    seconds.is_finite() && seconds >= 0.0
}
