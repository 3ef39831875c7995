use rhombus_clips_api::types::ClipStatus;

use super::*;

/// Watches a clip that takes so many seconds and whose percentage is a function of its relative
/// time; returns the number of polls and the detection delay in seconds.
fn watch(
    mut poll_policy: Adaptive,
    seconds: f64,
    percent: impl Fn(f64) -> Option<u8>,
) -> (u32, f64) {
    let (mut now, mut polls) = (0.0, 1);
    while now < seconds {
        let mut state = PollState::new(Duration::from_secs_f64(now))
            .with_status(&ClipStatus::Rendering)
            .with_operation("Processing video");
        if let Some(percent) = percent(now / seconds) {
            state = state.with_percent(percent);
        }
        // Saving and restoring between polls must not change the delay.
        let saved = poll_policy.save().unwrap();
        let mut restored = poll_policy.clone();
        restored.model = ClipModel::default();
        restored.restore(&saved);
        let delay = poll_policy.next_delay(&state);
        let restored_delay = restored.next_delay(&state);
        assert!(
            delay.abs_diff(restored_delay) < Duration::from_millis(1),
            "{delay:?} {restored_delay:?}"
        );
        assert!(delay >= Adaptive::MIN_INTERVAL && delay <= Adaptive::MAX_INTERVAL);
        now += delay.as_secs_f64();
        polls += 1;
    }
    poll_policy.on_complete(Duration::from_secs_f64(now));
    (polls, now - seconds)
}

#[test]
fn linear_progress_takes_few_polls_for_any_duration() {
    for (seconds, max_polls) in [
        (20.0, 7),
        (60.0, 11),
        (240.0, 25),
        (900.0, 42),
        (1800.0, 55),
    ] {
        let poll_policy = Adaptive::new(&History::new());
        let (polls, delay) = watch(poll_policy, seconds, |part| Some((part * 100.0) as u8));
        assert!(
            polls <= max_polls && delay < 0.03 * seconds,
            "{seconds}: {polls} {delay}"
        );
    }
}

/// Whatever a clip does, the poll after its end is never later than a share of its duration.
#[test]
fn the_delay_of_a_first_clip_is_bounded() {
    let progress: [fn(f64) -> Option<u8>; 6] = [
        |_| None,
        |_| Some(0),
        |part| Some((part * 90.0) as u8),
        |part| Some((part * 20.0) as u8),
        |part| Some((part * 200.0).min(99.0) as u8),
        |part| Some((part.powi(3) * 4.0).floor() as u8 * 25),
    ];
    for (shape, percent) in progress.into_iter().enumerate() {
        for seconds in (1..40).map(|step| 1.3_f64.powi(step)) {
            let (_, delay) = watch(Adaptive::new(&History::new()), seconds, percent);
            let max = match shape {
                0 | 1 => (0.25 * seconds).max(2.0),
                _ => (0.1 * seconds).max(10.0),
            };
            assert!(delay <= max, "{shape} {seconds}: {delay}");
        }
    }
}

#[test]
fn each_term_can_be_switched_off() {
    // Slower and slower, in steps of 2 %.
    let percent = |part: f64| Some((part.sqrt() * 45.0) as u8 * 2);
    let learned = History::new();
    for _ in 0..5 {
        watch(Adaptive::new(&learned), 200.0, |part| {
            Some((part * 90.0) as u8)
        });
    }
    let learned = learned.read().clone();
    for &term in Term::ALL {
        // The delay is limited for first clips alone.
        let is_first = term == Term::DelayLimit;
        let policy = || {
            let history = History::new();
            if !is_first {
                *history.write() = learned.clone();
            }
            Adaptive::new(&history)
        };
        let (all, without) = (policy(), policy().without(term));
        let is_same = watch(all, 300.0, percent) == watch(without, 300.0, percent);
        // The length of the footage is unknown here, and the clip is being rendered from the first poll on.
        let has_no_effect = matches!(
            term,
            Term::FootageLength | Term::Suspension | Term::Waiting | Term::Finishing
        );
        assert_eq!(is_same, has_no_effect, "{term:?}");
    }
}

