//! Builder for the steps of one synthetic clip, operation by operation, along progress curves.
//!
//! It works in exact seconds and rounds to the milliseconds of a [`Step`] only at the end. A [`Curve`]
//! is composed from a shape and modifiers; it does not know about operations or clocks.

use rhombus_clips::ClipStatus;

use crate::rng::SeededRng;
use crate::trace::Step;

const PROCESSING: &str = "Processing video";

/// Builder for the steps of one clip. Times are in seconds.
#[derive(Debug)]
pub(super) struct TraceBuilder {
    now: f64,
    steps: Vec<(f64, State)>,
}

#[derive(Clone, Debug)]
struct State {
    status: ClipStatus,
    percent: Option<f64>,
    operation: Option<&'static str>,
}

/// Operation: its status and its text.
#[derive(Clone, Debug)]
pub(super) struct Operation(pub(super) ClipStatus, pub(super) Option<&'static str>);

impl Operation {
    pub(super) fn queued() -> Self {
        Self(ClipStatus::Initiating, Some("Queued"))
    }

    pub(super) fn rendering() -> Self {
        Self(ClipStatus::Rendering, Some(PROCESSING))
    }
}

impl TraceBuilder {
    pub(super) fn new() -> Self {
        Self {
            now: 0.0,
            steps: Vec::new(),
        }
    }

    /// Adds an operation with a constant percentage.
    pub(super) fn hold(&mut self, operation: &Operation, percent: Option<f64>, seconds: f64) {
        self.push(self.now, operation, percent);
        self.now += seconds;
    }

    /// Adds an operation whose percentage rises from 0 along the curve.
    pub(super) fn rise(&mut self, operation: &Operation, curve: &Curve, seconds: f64) {
        self.push(self.now, operation, Some(0.0));
        for (time, percent) in &curve.0 {
            self.push(self.now + time * seconds, operation, Some(*percent));
        }
        self.now += seconds;
    }

    /// Inserts an offline period at a share of the duration so far.
    pub(super) fn offline(&mut self, share: f64, seconds: f64) {
        let from = self.now * share;
        let split = self.steps.partition_point(|(at, _)| *at <= from);
        let Some((_, interrupted)) = split
            .checked_sub(1)
            .and_then(|i| self.steps.get(i))
            .cloned()
        else {
            return;
        };
        for (at, _) in self.steps.iter_mut().skip(split) {
            *at += seconds;
        }
        let offline = State {
            status: ClipStatus::Offline,
            ..interrupted.clone()
        };
        self.steps.splice(
            split..split,
            [(from, offline), (from + seconds, interrupted)],
        );
        self.now += seconds;
    }

    /// Lets the watch begin at a share of the duration so far.
    pub(super) fn begin_at(&mut self, share: f64) {
        let begin = self.now * share;
        let passed = self.steps.partition_point(|(at, _)| *at <= begin);
        self.steps.drain(..passed.saturating_sub(1));
        for (at, _) in &mut self.steps {
            *at = (*at - begin).max(0.0);
        }
        self.now -= begin;
    }

    /// Removes everything after a share of the duration so far.
    pub(super) fn cut_at(&mut self, share: f64) {
        self.now *= share;
        let end = self.now;
        self.steps.retain(|(at, _)| *at < end);
    }

    /// Ends with a rendered clip.
    pub(super) fn complete(self, rng: &mut SeededRng) -> Vec<Step> {
        // Some clips are done by their operation before their status changes.
        let status = if rng.random_bool(0.1) {
            ClipStatus::Rendering
        } else {
            ClipStatus::Complete
        };
        let end = Operation(status, Some("Complete"));
        self.end(&end, Some(100.0), rng)
    }

    /// Ends with this operation and percentage.
    pub(super) fn end(
        mut self,
        operation: &Operation,
        percent: Option<f64>,
        rng: &mut SeededRng,
    ) -> Vec<Step> {
        self.push(self.now, operation, percent);
        add_jitter(&self.steps, rng)
    }

    fn push(&mut self, at: f64, operation: &Operation, percent: Option<f64>) {
        let Operation(status, operation) = operation.clone();
        let state = State {
            status,
            percent,
            operation,
        };
        self.steps.push((at, state));
    }
}

/// Delays each step by a random time, and rounds to milliseconds.
///
/// No step but the first is on a full second: a service has no such grid, and a poll policy must not
/// profit from one.
fn add_jitter(states: &[(f64, State)], rng: &mut SeededRng) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::with_capacity(states.len());
    let next_times = states.iter().skip(1).map(|(at, _)| *at);
    let next_times = next_times.chain([f64::INFINITY]);
    for ((at, state), next) in states.iter().zip(next_times) {
        let delay = rng.uniform(0.0, 0.9_f64.min((next - at).max(0.0)));
        let mut at_ms = ((at + delay) * 1000.0) as u64;
        if *at == 0.0 {
            at_ms = 0;
        } else if at_ms.is_multiple_of(1000) {
            at_ms += rng.range(1..=9);
        }
        // Of states that are a few milliseconds apart, the later one counts.
        while steps.last().is_some_and(|previous| previous.at_ms >= at_ms) {
            steps.pop();
        }
        steps.push(Step {
            at_ms,
            status: Some(state.status.clone()),
            percent: state.percent.map(|percent| percent.clamp(0.0, 100.0) as u8),
            operation: state.operation.map(str::to_owned),
        });
    }
    steps
}

