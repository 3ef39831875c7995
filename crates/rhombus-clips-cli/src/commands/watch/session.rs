//! The event loop of `watch`.
//!
//! A [`Session`] polls several sources on one task: signals, animation frames, due checkpoint saves,
//! updates of the SDK's stream, and clips from standard input. It applies each update to the
//! tracker, passes new events to the display, and saves checkpoints of unfinished clips. The
//! decisions are made elsewhere: polling and retries by the SDK, save times by
//! [`SaveThrottle`].

use std::collections::{BTreeMap, HashMap};
use std::future;
use std::time::Duration;

use rhombus_clips::{Checkpoint, Clip, ClipUpdate, ClipUuid, Error, WatchAllStream};
use tokio::sync::mpsc::Receiver;
use tokio::time::{Instant, Interval, MissedTickBehavior, interval, sleep_until};

use super::deduplicator::Deduplicator;
use super::resume_hint::ResumeCommand;
use super::standard_input;
use crate::checkpoint_file::{CheckpointFile, SaveThrottle, Unfinished};
use crate::cli::Output;
use crate::history::SavedHistory;
use crate::outlet::{Drained, Outlet};
use crate::output::event::{Event, EventKind};
use crate::output::tracker::Tracker;
use crate::output::{Summary, WatchDisplay};
use crate::report::failure::{ExitCode, Failure};
use crate::report::{self, Verbosity};
use crate::signals::{Signal, Signals};

/// Time for which the end of the program waits for a reader of standard output. Chosen: a reader that
/// is busy with a line takes less, and a program that waits has to go on.
const PATIENCE: Duration = Duration::from_secs(10);

/// The same after a signal. Chosen: services are usually killed ten seconds after SIGTERM.
const INTERRUPTED_PATIENCE: Duration = Duration::from_secs(1);

/// A running watch, with its display and its checkpoints.
pub(super) struct Session {
    stream: WatchAllStream,
    display: Box<dyn WatchDisplay>,
    stdout: Outlet,
    /// Number of changes that were not shown, because the earlier ones were not read.
    omitted_changes: u64,
    tracker: Tracker,
    deduplicator: Deduplicator,
    save_throttle: SaveThrottle,
    checkpoint_file: Option<CheckpointFile>,
    history: Option<SavedHistory>,
    /// Error of the last save, so that a repeated one is not reported again.
    last_save_error: Option<String>,
    /// Checkpoints of clips whose watch ended with an error and can be resumed.
    error_checkpoints: BTreeMap<ClipUuid, Checkpoint>,
    /// Clips in progress as last seen, which the stream does not retain. Only the JSON output shows one,
    /// when its watch ends with an error.
    last_clips: Option<HashMap<ClipUuid, Clip>>,
    started_at: Instant,
    resume_command: ResumeCommand,
    /// Worst exit code of errors that do not belong to a clip.
    session_exit_code: ExitCode,
    /// Whether the output is for a user, who may be referred to `doctor`.
    prints_hints: bool,
    suggests_doctor: bool,
}

impl Session {
    pub(super) fn new(
        stream: WatchAllStream,
        (display, stdout): (Box<dyn WatchDisplay>, Outlet),
        checkpoint_file: Option<CheckpointFile>,
        history: Option<SavedHistory>,
        resume_command: ResumeCommand,
        output: Output,
    ) -> Self {
        Self {
            stream,
            display,
            stdout,
            omitted_changes: 0,
            tracker: Tracker::default(),
            deduplicator: Deduplicator::default(),
            save_throttle: SaveThrottle::default(),
            checkpoint_file,
            history,
            last_save_error: None,
            error_checkpoints: BTreeMap::new(),
            last_clips: (output == Output::Json).then(HashMap::new),
            started_at: Instant::now(),
            resume_command,
            session_exit_code: ExitCode::Complete,
            prints_hints: output != Output::Json,
            suggests_doctor: false,
        }
    }

    /// Adds the clips that the stream already resumes, and further clips.
    pub(super) fn add(&mut self, resumed: &[Checkpoint], uuids: &[ClipUuid]) {
        for checkpoint in resumed {
            self.tracker.resume(checkpoint);
        }
        for uuid in uuids {
            self.watch(*uuid);
        }
    }

    /// Runs until all clips have ended or a signal is received.
    pub(super) async fn run(
        mut self,
        mut signals: Signals,
        reads_stdin: bool,
    ) -> Result<ExitCode, Failure> {
        // An unwritable checkpoint file must be reported before the first request, not after hours.
        self.save()?;
        let input = reads_stdin.then(standard_input::read_clips);
        let result = self.process_events(&mut signals, input).await;
        self.finish(result, signals).await
    }

