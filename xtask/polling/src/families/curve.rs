//! How the percentage of one operation rises over its time.

use crate::dice::Dice;

/// Points of time (0 to 1) and percent (0 to 100), in order of time.
#[derive(Clone, Debug)]
pub(super) struct Curve(pub(super) Vec<(f64, f64)>);

impl Curve {
    /// A point a percent: `time` says when a share of the work is done, both 0 to 1.
    fn of(time: impl Fn(f64) -> f64) -> Self {
        let percents = (1..100).map(f64::from);
        Self(percents.map(|p| (time(p / 100.0), p)).collect())
    }

    /// Steady.
    pub(super) fn linear() -> Self {
        Self::of(|done| done)
    }

    /// The power `exponent` of the time: below 1 fast then slow, above 1 slow then fast.
    pub(super) fn power(exponent: f64) -> Self {
        Self::of(|done| done.powf(1.0 / exponent))
    }

    /// An exponential of the time: a negative rate is fast then slow, a positive slow then fast.
    pub(super) fn exponential(rate: f64) -> Self {
        Self::of(|done| (done * rate.exp_m1()).ln_1p() / rate)
    }

    /// Two steady parts that meet when so much of the work is done at such a time.
    pub(super) fn two_speed(knee_done: f64, knee_time: f64) -> Self {
        Self::of(|done| {
            if done < knee_done {
                done / knee_done * knee_time
            } else {
                knee_time + (done - knee_done) / (1.0 - knee_done) * (1.0 - knee_time)
            }
        })
    }

    /// Random increments at random times.
    pub(super) fn jumpy(dice: &mut Dice) -> Self {
        let jumps = dice.whole(2..=14);
        let mut sorted = |to: f64| {
            let mut values: Vec<f64> = (0..jumps).map(|_| dice.between(0.02, to)).collect();
            values.sort_by(f64::total_cmp);
            values
        };
        let times = sorted(0.98);
        let percents = sorted(99.0);
        Self(times.into_iter().zip(percents).collect())
    }

    /// Any of them.
    pub(super) fn any(dice: &mut Dice) -> Self {
        match dice.whole(0..=5) {
            0 | 1 => Self::linear(),
            2 => Self::power(dice.log_normal(1.0, 0.5)),
            3 => Self::two_speed(dice.between(0.2, 0.8), dice.between(0.2, 0.8)),
            4 => Self::linear().coarse(dice.pick(5.0, &[10.0, 20.0, 25.0])),
            _ => Self::jumpy(dice),
        }
    }

    /// Only the multiples of `step` percent.
    #[must_use]
    pub(super) fn coarse(mut self, step: f64) -> Self {
        let mut shown = 0.0;
        self.0.retain_mut(|(_, percent)| {
            let rounded = (*percent / step).floor() * step;
            let rises = rounded > shown;
            *percent = rounded;
            shown = rounded.max(shown);
            rises
        });
        self
    }

    /// Nothing moves for a while: `length` is a share of the time without the stall, and it
    /// begins once so many percent are shown.
    #[must_use]
    pub(super) fn stalled(mut self, percent: f64, length: f64) -> Self {
        let begun = self.0.iter().rfind(|(_, p)| *p <= percent);
        let begin = begun.map_or(0.0, |(time, _)| *time);
        for (time, _) in &mut self.0 {
            if *time > begin {
                *time += length;
            }
            *time /= 1.0 + length;
        }
        self
    }

    /// The same until `share` of the time, then this percentage to the end.
    #[must_use]
    pub(super) fn rising_to(mut self, percent: f64, share: f64) -> Self {
        for (time, _) in &mut self.0 {
            *time *= share;
        }
        self.0.push((share, percent));
        self
    }

    /// The service writes the percentage down only every `period` of the time, the first time
    /// after `phase`.
    #[must_use]
    pub(super) fn written_every(self, period: f64, phase: f64) -> Self {
        let mut points: Vec<(f64, f64)> = Vec::new();
        for (time, percent) in self.0 {
            let written = ((time - phase) / period).ceil().max(0.0) * period + phase;
            match points.last_mut() {
                Some(last) if last.0 == written => last.1 = percent,
                _ => points.push((written, percent)),
            }
        }
        points.retain(|(time, _)| *time < 1.0);
        Self(points)
    }

    /// Falls back by up to `most` percent at so many points, and rises again from there.
    #[must_use]
    pub(super) fn falling_back(mut self, times: u64, most: f64, dice: &mut Dice) -> Self {
        for _ in 0..times {
            let last = self.0.len().saturating_sub(1) as u64;
            let index = dice.whole(0..=last) as usize;
            if let Some((_, percent)) = self.0.get_mut(index) {
                *percent = (*percent - dice.between(1.0, most)).max(0.0);
            }
        }
        self
    }
}
