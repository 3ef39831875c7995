//! Property tests of the adaptive poll policy: arbitrary poll results, and arbitrary checkpoints.
//!
//! A policy runs in the process of its user and restores text that may be corrupt, so no input may
//! make it panic, exceed its bounds or degrade other watches. `PROPTEST_CASES` sets the number of
//! watches per property.

use std::time::Duration;

use proptest::collection::vec;
use proptest::option::of;
use proptest::prelude::*;
use proptest::sample::select;
use rhombus_clips::ClipStatus;
use rhombus_clips::polling::{Adaptive, Estimate, History, PollPolicy, PollState};
use serde_json::Value;

fn config() -> ProptestConfig {
    ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn delays_are_within_bounds_and_estimates_are_ordered(
        samples in vec(arbitrary_sample(), 1..24),
        (min_interval, max_interval) in (duration(), duration()),
        jitter in any::<f64>(),
    ) {
        let history = History::new();
        for _ in 0..2 {
            let mut poll_policy = Adaptive::new(&history)
                .min_interval(min_interval)
                .max_interval(max_interval)
                .jitter(jitter);
            let min = min_interval.max(Duration::from_millis(1));
            for sample in &samples {
                let delay = sample.next_delay(&mut poll_policy);
                prop_assert!(min <= delay && delay <= max_interval.max(min), "{delay:?}");
                check_order(poll_policy.estimate())?;
            }
            poll_policy.on_complete(samples.iter().map(|sample| sample.elapsed).max().unwrap_or_default());
        }
    }

    #[test]
    fn restore_returns_to_the_saved_state(
        days in select(vec![0, 1, 100]),
        samples in vec(plausible_sample(), 1..24),
    ) {
        let history = History::new();
        let mut poll_policy = Adaptive::new(&history);
        let mut elapsed = Duration::from_secs(days * 24 * 60 * 60);
        for sample in samples {
            elapsed += sample.elapsed;
            let sample = Sample { elapsed, ..sample };
            let mut restored = Adaptive::new(&history);
            restored.restore(&poll_policy.save().unwrap());
            prop_assert_eq!(restored.save(), poll_policy.save());
            // The delays are not compared: both record ended phases in the history, so the second
            // may know more than the first.
            sample.next_delay(&mut restored);
            sample.next_delay(&mut poll_policy);
        }
    }

    /// A checkpoint may come from another version, a corrupt disk or an attacker.
    #[test]
    fn an_arbitrary_checkpoint_harms_neither_its_watch_nor_others(
        before in vec(plausible_sample(), 1..12),
        changes in vec((any::<prop::sample::Index>(), extreme_number()), 1..4),
        after in prop_oneof![Just(Vec::new()), vec(plausible_sample(), 1..6)],
    ) {
        let mut elapsed = Duration::ZERO;
        let mut poll_policy = Adaptive::new(&History::new());
        for sample in before {
            elapsed += sample.elapsed;
            Sample { elapsed, ..sample }.next_delay(&mut poll_policy);
        }
        let saved = poll_policy.save().unwrap();
        let (name, model) = saved.split_once(' ').unwrap();
        let mut model: Value = serde_json::from_str(model).unwrap();
        for (index, number) in changes {
            let mut names = Vec::new();
            collect_names(&model, &mut names);
            set_numbers(&mut model, &names[index.index(names.len())], &number, false);
        }

        let history = History::new();
        let mut restored = Adaptive::new(&history);
        restored.restore(&format!("{name} {model}"));
        for sample in after {
            elapsed += sample.elapsed;
            let delay = Sample { elapsed, ..sample }.next_delay(&mut restored);
            prop_assert!(Adaptive::MIN_INTERVAL <= delay && delay <= Adaptive::MAX_INTERVAL);
            check_order(restored.estimate())?;
        }
        restored.on_complete(elapsed + Duration::from_secs(1));

        // The statistics must not make other watches poll permanently, or never.
        let mut other = Adaptive::new(&history);
        other.next_delay(&PollState::new(Duration::ZERO).with_status(&ClipStatus::Rendering));
        let upper = other.estimate().unwrap().upper;
        prop_assert!(Duration::from_millis(100) < upper && upper < Duration::MAX, "{upper:?}");
    }
}

