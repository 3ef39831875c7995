//! The operations beside `getClipWithProgress`: what they do, with each answer to an open question, and what
//! they refuse.

use std::time::{Duration, UNIX_EPOCH};

use reqwest::Client;
use rhombus_clips_sim::prelude::*;
use rhombus_clips_sim::{
    Behavior, CanceledClip, DeletedClip, InvalidRange, NoFootage, SeveralClips,
};
use serde_json::{Value, json};

/// Start of the footage that is requested, before the start of the service.
const START_MS: i64 = 1_767_000_000_000;

fn path(operation: &str) -> String {
    let family = match operation {
        "getMinimalCameraStateList" | "getPresenceWindows" => "camera",
        "spliceV3"
        | "cancelSpliceV2"
        | "retrySplice"
        | "getMaxSpliceDuration"
        | "getSplicedClipsInProgress" => "video",
        _ => "event",
    };
    format!("/api/{family}/{operation}")
}

async fn send(service: &Service, operation: &str, body: &Value) -> (u16, Value) {
    let request = Client::new()
        .post(format!("{}{}", service.base_url(), path(operation)))
        .header("x-auth-scheme", "api-token")
        .header("x-auth-apikey", service.api_key())
        .json(body);
    let response = request.send().await.unwrap();
    let status = response.status().as_u16();
    (status, response.json().await.unwrap_or_default())
}

async fn ok(service: &Service, operation: &str, body: Value) -> Value {
    let (status, response) = send(service, operation, &body).await;
    assert_eq!(status, 200, "{operation} {body}");
    assert_ne!(response["error"], true, "{operation} {body}: {response}");
    response
}

async fn start(change: impl FnOnce(&mut Behavior)) -> (Service, String) {
    let mut behavior = Behavior::default();
    change(&mut behavior);
    let service = Service::builder().behavior(behavior).start().await.unwrap();
    let camera = service.add_camera(camera("Loading dock"));
    (service, camera)
}

fn splice(devices: &[&str]) -> Value {
    json!({
        "deviceUuids": devices, "startTimeMillis": START_MS, "durationSec": 60,
        "saveToConsole": true, "title": "Delivery", "audioIncluded": false,
    })
}

async fn clip(service: &Service, uuid: &Value) -> Value {
    let body = json!({"clipUuid": uuid});
    ok(service, "getClipWithProgress", body).await["clip"].clone()
}

#[tokio::test(start_paused = true)]
async fn a_clip_follows_from_what_was_asked_for() {
    let (service, camera) = start(|_| {}).await;
    let device = format!("{camera}.v0");
    let uuid = ok(&service, "spliceV3", splice(&[&device])).await["clipUuid"].clone();
    let record = clip(&service, &uuid).await;
    for (property, expected) in [
        ("deviceUuids", json!([device])),
        ("timestampMs", json!(START_MS)),
        ("durationSec", json!(60)),
        ("title", json!("Delivery")),
        ("status", json!("INITIATING")),
        ("placeholder", json!(false)),
    ] {
        assert_eq!(record[property], expected, "{property}");
    }
    // Created at the time of the request.
    assert!((0..100).contains(&(record["createdAtMs"].as_i64().unwrap() - 1_767_225_600_000)));
    let in_progress = ok(&service, "getSplicedClipsInProgress", json!({})).await;
    assert_eq!(in_progress["splicedClips"][0]["clipUuid"], uuid);
    assert_eq!(in_progress["splicedClips"][0]["totalSegments"], 30);
    tokio::time::sleep(Duration::from_secs(30)).await;
    assert_eq!(clip(&service, &uuid).await["status"], "COMPLETE");
    let in_progress = ok(&service, "getSplicedClipsInProgress", json!({})).await;
    assert_eq!(in_progress["splicedClips"], json!([]));
    let page = ok(&service, "getClipsWithProgress", json!({"pageSize": 10})).await;
    assert_eq!(page["savedClips"][0], clip(&service, &uuid).await);
}