/// Shortly before its end, when polls are frequent.
#[test]
fn a_clip_that_is_offline_for_an_hour_takes_few_polls() {
    const OFFLINE_AT: f64 = 42.0;
    const HOUR: f64 = 3600.0;
    let polls = |mut poll_policy: Adaptive| {
        let (mut now, mut polls) = (0.0, 0);
        while now < OFFLINE_AT + HOUR {
            let status = match now < OFFLINE_AT {
                true => ClipStatus::Rendering,
                false => ClipStatus::Offline,
            };
            let state = PollState::new(Duration::from_secs_f64(now))
                .with_status(&status)
                .with_percent((now.min(OFFLINE_AT) / 0.45) as u8);
            now += poll_policy.next_delay(&state).as_secs_f64();
            polls += 1;
        }
        polls
    };
    let policy = Adaptive::new(&History::new());
    let with_each_poll_alike = polls(policy.clone().without(Term::Suspension));
    assert!(with_each_poll_alike > 500, "{with_each_poll_alike}");
    let polls = polls(policy);
    assert!(polls < 80, "{polls}");
}

/// Watches a clip that waits for so many seconds and ends without being rendered; returns the number of polls
/// and the detection delay in seconds.
fn watch_waiting(mut poll_policy: Adaptive, seconds: f64, percent: Option<u8>) -> (u32, f64) {
    let (mut now, mut polls) = (0.0, 1);
    while now < seconds {
        let mut state =
            PollState::new(Duration::from_secs_f64(now)).with_status(&ClipStatus::Initiating);
        if let Some(percent) = percent {
            state = state.with_percent(percent);
        }
        now += poll_policy.next_delay(&state).as_secs_f64();
        polls += 1;
    }
    (polls, now - seconds)
}

#[test]
fn a_clip_that_is_not_rendered_yet_takes_few_polls() {
    for percent in [None, Some(0)] {
        let polls = |poll_policy| watch_waiting(poll_policy, 120.0, percent).0;
        let policy = Adaptive::new(&History::new());
        let (waiting, alike) = (polls(policy.clone()), polls(policy.without(Term::Waiting)));
        assert!(waiting <= 21 && alike >= 30, "{waiting} {alike}");
        for seconds in (1..40).map(|step| 1.3_f64.powi(step)) {
            let (_, delay) = watch_waiting(Adaptive::new(&History::new()), seconds, percent);
            // It may have been rendered after the last poll that saw it wait.
            let max = (0.25 * seconds).max(2.0).min((0.1 * seconds).max(10.0));
            assert!(delay <= max, "{seconds}: {delay}");
        }
    }
}

/// Watches a clip that is rendered, and then finalized for so many seconds up to this percentage; returns the
/// number of polls and the detection delay in seconds.
fn watch_finalizing(mut poll_policy: Adaptive, seconds: f64, percent: Option<f64>) -> (u32, f64) {
    const RENDERED_AT: f64 = 40.0;
    let (mut now, mut polls) = (0.0, 1);
    while now < RENDERED_AT + seconds {
        let state =
            PollState::new(Duration::from_secs_f64(now)).with_status(&ClipStatus::Rendering);
        let (operation, percent) = match now < RENDERED_AT {
            true => ("Processing video", Some(now / RENDERED_AT * 100.0)),
            false => {
                let part = (now - RENDERED_AT) / seconds;
                ("Finalizing", percent.map(|percent| part * percent))
            }
        };
        let mut state = state.with_operation(operation);
        if let Some(percent) = percent {
            state = state.with_percent(percent as u8);
        }
        now += poll_policy.next_delay(&state).as_secs_f64();
        polls += 1;
    }
    (polls, now - RENDERED_AT - seconds)
}

