//! Watches that end without a complete clip: failed clips, missing records and exceeded deadlines.

use std::time::Duration;

use rhombus_clips::polling::{PollPolicy, PollState};
use rhombus_clips::{ClipStatus, Error};
use rhombus_clips_sim::{Clip, Response, Service, Step};

use super::{Failure, PANICKING_POLICY};
use crate::canary::{KEY, unescape_json};
use crate::{add, client_for, rendering};

pub(super) async fn all(echo: &str) -> Vec<Failure> {
    let service = Service::builder().api_key(KEY).start().await.unwrap();
    let failed_watch = async |step: Step| -> Error {
        let uuid = add(&service, Clip::by_request([step]));
        let watch = client_for(&service)
            .watch(uuid)
            .not_found_grace_period(Duration::ZERO);
        let interval = Duration::from_millis(5);
        let watch = watch.interval(interval).timeout(3 * interval);
        watch.await.unwrap_err()
    };
    let watch_past_deadline = async |step: Step| -> Error {
        let uuid = add(&service, Clip::by_request([step]));
        let timeout = Duration::from_millis(10);
        client_for(&service)
            .watch(uuid)
            .timeout(timeout)
            .await
            .unwrap_err()
    };
    let missing_record = async || -> Error {
        let uuid = add(&service, Clip::by_request([rendering(40), Step::null()]));
        let watch = client_for(&service).watch(uuid);
        let watch = watch.interval(Duration::from_millis(5));
        watch
            .not_found_grace_period(Duration::ZERO)
            .await
            .unwrap_err()
    };
    let operation = format!("Uploading {}", unescape_json(echo));
    let unavailable = Response::status(503).body(format!("back soon {echo}"));
    vec![
        (
            "no record within the grace period",
            failed_watch(Step::null()).await,
        ),
        ("no record any more", missing_record().await),
        (
            "failed clip",
            failed_watch(Step::new(ClipStatus::Failed).operation(operation.clone())).await,
        ),
        (
            "deleted clip",
            failed_watch(Step::new(ClipStatus::Deleted)).await,
        ),
        (
            "forbidden during a watch",
            failed_watch(Step::response(Response::access_denied(0))).await,
        ),
        (
            "deadline exceeded",
            watch_past_deadline(rendering(40).operation(operation)).await,
        ),
        (
            "deadline exceeded without a record",
            watch_past_deadline(Step::null()).await,
        ),
        (
            "deadline exceeded after a failure",
            watch_past_deadline(Step::response(unavailable)).await,
        ),
        (
            "deadline exceeded without a response",
            watch_past_deadline(Step::response(Response::close())).await,
        ),
        (
            "poll policy that panics",
            client_for(&service)
                .watch(add(&service, Clip::by_request([rendering(40)])))
                .polling(PanickingPolicy)
                .await
                .unwrap_err(),
        ),
    ]
}

#[derive(Debug)]
struct PanickingPolicy;

impl PollPolicy for PanickingPolicy {
    fn next_delay(&mut self, _: &PollState<'_>) -> Duration {
        panic!("{PANICKING_POLICY}")
    }
}
