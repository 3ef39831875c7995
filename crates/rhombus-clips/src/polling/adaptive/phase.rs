//! What was seen of one phase of a clip: of one operation under one status.

use serde::{Deserialize, Serialize};

use super::few::Few;
use super::math::common_divisor;

/// A percentage, and when it was reached, in seconds since the watch began.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Point {
    pub(super) at: f32,
    pub(super) percent: f32,
}

/// The newest points that are kept, besides the first.
const NEWEST: usize = 4;

/// What was seen of a phase.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Phase {
    /// Names the status and the operation.
    pub(super) key: u32,
    /// The last look before the phase; `None` for the first of a watch, which may have begun long
    /// before.
    before: Option<f32>,
    first: Point,
    newest: Few<Point, NEWEST>,
    /// The last look that saw the percentage before this one, and the first that saw this one.
    changed: (f32, f32),
    /// The longest that a percentage was seen to stay before it changed, in seconds.
    held: f32,
    /// The common divisor of all percentages: that of its steps, should they be coarse.
    step: u8,
}

/// Whether it may be a time in seconds: of some centuries, and by a rounding less than none.
pub(super) fn is_time(seconds: f32) -> bool {
    (-1.0..=1e10).contains(&seconds)
}

/// What there is to know of how fast a phase advances.
#[derive(Clone, Copy, Debug)]
pub(super) struct Advance {
    /// When the current percentage was reached.
    pub(super) reached: f64,
    /// The seconds from there to the end of the phase, by each of three ways to extrapolate.
    pub(super) left: [f64; 3],
}

impl Phase {
    pub(super) fn new(key: u32, before: Option<f64>, now: f64, percent: Option<u8>) -> Self {
        let first = Point {
            at: now as f32,
            percent: percent.unwrap_or(0).into(),
        };
        let before = before.map(|at| at as f32);
        let mut phase = Self {
            key,
            before,
            first,
            newest: Few::default(),
            changed: (before.unwrap_or(first.at), first.at),
            held: 0.0,
            step: 0,
        };
        phase.note_step(first.percent);
        phase
    }

    /// Whether it may have been seen.
    pub(super) fn is_sound(&self) -> bool {
        let mut points = self.newest.as_slice().iter().chain([&self.first]);
        let times = [self.changed.0, self.changed.1, self.held];
        points.all(|point| is_time(point.at) && (0.0..=100.0).contains(&point.percent))
            && times.into_iter().chain(self.before).all(is_time)
    }

    /// A look saw this percentage; `last_look` is when the look before it was.
    pub(super) fn see(&mut self, last_look: f64, now: f64, percent: u8) {
        let percent = f32::from(percent);
        self.note_step(percent);
        if percent <= self.percent() {
            return;
        }
        self.held = self.held.max(last_look as f32 - self.changed.1);
        self.changed = (last_look as f32, now as f32);
        let at = now as f32;
        self.newest.push(Point { at, percent });
    }

    fn note_step(&mut self, percent: f32) {
        if percent > 0.0 && percent < 100.0 {
            self.step = common_divisor(self.step, percent as u8);
        }
    }

    /// Nothing advanced for so many seconds, and is not meant to.
    pub(super) fn suspend(&mut self, seconds: f64) {
        let seconds = seconds as f32;
        let points = self
            .newest
            .as_mut_slice()
            .iter_mut()
            .chain([&mut self.first]);
        points.for_each(|point| point.at += seconds);
        self.before = self.before.map(|at| at + seconds);
        self.changed.0 += seconds;
        self.changed.1 += seconds;
    }

    /// The percentage as it was last seen.
    pub(super) fn percent(&self) -> f32 {
        self.newest.as_slice().last().unwrap_or(&self.first).percent
    }

    /// When the percentage was first seen as it is, less half of the time in which it came.
    pub(super) fn reached(&self) -> f64 {
        f64::from((self.changed.0 + self.changed.1) / 2.0)
    }

    /// Whether it was seen to advance.
    pub(super) fn has_advanced(&self) -> bool {
        !self.newest.as_slice().is_empty()
    }

    /// When the first look saw it, in seconds since the watch began.
    pub(super) fn first_seen(&self) -> f64 {
        self.first.at.into()
    }

    /// When it began, as far as is known.
    pub(super) fn entered(&self) -> f64 {
        f64::from(
            self.before
                .map_or(self.first.at, |before| (before + self.first.at) / 2.0),
        )
    }

    /// The common divisor of all percentages seen, 0 before there was any.
    pub(super) fn step(&self) -> u8 {
        self.step
    }

    /// How long a percentage is expected to stay, in seconds, where the whole advances by so many
    /// percent a second.
    pub(super) fn step_seconds(&self, usual_step: u8, rate: f64) -> f64 {
        // One value is its own divisor, and says nothing of a step.
        let step = match usual_step {
            0 if self.newest.as_slice().len() >= 2 => self.step,
            0 => 1,
            usual => common_divisor(usual, self.step),
        };
        (f64::from(step.max(1)) / rate).max(self.held.into())
    }

