//! Clips as a test defines them, and their timelines.
//!
//! A [`Clip`] is a timeline with its start condition and changed properties, before it is
//! registered: it has no UUID, and it knows neither service nor seed. A [`Timeline`] maps the age of a
//! clip, or the number of its requests, to a step. It is a pure function, so that it can be tested
//! without clock, service and network.

use crate::rendering::Rendering;
use crate::rng::SeededRng;
use crate::step::{PropertyChange, Step};
use serde_json::Value;
use std::time::Duration;

/// Clip to be registered with [`Service::add`](crate::Service::add) or
/// [`Service::with_clip`](crate::Service::with_clip).
///
/// A timeline in service time starts with the first request for the clip, so that the client
/// observes all of it, or at registration with [`Clip::from_registration`].
#[derive(Clone, Debug, PartialEq)]
#[must_use]
pub struct Clip {
    pub(crate) timeline: Timeline,
    pub(crate) starts_at: StartsAt,
    pub(crate) changes: Vec<PropertyChange>,
    /// Length of the file in bytes, if it is given.
    pub(crate) file_size: Option<u64>,
}

/// Start of a clip's timeline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum StartsAt {
    FirstRequest,
    Registration,
}

impl Clip {
    /// Creates a clip with a realistic timeline, generated from the service's seed, that is
    /// complete after exactly `duration` of service time. Render times of the service are
    /// undocumented; expect seconds to tens of minutes.
    ///
    /// ```
    /// # use rhombus_clips_sim::Clip;
    /// # use std::time::Duration;
    /// let render_time = Duration::from_secs(30);
    /// let complete = Clip::renders_in(render_time);
    /// let delayed = Clip::renders_in(render_time).appears_after(Duration::from_secs(4));
    /// let interrupted = Clip::renders_in(render_time).goes_offline_for(Duration::from_secs(600));
    /// let failed = Clip::renders_in(render_time).then_fails("Camera gave no footage");
    /// ```
    pub fn renders_in(duration: Duration) -> Rendering {
        Rendering::new(duration)
    }

    /// Creates a clip whose steps are selected by service time: each step lasts until the offset
    /// of the next one, the last one indefinitely. Before the first step the record is null. Steps
    /// may be given in any order; of two with the same offset, the one given later is used.
    pub fn scripted(steps: impl IntoIterator<Item = Step>) -> Self {
        Self::with_timeline(Timeline::by_time(steps.into_iter().collect()))
    }

    /// Creates a clip whose steps are selected by request: the n-th request for the clip receives
    /// the n-th step, and the last step repeats indefinitely. Time has no effect. Without any step
    /// the record is always null.
    pub fn by_request(steps: impl IntoIterator<Item = Step>) -> Self {
        Self::with_timeline(Timeline::ByRequest(steps.into_iter().collect()))
    }

    fn with_timeline(timeline: Timeline) -> Self {
        Self {
            timeline,
            starts_at: StartsAt::FirstRequest,
            changes: Vec::new(),
            file_size: None,
        }
    }

    /// Starts the clip's timeline when it is registered, not with the first request.
    pub fn from_registration(mut self) -> Self {
        self.starts_at = StartsAt::Registration;
        self
    }

    /// Sets the length of the clip's file in bytes. By default it is 8 to 64 KiB, by the seed.
    ///
    /// The hash in the record is that of the file, so a record of a large one takes a moment.
    ///
    /// ```
    /// use rhombus_clips_sim::prelude::*;
    ///
    /// let large = clip().renders_in(30.s()).file_size(10_000_000);
    /// ```
    pub fn file_size(mut self, bytes: u64) -> Self {
        self.file_size = Some(bytes);
        self
    }

    /// Sets a property to a JSON value in all of the clip's records. [`Step::with`] takes
    /// precedence.
    pub fn with(mut self, property: impl Into<String>, value: impl Into<Value>) -> Self {
        self.changes.push(PropertyChange::set(property, value));
        self
    }
}

impl Rendering {
    /// Starts the timeline at registration, see [`Clip::from_registration`].
    pub fn from_registration(self) -> Clip {
        Clip::from(self).from_registration()
    }

    /// Sets the length of the file, see [`Clip::file_size`].
    pub fn file_size(self, bytes: u64) -> Clip {
        Clip::from(self).file_size(bytes)
    }

    /// Sets a property of all records, see [`Clip::with`].
    pub fn with(self, property: impl Into<String>, value: impl Into<Value>) -> Clip {
        Clip::from(self).with(property, value)
    }
}

impl From<Rendering> for Clip {
    fn from(rendering: Rendering) -> Self {
        Self::with_timeline(Timeline::Rendering(rendering))
    }
}

