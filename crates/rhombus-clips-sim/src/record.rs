//! A clip's record as the service writes it: what the seed says about the clip, and the step it
//! is at.

use crate::dice::Dice;
use crate::ruuid::ruuid;
use crate::step::{Change, Sheet};
use rhombus_clips_api::types::{
    ClipAccessSettings, ClipStatus, ClipVisibility, MetaDataLocation, Resolution, SavedClip,
};
use serde_json::{Map, Value};
use std::time::Duration;

/// The moment at which the service's time begins: 2026-01-01T00:00:00Z, in milliseconds since the
/// Unix epoch. It is fixed, so that the same seed gives the same records on every day.
pub(crate) const EPOCH_MS: i64 = 1_767_225_600_000;

const DAY_MS: i64 = 24 * 60 * 60 * 1000;
const PLACES: &[&str] = &[
    "Loading dock",
    "North entrance",
    "Server room",
    "Parking level 2",
    "Checkout 4",
    "Stairwell B",
    "Warehouse aisle 12",
];
const EVENTS: &[&str] = &[
    "door held open",
    "delivery arrived",
    "motion after hours",
    "pallet left in the way",
    "vehicle at the gate",
    "person detected",
];
const RESOLUTIONS: &[(i64, i64)] = &[(1280, 720), (1920, 1080), (2592, 1944), (3840, 2160)];
const REGIONS: &[&str] = &["us-west-2", "us-east-2"];

/// The record of clip `uuid` in organization `org`, at a step that began at `age` of the clip's
/// life. `dice` are the clip's own, from their start; `changes` hold for the whole clip.
///
/// What belongs to a finished file (its size, checksum and places) is there once the clip is
/// complete, and not before.
pub(crate) fn record(
    uuid: &str,
    org: &str,
    dice: &mut Dice,
    (sheet, age): (&Sheet, Duration),
    changes: &[Change],
) -> Map<String, Value> {
    let finished = sheet.status == ClipStatus::Complete;
    let mut clip = identity(uuid, org, dice, finished, age);
    clip.status = Some(sheet.status.clone());
    clip.percent_complete = sheet.percent;
    clip.current_operation = sheet.operation.as_deref().map(str::to_owned);
    let mut record = match serde_json::to_value(clip) {
        Ok(Value::Object(record)) => record,
        _ => Map::new(),
    };
    for Change { property, value } in changes.iter().chain(&sheet.changes) {
        match value {
            Some(value) => record.insert(property.clone(), value.clone()),
            None => record.remove(property),
        };
    }
    record
}

/// The body around a record.
pub(crate) fn envelope(record: Option<Map<String, Value>>, warning: Option<&str>) -> Value {
    let mut body = Map::new();
    body.insert("clip".to_owned(), record.map_or(Value::Null, Value::Object));
    if let Some(warning) = warning {
        body.insert("warningMsg".to_owned(), warning.into());
    }
    Value::Object(body)
}

