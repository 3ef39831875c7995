//! A clip's life: a pure function from its age, or the count of its requests, to a step.

use crate::dice::Dice;
use crate::rendering::Rendering;
use crate::step::Step;
use std::time::Duration;

/// How a clip's answers go on.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Life {
    /// By time, written by dice. The script is thrown anew for each answer: it takes microseconds,
    /// and a hundred thousand clips then cost a hundred thousand seeds, not as many scripts.
    Rendering(Rendering),
    /// By time, the steps in order.
    ByTime(Vec<Step>),
    /// One step for each request.
    ByRequest(Vec<Step>),
}

impl Life {
    pub(crate) fn by_time(mut steps: Vec<Step>) -> Self {
        steps.sort_by_key(|step| step.at);
        Self::ByTime(steps)
    }

    /// The step at `age`, service time since the life began, for a clip that has answered
    /// `answered` requests before. `dice` are always the clip's own, from their start. `None` is
    /// a clip without a record.
    pub(crate) fn step(&self, age: Duration, answered: u64, mut dice: Dice) -> Option<Step> {
        match self {
            Self::Rendering(rendering) => holding(&rendering.script(&mut dice), age).cloned(),
            Self::ByTime(steps) => holding(steps, age).cloned(),
            Self::ByRequest(steps) => {
                let index = usize::try_from(answered).unwrap_or(usize::MAX);
                steps.get(index).or(steps.last()).cloned()
            }
        }
    }
}

