//! System clock jumps between two processes that watch the same clip one after the other.
//!
//! A jump is simulated by shifting a time of the checkpoint that the second process resumes.

use rhombus_clips::Checkpoint;
use rhombus_clips_sim::{Clip, Service, Step};
use rhombus_clips_tests::{add, complete, rendering};
use serde_json::Value;

use super::BoxedCase;
use crate::call::{EntryPoint, run_watch};
use crate::catalogue::Protocol;
use crate::expected::Expected;
use crate::expected::Outcome::{Complete, DeadlineExceeded};
use crate::expected::RequestCount::Exactly;
use crate::row::Row;
use crate::test_config::{KEY, TestConfig};

const TEN_YEARS_MS: i64 = 10 * 365 * 24 * 60 * 60 * 1000;

pub fn scenarios() -> Vec<BoxedCase> {
    let steps = || vec![rendering(10), rendering(40), complete()];
    let complete_after_3 = Expected::new(Complete, Exactly(3));
    let mut all = Vec::new();
    for (name, field, shift, steps, expected) in [
        // A clock that was set back does not shorten the watch.
        (
            "clock set back",
            "taken_at_ms",
            TEN_YEARS_MS,
            steps(),
            complete_after_3,
        ),
        // One last request is sent although the deadline has passed.
        (
            "clock set forward, clip still rendering",
            "taken_at_ms",
            -TEN_YEARS_MS,
            steps(),
            Expected::new(DeadlineExceeded, Exactly(2)),
        ),
        (
            "clock set forward, clip complete",
            "taken_at_ms",
            -TEN_YEARS_MS,
            vec![rendering(10), complete()],
            Expected::new(Complete, Exactly(2)),
        ),
        // The start of the watch is informational.
        (
            "start time in the future",
            "started_at_ms",
            TEN_YEARS_MS,
            steps(),
            complete_after_3,
        ),
        (
            "start time long past",
            "started_at_ms",
            -TEN_YEARS_MS,
            steps(),
            complete_after_3,
        ),
    ] {
        for entry_point in EntryPoint::WATCHES {
            let steps = steps.clone();
            all.push(
                Box::pin(run(name, (field, shift), steps, expected, entry_point)) as BoxedCase,
            );
        }
    }
    all
}

async fn run(
    name: &'static str,
    (field, shift): (&'static str, i64),
    steps: Vec<Step>,
    expected: Expected,
    entry_point: EntryPoint,
) -> Row {
    let service = Service::builder().api_key(KEY).start().await.unwrap();
    let uuid = add(&service, Clip::by_request(steps));
    let config = TestConfig::default();
    let client = || config.client(&service, &config.recording_policy());

    let mut updates = config.watch(&client(), uuid).stream();
    updates.next().await.unwrap().unwrap();
    let stopped = updates.stop();

    let mut json: Value = serde_json::from_str(&stopped.to_string()).unwrap();
    json[field] = (json[field].as_i64().unwrap() + shift).into();
    let shifted: Checkpoint = json.to_string().parse().unwrap();
    let mut result = run_watch(client().resume(shifted), entry_point).await;
    if result.polls.is_none() {
        // An awaited watch does not report its number of polls.
        result.polls = Some(service.request_count());
    }
    Row::evaluate(
        (name, Protocol::Http1, "middle", entry_point),
        (result, service.request_count()),
        (expected, &config),
    )
}
