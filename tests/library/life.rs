//! The life of a clip: cameras, footage, create, in progress, list, watch, update, cancel, retry, delete,
//! with each answer to the questions that the service's documentation leaves open.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rhombus_clips::types::ClipVisibility;
use rhombus_clips::{
    CameraUuid, CancelResult, Client, ClipUuid, CreateIntent, DeleteResult, Facet, FootagePolicy,
    NewClip, RetryResult, UpdateResult,
};
use rhombus_clips_sim::prelude::*;
use rhombus_clips_sim::{
    Behavior, CanceledClip, DeletedClip, FileLocation, InvalidRange, LastToken, ListOrder,
    NoFootage, SeveralClips,
};

/// Before the start of the service, 2026-01-01T00:00:00Z.
fn at(seconds_before: u64) -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(1_767_225_600 - seconds_before)
}

struct Trial {
    service: Service,
    client: Client,
    dock: CameraUuid,
    gate: CameraUuid,
}

async fn trial(behavior: Behavior) -> Trial {
    let service = Service::builder().behavior(behavior).start().await.unwrap();
    let [dock, gate] =
        ["Loading dock", "Gate"].map(|name| service.add_camera(camera(name)).parse().unwrap());
    let client = Client::builder()
        .base_url(service.base_url())
        .api_key(service.api_key());
    Trial {
        client: client.build().unwrap(),
        service,
        dock,
        gate,
    }
}

/// Lives through all operations; returns the requests by operation.
async fn live(behavior: Behavior) {
    let context = format!("{behavior:?}");
    let Trial {
        service,
        client,
        dock,
        gate,
    } = trial(behavior).await;

    let cameras = client.cameras().await.unwrap();
    assert_eq!(cameras.len(), 2);
    let found = cameras.find("dock").unwrap();
    assert_eq!((found.uuid(), found.is_online()), (dock, Some(true)));
    assert_eq!(found.facets(), [Facet::Video(0), Facet::Audio(0)]);

    assert_eq!(
        client.max_clip_duration().await.unwrap(),
        Duration::from_secs(3600)
    );
    let new_clip = NewClip::builder(dock, at(600)..at(300))
        .device(gate)
        .title("Delivery")
        .description("Pallet 7")
        .visibility(ClipVisibility::Private)
        .audio(true)
        .build()
        .unwrap();
    let created = client.create_clip(new_clip).await.unwrap();
    assert!(!created.is_recovered());
    assert!(
        created.footage().iter().all(|report| report.is_full()),
        "{context}"
    );
    service.verify_operation("spliceV3").count(1);

    // Follow it to its end, with all parts.
    let mut complete = Vec::new();
    for uuid in created.uuids() {
        match client.watch(*uuid).timeout(Duration::from_secs(300)).await {
            Ok(clip) => {
                assert!(clip.is_complete() && !clip.is_placeholder());
                assert_eq!(clip.title(), Some("Delivery"));
                complete.push(*uuid);
            }
            Err(error) => {
                assert!(error.is_deadline_exceeded(), "{error}");
                assert!(error.clip().unwrap().is_placeholder(), "{context}");
            }
        }
    }
    assert!(!complete.is_empty(), "{context}");
    let listed = client.list_clips().device(dock).collect().await.unwrap();
    assert!(
        listed.iter().any(|clip| complete.contains(&clip.uuid())),
        "{context}"
    );

    update(&client, complete[0]).await;
    cancel(&service, &client, dock).await;
    retry(&service, &client, dock).await;
    delete(&client, complete[0]).await;
}

async fn update(client: &Client, uuid: ClipUuid) {
    let result = client.update_clip(uuid).title("Pallet").await.unwrap();
    assert_eq!(result, UpdateResult::Updated);
    let clip = client.get_clip(uuid).await.unwrap();
    assert_eq!(clip.title(), Some("Pallet"));
    // Right whether the service changes what is given or everything.
    assert_eq!(clip.record().description.as_deref(), Some("Pallet 7"));
    let access = clip.record().access_settings.as_ref().unwrap();
    assert_eq!(access.visibility, Some(ClipVisibility::Private));
    let again = client.update_clip(uuid).title("Pallet").await.unwrap();
    assert!(matches!(again, UpdateResult::Unchanged(_)));
}

/// Requests a clip of one camera that takes a while.
async fn create_one(
    service: &Service,
    client: &Client,
    camera: CameraUuid,
    clip: impl Into<rhombus_clips_sim::Clip>,
) -> ClipUuid {
    service.prepare_clip(clip);
    let new_clip = NewClip::builder(camera, at(200)..at(100)).build().unwrap();
    let created = client
        .create_clip(new_clip)
        .footage(FootagePolicy::Off)
        .await
        .unwrap();
    assert_eq!(created.uuids().len(), 1);
    // Until its record exists.
    tokio::time::sleep(Duration::from_secs(6)).await;
    created.uuid()
}

