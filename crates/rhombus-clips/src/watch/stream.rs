//! Drives one watch: polls, sleeps, yields updates.

use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use futures_core::Stream;
use futures_util::stream::{StreamExt as _, unfold};
use tokio::time::sleep_until;

use super::checkpoint::Checkpoint;
use super::poll::{PollOutcome, poll_once};
use super::shared::SharedWatch;
use super::state::{Transition, WatchState};
use super::update::Update;
use crate::transport::Transport;
use crate::{Clip, Error, ErrorKind, Result, telemetry};

/// Stream of a clip's changes, from [`Watch::stream`](crate::Watch::stream).
///
/// It yields the first state at once, each later state that differs from the one before, each transient
/// failure, and the first state after it. It ends after the update that
/// [is complete](Update::is_complete), or after an error.
///
/// ```
/// # use rhombus_clips_sim::prelude::*;
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let uuid = rhombus_clips::ClipUuid::from_bytes([1; 16]);
/// # let service = Service::start().await?.with_clip(uuid, clip().renders_in(90.s()));
/// # let client = rhombus_clips::Client::builder().api_key(service.api_key()).base_url(service.base_url()).build()?;
/// let mut updates = client.watch(uuid).stream();
/// while let Some(update) = updates.next().await {
///     if let Some(clip) = update?.clip() {
///         println!("{} {:?} percent", clip.status(), clip.percent());
///     }
/// }
/// # Ok(())
/// # }
/// ```
///
/// # Cancellation
///
/// [`next`](Self::next) is cancellation safe: after its future is dropped, the next call continues the
/// same request or delay. Dropping the stream ends the watch.
#[must_use = "a stream does nothing until it is polled"]
pub struct WatchStream {
    stream: Pin<Box<dyn Stream<Item = Result<Update>> + Send>>,
    watch: Arc<SharedWatch>,
}

