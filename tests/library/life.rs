//! The life of a clip: cameras, footage, create, watch, download, list, update, in progress, cancel, retry, delete,
//! with each answer to the questions that the service's documentation leaves open.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rhombus_clips::types::ClipVisibility;
use rhombus_clips::{
    CameraUuid, CancelResult, Client, Clip, ClipUuid, DeleteResult, Facet, FootagePolicy, NewClip,
    RetryResult, UpdateResult,
};
use rhombus_clips_sim::prelude::*;
use rhombus_clips_sim::{
    Behavior, CanceledClip, DeletedClip, FileChecksum, FileLocation, InvalidRange, LastToken,
    ListOrder, MediaValidator, NoFootage, SeveralClips, WrongRegion,
};
use rhombus_clips_tests::sha256_hex;

/// Before the start of the service, 2026-01-01T00:00:00Z.
pub(crate) fn at(seconds_before: u64) -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(1_767_225_600 - seconds_before)
}

/// A service with two cameras, and its client.
pub(crate) struct Trial {
    pub(crate) service: Service,
    pub(crate) client: Client,
    pub(crate) dock: CameraUuid,
    pub(crate) gate: CameraUuid,
}

pub(crate) async fn trial(behavior: Behavior) -> Trial {
    let service = Service::builder().behavior(behavior).start().await.unwrap();
    let [dock, gate] =
        ["Loading dock", "Gate"].map(|name| service.add_camera(camera(name)).parse().unwrap());
    let client = Client::builder()
        .base_url(service.base_url())
        .media_url(service.media_url())
        .api_key(service.api_key());
    Trial {
        client: client.build().unwrap(),
        service,
        dock,
        gate,
    }
}

/// Lives through all operations.
async fn live(behavior: Behavior) {
    let context = format!("{behavior:?}");
    let Trial {
        service,
        client,
        dock,
        gate,
    } = trial(behavior.clone()).await;

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
                download(&service, &client, &clip, &behavior).await;
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

/// Loads the file, which is verified as far as the record states what it is.
async fn download(service: &Service, client: &Client, clip: &Clip, behavior: &Behavior) {
    let states_hash = behavior.file_checksum == FileChecksum::Present;
    let directory = tempfile::tempdir().unwrap();
    let file = client.download(clip).to_directory(directory.path()).await;
    let file = file.unwrap();
    let verification = file.verification();
    assert_eq!(verification.is_sha256_verified(), states_hash);
    assert_eq!(
        verification.is_length_verified(),
        behavior.states_byte_count
    );
    let bytes = std::fs::read(file.path()).unwrap();
    let hash = sha256_hex(&bytes);
    assert_eq!(hash, file.sha256_hex());
    assert_eq!(clip.sha256_hex(), states_hash.then_some(&*hash));
    assert_eq!(&bytes[4..8], b"ftyp");
    // The key is for the media host alone.
    let requests = service.requests();
    let mut stored = requests
        .iter()
        .filter(|it| it.operation.as_deref() == Some("storage"))
        .peekable();
    assert_eq!(stored.peek().is_some(), behavior.media_redirects);
    assert!(stored.all(|it| !it.has_api_key));
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
    let switches: [fn(&mut Behavior); 43] = [
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
        |it| it.file_location = FileLocation::V2Only,
        |it| it.file_location = FileLocation::Url,
        |it| it.file_location = FileLocation::ThumbnailOnly,
        |it| it.file_delay = 3.s(),
        |it| it.wrong_region = WrongRegion::Forbidden,
        |it| it.honors_ranges = false,
        |it| it.media_validator = MediaValidator::Weak,
        |it| it.media_validator = MediaValidator::LastModified,
        |it| it.media_validator = MediaValidator::None,
        |it| it.media_redirects = true,
        |it| it.file_checksum = FileChecksum::Absent,
        |it| it.states_byte_count = false,
        |it| it.update_clears = true,
        |it| it.omits_date = true,
    ];
    for switch in switches {
        let mut behavior = Behavior::default();
        switch(&mut behavior);
        live(behavior).await;
    }
}
