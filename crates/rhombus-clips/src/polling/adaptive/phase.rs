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
use super::terms::{Term, Terms};

/// Position, in the interval between two polls, at which a percentage is assumed to have been
/// reached: its middle, the mean of a uniform distribution.
const CHANGE_POSITION: f64 = 0.5;

/// Number of rises from which on the percent step of the phase itself is used: one percentage is its
/// own divisor and says nothing about a step.
const MIN_RISES_FOR_STEP: u8 = 2;

/// Number of rises before the last that are stored, as possible starts of the recent part; bounds the memory.
/// More make no difference.
const EARLIER_RISES: usize = 2;
/// The recent part of a phase: its rise, as a share of what remains or of what is done, whichever is less.
const RECENT_PART: f32 = 0.5;
/// Weight of the speed of the recent part, against that of the whole. Measured with `cargo xtask polling`: 0.4 to 0.8
/// differ by less than a percent.
const RECENT_SPEED_WEIGHT: f64 = 0.7;

/// Numerical bound that keeps rates finite.
const MIN_SECONDS: f64 = 0.05;

/// Percentage, and when a poll saw it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Point {
    at: f32,
    percent: f32,
}

/// Rise to a percentage, between two polls.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Rise {
    percent: f32,
    /// Last poll that saw the percentage before, and first poll that saw this one.
    between: (f32, f32),
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
    /// To the current percentage.
    last_rise: Rise,
    /// The rises before the last that polls saw.
    #[serde(default)]
    earlier_rises: RecentValues<Rise, EARLIER_RISES>,
    /// Number of times that the percentage was seen to rise.
    rises: u8,
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
    /// Seconds from there to the end of the phase.
    pub(super) remaining: f64,
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
            last_rise: Rise {
                percent: first.percent,
                between: (previous_poll_at.unwrap_or(first.at), first.at),
            },
            earlier_rises: RecentValues::default(),
            rises: 0,
            longest_plateau: 0.0,
            step: 0,
        };
        phase.update_step(first.percent);
        phase
    }

    /// Returns whether a watch can have observed this phase; a checkpoint may hold any numbers.
    pub(super) fn is_plausible(&self) -> bool {
        let times = [self.first.at, self.longest_plateau];
        let earlier = self.earlier_rises.as_slice();
        let mut rises = earlier.iter().chain([&self.last_rise]);
        is_percent(self.first.percent)
            && (self.rises == 0 || self.first.percent < self.percent())
            && self.step <= 100
            && rises.all(Rise::is_plausible)
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
        let plateau = previous_poll as f32 - self.last_rise.between.1;
        self.longest_plateau = self.longest_plateau.max(plateau);
        if self.has_advanced() {
            self.earlier_rises.push(self.last_rise);
        }
        self.last_rise = Rise {
            percent,
            between: (previous_poll as f32, now as f32),
        };
        self.rises = self.rises.saturating_add(1);
    }

    fn update_step(&mut self, percent: f32) {
        if percent > 0.0 && percent < 100.0 {
            self.step = gcd(self.step, percent as u8);
        }
    }

    /// Excludes seconds during which the phase was suspended, by shifting all its times.
    pub(super) fn exclude(&mut self, seconds: f64) {
        let seconds = seconds as f32;
        self.first.at += seconds;
        self.previous_poll_at = self.previous_poll_at.map(|at| at + seconds);
        let earlier = self.earlier_rises.as_mut_slice();
        for rise in earlier.iter_mut().chain([&mut self.last_rise]) {
            rise.between.0 += seconds;
            rise.between.1 += seconds;
        }
    }

    /// Returns the highest percentage so far.
    pub(super) fn percent(&self) -> f32 {
        self.last_rise.percent
    }

    /// Returns the middle of the interval in which the current percentage was reached.
    pub(super) fn reached_at(&self) -> f64 {
        let (after, by) = self.last_rise.between;
        f64::from((after + by) / 2.0)
    }

    /// Returns whether the percentage was seen to rise.
    pub(super) fn has_advanced(&self) -> bool {
        self.rises > 0
    }

    /// Returns whether a percentage above 0 tells the speed of the phase.
    pub(super) fn has_speed(&self) -> bool {
        self.has_advanced() || self.previous_poll_at.is_some() && self.percent() > 0.0
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
            0 if self.rises >= MIN_RISES_FOR_STEP => self.step,
            0 => 1,
            known => gcd(known, self.step),
        };
        (f64::from(step.max(1)) / rate).max(self.longest_plateau.into())
    }

    /// Extrapolates the end of the phase; returns `None` at 0 and at 100 percent, and before the
    /// percentage has risen if the start of the phase is unknown.
    ///
    /// The speed is between that of the whole phase and that of its recent part.
    pub(super) fn extrapolate(&self, known_step: u8, terms: Terms) -> Option<Extrapolation> {
        let percent = self.percent();
        if !self.has_speed() || percent >= 100.0 {
            return None;
        }
        let start = match self.previous_poll_at {
            None if self.first.percent > 0.0 => self.first,
            _ => Point {
                at: self.entered_at() as f32,
                percent: 0.0,
            },
        };
        let seconds_until = |rise: &Rise| self.seconds_until(rise, start, known_step, terms);
        let seconds = seconds_until(&self.last_rise);
        let start_at = f64::from(start.at).min(f64::from(self.last_rise.between.1) - MIN_SECONDS);
        let remaining_percent = 100.0 - percent;
        let whole = seconds * f64::from(remaining_percent / (percent - start.percent));
        let recent = self
            .recent_start()
            .filter(|_| terms.has(Term::RecentSpeed))
            .map(|rise| (seconds - seconds_until(rise), percent - rise.percent))
            .filter(|(passed, _)| *passed > MIN_SECONDS);
        let remaining = match recent {
            Some((passed, risen)) => {
                let recent = passed * f64::from(remaining_percent / risen);
                whole * (recent / whole).powf(RECENT_SPEED_WEIGHT)
            }
            None => whole,
        };
        Some(Extrapolation {
            reached_at: start_at + seconds,
            remaining,
        })
    }

    /// Returns the rise with which the recent part starts.
    fn recent_start(&self) -> Option<&Rise> {
        let percent = self.percent();
        let part = RECENT_PART * percent.min(100.0 - percent);
        let mut newest_first = self.earlier_rises.as_slice().iter().rev();
        newest_first.find(|rise| percent - rise.percent >= part)
    }

    /// Returns the seconds from the start to a rise.
    ///
    /// A percentage was reached after the last poll that saw the previous one, and not longer before the
    /// first poll that saw it than a plateau lasts.
    fn seconds_until(&self, rise: &Rise, start: Point, known_step: u8, terms: Terms) -> f64 {
        let (after, by) = (f64::from(rise.between.0), f64::from(rise.between.1));
        let seconds = (by - f64::from(start.at)).max(MIN_SECONDS);
        let uncertainty = match terms.has(Term::Plateau) {
            true => {
                let rate = f64::from(rise.percent - start.percent) / seconds;
                (by - after).min(self.expected_plateau(known_step, rate))
            }
            false => 0.0,
        };
        (seconds - CHANGE_POSITION * uncertainty).max(MIN_SECONDS)
    }
}

