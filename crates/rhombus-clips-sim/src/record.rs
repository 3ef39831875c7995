//! Records of clips.
//!
//! Builds the JSON record that the service returns for a clip: properties generated from the seed,
//! then the fields of the current step, then the changes that the test defines. It receives the
//! step and must not know how it was selected.

use crate::rng::SeededRng;
use crate::rng::generate_ruuid;
use crate::step::{PropertyChange, RecordFields};
use rhombus_clips_api::types::{
    ClipAccessSettings, ClipVisibility, MetaDataLocation, Resolution, SavedClip,
};
use serde_json::{Map, Value};
use std::ops::Range;
use std::time::Duration;

/// Default start of service time in milliseconds since the Unix epoch: 2026-01-01T00:00:00Z. It is fixed,
/// so that records do not depend on the current date.
pub(crate) const EPOCH_MS: i64 = 1_767_225_600_000;

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// Length of a clip in seconds. Rhombus limits clips to 60 minutes; the minimum is chosen.
const CLIP_LENGTH_SEC: Range<i64> = 10..3601;
/// Length of a file in bytes. Chosen far below that of a video, because the hash in the record is that of the
/// file: a test with many clips computes many.
const FILE_BYTES: Range<i64> = 8_192..65_536;
/// Time from the end of the footage to the request for the clip, in milliseconds. Chosen, not
/// measured.
const REQUEST_DELAY_MS: Range<i64> = 60_000..DAY_MS;

