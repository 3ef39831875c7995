//! Locations of the file, and the hosts that get the key.

use rhombus_clips::{Client, ErrorKind};
use rhombus_clips_sim::prelude::*;
use rhombus_clips_sim::{Behavior, FileLocation, WrongRegion};
use serde_json::json;

use super::{LENGTH, Setup, assert_is_file_of};

async fn setup(behavior: Behavior) -> Setup {
    Setup::with(behavior, clip().renders_in(0.s()).file_size(LENGTH)).await
}

#[tokio::test(start_paused = true)]
async fn every_property_that_can_have_the_place_is_used() {
    for location in [
        FileLocation::AtCompletion,
        FileLocation::FromTheBeginning,
        FileLocation::V2Only,
        FileLocation::Url,
        FileLocation::ThumbnailOnly,
    ] {
        let mut behavior = Behavior::default();
        behavior.file_location = location;
        let setup = setup(behavior).await;
        let clip = setup.clip().await;
        let file = setup.download(&clip).await;
        assert_is_file_of(file.unwrap().path(), &clip);
        assert_eq!(setup.media_requests(), [(Some(200), false)], "{location:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn other_regions_are_asked_in_one_round() {
    for wrong_region in [WrongRegion::NotFound, WrongRegion::Forbidden] {
        let mut behavior = Behavior::default();
        behavior.wrong_region = wrong_region;
        let setup = setup(behavior).await;
        let mut record = setup.clip().await.record().clone();
        let region = record.clip_location.clone();
        record.clip_location =
            Some(serde_json::from_value(json!({"region": "eu-west-1"})).unwrap());
        record.clip_location_v2 = Some("ap-south-1".to_owned());
        record.thumbnail_location = None;
        record.device_uuid_map = Some([("a.v0".to_owned(), region)].into());
        let clip = rhombus_clips::Clip::from_record(setup.uuid, record);
        let started = tokio::time::Instant::now();
        setup.download(&clip).await.unwrap();
        assert!(started.elapsed() < 1.s());
        assert_eq!(setup.media_requests().len(), 3);
    }
}

#[tokio::test(start_paused = true)]
async fn a_place_that_refuses_is_not_asked_again() {
    let setup = Setup::new().await;
    let refusal = Fault::respond(Response::access_denied(0)).for_operation("media");
    setup.service.inject(refusal);
    let clip = setup.clip().await;
    let error = setup.download(&clip).await.unwrap_err();
    assert!(error.is_authentication(), "{error}");
    assert_eq!(setup.media_requests().len(), 1);
}

/// It is undocumented what `clipLocationV2` is, and a text that is of no use there ends nothing.
#[tokio::test(start_paused = true)]
async fn a_url_that_is_not_requested_is_passed_over() {
    for url in ["s3://bucket/clip.mp4", "ftp://192.0.2.1/clip.mp4"] {
        let setup = Setup::new().await;
        let mut record = setup.clip().await.record().clone();
        record.thumbnail_location = record.clip_location.take();
        record.clip_location_v2 = Some(url.to_owned());
        let clip = rhombus_clips::Clip::from_record(setup.uuid, record.clone());
        let download = setup.client.download(&clip).to_file(setup.target());
        download.await.unwrap();
        assert_is_file_of(&setup.target(), &clip);

        // It hides no refusal of the others.
        let refusal = Fault::respond(Response::access_denied(0)).for_operation("media");
        setup.service.inject(refusal);
        record.clip_location = record.thumbnail_location.take();
        record.device_uuid_map = None;
        let clip = rhombus_clips::Clip::from_record(setup.uuid, record);
        let target = setup.directory.path().join("other.mp4");
        let error = setup.client.download(&clip).to_file(target).await;
        let error = error.unwrap_err();
        assert!(error.is_authentication(), "{error}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_file_that_is_late_is_waited_for() {
    let mut behavior = Behavior::default();
    behavior.file_delay = 20.s();
    let setup = setup(behavior).await;
    let clip = setup.clip().await;
    setup.download(&clip).await.unwrap();
    assert_is_file_of(&setup.target(), &clip);
    assert!((3..10).contains(&setup.media_requests().len()));
}

#[tokio::test(start_paused = true)]
async fn the_wait_ends_after_two_minutes() {
    let setup = Setup::new().await;
    setup
        .service
        .inject(fault(Response::status(404)).for_operation("media"));
    let clip = setup.clip().await;
    let started = tokio::time::Instant::now();
    let error = setup.download(&clip).await.unwrap_err();
    assert!(error.is_file_unavailable(), "{error}");
    assert!(
        (119.s()..125.s()).contains(&started.elapsed()),
        "{:?}",
        started.elapsed()
    );
}

#[tokio::test(start_paused = true)]
async fn no_region_is_guessed() {
    let mut behavior = Behavior::default();
    behavior.file_location = FileLocation::ThumbnailOnly;
    let clip = clip()
        .renders_in(0.s())
        .with("thumbnailLocation", json!(null));
    let setup = Setup::with(behavior, clip).await;
    let clip = setup.clip().await;
    let error = setup.download(&clip).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::FileUnavailable);
    assert_eq!(
        error.to_string(),
        "the clip's record does not say where its file is"
    );
    assert_eq!(setup.media_requests(), []);
}

#[tokio::test(start_paused = true)]
async fn a_redirect_to_elsewhere_is_followed_without_the_key() {
    let mut behavior = Behavior::default();
    behavior.media_redirects = true;
    let setup = setup(behavior).await;
    let clip = setup.clip().await;
    let cut = Fault::map_response(|it| it.cut_after(100_000)).times(1);
    setup.service.inject(cut.for_operation("storage"));
    setup.download(&clip).await.unwrap();
    assert_is_file_of(&setup.target(), &clip);
    let requests = setup.service.requests();
    let of = |operation| {
        let requests = requests.iter();
        requests.filter(move |it| it.operation.as_deref() == Some(operation))
    };
    assert_eq!(of("storage").count(), 2);
    assert!(of("storage").all(|it| !it.has_api_key && it.scheme.is_none()));
    assert!(of("storage").nth(1).unwrap().range.is_some());
    assert!(of("media").all(|it| it.has_api_key));
}

#[tokio::test(start_paused = true)]
async fn a_url_of_another_host_gets_no_key() {
    let setup = Setup::new().await;
    let other = Service::builder()
        .api_key("another key of 22 chars")
        .start()
        .await
        .unwrap();
    let url = format!("{}/media/metadata/us-west-2/x.mp4", other.media_url());
    let mut record = setup.clip().await.record().clone();
    record.clip_location = None;
    record.thumbnail_location = None;
    record.clip_location_v2 = Some(url);
    let clip = rhombus_clips::Clip::from_record(setup.uuid, record);
    let error = setup.download(&clip).await.unwrap_err();
    assert!(error.is_authentication(), "{error}");
    let requests = other.requests();
    assert_eq!(requests.len(), 1);
    assert!(!requests[0].has_api_key);
}

#[tokio::test(start_paused = true)]
async fn an_unknown_media_host_is_an_error_that_says_what_to_set() {
    let setup = Setup::new().await;
    let clip = setup.clip().await;
    let client = Client::builder()
        .base_url(setup.service.base_url())
        .api_key(setup.service.api_key())
        .build()
        .unwrap();
    let error = client
        .download(&clip)
        .to_file(setup.target())
        .await
        .unwrap_err();
    assert!(error.is_configuration(), "{error}");
    assert_eq!(error.setting(), Some(rhombus_clips::Setting::MediaUrl));
    assert_eq!(setup.media_requests(), []);
}
