//! Each answer to an open question about files, alone.

use rhombus_clips_sim::prelude::*;
use rhombus_clips_sim::{Behavior, Clip, FileChecksum, FileLocation, MediaValidator, WrongRegion};
use rhombus_clips_tests::sha256_hex;
use serde_json::{Value, json};

use super::{LENGTH, Setup, header};
use crate::common::get_json;

/// The locations in a record: `clipLocation`, `clipLocationV2`, `thumbnailLocation`.
fn locations(record: &Value) -> [Value; 3] {
    ["clipLocation", "clipLocationV2", "thumbnailLocation"].map(|property| record[property].clone())
}

#[tokio::test]
async fn a_location_is_where_the_switch_says() {
    for place in [
        FileLocation::AtCompletion,
        FileLocation::FromTheBeginning,
        FileLocation::V2Only,
        FileLocation::Url,
        FileLocation::ThumbnailOnly,
    ] {
        let mut behavior = Behavior::default();
        behavior.file_location = place;
        // Several, because the regions are those of the seed.
        for seed in 0..4 {
            let service = Service::builder().seed(seed).behavior(behavior.clone());
            let steps = [
                Step::new(ClipStatus::Rendering),
                Step::new(ClipStatus::Complete),
            ];
            let setup = Setup::of(service.start().await.unwrap(), Clip::by_request(steps)).await;
            let early = setup.record.clone();
            let record = get_json(&setup.service, &setup.uuid).await["clip"].clone();
            let setup = Setup { record, ..setup };
            let region = json!({"region": setup.region()});
            let expected = match place {
                FileLocation::AtCompletion | FileLocation::FromTheBeginning => {
                    [region.clone(), Value::Null, region.clone()]
                }
                FileLocation::V2Only => [Value::Null, json!(setup.region()), region.clone()],
                FileLocation::Url => [Value::Null, json!(setup.url()), region.clone()],
                _ => [Value::Null, Value::Null, region.clone()],
            };
            assert_eq!(locations(&setup.record), expected, "{place:?}");
            let early_location = match place {
                FileLocation::FromTheBeginning => region,
                _ => Value::Null,
            };
            let expected = [early_location, Value::Null, Value::Null];
            assert_eq!(locations(&early), expected, "{place:?}");
            // Wherever it is named, the file is there.
            assert_eq!(setup.record["sha256Hex"], *sha256_hex(&setup.bytes().await));
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_file_is_late_by_its_delay() {
    let mut behavior = Behavior::default();
    behavior.file_delay = 3.s();
    let service = Service::builder().behavior(behavior);
    let clip = clip().renders_in(30.s()).from_registration();
    let setup = Setup::of(service.start().await.unwrap(), clip).await;
    tokio::time::sleep(30.s()).await;
    let record = get_json(&setup.service, &setup.uuid).await["clip"].clone();
    assert_eq!(record["status"], "COMPLETE");
    let setup = Setup { record, ..setup };
    let path = setup.path(setup.region());
    assert_eq!(setup.status_of(&path).await, 404);
    tokio::time::sleep(2900.ms()).await;
    assert_eq!(setup.status_of(&path).await, 404);
    tokio::time::sleep(100.ms()).await;
    assert_eq!(setup.status_of(&path).await, 200);
}

#[tokio::test]
async fn another_region_refuses() {
    for (answer, expected) in [(WrongRegion::NotFound, 404), (WrongRegion::Forbidden, 403)] {
        let setup = Setup::with(|it| it.wrong_region = answer).await;
        for region in [setup.other_region(), "", "nowhere"] {
            let status = setup.status_of(&setup.path(region)).await;
            assert_eq!(status, expected, "{answer:?} {region}");
        }
        assert_eq!(setup.status_of(&setup.path(setup.region())).await, 200);
        // A file that no region has is not there.
        let unknown = setup.path(setup.region()).replace(&setup.uuid, "A");
        assert_eq!(setup.status_of(&unknown).await, 404);
    }
}

#[tokio::test]
async fn a_host_without_ranges_sends_the_whole() {
    let setup = Setup::with(|it| it.honors_ranges = false).await;
    for range in ["bytes=7-", "bytes=999999-"] {
        let request = setup.get().header("range", range);
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), 200);
        assert_eq!(header(&response, "accept-ranges"), None);
        assert_eq!(header(&response, "content-range"), None);
        assert_eq!(response.bytes().await.unwrap().len(), LENGTH);
    }
}

#[tokio::test]
async fn a_version_is_identified_as_the_switch_says() {
    for (validator, tag_start, has_date) in [
        (MediaValidator::Strong, Some("\""), true),
        (MediaValidator::Weak, Some("W/\""), false),
        (MediaValidator::LastModified, None, true),
        (MediaValidator::None, None, false),
    ] {
        let setup = Setup::with(|it| it.media_validator = validator).await;
        let response = setup.get().send().await.unwrap();
        let tag = header(&response, "etag");
        assert_eq!(tag.is_some(), tag_start.is_some(), "{validator:?}");
        assert!(
            tag.unwrap_or_default()
                .starts_with(tag_start.unwrap_or_default())
        );
        let date = header(&response, "last-modified");
        assert_eq!(date.is_some(), has_date, "{validator:?}");
        // The same of a range.
        let range = setup.get().header("range", "bytes=7-");
        let range = range.send().await.unwrap();
        assert_eq!(header(&range, "etag"), tag);
        assert_eq!(header(&range, "last-modified"), date);
    }
}

#[tokio::test]
async fn a_record_may_omit_hash_and_length() {
    let setup = Setup::with(|it| it.file_checksum = FileChecksum::Absent).await;
    assert_eq!(setup.record["sha256Hex"], Value::Null);
    assert_eq!(setup.record["byteCount"], LENGTH);
    let setup = Setup::with(|it| it.states_byte_count = false).await;
    assert_eq!(setup.record["byteCount"], 0);
    assert_eq!(setup.record["sha256Hex"], *sha256_hex(&setup.bytes().await));
}

#[tokio::test]
async fn a_list_has_the_records_of_single_requests() {
    for behavior in [Behavior::default(), Behavior::alternative()] {
        let service = Service::builder().behavior(behavior).start().await.unwrap();
        let setup = Setup::of(service, super::large()).await;
        let url = format!(
            "{}/api/event/getClipsWithProgress",
            setup.service.base_url()
        );
        let request = setup.authorized(reqwest::Method::POST, url);
        let request = request.json(&json!({"pageSize": 10}));
        let list: Value = request.send().await.unwrap().json().await.unwrap();
        assert_eq!(list["savedClips"], json!([setup.record]), "{list}");
    }
}
