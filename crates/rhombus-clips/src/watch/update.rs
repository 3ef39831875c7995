//! What a watch tells on its way.

use std::time::Duration;

use crate::polling::Estimate;
use crate::{Clip, Error};

/// Something changed, or a request failed in a way that may pass.
///
/// ```
/// # use rhombus_clips_sim::prelude::*;
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let uuid = rhombus_clips::ClipUuid::from_bytes([1; 16]);
/// # let service = Service::start().await?.with_clip(uuid, clip().renders_in(30.s())).with_fault(fault(Response::status(503)).on_request(2));
/// # let client = rhombus_clips::Client::builder().api_key(service.api_key()).base_url(service.base_url()).build()?;
/// let mut updates = client.watch(uuid).stream();
/// while let Some(update) = updates.next().await {
///     let update = update?;
///     println!("after {:?} and {} requests:", update.elapsed(), update.polls());
///     match (update.clip(), update.error()) {
///         // It may pass, and the watch goes on.
///         (_, Some(error)) => println!("{error}, {} in a row", update.consecutive_failures()),
///         (Some(clip), None) => println!("{} {:?}", clip.status(), clip.percent()),
///         (None, None) => println!("no record yet"),
///     }
///     if let Some(estimate) = update.estimate() {
///         println!("{:?} to {:?} are left", estimate.lower, estimate.upper);
///     }
///     assert_eq!(update.next_poll_in().is_none(), update.is_complete());
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub struct Update {
    pub(super) clip: Option<Clip>,
    pub(super) error: Option<Error>,
    pub(super) consecutive_failures: u32,
    pub(super) polls: u64,
    pub(super) elapsed: Duration,
    pub(super) next_poll_in: Option<Duration>,
    pub(super) estimate: Option<Estimate>,
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

    /// How many requests in a row have failed, the latest included; 0 when it succeeded.
    pub fn consecutive_failures(&self) -> u32 {
        self.consecutive_failures
    }

    /// How many requests the watch has sent.
    pub fn polls(&self) -> u64 {
        self.polls
    }

    /// How long the watch had lasted at this look, since its first start if it was resumed.
    pub fn elapsed(&self) -> Duration {
        self.elapsed
    }

    /// How long the watch waits before its next request, from [`elapsed`](Self::elapsed) on, unless
    /// the service asks all calls of the client to wait longer; `None` in the last update.
    pub fn next_poll_in(&self) -> Option<Duration> {
        self.next_poll_in
    }

    /// How much longer the clip will take, as far as the [poll policy](crate::polling) can tell.
    pub fn estimate(&self) -> Option<Estimate> {
        self.estimate
    }

    /// Whether the clip is complete, which makes this the last update.
    pub fn is_complete(&self) -> bool {
        self.error.is_none() && self.clip.as_ref().is_some_and(Clip::is_complete)
    }
}