    /// How the phase advances; `None` before it has.
    ///
    /// A percentage that was first seen at a look was reached before: after the last look, and not
    /// longer ago than a percentage stays.
    pub(super) fn advance(&mut self, usual_step: u8) -> Option<Advance> {
        let percent = f64::from(self.percent());
        let is_under_way = percent > 0.0 && percent < 100.0;
        if !is_under_way || !(self.has_advanced() || self.before.is_some()) {
            return None;
        }
        let changed = (f64::from(self.changed.0), f64::from(self.changed.1));
        let start = match self.before {
            None if self.first.percent > 0.0 => self.first,
            _ => Point {
                at: self.entered().min(changed.1 - 0.05) as f32,
                percent: 0.0,
            },
        };
        let (start_at, start_percent) = (f64::from(start.at), f64::from(start.percent));
        let rate = (percent - start_percent) / (changed.1 - start_at).max(0.05);
        let stays = self.step_seconds(usual_step, rate);
        let reached = changed.1 - 0.5 * (changed.1 - changed.0).min(stays);
        let reached = reached.max(start_at + 0.05);
        if let Some(newest) = self.newest.as_mut_slice().last_mut() {
            newest.at = reached as f32;
        }

        let lasted = reached - start_at;
        let missing = 100.0 - percent;
        let overall = missing / ((percent - start_percent) / lasted);
        let mut left = [overall; 3];
        if let Some((at, half)) = self.half_way(start_at, reached) {
            let recent = missing * (reached - at) / (percent - half).max(0.5);
            left[1] = recent;
            left[2] = if start_percent == 0.0 {
                // Through both points goes a power of the time: percent = 100 (time / all)^power.
                let power = (percent / half).ln() / (lasted / (at - start_at)).ln();
                let power = power.clamp(0.25, 4.0);
                (lasted * (100.0 / percent).powf(1.0 / power) - lasted).max(0.0)
            } else {
                recent
            };
        }
        Some(Advance { reached, left })
    }

    /// The newest point, the last one aside, of the first half of what has passed.
    fn half_way(&self, start: f64, reached: f64) -> Option<(f64, f64)> {
        let latest = start + 0.65 * (reached - start);
        let (_, earlier) = self.newest.as_slice().split_last()?;
        let points = earlier.iter().rev().chain([&self.first]);
        points
            .map(|point| (f64::from(point.at), f64::from(point.percent)))
            .find(|(at, percent)| *at <= latest && *percent > 0.0 && *at > start)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A phase that began at 0 and was looked at at these moments.
    fn phase(seen: &[(f64, u8)]) -> Phase {
        let mut phase = Phase::new(1, Some(0.0), 0.01, Some(0));
        let mut last = 0.01;
        for &(at, percent) in seen {
            phase.see(last, at, percent);
            phase.advance(0);
            last = at;
        }
        phase
    }

    fn end(seen: &[(f64, u8)], way: usize) -> f64 {
        let advance = phase(seen).advance(0).unwrap();
        advance.reached + advance.left[way]
    }

    #[test]
    fn even_progress_ends_where_all_ways_meet() {
        let seen = [(11.0, 11), (26.0, 26), (53.0, 53), (81.0, 81)];
        for way in 0..3 {
            assert!((end(&seen, way) - 100.0).abs() < 2.0, "{way}");
        }
    }

    #[test]
    fn the_power_follows_what_speeds_up_or_slows_down() {
        // 100 (t / 100)^2
        let faster = [(20.0, 4), (36.0, 13), (50.0, 25), (70.0, 49)];
        assert!((end(&faster, 2) - 100.0).abs() < 5.0);
        assert!(end(&faster, 0) > 125.0);
        // 100 (t / 100)^0.5
        let slower = [(4.4, 21), (12.0, 34), (25.0, 50), (50.0, 71)];
        assert!((end(&slower, 2) - 100.0).abs() < 10.0);
        assert!(end(&slower, 0) < 75.0);
    }

    #[test]
    fn a_percentage_was_reached_before_it_was_seen() {
        let advance = phase(&[(30.0, 25), (60.0, 50), (90.0, 75)])
            .advance(25)
            .unwrap();
        assert!((advance.reached - 75.0).abs() < 1.0);
        let advance = phase(&[(30.0, 31), (60.0, 59), (90.0, 91)])
            .advance(1)
            .unwrap();
        assert!(advance.reached > 89.0);
    }

    #[test]
    fn a_phase_without_advance_says_nothing() {
        assert!(phase(&[]).advance(0).is_none());
        assert!(phase(&[(5.0, 0), (9.0, 0)]).advance(0).is_none());
        assert!(Phase::new(1, None, 0.0, Some(40)).advance(0).is_none());
    }

    #[test]
    fn time_offline_does_not_count() {
        let mut seen = phase(&[(11.0, 11), (20.0, 20), (41.0, 41)]);
        seen.suspend(100.0);
        let advance = seen.advance(0).unwrap();
        assert!((advance.reached + advance.left[0] - 200.0).abs() < 3.0);
    }
}
