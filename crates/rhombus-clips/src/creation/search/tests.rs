use std::time::{Duration, UNIX_EPOCH};

use super::*;
use crate::NewClip;
use Finding::*;

const START: i64 = 1_000_000;
const SINCE: i64 = 5_000_000;

fn camera(number: u8) -> CameraUuid {
    CameraUuid::from_bytes([number; 16])
}

fn uuid(number: u8) -> ClipUuid {
    ClipUuid::from_bytes([number; 16])
}

/// Cameras 1 to `cameras`, and ranges of 60 s that are 100 s apart.
fn search(cameras: u8, ranges: u64) -> Search {
    let at = |ms: u64| UNIX_EPOCH + Duration::from_millis(ms);
    let range = |number: u64| {
        let start = START as u64 + number * 100_000;
        at(start)..at(start + 60_000)
    };
    let mut builder = NewClip::builder(camera(1), range(0)).title("Door");
    for number in 2..=cameras {
        builder = builder.device(camera(number));
    }
    for number in 1..ranges {
        builder = builder.range(range(number));
    }
    let mut search = Search::new(&CreateIntent::new(builder.build().unwrap(), UNIX_EPOCH));
    search.set_created_since(SINCE);
    search
}

/// A record of these cameras that starts with this range.
fn record(number: u8, cameras: &[u8], range: i64) -> SavedClip {
    let mut record = SavedClip::default();
    record.uuid = Some(uuid(number).to_string());
    let devices = cameras
        .iter()
        .map(|number| Some(format!("{}.v0", camera(*number))));
    record.device_uuids = Some(devices.collect());
    record.timestamp_ms = Some(START + range * 100_000);
    record.duration_sec = Some(60);
    record.title = Some("Door".to_owned());
    record.created_at_ms = Some(SINCE + 500);
    record
}

fn decide(mut search: Search, records: &[SavedClip]) -> Finding {
    for record in records {
        search.add_saved(record);
        search.add_saved(record);
    }
    search.decide(false)
}

fn changed(change: fn(&mut SavedClip)) -> Finding {
    let mut record = record(1, &[1], 0);
    change(&mut record);
    decide(search(1, 1), &[record])
}

#[test]
fn one_clip_matches_by_all_of_its_properties() {
    let found = Found(vec![uuid(1)]);
    assert_eq!(changed(|_| {}), found);
    assert_eq!(changed(|it| it.timestamp_ms = Some(START - 1_000)), found);
    assert_eq!(changed(|it| it.duration_sec = Some(61)), found);
    assert_eq!(changed(|it| it.duration_sec = None), found);
    assert_eq!(changed(|it| it.title = None), found);
    assert_eq!(
        changed(|it| it.description = Some("made up".to_owned())),
        found
    );
    assert_eq!(changed(|it| it.created_at_ms = Some(SINCE)), found);

    let none = Incomplete(vec![]);
    assert_eq!(changed(|it| it.uuid = None), none);
    assert_eq!(changed(|it| it.timestamp_ms = Some(START - 1_001)), none);
    assert_eq!(changed(|it| it.timestamp_ms = None), none);
    assert_eq!(changed(|it| it.duration_sec = Some(62)), none);
    assert_eq!(changed(|it| it.title = Some("Gate".to_owned())), none);
    assert_eq!(changed(|it| it.device_uuids = None), none);
    assert_eq!(
        changed(|it| it.device_uuid = Some(camera(9).to_string())),
        none
    );
    assert_eq!(changed(|it| it.created_at_ms = Some(SINCE - 1)), none);
    assert_eq!(decide(search(1, 1), &[]), none);
}

#[test]
fn two_clips_are_ambiguous() {
    let records = [record(1, &[1], 0), record(2, &[1], 0)];
    assert_eq!(
        decide(search(1, 1), &records),
        Ambiguous(vec![uuid(1), uuid(2)])
    );
    let mut older = records.clone();
    older[1].created_at_ms = Some(SINCE - 60_000);
    assert_eq!(decide(search(1, 1), &older), Found(vec![uuid(1)]));
}

