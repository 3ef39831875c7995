//! Observed progress of one phase of a clip, and its extrapolation.
//!
//! A phase is one operation under one status. Its percentage is sampled only by polls and may be
//! coarse, so the time at which a percentage was reached lies somewhere between two polls; this
//! module estimates that time and extrapolates the end of the phase from it. It must not know about
//! other phases, other clips or poll times to come.
//!
//! All times are seconds since the watch began.

use serde::{Deserialize, Serialize};

use super::distribution::gcd;
use super::recent_values::RecentValues;

/// Number of estimators of a phase's end: the average speed, the recent speed and a power law.
pub(super) const ESTIMATORS: usize = 3;

/// Number of recent points stored besides the first. Set in 01abedf; not tuned by itself.
/// Sensitivity: 3: +0.07 polls, +0.01 s; 8: −0.17 polls, −0.01 s.
const RECENT_POINTS: usize = 4;

/// Part of the observed time after which a point no longer counts as the midpoint, so that the
/// recent speed covers enough of the phase. Set in 01abedf; not tuned by itself.
/// Sensitivity: ×0.8: +0.06 polls, +0.01 s; ×1.25: −0.16 polls, ±0.00 s.
const MIDPOINT_FRACTION: f64 = 0.65;

/// Limits of the power law's exponent: the progress of two points may suggest any. Set in 01abedf;
/// not tuned by themselves.
/// Sensitivity: ×0.8: −0.02 polls, +0.01 s; ×1.25: ±0.00 polls, −0.01 s.
const MIN_EXPONENT: f64 = 0.25;
/// Sensitivity: not significant (×0.8, ×1.25).
const MAX_EXPONENT: f64 = 4.0;

/// Position, in the interval between two polls, at which a percentage is assumed to have been
/// reached: its middle, the mean of a uniform distribution.
const CHANGE_POSITION: f64 = 0.5;

/// Number of points from which on the percent step of the phase itself is used: one percentage is
/// its own divisor and says nothing about a step.
const MIN_POINTS_FOR_STEP: usize = 2;

// Numerical bounds that keep rates and ratios finite: chosen in 01abedf, not tuned.

const MIN_SECONDS: f64 = 0.05;
const MIN_PERCENT_DIFFERENCE: f64 = 0.5;

/// Percentage, and when it was reached.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Point {
    pub(super) at: f32,
    pub(super) percent: f32,
}

/// Observed progress of one phase.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Phase {
    /// Hash of the status and the operation.
    pub(super) key: u32,
    /// Last poll before the phase; `None` for the first phase of a watch, which may have begun long
    /// before the watch did.
    previous_poll_at: Option<f32>,
    first: Point,
    recent: RecentValues<Point, RECENT_POINTS>,
    /// Last poll that saw the previous percentage, and first poll that saw the current one.
    changed_between: (f32, f32),
    /// Longest time for which a percentage was seen to stay before it changed, in seconds.
    longest_plateau: f32,
    /// Greatest common divisor of the percentages between 0 and 100: the step of a coarse percentage.
    step: u8,
}

/// Returns whether a watch can have stored this time: at most some centuries, and negative only by
/// rounding. Checked because a checkpoint may hold any numbers.
pub(super) fn is_plausible_time(seconds: f32) -> bool {
    (-1.0..=1e10).contains(&seconds)
}

/// Extrapolated end of a phase.
#[derive(Clone, Copy, Debug)]
pub(super) struct Extrapolation {
    /// Estimated time at which the current percentage was reached.
    pub(super) reached_at: f64,
    /// Seconds from there to the end of the phase, per estimator.
    pub(super) remaining: [f64; ESTIMATORS],
}

impl Phase {
    pub(super) fn new(
        key: u32,
        previous_poll_at: Option<f64>,
        now: f64,
        percent: Option<u8>,
    ) -> Self {
        let first = Point {
            at: now as f32,
            percent: percent.unwrap_or(0).into(),
        };
        let previous_poll_at = previous_poll_at.map(|at| at as f32);
        let mut phase = Self {
            key,
            previous_poll_at,
            first,
            recent: RecentValues::default(),
            changed_between: (previous_poll_at.unwrap_or(first.at), first.at),
            longest_plateau: 0.0,
            step: 0,
        };
        phase.update_step(first.percent);
        phase
    }

    /// Returns whether a watch can have observed this phase; a checkpoint may hold any numbers.
    pub(super) fn is_plausible(&self) -> bool {
        let mut points = self.recent.as_slice().iter().chain([&self.first]);
        let times = [
            self.changed_between.0,
            self.changed_between.1,
            self.longest_plateau,
        ];
        points.all(|point| is_plausible_time(point.at) && (0.0..=100.0).contains(&point.percent))
            && times
                .into_iter()
                .chain(self.previous_poll_at)
                .all(is_plausible_time)
    }

