//! Watches that end without a finished clip.

use std::time::Duration;

use rhombus_clips::{ClipStatus, Error};
use rhombus_clips_sim::{Clip, Response, Service, Step};

use super::Failure;
use crate::canary::{KEY, decoded};
use crate::{add, client_of, rendering};

pub(super) async fn all(echo: &str) -> Vec<Failure> {
    let service = Service::builder().api_key(KEY).start().await.unwrap();
    let watch = async |step: Step| -> Error {
        let clip = add(&service, Clip::by_request([step]));
        let watch = client_of(&service)
            .watch(clip)
            .not_found_grace_period(Duration::ZERO);
        let interval = Duration::from_millis(5);
        let watch = watch.interval(interval).timeout(3 * interval);
        watch.await.unwrap_err()
    };
    let late = async |step: Step| -> Error {
        let clip = add(&service, Clip::by_request([step]));
        let deadline = Duration::from_millis(10);
        client_of(&service)
            .watch(clip)
            .timeout(deadline)
            .await
            .unwrap_err()
    };
    let operation = format!("Uploading {}", decoded(echo));
    let away = Response::status(503).body(format!("back soon {echo}"));
    vec![
        ("no record for the grace period", watch(Step::null()).await),
        (
            "clip that failed",
            watch(Step::new(ClipStatus::Failed).operation(operation.clone())).await,
        ),
        (
            "clip that was deleted",
            watch(Step::new(ClipStatus::Deleted)).await,
        ),
        (
            "refused within a watch",
            watch(Step::response(Response::access_denied(0))).await,
        ),
        (
            "deadline passed",
            late(rendering(40).operation(operation)).await,
        ),
        ("deadline passed without a record", late(Step::null()).await),
        (
            "deadline passed with a failure",
            late(Step::response(away)).await,
        ),
    ]
}
