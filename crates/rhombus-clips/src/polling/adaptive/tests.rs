use super::*;

/// Watches a clip of this many seconds whose percentage is told by the part of its time, and
/// gives the looks and the delay.
fn watch(
    mut poll_policy: Adaptive,
    seconds: f64,
    percent: impl Fn(f64) -> Option<u8>,
) -> (u32, f64) {
    let (mut now, mut looks) = (0.0, 1);
    while now < seconds {
        let mut seen = PollState::new(Duration::from_secs_f64(now))
            .with_status(&ClipStatus::Rendering)
            .with_operation("Processing video");
        if let Some(percent) = percent(now / seconds) {
            seen = seen.with_percent(percent);
        }
        // On the way it is kept and taken up again, which must change nothing.
        let saved = poll_policy.save().unwrap();
        let mut resumed = Adaptive::new(&poll_policy.settings.history);
        resumed.restore(&saved);
        let wait = poll_policy.next_delay(&seen);
        let again = resumed.next_delay(&seen);
        assert!(
            wait.abs_diff(again) < Duration::from_millis(1),
            "{wait:?} {again:?}"
        );
        assert!(wait >= Adaptive::MIN_INTERVAL && wait <= Adaptive::MAX_INTERVAL);
        now += wait.as_secs_f64();
        looks += 1;
    }
    poll_policy.on_complete(Duration::from_secs_f64(now));
    (looks, now - seconds)
}

#[test]
fn even_progress_takes_a_dozen_looks_whatever_it_lasts() {
    for seconds in [20.0, 60.0, 240.0, 900.0, 1800.0] {
        let poll_policy = Adaptive::new(&History::new());
        let (looks, delay) = watch(poll_policy, seconds, |part| Some((part * 100.0) as u8));
        assert!(
            looks <= 16 && delay < 0.03 * seconds,
            "{seconds}: {looks} {delay}"
        );
    }
}

#[test]
fn the_first_clip_has_a_budget_of_looks() {
    let uneven: [fn(f64) -> Option<u8>; 4] = [
        |_| None,
        |_| Some(0),
        |part| Some((part * 200.0).min(99.0) as u8),
        |part| Some((part.powi(3) * 4.0).floor() as u8 * 25),
    ];
    for (shape, percent) in uneven.into_iter().enumerate() {
        for seconds in [20.0, 60.0, 180.0] {
            let (looks, delay) = watch(Adaptive::new(&History::new()), seconds, percent);
            assert!(
                looks <= 17 && delay < seconds,
                "{shape} {seconds}: {looks} {delay}"
            );
        }
    }
}

#[test]
fn what_was_kept_before_looks_were_counted_is_taken_up() {
    let mut poll_policy = Adaptive::new(&History::new());
    let seen = PollState::new(Duration::from_secs(3)).with_percent(10);
    poll_policy.next_delay(&seen);
    let kept = poll_policy.save().unwrap();
    let older = kept.replace(",\"looks\":1", "");
    assert_ne!(older, kept);
    let mut resumed = Adaptive::new(&History::new());
    resumed.restore(&older);
    assert_eq!(resumed.save().unwrap(), kept.replace(":1}", ":0}"));
}

#[test]
fn a_client_learns_what_to_expect() {
    let history = History::new();
    let silent = |_| None;
    let (_, first) = watch(Adaptive::new(&history), 50.0, silent);
    for _ in 0..20 {
        watch(Adaptive::new(&history), 50.0, silent);
    }
    let (looks, later) = watch(Adaptive::new(&history), 50.0, silent);
    assert!(
        later < first.min(1.0) && looks < 20,
        "{first} {later} {looks}"
    );
}

#[test]
fn there_is_an_estimate_for_people() {
    let mut poll_policy = Adaptive::new(&History::new());
    for (at, percent) in [(0, 0), (10, 11), (30, 31), (53, 53), (60, 61)] {
        let seen = PollState::new(Duration::from_secs(at))
            .with_status(&ClipStatus::Rendering)
            .with_percent(percent);
        poll_policy.next_delay(&seen);
    }
    let estimate = poll_policy.estimate().unwrap();
    let remaining = estimate.remaining.as_secs();
    assert!((32..48).contains(&remaining), "{estimate:?}");
    assert!(estimate.lower <= estimate.remaining && estimate.remaining <= estimate.upper);
}