    /// Takes in the percentage that a poll saw at `now`; the poll before it was at `previous_poll`.
    pub(super) fn observe(&mut self, previous_poll: f64, now: f64, percent: u8) {
        let percent = f32::from(percent);
        self.update_step(percent);
        if percent <= self.percent() {
            return;
        }
        let plateau = previous_poll as f32 - self.changed_between.1;
        self.longest_plateau = self.longest_plateau.max(plateau);
        self.changed_between = (previous_poll as f32, now as f32);
        let at = now as f32;
        self.recent.push(Point { at, percent });
    }

    fn update_step(&mut self, percent: f32) {
        if percent > 0.0 && percent < 100.0 {
            self.step = gcd(self.step, percent as u8);
        }
    }

    /// Excludes seconds during which the phase was suspended, by shifting all its times.
    pub(super) fn exclude(&mut self, seconds: f64) {
        let seconds = seconds as f32;
        let points = self
            .recent
            .as_mut_slice()
            .iter_mut()
            .chain([&mut self.first]);
        points.for_each(|point| point.at += seconds);
        self.previous_poll_at = self.previous_poll_at.map(|at| at + seconds);
        self.changed_between.0 += seconds;
        self.changed_between.1 += seconds;
    }

    /// Returns the percentage of the newest point.
    pub(super) fn percent(&self) -> f32 {
        self.recent.as_slice().last().unwrap_or(&self.first).percent
    }

    /// Returns the middle of the interval in which the current percentage was reached.
    pub(super) fn reached_at(&self) -> f64 {
        f64::from((self.changed_between.0 + self.changed_between.1) / 2.0)
    }

    /// Returns whether the percentage was seen to rise.
    pub(super) fn has_advanced(&self) -> bool {
        !self.recent.as_slice().is_empty()
    }

    /// Returns when the first poll saw the phase.
    pub(super) fn first_poll_at(&self) -> f64 {
        self.first.at.into()
    }

    /// Returns when the phase began: between the last poll before it and its first one.
    pub(super) fn entered_at(&self) -> f64 {
        f64::from(
            self.previous_poll_at
                .map_or(self.first.at, |previous| (previous + self.first.at) / 2.0),
        )
    }

    /// Returns the greatest common divisor of the percentages seen between 0 and 100, or 0 before there
    /// was any.
    pub(super) fn step(&self) -> u8 {
        self.step
    }

    /// Returns the time for which a percentage is expected to stay, in seconds, at a rate in percent
    /// per second. `known_step` is the step of earlier phases of this kind, or 0.
    pub(super) fn expected_plateau(&self, known_step: u8, rate: f64) -> f64 {
        let step = match known_step {
            0 if self.recent.as_slice().len() >= MIN_POINTS_FOR_STEP => self.step,
            0 => 1,
            known => gcd(known, self.step),
        };
        (f64::from(step.max(1)) / rate).max(self.longest_plateau.into())
    }

    /// Extrapolates the end of the phase; returns `None` at 0 and at 100 percent, and before the
    /// percentage has risen if the start of the phase is unknown.
    ///
    /// The current percentage was reached after the last poll that saw the previous one, and not
    /// longer before the first poll that saw it than a plateau lasts. The estimated time replaces
    /// that of the newest point.
    pub(super) fn extrapolate(&mut self, known_step: u8) -> Option<Extrapolation> {
        let percent = f64::from(self.percent());
        let is_in_progress = percent > 0.0 && percent < 100.0;
        if !is_in_progress || !(self.has_advanced() || self.previous_poll_at.is_some()) {
            return None;
        }
        let changed_between = (
            f64::from(self.changed_between.0),
            f64::from(self.changed_between.1),
        );
        let start = match self.previous_poll_at {
            None if self.first.percent > 0.0 => self.first,
            _ => Point {
                at: self.entered_at().min(changed_between.1 - MIN_SECONDS) as f32,
                percent: 0.0,
            },
        };
        let (start_at, start_percent) = (f64::from(start.at), f64::from(start.percent));
        let rate = (percent - start_percent) / (changed_between.1 - start_at).max(MIN_SECONDS);
        let plateau = self.expected_plateau(known_step, rate);
        let uncertainty = (changed_between.1 - changed_between.0).min(plateau);
        let reached_at = changed_between.1 - CHANGE_POSITION * uncertainty;
        let reached_at = reached_at.max(start_at + MIN_SECONDS);
        if let Some(newest) = self.recent.as_mut_slice().last_mut() {
            newest.at = reached_at as f32;
        }

        let duration = reached_at - start_at;
        let missing = 100.0 - percent;
        let average = missing / ((percent - start_percent) / duration);
        let mut remaining = [average; ESTIMATORS];
        if let Some((mid_at, mid_percent)) = self.midpoint(start_at, reached_at) {
            let gained = (percent - mid_percent).max(MIN_PERCENT_DIFFERENCE);
            let recent = missing * (reached_at - mid_at) / gained;
            remaining[1] = recent;
            remaining[2] = if start_percent == 0.0 {
                // percent = 100 (t / total)^exponent, through the midpoint and the newest point.
                let exponent = (percent / mid_percent).ln() / (duration / (mid_at - start_at)).ln();
                let exponent = exponent.clamp(MIN_EXPONENT, MAX_EXPONENT);
                (duration * (100.0 / percent).powf(1.0 / exponent) - duration).max(0.0)
            } else {
                recent
            };
        }
        Some(Extrapolation {
            reached_at,
            remaining,
        })
    }

