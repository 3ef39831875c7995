//! The event loop of the commands that write files.
//!
//! The work of a command sends its events through a channel; the session shows them until the work is over, or a
//! signal drops it.

use std::future;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use rhombus_clips::{
    Clip, ClipUuid, CreatedClips, DownloadProgress, DownloadedFile, Error, Update,
};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::time::{Interval, MissedTickBehavior, interval};

use crate::cli::Output;
use crate::outlet::Outlet;
use crate::output::files::event::{FileEvent, SummaryEvent, as_ms};
use crate::output::files::{FileDisplay, create_display};
use crate::output::json::format_time;
use crate::report;
use crate::report::failure::{ExitCode, Failure};
use crate::signals::{Signal, Signals};

/// Time for which the end of the session waits for a reader of standard error. Chosen, as for `watch`.
const STDERR_PATIENCE: Duration = Duration::from_secs(1);

/// Sends the events of the work to its session.
#[derive(Clone)]
pub(super) struct Events(UnboundedSender<FileEvent>);

impl Events {
    pub(super) fn requested(&self, created: &CreatedClips) {
        self.send(FileEvent::requested(created, Timestamp::now()));
    }

    pub(super) fn rendering(&self, uuid: ClipUuid, update: &Update) {
        self.send(FileEvent::rendering(uuid, update, Timestamp::now()));
    }

    pub(super) fn downloading(&self, uuid: ClipUuid, progress: &DownloadProgress) {
        self.send(FileEvent::downloading(uuid, progress, Timestamp::now()));
    }

    pub(super) fn saved(&self, clip: &Clip, file: &DownloadedFile) {
        self.send(FileEvent::saved(clip, file, Timestamp::now()));
    }

    pub(super) fn failed(&self, uuid: Option<ClipUuid>, error: &Error) {
        self.send(FileEvent::failed(uuid, error, Timestamp::now()));
    }

    fn send(&self, event: FileEvent) {
        // The session receives until the work is over.
        let _ = self.0.send(event);
    }
}

/// End of the work of a command.
pub(super) struct SessionEnd {
    pub(super) code: ExitCode,
    pub(super) signal: Option<Signal>,
}

/// Runs work until it is over or a signal arrives. `total` is the number of clips, as far as it is known.
pub(super) async fn run<F: Future<Output = ()>>(
    output: Output,
    multiple: bool,
    total: usize,
    mut signals: Signals,
    start: impl FnOnce(Events) -> F,
) -> Result<SessionEnd, Failure> {
    let (sender, receiver) = unbounded_channel();
    let stdout = Outlet::stdout();
    let mut session = Session {
        display: create_display(output, multiple, &stdout),
        receiver,
        stdout,
        code: ExitCode::Complete,
        saved: 0,
        failed: 0,
        suggests_doctor: false,
        started_at: Instant::now(),
    };
    let signal = session.process(start(Events(sender)), &mut signals).await?;
    let Session { saved, failed, .. } = session;
    let summary = SummaryEvent {
        time: format_time(Timestamp::now()),
        saved,
        failed,
        unfinished: match signal {
            Some(_) => total.saturating_sub(saved + failed),
            None => 0,
        },
        elapsed_ms: as_ms(session.started_at.elapsed()),
    };
    session.display.finish();
    // Both may be the same terminal.
    report::drain(STDERR_PATIENCE).await;
    let written = session.display.write_results(&summary);
    written.map_err(Failure::Output)?;
    let drained = tokio::select! {
        biased;
        signal = signals.recv(), if signal.is_none() => return Ok(SessionEnd { code: signal.exit_code(), signal: Some(signal) }),
        drained = session.stdout.drain(Duration::MAX) => drained,
    };
    drained.map_err(Failure::Output)?;
    if session.suggests_doctor && output != Output::Json {
        report::print_doctor_hint();
    }
    Ok(SessionEnd {
        code: signal.map_or(session.code, Signal::exit_code),
        signal,
    })
}

struct Session {
    display: Box<dyn FileDisplay>,
    receiver: UnboundedReceiver<FileEvent>,
    stdout: Outlet,
    code: ExitCode,
    saved: usize,
    failed: usize,
    suggests_doctor: bool,
    started_at: Instant,
}

impl Session {
    async fn process(
        &mut self,
        work: impl Future<Output = ()>,
        signals: &mut Signals,
    ) -> Result<Option<Signal>, Failure> {
        let mut frames = self.display.frame_interval().map(interval);
        if let Some(frames) = &mut frames {
            frames.set_missed_tick_behavior(MissedTickBehavior::Delay);
        }
        let mut work = std::pin::pin!(work);
        loop {
            tokio::select! {
                biased;
                signal = signals.recv() => return Ok(Some(signal)),
                error = self.stdout.failure() => return Err(Failure::Output(error)),
                () = next_frame(frames.as_mut()) => self.display.draw(),
                Some(event) = self.receiver.recv() => self.show(&event)?,
                () = &mut work => break,
            }
        }
        while let Ok(event) = self.receiver.try_recv() {
            self.show(&event)?;
        }
        Ok(None)
    }

    fn show(&mut self, event: &FileEvent) -> Result<(), Failure> {
        match event {
            FileEvent::Saved(_) => self.saved += 1,
            FileEvent::Failed(failed) => {
                self.failed += 1;
                self.suggests_doctor |= failed.suggests_doctor;
            }
            _ => {}
        }
        self.code = self.code.max(event.exit_code());
        self.display.show(event).map_err(Failure::Output)
    }
}

async fn next_frame(frames: Option<&mut Interval>) {
    match frames {
        Some(frames) => _ = frames.tick().await,
        None => future::pending().await,
    }
}
