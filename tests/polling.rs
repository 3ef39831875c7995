//! The adaptive poll policy under whatever may be seen, and whatever a checkpoint may hold.
//!
//! `PROPTEST_CASES` sets how many watches each property is tried on.

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
    fn waits_are_within_bounds_and_estimates_in_order(
        looks in vec(look(), 1..24),
        (shortest, longest) in (wait(), wait()),
        jitter in any::<f64>(),
    ) {
        let history = History::new();
        for _ in 0..2 {
            let mut poll_policy = Adaptive::new(&history)
                .min_interval(shortest)
                .max_interval(longest)
                .jitter(jitter);
            let least = shortest.max(Duration::from_millis(1));
            for look in &looks {
                let wait = look.shown_to(&mut poll_policy);
                prop_assert!(least <= wait && wait <= longest.max(least), "{wait:?}");
                in_order(poll_policy.estimate())?;
            }
            poll_policy.on_complete(looks.iter().map(|look| look.at).max().unwrap_or_default());
        }
    }

    #[test]
    fn a_poll_policy_goes_on_from_what_it_kept(
        days in select(vec![0, 1, 100]),
        looks in vec(usual_look(), 1..24),
    ) {
        let history = History::new();
        let mut poll_policy = Adaptive::new(&history);
        let mut at = Duration::from_secs(days * 24 * 60 * 60);
        for look in looks {
            at += look.at;
            let look = Look { at, ..look };
            let mut resumed = Adaptive::new(&history);
            resumed.restore(&poll_policy.save().unwrap());
            prop_assert_eq!(resumed.save(), poll_policy.save());
            // Both teach the history of the end of a phase: the second may know more.
            look.shown_to(&mut resumed);
            look.shown_to(&mut poll_policy);
        }
    }

    /// A checkpoint may be from another version, from a broken disk, or from somebody else.
    #[test]
    fn a_checkpoint_of_somebody_else_harms_neither_its_watch_nor_others(
        before in vec(usual_look(), 1..12),
        changes in vec((any::<prop::sample::Index>(), odd_number()), 1..4),
        after in prop_oneof![Just(Vec::new()), vec(usual_look(), 1..6)],
    ) {
        let mut at = Duration::ZERO;
        let mut poll_policy = Adaptive::new(&History::new());
        for look in before {
            at += look.at;
            Look { at, ..look }.shown_to(&mut poll_policy);
        }
        let kept = poll_policy.save().unwrap();
        let (name, course) = kept.split_once(' ').unwrap();
        let mut course: Value = serde_json::from_str(course).unwrap();
        for (place, odd) in changes {
            let mut names = Vec::new();
            collect_names(&course, &mut names);
            set_numbers(&mut course, &names[place.index(names.len())], &odd, false);
        }

        let history = History::new();
        let mut resumed = Adaptive::new(&history);
        resumed.restore(&format!("{name} {course}"));
        for look in after {
            at += look.at;
            let wait = Look { at, ..look }.shown_to(&mut resumed);
            prop_assert!(Adaptive::MIN_INTERVAL <= wait && wait <= Adaptive::MAX_INTERVAL);
            in_order(resumed.estimate())?;
        }
        resumed.on_complete(at + Duration::from_secs(1));

        // What the client learned of it is no reason to ask all the time, or never.
        let mut other = Adaptive::new(&history);
        other.next_delay(&PollState::new(Duration::ZERO).with_status(&ClipStatus::Rendering));
        let most = other.estimate().unwrap().upper;
        prop_assert!(Duration::from_millis(100) < most && most < Duration::MAX, "{most:?}");
    }
}

fn in_order(estimate: Option<Estimate>) -> Result<(), TestCaseError> {
    let Some(estimate) = estimate else {
        return Err(TestCaseError::fail("no estimate after a look"));
    };
    prop_assert!(
        estimate.lower <= estimate.remaining && estimate.remaining <= estimate.upper,
        "{estimate:?}"
    );
    Ok(())
}

#[derive(Clone, Debug)]
struct Look {
    /// Since the watch began, or since the look before.
    at: Duration,
    status: Option<ClipStatus>,
    percent: Option<u8>,
    operation: Option<&'static str>,
    clip_length: Option<Duration>,
    random: f64,
}

impl Look {
    fn shown_to(&self, poll_policy: &mut Adaptive) -> Duration {
        let mut seen = PollState::new(self.at).with_random(self.random);
        if let Some(status) = &self.status {
            seen = seen.with_status(status);
        }
        if let Some(percent) = self.percent {
            seen = seen.with_percent(percent);
        }
        if let Some(operation) = self.operation {
            seen = seen.with_operation(operation);
        }
        if let Some(length) = self.clip_length {
            seen = seen.with_clip_length(length);
        }
        poll_policy.next_delay(&seen)
    }
}

prop_compose! {
    /// Whatever can be handed to a poll policy at all.
    fn look()(
        at in wait(),
        clip_length in of(wait()),
        random in any::<f64>(),
        look in usual_look(),
    ) -> Look {
        Look { at, clip_length, random, ..look }
    }
}

prop_compose! {
    /// What may be seen in a watch, so long after the look before.
    fn usual_look()(
        at in prop_oneof![0..200u64, 0..200_000u64].prop_map(Duration::from_millis),
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
    ) -> Look {
        Look { at, status, percent, operation, clip_length, random }
    }
}

/// Any duration, the odd ones more often.
fn wait() -> impl Strategy<Value = Duration> {
    let odd = [0, 1, 1_000_000, 30_000_000_000, u64::MAX];
    prop_oneof![
        select(odd.to_vec()).prop_map(Duration::from_nanos),
        (0..100_000u64).prop_map(Duration::from_millis),
        any::<u64>().prop_map(Duration::from_millis),
        Just(Duration::MAX),
    ]
}

fn odd_number() -> impl Strategy<Value = Value> {
    let odd = [1e38, 1e39, 1e300, -1.0, -1e38, -1e300, -0.0, 1e-45];
    prop_oneof![
        4 => select(odd.to_vec()).prop_map(Value::from),
        1 => any::<f64>().prop_map(Value::from),
        1 => any::<u8>().prop_map(Value::from),
        1 => (-10.0..1000.0).prop_map(Value::from),
    ]
}

/// The names of all properties, each once.
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

/// Sets the numbers of all properties of this name.
fn set_numbers(value: &mut Value, name: &str, odd: &Value, is_meant: bool) {
    match value {
        Value::Array(items) => items
            .iter_mut()
            .for_each(|item| set_numbers(item, name, odd, is_meant)),
        Value::Object(properties) => properties
            .iter_mut()
            .for_each(|(of, value)| set_numbers(value, name, odd, of == name)),
        Value::Number(_) if is_meant => *value = odd.clone(),
        _ => {}
    }
}