#[test]
fn several_cameras_match_as_a_set() {
    let joined = record(9, &[2, 1, 1], 0);
    let [one, two] = [record(1, &[2], 0), record(2, &[1], 0)];
    let case = |records: &[&SavedClip]| {
        let records: Vec<SavedClip> = records.iter().map(|it| (*it).clone()).collect();
        decide(search(2, 1), &records)
    };
    assert_eq!(case(&[&joined]), Found(vec![uuid(9)]));
    assert_eq!(case(&[&one]), Incomplete(vec![uuid(1)]));
    // In the order of the cameras.
    assert_eq!(case(&[&one, &two]), Found(vec![uuid(2), uuid(1)]));
    let all = vec![uuid(2), uuid(9), uuid(1)];
    assert_eq!(case(&[&one, &two, &joined]), Ambiguous(all));
    let other = record(3, &[1, 3], 0);
    assert_eq!(case(&[&other]), Incomplete(vec![]));
    let mut parent = joined.clone();
    parent.placeholder = Some(true);
    assert_eq!(
        case(&[&one, &two, &parent]),
        Found(vec![uuid(9), uuid(2), uuid(1)])
    );
    assert_eq!(case(&[&one, &parent]), Incomplete(vec![uuid(9), uuid(1)]));
    assert_eq!(case(&[&parent]), Incomplete(vec![uuid(9)]));
}

#[test]
fn a_parent_is_known_by_its_parts() {
    let mut search = search(2, 1);
    search.add_saved(&record(9, &[1, 2], 0));
    for number in [1, 2] {
        search.add_saved(&record(number, &[number], 0));
        let mut part = SplicedClip::default();
        part.clip_uuid = Some(uuid(number).to_string());
        part.device_uuid = Some(camera(number).to_string());
        part.timestamp_ms = Some(START);
        part.parent_clip_uuid = Some(uuid(9).to_string());
        search.add_in_progress(&part);
    }
    assert_eq!(search.decide(false), Found(vec![uuid(9), uuid(1), uuid(2)]));
}

#[test]
fn several_ranges_are_one_clip_or_several() {
    let case = |records: &[SavedClip]| decide(search(1, 2), records);
    let mut sum = record(1, &[1], 0);
    sum.duration_sec = Some(120);
    assert_eq!(case(&[sum]), Found(vec![uuid(1)]));
    let mut hull = record(1, &[1], 0);
    hull.duration_sec = Some(160);
    assert_eq!(case(&[hull]), Found(vec![uuid(1)]));
    let mut intervals = record(1, &[1], 0);
    let interval = |start| {
        let interval = TimeInterval::new();
        Some(interval.with_start_ms(start).with_end_ms(start + 60_000))
    };
    let both = vec![interval(START), interval(START + 100_000)];
    let map = [(camera(1).to_string(), Some(both))];
    intervals.device_interval_map = Some(map.into());
    assert_eq!(case(&[intervals]), Found(vec![uuid(1)]));
    let each = [record(2, &[1], 0), record(1, &[1], 1)];
    assert_eq!(case(&each), Found(vec![uuid(2), uuid(1)]));
    assert_eq!(case(&each[..1]), Incomplete(vec![uuid(2)]));
}

#[test]
fn what_is_not_confirmed_counts_at_the_end() {
    let mut search = search(1, 1);
    let mut record = record(1, &[1], 0);
    record.created_at_ms = None;
    search.add_saved(&record);
    assert_eq!(search.unconfirmed(), [uuid(1)]);
    assert_eq!(search.decide(false), Incomplete(vec![uuid(1)]));
    assert_eq!(search.decide(true), Found(vec![uuid(1)]));
    record.created_at_ms = Some(SINCE - 1);
    search.add_saved(&record);
    assert_eq!(search.decide(true), Incomplete(vec![]));
}

#[test]
fn a_token_is_certain() {
    let range = UNIX_EPOCH..UNIX_EPOCH + Duration::from_secs(60);
    let new_clip = NewClip::builder(camera(1), range)
        .description("Pallet")
        .build();
    let mut intent = CreateIntent::new(new_clip.unwrap(), UNIX_EPOCH);
    intent.add_token();
    let mut search = Search::new(&intent);
    search.set_created_since(SINCE);
    // Like the request in all but the token.
    let mut other = record(1, &[1], 0);
    other.timestamp_ms = Some(0);
    other.description = Some("Pallet".to_owned());
    search.add_saved(&other);
    assert_eq!(search.decide(true), Incomplete(vec![]));
    // Unlike the request in all but the token.
    let mut ours = record(2, &[5], 0);
    ours.created_at_ms = None;
    ours.description = intent.new_clip().description().map(str::to_owned);
    search.add_saved(&ours);
    assert_eq!(search.decide(false), Found(vec![uuid(2)]));
}

#[test]
fn the_list_is_asked_for_nothing_that_could_hide_the_clip() {
    let request = search(2, 2).page_request(200);
    let json = serde_json::to_value(&request).unwrap();
    let expected = serde_json::json!({
        "deviceUuidFilters": [camera(1).to_string(), camera(2).to_string()],
        "pageSize": 200,
        "timestampMsAfter": START - FILTER_MARGIN_MS,
    });
    assert_eq!(json, expected);
}