#[test]
fn little_is_left_once_a_clip_is_rendered() {
    for percent in [0.0, 100.0] {
        let sums = |poll_policy: Adaptive| {
            (4..=20).fold((0, 0.0), |(polls, delay), quarters| {
                let seconds = f64::from(quarters) / 4.0;
                let watch = watch_finalizing(poll_policy.clone(), seconds, Some(percent));
                (polls + watch.0, delay + watch.1)
            })
        };
        let poll_policy = Adaptive::new(&History::new());
        let (polls, delay) = sums(poll_policy.clone());
        let (polls_alike, delay_alike) = sums(poll_policy.without(Term::Finishing));
        let is_rarely_later = delay < 0.4 * delay_alike;
        assert!(
            is_rarely_later && f64::from(polls) < 1.15 * f64::from(polls_alike),
            "{percent}: {polls} {delay} {polls_alike} {delay_alike}"
        );
    }
}

/// The clip has told how far it was: its delay counts absolutely, not in relation to the render time.
#[test]
fn a_rendered_clip_without_a_percentage_takes_few_polls() {
    let polls = |poll_policy| watch_finalizing(poll_policy, 30.0, None).0;
    let poll_policy = Adaptive::new(&History::new());
    let (polls, polls_alike) = (
        polls(poll_policy.clone()),
        polls(poll_policy.without(Term::Finishing)),
    );
    assert!(polls < polls_alike, "{polls} {polls_alike}");
}

#[test]
fn an_operation_that_starts_again_is_not_short() {
    let estimate = |poll_policy: Adaptive| {
        let polls = [(0.0, 0), (10.0, 25), (20.0, 50), (30.0, 75), (34.0, 0)];
        let mut poll_policy = poll_policy;
        for (seconds, percent) in polls {
            let state = PollState::new(Duration::from_secs_f64(seconds))
                .with_status(&ClipStatus::Rendering)
                .with_percent(percent);
            poll_policy.next_delay(&state);
        }
        poll_policy.estimate().unwrap()
    };
    let poll_policy = Adaptive::new(&History::new());
    let started_again = estimate(poll_policy.clone());
    assert_eq!(
        started_again,
        estimate(poll_policy.without(Term::Finishing))
    );
    assert!(
        started_again.remaining > Duration::from_secs(15),
        "{started_again:?}"
    );
}

#[test]
fn a_clip_that_reports_progress_early_may_yet_be_short() {
    let start = (0.0, ClipStatus::Initiating, 0);
    let (_, delay) = policy_after(&[start, (2.0, ClipStatus::Uploading, 4)]);
    assert!(delay <= Duration::from_millis(5_500), "{delay:?}");
}

/// Returns a policy after polls at these seconds, statuses and percentages.
fn policy_after(polls: &[(f64, ClipStatus, u8)]) -> (Adaptive, Duration) {
    let mut poll_policy = Adaptive::new(&History::new());
    let mut delay = Duration::ZERO;
    for (seconds, status, percent) in polls {
        let state = PollState::new(Duration::from_secs_f64(*seconds))
            .with_status(status)
            .with_percent(*percent);
        delay = poll_policy.next_delay(&state);
    }
    (poll_policy, delay)
}

#[test]
fn a_phase_that_began_between_two_polls_has_a_speed_at_once() {
    let start = (0.0, ClipStatus::Initiating, 0);
    let (_, delay) = policy_after(&[start, (20.0, ClipStatus::Rendering, 2)]);
    assert!(delay > Duration::from_secs(6), "{delay:?}");
    // When this one began is unknown.
    let (_, delay) = policy_after(&[(0.0, ClipStatus::Rendering, 2)]);
    assert!(delay <= Duration::from_secs(2), "{delay:?}");
}

#[test]
fn the_estimate_of_a_phase_that_one_poll_saw_is_vague() {
    let start = (0.0, ClipStatus::Initiating, 0);
    let factor = |polls: &[(f64, ClipStatus, u8)]| {
        let estimate = policy_after(polls).0.estimate().unwrap();
        estimate.upper.as_secs_f64() / estimate.lower.as_secs_f64()
    };
    let once = factor(&[start.clone(), (20.0, ClipStatus::Rendering, 20)]);
    let twice = factor(&[
        start,
        (10.2, ClipStatus::Rendering, 0),
        (20.0, ClipStatus::Rendering, 20),
    ]);
    assert!(once > 2.0 * twice, "{once} {twice}");
}