    /// Processes events until all clips have ended, or returns the signal that was received before.
    async fn process_events(
        &mut self,
        signals: &mut Signals,
        mut input: Option<Receiver<Result<ClipUuid, String>>>,
    ) -> Result<Option<Signal>, Failure> {
        // While the handle exists, the stream waits for more clips instead of ending.
        let mut stream_handle = input.as_ref().map(|_| self.stream.handle());
        let mut frames = self.display.frame_interval().map(interval);
        if let Some(frames) = &mut frames {
            frames.set_missed_tick_behavior(MissedTickBehavior::Delay);
        }
        loop {
            let due = self.save_throttle.due();
            let due = due.filter(|_| self.checkpoint_file.is_some());
            let due = due.map(|due| self.started_at + due);
            tokio::select! {
                biased;
                signal = signals.recv() => return Ok(Some(signal)),
                error = self.stdout.failure() => return Err(Failure::Output(error)),
                () = next_frame(frames.as_mut()) => {
                    let now = self.elapsed();
                    self.tracker.set_requests(self.stream.requests());
                    self.display.draw(&self.tracker, now);
                }
                () = wait_until(due) => self.save_or_warn(),
                update = self.stream.next() => match update {
                    Some(update) => self.handle_update(update)?,
                    None => return Ok(None),
                },
                line = next_line(input.as_mut()) => match line {
                    Some(Ok(uuid)) => self.watch(uuid),
                    Some(Err(text)) => {
                        self.session_exit_code = self.session_exit_code.max(ExitCode::Usage);
                        self.display.print_message(&report::error_line(None, &text));
                    }
                    None => {
                        input = None;
                        stream_handle.take();
                    }
                },
            }
        }
    }

    fn watch(&mut self, uuid: ClipUuid) {
        if self.tracker.add(uuid) {
            self.stream.add(uuid);
            self.save_throttle.mark_dirty();
        }
    }

    fn handle_update(&mut self, update: ClipUpdate) -> Result<(), Failure> {
        if let ClipUpdate::Ended {
            uuid,
            result: Err(error),
            ..
        } = &update
        {
            self.suggests_doctor |= report::suggests_doctor(error);
            if let Some(checkpoint) = error.checkpoint() {
                self.error_checkpoints.insert(*uuid, checkpoint.clone());
            }
        }
        if let (Some(history), Some(clip)) = (&mut self.history, clip_of(&update)) {
            history.observe(clip);
        }
        let last_clip = self.last_clip(&update);
        let tracked = self.tracker.get(update.uuid());
        let last_state = tracked.and_then(|clip| clip.state.as_ref());
        let Some(mut event) = Event::from_update(update, last_state, last_clip.as_ref()) else {
            return Ok(());
        };
        self.deduplicator.mark_reported(&mut event);
        self.tracker.set_requests(self.stream.requests());
        self.tracker.apply(&event, self.elapsed());
        self.save_throttle.mark_dirty();
        if matches!(event.kind, EventKind::Progress) && self.stdout.is_congested() {
            self.omitted_changes = self.omitted_changes.saturating_add(1);
            return Ok(());
        }
        for event in event.undecodable_status().iter().chain([&event]) {
            if self.deduplicator.is_new(event) {
                let result = self.display.show(event, &self.tracker);
                result.map_err(Failure::Output)?;
            }
        }
        Ok(())
    }

    /// Returns the clip as it was seen before the end of its watch. Records the clip of any other update.
    fn last_clip(&mut self, update: &ClipUpdate) -> Option<Clip> {
        let last_clips = self.last_clips.as_mut()?;
        match update {
            ClipUpdate::Changed { uuid, update, .. } => {
                last_clips.extend(update.clip().map(|clip| (*uuid, clip.clone())));
                None
            }
            _ => last_clips.remove(&update.uuid()),
        }
    }

    /// Saves checkpoints, and warns about an error that differs from the last one.
    fn save_or_warn(&mut self) {
        let save_error = self.save().err().and_then(|failure| failure.text());
        if save_error != self.last_save_error
            && let Some(text) = &save_error
            && report::verbosity() != Verbosity::Quiet
        {
            self.display
                .print_message(&format!("warning: {text}; still watching"));
        }
        self.last_save_error = save_error;
    }

    /// Saves checkpoints of all unfinished clips.
    fn save(&mut self) -> Result<(), Failure> {
        let started_at = self.elapsed();
        let Some(file) = &mut self.checkpoint_file else {
            return Ok(());
        };
        let mut checkpoints = self.stream.checkpoints();
        checkpoints.extend(self.error_checkpoints.values().cloned());
        let result = file.save(Unfinished::Watches(&checkpoints));
        self.save_throttle.saved(started_at, self.elapsed());
        result
    }

