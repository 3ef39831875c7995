//! The driver of a watch: asks, sleeps, hands on.

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
use super::poll::poll_once;
use super::shared::{SharedWatch, WatchEvent};
use super::state::WatchState;
use super::update::Update;
use crate::transport::Transport;
use crate::{Clip, Error, ErrorKind, Result};

/// Every change of a watched clip, as a stream.
///
/// It yields the first state at once, each later one when it differs from the one before, each
/// failed request that the watch survives, and the first state after it. It ends after the update that
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
/// Dropping the future of [`next`](Self::next) loses nothing: the next call goes on with the same
/// request or wait. Dropping the stream ends the watch.
#[must_use = "a stream does nothing until it is polled"]
pub struct WatchStream {
    stream: Pin<Box<dyn Stream<Item = Result<Update>> + Send>>,
    watch: Arc<SharedWatch>,
}

impl WatchStream {
    pub(super) fn new<L: Transport>(transport: L, offset: Duration, state: WatchState) -> Self {
        let watch = Arc::new(SharedWatch::new(state, offset));
        let driver = WatchLoop {
            transport,
            watch: watch.clone(),
            clip: None,
            ended: false,
        };
        Self {
            stream: Box::pin(unfold(driver, WatchLoop::next).fuse()),
            watch,
        }
    }

    /// Where the watch watches now, to go on from with [`Client::resume`](crate::Client::resume).
    ///
    /// ```
    /// # use rhombus_clips_sim::prelude::*;
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let uuid = rhombus_clips::ClipUuid::from_bytes([1; 16]);
    /// # let service = Service::start().await?.with_clip(uuid, clip().renders_in(30.s()));
    /// # let client = rhombus_clips::Client::builder().api_key(service.api_key()).base_url(service.base_url()).build()?;
    /// let mut kept = String::new();
    /// let mut updates = client.watch(uuid).stream();
    /// while let Some(update) = updates.next().await {
    ///     update?;
    ///     kept = updates.checkpoint().to_string(); // Into a database, say.
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn checkpoint(&self) -> Checkpoint {
        self.watch.lock().checkpoint()
    }

    /// Ends the watch and the request under way, and says where it stood.
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
    ///             println!("go on later with {checkpoint}");
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

    /// The next update; `None` after the end.
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
        // A stream ends after an error, met above, or after a complete clip.
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

struct WatchLoop<L> {
    transport: L,
    watch: Arc<SharedWatch>,
    /// As it was last seen.
    clip: Option<Clip>,
    ended: bool,
}

impl<L: Transport> WatchLoop<L> {
    async fn next(mut self) -> Option<(Result<Update>, Self)> {
        if self.ended {
            return None;
        }
        self.watch.lock().start();
        loop {
            let due = self.watch.lock().due();
            if let Some(due) = due {
                sleep_until(due).await;
            }
            let outcome = poll_once(&self.transport, &self.watch).await;
            self.clip = outcome.clip.clone().or(self.clip);
            let event = self.watch.lock().report(outcome, self.clip.as_ref());
            let update = match event {
                WatchEvent::Nothing => continue,
                WatchEvent::Changed(update) => Ok(update),
                WatchEvent::Complete(_, update) => {
                    self.ended = true;
                    Ok(update)
                }
                WatchEvent::Failed(error) => {
                    self.ended = true;
                    Err(error)
                }
            };
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
    use crate::watch::state::WatchConfig;
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

    fn updates(script: &FakeTransport, timeout: u64) -> WatchStream {
        let state = WatchState::new(UUID, poll_policy(), config(timeout));
        WatchStream::new(script.clone(), Duration::ZERO, state)
    }

    fn script(
        answer: fn(u64) -> Result<Option<Clip>>,
        timeout: u64,
    ) -> (WatchStream, FakeTransport) {
        let script = FakeTransport::new(answer);
        (updates(&script, timeout), script)
    }

    fn clip(status: ClipStatus) -> Result<Option<Clip>> {
        Ok(Some(Clip::of_status(status)))
    }

    #[tokio::test(start_paused = true)]
    async fn it_looks_at_once_and_then_at_every_interval() {
        let (updates, asked) = script(
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
        assert_eq!(asked.asked(), [0, 2, 4, 6]);
    }

    #[tokio::test(start_paused = true)]
    async fn only_changes_are_updates_and_each_comes_before_the_wait() {
        let (mut updates, _) = script(
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
    async fn the_last_wait_is_cut_to_the_deadline() {
        let (updates, asked) = script(|_| clip(ClipStatus::Rendering), 5);
        let error = updates.finish().await.unwrap_err();
        assert!(error.is_deadline_exceeded());
        assert_eq!(error.attempts(), Some(4));
        assert_eq!(asked.asked(), [0, 2, 4, 5]);
    }

    #[tokio::test(start_paused = true)]
    async fn an_error_has_the_clip_as_it_was_last_seen() {
        let (updates, _) = script(
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
    async fn a_failure_that_may_pass_is_an_update_and_so_is_its_end() {
        let (mut updates, _) = script(
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
    async fn dropping_the_future_of_next_loses_nothing() {
        let (mut updates, asked) = script(
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
        assert_eq!(asked.asked(), [0, 2]);
    }

    #[tokio::test(start_paused = true)]
    async fn it_goes_on_from_a_checkpoint_when_the_next_look_is_due() {
        let answer = |second| {
            clip(if second < 5 {
                ClipStatus::Rendering
            } else {
                ClipStatus::Complete
            })
        };
        let (mut first, script) = script(answer, 60);
        first.next().await;
        tokio::time::advance(Duration::from_secs(1)).await;
        let checkpoint: Checkpoint = first.stop().to_string().parse().unwrap();
        assert_eq!(checkpoint.elapsed(), Duration::from_secs(1));
        assert_eq!(checkpoint.last_status(), Some("RENDERING"));
        let state = WatchState::resume(&checkpoint, poll_policy(), config(60));
        let mut second = WatchStream::new(script.clone(), checkpoint.elapsed(), state);
        let mut last = None;
        while let Some(update) = second.next().await {
            last = Some(update.unwrap());
        }
        let last = last.unwrap();
        assert!(last.is_complete());
        assert_eq!((last.polls(), last.elapsed()), (4, Duration::from_secs(6)));
        assert_eq!(script.asked(), [0, 2, 4, 6]);
    }

    #[tokio::test(start_paused = true)]
    async fn an_error_that_is_not_the_clips_end_says_where_to_go_on() {
        let ending = async |answer| script(answer, 3).0.finish().await.unwrap_err();
        let missed = ending(|_| clip(ClipStatus::Rendering)).await;
        assert!(missed.is_deadline_exceeded());
        assert_eq!(missed.checkpoint().unwrap().polls(), 3);
        let denied = ending(|_| Err(Error::new(ErrorKind::Authentication, ""))).await;
        assert!(denied.checkpoint().is_some());
        let failed = ending(|_| clip(ClipStatus::Failed)).await;
        assert!(failed.checkpoint().is_none());
    }

    #[tokio::test(start_paused = true)]
    async fn a_client_without_a_request_to_spare_misses_the_deadline() {
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
        let state = WatchState::new(UUID, poll_policy(), config(60));
        let error = WatchStream::new(Held, Duration::ZERO, state)
            .finish()
            .await
            .unwrap_err();
        assert!(error.is_deadline_exceeded());
        assert_eq!(error.elapsed(), Some(Duration::from_secs(65)));
    }
}