#[test]
fn the_history_shortens_the_delay_of_later_clips() {
    // Of clips of several durations: whether a poll comes right after the end of one is chance.
    let watch_all = |policy: &dyn Fn() -> Adaptive| {
        let seconds = (0..20).map(|step| 48.0 + 0.2 * f64::from(step));
        let results = seconds.map(|seconds| watch(policy(), seconds, |_| None));
        results.fold((0, 0.0), |(most_polls, delays), (polls, delay)| {
            (polls.max(most_polls), delays + delay)
        })
    };
    let (_, first) = watch_all(&|| Adaptive::new(&History::new()));
    let history = History::new();
    watch_all(&|| Adaptive::new(&history));
    let (polls, later) = watch_all(&|| Adaptive::new(&history));
    assert!(later < 0.6 * first && polls < 25, "{first} {later} {polls}");
}

#[test]
fn the_estimate_is_close_for_linear_progress() {
    let mut poll_policy = Adaptive::new(&History::new());
    for (elapsed, percent) in [(0, 0), (10, 11), (30, 31), (53, 53), (60, 61)] {
        let state = PollState::new(Duration::from_secs(elapsed))
            .with_status(&ClipStatus::Rendering)
            .with_percent(percent);
        poll_policy.next_delay(&state);
    }
    let estimate = poll_policy.estimate().unwrap();
    let remaining = estimate.remaining.as_secs();
    assert!((32..48).contains(&remaining), "{estimate:?}");
    assert!(estimate.lower <= estimate.remaining && estimate.remaining <= estimate.upper);
}

#[test]
fn invalid_saved_states_are_ignored() {
    let mut poll_policy = Adaptive::new(&History::new());
    for saved in [
        "",
        "fixed 2000",
        "adaptive {}",
        r#"adaptive {"phase":{"key":0,"previous_poll_at":1e38,"first":{"at":-1e38,"percent":1e38},"percent":1e38,"rises":3,"changed_between":[1e38,-1e38],"longest_plateau":1e38,"step":255},"last_poll_at":1e308,"is_rendering":true,"progress":"None","footage_seconds":-1e308,"errors":{"last":[1e308,1e308],"squared_error":-1,"count":-1.7},"predictions":[{"predicted_at":0,"remaining":0,"band":255}],"ended_phases":[]}"#,
    ] {
        poll_policy.restore(saved);
        let state = PollState::new(Duration::from_secs(1)).with_percent(40);
        let delay = poll_policy.next_delay(&state);
        assert!(delay >= Adaptive::MIN_INTERVAL && delay <= Adaptive::MAX_INTERVAL);
        poll_policy.on_complete(Duration::from_secs(2));
    }
}

#[test]
fn states_that_earlier_builds_saved_are_restored() {
    let mut poll_policy = Adaptive::new(&History::new());
    let state = PollState::new(Duration::from_secs(40)).with_status(&ClipStatus::Rendering);
    poll_policy.next_delay(&state);
    let saved = poll_policy.save().unwrap();
    for name in ["Flat", "Stuck"] {
        let saved = saved.replace("\"None\"", &format!("\"{name}\""));
        let mut restored = Adaptive::new(&History::new());
        restored.restore(&saved);
        assert_eq!(restored.model, poll_policy.model, "{name}: {saved}");
        assert_ne!(restored.model, ClipModel::default());
    }
}