const CAMERA_LOCATIONS: &[&str] = &[
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

/// Builds the record of clip `uuid` in organization `org` of a service that starts at `epoch_ms`, at a step that
/// started at `age` on the clip's timeline. `file` is there once the clip is complete. `rng` must be the clip's record stream, at its start; `changes` apply to all
/// records of the clip.
///
/// The properties of a finished file (size, checksum and locations) are present only once the clip
/// is complete.
pub(crate) fn build_record(
    (uuid, org): (&str, &str),
    epoch_ms: i64,
    rng: &mut SeededRng,
    file: Option<FileFacts>,
    (fields, age): (&RecordFields, Duration),
    changes: &[PropertyChange],
) -> Map<String, Value> {
    let mut clip = generate_clip((uuid, org), epoch_ms, rng, file, age);
    clip.status = Some(fields.status.clone());
    clip.percent_complete = fields.percent;
    clip.current_operation = fields.operation.as_deref().map(str::to_owned);
    let mut record = match serde_json::to_value(clip) {
        Ok(Value::Object(record)) => record,
        _ => Map::new(),
    };
    for PropertyChange { property, value } in changes.iter().chain(&fields.changes) {
        match value {
            Some(value) => record.insert(property.clone(), value.clone()),
            None => record.remove(property),
        };
    }
    record
}

/// Wraps a record in a response body.
pub(crate) fn response_body(record: Option<Map<String, Value>>, warning: Option<&str>) -> Value {
    let mut body = Map::new();
    body.insert("clip".to_owned(), record.map_or(Value::Null, Value::Object));
    if let Some(warning) = warning {
        body.insert("warningMsg".to_owned(), warning.into());
    }
    Value::Object(body)
}

/// Generates the properties other than status, percentage and operation.
fn generate_clip(
    (uuid, org): (&str, &str),
    epoch_ms: i64,
    rng: &mut SeededRng,
    file: Option<FileFacts>,
    age: Duration,
) -> SavedClip {
    let duration_sec = rng.range(CLIP_LENGTH_SEC);
    // A scripted clip was created before the service started, so that no time is in the future.
    let created_at_ms = epoch_ms - rng.range(0..DAY_MS);
    let age_sec = i64::try_from(age.as_secs()).unwrap_or(i64::MAX);
    let (width, height) = rng.choose(RESOLUTIONS);
    // The length of the file, see `file_size`. The same order is in `region`.
    rng.range(FILE_BYTES);
    let camera_location = rng.choose(CAMERA_LOCATIONS);
    let device_uuid = format!("{}.v0", generate_ruuid(rng));
    let region = rng.choose(REGIONS);

    let mut access = ClipAccessSettings::default();
    access.visibility = Some(ClipVisibility::OrgWide);
    let mut resolution = Resolution::default();
    resolution.width = Some(width);
    resolution.height = Some(height);
    let mut location = MetaDataLocation::default();
    location.region = Some(region.to_owned());

    let mut clip = SavedClip::default();
    clip.access_settings = Some(access);
    clip.analyzed = Some(file.is_some());
    clip.console_delete = Some(false);
    clip.created_at_ms = Some(created_at_ms);
    clip.description = Some(format!("Saved from {camera_location}"));
    clip.device_presentation_order = Some(vec![Some(device_uuid.clone())]);
    clip.device_uuid = Some(device_uuid.clone());
    clip.device_uuids = Some(vec![Some(device_uuid)]);
    clip.duration_sec = Some(duration_sec);
    clip.is_monitoring_clip = Some(false);
    clip.is_vendor_clip = Some(false);
    clip.last_updated_sec = Some((created_at_ms / 1000).saturating_add(age_sec));
    clip.org_uuid = Some(org.to_owned());
    clip.send_to_shared_storage = Some(false);
    clip.timestamp_ms = Some(created_at_ms - duration_sec * 1000 - rng.range(REQUEST_DELAY_MS));
    clip.title = Some(format!("{camera_location}: {}", rng.choose(EVENTS)));
    clip.user_uuid = Some(generate_ruuid(rng));
    clip.uuid = Some(uuid.to_owned());
    clip.video_resolution = Some(resolution);
    if let Some(file) = file {
        clip.byte_count = Some(file.byte_count);
        clip.clip_location = Some(location.clone());
        clip.sha256_hex = Some(file.sha256_hex);
        clip.thumbnail_location = Some(location);
    }
    clip
}

/// Length and hash of a clip's file.
#[derive(Clone, Debug)]
pub(crate) struct FileFacts {
    pub(crate) byte_count: i64,
    pub(crate) sha256_hex: String,
}

/// Returns the length of a clip's file. `rng` must be the clip's record stream, at its start.
pub(crate) fn file_size(rng: &mut SeededRng) -> u64 {
    rng.range(CLIP_LENGTH_SEC);
    rng.range(0..DAY_MS);
    rng.choose(RESOLUTIONS);
    u64::try_from(rng.range(FILE_BYTES)).unwrap_or_default()
}

/// Returns the region of a clip's file. `rng` must be the clip's record stream, at its start.
pub(crate) fn region(rng: &mut SeededRng) -> &'static str {
    file_size(rng);
    rng.choose(CAMERA_LOCATIONS);
    generate_ruuid(rng);
    rng.choose(REGIONS)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Stream;
    use crate::step::Step;
    use rhombus_clips_api::types::ClipStatus;
    use serde_json::json;

    fn record_of(step: Step, seed: u64) -> Map<String, Value> {
        let fields = step.record_fields().expect("a step with a record");
        let mut rng = SeededRng::new(seed, Stream::Record, 0);
        let changes = [
            PropertyChange::set("title", "mine"),
            PropertyChange::set("description", 5),
        ];
        let file = (fields.status == ClipStatus::Complete).then(|| FileFacts {
            byte_count: 7,
            sha256_hex: "00".repeat(32),
        });
        build_record(
            ("uuid", "org"),
            EPOCH_MS,
            &mut rng,
            file,
            (fields, Duration::from_secs(7)),
            &changes,
        )
    }

    #[test]
    fn file_properties_are_present_only_once_the_clip_is_complete() {
        let rendering = record_of(Step::new(ClipStatus::Rendering).percent(100), 0);
        let complete = record_of(Step::new(ClipStatus::Complete), 0);
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
    fn record_is_determined_by_the_seed_and_deserializes_as_the_api_type() {
        let complete = |seed| {
            record_of(
                Step::new(ClipStatus::Complete).with("description", "d"),
                seed,
            )
        };
        assert_eq!(complete(3), complete(3));
        assert_ne!(complete(3), complete(4));
        let clip: SavedClip = serde_json::from_value(Value::Object(complete(3))).unwrap();
        assert_eq!(clip.status, Some(ClipStatus::Complete));
        assert!(CLIP_LENGTH_SEC.contains(&clip.duration_sec.unwrap()));
        assert!(clip.timestamp_ms.unwrap() < clip.created_at_ms.unwrap());
    }

    #[test]
    fn step_changes_take_precedence_over_clip_changes() {
        let step = Step::new(ClipStatus::from("ARCHIVED"))
            .with("description", json!(["invalid"]))
            .without("uuid");
        let record = record_of(step, 0);
        assert_eq!(record["status"], "ARCHIVED");
        assert_eq!(record["title"], "mine");
        assert_eq!(record["description"], json!(["invalid"]));
        assert!(!record.contains_key("uuid"));
    }
}
