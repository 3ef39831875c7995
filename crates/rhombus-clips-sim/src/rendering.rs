//! A realistic life, written by dice: the phases of a rendering clip, with percentages that start
//! again, stall and jump.

use crate::clip::Clip;
use crate::clock::scaled;
use crate::dice::Dice;
use crate::step::{Says, Sheet, Step};
use rhombus_clips_api::types::ClipStatus;
use serde_json::Value;
use std::borrow::Cow;
use std::time::Duration;

/// A clip that is rendered, from [`Clip::renders_in`]: it is initiated, uploaded, rendered and
/// then complete, unless told otherwise.
///
/// How the phases share the time, their percentages and stalls follow from the service's seed.
/// The operation texts of the earlier phases are invented; `Processing video` and `Complete` are
/// Rhombus's own.
#[derive(Clone, Debug, PartialEq)]
#[must_use]
pub struct Rendering {
    takes: Duration,
    ending: Ending,
    outages: Vec<Duration>,
    appears_after: Duration,
}

/// What a rendering comes to.
#[derive(Clone, Debug, PartialEq)]
enum Ending {
    Complete,
    Failed(String),
    Deleted,
}

impl Rendering {
    pub(crate) fn new(takes: Duration) -> Self {
        Self {
            takes,
            ending: Ending::Complete,
            outages: Vec::new(),
            appears_after: Duration::ZERO,
        }
    }

    /// Lets the clip fail where it would have been complete, its work unfinished.
    ///
    /// The record has no property for a reason; `reason` stands in `currentOperation`.
    pub fn then_fails(mut self, reason: impl Into<String>) -> Self {
        self.ending = Ending::Failed(reason.into());
        self
    }

    /// Lets somebody delete the clip where it would have been complete, its work unfinished.
    pub fn then_deleted(mut self) -> Self {
        self.ending = Ending::Deleted;
        self
    }

    /// Takes the camera offline for a while, at some moment of the upload. The work goes on where
    /// it stopped, and ends later by `outage` of service time. Each call is one more outage.
    pub fn goes_offline_for(mut self, outage: Duration) -> Self {
        self.outages.push(outage);
        self
    }

    /// Answers with a null record for this much service time before the work begins, as Rhombus
    /// does for a while after a clip was requested. The end is later by as much.
    pub fn appears_after(mut self, delay: Duration) -> Self {
        self.appears_after = delay;
        self
    }

    /// Like [`Clip::from_registration`].
    pub fn from_registration(self) -> Clip {
        Clip::from(self).from_registration()
    }

    /// Like [`Clip::with`].
    pub fn with(self, property: impl Into<String>, value: impl Into<Value>) -> Clip {
        Clip::from(self).with(property, value)
    }

    /// The steps of this life, as these dice have them.
    pub(crate) fn script(&self, dice: &mut Dice) -> Vec<Step> {
        // Work that does not get done is work that would have taken longer.
        let full = match self.ending {
            Ending::Complete => self.takes,
            Ending::Failed(_) | Ending::Deleted => scaled(self.takes, dice.fraction(1.1, 3.0)),
        };
        let mut steps = work(full, dice);
        steps.retain(|step| step.at < self.takes);
        steps.push(self.last_step(&steps));
        for outage in &self.outages {
            interrupt(&mut steps, *outage, dice);
        }
        delay(&mut steps, self.appears_after);
        steps
    }

    fn last_step(&self, work: &[Step]) -> Step {
        let reached = work.last().and_then(sheet).and_then(|sheet| sheet.percent);
        let status = match self.ending {
            Ending::Complete => return Step::at(self.takes, ClipStatus::Complete),
            Ending::Failed(_) => ClipStatus::Failed,
            Ending::Deleted => ClipStatus::Deleted,
        };
        let mut step = Step::at(self.takes, status).percent(reached.unwrap_or(0));
        if let Ending::Failed(reason) = &self.ending {
            step = step.operation(reason.clone());
        }
        step
    }
}

