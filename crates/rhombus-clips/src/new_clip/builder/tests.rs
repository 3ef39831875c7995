use std::time::UNIX_EPOCH;

use super::*;
use crate::CameraUuid;

const NOW: u64 = 1_700_000_000_000;

fn at(ms: u64) -> SystemTime {
    UNIX_EPOCH + Duration::from_millis(ms)
}

fn camera(number: u8) -> CameraUuid {
    CameraUuid::from_bytes([number; 16])
}

fn builder(range: Range<u64>) -> NewClipBuilder {
    NewClip::builder(camera(1), at(range.start)..at(range.end))
}

fn build(builder: NewClipBuilder) -> Result<NewClip> {
    builder.build_at(at(NOW))
}

fn message(builder: NewClipBuilder) -> String {
    build(builder).unwrap_err().to_string()
}

#[test]
fn one_range_is_a_plain_request() {
    let request = build(builder(1_500..3_001)).unwrap().to_request();
    let json = serde_json::to_value(&request).unwrap();
    let expected = serde_json::json!({
        "audioIncluded": false,
        "deviceUuids": [camera(1).to_string()],
        "durationSec": 2,
        "saveToConsole": true,
        "startTimeMillis": 1_500,
    });
    assert_eq!(json, expected);
}

#[test]
fn several_ranges_are_intervals_of_every_device() {
    let several = builder(10_000..20_000)
        .range(at(1_000)..at(2_500))
        .device(camera(2).with_facet(Facet::Video(3)));
    let request = build(several).unwrap().to_request();
    let json = serde_json::to_value(&request).unwrap();
    let intervals = serde_json::json!([
        {"startMs": 1_000, "endMs": 2_500},
        {"startMs": 10_000, "endMs": 20_000},
    ]);
    let devices = [camera(1).to_string(), format!("{}.v3", camera(2))];
    assert_eq!(json["deviceUuids"], serde_json::json!(devices));
    for device in devices {
        assert_eq!(json["deviceIntervalMap"][device], intervals);
    }
    assert_eq!(
        json.get("startTimeMillis").or(json.get("durationSec")),
        None
    );
}

#[test]
fn sound_is_a_stream_of_its_own() {
    let devices = |builder: NewClipBuilder| {
        let request = build(builder.audio(true)).unwrap().to_request();
        assert_eq!(request.audio_included, Some(true));
        let devices = request.device_uuids.unwrap().into_iter().flatten();
        let facets = devices.map(|device| device.split_at(22).1.to_owned());
        facets.collect::<Vec<_>>().join(" ")
    };
    assert_eq!(devices(builder(0..1_000)), ".v0 .a0");
    let second = camera(1).with_facet(Facet::Video(2));
    assert_eq!(devices(builder(0..1_000).device(second)), ".v0 .v2 .a0");
    let sound = camera(1).with_facet(Facet::Audio(4));
    assert_eq!(devices(builder(0..1_000).device(sound)), ".v0 .a4");
    assert_eq!(
        devices(builder(0..1_000).device(camera(2))),
        ".v0 .v0 .a0 .a0"
    );
}

#[test]
fn invalid_requests_are_named() {
    let hour = 3_600_000;
    assert!(message(builder(0..1_000).device(camera(1))).contains("given twice"));
    let first = camera(1).with_facet(Facet::Video(0));
    assert!(message(builder(0..1_000).device(first)).contains("given twice"));
    let none = camera(2).with_facet(Facet::Audio(52));
    assert!(message(builder(0..1_000).device(none)).contains("above 51"));
    assert!(message(builder(0..2_000).range(at(1_999)..at(5_000))).contains("overlap"));
    assert!(build(builder(0..2_000).range(at(2_000)..at(5_000))).is_ok());
    assert!(build(builder(0..hour)).is_ok());
    assert!(build(builder(0..hour).audio(true)).is_ok());
    let long = message(builder(0..hour + 1));
    assert!(
        long.contains("lasts 3601 s") && long.contains("whole millisecond"),
        "{long}"
    );
    let long = message(builder(0..hour + 5));
    assert!(
        long.ends_with("split it with NewClipBuilder::split"),
        "{long}"
    );
    let summed = message(builder(0..hour / 2 + 1_000).device(camera(2)));
    assert!(
        summed.contains("lasts 3602 s, counted for each of 2 devices"),
        "{summed}"
    );
    assert!(message(builder(0..hour).range(at(hour)..at(hour + 1_000))).contains("3601 s"));
    let short = builder(0..hour).max_duration(Duration::from_secs(1_800));
    assert!(message(short).contains("is 1800 s"));
    assert!(build(builder(0..2 * hour).max_duration(Duration::from_secs(7_200))).is_ok());
}

