//! The process is killed, and another one resumes from the last checkpoint.

use std::time::{Duration, Instant};

use rhombus_clips::ErrorKind::{Authentication, ClipFailed, NotFound};
use rhombus_clips::{Checkpoint, ClipUuid};
use rhombus_clips_sim::{Clip, ClipStatus, Response, Service, Step};
use rhombus_clips_tests::{add, complete, rendering};

use super::BoxedCase;
use crate::call::{CallResult, EntryPoint, call, run_watch};
use crate::catalogue::Protocol;
use crate::expected::Expected;
use crate::expected::Outcome::{self, Complete, DeadlineExceeded, Failed};
use crate::expected::RequestCount::{Exactly, Polling};
use crate::row::Row;
use crate::test_config::{KEY, TestConfig};

pub fn scenarios() -> Vec<BoxedCase> {
    let http_error = |status| Step::response(Response::status(status));
    let reset = || Step::response(Response::reset());
    let mut all = Vec::new();
    for (name, steps, outcome) in [
        (
            "complete",
            vec![
                Step::null(),
                rendering(10),
                http_error(503),
                reset(),
                rendering(40),
                complete(),
            ],
            Complete,
        ),
        (
            "failed",
            vec![
                rendering(10),
                http_error(500),
                Step::new(ClipStatus::Failed),
                complete(),
            ],
            Failed(ClipFailed),
        ),
        (
            "forbidden",
            vec![rendering(10), http_error(502), http_error(403), complete()],
            Failed(Authentication),
        ),
        ("no record", vec![Step::null()], Failed(NotFound)),
        (
            "rendering without end",
            vec![rendering(10), http_error(504), rendering(10)],
            DeadlineExceeded,
        ),
    ] {
        for entry_point in EntryPoint::WATCHES {
            let steps = steps.clone();
            all.push(Box::pin(run(name, steps, outcome, entry_point)) as BoxedCase);
        }
    }
    all
}

/// Watches two clips with the same states: one without interruption, one by several processes in
/// turn. Both watches must have the same outcome after the same number of requests.
async fn run(
    name: &'static str,
    steps: Vec<Step>,
    outcome: Outcome,
    entry_point: EntryPoint,
) -> Row {
    let mut config = TestConfig::default();
    match outcome {
        DeadlineExceeded => {
            config.timeout = Duration::from_secs(2);
            config.interval = Duration::from_millis(100);
        }
        Failed(NotFound) => config.grace_period = Duration::from_millis(300),
        _ => {}
    }
    let polls = steps.len() as u64;
    let requests = match outcome {
        Complete => Exactly(polls),
        // No request is sent after the final state.
        Failed(ClipFailed | Authentication) => Exactly(polls - 1),
        _ => Polling(2),
    };
    let service = Service::builder().api_key(KEY).start().await.unwrap();
    let unbroken_uuid = add(&service, Clip::by_request(steps.clone()));
    let resumed = add(&service, Clip::by_request(steps));

    let client = config.client(&service, &config.recording_policy());
    let uninterrupted = call(&client, unbroken_uuid, EntryPoint::Stream, &config).await;
    let requests_before = service.request_count();
    let mut result = run_in_processes(&service, resumed, &config, entry_point).await;

    if result.outcome != uninterrupted.outcome {
        let violation = format!("uninterrupted: {}", uninterrupted.outcome);
        result.violations.push(violation);
    }
    // The message names the clip's last state.
    if result.message != uninterrupted.message {
        let violation = format!(
            "{:?}, uninterrupted: {:?}",
            result.message, uninterrupted.message
        );
        result.violations.push(violation);
    }
    let occurrence = match entry_point {
        EntryPoint::Stream => "every update",
        _ => "first update",
    };
    Row::evaluate(
        (
            &format!("killed and resumed: {name}"),
            Protocol::Http1,
            occurrence,
            entry_point,
        ),
        (result, service.request_count() - requests_before),
        (Expected::new(outcome, requests), &config),
    )
}

/// Simulates the processes: each has its own client, and only the checkpoint that its predecessor
/// saved at its first update.
async fn run_in_processes(
    service: &Service,
    uuid: ClipUuid,
    config: &TestConfig,
    entry_point: EntryPoint,
) -> CallResult {
    let client = || config.client(service, &config.recording_policy());
    let start = Instant::now();
    let watch = config.watch(&client(), uuid);
    let mut checkpoint_json = watch.checkpoint().to_string();
    let mut exposed_text = String::new();
    loop {
        let checkpoint: Checkpoint = checkpoint_json.parse().unwrap();
        let mut updates = client().resume(checkpoint).stream();
        match updates.next().await {
            Some(Ok(update)) if !update.is_complete() => {
                checkpoint_json = updates.checkpoint().to_string();
                exposed_text.push_str(&format!("{update:?} {checkpoint_json}"));
                drop(updates);
                if entry_point == EntryPoint::Watch {
                    let mut result = run_watch(
                        client().resume(checkpoint_json.parse().unwrap()),
                        entry_point,
                    )
                    .await;
                    result.exposed_text.push_str(&exposed_text);
                    result.elapsed = start.elapsed();
                    return result;
                }
            }
            Some(Ok(update)) => {
                let clip = update.clip().cloned().unwrap();
                let mut result = CallResult::new(Ok(clip), start, uuid, exposed_text);
                result.polls = Some(update.polls());
                return result;
            }
            Some(Err(error)) => return CallResult::new(Err(error), start, uuid, exposed_text),
            None => panic!("the stream ended without a final update"),
        }
    }
}