fn check_order(estimate: Option<Estimate>) -> Result<(), TestCaseError> {
    let Some(estimate) = estimate else {
        return Err(TestCaseError::fail("no estimate after a poll"));
    };
    prop_assert!(
        estimate.lower <= estimate.remaining && estimate.remaining <= estimate.upper,
        "{estimate:?}"
    );
    Ok(())
}

/// Result of one poll.
#[derive(Clone, Debug)]
struct Sample {
    /// Time since the watch began, or since the previous poll.
    elapsed: Duration,
    status: Option<ClipStatus>,
    percent: Option<u8>,
    operation: Option<&'static str>,
    clip_length: Option<Duration>,
    random: f64,
}

impl Sample {
    fn next_delay(&self, poll_policy: &mut Adaptive) -> Duration {
        let mut state = PollState::new(self.elapsed).with_random(self.random);
        if let Some(status) = &self.status {
            state = state.with_status(status);
        }
        if let Some(percent) = self.percent {
            state = state.with_percent(percent);
        }
        if let Some(operation) = self.operation {
            state = state.with_operation(operation);
        }
        if let Some(length) = self.clip_length {
            state = state.with_footage_duration(length);
        }
        poll_policy.next_delay(&state)
    }
}

prop_compose! {
    /// Any poll result that the types allow.
    fn arbitrary_sample()(
        elapsed in duration(),
        clip_length in of(duration()),
        random in any::<f64>(),
        sample in plausible_sample(),
    ) -> Sample {
        Sample { elapsed, clip_length, random, ..sample }
    }
}

prop_compose! {
    /// Poll result that a watch may see, with the time since the previous poll.
    fn plausible_sample()(
        elapsed in prop_oneof![0..200u64, 0..200_000u64].prop_map(Duration::from_millis),
        status in of(select(vec![
            ClipStatus::Initiating,
            ClipStatus::Uploading,
            ClipStatus::Rendering,
            ClipStatus::Offline,
            ClipStatus::Unrecognized("PAUSED".to_owned()),
        ])),
        percent in of(0..=100u8),
        operation in of(select(vec!["", "Processing video", "Complete"])),
        clip_length in of((0..3600u64).prop_map(Duration::from_secs)),
        random in 0.0..1.0,
    ) -> Sample {
        Sample { elapsed, status, percent, operation, clip_length, random }
    }
}

/// Any duration, extreme ones more often.
fn duration() -> impl Strategy<Value = Duration> {
    let extreme = [0, 1, 1_000_000, 30_000_000_000, u64::MAX];
    prop_oneof![
        select(extreme.to_vec()).prop_map(Duration::from_nanos),
        (0..100_000u64).prop_map(Duration::from_millis),
        any::<u64>().prop_map(Duration::from_millis),
        Just(Duration::MAX),
    ]
}

/// Any number, extreme ones more often.
fn extreme_number() -> impl Strategy<Value = Value> {
    let extreme = [1e38, 1e39, 1e300, -1.0, -1e38, -1e300, -0.0, 1e-45];
    prop_oneof![
        4 => select(extreme.to_vec()).prop_map(Value::from),
        1 => any::<f64>().prop_map(Value::from),
        1 => any::<u8>().prop_map(Value::from),
        1 => (-10.0..1000.0).prop_map(Value::from),
    ]
}

/// Collects the names of all properties, each once.
fn collect_names(value: &Value, names: &mut Vec<String>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| collect_names(item, names)),
        Value::Object(properties) => {
            for (name, value) in properties {
                if !names.contains(name) {
                    names.push(name.clone());
                }
                collect_names(value, names);
            }
        }
        _ => {}
    }
}

/// Sets the numbers of all properties with this name.
fn set_numbers(value: &mut Value, name: &str, number: &Value, is_selected: bool) {
    match value {
        Value::Array(items) => items
            .iter_mut()
            .for_each(|item| set_numbers(item, name, number, is_selected)),
        Value::Object(properties) => properties
            .iter_mut()
            .for_each(|(property, value)| set_numbers(value, name, number, property == name)),
        Value::Number(_) if is_selected => *value = number.clone(),
        _ => {}
    }
}
