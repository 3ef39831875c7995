//! Sequences of clip states that the documentation does not describe. A get returns the first
//! state, whichever it is, and a watch must neither end early nor poll after a final state.

use rhombus_clips::ErrorKind::{ClipFailed, NotFound};
use rhombus_clips_sim::{ClipStatus, Response, Step};
use rhombus_clips_tests::{complete, rendering};
use serde_json::json;

use super::Fault;
use crate::call::EntryPoint;
use crate::expected::Outcome::{Complete, DeadlineExceeded, Failed};
use crate::expected::RequestCount::{Exactly, Polling};

pub fn faults() -> Vec<Fault> {
    let null = Step::null;
    let new = |status: &'static str| Step::new(ClipStatus::from(status));
    let complete_after = |name: &str, steps: Vec<Step>| {
        let polls = Exactly(steps.len() as u64);
        Fault::clip_states(name, steps, Complete, (Complete, polls))
    };
    let mut all = vec![
        Fault::clip_states(
            "no record at first",
            [null(), null(), complete()],
            Failed(NotFound),
            (Complete, Exactly(3)),
        ),
        Fault::clip_states(
            "no record at all",
            [null()],
            Failed(NotFound),
            (Failed(NotFound), Polling(2)),
        ),
        complete_after(
            "record missing temporarily",
            vec![rendering(10), null(), null(), complete()],
        ),
        Fault::clip_states(
            "record disappears",
            [rendering(10), null()],
            Complete,
            (Failed(NotFound), Polling(3)),
        ),
        Fault::clip_states(
            "rendering without end",
            [rendering(99)],
            Complete,
            (DeadlineExceeded, Polling(2)),
        ),
        complete_after(
            "negative percentage",
            vec![rendering(-5), rendering(i64::MIN), complete()],
        )
        .with_check(|clip, _, entry_point| {
            let expected = if entry_point == EntryPoint::Get {
                0
            } else {
                100
            };
            (clip.percent() != Some(expected)).then(|| "percentage not clamped to 0".to_owned())
        }),
        complete_after(
            "percentage above 100",
            vec![rendering(250), rendering(i64::MAX), complete()],
        )
        .with_check(|clip, _, _| {
            (clip.percent() != Some(100)).then(|| "percentage not clamped to 100".to_owned())
        }),
        complete_after(
            "decreasing percentage",
            vec![rendering(70), rendering(20), rendering(0), complete()],
        ),
        complete_after(
            "status regresses",
            vec![
                rendering(70),
                new("UPLOADING"),
                new("INITIATING"),
                complete(),
            ],
        ),
        Fault::clip_states(
            "COMPLETE, then RENDERING again",
            [rendering(50), complete(), rendering(50)],
            Complete,
            (Complete, Exactly(2)),
        ),
        Fault::clip_states(
            "complete by percentage and operation, not by status",
            [
                rendering(100),
                rendering(100).operation("Complete"),
                rendering(0),
            ],
            Complete,
            (Complete, Exactly(2)),
        ),
        complete_after("unknown status", vec![new("PAUSED"), complete()]),
        Fault::clip_states(
            "unknown status without end",
            [new("PAUSED")],
            Complete,
            (DeadlineExceeded, Polling(2)),
        ),
        complete_after(
            "offline temporarily",
            vec![new("OFFLINE"), new("UNKNOWN"), complete()],
        ),
        complete_after(
            "record of nulls, then an empty record",
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
        all.push(Fault::clip_states(
            status,
            [rendering(50), new(status), complete()],
            Complete,
            (Failed(ClipFailed), Exactly(2)),
        ));
        all.push(Fault::clip_states(
            format!("{status} at the first request"),
            [new(status), complete()],
            Complete,
            (Failed(ClipFailed), Exactly(1)),
        ));
    }
    all
}