/// Timeline of a clip.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Timeline {
    /// Generated steps, selected by time. They are generated again for each request, which takes
    /// microseconds, so that a large number of clips need only the memory for their parameters.
    Rendering(Rendering),
    /// Given steps in the order of their offsets, selected by time.
    ByTime(Vec<Step>),
    /// One step for each request.
    ByRequest(Vec<Step>),
}

impl Timeline {
    pub(crate) fn by_time(mut steps: Vec<Step>) -> Self {
        steps.sort_by_key(|step| step.offset);
        Self::ByTime(steps)
    }

    /// Returns the step at `age`, the service time since the start of the timeline, for the
    /// request with this zero-based index; `None` while the clip has no record. `rng` must be the
    /// clip's timeline stream, at its start.
    pub(crate) fn step(
        &self,
        age: Duration,
        request_index: u64,
        mut rng: SeededRng,
    ) -> Option<Step> {
        match self {
            Self::Rendering(rendering) => {
                step_at(&rendering.generate_steps(&mut rng), age).cloned()
            }
            Self::ByTime(steps) => step_at(steps, age).cloned(),
            Self::ByRequest(steps) => {
                let index = usize::try_from(request_index).unwrap_or(usize::MAX);
                steps.get(index).or(steps.last()).cloned()
            }
        }
    }
}

