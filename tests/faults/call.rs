//! The three entry points of the library, and the record of one call.
//!
//! A call is checked here for properties that hold whatever the fault is: a stream ends after its
//! error, its counters never decrease, a checkpoint survives a round trip. The expected outcome of
//! a particular fault is compared in [`row`](crate::row).

use std::fmt;
use std::time::{Duration, Instant};

use rhombus_clips::{Checkpoint, Client, Clip, ClipUuid, Error, Watch, WatchStream};
use rhombus_clips_tests::error_text;

use crate::expected::Outcome;
use crate::test_config::TestConfig;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EntryPoint {
    Get,
    Watch,
    Stream,
}

impl EntryPoint {
    pub const ALL: [Self; 3] = [Self::Get, Self::Watch, Self::Stream];
    pub const WATCHES: [Self; 2] = [Self::Watch, Self::Stream];
}

impl fmt::Display for EntryPoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Get => "get",
            Self::Watch => "watch",
            Self::Stream => "stream",
        })
    }
}

/// The result of a call, with everything that it exposed on the way.
#[derive(Debug)]
pub struct CallResult {
    pub outcome: Outcome,
    pub clip: Option<Clip>,
    /// Message of the error, if the call failed.
    pub message: Option<String>,
    pub elapsed: Duration,
    /// Number of requests as reported by the library, if it reports one.
    pub polls: Option<u64>,
    /// Debug and display output of every value that the call returned.
    pub exposed_text: String,
    pub violations: Vec<String>,
}

/// Makes one call through an entry point and waits for its result.
pub async fn call(
    client: &Client,
    uuid: ClipUuid,
    entry_point: EntryPoint,
    config: &TestConfig,
) -> CallResult {
    match entry_point {
        EntryPoint::Get => {
            let start = Instant::now();
            let get_clip = client.get_clip(uuid);
            let exposed_text = format!("{client:?} {get_clip:?}");
            CallResult::new(get_clip.await, start, uuid, exposed_text)
        }
        EntryPoint::Watch | EntryPoint::Stream => {
            run_watch(config.watch(client, uuid), entry_point).await
        }
    }
}

/// Runs a watch to its end, awaited or as a stream.
pub async fn run_watch(watch: Watch, entry_point: EntryPoint) -> CallResult {
    let start = Instant::now();
    let uuid = watch.checkpoint().clip_uuid();
    let exposed_text = format!("{watch:?} {}", watch.checkpoint());
    let result = match entry_point {
        EntryPoint::Stream => read_stream(watch.stream(), start, uuid, exposed_text).await,
        EntryPoint::Get | EntryPoint::Watch => {
            CallResult::new(watch.await, start, uuid, exposed_text)
        }
    };
    result.with_completion_checked()
}

/// Reads a stream to its end and checks every update.
async fn read_stream(
    mut updates: WatchStream,
    start: Instant,
    uuid: ClipUuid,
    mut exposed_text: String,
) -> CallResult {
    let (mut polls, mut elapsed) = (0, Duration::ZERO);
    let mut violations = Vec::new();
    let mut last: Option<Clip> = None;
    let mut complete = false;
    let result = loop {
        let update = match updates.next().await {
            None => break last.clone().ok_or("the stream ended without a clip"),
            Some(Ok(update)) => update,
            Some(Err(error)) => {
                let mut result = CallResult::new(Err(error), start, uuid, exposed_text);
                if updates.next().await.is_some() {
                    violations.push("update after the error".to_owned());
                }
                result.violations.append(&mut violations);
                return result;
            }
        };
        exposed_text.push_str(&format!("{update:?} {}\n", updates.checkpoint()));
        if let Some(error) = update.error() {
            exposed_text.push_str(&error_text(error));
        }
        if complete {
            violations.push("update after completion".to_owned());
        }
        if update.polls() < polls || update.elapsed() < elapsed {
            violations.push("polls or elapsed time decreased".to_owned());
        }
        if update.clip().and_then(Clip::percent) > Some(100) {
            violations.push("percentage above 100".to_owned());
        }
        (polls, elapsed) = (update.polls(), update.elapsed());
        complete = update.is_complete();
        last = update.clip().cloned();
    };
    match result {
        Ok(clip) => {
            let mut result = CallResult::new(Ok(clip), start, uuid, exposed_text);
            result.polls = Some(polls);
            result.violations.append(&mut violations);
            result
        }
        Err(message) => panic!("{message}"),
    }
}

impl CallResult {
    pub fn new(
        result: Result<Clip, Error>,
        start: Instant,
        uuid: ClipUuid,
        mut exposed_text: String,
    ) -> Self {
        let elapsed = start.elapsed();
        let mut violations = Vec::new();
        let message = result.as_ref().err().map(Error::to_string);
        let (outcome, clip, polls) = match result {
            Ok(clip) => {
                exposed_text.push_str(&format!("{clip:?}"));
                if clip.uuid() != uuid {
                    violations.push("UUID of another clip".to_owned());
                }
                (Outcome::Complete, Some(clip), None)
            }
            Err(error) => {
                exposed_text.push_str(&error_text(&error));
                exposed_text.push_str(error.request_id().unwrap_or_default());
                if let Some(checkpoint) = error.checkpoint() {
                    violations.extend(check_checkpoint(checkpoint, &error, uuid));
                    exposed_text.push_str(&checkpoint.to_string());
                }
                let outcome = if error.is_deadline_exceeded() {
                    if error.checkpoint().is_none() {
                        violations.push("no checkpoint".to_owned());
                    }
                    Outcome::DeadlineExceeded
                } else {
                    Outcome::Failed(error.kind())
                };
                (
                    outcome,
                    error.clip().cloned(),
                    error.attempts().or(error.polls()),
                )
            }
        };
        Self {
            outcome,
            clip,
            message,
            elapsed,
            polls,
            exposed_text,
            violations,
        }
    }

    /// Adds a violation if a watch succeeded with a clip that is not complete.
    fn with_completion_checked(mut self) -> Self {
        if self.outcome == Outcome::Complete && !self.clip.as_ref().is_some_and(Clip::is_complete) {
            self.violations
                .push("success with an incomplete clip".to_owned());
        }
        self
    }
}

/// Returns a violation if the checkpoint of an error does not survive a round trip through text, or
/// contradicts the error.
fn check_checkpoint(checkpoint: &Checkpoint, error: &Error, uuid: ClipUuid) -> Option<String> {
    let parsed: Checkpoint = checkpoint.to_string().parse().ok()?;
    let is_consistent = parsed == *checkpoint
        && parsed.clip_uuid() == uuid
        && Some(parsed.polls()) == error.polls();
    (!is_consistent).then(|| "inconsistent checkpoint".to_owned())
}
