//! A watch of clips from its start to the end of the program.

use rhombus_clips::{Checkpoint, ClipUpdate, ClipUuid, WatchAllStream};
use std::collections::BTreeMap;
use std::future;
use std::time::Duration;
use tokio::sync::mpsc::Receiver;
use tokio::time::{Instant, Interval, MissedTickBehavior, interval, sleep_until};

use super::checkpoint_file::CheckpointFile;
use super::going_on::{Again, advice};
use super::keeping::Keeping;
use super::roster::Roster;
use super::standard_input;
use crate::clip::changes::Changes;
use crate::clip::event::Event;
use crate::exit_code::ExitCode;
use crate::failure::Failure;
use crate::interrupt::{Signal, Signals};
use crate::messages::{self, Verbosity};
use crate::output::{Closing, Display};

/// All that is watched, and how it is shown and kept.
pub(super) struct Session {
    updates: WatchAllStream,
    display: Box<dyn Display>,
    roster: Roster,
    changes: Changes,
    keeping: Keeping,
    file: Option<CheckpointFile>,
    /// Why it could not be written the last time.
    trouble: Option<String>,
    /// Of the clips whose watch ended before the clip did.
    broken_off: BTreeMap<ClipUuid, Checkpoint>,
    began: Instant,
    again: Again,
    /// The worst of what is no clip's fault.
    mistakes: ExitCode,
    /// Whether it is for people, who can be told to find out more.
    hints: bool,
    is_for_doctor: bool,
}

impl Session {
    pub(super) fn new(
        updates: WatchAllStream,
        display: Box<dyn Display>,
        file: Option<CheckpointFile>,
        again: Again,
        hints: bool,
    ) -> Self {
        Self {
            updates,
            display,
            roster: Roster::default(),
            changes: Changes::default(),
            keeping: Keeping::default(),
            file,
            trouble: None,
            broken_off: BTreeMap::new(),
            began: Instant::now(),
            again,
            mistakes: ExitCode::Complete,
            hints,
            is_for_doctor: false,
        }
    }

    /// These are watched: those that were resumed, and these clips besides.
    pub(super) fn add(&mut self, resumed: &[Checkpoint], clips: &[ClipUuid]) {
        for checkpoint in resumed {
            self.roster.resume(checkpoint);
        }
        for clip in clips {
            self.watch(*clip);
        }
    }

    /// Watches everything to its end, or until a signal.
    pub(super) async fn run(
        mut self,
        mut signals: Signals,
        from_input: bool,
    ) -> Result<ExitCode, Failure> {
        // Where it cannot be kept, nobody should begin.
        match &self.file {
            Some(file) if self.updates.is_empty() => file.check_place()?,
            _ => self.keep()?,
        }
        let input = from_input.then(standard_input::clips);
        let followed = self.follow(&mut signals, input).await;
        self.end(followed)
    }

    /// The signal that came before the end, if one did.
    async fn follow(
        &mut self,
        signals: &mut Signals,
        mut input: Option<Receiver<Result<ClipUuid, String>>>,
    ) -> Result<Option<Signal>, Failure> {
        // While it is there, more may come.
        let mut more = input.as_ref().map(|_| self.updates.handle());
        let mut frames = self.display.frame().map(interval);
        if let Some(frames) = &mut frames {
            frames.set_missed_tick_behavior(MissedTickBehavior::Delay);
        }
        loop {
            let due = self.keeping.due().filter(|_| self.file.is_some());
            let due = due.map(|due| self.began + due);
            tokio::select! {
                biased;
                signal = signals.next() => return Ok(Some(signal)),
                () = tick(frames.as_mut()) => {
                    let now = self.now();
                    self.display.draw(&self.roster, now);
                }
                () = until(due) => self.keep_on_the_way(),
                update = self.updates.next() => match update {
                    Some(update) => self.take(update)?,
                    None => return Ok(None),
                },
                line = next(input.as_mut()) => match line {
                    Some(Ok(clip)) => self.watch(clip),
                    Some(Err(mistake)) => {
                        self.mistakes = self.mistakes.max(ExitCode::Usage);
                        self.display.tell(&messages::error(None, &mistake));
                    }
                    None => {
                        input = None;
                        more.take();
                    }
                },
            }
        }
    }

