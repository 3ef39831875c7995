//! Generated timelines of rendering clips.
//!
//! A [`Rendering`] holds the few numbers that describe a timeline; its steps are generated from
//! the seed, with percentages that restart, stall and jump as a client has to expect them. The
//! shape is not known from the service: the constants below are chosen to be plausible, not
//! measured. The module must not know the time; `timeline` selects the step.

use crate::clock::saturating_scale;
use crate::rng::{SeededRng, Stream};
use crate::step::{RecordFields, Step, StepResponse};
use rhombus_clips_api::types::ClipStatus;
use std::borrow::Cow;
use std::ops::Range;
use std::time::Duration;

/// Render time that a clip which fails or stalls would have had, as a multiple of the time until then.
/// Chosen, not measured.
const UNFINISHED_DURATION_FACTOR: Range<f64> = 1.1..3.0;

/// Relative durations of the operations. Chosen, not measured: rendering dominates.
const QUEUED_WEIGHT: Range<f64> = 0.3..1.0;
const COLLECTING_WEIGHT: Range<f64> = 2.0..5.0;
const UPLOADING_WEIGHT: Range<f64> = 1.0..4.0;
const PROCESSING_WEIGHT: Range<f64> = 4.0..9.0;
const FINISHING_WEIGHT: Range<f64> = 0.5..2.0;
/// An optional operation occurs in one of this many clips. Chosen, not measured.
const OPTIONAL_OPERATION_ONE_IN: i64 = 2;

/// Increments of the percentage, in percentage points. Chosen, not measured.
const SMALL_INCREMENT: Range<i64> = 1..7;
const LARGE_INCREMENT: Range<i64> = 10..31;
/// One of this many increments is large. Chosen, not measured.
const LARGE_INCREMENT_ONE_IN: i64 = 8;
/// Time per percentage point, relative to the average. Chosen, not measured.
const TIME_PER_POINT: Range<f64> = 0.5..1.5;
/// One of this many increments stalls. Chosen, not measured.
const STALL_ONE_IN: i64 = 12;
/// Slowdown of an increment that stalls. Chosen, not measured.
const STALL_FACTOR: Range<f64> = 4.0..9.0;
/// Time for which 100 % is visible before the next operation, as a multiple of the average time per
/// percentage point.
/// Chosen, not measured.
const FULL_PERCENT_TIME: Range<f64> = 0.5..3.0;

/// Clip that is rendered, from [`Clip::renders_in`](crate::Clip::renders_in): by default it is initiated, uploaded,
/// rendered and then complete.
///
/// The durations of its phases, their percentages and stalls are generated from the service's
/// seed. The operations of the earlier phases are invented; `Processing video` and `Complete` are
/// values of the service.
#[derive(Clone, Debug, PartialEq)]
#[must_use]
pub struct Rendering {
    duration: Duration,
    result: RenderingResult,
    outages: Vec<Duration>,
    appears_after: Duration,
}

/// Final state of a rendering.
#[derive(Clone, Debug, PartialEq)]
enum RenderingResult {
    Complete,
    Failed { reason: String },
    Deleted,
}

impl Rendering {
    pub(crate) fn new(duration: Duration) -> Self {
        Self {
            duration,
            result: RenderingResult::Complete,
            outages: Vec::new(),
            appears_after: Duration::ZERO,
        }
    }

    /// Makes the clip fail at the time at which it would have been complete.
    ///
    /// The record has no property for a reason; `currentOperation` contains it.
    pub fn then_fails(mut self, reason: impl Into<String>) -> Self {
        self.result = RenderingResult::Failed {
            reason: reason.into(),
        };
        self
    }

    /// Makes the clip be deleted at the time at which it would have been complete.
    pub fn then_deleted(mut self) -> Self {
        self.result = RenderingResult::Deleted;
        self
    }

    /// Takes the camera offline for this much service time, at a generated time of the upload. The
    /// work then resumes, and ends later by `outage`. Each call adds an outage.
    pub fn goes_offline_for(mut self, outage: Duration) -> Self {
        self.outages.push(outage);
        self
    }

    /// Responds with a null record for this much service time before the work starts, as Rhombus
    /// does for some time after a clip was requested. The end is delayed by as much.
    pub fn appears_after(mut self, delay: Duration) -> Self {
        self.appears_after = delay;
        self
    }

    /// Returns the steps that a service with this seed generates for its first clip, to test with
    /// without a service.
    ///
    /// ```
    /// use rhombus_clips_sim::{Clip, ClipStatus};
    /// use std::time::Duration;
    ///
    /// let steps = Clip::renders_in(Duration::from_secs(60)).timeline(7);
    /// let end = steps.last().expect("there is always an end");
    /// assert_eq!((end.offset(), end.status()), (Duration::from_secs(60), Some(&ClipStatus::Complete)));
    /// assert!(steps.iter().any(|step| step.operation_text() == Some("Processing video")));
    /// assert!(steps.iter().all(|step| step.percent_complete().is_some()));
    /// ```
    pub fn timeline(&self, seed: u64) -> Vec<Step> {
        self.generate_steps(&mut SeededRng::new(seed, Stream::Timeline, 0))
    }

    /// Returns the rendering after it was requested again: it ends well, without delays.
    pub(crate) fn retried(self) -> Self {
        Self::new(self.duration)
    }

