//! The three ways to ask, and what is heard.

use std::fmt;
use std::time::{Duration, Instant};

use rhombus_clips::{Checkpoint, Client, Clip, ClipUuid, Error, Watch, WatchStream};
use rhombus_clips_tests::shown;

use crate::expected::Outcome;
use crate::terms::Terms;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    Get,
    Watch,
    Stream,
}

impl Way {
    pub const ALL: [Self; 3] = [Self::Get, Self::Watch, Self::Stream];
    pub const WATCHES: [Self; 2] = [Self::Watch, Self::Stream];
}

impl fmt::Display for Way {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Get => "get",
            Self::Watch => "watch",
            Self::Stream => "stream",
        })
    }
}

/// What came of asking.
#[derive(Debug)]
pub struct Heard {
    pub outcome: Outcome,
    pub clip: Option<Clip>,
    /// Of the error.
    pub message: Option<String>,
    pub elapsed: Duration,
    /// How many requests were sent, where that is said.
    pub polls: Option<u64>,
    /// Everything that came out, as text.
    pub shown: String,
    pub flaws: Vec<String>,
}

pub async fn ask(client: &Client, uuid: ClipUuid, way: Way, terms: &Terms) -> Heard {
    match way {
        Way::Get => {
            let began = Instant::now();
            let lookup = client.get_clip(uuid);
            let shown = format!("{client:?} {lookup:?}");
            Heard::new(lookup.await, began, uuid, shown)
        }
        Way::Watch | Way::Stream => follow(terms.watch(client, uuid), way).await,
    }
}

/// Follows a watch to its end.
pub async fn follow(watch: Watch, way: Way) -> Heard {
    let began = Instant::now();
    let uuid = watch.checkpoint().clip_uuid();
    let shown = format!("{watch:?} {}", watch.checkpoint());
    let heard = match way {
        Way::Stream => read(watch.stream(), began, uuid, shown).await,
        Way::Get | Way::Watch => Heard::new(watch.await, began, uuid, shown),
    };
    heard.of_a_watch()
}

/// Reads a stream to its end, and looks at every update.
async fn read(
    mut updates: WatchStream,
    began: Instant,
    uuid: ClipUuid,
    mut shown: String,
) -> Heard {
    let (mut polls, mut elapsed) = (0, Duration::ZERO);
    let mut flaws = Vec::new();
    let mut last: Option<Clip> = None;
    let mut complete = false;
    let result = loop {
        let update = match updates.next().await {
            None => break last.clone().ok_or("the stream ended without a clip"),
            Some(Ok(update)) => update,
            Some(Err(error)) => {
                let mut heard = Heard::new(Err(error), began, uuid, shown);
                if updates.next().await.is_some() {
                    flaws.push("an update after the error".to_owned());
                }
                heard.flaws.append(&mut flaws);
                return heard;
            }
        };
        shown.push_str(&format!("{update:?} {}\n", updates.checkpoint()));
        if let Some(error) = update.error() {
            shown.push_str(&rhombus_clips_tests::shown(error));
        }
        if complete {
            flaws.push("an update after the clip was complete".to_owned());
        }
        if update.polls() < polls || update.elapsed() < elapsed {
            flaws.push("polls or time ran back".to_owned());
        }
        if update.clip().and_then(Clip::percent) > Some(100) {
            flaws.push("a percentage above 100".to_owned());
        }
        (polls, elapsed) = (update.polls(), update.elapsed());
        complete = update.is_complete();
        last = update.clip().cloned();
    };
    match result {
        Ok(clip) => {
            let mut heard = Heard::new(Ok(clip), began, uuid, shown);
            heard.polls = Some(polls);
            heard.flaws.append(&mut flaws);
            heard
        }
        Err(flaw) => panic!("{flaw}"),
    }
}

impl Heard {
    pub fn new(
        result: Result<Clip, Error>,
        began: Instant,
        uuid: ClipUuid,
        mut text: String,
    ) -> Self {
        let elapsed = began.elapsed();
        let mut flaws = Vec::new();
        let message = result.as_ref().err().map(Error::to_string);
        let (outcome, clip, polls) = match result {
            Ok(clip) => {
                text.push_str(&format!("{clip:?}"));
                if clip.uuid() != uuid {
                    flaws.push("another clip".to_owned());
                }
                (Outcome::Done, Some(clip), None)
            }
            Err(error) => {
                text.push_str(&shown(&error));
                text.push_str(error.request_id().unwrap_or_default());
                if let Some(checkpoint) = error.checkpoint() {
                    flaws.extend(unfit(checkpoint, &error, uuid));
                    text.push_str(&checkpoint.to_string());
                }
                let outcome = if error.is_deadline_exceeded() {
                    if error.checkpoint().is_none() {
                        flaws.push("no checkpoint".to_owned());
                    }
                    Outcome::Stopped
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
            shown: text,
            flaws,
        }
    }

    /// A watch is done when the clip is, and no sooner.
    fn of_a_watch(mut self) -> Self {
        if self.outcome == Outcome::Done && !self.clip.as_ref().is_some_and(Clip::is_complete) {
            self.flaws.push("done, with a clip that is not".to_owned());
        }
        self
    }
}

/// What is wrong with the checkpoint of an error.
fn unfit(checkpoint: &Checkpoint, error: &Error, uuid: ClipUuid) -> Option<String> {
    let read: Checkpoint = checkpoint.to_string().parse().ok()?;
    let fits =
        read == *checkpoint && read.clip_uuid() == uuid && Some(read.polls()) == error.polls();
    (!fits).then(|| "a checkpoint that does not fit".to_owned())
}