/// The steps of the work, all before `full` is over.
fn work(full: Duration, dice: &mut Dice) -> Vec<Step> {
    let mut operations = vec![
        (ClipStatus::Initiating, "Queued", dice.fraction(0.3, 1.0)),
        (
            ClipStatus::Uploading,
            "Collecting footage",
            dice.fraction(2.0, 5.0),
        ),
        (
            ClipStatus::Rendering,
            "Processing video",
            dice.fraction(4.0, 9.0),
        ),
    ];
    if dice.once_in(2) {
        operations.insert(
            2,
            (
                ClipStatus::Uploading,
                "Uploading footage",
                dice.fraction(1.0, 4.0),
            ),
        );
    }
    if dice.once_in(2) {
        operations.push((
            ClipStatus::Rendering,
            "Finishing file",
            dice.fraction(0.5, 2.0),
        ));
    }

    let whole: f64 = operations.iter().map(|(_, _, share)| share).sum();
    let mut steps = Vec::new();
    let mut begun = 0.0;
    for (status, operation, share) in operations {
        let progress = match status {
            ClipStatus::Initiating => vec![(0.0, 0)],
            _ => progress(dice),
        };
        for (fraction, percent) in progress {
            let at = scaled(full, (begun + fraction * share) / whole);
            let step = Step::at(at, status.clone()).percent(percent);
            steps.push(step.operation(Cow::Borrowed(operation)));
        }
        begun += share;
    }
    steps
}

/// The percentages of one operation, each with the fraction of the operation's time, below 1, at
/// which it shows for the first time: 0 at the start, mostly small strides, now and then a coarse
/// one, now and then a stall.
fn progress(dice: &mut Dice) -> Vec<(f64, i64)> {
    let mut marks = vec![(0.0, 0)];
    let mut percent = 0;
    let mut effort = 0.0;
    while percent < 100 {
        let stride = if dice.once_in(8) {
            dice.whole(10..31)
        } else {
            dice.whole(1..7)
        };
        percent += stride;
        let stalls = if dice.once_in(12) {
            dice.fraction(4.0, 9.0)
        } else {
            1.0
        };
        effort += stride as f64 * dice.fraction(0.5, 1.5) * stalls;
        marks.push((effort, percent.min(100)));
    }
    effort += dice.fraction(0.5, 3.0); // 100 shows for a moment before the next operation
    for (mark, _) in &mut marks {
        *mark /= effort;
    }
    marks
}

/// Puts an outage before one of the steps of the upload, or before the last step if nothing is
/// uploaded.
fn interrupt(steps: &mut Vec<Step>, outage: Duration, dice: &mut Dice) {
    let uploading = |step: &Step| sheet(step).is_some_and(|s| s.status == ClipStatus::Uploading);
    let moments: Vec<usize> = (1..steps.len()).filter(|i| uploading(&steps[*i])).collect();
    let end = i64::try_from(moments.len()).unwrap_or(i64::MAX);
    let chosen = usize::try_from(dice.whole(0..end)).unwrap_or_default();
    let last = steps.len().saturating_sub(1);
    let index = moments.get(chosen).copied().unwrap_or(last);

    let Some(resumed) = steps.get(index) else {
        return;
    };
    let before = index.checked_sub(1).and_then(|i| sheet(&steps[i]));
    let offline = Step {
        at: resumed.at,
        says: Says::Record(Sheet {
            status: ClipStatus::Offline,
            percent: before.and_then(|sheet| sheet.percent),
            operation: before.and_then(|sheet| sheet.operation.clone()),
            warning: None,
            changes: Vec::new(),
        }),
    };
    delay(&mut steps[index..], outage);
    steps.insert(index, offline);
}

fn delay(steps: &mut [Step], by: Duration) {
    for step in steps {
        step.at = step.at.saturating_add(by);
    }
}

fn sheet(step: &Step) -> Option<&Sheet> {
    match &step.says {
        Says::Record(sheet) => Some(sheet),
        Says::NoRecord | Says::Raw(_) => None,
    }
}
