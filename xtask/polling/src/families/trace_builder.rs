//! Builder for the steps of one synthetic clip, operation by operation.
//!
//! It works in exact seconds and rounds to the milliseconds of a [`Step`] only at the end.

use rhombus_clips::ClipStatus;

use super::curve::Curve;
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
