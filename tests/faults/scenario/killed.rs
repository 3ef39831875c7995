//! The process is killed, and another goes on from the last checkpoint.

use std::time::{Duration, Instant};

use rhombus_clips::ErrorKind::{Authentication, ClipFailed, NotFound};
use rhombus_clips::{Checkpoint, ClipUuid};
use rhombus_clips_sim::{Clip, ClipStatus, Response, Service, Step};
use rhombus_clips_tests::{add, complete, rendering};

use super::Running;
use crate::ask::{Heard, Way, ask, follow};
use crate::expected::Outcome::{self, Done, Failed, Stopped};
use crate::expected::Tries::{Exactly, Looking};
use crate::expected::expect;
use crate::row::Row;
use crate::terms::{KEY, Terms};

pub fn scenarios() -> Vec<Running> {
    let trouble = |status| Step::response(Response::status(status));
    let reset = || Step::response(Response::reset());
    let mut all = Vec::new();
    for (name, life, outcome) in [
        (
            "done",
            vec![
                Step::null(),
                rendering(10),
                trouble(503),
                reset(),
                rendering(40),
                complete(),
            ],
            Done,
        ),
        (
            "failed",
            vec![
                rendering(10),
                trouble(500),
                Step::new(ClipStatus::Failed),
                complete(),
            ],
            Failed(ClipFailed),
        ),
        (
            "refused",
            vec![rendering(10), trouble(502), trouble(403), complete()],
            Failed(Authentication),
        ),
        ("never there", vec![Step::null()], Failed(NotFound)),
        (
            "rendering for ever",
            vec![rendering(10), trouble(504), rendering(10)],
            Stopped,
        ),
    ] {
        for way in Way::WATCHES {
            let life = life.clone();
            all.push(Box::pin(run(name, life, outcome, way)) as Running);
        }
    }
    all
}

/// The same life twice: watched without a break, and by many processes in turn. They come to the
/// same end after the same requests.
async fn run(name: &'static str, life: Vec<Step>, outcome: Outcome, way: Way) -> Row {
    let mut terms = Terms::default();
    match outcome {
        Stopped => {
            terms.timeout = Duration::from_secs(2);
            terms.interval = Duration::from_millis(100);
        }
        Failed(NotFound) => terms.grace_period = Duration::from_millis(300),
        _ => {}
    }
    let looks = life.len() as u64;
    let tries = match outcome {
        Done => Exactly(looks),
        // What comes after the end is not looked at.
        Failed(ClipFailed | Authentication) => Exactly(looks - 1),
        _ => Looking(2),
    };
    let service = Service::builder().api_key(KEY).start().await.unwrap();
    let whole = add(&service, Clip::by_request(life.clone()));
    let broken = add(&service, Clip::by_request(life));

    let client = terms.client(service.base_url(), &terms.telltale());
    let unbroken = ask(&client, whole, Way::Stream, &terms).await;
    let before = service.request_count();
    let mut heard = in_many_processes(&service, broken, &terms, way).await;

    if heard.outcome != unbroken.outcome {
        let flaw = format!("without a break: {}", unbroken.outcome);
        heard.flaws.push(flaw);
    }
    // A clip that failed or was last seen is in the message.
    if heard.message != unbroken.message {
        let flaw = format!(
            "{:?}, without a break: {:?}",
            heard.message, unbroken.message
        );
        heard.flaws.push(flaw);
    }
    let form = match way {
        Way::Stream => "every update",
        _ => "first update",
    };
    Row::judge(
        (&format!("killed and resumed: {name}"), form, way),
        (heard, service.request_count() - before),
        (expect(outcome, tries), &terms),
    )
}

/// Each process has a client of its own, and knows what the one before it wrote down at its first
/// update.
async fn in_many_processes(service: &Service, uuid: ClipUuid, terms: &Terms, way: Way) -> Heard {
    let client = || terms.client(service.base_url(), &terms.telltale());
    let began = Instant::now();
    let watch = terms.watch(&client(), uuid);
    let mut kept = watch.checkpoint().to_string();
    let mut shown = String::new();
    loop {
        let checkpoint: Checkpoint = kept.parse().unwrap();
        let mut updates = client().resume(checkpoint).stream();
        match updates.next().await {
            Some(Ok(update)) if !update.is_complete() => {
                kept = updates.checkpoint().to_string();
                shown.push_str(&format!("{update:?} {kept}"));
                drop(updates);
                if way == Way::Watch {
                    let mut heard = follow(client().resume(kept.parse().unwrap()), way).await;
                    heard.shown.push_str(&shown);
                    heard.elapsed = began.elapsed();
                    return heard;
                }
            }
            Some(Ok(update)) => {
                let clip = update.clip().cloned().unwrap();
                let mut heard = Heard::new(Ok(clip), began, uuid, shown);
                heard.polls = Some(update.polls());
                return heard;
            }
            Some(Err(error)) => return Heard::new(Err(error), began, uuid, shown),
            None => panic!("the stream ended without a last update"),
        }
    }
}
