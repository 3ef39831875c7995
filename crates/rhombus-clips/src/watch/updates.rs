//! The shell of a watch: asks, sleeps, hands on.

use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use futures_core::Stream;
use futures_util::stream::{StreamExt as _, unfold};
use tokio::time::{Instant, sleep_until};

use super::Looker;
use super::progress::{Progress, Verdict};
use crate::{Clip, ClipUuid, Error, ErrorKind, Result};

/// Something changed, or a request failed in a way that may pass.
#[derive(Debug)]
#[non_exhaustive]
pub struct Update {
    clip: Option<Clip>,
    error: Option<Error>,
    polls: u64,
    elapsed: Duration,
}

impl Update {
    /// The clip as it was last seen; `None` while the service has never had a record of it.
    pub fn clip(&self) -> Option<&Clip> {
        self.clip.as_ref()
    }

    /// Why the latest request failed, if it did. The watch goes on.
    pub fn error(&self) -> Option<&Error> {
        self.error.as_ref()
    }

    /// How many requests the watch has sent.
    pub fn polls(&self) -> u64 {
        self.polls
    }

    /// How long the watch has lasted.
    pub fn elapsed(&self) -> Duration {
        self.elapsed
    }

    /// Whether the clip is complete, which makes this the last update.
    pub fn is_complete(&self) -> bool {
        self.error.is_none() && self.clip.as_ref().is_some_and(Clip::is_complete)
    }
}

/// Every change of a watched clip, as a stream.
///
/// It yields the first state at once, each later one when it differs from the one before, each
/// failed request that the watch survives, and the first state after it. It ends after the update that
/// [is complete](Update::is_complete), or after an error.
///
/// ```
/// # use std::time::Duration;
/// # use rhombus_clips::{Client, ClipUuid};
/// # use rhombus_clips_sim::{Clip, Service};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let service = Service::builder().speed(200.0).start().await?;
/// # let uuid: ClipUuid = service.add(Clip::renders_in(Duration::from_secs(10))).parse()?;
/// # let client = Client::builder().api_key(service.api_key()).base_url(service.base_url()).build()?;
/// let mut updates = client.watch(uuid).interval(Duration::from_millis(5)).stream();
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
pub struct Updates {
    stream: Pin<Box<dyn Stream<Item = Result<Update>> + Send>>,
}

impl Updates {
    pub(super) fn new<L: Looker>(looker: L, uuid: ClipUuid, progress: Progress) -> Self {
        let shell = Shell {
            looker,
            uuid,
            progress,
            started: None,
            due: None,
            shown: None,
            ended: false,
        };
        Self {
            stream: Box::pin(unfold(shell, Shell::next).fuse()),
        }
    }

    /// The next update; `None` after the end.
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

impl Stream for Updates {
    type Item = Result<Update>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.stream.as_mut().poll_next(context)
    }
}

impl fmt::Debug for Updates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Updates").finish_non_exhaustive()
    }
}

/// A wait past the end of time, in 30 years.
const FOR_EVER: Duration = Duration::from_secs(30 * 365 * 24 * 60 * 60);

struct Shell<L> {
    looker: L,
    uuid: ClipUuid,
    progress: Progress,
    started: Option<Instant>,
    due: Option<Instant>,
    /// What the last update showed, unless it was a failure: a clip, or that there is none.
    shown: Option<Option<Clip>>,
    ended: bool,
}

impl<L: Looker> Shell<L> {
    async fn next(mut self) -> Option<(Result<Update>, Self)> {
        if self.ended {
            return None;
        }
        let started = *self.started.get_or_insert_with(Instant::now);
        loop {
            if let Some(due) = self.due {
                sleep_until(due).await;
            }
            self.progress.begin_look(started.elapsed());
            let outcome = self.looker.look(self.uuid).await;
            let now = Instant::now();
            let elapsed = now.duration_since(started);
            let error = match self.progress.judge(elapsed, outcome) {
                Verdict::LookAgain { wait, failure } => {
                    self.due = Some(now + wait.min(FOR_EVER));
                    failure
                }
                Verdict::Complete => {
                    self.ended = true;
                    None
                }
                Verdict::Fail(error) => {
                    self.ended = true;
                    return Some((Err(error), self));
                }
            };
            let clip = self.progress.clip();
            let changed = self
                .shown
                .as_ref()
                .is_none_or(|shown| shown.as_ref() != clip);
            if changed || error.is_some() || self.ended {
                let clip = clip.cloned();
                // After a failure, the next look that succeeds is news whatever it shows.
                self.shown = error.is_none().then(|| clip.clone());
                let update = Update {
                    clip,
                    error,
                    polls: self.progress.polls(),
                    elapsed,
                };
                return Some((Ok(update), self));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;
    use crate::watch::pacing::FixedInterval;
    use crate::watch::progress::Limits;
    use rhombus_clips_api::types::ClipStatus;

    /// Answers by the time since it was made, in virtual time, and remembers when it was asked.
    struct Script {
        made: Instant,
        answer: fn(u64) -> Result<Option<Clip>>,
        asked: Arc<Mutex<Vec<u64>>>,
    }

    impl Looker for Script {
        async fn look(&self, _: ClipUuid) -> Result<Option<Clip>> {
            let second = self.made.elapsed().as_secs();
            self.asked.lock().unwrap().push(second);
            (self.answer)(second)
        }
    }

    fn script(
        answer: fn(u64) -> Result<Option<Clip>>,
        deadline: u64,
    ) -> (Updates, Arc<Mutex<Vec<u64>>>) {
        let asked = Arc::new(Mutex::new(Vec::new()));
        let script = Script {
            made: Instant::now(),
            answer,
            asked: asked.clone(),
        };
        let limits = Limits {
            deadline: Duration::from_secs(deadline),
            grace: Duration::from_secs(10),
        };
        let progress = Progress::new(limits, Box::new(FixedInterval::new(Duration::from_secs(2))));
        (
            Updates::new(script, ClipUuid::from_bytes([0; 16]), progress),
            asked,
        )
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
        assert_eq!(*asked.lock().unwrap(), [0, 2, 4, 6]);
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
        assert_eq!(error.polls(), Some(4));
        assert_eq!(*asked.lock().unwrap(), [0, 2, 4, 5]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_failure_that_may_pass_is_an_update_and_so_is_its_end() {
        let (mut updates, _) = script(
            |second| match second {
                0 => clip(ClipStatus::Rendering),
                2 => Err(Error::new(ErrorKind::Timeout, "late")),
                4 | 6 => clip(ClipStatus::Rendering),
                _ => clip(ClipStatus::Complete),
            },
            60,
        );
        assert!(updates.next().await.unwrap().unwrap().error().is_none());
        let failed = updates.next().await.unwrap().unwrap();
        assert!(failed.error().unwrap().is_timeout());
        assert!(failed.clip().is_some());
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
        assert_eq!(*asked.lock().unwrap(), [0, 2]);
    }
}