#[tokio::test(start_paused = true)]
async fn what_the_document_refuses_is_refused() {
    let (service, camera) = start(|_| {}).await;
    let with = |property: &str, value: Value| {
        let mut body = splice(&[&camera]);
        body[property] = value;
        body
    };
    let page = |property: &str, value: Value| {
        let mut body = json!({"pageSize": 5});
        body[property] = value;
        body
    };
    for (operation, body, expected) in [
        ("spliceV3", with("deviceUuids", json!("x")), 400),
        ("spliceV3", with("deviceUuids", json!([7])), 400),
        ("spliceV3", with("deviceUuids", json!([])), 500),
        ("spliceV3", with("durationSec", json!(1.5)), 400),
        ("spliceV3", with("durationSec", json!(1_i64 << 31)), 400),
        ("spliceV3", with("durationSec", Value::Null), 500),
        (
            "spliceV3",
            with("startTimeMillis", json!("1767000000000")),
            400,
        ),
        ("spliceV3", with("audioIncluded", json!("yes")), 400),
        ("spliceV3", with("clipVisibility", json!("NEIGHBORS")), 400),
        (
            "spliceV3",
            with("accessSettings", json!({"visibility": "NEIGHBORS"})),
            400,
        ),
        (
            "spliceV3",
            with("accessSettings", json!({"allowedRoles": ["a", "a"]})),
            400,
        ),
        (
            "updateSavedClip",
            json!({"savedClipUuid": "x", "accessSettings": {"visibility": "x"}}),
            400,
        ),
        (
            "spliceV3",
            with("deviceIntervalMap", json!({camera.as_str(): [7]})),
            400,
        ),
        ("spliceV3", with("unknown", json!(7)), 200),
        ("spliceV3", json!([]), 400),
        ("getClipsWithProgress", page("pageSize", json!(0)), 400),
        ("getClipsWithProgress", page("pageSize", json!(201)), 400),
        ("getClipsWithProgress", page("pageSize", json!("5")), 400),
        (
            "getClipsWithProgress",
            page("timestampMsAfter", json!("5")),
            400,
        ),
        (
            "getClipsWithProgress",
            page("deviceUuidFilters", json!([7])),
            400,
        ),
        (
            "getClipsWithProgress",
            page("filterByPrivate", json!(1)),
            400,
        ),
        ("getClipsWithProgress", json!({}), 200),
        ("getPresenceWindows", json!({"cameraUuid": camera}), 500),
        (
            "getPresenceWindows",
            json!({"cameraUuid": 7, "startTimeSec": 1, "durationSec": 1}),
            400,
        ),
        (
            "getPresenceWindows",
            json!({"cameraUuid": format!("{camera}.v0"), "startTimeSec": 1, "durationSec": 1}),
            400,
        ),
        (
            "getMinimalCameraStateList",
            json!({"includeMummified": "no"}),
            400,
        ),
        ("deleteSavedClip", json!({"clipUuid": "x"}), 500),
        ("deleteSavedClip", json!({"savedClipUuid": 7}), 400),
        ("retrySplice", json!({}), 500),
        ("cancelSpliceV2", json!({"clipUuidList": "x"}), 400),
        ("cancelSpliceV2", json!({"deviceUuids": [camera]}), 500),
        ("updateSavedClip", json!({"title": "x"}), 500),
        (
            "updateSavedClip",
            json!({"savedClipUuid": "x", "title": 7}),
            400,
        ),
    ] {
        let (status, response) = send(&service, operation, &body).await;
        assert_eq!(status, expected, "{operation} {body}: {response}");
    }
    assert_eq!(service.created_clips().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn several_cameras_make_the_clips_of_the_switch() {
    for (mode, parts) in [
        (SeveralClips::Joined, 0),
        (SeveralClips::Each, 2),
        (SeveralClips::Parent, 2),
    ] {
        let (service, dock) = start(|it| it.several_cameras = mode).await;
        let gate = service.add_camera(camera("Gate"));
        let response = ok(&service, "spliceV3", splice(&[&dock, &gate])).await;
        let list = response["clipUuidList"]
            .as_array()
            .cloned()
            .unwrap_or_default();
        assert_eq!(list.len(), parts, "{mode:?}");
        assert_eq!(response["clipUuid"].is_string(), mode != SeveralClips::Each);
        for uuid in &list {
            let record = clip(&service, uuid).await;
            assert_eq!(record["deviceUuids"].as_array().map(Vec::len), Some(1));
        }
        if mode == SeveralClips::Parent {
            assert_eq!(
                clip(&service, &response["clipUuid"]).await["placeholder"],
                true
            );
            let in_progress = ok(&service, "getSplicedClipsInProgress", json!({})).await;
            let items = in_progress["splicedClips"].as_array().unwrap();
            let parents = items
                .iter()
                .filter(|it| it["parentClipUuid"] == response["clipUuid"]);
            assert_eq!(parents.count(), 2);
            assert!(items.iter().any(|it| it["expectedSubClipCount"] == 2));
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_invalid_range_ends_as_the_switch_says() {
    let body = |camera: &str, start: i64, duration: i64| {
        let mut body = splice(&[camera]);
        body["startTimeMillis"] = start.into();
        body["durationSec"] = duration.into();
        body
    };
    for (mode, status) in [
        (InvalidRange::Error, 200),
        (InvalidRange::BadRequest, 400),
        (InvalidRange::FailedClip, 200),
    ] {
        let (service, camera) = start(|it| it.invalid_range = mode).await;
        let now = 1_767_225_600_000;
        for body in [
            body(&camera, START_MS, 3601),
            body(&camera, now, 60),
            body(&camera, START_MS, 0),
        ] {
            let (found, response) = send(&service, "spliceV3", &body).await;
            assert_eq!(found, status, "{body}");
            assert_eq!(
                response["error"] == true,
                mode == InvalidRange::Error,
                "{response}"
            );
            if mode == InvalidRange::FailedClip {
                tokio::time::sleep(Duration::from_secs(5)).await;
                assert_eq!(
                    clip(&service, &response["clipUuid"]).await["status"],
                    "FAILED"
                );
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_clip_ends_as_the_switches_say() {
    for (canceled, deleted, expected) in [
        (
            CanceledClip::Deleted,
            DeletedClip::Deleted,
            [json!("DELETED"), json!("DELETED")],
        ),
        (
            CanceledClip::Failed,
            DeletedClip::Gone,
            [json!("FAILED"), Value::Null],
        ),
        (
            CanceledClip::Gone,
            DeletedClip::Gone,
            [Value::Null, Value::Null],
        ),
        (
            CanceledClip::Unchanged,
            DeletedClip::Deleted,
            [json!("INITIATING"), json!("DELETED")],
        ),
    ] {
        let (service, camera) = start(|it| {
            it.canceled_clip = canceled;
            it.deleted_clip = deleted;
        })
        .await;
        let uuid = ok(&service, "spliceV3", splice(&[&camera])).await["clipUuid"].clone();
        ok(&service, "cancelSpliceV2", json!({"clipUuid": uuid})).await;
        assert_eq!(clip(&service, &uuid).await["status"], expected[0]);
        let uuid = ok(&service, "spliceV3", splice(&[&camera])).await["clipUuid"].clone();
        ok(&service, "deleteSavedClip", json!({"savedClipUuid": uuid})).await;
        assert_eq!(clip(&service, &uuid).await["status"], expected[1]);
        let again = send(&service, "deleteSavedClip", &json!({"savedClipUuid": uuid})).await;
        assert_eq!(again.1["error"], true);
    }
}

#[tokio::test(start_paused = true)]
async fn footage_decides_what_becomes_of_a_clip() {
    let at = |ms: i64| UNIX_EPOCH + Duration::from_millis(ms.unsigned_abs());
    let footage = at(START_MS)..at(START_MS + 60_000);
    for (no_footage, expected) in [
        (NoFootage::Complete, "COMPLETE"),
        (NoFootage::Failed, "FAILED"),
    ] {
        let (service, _) = start(|it| it.no_footage = no_footage).await;
        let camera = service.add_camera(camera("Outage").no_footage(footage.clone()));
        let uuid = ok(&service, "spliceV3", splice(&[&camera])).await["clipUuid"].clone();
        tokio::time::sleep(Duration::from_secs(30)).await;
        assert_eq!(clip(&service, &uuid).await["status"], expected);
    }
    let (service, _) = start(|_| {}).await;
    let camera = service.add_camera(camera("Far").footage_on_camera(footage).offline());
    let uuid = ok(&service, "spliceV3", splice(&[&camera])).await["clipUuid"].clone();
    tokio::time::sleep(Duration::from_secs(3600)).await;
    assert_eq!(clip(&service, &uuid).await["status"], "OFFLINE");
}

#[tokio::test(start_paused = true)]
async fn an_update_changes_what_is_given_or_all() {
    for clears in [false, true] {
        let (service, camera) = start(|it| it.update_clears = clears).await;
        let uuid = ok(&service, "spliceV3", splice(&[&camera])).await["clipUuid"].clone();
        let update = json!({"savedClipUuid": uuid, "description": "Pallet 7"});
        ok(&service, "updateSavedClip", update).await;
        let record = clip(&service, &uuid).await;
        assert_eq!(record["description"], "Pallet 7");
        assert_eq!(record["title"].is_null(), clears);
    }
}

#[tokio::test(start_paused = true)]
async fn everything_follows_from_the_seed() {
    let mut observations = Vec::new();
    for seed in [7, 7, 8] {
        let service = Service::builder().seed(seed).start().await.unwrap();
        let camera = service.add_camera(camera("Dock"));
        let presence =
            json!({"cameraUuid": camera, "startTimeSec": 0, "durationSec": 2_000_000_000});
        let mut observed = vec![
            ok(&service, "getMinimalCameraStateList", json!({})).await,
            ok(&service, "getPresenceWindows", presence).await,
            ok(&service, "spliceV3", splice(&[&camera])).await,
        ];
        for _ in 0..4 {
            observed.push(ok(&service, "getClipsWithProgress", json!({"pageSize": 1})).await);
            observed.push(ok(&service, "getSplicedClipsInProgress", json!({})).await);
            tokio::time::sleep(Duration::from_secs(9)).await;
        }
        let mut text = Value::from(observed).to_string();
        // Milliseconds of real time pass while the service starts.
        for number in 0..100 {
            text = text.replace(&(1_767_225_600_000_i64 + number).to_string(), "start");
        }
        observations.push(text);
    }
    assert_eq!(observations[0], observations[1]);
    assert_ne!(observations[0], observations[2]);
}

#[tokio::test(start_paused = true)]
async fn responses_tell_the_time_of_the_service() {
    let date = |service: &Service| {
        let request = Client::new().post(service.base_url()).send();
        async { request.await.unwrap().headers().get("date").cloned() }
    };
    let service = Service::builder()
        .start_time(UNIX_EPOCH + 1000.s())
        .start()
        .await
        .unwrap();
    assert_eq!(
        date(&service).await.unwrap(),
        "Thu, 01 Jan 1970 00:16:40 GMT"
    );
    tokio::time::sleep(Duration::from_secs(61)).await;
    assert_eq!(
        date(&service).await.unwrap(),
        "Thu, 01 Jan 1970 00:17:41 GMT"
    );
    let (service, _) = start(|it| it.omits_date = true).await;
    assert_eq!(date(&service).await, None);
}

#[tokio::test(start_paused = true)]
async fn a_fault_is_for_an_operation() {
    let (service, camera) = start(|_| {}).await;
    service.inject(
        fault(Response::status(503))
            .for_operation("spliceV3")
            .on_request(2),
    );
    let statuses = async |operation: &'static str, body: Value| {
        let mut statuses = Vec::new();
        for _ in 0..3 {
            statuses.push(send(&service, operation, &body).await.0);
        }
        statuses
    };
    assert_eq!(
        statuses("getMaxSpliceDuration", json!({})).await,
        [200, 200, 200]
    );
    assert_eq!(
        statuses("spliceV3", splice(&[&camera])).await,
        [200, 503, 200]
    );
    assert_eq!(service.created_clips().len(), 2);
    service
        .verify_operation("spliceV3")
        .count(3)
        .statuses([200, 503, 200]);
    assert_eq!(
        service.requests()[3].to_string().split(": ").nth(1),
        Some("spliceV3, scheme api-token, response 200")
    );
}