#[test]
fn parts_cover_the_ranges_without_gap_or_overlap() {
    for max_sec in [1, 2, 7, 3_600] {
        for devices in 1..=3_u8 {
            for lengths in [
                &[1_000][..],
                &[1_001],
                &[2_500],
                &[7_999, 1_000, 3_333],
                &[60_001],
            ] {
                let mut start = 5;
                let mut all = Vec::new();
                for length in lengths {
                    all.push(start..start + length);
                    start += length + 17;
                }
                let mut whole = builder(all[0].clone());
                for range in &all[1..] {
                    whole = whole.range(at(range.start)..at(range.end));
                }
                for number in 2..=devices {
                    whole = whole.device(camera(number));
                }
                let whole = whole.title("T").max_duration(Duration::from_secs(max_sec));
                let Ok(parts) = whole.split_at(at(NOW)) else {
                    assert!(u64::from(devices) > max_sec);
                    continue;
                };
                let context = format!("{max_sec} {devices} {lengths:?} {parts:?}");
                let mut joined: Vec<Range<u64>> = Vec::new();
                for (part, number) in parts.iter().zip(1..) {
                    part.check_duration(Duration::from_secs(max_sec)).unwrap();
                    let json = serde_json::to_string(part).unwrap();
                    assert_eq!(
                        &serde_json::from_str::<NewClip>(&json).unwrap(),
                        part,
                        "{context}"
                    );
                    let title = format!("T ({number} of {})", parts.len());
                    assert!(parts.len() == 1 || part.title() == Some(&title));
                    for range in part.footage_ranges() {
                        let range = range.start_ms as u64..range.end_ms as u64;
                        match joined.last_mut() {
                            Some(last) if last.end == range.start => last.end = range.end,
                            _ => joined.push(range),
                        }
                    }
                }
                for (joined, wanted) in joined.iter().zip(&all) {
                    assert_eq!(joined.start, wanted.start, "{context}");
                    let excess = joined.end.checked_sub(wanted.end);
                    assert!(
                        excess == Some(0)
                            || max_sec / u64::from(devices) < 2 && excess < Some(1_000),
                        "{context}"
                    );
                }
                assert_eq!(joined.len(), all.len(), "{context}");
            }
        }
    }
}

#[test]
fn parts_are_as_few_as_possible() {
    let hour = 3_600_000;
    let count = |builder: NewClipBuilder| builder.split_at(at(NOW)).unwrap().len();
    assert_eq!(count(builder(0..8 * hour)), 8);
    assert_eq!(count(builder(0..8 * hour + 1)), 9);
    assert_eq!(count(builder(0..hour)), 1);
    assert_eq!(count(builder(0..hour).device(camera(2))), 2);
    let halves = builder(0..hour / 2).range(at(hour)..at(hour + hour / 2));
    assert_eq!(count(halves), 1);
    let many = (2..=255).fold(builder(0..hour), |all, number| all.device(camera(number)));
    let error = many
        .max_duration(Duration::from_secs(60))
        .split_at(at(NOW))
        .unwrap_err();
    assert!(error.to_string().contains("255 devices are too many"));
}