    /// Generates the steps of the timeline.
    pub(crate) fn generate_steps(&self, rng: &mut SeededRng) -> Vec<Step> {
        // A clip that fails or is deleted stops in the middle of work that would have lasted
        // longer.
        let full_duration = match self.result {
            RenderingResult::Complete => self.duration,
            RenderingResult::Failed { .. } | RenderingResult::Deleted => {
                saturating_scale(self.duration, rng.uniform(UNFINISHED_DURATION_FACTOR))
            }
        };
        let mut steps = generate_work(full_duration, rng);
        steps.retain(|step| step.offset < self.duration);
        steps.push(self.final_step(&steps));
        for outage in &self.outages {
            insert_outage(&mut steps, *outage, rng);
        }
        shift(&mut steps, self.appears_after);
        steps
    }

    fn final_step(&self, work: &[Step]) -> Step {
        let last_fields = work.last().and_then(Step::record_fields);
        let percent = last_fields.and_then(|fields| fields.percent);
        let status = match self.result {
            RenderingResult::Complete => return Step::at(self.duration, ClipStatus::Complete),
            RenderingResult::Failed { .. } => ClipStatus::Failed,
            RenderingResult::Deleted => ClipStatus::Deleted,
        };
        let mut step = Step::at(self.duration, status).percent(percent.unwrap_or(0));
        if let RenderingResult::Failed { reason } = &self.result {
            step = step.operation(reason.clone());
        }
        step
    }
}

/// Generates the steps until the end of the work, all of them before `full_duration`.
fn generate_work(full_duration: Duration, rng: &mut SeededRng) -> Vec<Step> {
    let mut operations = vec![
        (ClipStatus::Initiating, "Queued", rng.uniform(QUEUED_WEIGHT)),
        (
            ClipStatus::Uploading,
            "Collecting footage",
            rng.uniform(COLLECTING_WEIGHT),
        ),
        (
            ClipStatus::Rendering,
            "Processing video",
            rng.uniform(PROCESSING_WEIGHT),
        ),
    ];
    if rng.one_in(OPTIONAL_OPERATION_ONE_IN) {
        operations.insert(
            2,
            (
                ClipStatus::Uploading,
                "Uploading footage",
                rng.uniform(UPLOADING_WEIGHT),
            ),
        );
    }
    if rng.one_in(OPTIONAL_OPERATION_ONE_IN) {
        operations.push((
            ClipStatus::Rendering,
            "Finishing file",
            rng.uniform(FINISHING_WEIGHT),
        ));
    }

    let total_weight: f64 = operations.iter().map(|(_, _, weight)| weight).sum();
    let mut steps = Vec::new();
    let mut elapsed_weight = 0.0;
    for (status, operation, weight) in operations {
        let progress = match status {
            ClipStatus::Initiating => vec![(0.0, 0)],
            _ => generate_progress(rng),
        };
        for (fraction, percent) in progress {
            let position = (elapsed_weight + fraction * weight) / total_weight;
            let offset = saturating_scale(full_duration, position);
            let step = Step::at(offset, status.clone()).percent(percent);
            steps.push(step.operation(Cow::Borrowed(operation)));
        }
        elapsed_weight += weight;
    }
    steps
}

/// Generates the percentages of one operation, from 0 to 100, each with the fraction of the
/// operation's duration, below 1, at which it is first visible.
fn generate_progress(rng: &mut SeededRng) -> Vec<(f64, i64)> {
    let mut progress = vec![(0.0, 0)];
    let mut percent = 0;
    let mut elapsed = 0.0;
    while percent < 100 {
        let increment = if rng.one_in(LARGE_INCREMENT_ONE_IN) {
            rng.range(LARGE_INCREMENT)
        } else {
            rng.range(SMALL_INCREMENT)
        };
        percent += increment;
        let slowdown = if rng.one_in(STALL_ONE_IN) {
            rng.uniform(STALL_FACTOR)
        } else {
            1.0
        };
        elapsed += increment as f64 * rng.uniform(TIME_PER_POINT) * slowdown;
        progress.push((elapsed, percent.min(100)));
    }
    elapsed += rng.uniform(FULL_PERCENT_TIME);
    for (time, _) in &mut progress {
        *time /= elapsed;
    }
    progress
}

/// Inserts an outage before one of the steps of the upload, or before the last step if there is no
/// upload.
fn insert_outage(steps: &mut Vec<Step>, outage: Duration, rng: &mut SeededRng) {
    let is_upload = |index: &usize| {
        let fields = steps[*index].record_fields();
        fields.is_some_and(|fields| fields.status == ClipStatus::Uploading)
    };
    let candidates: Vec<usize> = (1..steps.len()).filter(is_upload).collect();
    let end = i64::try_from(candidates.len()).unwrap_or(i64::MAX);
    let chosen = usize::try_from(rng.range(0..end)).unwrap_or_default();
    let last = steps.len().saturating_sub(1);
    let index = candidates.get(chosen).copied().unwrap_or(last);

    let Some(resumed) = steps.get(index) else {
        return;
    };
    let before = index
        .checked_sub(1)
        .and_then(|index| steps[index].record_fields());
    let offline = Step {
        offset: resumed.offset,
        response: StepResponse::Record(RecordFields {
            status: ClipStatus::Offline,
            percent: before.and_then(|fields| fields.percent),
            operation: before.and_then(|fields| fields.operation.clone()),
            warning: None,
            changes: Vec::new(),
        }),
    };
    shift(&mut steps[index..], outage);
    steps.insert(index, offline);
}

/// Delays steps.
fn shift(steps: &mut [Step], delay: Duration) {
    for step in steps {
        step.offset = step.offset.saturating_add(delay);
    }
}