    /// Stops the stream, saves the final checkpoints, and prints results and hints.
    async fn finish(
        mut self,
        result: Result<Option<Signal>, Failure>,
        mut signals: Signals,
    ) -> Result<ExitCode, Failure> {
        let elapsed = self.elapsed();
        // First: a second signal ends the program at once.
        if let Some(history) = &mut self.history {
            history.save();
        }
        let mut unfinished: BTreeMap<_, _> = self.error_checkpoints;
        self.tracker.set_requests(self.stream.requests());
        for checkpoint in self.stream.stop() {
            self.tracker.stop(&checkpoint);
            unfinished.insert(checkpoint.clip_uuid(), checkpoint);
        }
        let save_result = match &mut self.checkpoint_file {
            Some(file) => {
                let checkpoints: Vec<_> = unfinished.values().cloned().collect();
                file.finish(Unfinished::Watches(&checkpoints))
            }
            None => Ok(()),
        };
        let signal = result?;
        let summary = Summary {
            tracker: &self.tracker,
            elapsed,
            is_interrupted: signal.is_some(),
        };
        let patience = match signal {
            Some(_) => INTERRUPTED_PATIENCE,
            None => PATIENCE,
        };
        self.display.finish(&summary);
        // Both may be the same terminal.
        report::drain(INTERRUPTED_PATIENCE).await;
        let result = self.display.write_results(&summary);
        result.map_err(Failure::Output)?;
        let drained = tokio::select! {
            biased;
            signal = signals.recv(), if signal.is_none() => return Ok(signal.exit_code()),
            drained = self.stdout.drain(patience) => drained.map_err(Failure::Output)?,
        };
        self.display.print_totals(&summary);
        let is_output_lost = report_lost_output(&drained, patience, self.omitted_changes);

        let uuids = self.tracker.clips().iter().map(|clip| clip.uuid);
        let uuids: Vec<_> = uuids.filter(|uuid| unfinished.contains_key(uuid)).collect();
        let path = self.checkpoint_file.as_ref().map(CheckpointFile::path);
        let is_saved = path.is_some() && save_result.is_ok();
        if signal.is_some() || is_saved {
            let hint = self.resume_command.hint(&uuids, path.filter(|_| is_saved));
            let parts = [signal.map(|signal| signal.name().to_owned()), hint];
            let parts: Vec<_> = parts.into_iter().flatten().collect();
            if !parts.is_empty() {
                report::eprintln_unless_quiet(&parts.join(": "));
            }
        }
        if let Err(text) = save_result.map_err(|failure| failure.text().unwrap_or_default()) {
            report::eprintln_line(&report::error_line(None, &text));
            self.session_exit_code = self.session_exit_code.max(ExitCode::Other);
        }
        if self.prints_hints && self.suggests_doctor && !self.resume_command.is_simulated {
            report::print_doctor_hint();
        }
        Ok(match signal {
            Some(signal) => signal.exit_code(),
            None => match self.tracker.exit_code().max(self.session_exit_code) {
                // Any other outcome is told by its own code.
                ExitCode::Complete if is_output_lost => ExitCode::Other,
                code => code,
            },
        })
    }

    /// Returns the time since the watch started.
    fn elapsed(&self) -> Duration {
        self.started_at.elapsed()
    }
}

/// Returns the record that an update has.
fn clip_of(update: &ClipUpdate) -> Option<&Clip> {
    match update {
        ClipUpdate::Changed { update, .. } => update.clip(),
        ClipUpdate::Ended { result, .. } => result.as_ref().map_or_else(Error::clip, Some),
        // Kinds of updates may be added.
        _ => None,
    }
}

/// Reports output that was not read, and returns whether results are lost.
fn report_lost_output(drained: &Drained, patience: Duration, omitted_changes: u64) -> bool {
    if omitted_changes > 0 {
        report::warn(&format!(
            "standard output was not read in time; {omitted_changes} changes were left out"
        ));
    }
    match drained {
        Drained::Written => false,
        Drained::Stalled { bytes } => {
            let text = format!(
                "standard output was not read for {} s; its last {bytes} bytes are lost",
                patience.as_secs()
            );
            report::eprintln_line(&report::error_line(None, &text));
            true
        }
    }
}

// Each of these is pending forever without its source, which disables its branch of `select!`.

async fn next_frame(frames: Option<&mut Interval>) {
    match frames {
        Some(frames) => _ = frames.tick().await,
        None => future::pending().await,
    }
}

async fn wait_until(due: Option<Instant>) {
    match due {
        Some(due) => sleep_until(due).await,
        None => future::pending().await,
    }
}

async fn next_line<T>(receiver: Option<&mut Receiver<T>>) -> Option<T> {
    match receiver {
        Some(receiver) => receiver.recv().await,
        None => future::pending().await,
    }
}
