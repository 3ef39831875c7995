//! Files that are not there or not the clip's, and places that cannot hold one.

use std::time::Duration;

use rhombus_clips::{Client, Clip};
use rhombus_clips_sim::{Behavior, Fault, FileLocation, Response, Service, clip};
use serde_json::json;

use super::Failure;
use crate::canary::KEY;

pub(super) async fn all(echo: &str) -> Vec<Failure> {
    let mut failures = responses(echo).await;
    failures.push(without_region().await);
    failures.push(without_place().await);
    failures
}

/// A service with a clip whose file is there, and the record of the clip.
async fn trial(behavior: Behavior) -> (Service, Client, Clip) {
    let builder = Service::builder().api_key(KEY).behavior(behavior);
    let service = builder.start().await.unwrap();
    let clip = clip()
        .renders_in(Duration::ZERO)
        .file_size(100)
        .with("thumbnailLocation", json!(null));
    let uuid = service.add(clip).parse().unwrap();
    let client = crate::client_for(&service);
    let clip = client.get_clip(uuid).await.unwrap();
    (service, client, clip)
}

/// Responses of the media host that end a download at once.
async fn responses(echo: &str) -> Vec<Failure> {
    let text = |status| Response::status(status).body(format!("no {echo}"));
    let video = || Response::status(200).header("content-type", "video/mp4");
    let other_length = video().repeated_body(0, 200);
    let responses = [
        ("media host: 400", text(400)),
        ("media host: 401", text(401)),
        ("media host: 403", text(403)),
        ("media host: 404", text(404)),
        (
            "media host: redirect to plain HTTP",
            Response::redirect(302, format!("http://elsewhere.example/?{echo}")),
        ),
        (
            "media host: page",
            text(200).header("content-type", "text/html"),
        ),
        (
            "media host: another content type",
            text(200).header("content-type", echo),
        ),
        (
            "media host: compressed",
            video().header("content-encoding", echo),
        ),
        ("media host: another length", other_length),
        ("media host: other bytes", video().repeated_body(0, 100)),
    ];
    let mut failures = Vec::new();
    for (label, response) in responses {
        let (service, client, clip) = trial(Behavior::default()).await;
        let response = response.header("x-request-id", echo);
        service.inject(Fault::respond(response).for_operation("media"));
        let download = client.download(&clip).file_grace_period(Duration::ZERO);
        let error = download.to_writer(tokio::io::sink()).await.unwrap_err();
        failures.push((label, error));
    }
    failures
}

async fn without_region() -> Failure {
    let mut behavior = Behavior::default();
    behavior.file_location = FileLocation::ThumbnailOnly;
    let (_service, client, clip) = trial(behavior).await;
    let download = client.download(&clip).to_writer(tokio::io::sink());
    ("file in an unknown region", download.await.unwrap_err())
}

async fn without_place() -> Failure {
    let (_service, client, clip) = trial(Behavior::default()).await;
    let download = client.download(&clip).to_file("/dev/null/clip.mp4");
    ("path below a file", download.await.unwrap_err())
}
