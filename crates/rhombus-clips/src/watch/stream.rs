//! Drives one watch: polls, sleeps, yields updates.

use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use futures_core::Stream;
use futures_util::stream::{StreamExt as _, unfold};
use tokio::time::{Instant, sleep_until};

use super::checkpoint::Checkpoint;
use super::poll::{PollOutcome, SharedWatch, poll_once};
use super::state::{Transition, WatchState};
use super::update::Update;
use super::wake::{CHECK_INTERVAL, WakeDetector};
use crate::time::saturating_add;
use crate::transport::Transport;
use crate::{Clip, Error, ErrorKind, Result, telemetry};

/// Stream of a clip's changes, from [`Watch::stream`](crate::Watch::stream).
///
/// It yields the first state at once, each later state that differs from the one before, each transient
/// failure, and the first state after it. It ends after the update that
/// [is complete](Update::is_complete), or after an error.
///
/// ```
/// # rhombus_clips_sim::example!(service, client, uuid, clip().renders_in(90.s()), {
/// let mut updates = client.watch(uuid).stream();
/// while let Some(update) = updates.next().await {
///     if let Some(clip) = update?.clip() {
///         println!("{} {:?} percent", clip.status(), clip.percent());
///     }
/// }
/// # });
/// ```
///
/// # Cancellation
///
/// [`next`](Self::next) is cancel safe: after its future is dropped, the next call continues the
/// same request or delay. Dropping the stream ends the watch.
#[must_use = "a stream does nothing until it is polled"]
pub struct WatchStream {
    stream: Pin<Box<dyn Stream<Item = Result<Update>> + Send>>,
    watch: Arc<SharedWatch>,
}

impl WatchStream {
    pub(super) fn new(transport: Arc<Transport>, offset: Duration, state: WatchState) -> Self {
        let watch = Arc::new(SharedWatch::new(state, offset));
        let wake_detector = WakeDetector::new(Instant::now(), transport.wall_clock());
        let watch_loop = WatchLoop {
            transport,
            watch: watch.clone(),
            clip: None,
            wake_detector,
            has_ended: false,
        };
        Self {
            stream: Box::pin(unfold(watch_loop, WatchLoop::next).fuse()),
            watch,
        }
    }

    /// Takes a checkpoint, to resume from with [`Client::resume`](crate::Client::resume).
    ///
    /// ```
    /// # rhombus_clips_sim::example!(service, client, uuid, clip().renders_in(30.s()), {
    /// let mut saved = String::new();
    /// let mut updates = client.watch(uuid).stream();
    /// while let Some(update) = updates.next().await {
    ///     update?;
    ///     saved = updates.checkpoint().to_string(); // Into a database, say.
    /// }
    /// # });
    /// ```
    pub fn checkpoint(&self) -> Checkpoint {
        self.watch.checkpoint()
    }

    /// Ends the watch, cancels the request in flight, and returns the checkpoint.
    ///
    /// ```
    /// # async fn interrupted() { tokio::time::sleep(std::time::Duration::from_secs(9)).await }
    /// # rhombus_clips_sim::example!(service, client, uuid, clip().renders_in(30.s()), {
    /// let mut updates = client.watch(uuid).stream();
    /// let mut interrupted = std::pin::pin!(interrupted());
    /// loop {
    ///     tokio::select! {
    ///         update = updates.next() => match update {
    ///             Some(update) => println!("{update:?}"),
    ///             None => break,
    ///         },
    ///         () = &mut interrupted => {
    ///             let checkpoint = updates.stop();
    ///             println!("resume later from {checkpoint}");
    ///             break;
    ///         }
    ///     }
    /// }
    /// # });
    /// ```
    pub fn stop(self) -> Checkpoint {
        let Self { stream, watch } = self;
        drop(stream);
        watch.checkpoint()
    }

    /// Returns the next update; `None` after the end.
    ///
    /// ```
    /// # rhombus_clips_sim::example!(service, client, uuid, clip().renders_in(30.s()), {
    /// let mut updates = client.watch(uuid).stream();
    /// let mut percents = Vec::new();
    /// while let Some(update) = updates.next().await {
    ///     percents.extend(update?.clip().and_then(|clip| clip.percent()));
    /// }
    /// assert!(updates.next().await.is_none());
    /// # });
    /// ```
    pub async fn next(&mut self) -> Option<Result<Update>> {
        poll_fn(|context| self.stream.as_mut().poll_next(context)).await
    }

    pub(super) async fn finish(mut self) -> Result<Clip> {
        let mut last = None;
        while let Some(update) = self.next().await {
            last = update?.clip;
        }
        // A stream ends with an error, which returned above, or with a complete clip.
        last.ok_or_else(|| Error::new(ErrorKind::NotFound, "the watch ended without a clip"))
    }
}

impl Stream for WatchStream {
    type Item = Result<Update>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.stream.as_mut().poll_next(context)
    }
}

impl fmt::Debug for WatchStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WatchStream").finish_non_exhaustive()
    }
}

/// Loop of one watch: wait until due, poll, yield.
struct WatchLoop {
    transport: Arc<Transport>,
    watch: Arc<SharedWatch>,
    /// The clip as it was last seen.
    clip: Option<Clip>,
    wake_detector: WakeDetector,
    has_ended: bool,
}

impl WatchLoop {
    /// Returns for how long the machine slept since the last check; zero if it did not.
    fn check_wake(&mut self) -> Duration {
        let (now, time_of_day) = (Instant::now(), self.transport.wall_clock());
        match self.wake_detector.check(now, time_of_day) {
            Some(sleep) => {
                self.transport.on_wake(sleep.since);
                sleep.duration
            }
            None => Duration::ZERO,
        }
    }

    /// Sleeps until the next poll is due, or the machine has slept for as long.
    async fn sleep_until(&mut self, due: Instant) {
        loop {
            let slept = self.check_wake();
            let now = Instant::now();
            if due <= saturating_add(now, slept) {
                return;
            }
            sleep_until(due.min(now + CHECK_INTERVAL)).await;
        }
    }

    async fn next(mut self) -> Option<(Result<Update>, Self)> {
        if self.has_ended {
            return None;
        }
        self.watch.lock().start();
        loop {
            let due = self.watch.lock().due();
            if let Some(due) = due {
                self.sleep_until(due).await;
            }
            let outcome = poll_once(&self.transport, &self.watch, self.clip.as_ref(), || ()).await;
            // What was decided after the machine woke up is not early.
            self.check_wake();
            let PollOutcome {
                transition,
                elapsed,
                polls,
            } = outcome;
            let update = match transition {
                Transition::PollAgain { update: None, .. } => continue,
                Transition::PollAgain {
                    update: Some(update),
                    ..
                } => {
                    self.clip = update.clip.clone();
                    return Some((Ok(update), self));
                }
                Transition::Complete(_, update) => Ok(update),
                Transition::Failed(error) => Err(error),
            };
            let uuid = self.watch.lock().uuid();
            telemetry::log_watch_end(uuid, polls, elapsed, update.as_ref().err());
            self.has_ended = true;
            return Some((update, self));
        }
    }
}
