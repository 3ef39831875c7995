//! Lives that no clip should lead. A look-up ends with its first look, whatever it shows.

use rhombus_clips::ErrorKind::{ClipFailed, NotFound};
use rhombus_clips_sim::{ClipStatus, Response, Step};
use rhombus_clips_tests::{complete, rendering};
use serde_json::json;

use super::Fault;
use crate::ask::Way;
use crate::expected::Outcome::{Done, Failed, Stopped};
use crate::expected::Tries::{Exactly, Looking};

pub fn faults() -> Vec<Fault> {
    let null = Step::null;
    let new = |status: &'static str| Step::new(ClipStatus::from(status));
    let done_after = |name: &str, steps: Vec<Step>| {
        let looks = Exactly(steps.len() as u64);
        Fault::life(name, steps, Done, (Done, looks))
    };
    let mut all = vec![
        Fault::life(
            "no record at first",
            [null(), null(), complete()],
            Failed(NotFound),
            (Done, Exactly(3)),
        ),
        Fault::life(
            "no record, for ever",
            [null()],
            Failed(NotFound),
            (Failed(NotFound), Looking(2)),
        ),
        done_after(
            "no record for a moment",
            vec![rendering(10), null(), null(), complete()],
        ),
        Fault::life(
            "a record that goes for ever",
            [rendering(10), null()],
            Done,
            (Failed(NotFound), Looking(3)),
        ),
        Fault::life(
            "rendering for ever",
            [rendering(99)],
            Done,
            (Stopped, Looking(2)),
        ),
        done_after(
            "percent negative",
            vec![rendering(-5), rendering(i64::MIN), complete()],
        )
        .checked(|clip, _, way| {
            let expected = if way == Way::Get { 0 } else { 100 };
            (clip.percent() != Some(expected)).then(|| "not 0 percent".to_owned())
        }),
        done_after(
            "percent above 100",
            vec![rendering(250), rendering(i64::MAX), complete()],
        )
        .checked(|clip, _, _| (clip.percent() != Some(100)).then(|| "not 100 percent".to_owned())),
        done_after(
            "percent falling",
            vec![rendering(70), rendering(20), rendering(0), complete()],
        ),
        done_after(
            "status going backwards",
            vec![
                rendering(70),
                new("UPLOADING"),
                new("INITIATING"),
                complete(),
            ],
        ),
        Fault::life(
            "COMPLETE, then RENDERING for ever",
            [rendering(50), complete(), rendering(50)],
            Done,
            (Done, Exactly(2)),
        ),
        Fault::life(
            "done by its percentage alone",
            [
                rendering(100),
                rendering(100).operation("Complete"),
                rendering(0),
            ],
            Done,
            (Done, Exactly(2)),
        ),
        done_after(
            "a status that nobody knows",
            vec![new("PAUSED"), complete()],
        ),
        Fault::life(
            "a status that nobody knows, for ever",
            [new("PAUSED")],
            Done,
            (Stopped, Looking(2)),
        ),
        done_after(
            "offline for a while",
            vec![new("OFFLINE"), new("UNKNOWN"), complete()],
        ),
        done_after(
            "a record of nulls and one of nothing",
            vec![
                Step::response(Response::json(
                    &json!({"clip": {"status": null, "uuid": null}}),
                )),
                Step::response(Response::json(&json!({"clip": {}}))),
                complete(),
            ],
        ),
    ];
    for status in ["FAILED", "DELETED"] {
        all.push(Fault::life(
            status,
            [rendering(50), new(status), complete()],
            Done,
            (Failed(ClipFailed), Exactly(2)),
        ));
        all.push(Fault::life(
            format!("{status} from the start"),
            [new(status), complete()],
            Done,
            (Failed(ClipFailed), Exactly(1)),
        ));
    }
    all
}
