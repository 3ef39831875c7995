//! Knowledge after a write: no result claims more than the record shows.

use std::time::{Duration, UNIX_EPOCH};

use rhombus_clips::types::{ClipAccessSettings, ClipVisibility};
use rhombus_clips::{
    CameraUuid, CancelResult, Client, ClipUuid, FootagePolicy, NewClip, RetryResult,
};
use rhombus_clips_sim::prelude::*;
use rhombus_clips_sim::{Behavior, CanceledClip};
use serde_json::json;

async fn start(behavior: Behavior) -> (Service, Client) {
    let service = Service::builder().behavior(behavior).start().await.unwrap();
    let client = Client::builder()
        .base_url(service.base_url())
        .api_key(service.api_key());
    (service, client.build().unwrap())
}

/// A clip that was requested just now, and has a record in half a minute.
async fn start_with_new_clip(mut behavior: Behavior) -> (Service, Client, ClipUuid) {
    behavior.record_delay = Duration::from_secs(30);
    let (service, client) = start(behavior).await;
    let dock: CameraUuid = service.add_camera(camera("Dock")).parse().unwrap();
    service.prepare_clip(clip().renders_in(600.s()));
    // Before the start of the service, 2026-01-01T00:00:00Z.
    let at = |seconds: u64| UNIX_EPOCH + Duration::from_secs(1_767_225_600 - seconds);
    let new_clip = NewClip::builder(dock, at(200)..at(100)).build().unwrap();
    let created = client.create_clip(new_clip).footage(FootagePolicy::Off);
    let uuid = created.await.unwrap().uuid();
    (service, client, uuid)
}

async fn assert_is_rendered(client: &Client, uuid: ClipUuid) {
    tokio::time::sleep(Duration::from_secs(60)).await;
    assert!(!client.get_clip(uuid).await.unwrap().is_terminal());
}

#[tokio::test(start_paused = true)]
async fn a_new_clip_without_a_record_is_not_taken_for_canceled() {
    let mut behavior = Behavior::default();
    behavior.canceled_clip = CanceledClip::Unchanged;
    let (_service, client, uuid) = start_with_new_clip(behavior).await;
    let result = client.cancel_clip(uuid).await.unwrap();
    assert_eq!(result, CancelResult::Accepted(None));
    assert_is_rendered(&client, uuid).await;
}

/// The error of the read would tell that the accepted request failed, or was not processed.
#[tokio::test(start_paused = true)]
async fn an_accepted_write_is_a_success_if_the_record_cannot_be_read() {
    for response in [
        Response::status(503),
        Response::too_many_requests(1.s()),
        Response::access_denied(0),
    ] {
        let (service, client) = start(Behavior::default()).await;
        let running = service.add(clip().renders_in(600.s())).parse().unwrap();
        let failing = clip().renders_in(0.s()).then_fails("No footage");
        let failed = service.add(failing).parse().unwrap();
        for uuid in [running, failed] {
            let unread = fault(response.clone()).on_requests(2..);
            service.inject(unread.for_operation("getClipWithProgress"));
            if uuid == running {
                let result = client.cancel_clip(uuid).await.unwrap();
                assert!(
                    matches!(result, CancelResult::Accepted(Some(_))),
                    "{result:?}"
                );
                service.verify_operation("cancelSpliceV2").count(1);
            } else {
                let result = client.retry_clip(uuid).await.unwrap();
                assert!(matches!(result, RetryResult::Accepted(_)), "{result:?}");
                service.verify_operation("retrySplice").count(1);
            }
            service.clear_faults();
        }
    }
}

#[tokio::test(start_paused = true)]
async fn what_could_not_be_decoded_is_not_sent_back() {
    let user = "Vu0s9xQbQ1OsHk3tLw6rWg";
    let cases = [
        (
            "accessSettings",
            json!({"visibility": "PRIVATE", "allowedUsers": [user, 7]}),
            "/clip/accessSettings/allowedUsers/1",
        ),
        (
            "accessSettings",
            json!({"visibility": "PRIVATE", "allowedRoles": {}}),
            "/clip/accessSettings/allowedRoles",
        ),
        ("accessSettings", json!("PRIVATE"), "/clip/accessSettings"),
        ("description", json!(7), "/clip/description"),
        (
            "deviceUuids",
            json!(vec![7; 40]),
            "too many properties could not be decoded",
        ),
    ];
    for (property, value, named) in cases {
        let (service, client) = start(Behavior::default()).await;
        let clip = clip().stays(ClipStatus::Complete).with(property, value);
        let uuid = service.add(clip).parse().unwrap();
        let error = client.update_clip(uuid).title("Gate").await.unwrap_err();
        assert!(
            error.is_decode() && error.to_string().contains(named),
            "{error}"
        );
        service.verify_operation("updateSavedClip").none();

        let mut access = ClipAccessSettings::default();
        access.visibility = Some(ClipVisibility::OrgWide);
        let replaces_all = client.update_clip(uuid).title("Gate").description("Pallet");
        replaces_all.access_settings(access).await.unwrap();
        service.verify_operation("updateSavedClip").count(1);
    }
}

/// An issue of a property that is not sent is none of the update.
#[tokio::test(start_paused = true)]
async fn an_update_is_not_stopped_by_other_properties() {
    let (service, client) = start(Behavior::default()).await;
    let clip = clip().stays(ClipStatus::Complete).with("title", 7);
    let clip = clip.with("byteCount", "many").with("titleLanguage", 7);
    let uuid = service.add(clip).parse().unwrap();
    client.update_clip(uuid).title("Gate").await.unwrap();
    let error = client.update_clip(uuid).description("Pallet").await;
    assert!(error.is_ok(), "{error:?}");
}