#[test]
fn implausible_saved_states_do_not_change_the_history() {
    let mut poll_policy = Adaptive::new(&History::new());
    for (elapsed, percent) in [(0, 1), (10, 11), (30, 31)] {
        let state = PollState::new(Duration::from_secs(elapsed)).with_percent(percent);
        poll_policy.next_delay(&state);
    }
    let saved = poll_policy.save().unwrap();
    let history = History::new();
    let before = history.read().clone();
    for (plausible, implausible) in [
        ("\"last_poll_at\":30.0", "\"last_poll_at\":1e39"),
        ("\"count\":", "\"count\":-"),
        // It did not rise.
        ("\"percent\":31.0", "\"percent\":1.0"),
    ] {
        let corrupted = saved.replace(plausible, implausible);
        assert_ne!(corrupted, saved);
        let mut restored = Adaptive::new(&history);
        restored.restore(&corrupted);
        restored.on_complete(Duration::from_secs(40));
        assert_eq!(*history.read(), before, "{implausible}");
    }
    let mut restored = Adaptive::new(&history);
    restored.restore(&saved);
    restored.on_complete(Duration::from_secs(40));
    assert_ne!(*history.read(), before);
}

#[test]
fn nothing_is_learned_across_a_gap_between_polls() {
    let history = History::new();
    let mut restored = Adaptive::new(&history);
    let state = PollState::new(Duration::from_secs(30)).with_status(&ClipStatus::Rendering);
    restored.next_delay(&state);
    // The process ended and resumed the watch three days later.
    restored.on_complete(Duration::from_secs(3 * 24 * 60 * 60));
    assert_eq!(
        history.read().total_duration(None).median,
        History::new().read().total_duration(None).median
    );
}

/// After months, two polls of an overdue phase may have the same time in `f32`.
#[test]
fn the_state_of_a_watch_of_months_stays_finite() {
    let months = Duration::from_secs(100 * 24 * 60 * 60);
    let mut poll_policy = Adaptive::new(&History::new());
    for (seconds, percent) in [(0.0, 1), (60.0, 99), (900.0, 99), (900.1, 99), (900.2, 99)] {
        let elapsed = months + Duration::from_secs_f64(seconds);
        poll_policy.next_delay(&PollState::new(elapsed).with_percent(percent));
    }
    let saved = poll_policy.save().unwrap();
    assert!(saved.contains("\"squared_error\":"), "{saved}");
    assert!(!saved.contains("\"squared_error\":null"), "{saved}");
}

#[test]
fn jitter_applies_to_the_maximum_interval() {
    let minute = Duration::from_secs(60);
    let mut poll_policy = Adaptive::new(&History::new())
        .max_interval(minute)
        .jitter(0.5);
    let late = PollState::new(1000 * minute).with_random(0.5);
    assert_eq!(poll_policy.next_delay(&late), minute * 3 / 4);
}

#[test]
fn the_delay_respects_interval_bounds_and_jitter() {
    let second = Duration::from_secs(1);
    let bounded = || {
        Adaptive::new(&History::new())
            .min_interval(2 * second)
            .max_interval(3 * second)
    };
    let state = PollState::new(Duration::ZERO);
    let delay = bounded().next_delay(&state);
    assert!(delay >= 2 * second && delay <= 3 * second);
    let delay = bounded().jitter(1.0).next_delay(&state.with_random(0.999));
    assert_eq!(delay, 2 * second);
}

#[test]
fn phases_that_never_had_progress_have_no_progress_from_the_first_poll() {
    let history = History::new();
    let state = |seconds: f64| PollState::new(Duration::from_secs_f64(seconds)).with_percent(0);
    for _ in 0..3 {
        let mut poll_policy = Adaptive::new(&history);
        for seconds in [0.1, 5.3, 9.7] {
            poll_policy.next_delay(&state(seconds));
        }
        poll_policy.on_complete(Duration::from_secs(12));
    }
    // Several times, because each rounds differently to `f32`.
    for seconds in (1..50).map(|step| f64::from(step) * 0.137) {
        let mut poll_policy = Adaptive::new(&history);
        poll_policy.next_delay(&state(seconds));
        let saved = poll_policy.save().unwrap();
        assert!(
            saved.contains("\"progress\":\"None\""),
            "{seconds}: {saved}"
        );
    }
}