/// Returns the last of these ordered steps that has started at `age`.
fn step_at(steps: &[Step], age: Duration) -> Option<&Step> {
    let started = steps.partition_point(|step| step.offset <= age);
    steps.get(started.checked_sub(1)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clip::Clip;
    use crate::rng::Stream;
    use crate::step::RecordFields;
    use rhombus_clips_api::types::ClipStatus;

    const RENDER_TIME: Duration = Duration::from_secs(30);
    const NANOSECOND: Duration = Duration::from_nanos(1);

    fn rng(seed: u64) -> SeededRng {
        SeededRng::new(seed, Stream::Timeline, 0)
    }

    fn generate_steps(rendering: &Rendering, seed: u64) -> Vec<Step> {
        rendering.generate_steps(&mut rng(seed))
    }

    fn fields(step: &Step) -> &RecordFields {
        let fields = step.record_fields();
        fields.unwrap_or_else(|| panic!("step without a record: {step:?}"))
    }

    fn status_at(clip: impl Into<Clip>, seed: u64, age: Duration) -> Option<ClipStatus> {
        let step = clip.into().timeline.step(age, 0, rng(seed))?;
        Some(fields(&step).status.clone())
    }

    #[test]
    fn steps_are_determined_by_the_seed() {
        let rendering = Clip::renders_in(RENDER_TIME);
        assert_eq!(generate_steps(&rendering, 1), generate_steps(&rendering, 1));
        assert_ne!(generate_steps(&rendering, 1), generate_steps(&rendering, 2));
    }

    #[test]
    fn phases_are_ordered_and_the_percentage_restarts_with_each_operation() {
        let order = [
            ClipStatus::Initiating,
            ClipStatus::Uploading,
            ClipStatus::Rendering,
            ClipStatus::Complete,
        ];
        let phase = |step: &Step| {
            order
                .iter()
                .position(|status| *status == fields(step).status)
                .unwrap()
        };
        for seed in 0..200 {
            let steps = generate_steps(&Clip::renders_in(RENDER_TIME), seed);
            assert_eq!((phase(&steps[0]), fields(&steps[0]).percent), (0, Some(0)));
            for pair in steps.windows(2) {
                let [before, after] = [&pair[0], &pair[1]];
                assert!(before.offset <= after.offset, "seed {seed}");
                assert!(phase(before) <= phase(after), "seed {seed}");
                let percents = (fields(before).percent, fields(after).percent);
                if fields(before).operation == fields(after).operation {
                    assert!(percents.0 < percents.1, "seed {seed}: {percents:?}");
                } else {
                    let expected = Some(if phase(after) == 3 { 100 } else { 0 });
                    assert_eq!(percents.1, expected, "seed {seed}");
                }
            }
        }
    }

    #[test]
    fn generated_steps_contain_large_increments_and_stalls() {
        let (mut large, mut stalled) = (0, 0);
        for seed in 0..50 {
            for pair in generate_steps(&Clip::renders_in(RENDER_TIME), seed).windows(2) {
                let (before, after) = (fields(&pair[0]).percent, fields(&pair[1]).percent);
                large += usize::from(after >= before.map(|percent| percent + 10));
                stalled += usize::from(pair[1].offset - pair[0].offset > RENDER_TIME / 10);
            }
        }
        assert!(
            large > 50 && stalled > 50,
            "{large} large increments, {stalled} stalls"
        );
    }

    #[test]
    fn ends_exactly_after_the_given_duration() {
        for seed in 0..100 {
            let outcomes = [
                (Clip::renders_in(RENDER_TIME), ClipStatus::Complete),
                (
                    Clip::renders_in(RENDER_TIME).then_fails("no footage"),
                    ClipStatus::Failed,
                ),
                (
                    Clip::renders_in(RENDER_TIME).then_deleted(),
                    ClipStatus::Deleted,
                ),
            ];
            for (clip, expected) in outcomes {
                let just_before = status_at(clip.clone(), seed, RENDER_TIME - NANOSECOND).unwrap();
                assert!(
                    just_before == ClipStatus::Uploading || just_before == ClipStatus::Rendering
                );
                for age in [RENDER_TIME, RENDER_TIME * 2, Duration::MAX] {
                    assert_eq!(status_at(clip.clone(), seed, age), Some(expected.clone()));
                }
            }
        }
    }

    #[test]
    fn failure_keeps_the_percentage_and_reports_its_reason() {
        for seed in 0..100 {
            let steps = generate_steps(
                &Clip::renders_in(RENDER_TIME).then_fails("no footage"),
                seed,
            );
            let [.., before, failed] = steps.as_slice() else {
                panic!("fewer than two steps");
            };
            assert_eq!(fields(failed).operation.as_deref(), Some("no footage"));
            assert_eq!(fields(failed).percent, fields(before).percent);
        }
    }

    #[test]
    fn outage_interrupts_the_upload_and_delays_the_end() {
        let outage = Duration::from_secs(600);
        for seed in 0..100 {
            let steps = generate_steps(
                &Clip::renders_in(RENDER_TIME).goes_offline_for(outage),
                seed,
            );
            let is_offline = |step: &Step| fields(step).status == ClipStatus::Offline;
            let index = steps.iter().position(is_offline).unwrap();
            let [before, outage_start, outage_end] =
                [&steps[index - 1], &steps[index], &steps[index + 1]];
            assert_eq!(fields(outage_start).percent, fields(before).percent);
            assert_eq!(fields(outage_end).status, ClipStatus::Uploading);
            assert_eq!(outage_end.offset - outage_start.offset, outage);
            assert_eq!(steps.iter().filter(|step| is_offline(step)).count(), 1);
            assert_eq!(steps.last().unwrap().offset, RENDER_TIME + outage);
        }
    }

    #[test]
    fn has_no_record_before_it_appears() {
        let delay = Duration::from_secs(4);
        let clip = Clip::renders_in(RENDER_TIME).appears_after(delay);
        assert_eq!(status_at(clip.clone(), 0, delay - NANOSECOND), None);
        assert_eq!(
            status_at(clip.clone(), 0, delay),
            Some(ClipStatus::Initiating)
        );
        assert_eq!(
            status_at(clip, 0, delay + RENDER_TIME),
            Some(ClipStatus::Complete)
        );
    }

    #[test]
    fn extreme_durations_do_not_overflow() {
        for duration in [Duration::ZERO, NANOSECOND, Duration::MAX] {
            let clip = Clip::renders_in(duration)
                .goes_offline_for(duration)
                .appears_after(duration);
            for age in [Duration::ZERO, NANOSECOND * 2, Duration::MAX] {
                status_at(clip.clone(), 0, age);
                status_at(
                    clip.clone().then_fails("").goes_offline_for(duration),
                    0,
                    age,
                );
            }
        }
        let immediate = Clip::renders_in(Duration::ZERO);
        assert_eq!(
            status_at(immediate, 0, Duration::ZERO),
            Some(ClipStatus::Complete)
        );
    }

    #[test]
    fn scripted_steps_last_until_the_next_one() {
        let at = |secs, status| Step::at(Duration::from_secs(secs), status);
        let clip = Clip::scripted([
            at(9, ClipStatus::Complete),
            at(2, ClipStatus::Initiating),
            at(5, ClipStatus::Uploading),
            at(5, ClipStatus::Rendering),
        ]);
        let status = |secs| status_at(clip.clone(), 0, Duration::from_secs(secs));
        assert_eq!(status(1), None);
        assert_eq!(status(2), Some(ClipStatus::Initiating));
        assert_eq!(status(8), Some(ClipStatus::Rendering));
        assert_eq!(status(99), Some(ClipStatus::Complete));
        assert_eq!(status_at(Clip::scripted([]), 0, Duration::MAX), None);
    }

    #[test]
    fn by_request_uses_one_step_per_request_and_repeats_the_last() {
        let steps = [Step::null(), Step::new(ClipStatus::Rendering)];
        let clip = Clip::by_request(steps.clone());
        let step = |index| clip.timeline.step(Duration::MAX, index, rng(0)).unwrap();
        assert_eq!([step(0), step(1)], steps);
        assert_eq!(step(u64::MAX), steps[1]);
        assert_eq!(
            Clip::by_request([])
                .timeline
                .step(Duration::ZERO, 0, rng(0)),
            None
        );
    }
}
