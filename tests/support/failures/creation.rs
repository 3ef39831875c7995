//! Clips that are not created, lists without end, and writes that fail.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rhombus_clips::{CameraUuid, Client, CreateIntent, FootagePolicy, NewClip};
use rhombus_clips_sim::{Fault, Response, Service, camera};
use serde_json::json;

use super::Failure;
use crate::canary::{KEY, unescape_json};
use crate::operations::{Subject, calls};

pub(super) async fn all(echo: &str) -> Vec<Failure> {
    let mut failures = invalid_requests();
    failures.extend(without_clip(echo).await);
    failures.extend(echoing_operations(echo).await);
    failures
}

fn invalid_requests() -> Vec<Failure> {
    let now = SystemTime::now();
    let ago = |seconds| now - Duration::from_secs(seconds);
    let camera = CameraUuid::from_bytes([1; 16]);
    let new_clip = |start, end| NewClip::builder(camera, ago(start)..ago(end));
    vec![
        (
            "range that ends first",
            new_clip(10, 20).build().unwrap_err(),
        ),
        (
            "range that is too long",
            new_clip(8_000, 60).build().unwrap_err(),
        ),
        (
            "camera given twice",
            new_clip(60, 30).device(camera).build().unwrap_err(),
        ),
        (
            "ranges that overlap",
            new_clip(60, 30)
                .range(ago(40)..ago(20))
                .build()
                .unwrap_err(),
        ),
        (
            "intent that is not JSON",
            KEY.parse::<CreateIntent>().unwrap_err(),
        ),
    ]
}

async fn trial() -> (Service, Client, Subject) {
    let service = Service::builder().api_key(KEY).start().await.unwrap();
    let mut subject = Subject::add_to(&service);
    subject.grace_period = Duration::ZERO;
    let client = crate::client_for(&service);
    (service, client, subject)
}

async fn without_clip(echo: &str) -> Vec<Failure> {
    let (service, client, subject) = trial().await;
    let mut failures = Vec::new();
    let start = UNIX_EPOCH + Duration::from_secs(1_767_000_000);
    let range = start..start + Duration::from_secs(60);
    let outage = service.add_camera(camera("Outage").no_footage(range.clone()));
    let outage: CameraUuid = outage.parse().unwrap();
    let new_clip = NewClip::builder(outage, range).build().unwrap();
    let error = client.create_clip(new_clip).await.unwrap_err();
    failures.push(("clip without footage", error));

    let create = || {
        let create = client
            .create_clip(subject.new_clip())
            .footage(FootagePolicy::Off);
        create.not_found_grace_period(Duration::ZERO)
    };
    let respond = |response: Response| {
        service.inject(Fault::respond(response).for_operation("spliceV3").times(1));
    };
    respond(Response::status(504).body(format!("no {echo}")));
    failures.push(("clip whose response is lost", create().await.unwrap_err()));
    respond(Response::json(&json!({"warningMsg": unescape_json(echo)})));
    failures.push(("created clip without UUID", create().await.unwrap_err()));
    respond(Response::json(&json!({"clipUuid": unescape_json(echo)})));
    failures.push((
        "created clip with invalid UUID",
        create().await.unwrap_err(),
    ));

    let cameras = client.cameras().await.unwrap();
    failures.push((
        "camera that does not exist",
        cameras.find("attic").unwrap_err(),
    ));
    failures.push(("several cameras of a name", cameras.find("o").unwrap_err()));
    failures.push((
        "page size 0",
        client
            .list_clips()
            .page_size(0)
            .collect()
            .await
            .unwrap_err(),
    ));
    let again = json!({"savedClips": [], "pageToken": unescape_json(echo)});
    service.inject(Fault::respond(Response::json(&again)).for_operation("getClipsWithProgress"));
    failures.push((
        "page token that comes again",
        client.list_clips().collect().await.unwrap_err(),
    ));
    let unset = client.update_clip(subject.complete).await.unwrap_err();
    failures.push(("update without a change", unset));
    failures
}

/// The responses that echo most, on every operation.
async fn echoing_operations(echo: &str) -> Vec<Failure> {
    let mut failures = Vec::new();
    for call in calls() {
        let text = unescape_json(echo);
        let responses = [
            Response::json(&json!({"error": true, "errorMsg": text})),
            Response::status(400)
                .header("x-request-id", echo)
                .body(format!("no {echo}")),
            Response::status(200).body(format!("<html>{echo}")),
        ];
        for response in responses {
            let (service, client, subject) = trial().await;
            service.inject(
                Fault::respond(response)
                    .for_operation(call.operation)
                    .times(1),
            );
            let error = call.run(&client, subject).await.unwrap_err();
            failures.push((call.operation, error));
        }
    }
    failures
}
