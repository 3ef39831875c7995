//! The clock of the machine jumps between two processes that watch the same clip.

use rhombus_clips::Checkpoint;
use rhombus_clips_sim::{Clip, Service, Step};
use rhombus_clips_tests::{add, complete, rendering};
use serde_json::Value;

use super::Running;
use crate::ask::{Way, follow};
use crate::expected::Outcome::{Done, Stopped};
use crate::expected::Tries::Exactly;
use crate::expected::{Expected, expect};
use crate::row::Row;
use crate::terms::{KEY, Terms};

const TEN_YEARS_MS: i64 = 10 * 365 * 24 * 60 * 60 * 1000;

pub fn scenarios() -> Vec<Running> {
    let life = || vec![rendering(10), rendering(40), complete()];
    let done = expect(Done, Exactly(3));
    let mut all = Vec::new();
    for (name, field, shift, life, expected) in [
        // A clock that was set back takes nothing away.
        (
            "the clock is set back",
            "taken_at_ms",
            TEN_YEARS_MS,
            life(),
            done,
        ),
        // With the deadline passed, one last request is sent.
        (
            "the clock jumps ahead, the clip renders",
            "taken_at_ms",
            -TEN_YEARS_MS,
            life(),
            expect(Stopped, Exactly(2)),
        ),
        (
            "the clock jumps ahead, the clip is done",
            "taken_at_ms",
            -TEN_YEARS_MS,
            vec![rendering(10), complete()],
            expect(Done, Exactly(2)),
        ),
        // When the watch began is for people to read.
        (
            "a start in the future",
            "started_at_ms",
            TEN_YEARS_MS,
            life(),
            done,
        ),
        (
            "a start long past",
            "started_at_ms",
            -TEN_YEARS_MS,
            life(),
            done,
        ),
    ] {
        for way in Way::WATCHES {
            let life = life.clone();
            all.push(Box::pin(run(name, (field, shift), life, expected, way)) as Running);
        }
    }
    all
}

async fn run(
    name: &'static str,
    (field, shift): (&'static str, i64),
    life: Vec<Step>,
    expected: Expected,
    way: Way,
) -> Row {
    let service = Service::builder().api_key(KEY).start().await.unwrap();
    let uuid = add(&service, Clip::by_request(life));
    let terms = Terms::default();
    let client = || terms.client(service.base_url(), &terms.telltale());

    let mut updates = terms.watch(&client(), uuid).stream();
    updates.next().await.unwrap().unwrap();
    let stopped = updates.stop();

    let mut json: Value = serde_json::from_str(&stopped.to_string()).unwrap();
    json[field] = (json[field].as_i64().unwrap() + shift).into();
    let shifted: Checkpoint = json.to_string().parse().unwrap();
    let mut heard = follow(client().resume(shifted), way).await;
    if heard.polls.is_none() {
        // A watch that is awaited does not say: the service does.
        heard.polls = Some(service.request_count());
    }
    Row::judge(
        (name, "middle", way),
        (heard, service.request_count()),
        (expected, &terms),
    )
}