impl WatchStream {
    pub(super) fn new<T: Transport>(transport: T, offset: Duration, state: WatchState) -> Self {
        let watch = Arc::new(SharedWatch::new(state, offset));
        let watch_loop = WatchLoop {
            transport,
            watch: watch.clone(),
            clip: None,
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
    /// # use rhombus_clips_sim::prelude::*;
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let uuid = rhombus_clips::ClipUuid::from_bytes([1; 16]);
    /// # let service = Service::start().await?.with_clip(uuid, clip().renders_in(30.s()));
    /// # let client = rhombus_clips::Client::builder().api_key(service.api_key()).base_url(service.base_url()).build()?;
    /// let mut saved = String::new();
    /// let mut updates = client.watch(uuid).stream();
    /// while let Some(update) = updates.next().await {
    ///     update?;
    ///     saved = updates.checkpoint().to_string(); // Into a database, say.
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn checkpoint(&self) -> Checkpoint {
        self.watch.lock().checkpoint()
    }

    /// Ends the watch, cancels the request in flight, and returns the checkpoint.
    ///
    /// ```
    /// # async fn interrupted() { tokio::time::sleep(std::time::Duration::from_secs(9)).await }
    /// # use rhombus_clips_sim::prelude::*;
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let uuid = rhombus_clips::ClipUuid::from_bytes([1; 16]);
    /// # let service = Service::start().await?.with_clip(uuid, clip().renders_in(30.s()));
    /// # let client = rhombus_clips::Client::builder().api_key(service.api_key()).base_url(service.base_url()).build()?;
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
    /// # Ok(())
    /// # }
    /// ```
    pub fn stop(self) -> Checkpoint {
        let Self { stream, watch } = self;
        drop(stream);
        watch.lock().checkpoint()
    }

    /// Returns the next update; `None` after the end.
    ///
    /// ```
    /// # use rhombus_clips_sim::prelude::*;
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let uuid = rhombus_clips::ClipUuid::from_bytes([1; 16]);
    /// # let service = Service::start().await?.with_clip(uuid, clip().renders_in(30.s()));
    /// # let client = rhombus_clips::Client::builder().api_key(service.api_key()).base_url(service.base_url()).build()?;
    /// let mut updates = client.watch(uuid).stream();
    /// let mut percents = Vec::new();
    /// while let Some(update) = updates.next().await {
    ///     percents.extend(update?.clip().and_then(|clip| clip.percent()));
    /// }
    /// assert!(updates.next().await.is_none());
    /// # Ok(())
    /// # }
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
struct WatchLoop<T> {
    transport: T,
    watch: Arc<SharedWatch>,
    /// The clip as it was last seen.
    clip: Option<Clip>,
    has_ended: bool,
}

impl<T: Transport> WatchLoop<T> {
    async fn next(mut self) -> Option<(Result<Update>, Self)> {
        if self.has_ended {
            return None;
        }
        self.watch.lock().start();
        loop {
            let due = self.watch.lock().due();
            if let Some(due) = due {
                sleep_until(due).await;
            }
            let outcome = poll_once(&self.transport, &self.watch, self.clip.as_ref()).await;
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ClipUuid;
    use crate::polling::Fixed;
    use crate::throttle::AdmissionDeadlines;
    use crate::transport::Attempt;
    use crate::transport::{FakeTransport, MaxBackoff};
    use crate::watch::state::{WatchConfig, WatchProgress};
    use rhombus_clips_api::types::ClipStatus;
    use tokio::time::Instant;

    const UUID: ClipUuid = ClipUuid::from_bytes([0; 16]);

    fn poll_policy() -> Box<Fixed> {
        Box::new(Fixed::new(Duration::from_secs(2)))
    }

    fn config(timeout: u64) -> Arc<WatchConfig> {
        Arc::new(WatchConfig {
            timeout: Duration::from_secs(timeout),
            grace_period: Duration::from_secs(10),
            policy: Arc::new(MaxBackoff),
        })
    }

    fn updates(transport: &FakeTransport, timeout: u64) -> WatchStream {
        let state = WatchState::new(WatchProgress::new(UUID), poll_policy(), config(timeout));
        WatchStream::new(transport.clone(), Duration::ZERO, state)
    }

    fn watch(
        respond: fn(u64) -> Result<Option<Clip>>,
        timeout: u64,
    ) -> (WatchStream, FakeTransport) {
        let transport = FakeTransport::new(respond);
        (updates(&transport, timeout), transport)
    }

    fn clip(status: ClipStatus) -> Result<Option<Clip>> {
        Ok(Some(Clip::of_status(status)))
    }

    #[tokio::test(start_paused = true)]
    async fn it_polls_at_once_and_then_at_every_interval() {
        let (updates, transport) = watch(
            |second| {
                clip(if second < 5 {
                    ClipStatus::Rendering
                } else {
                    ClipStatus::Complete
                })
            },
            60,
        );
        assert!(updates.finish().await.unwrap().is_complete());
        assert_eq!(transport.requests(), [0, 2, 4, 6]);
    }

    #[tokio::test(start_paused = true)]
    async fn only_changes_are_updates_and_each_precedes_the_delay() {
        let (mut updates, _) = watch(
            |second| match second {
                0..4 => Ok(None),
                4..9 => clip(ClipStatus::Rendering),
                _ => clip(ClipStatus::Complete),
            },
            60,
        );
        let mut seen = Vec::new();
        let began = Instant::now();
        while let Some(update) = updates.next().await {
            let update = update.unwrap();
            assert_eq!(began.elapsed(), update.elapsed());
            seen.push((
                update.polls(),
                update.clip().map(|clip| clip.status().to_string()),
            ));
        }
        let status = |text: &str| Some(text.to_owned());
        assert_eq!(
            seen,
            [(1, None), (3, status("RENDERING")), (6, status("COMPLETE"))]
        );
        assert!(updates.next().await.is_none());
    }

    #[tokio::test(start_paused = true)]
    async fn the_last_delay_is_cut_to_the_deadline() {
        let (updates, transport) = watch(|_| clip(ClipStatus::Rendering), 5);
        let error = updates.finish().await.unwrap_err();
        assert!(error.is_deadline_exceeded());
        assert_eq!(error.polls(), Some(4));
        assert_eq!(transport.requests(), [0, 2, 4, 5]);
    }

    #[tokio::test(start_paused = true)]
    async fn an_error_has_the_last_state_of_the_clip() {
        let (updates, _) = watch(
            |second| match second {
                0..4 => clip(ClipStatus::Rendering),
                _ => Ok(None),
            },
            60,
        );
        let error = updates.finish().await.unwrap_err();
        assert!(error.is_not_found());
        assert_eq!(error.clip().map(Clip::status), Some(&ClipStatus::Rendering));
    }

    #[tokio::test(start_paused = true)]
    async fn a_transient_failure_and_its_recovery_are_updates() {
        let (mut updates, _) = watch(
            |second| match second {
                0 => clip(ClipStatus::Rendering),
                2 | 3 => Err(Error::new(ErrorKind::Timeout, "late")),
                5 | 7 => clip(ClipStatus::Rendering),
                _ => clip(ClipStatus::Complete),
            },
            60,
        );
        assert!(updates.next().await.unwrap().unwrap().error().is_none());
        let failed = updates.next().await.unwrap().unwrap();
        assert!(failed.error().unwrap().is_timeout());
        assert!(failed.clip().is_some());
        assert_eq!(failed.next_poll_in(), Some(Duration::from_secs(1)));
        let failed = updates.next().await.unwrap().unwrap();
        assert_eq!(failed.consecutive_failures(), 2);
        let recovered = updates.next().await.unwrap().unwrap();
        assert!(recovered.error().is_none() && !recovered.is_complete());
        assert!(updates.next().await.unwrap().unwrap().is_complete());
    }

    #[tokio::test(start_paused = true)]
    async fn next_is_cancellation_safe() {
        let (mut updates, transport) = watch(
            |second| {
                clip(if second == 0 {
                    ClipStatus::Rendering
                } else {
                    ClipStatus::Complete
                })
            },
            60,
        );
        updates.next().await;
        let half = Duration::from_secs(1);
        assert!(tokio::time::timeout(half, updates.next()).await.is_err());
        assert!(updates.next().await.unwrap().unwrap().is_complete());
        assert_eq!(transport.requests(), [0, 2]);
    }

    #[tokio::test(start_paused = true)]
    async fn it_resumes_from_a_checkpoint_when_the_next_poll_is_due() {
        let respond = |second| {
            clip(if second < 5 {
                ClipStatus::Rendering
            } else {
                ClipStatus::Complete
            })
        };
        let (mut first, transport) = watch(respond, 60);
        first.next().await;
        tokio::time::advance(Duration::from_secs(1)).await;
        let checkpoint: Checkpoint = first.stop().to_string().parse().unwrap();
        assert_eq!(checkpoint.elapsed(), Duration::from_secs(1));
        assert_eq!(checkpoint.last_status(), Some("RENDERING"));
        let state = checkpoint.restore(poll_policy(), config(60));
        let mut second = WatchStream::new(transport.clone(), checkpoint.elapsed(), state);
        let mut last = None;
        while let Some(update) = second.next().await {
            last = Some(update.unwrap());
        }
        let last = last.unwrap();
        assert!(last.is_complete());
        assert_eq!((last.polls(), last.elapsed()), (4, Duration::from_secs(6)));
        assert_eq!(transport.requests(), [0, 2, 4, 6]);
    }

    #[tokio::test(start_paused = true)]
    async fn an_error_has_a_checkpoint_unless_the_clip_is_terminal() {
        let ending = async |respond| watch(respond, 3).0.finish().await.unwrap_err();
        let missed = ending(|_| clip(ClipStatus::Rendering)).await;
        assert!(missed.is_deadline_exceeded());
        assert_eq!(missed.checkpoint().unwrap().polls(), 3);
        let denied = ending(|_| Err(Error::new(ErrorKind::Authentication, ""))).await;
        assert!(denied.checkpoint().is_some());
        let failed = ending(|_| clip(ClipStatus::Failed)).await;
        assert!(failed.checkpoint().is_none());
    }

    #[tokio::test(start_paused = true)]
    async fn an_exhausted_rate_limiter_exceeds_the_deadline() {
        struct Held;
        impl Transport for Held {
            async fn acquire(&self, deadlines: AdmissionDeadlines) -> Result<()> {
                sleep_until(deadlines.limiter).await;
                Err(Error::new(ErrorKind::RateLimited, "held"))
            }
            async fn fetch(&self, _: Attempt) -> Result<Option<Clip>> {
                Ok(None)
            }
        }
        let state = WatchState::new(WatchProgress::new(UUID), poll_policy(), config(60));
        let error = WatchStream::new(Held, Duration::ZERO, state)
            .finish()
            .await
            .unwrap_err();
        assert!(error.is_deadline_exceeded());
        assert_eq!(error.elapsed(), Some(Duration::from_secs(65)));
    }
}
