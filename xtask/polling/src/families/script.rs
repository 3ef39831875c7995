//! The life of one made clip, written down operation by operation.

use rhombus_clips::ClipStatus;

use super::curve::Curve;
use crate::dice::Dice;
use crate::trace::Step;

const PROCESSING: &str = "Processing video";

/// The life of one made clip. Times are in seconds.
#[derive(Debug)]
pub(super) struct Script {
    now: f64,
    steps: Vec<(f64, Shown)>,
}

#[derive(Clone, Debug)]
struct Shown {
    status: ClipStatus,
    percent: Option<f64>,
    operation: Option<&'static str>,
}

/// An operation: the status meanwhile, and its text.
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

impl Script {
    pub(super) fn new() -> Self {
        Self {
            now: 0.0,
            steps: Vec::new(),
        }
    }

    /// Shows the same for so long.
    pub(super) fn hold(&mut self, operation: &Operation, percent: Option<f64>, seconds: f64) {
        self.show(self.now, operation, percent);
        self.now += seconds;
    }

    /// An operation that takes so long and rises from 0 percent along the curve.
    pub(super) fn rise(&mut self, operation: &Operation, curve: &Curve, seconds: f64) {
        self.show(self.now, operation, Some(0.0));
        for (time, percent) in &curve.0 {
            self.show(self.now + time * seconds, operation, Some(*percent));
        }
        self.now += seconds;
    }

    /// Goes offline at a share of the time so far, for so long, and goes on from there.
    pub(super) fn offline(&mut self, share: f64, seconds: f64) {
        let from = self.now * share;
        let split = self.steps.partition_point(|(at, _)| *at <= from);
        let Some((_, before)) = split
            .checked_sub(1)
            .and_then(|i| self.steps.get(i))
            .cloned()
        else {
            return;
        };
        for (at, _) in self.steps.iter_mut().skip(split) {
            *at += seconds;
        }
        let gone = Shown {
            status: ClipStatus::Offline,
            ..before.clone()
        };
        self.steps
            .splice(split..split, [(from, gone), (from + seconds, before)]);
        self.now += seconds;
    }

    /// The watch begins at a share of the time so far.
    pub(super) fn begin_at(&mut self, share: f64) {
        let begin = self.now * share;
        let seen = self.steps.partition_point(|(at, _)| *at <= begin);
        self.steps.drain(..seen.saturating_sub(1));
        for (at, _) in &mut self.steps {
            *at = (*at - begin).max(0.0);
        }
        self.now -= begin;
    }

    /// What came after a share of the time so far never comes.
    pub(super) fn cut_at(&mut self, share: f64) {
        self.now *= share;
        let end = self.now;
        self.steps.retain(|(at, _)| *at < end);
    }

    /// The clip is rendered.
    pub(super) fn complete(self, dice: &mut Dice) -> Vec<Step> {
        // Some are done by their operation before their status says so.
        let status = if dice.chance(0.1) {
            ClipStatus::Rendering
        } else {
            ClipStatus::Complete
        };
        let end = Operation(status, Some("Complete"));
        self.end(&end, Some(100.0), dice)
    }

    /// Ends in this state.
    pub(super) fn end(
        mut self,
        operation: &Operation,
        percent: Option<f64>,
        dice: &mut Dice,
    ) -> Vec<Step> {
        self.show(self.now, operation, percent);
        jittered(&self.steps, dice)
    }

    fn show(&mut self, at: f64, operation: &Operation, percent: Option<f64>) {
        let Operation(status, operation) = operation.clone();
        let shown = Shown {
            status,
            percent,
            operation,
        };
        self.steps.push((at, shown));
    }
}

/// In whole milliseconds, a little late each, in order, and never on a whole second but at the
/// start: a service keeps no such time, and a poll policy is not to profit from it.
fn jittered(script: &[(f64, Shown)], dice: &mut Dice) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::with_capacity(script.len());
    let nexts = script.iter().skip(1).map(|(at, _)| *at);
    let nexts = nexts.chain([f64::INFINITY]);
    for ((at, shown), next) in script.iter().zip(nexts) {
        let late = dice.between(0.0, 0.9_f64.min((next - at).max(0.0)));
        let mut at_ms = ((at + late) * 1000.0) as u64;
        if *at == 0.0 {
            at_ms = 0;
        } else if at_ms.is_multiple_of(1000) {
            at_ms += dice.whole(1..=9);
        }
        // Of states that are a few milliseconds apart, the later one counts.
        while steps.last().is_some_and(|before| before.at_ms >= at_ms) {
            steps.pop();
        }
        steps.push(Step {
            at_ms,
            status: Some(shown.status.clone()),
            percent: shown.percent.map(|percent| percent.clamp(0.0, 100.0) as u8),
            operation: shown.operation.map(str::to_owned),
        });
    }
    steps
}