    /// Returns time and percentage of the newest point, except for the very last, that is not past
    /// [`MIDPOINT_FRACTION`] of the observed time.
    fn midpoint(&self, start: f64, reached_at: f64) -> Option<(f64, f64)> {
        let latest = start + MIDPOINT_FRACTION * (reached_at - start);
        let (_, earlier) = self.recent.as_slice().split_last()?;
        let points = earlier.iter().rev().chain([&self.first]);
        points
            .map(|point| (f64::from(point.at), f64::from(point.percent)))
            .find(|(at, percent)| *at <= latest && *percent > 0.0 && *at > start)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns a phase that began at 0, after polls with these times and percentages.
    fn phase(polls: &[(f64, u8)]) -> Phase {
        let mut phase = Phase::new(1, Some(0.0), 0.01, Some(0));
        let mut previous_poll = 0.01;
        for &(now, percent) in polls {
            phase.observe(previous_poll, now, percent);
            phase.extrapolate(0);
            previous_poll = now;
        }
        phase
    }

    fn predicted_end(polls: &[(f64, u8)], estimator: usize) -> f64 {
        let extrapolation = phase(polls).extrapolate(0).unwrap();
        extrapolation.reached_at + extrapolation.remaining[estimator]
    }

    #[test]
    fn all_estimators_agree_on_linear_progress() {
        let polls = [(11.0, 11), (26.0, 26), (53.0, 53), (81.0, 81)];
        for estimator in 0..ESTIMATORS {
            let end = predicted_end(&polls, estimator);
            assert!((end - 100.0).abs() < 2.0, "{estimator}");
        }
    }

    #[test]
    fn the_power_law_follows_accelerating_and_decelerating_progress() {
        // 100 (t / 100)^2
        let accelerating = [(20.0, 4), (36.0, 13), (50.0, 25), (70.0, 49)];
        assert!((predicted_end(&accelerating, 2) - 100.0).abs() < 5.0);
        assert!(predicted_end(&accelerating, 0) > 125.0);
        // 100 (t / 100)^0.5
        let decelerating = [(4.4, 21), (12.0, 34), (25.0, 50), (50.0, 71)];
        assert!((predicted_end(&decelerating, 2) - 100.0).abs() < 10.0);
        assert!(predicted_end(&decelerating, 0) < 75.0);
    }

    #[test]
    fn a_percentage_is_reached_before_the_poll_that_observes_it() {
        let extrapolation = phase(&[(30.0, 25), (60.0, 50), (90.0, 75)])
            .extrapolate(25)
            .unwrap();
        assert!((extrapolation.reached_at - 75.0).abs() < 1.0);
        let extrapolation = phase(&[(30.0, 31), (60.0, 59), (90.0, 91)])
            .extrapolate(1)
            .unwrap();
        assert!(extrapolation.reached_at > 89.0);
    }

    #[test]
    fn a_phase_without_progress_is_not_extrapolated() {
        assert!(phase(&[]).extrapolate(0).is_none());
        assert!(phase(&[(5.0, 0), (9.0, 0)]).extrapolate(0).is_none());
        assert!(Phase::new(1, None, 0.0, Some(40)).extrapolate(0).is_none());
    }

    #[test]
    fn suspended_time_is_excluded() {
        let mut phase = phase(&[(11.0, 11), (20.0, 20), (41.0, 41)]);
        phase.exclude(100.0);
        let extrapolation = phase.extrapolate(0).unwrap();
        let end = extrapolation.reached_at + extrapolation.remaining[0];
        assert!((end - 200.0).abs() < 3.0);
    }
}