    fn watch(&mut self, clip: ClipUuid) {
        if self.roster.add(clip) {
            self.updates.add(clip);
            self.keeping.change();
        }
    }

    fn take(&mut self, update: ClipUpdate) -> Result<(), Failure> {
        if let ClipUpdate::Ended {
            uuid,
            result: Err(error),
            ..
        } = &update
        {
            self.is_for_doctor |= messages::is_for_doctor(error);
            if let Some(checkpoint) = error.checkpoint() {
                self.broken_off.insert(*uuid, checkpoint.clone());
            }
        }
        let known = self.roster.get(update.uuid());
        let known = known.and_then(|watched| watched.state.as_ref());
        let Some(mut event) = Event::of(update, known) else {
            return Ok(());
        };
        self.changes.mark_told(&mut event);
        self.roster.take(&event, self.now());
        self.keeping.change();
        for event in event.unread_status().iter().chain([&event]) {
            if self.changes.is_news(event) {
                let shown = self.display.show(event, &self.roster);
                shown.map_err(Failure::Output)?;
            }
        }
        Ok(())
    }

    /// Keeps what is not done, or tells once why not.
    fn keep_on_the_way(&mut self) {
        let trouble = self.keep().err().and_then(|failure| failure.text());
        if trouble != self.trouble
            && let Some(text) = &trouble
            && messages::verbosity() != Verbosity::Quiet
        {
            self.display
                .tell(&format!("warning: {text}; still watching"));
        }
        self.trouble = trouble;
    }

    /// Keeps what is not done.
    fn keep(&mut self) -> Result<(), Failure> {
        let Some(file) = &self.file else {
            return Ok(());
        };
        let from = self.now();
        let mut checkpoints = self.updates.checkpoints();
        checkpoints.extend(self.broken_off.values().cloned());
        let written = file.write(&checkpoints);
        self.keeping.kept(from, self.now());
        written
    }

    fn end(mut self, followed: Result<Option<Signal>, Failure>) -> Result<ExitCode, Failure> {
        let elapsed = self.now();
        let mut left: BTreeMap<_, _> = self.broken_off;
        for checkpoint in self.updates.stop() {
            self.roster.stop(&checkpoint);
            left.insert(checkpoint.clip_uuid(), checkpoint);
        }
        let kept = match &self.file {
            Some(file) => file.write(&left.values().cloned().collect::<Vec<_>>()),
            None => Ok(()),
        };
        let signal = followed?;
        self.display
            .close(&Closing {
                roster: &self.roster,
                elapsed,
                is_interrupted: signal.is_some(),
            })
            .map_err(Failure::Output)?;

        let clips = self.roster.clips().iter().map(|watched| watched.clip);
        let clips: Vec<_> = clips.filter(|clip| left.contains_key(clip)).collect();
        let file = self.file.as_ref().map(CheckpointFile::path);
        let is_kept = file.is_some() && kept.is_ok();
        if signal.is_some() || is_kept {
            let file = file.filter(|_| is_kept);
            let advice = advice(&clips, file, &self.again);
            let words = [signal.map(|signal| signal.word().to_owned()), advice];
            let words: Vec<_> = words.into_iter().flatten().collect();
            if !words.is_empty() {
                messages::note(&words.join(": "));
            }
        }
        if let Err(text) = kept.map_err(|failure| failure.text().unwrap_or_default()) {
            messages::tell(&messages::error(None, &text));
            self.mistakes = self.mistakes.max(ExitCode::Other);
        }
        if self.hints && self.is_for_doctor && !self.again.is_simulated {
            messages::hint_at_doctor();
        }
        Ok(match signal {
            Some(signal) => signal.exit_code(),
            None => self.roster.exit_code().max(self.mistakes),
        })
    }

    /// How long the program has watched.
    fn now(&self) -> Duration {
        self.began.elapsed()
    }
}

async fn tick(frames: Option<&mut Interval>) {
    match frames {
        Some(frames) => _ = frames.tick().await,
        None => future::pending().await,
    }
}

async fn until(due: Option<Instant>) {
    match due {
        Some(due) => sleep_until(due).await,
        None => future::pending().await,
    }
}

async fn next<T>(receiver: Option<&mut Receiver<T>>) -> Option<T> {
    match receiver {
        Some(receiver) => receiver.recv().await,
        None => future::pending().await,
    }
}
