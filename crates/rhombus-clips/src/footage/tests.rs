use super::*;
use crate::new_clip::range::time;

const CAMERA: CameraUuid = CameraUuid::from_bytes([1; 16]);
/// Footage on the camera, which can be used while it is online.
const LOCAL: &str = "VideoLocal";
/// In seconds.
const NOW: i64 = 10_000;

fn now() -> SystemTime {
    time(NOW * 1000)
}

/// Times are in seconds.
fn range(start: i64, end: i64) -> FootageRange {
    FootageRange {
        start_ms: start * 1000,
        end_ms: end * 1000,
    }
}

/// Windows by kind of storage, each from start to end.
type Kinds<'a> = &'a [(&'a str, &'a [(i64, i64)])];

fn windows(kinds: Kinds<'_>) -> Windows {
    let window = |(start, end): &(i64, i64)| {
        let mut window = TimeWindowSeconds::default();
        window.start_seconds = Some(*start);
        window.duration_seconds = Some(end - start);
        Some(window)
    };
    let kinds = kinds.iter().map(|(kind, windows)| {
        (
            (*kind).to_owned(),
            Some(windows.iter().map(window).collect()),
        )
    });
    kinds.collect()
}

fn text(ranges: &[FootageRange]) -> String {
    let texts = ranges
        .iter()
        .map(|it| format!("{}-{}", it.start_ms / 1000, it.end_ms / 1000));
    texts.collect::<Vec<_>>().join(" ")
}

/// Returns what is missing, what is not in the cloud, and which policies refuse.
fn check(ranges: &[FootageRange], kinds: Kinds<'_>) -> (String, String, String) {
    let report = compare(CAMERA, ranges, &windows(kinds), now());
    let missing = text(&report.missing);
    let local = text(&report.local_only);
    let refuses = |policy| refusal(policy, std::slice::from_ref(&report)).is_some();
    let refusing = [("any", FootagePolicy::Any), ("full", FootagePolicy::Full)];
    let refusing = refusing.into_iter().filter(|(_, policy)| refuses(*policy));
    assert!(!refuses(FootagePolicy::Off));
    let refusing: Vec<_> = refusing.map(|(name, _)| name).collect();
    (missing, local, refusing.join(" "))
}

#[test]
fn the_rules_of_the_windows() {
    let [cloud, local] = [CLOUD, LOCAL];
    let old = [range(100, 200)];
    let cases: [(&[FootageRange], Kinds<'_>, [&str; 3]); 16] = [
        // Everything, more than everything, nothing.
        (&old, &[(cloud, &[(100, 200)])], ["", "", ""]),
        (&old, &[(cloud, &[(0, 900)])], ["", "", ""]),
        (&old, &[], ["100-200", "", "any full"]),
        (&old, &[(cloud, &[])], ["100-200", "", "any full"]),
        (
            &old,
            &[(cloud, &[(0, 100), (200, 300)])],
            ["100-200", "", "any full"],
        ),
        // Gaps below two seconds are ignored, at the ends too.
        (&old, &[(cloud, &[(0, 150), (151, 300)])], ["", "", ""]),
        (&old, &[(cloud, &[(101, 150), (151, 199)])], ["", "", ""]),
        (
            &old,
            &[(cloud, &[(0, 150), (152, 300)])],
            ["150-152", "", "full"],
        ),
        // Order and overlap do not matter.
        (
            &old,
            &[(cloud, &[(150, 300), (0, 120), (110, 155)])],
            ["", "", ""],
        ),
        // On the camera only, and in part.
        (&old, &[(local, &[(0, 300)])], ["", "100-200", ""]),
        (
            &old,
            &[(cloud, &[(0, 120)]), (local, &[(110, 150)])],
            ["150-200", "120-150", "full"],
        ),
        // A kind that is unknown is footage.
        (
            &old,
            &[("VideoElsewhere", &[(0, 300)])],
            ["", "100-200", ""],
        ),
        // The last 120 seconds count as covered.
        (&[range(NOW - 120, NOW)], &[], ["", "", ""]),
        (
            &[range(NOW - 200, NOW)],
            &[(cloud, &[(0, NOW - 120)])],
            ["", "", ""],
        ),
        (&[range(NOW - 200, NOW)], &[], ["9800-9880", "", "full"]),
        // Several ranges are compared one by one.
        (
            &[range(100, 200), range(500, 600)],
            &[(cloud, &[(0, 300)])],
            ["500-600", "", "full"],
        ),
    ];
    for (ranges, kinds, expected) in cases {
        let (missing, local, refusing) = check(ranges, kinds);
        assert_eq!(
            [&missing, &local, &refusing],
            expected,
            "{ranges:?} {kinds:?}"
        );
    }
}

#[test]
fn a_short_range_without_footage_is_missing() {
    let short = [range(100, 101)];
    assert_eq!(check(&short, &[]).0, "100-101");
    assert_eq!(check(&short, &[(CLOUD, &[(0, 300)])]).0, "");
}

#[test]
fn absurd_windows_are_ignored() {
    let absurd = [
        (i64::MAX / 2, i64::MAX),
        (i64::MIN / 2, 0),
        (50, 20),
        (60, 60),
    ];
    assert_eq!(check(&[range(100, 200)], &[(CLOUD, &absurd)]).2, "any full");
    let mut nulls = windows(&[(CLOUD, &[(0, 300)])]);
    nulls.insert(LOCAL.to_owned(), None);
    nulls.insert(
        "Other".to_owned(),
        Some(vec![None, Some(TimeWindowSeconds::default())]),
    );
    assert!(compare(CAMERA, &[range(100, 200)], &nulls, now()).is_full());
}

#[test]
fn the_request_is_in_whole_seconds_and_ends_now() {
    let ask = |start_ms, end_ms| {
        let range = FootageRange { start_ms, end_ms };
        let request = presence_request(CAMERA, &[range], now())?;
        assert_eq!(request.camera_uuid, Some(CAMERA.to_string()));
        Some((request.start_time_sec?, request.duration_sec?))
    };
    assert_eq!(ask(100_999, 102_001), Some((100, 3)));
    assert_eq!(ask(100_000, 102_000), Some((100, 2)));
    assert_eq!(ask(9_000_000, 10_000_900), Some((9_000, 1_000)));
    assert_eq!(ask(NOW * 1000 - 120_000, NOW * 1000), None);
    let two = [range(500, 600), range(100, 200)];
    let request = presence_request(CAMERA, &two, now()).unwrap();
    assert_eq!(
        (request.start_time_sec, request.duration_sec),
        (Some(100), Some(500))
    );
}

#[test]
fn one_camera_with_footage_is_enough_for_any() {
    let [none, all] = [&[][..], &[(CLOUD, &[(0, 300)][..])]]
        .map(|kinds| compare(CAMERA, &[range(100, 200)], &windows(kinds), now()));
    let unchecked = FootageReport::unchecked(CAMERA);
    let refused = |policy, reports: [&FootageReport; 2]| {
        refusal(policy, &reports.map(Clone::clone)).is_some()
    };
    assert!(!refused(FootagePolicy::Any, [&none, &all]));
    assert!(refused(FootagePolicy::Any, [&none, &none]));
    assert!(refused(FootagePolicy::Full, [&none, &all]));
    // A check that failed blocks nothing.
    assert!(!refused(FootagePolicy::Any, [&none, &unchecked]));
    assert!(!refused(FootagePolicy::Full, [&all, &unchecked]));
    assert_eq!(none.to_string(), format!("camera {CAMERA}: no footage"));
    assert_eq!(
        unchecked.to_string(),
        format!("camera {CAMERA}: footage not checked")
    );
}