#[test]
fn what_was_kept_by_somebody_else_does_no_harm() {
    let mut poll_policy = Adaptive::new(&History::new());
    for saved in [
        "",
        "fixed 2000",
        "adaptive {}",
        r#"adaptive {"phase":{"key":0,"before":1e38,"first":{"at":-1e38,"percent":1e38},"newest":[],"changed":[1e38,-1e38],"held":1e38,"step":255},"at":1e308,"status":"Suspended","is_mute":false,"clip_length":-1e308,"trust":{"last":[1e308,[0,-1e308,1e308]],"errors":[-1,1e308,0],"count":-1.7},"sayings":[{"at":0,"left":[0,0,0],"third":255}],"ended":[]}"#,
    ] {
        poll_policy.restore(saved);
        let seen = PollState::new(Duration::from_secs(1)).with_percent(40);
        let wait = poll_policy.next_delay(&seen);
        assert!(wait >= Adaptive::MIN_INTERVAL && wait <= Adaptive::MAX_INTERVAL);
        poll_policy.on_complete(Duration::from_secs(2));
    }
}

#[test]
fn what_was_kept_by_somebody_else_teaches_nobody() {
    let mut course = Adaptive::new(&History::new());
    for (at, percent) in [(0, 1), (10, 11), (30, 31)] {
        course.next_delay(&PollState::new(Duration::from_secs(at)).with_percent(percent));
    }
    let kept = course.save().unwrap();
    let history = History::new();
    let fresh = || Adaptive::new(&history).next_delay(&PollState::new(Duration::ZERO));
    let before = fresh();
    for (number, other) in [
        ("\"at\":30.0", "\"at\":1e39"),
        ("\"count\":", "\"count\":-"),
    ] {
        let spoiled = kept.replace(number, other);
        assert_ne!(spoiled, kept);
        let mut resumed = Adaptive::new(&history);
        resumed.restore(&spoiled);
        resumed.on_complete(Duration::from_secs(40));
    }
    assert_eq!(fresh(), before);
}

#[test]
fn nothing_is_learned_of_what_nobody_looked_at() {
    let history = History::new();
    let mut resumed = Adaptive::new(&history);
    let seen = PollState::new(Duration::from_secs(30)).with_status(&ClipStatus::Rendering);
    resumed.next_delay(&seen);
    // The program was ended, and went on three days later.
    resumed.on_complete(Duration::from_secs(3 * 24 * 60 * 60));
    assert_eq!(history.read().clips(), 0.0);
}

/// Two looks at what ought to be over may come at the same moment, as far as `f32` knows.
#[test]
fn a_watch_of_months_knows_what_it_saw() {
    let months = Duration::from_secs(100 * 24 * 60 * 60);
    let mut poll_policy = Adaptive::new(&History::new());
    for (seconds, percent) in [(0.0, 1), (60.0, 99), (900.0, 99), (900.1, 99), (900.2, 99)] {
        let at = months + Duration::from_secs_f64(seconds);
        poll_policy.next_delay(&PollState::new(at).with_percent(percent));
    }
    let kept = poll_policy.save().unwrap();
    assert!(!kept.contains("\"errors\":[null"), "{kept}");
}

#[test]
fn the_longest_wait_has_its_jitter_too() {
    let minute = Duration::from_secs(60);
    let mut poll_policy = Adaptive::new(&History::new())
        .max_interval(minute)
        .jitter(0.5);
    let late = PollState::new(1000 * minute).with_random(0.5);
    assert_eq!(poll_policy.next_delay(&late), minute * 3 / 4);
}

#[test]
fn bounds_and_jitter_are_kept() {
    let second = Duration::from_secs(1);
    let bounded = || {
        Adaptive::new(&History::new())
            .min_interval(2 * second)
            .max_interval(3 * second)
    };
    let seen = PollState::new(Duration::ZERO);
    let wait = bounded().next_delay(&seen);
    assert!(wait >= 2 * second && wait <= 3 * second);
    let wait = bounded().jitter(1.0).next_delay(&seen.with_random(0.999));
    assert_eq!(wait, 2 * second);
}

#[test]
fn where_no_percentage_ever_came_none_is_waited_for() {
    let history = History::new();
    let seen = |at: f64| PollState::new(Duration::from_secs_f64(at)).with_percent(0);
    for _ in 0..3 {
        let mut silent = Adaptive::new(&history);
        for at in [0.1, 5.3, 9.7] {
            silent.next_delay(&seen(at));
        }
        silent.on_complete(Duration::from_secs(12));
    }
    // Whatever a moment is rounded to.
    for at in (1..50).map(|step| f64::from(step) * 0.137) {
        let mut poll_policy = Adaptive::new(&history);
        poll_policy.next_delay(&seen(at));
        let kept = poll_policy.save().unwrap();
        assert!(kept.contains("\"is_mute\":true"), "{at}: {kept}");
    }
}
