//! Watching a clip until it is done.
//!
//! [`progress`] decides, without a clock and a socket; [`course`] is one watch by the clock, and
//! [`look`] one of its looks. [`updates`] drives one watch, and [`all`] many: they sleep and hand
//! on. [`checkpoint`] is where a watch stands, to go on from.

mod all;
mod changes;
mod checkpoint;
mod course;
mod look;
mod progress;
mod seen;
mod update;
mod updates;

use std::fmt;
use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

pub use all::{AllUpdates, ClipUpdate, WatchAll, WatchHandle};
pub use checkpoint::Checkpoint;
pub use update::Update;
pub use updates::Updates;

use crate::pacing::{Fixed, Pacing};
use crate::retry::RetryPolicy;
use crate::{Client, Clip, ClipUuid, Result};
use progress::{Progress, Rules};

/// A clip that is being watched until it is done.
///
/// Awaiting it gives the finished clip or a typed error; [`stream`](Self::stream) gives every
/// change on the way.
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
/// let clip = client
///     .watch(uuid)
///     .interval(Duration::from_millis(20))
///     .deadline(Duration::from_secs(60))
///     .await?;
/// assert!(clip.is_complete());
/// # Ok(())
/// # }
/// ```
///
/// # How it ends
///
/// - The clip is complete: [`Clip::is_complete`].
/// - It failed or was deleted: [`Error::is_clip_failed`](crate::Error::is_clip_failed), with the
///   clip.
/// - The service had no record of it for the whole [grace period](Self::grace):
///   [`Error::is_not_found`](crate::Error::is_not_found).
/// - The [deadline](Self::deadline) passed:
///   [`Error::is_deadline_exceeded`](crate::Error::is_deadline_exceeded), with the clip as it was
///   last seen.
/// - A request failed in a way that will not pass, such as a wrong API key. A failure that may
///   pass ([`Error::is_transient`](crate::Error::is_transient)) does not end a watch, unless its
///   [retry policy](Self::retry) says so.
///
/// After every error but the clip's own end, [`Error::checkpoint`](crate::Error::checkpoint) is
/// where the watch stood: [`Client::resume`] goes on from it.
///
/// # Cancellation
///
/// Nothing is sent before the first await. Dropping the watch, its future or its stream at any
/// point ends it and the request under way; no task is left behind.
#[must_use = "a watch does nothing until it is awaited or streamed"]
pub struct Watch {
    client: Client,
    /// How long the watch had lasted when it was resumed.
    offset: Duration,
    progress: Progress,
}

impl Watch {
    pub(crate) fn new(client: Client, uuid: ClipUuid) -> Self {
        let progress = Progress::new(uuid, client.pacing(), Arc::new(Rules::new(client.retry())));
        Self {
            client,
            offset: Duration::ZERO,
            progress,
        }
    }

    pub(crate) fn resume(client: Client, checkpoint: Checkpoint) -> Self {
        let rules = Arc::new(checkpoint.rules(client.retry()));
        let progress = Progress::resume(&checkpoint, client.pacing(), rules);
        Self {
            client,
            offset: checkpoint.elapsed_at(SystemTime::now()),
            progress,
        }
    }

    /// How long to watch at most. 30 minutes unless set; for a watch that was resumed, what is
    /// left of its deadline unless set, and counted from there if set.
    ///
    /// The last wait is cut to the deadline and one last request is sent then, or right after the
    /// request that was under way, so that a clip which was done in time is not missed for want of
    /// a look. A request has 5 seconds beyond the deadline, so a watch ends at most 10 seconds
    /// after it.
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.progress.rules_mut().deadline = self.offset.saturating_add(deadline);
        self
    }

    /// How long the service may be without a record of the clip before it counts as not found.
    /// 60 seconds unless set.
    ///
    /// Right after a clip was requested its record may not exist yet; how long that lasts is
    /// undocumented.
    pub fn grace(mut self, grace: Duration) -> Self {
        self.progress.rules_mut().grace = grace;
        self
    }

    /// Waits as long as this between two requests that succeeded, in place of the
    /// [adaptive pacing](crate::pacing::Adaptive). Less than a millisecond is taken as one.
    pub fn interval(self, interval: Duration) -> Self {
        self.pacing(Fixed::new(interval))
    }

    /// Decides when to look next: [`Adaptive`](crate::pacing::Adaptive) with the client's
    /// [history](Client::history) unless set. A watch that was resumed goes on with what its
    /// checkpoint kept of a pacing of the same kind.
    pub fn pacing(mut self, mut pacing: impl Pacing) -> Self {
        if let Some(saved) = self.progress.pacing.save() {
            pacing.restore(&saved);
        }
        self.progress.pacing = Box::new(pacing);
        self
    }

    /// Decides whether the watch goes on after a request that failed, and how soon. The policy of
    /// the client ([`ClientBuilder::retry`](crate::ClientBuilder::retry)) unless set.
    pub fn retry(mut self, policy: impl RetryPolicy) -> Self {
        self.progress.rules_mut().policy = Arc::new(policy);
        self
    }

    /// Where the watch stands before its first request: kept in time, it survives a process that
    /// is killed at any moment. [`Updates::checkpoint`] says it during the watch.
    pub fn checkpoint(&self) -> Checkpoint {
        self.progress.checkpoint(self.offset, SystemTime::now())
    }

    /// Every change on the way: the first state at once, and each later one as it is seen.
    pub fn stream(self) -> Updates {
        Updates::new(self.client, self.offset, self.progress)
    }
}

impl IntoFuture for Watch {
    type Output = Result<Clip>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.stream().finish())
    }
}

impl fmt::Debug for Watch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Watch")
            .field("uuid", &self.progress.uuid())
            .field("deadline", &self.progress.rules().deadline)
            .field("grace", &self.progress.rules().grace)
            .field("pacing", &self.progress.pacing)
            .field("retry", &self.progress.rules().policy)
            .finish_non_exhaustive()
    }
}