impl Rise {
    fn is_plausible(&self) -> bool {
        let (after, by) = self.between;
        is_percent(self.percent) && is_plausible_time(after) && is_plausible_time(by)
    }
}

fn is_percent(number: f32) -> bool {
    (0.0..=100.0).contains(&number)
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
            previous_poll = now;
        }
        phase
    }

    #[test]
    fn linear_progress_is_extrapolated_to_its_end() {
        let phase = phase(&[(11.0, 11), (26.0, 26), (53.0, 53), (81.0, 81)]);
        let extrapolation = phase.extrapolate(0, Terms::ALL).unwrap();
        let end = extrapolation.reached_at + extrapolation.remaining;
        assert!((end - 100.0).abs() < 2.0, "{end}");
    }

    #[test]
    fn progress_that_slows_down_or_speeds_up_is_extrapolated() {
        for exponent in [0.6, 2.0] {
            let percent = |now: f64| (100.0 * (now / 100.0).powf(1.0 / exponent)) as u8;
            let times = [5.0, 9.0, 14.0, 20.0, 28.0, 38.0, 50.0];
            let phase = phase(&times.map(|now| (now, percent(now))));
            let error = |terms| {
                let end = phase.extrapolate(0, terms).unwrap();
                (end.reached_at + end.remaining - 100.0).abs()
            };
            let (recent, whole) = (
                error(Terms::ALL),
                error(Terms::ALL.without(Term::RecentSpeed)),
            );
            assert!(recent < 0.7 * whole, "{exponent}: {recent} {whole}");
        }
    }

    #[test]
    fn a_percentage_is_reached_before_the_poll_that_observes_it() {
        let extrapolation = phase(&[(30.0, 25), (60.0, 50), (90.0, 75)])
            .extrapolate(25, Terms::ALL)
            .unwrap();
        assert!((extrapolation.reached_at - 75.0).abs() < 1.0);
        let extrapolation = phase(&[(30.0, 31), (60.0, 59), (90.0, 91)])
            .extrapolate(1, Terms::ALL)
            .unwrap();
        assert!(extrapolation.reached_at > 89.0);
    }

    #[test]
    fn a_phase_without_progress_is_not_extrapolated() {
        assert!(phase(&[]).extrapolate(0, Terms::ALL).is_none());
        assert!(
            phase(&[(5.0, 0), (9.0, 0)])
                .extrapolate(0, Terms::ALL)
                .is_none()
        );
        assert!(
            Phase::new(1, None, 0.0, Some(40))
                .extrapolate(0, Terms::ALL)
                .is_none()
        );
    }

    #[test]
    fn suspended_time_is_excluded() {
        let mut phase = phase(&[(11.0, 11), (20.0, 20), (41.0, 41)]);
        phase.exclude(100.0);
        let extrapolation = phase.extrapolate(0, Terms::ALL).unwrap();
        let end = extrapolation.reached_at + extrapolation.remaining;
        assert!((end - 200.0).abs() < 3.0);
    }
}
