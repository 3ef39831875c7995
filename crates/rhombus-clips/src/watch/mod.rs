//! Watching a clip until it is done.
//!
//! [`progress`] decides and [`updates`] does: the first has no clock and no socket, the second
//! asks, sleeps, and hands on.

mod pacing;
mod progress;
mod updates;

use std::fmt;
use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::time::Duration;

pub use updates::{Update, Updates};

use crate::{Client, Clip, ClipUuid, Result};
use pacing::FixedInterval;
use progress::{Limits, Progress};

/// Who can look at a clip: the client, or a script in a test.
pub(crate) trait Looker: Send + Sync + 'static {
    /// The clip as it is now; `None` when there is no record of it (yet).
    fn look(&self, uuid: ClipUuid) -> impl Future<Output = Result<Option<Clip>>> + Send;
}

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
///   pass ([`Error::is_transient`](crate::Error::is_transient)) does not end a watch.
///
/// # Cancellation
///
/// Nothing is sent before the first await. Dropping the watch, its future or its stream at any
/// point ends it and the request under way; no task is left behind.
#[must_use = "a watch does nothing until it is awaited or streamed"]
pub struct Watch {
    client: Client,
    uuid: ClipUuid,
    limits: Limits,
    interval: Duration,
}

impl Watch {
    pub(crate) fn new(client: Client, uuid: ClipUuid) -> Self {
        Self {
            client,
            uuid,
            limits: Limits::default(),
            interval: FixedInterval::DEFAULT,
        }
    }

    /// How long to watch at most. 30 minutes unless set.
    ///
    /// The last wait is cut to the deadline and one last request is sent then, or right after the
    /// request that was under way, so that a clip which was done in time is not missed for want of
    /// a look. That request may take as long as any.
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.limits.deadline = deadline;
        self
    }

    /// How long the service may be without a record of the clip before it counts as not found.
    /// 60 seconds unless set.
    ///
    /// Right after a clip was requested its record may not exist yet; how long that lasts is
    /// undocumented.
    pub fn grace(mut self, grace: Duration) -> Self {
        self.limits.grace = grace;
        self
    }

    /// How long to wait between two requests. 2 seconds unless set, as Rhombus's own React SDK
    /// does; less than a millisecond is taken as one.
    pub fn interval(mut self, interval: Duration) -> Self {
        self.interval = interval;
        self
    }

    /// Every change on the way: the first state at once, and each later one as it is seen.
    pub fn stream(self) -> Updates {
        let progress = Progress::new(self.limits, Box::new(FixedInterval::new(self.interval)));
        Updates::new(self.client, self.uuid, progress)
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
            .field("uuid", &self.uuid)
            .field("deadline", &self.limits.deadline)
            .field("grace", &self.limits.grace)
            .field("interval", &self.interval)
            .finish_non_exhaustive()
    }
}