/// Who the clip is, apart from how far it has come.
fn identity(uuid: &str, org: &str, dice: &mut Dice, finished: bool, age: Duration) -> SavedClip {
    let duration_sec = dice.whole(10..3601); // a clip is at most 60 minutes long
    let created_at_ms = EPOCH_MS + dice.whole(0..DAY_MS);
    let age_sec = i64::try_from(age.as_secs()).unwrap_or(i64::MAX);
    let (width, height) = dice.pick(RESOLUTIONS);
    let bits_per_second = dice.whole(1_200_000..4_000_000);
    let place = dice.pick(PLACES);
    let device = format!("{}.v0", ruuid(dice));
    let region = dice.pick(REGIONS);
    let sha256: [u8; 32] = dice.bytes();

    let mut access = ClipAccessSettings::default();
    access.visibility = Some(ClipVisibility::OrgWide);
    let mut resolution = Resolution::default();
    resolution.width = Some(width);
    resolution.height = Some(height);
    let mut location = MetaDataLocation::default();
    location.region = Some(region.to_owned());

    let mut clip = SavedClip::default();
    clip.access_settings = Some(access);
    clip.analyzed = Some(finished);
    clip.console_delete = Some(false);
    clip.created_at_ms = Some(created_at_ms);
    clip.description = Some(format!("Saved from {place}"));
    clip.device_presentation_order = Some(vec![Some(device.clone())]);
    clip.device_uuid = Some(device.clone());
    clip.device_uuids = Some(vec![Some(device)]);
    clip.duration_sec = Some(duration_sec);
    clip.is_monitoring_clip = Some(false);
    clip.is_vendor_clip = Some(false);
    clip.last_updated_sec = Some((created_at_ms / 1000).saturating_add(age_sec));
    clip.org_uuid = Some(org.to_owned());
    clip.send_to_shared_storage = Some(false);
    clip.timestamp_ms = Some(created_at_ms - duration_sec * 1000 - dice.whole(60_000..DAY_MS));
    clip.title = Some(format!("{place}: {}", dice.pick(EVENTS)));
    clip.user_uuid = Some(ruuid(dice));
    clip.uuid = Some(uuid.to_owned());
    clip.video_resolution = Some(resolution);
    if finished {
        clip.byte_count = Some(duration_sec * bits_per_second / 8);
        clip.clip_location = Some(location.clone());
        clip.sha256_hex = Some(hex(&sha256));
        clip.thumbnail_location = Some(location);
    }
    clip
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dice::Purpose;
    use crate::step::{Says, Step};
    use serde_json::json;

    fn told(step: Step, seed: u64) -> Map<String, Value> {
        let Says::Record(sheet) = step.says else {
            panic!("no record");
        };
        let mut dice = Dice::new(seed, Purpose::Identity, 0);
        let changes = [Change::set("title", "mine"), Change::set("description", 5)];
        record(
            "uuid",
            "org",
            &mut dice,
            (&sheet, Duration::from_secs(7)),
            &changes,
        )
    }

    #[test]
    fn has_a_finished_file_once_the_clip_is_complete_and_not_before() {
        let rendering = told(Step::new(ClipStatus::Rendering).percent(100), 0);
        let complete = told(Step::new(ClipStatus::Complete), 0);
        for property in [
            "byteCount",
            "sha256Hex",
            "clipLocation",
            "thumbnailLocation",
        ] {
            assert!(!rendering.contains_key(property), "{property}");
            assert!(complete.contains_key(property), "{property}");
        }
        assert_eq!(complete["sha256Hex"].as_str().unwrap().len(), 64);
        assert_eq!(complete["percentComplete"], 100);
        assert_eq!(complete["currentOperation"], "Complete");
        assert_eq!(complete["deviceUuid"], rendering["deviceUuid"]);
    }

    #[test]
    fn is_the_same_for_the_same_seed_and_reads_back_as_the_type_of_the_api() {
        let complete = |seed| {
            told(
                Step::new(ClipStatus::Complete).with("description", "d"),
                seed,
            )
        };
        assert_eq!(complete(3), complete(3));
        assert_ne!(complete(3), complete(4));
        let read: SavedClip = serde_json::from_value(Value::Object(complete(3))).unwrap();
        assert_eq!(read.status, Some(ClipStatus::Complete));
        assert!((10..=3600).contains(&read.duration_sec.unwrap()));
        assert!(read.timestamp_ms.unwrap() < read.created_at_ms.unwrap());
    }

    #[test]
    fn a_steps_changes_come_after_the_clips() {
        let step = Step::new(ClipStatus::from("ARCHIVED"))
            .with("description", json!(["odd"]))
            .without("uuid");
        let record = told(step, 0);
        assert_eq!(record["status"], "ARCHIVED");
        assert_eq!(record["title"], "mine");
        assert_eq!(record["description"], json!(["odd"]));
        assert!(!record.contains_key("uuid"));
    }
}
