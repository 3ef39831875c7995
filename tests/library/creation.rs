//! Requests for clips: what they make, what is checked before, and the intents that find them again.

use std::time::Duration;

use rhombus_clips::{CameraUuid, Client, CreateIntent, FootagePolicy, NewClip};
use rhombus_clips_sim::prelude::*;
use rhombus_clips_sim::{Behavior, SeveralClips};

use crate::life::{Trial, at, trial};

#[tokio::test(start_paused = true)]
async fn every_camera_and_range_is_among_the_clips() {
    for mode in [
        SeveralClips::Joined,
        SeveralClips::Each,
        SeveralClips::Parent,
    ] {
        for other in [
            SeveralClips::Joined,
            SeveralClips::Each,
            SeveralClips::Parent,
        ] {
            let mut behavior = Behavior::default();
            (behavior.several_cameras, behavior.several_ranges) = (mode, other);
            let Trial {
                service,
                client,
                dock,
                gate,
            } = trial(behavior).await;
            let new_clip = NewClip::builder(dock, at(900)..at(800))
                .range(at(600)..at(500))
                .device(gate)
                .build()
                .unwrap();
            let created = client.create_clip(new_clip).await.unwrap();
            let made = service.created_clips();
            let uuids: Vec<String> = created.uuids().iter().map(ToString::to_string).collect();
            let expected: Vec<&str> = made.iter().map(|clip| clip.uuid.as_str()).collect();
            assert_eq!(uuids, expected, "{mode:?} {other:?}");
            assert!(made.iter().all(|clip| clip.request == 1));
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_clip_without_footage_is_refused_before_it_is_requested() {
    let Trial {
        service, client, ..
    } = trial(Behavior::default()).await;
    let outage = camera("Outage").no_footage(at(1000)..at(500));
    let camera: CameraUuid = service.add_camera(outage).parse().unwrap();
    let new_clip = |start, end| {
        NewClip::builder(camera, at(start)..at(end))
            .build()
            .unwrap()
    };

    let error = client.create_clip(new_clip(900, 600)).await.unwrap_err();
    assert!(error.is_no_footage() && error.is_unprocessed(), "{error}");
    let error = client
        .create_clip(new_clip(1100, 600))
        .footage(FootagePolicy::Full)
        .await;
    assert!(
        error
            .unwrap_err()
            .to_string()
            .contains("400 s without footage")
    );
    service.verify_operation("spliceV3").count(0);

    let created = client.create_clip(new_clip(1100, 600)).await.unwrap();
    let missing: Vec<_> = created.footage()[0].missing().collect();
    assert_eq!(missing, [at(1000)..at(600)]);
    let created = client
        .create_clip(new_clip(900, 600))
        .footage(FootagePolicy::Off)
        .await;
    assert!(created.unwrap().footage().is_empty());
    service.verify_operation("spliceV3").count(2);
}

#[tokio::test(start_paused = true)]
async fn footage_that_only_an_offline_camera_has_is_told() {
    let Trial {
        service, client, ..
    } = trial(Behavior::default()).await;
    let offline = camera("Offline")
        .footage_on_camera(at(1000)..at(500))
        .offline();
    let camera: CameraUuid = service.add_camera(offline).parse().unwrap();
    let new_clip = NewClip::builder(camera, at(900)..at(600)).build().unwrap();
    let created = client.create_clip(new_clip).await.unwrap();
    let report = &created.footage()[0];
    assert_eq!(report.is_online(), Some(false));
    assert_eq!(
        report.on_camera_only().collect::<Vec<_>>(),
        [at(900)..at(600)]
    );
    assert_eq!(
        report.to_string(),
        format!("camera {camera}: 300 s of footage on the camera only, the camera is offline")
    );
}

#[tokio::test(start_paused = true)]
async fn cameras_are_asked_for_once_a_minute() {
    let Trial {
        service,
        client,
        dock,
        ..
    } = trial(Behavior::default()).await;
    let offline: CameraUuid = service.add_camera(camera("Far").offline()).parse().unwrap();
    let online = async |camera: CameraUuid| {
        let new_clip = NewClip::builder(camera, at(900)..at(600)).build().unwrap();
        let created = client.clone().create_clip(new_clip).await.unwrap();
        // All of it is in the cloud.
        assert!(created.footage()[0].is_full());
        created.footage()[0].is_online()
    };
    client.cameras().await.unwrap();
    assert_eq!(
        [online(dock).await, online(offline).await],
        [Some(true), Some(false)]
    );
    service
        .verify_operation("getMinimalCameraStateList")
        .count(1);
    tokio::time::sleep(Duration::from_secs(60)).await;
    assert_eq!(
        [online(dock).await, online(offline).await],
        [Some(true), Some(false)]
    );
    service
        .verify_operation("getMinimalCameraStateList")
        .count(2);
    // Unless nothing is to be checked.
    tokio::time::sleep(Duration::from_secs(60)).await;
    let new_clip = NewClip::builder(offline, at(900)..at(600)).build().unwrap();
    client
        .create_clip(new_clip)
        .footage(FootagePolicy::Off)
        .await
        .unwrap();
    service
        .verify_operation("getMinimalCameraStateList")
        .count(2);
}

#[tokio::test(start_paused = true)]
async fn a_check_that_fails_blocks_nothing() {
    for fault in [
        fault(Response::status(503)),
        fault(Response::hang()),
        fault(Response::json(&serde_json::json!({}))),
        fault(Response::domain_failure("no permission")),
    ] {
        for operation in ["getCameraPresenceWindows", "getMaxSpliceDuration"] {
            let Trial {
                service,
                client,
                dock,
                ..
            } = trial(Behavior::default()).await;
            service.inject(fault.clone().for_operation(operation));
            let started = tokio::time::Instant::now();
            let new_clip = NewClip::builder(dock, at(900)..at(600)).build().unwrap();
            let created = client.create_clip(new_clip).await.unwrap();
            let is_checked = created.footage()[0].is_checked();
            assert_eq!(is_checked, operation != "getCameraPresenceWindows");
            assert!(started.elapsed() <= Duration::from_secs(7));
        }
    }
}

#[tokio::test(start_paused = true)]
async fn the_organization_s_limit_is_asked_for_once() {
    let service = Service::builder()
        .max_clip_duration(5.minutes())
        .start()
        .await
        .unwrap();
    let dock: CameraUuid = service.add_camera(camera("Dock")).parse().unwrap();
    let client = Client::builder()
        .base_url(service.base_url())
        .api_key(service.api_key());
    let client = client.build().unwrap();
    let builder = NewClip::builder(dock, at(900)..at(300));
    for _ in 0..2 {
        let error = client
            .clone()
            .create_clip(builder.clone().build().unwrap())
            .await;
        let error = error.unwrap_err();
        assert!(error.is_invalid_request(), "{error}");
        assert!(error.to_string().contains("is 300 s; split it"), "{error}");
    }
    service.verify_operation("getMaxSpliceDuration").count(1);
    service.verify_operation("spliceV3").count(0);
    let limit = client.max_clip_duration().await.unwrap();
    let parts = builder.max_duration(limit).split().unwrap();
    assert_eq!(parts.len(), 2);
    for part in parts {
        client.create_clip(part).await.unwrap();
    }
    service.verify_operation("getMaxSpliceDuration").count(1);
}

#[tokio::test(start_paused = true)]
async fn an_intent_of_another_process_finds_its_clip() {
    let Trial {
        service,
        client,
        dock,
        ..
    } = trial(Behavior::default()).await;
    // The wall clock and the service's differ by months, and the header `Date` makes up for it.
    let new_clip = NewClip::builder(dock, at(900)..at(600))
        .title("Door")
        .build()
        .unwrap();
    let create = client.create_clip(new_clip);
    let stored = create.intent().to_string();
    let created = create.await.unwrap();
    let intent: CreateIntent = stored.parse().unwrap();
    let found = client.resume_create(intent.clone()).await.unwrap();
    assert!(found.is_recovered());
    assert_eq!(found.uuids(), created.uuids());
    service.verify_operation("spliceV3").count(1);

    // Two of them are one too many.
    let mut body = serde_json::to_value(intent.new_clip().to_request()).unwrap();
    body["title"] = "Door".into();
    service.splice_elsewhere(&body);
    let error = client.resume_create(intent.clone()).await.unwrap_err();
    assert!(error.is_outcome_unknown());
    assert_eq!(error.candidates().len(), 2);
    assert_eq!(error.intent(), Some(&intent));
    service.verify_operation("spliceV3").count(1);
}