/// The last of these ordered steps that has begun at `age`.
fn holding(steps: &[Step], age: Duration) -> Option<&Step> {
    let begun = steps.partition_point(|step| step.at <= age);
    steps.get(begun.checked_sub(1)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clip::Clip;
    use crate::dice::Purpose;
    use crate::step::{Says, Sheet};
    use rhombus_clips_api::types::ClipStatus;

    const TAKES: Duration = Duration::from_secs(30);
    const INSTANT: Duration = Duration::from_nanos(1);

    fn dice(seed: u64) -> Dice {
        Dice::new(seed, Purpose::Life, 0)
    }

    fn script(rendering: &Rendering, seed: u64) -> Vec<Step> {
        rendering.script(&mut dice(seed))
    }

    fn sheet(step: &Step) -> &Sheet {
        match &step.says {
            Says::Record(sheet) => sheet,
            other => panic!("no record: {other:?}"),
        }
    }

    fn status_at(clip: impl Into<Clip>, seed: u64, age: Duration) -> Option<ClipStatus> {
        let step = clip.into().life.step(age, 0, dice(seed))?;
        Some(sheet(&step).status.clone())
    }

    #[test]
    fn the_same_seed_gives_the_same_life_and_another_seed_another() {
        let rendering = Clip::renders_in(TAKES);
        assert_eq!(script(&rendering, 1), script(&rendering, 1));
        assert_ne!(script(&rendering, 1), script(&rendering, 2));
    }

    #[test]
    fn phases_come_in_order_and_the_percentage_starts_again_with_each_operation() {
        let order = [
            ClipStatus::Initiating,
            ClipStatus::Uploading,
            ClipStatus::Rendering,
            ClipStatus::Complete,
        ];
        let place = |step: &Step| order.iter().position(|s| *s == sheet(step).status).unwrap();
        for seed in 0..200 {
            let steps = script(&Clip::renders_in(TAKES), seed);
            assert_eq!((place(&steps[0]), sheet(&steps[0]).percent), (0, Some(0)));
            for pair in steps.windows(2) {
                let [before, after] = [&pair[0], &pair[1]];
                assert!(before.at <= after.at, "seed {seed}");
                assert!(place(before) <= place(after), "seed {seed}");
                let percents = (sheet(before).percent, sheet(after).percent);
                if sheet(before).operation == sheet(after).operation {
                    assert!(percents.0 < percents.1, "seed {seed}: {percents:?}");
                } else {
                    let restarted = Some(if place(after) == 3 { 100 } else { 0 });
                    assert_eq!(percents.1, restarted, "seed {seed}");
                }
            }
        }
    }

    #[test]
    fn lives_have_coarse_steps_and_stalls() {
        let (mut coarse, mut stalled) = (0, 0);
        for seed in 0..50 {
            for pair in script(&Clip::renders_in(TAKES), seed).windows(2) {
                let (before, after) = (sheet(&pair[0]).percent, sheet(&pair[1]).percent);
                coarse += usize::from(after >= before.map(|percent| percent + 10));
                stalled += usize::from(pair[1].at - pair[0].at > TAKES / 10);
            }
        }
        assert!(
            coarse > 50 && stalled > 50,
            "{coarse} coarse, {stalled} stalled"
        );
    }

    #[test]
    fn ends_at_exactly_the_given_time() {
        for seed in 0..100 {
            let endings = [
                (Clip::renders_in(TAKES), ClipStatus::Complete),
                (
                    Clip::renders_in(TAKES).then_fails("no footage"),
                    ClipStatus::Failed,
                ),
                (Clip::renders_in(TAKES).then_deleted(), ClipStatus::Deleted),
            ];
            for (clip, end) in endings {
                let just_before = status_at(clip.clone(), seed, TAKES - INSTANT).unwrap();
                assert!(
                    just_before == ClipStatus::Uploading || just_before == ClipStatus::Rendering
                );
                for age in [TAKES, TAKES * 2, Duration::MAX] {
                    assert_eq!(status_at(clip.clone(), seed, age), Some(end.clone()));
                }
            }
        }
    }

    #[test]
    fn a_failure_leaves_the_work_unfinished_and_says_why() {
        for seed in 0..100 {
            let steps = script(&Clip::renders_in(TAKES).then_fails("no footage"), seed);
            let [.., before, failed] = steps.as_slice() else {
                panic!("too short");
            };
            assert_eq!(sheet(failed).operation.as_deref(), Some("no footage"));
            assert_eq!(sheet(failed).percent, sheet(before).percent);
        }
    }

    #[test]
    fn goes_offline_during_the_upload_comes_back_and_ends_later() {
        let outage = Duration::from_secs(600);
        for seed in 0..100 {
            let steps = script(&Clip::renders_in(TAKES).goes_offline_for(outage), seed);
            let offline = |step: &Step| sheet(step).status == ClipStatus::Offline;
            let index = steps.iter().position(offline).unwrap();
            let [before, gone, back] = [&steps[index - 1], &steps[index], &steps[index + 1]];
            assert_eq!(sheet(gone).percent, sheet(before).percent);
            assert_eq!(sheet(back).status, ClipStatus::Uploading);
            assert_eq!(back.at - gone.at, outage);
            assert_eq!(steps.iter().filter(|step| offline(step)).count(), 1);
            assert_eq!(steps.last().unwrap().at, TAKES + outage);
        }
    }

    #[test]
    fn has_no_record_before_it_appears() {
        let delay = Duration::from_secs(4);
        let clip = Clip::renders_in(TAKES).appears_after(delay);
        assert_eq!(status_at(clip.clone(), 0, delay - INSTANT), None);
        assert_eq!(
            status_at(clip.clone(), 0, delay),
            Some(ClipStatus::Initiating)
        );
        assert_eq!(
            status_at(clip, 0, delay + TAKES),
            Some(ClipStatus::Complete)
        );
    }

    #[test]
    fn the_shortest_and_the_longest_lives_are_lives() {
        for takes in [Duration::ZERO, INSTANT, Duration::MAX] {
            let clip = Clip::renders_in(takes)
                .goes_offline_for(takes)
                .appears_after(takes);
            for age in [Duration::ZERO, INSTANT * 2, Duration::MAX] {
                status_at(clip.clone(), 0, age);
                status_at(clip.clone().then_fails("").goes_offline_for(takes), 0, age);
            }
        }
        let at_once = Clip::renders_in(Duration::ZERO);
        assert_eq!(
            status_at(at_once, 0, Duration::ZERO),
            Some(ClipStatus::Complete)
        );
    }

    #[test]
    fn a_script_holds_each_step_until_the_next() {
        let at = |secs, status| Step::at(Duration::from_secs(secs), status);
        let clip = Clip::scripted([
            at(9, ClipStatus::Complete),
            at(2, ClipStatus::Initiating),
            at(5, ClipStatus::Uploading),
            at(5, ClipStatus::Rendering),
        ]);
        let seen = |secs| status_at(clip.clone(), 0, Duration::from_secs(secs));
        assert_eq!(seen(1), None);
        assert_eq!(seen(2), Some(ClipStatus::Initiating));
        assert_eq!(seen(8), Some(ClipStatus::Rendering));
        assert_eq!(seen(99), Some(ClipStatus::Complete));
        assert_eq!(status_at(Clip::scripted([]), 0, Duration::MAX), None);
    }

    #[test]
    fn a_life_by_request_gives_one_step_to_each_and_repeats_the_last() {
        let steps = [Step::null(), Step::new(ClipStatus::Rendering)];
        let clip = Clip::by_request(steps.clone());
        let seen = |answered| clip.life.step(Duration::MAX, answered, dice(0)).unwrap();
        assert_eq!([seen(0), seen(1)], steps);
        assert_eq!(seen(u64::MAX), steps[1]);
        assert_eq!(
            Clip::by_request([]).life.step(Duration::ZERO, 0, dice(0)),
            None
        );
    }
}