/// Points of relative time (0 to 1) and percent (0 to 100), in ascending order of time.
#[derive(Clone, Debug)]
pub(super) struct Curve(pub(super) Vec<(f64, f64)>);

impl Curve {
    /// Creates a curve with one point per percent; `time` maps the completed share to relative time.
    fn from_time(time: impl Fn(f64) -> f64) -> Self {
        let percents = (1..100).map(f64::from);
        Self(percents.map(|p| (time(p / 100.0), p)).collect())
    }

    /// Linear progress.
    pub(super) fn linear() -> Self {
        Self::from_time(|done| done)
    }

    /// Progress as a power of time: decelerating below an exponent of 1, accelerating above.
    pub(super) fn power(exponent: f64) -> Self {
        Self::from_time(|done| done.powf(1.0 / exponent))
    }

    /// Progress as an exponential of time: decelerating at a negative rate, accelerating at a
    /// positive one.
    pub(super) fn exponential(rate: f64) -> Self {
        Self::from_time(|done| (done * rate.exp_m1()).ln_1p() / rate)
    }

    /// Two linear parts that meet at this share of the work and this relative time.
    pub(super) fn two_speed(knee_done: f64, knee_time: f64) -> Self {
        Self::from_time(|done| {
            if done < knee_done {
                done / knee_done * knee_time
            } else {
                knee_time + (done - knee_done) / (1.0 - knee_done) * (1.0 - knee_time)
            }
        })
    }

    /// Random jumps at random times.
    pub(super) fn jumpy(rng: &mut SeededRng) -> Self {
        let jumps = rng.range(2..=14);
        let mut sorted = |to: f64| {
            let mut values: Vec<f64> = (0..jumps).map(|_| rng.uniform(0.02, to)).collect();
            values.sort_by(f64::total_cmp);
            values
        };
        let times = sorted(0.98);
        let percents = sorted(99.0);
        Self(times.into_iter().zip(percents).collect())
    }

    /// Picks a random shape.
    pub(super) fn random(rng: &mut SeededRng) -> Self {
        match rng.range(0..=5) {
            0 | 1 => Self::linear(),
            2 => Self::power(rng.log_normal(1.0, 0.5)),
            3 => Self::two_speed(rng.uniform(0.2, 0.8), rng.uniform(0.2, 0.8)),
            4 => Self::linear().coarse(rng.choose(5.0, &[10.0, 20.0, 25.0])),
            _ => Self::jumpy(rng),
        }
    }

    /// Rounds down to multiples of `step` percent.
    #[must_use]
    pub(super) fn coarse(mut self, step: f64) -> Self {
        let mut current = 0.0;
        self.0.retain_mut(|(_, percent)| {
            let rounded = (*percent / step).floor() * step;
            let rises = rounded > current;
            *percent = rounded;
            current = rounded.max(current);
            rises
        });
        self
    }

    /// Inserts a stall at this percentage; `length` is relative to the duration without the stall.
    #[must_use]
    pub(super) fn stalled(mut self, percent: f64, length: f64) -> Self {
        let last = self.0.iter().rfind(|(_, p)| *p <= percent);
        let begin = last.map_or(0.0, |(time, _)| *time);
        for (time, _) in &mut self.0 {
            if *time > begin {
                *time += length;
            }
            *time /= 1.0 + length;
        }
        self
    }

    /// Compresses the curve to `share` of the time and holds this percentage until the end.
    #[must_use]
    pub(super) fn then_hold(mut self, percent: f64, share: f64) -> Self {
        for (time, _) in &mut self.0 {
            *time *= share;
        }
        self.0.push((share, percent));
        self
    }

    /// Samples the curve once per `period` of the time, starting at `phase`, as a service that updates
    /// its record rarely.
    #[must_use]
    pub(super) fn sampled_every(self, period: f64, phase: f64) -> Self {
        let mut points: Vec<(f64, f64)> = Vec::new();
        for (time, percent) in self.0 {
            let sampled = ((time - phase) / period).ceil().max(0.0) * period + phase;
            match points.last_mut() {
                Some(last) if last.0 == sampled => last.1 = percent,
                _ => points.push((sampled, percent)),
            }
        }
        points.retain(|(time, _)| *time < 1.0);
        Self(points)
    }

    /// Lowers the percentage by up to `max_drop` at so many random points.
    #[must_use]
    pub(super) fn with_drops(mut self, count: u64, max_drop: f64, rng: &mut SeededRng) -> Self {
        for _ in 0..count {
            let last = self.0.len().saturating_sub(1) as u64;
            let index = rng.range(0..=last) as usize;
            if let Some((_, percent)) = self.0.get_mut(index) {
                *percent = (*percent - rng.uniform(1.0, max_drop)).max(0.0);
            }
        }
        self
    }
}