async fn cancel(service: &Service, client: &Client, camera: CameraUuid) {
    let uuid = create_one(service, client, camera, clip().renders_in(600.s())).await;
    let in_progress = client.clips_in_progress().await.unwrap();
    assert!(in_progress.iter().any(|clip| clip.uuid() == uuid));
    let result = client.cancel_clip(uuid).await.unwrap();
    assert!(
        matches!(
            result,
            CancelResult::Canceled(_) | CancelResult::Accepted(_)
        ),
        "{result:?}"
    );
    let again = client.cancel_clip(uuid).await;
    match result {
        CancelResult::Canceled(Some(_)) => {
            assert!(
                matches!(again, Ok(CancelResult::AlreadyEnded(_))),
                "{again:?}"
            );
        }
        // Without a record it is not known what it was.
        CancelResult::Canceled(None) => {}
        _ => assert!(matches!(again, Ok(CancelResult::Accepted(_)))),
    }
}

async fn retry(service: &Service, client: &Client, camera: CameraUuid) {
    let failing = clip()
        .renders_in(20.s())
        .then_fails("Camera gave no footage");
    let uuid = create_one(service, client, camera, failing).await;
    let error = client.watch(uuid).await.unwrap_err();
    assert!(error.is_clip_failed(), "{error}");
    let result = client.retry_clip(uuid).await.unwrap();
    assert!(matches!(result, RetryResult::Restarted(_)), "{result:?}");
    let again = client.retry_clip(uuid).await.unwrap();
    assert!(matches!(again, RetryResult::AlreadyRunning(_)), "{again:?}");
    assert!(client.watch(uuid).await.unwrap().is_complete());
    let over = client.retry_clip(uuid).await.unwrap();
    assert!(matches!(over, RetryResult::AlreadyComplete(_)), "{over:?}");
}

async fn delete(client: &Client, uuid: ClipUuid) {
    assert_eq!(
        client.delete_clip(uuid).await.unwrap(),
        DeleteResult::Deleted
    );
    // Already gone is gone.
    client.delete_clip(uuid).await.unwrap();
    let listed = client.list_clips().collect().await.unwrap();
    assert!(listed.iter().all(|clip| clip.uuid() != uuid));
    match client.get_clip(uuid).await {
        Ok(clip) => assert!(clip.is_failed()),
        Err(error) => assert!(error.is_not_found()),
    }
}

#[tokio::test(start_paused = true)]
async fn a_clip_lives_with_the_default_answers() {
    live(Behavior::default()).await;
}

#[tokio::test(start_paused = true)]
async fn a_clip_lives_with_all_other_answers() {
    live(Behavior::alternative()).await;
}

/// Each answer alone: switches that only hold together prove nothing.
#[tokio::test(start_paused = true)]
async fn a_clip_lives_with_each_other_answer_alone() {
    let switches: [fn(&mut Behavior); 31] = [
        |it| it.several_cameras = SeveralClips::Each,
        |it| it.several_cameras = SeveralClips::Parent,
        |it| {
            it.several_cameras = SeveralClips::Parent;
            it.placeholder_completes = false;
        },
        |it| it.several_ranges = SeveralClips::Each,
        |it| it.limit_counts_cameras = true,
        |it| it.invalid_range = InvalidRange::BadRequest,
        |it| it.invalid_range = InvalidRange::FailedClip,
        |it| it.splice_warns = true,
        |it| it.unsaved_has_record = false,
        |it| it.no_footage = NoFootage::Failed,
        |it| it.canceled_clip = CanceledClip::Failed,
        |it| it.canceled_clip = CanceledClip::Gone,
        |it| it.canceled_clip = CanceledClip::Unchanged,
        |it| it.cancel_needs_devices = true,
        |it| it.rejects_repeats = false,
        |it| it.deleted_clip = DeletedClip::Gone,
        |it| it.retries_offline = true,
        |it| it.leaves_after_upload = true,
        |it| it.record_delay = 5.s(),
        |it| it.list_delay = 5.s(),
        |it| it.last_token = LastToken::Absent,
        |it| it.last_token = LastToken::Empty,
        |it| it.last_page_is_empty = true,
        |it| it.tokens_expire = true,
        |it| it.list_order = ListOrder::Random,
        |it| it.filters_by_footage = true,
        |it| it.bounds_are_included = false,
        |it| it.requires_page_size = true,
        |it| it.file_location = FileLocation::FromTheBeginning,
        |it| it.update_clears = true,
        |it| it.omits_date = true,
    ];
    for switch in switches {
        let mut behavior = Behavior::default();
        switch(&mut behavior);
        live(behavior).await;
    }
}

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
