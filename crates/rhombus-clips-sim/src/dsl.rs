//! Entry points of the test DSL: the functions that start its builder chains, and duration literals.
//!
//! They are part of the prelude, unlike the types [`Clip`] and [`Request`](crate::Request): a client's
//! own types often have these names.

use crate::clip::Clip;
use crate::fault::Fault;
use crate::rendering::Rendering;
use crate::response::Response;
use crate::step::Step;
use rhombus_clips_api::types::ClipStatus;
use std::time::Duration;

/// Starts the definition of a clip.
///
/// ```
/// use rhombus_clips_sim::prelude::*;
///
/// let complete = clip().renders_in(30.s());
/// let delayed = clip().renders_in(30.s()).appears_after(4.s());
/// let failed = clip().renders_in(30.s()).then_fails("Camera gave no footage");
/// let stuck = clip().stays(ClipStatus::Uploading);
/// let by_request = clip().by_request([Step::null(), Step::new(ClipStatus::Complete)]);
/// let by_time = clip().scripted([Step::at(5.minutes(), ClipStatus::Complete)]);
/// ```
pub fn clip() -> NewClip {
    NewClip(())
}

/// Starts the definition of a fault that replaces the service's response, see [`Fault::respond`].
///
/// ```
/// use rhombus_clips_sim::prelude::*;
///
/// let unavailable = fault(Response::status(503)).on_requests(..=2);
/// let flaky = fault(Response::reset()).with_probability(0.3);
/// let hanging = fault(Response::hang()).times(1);
/// ```
pub fn fault(response: Response) -> Fault {
    Fault::respond(response)
}

/// Clip without a timeline, from [`clip()`].
#[derive(Clone, Debug)]
#[must_use]
pub struct NewClip(());

impl NewClip {
    /// Defines a clip with a realistic timeline, see [`Clip::renders_in`].
    pub fn renders_in(self, duration: Duration) -> Rendering {
        Clip::renders_in(duration)
    }

    /// Defines a clip that always has this status.
    pub fn stays(self, status: ClipStatus) -> Clip {
        Clip::by_request([Step::new(status)])
    }

    /// Defines a clip with one step per request, see [`Clip::by_request`].
    pub fn by_request(self, steps: impl IntoIterator<Item = Step>) -> Clip {
        Clip::by_request(steps)
    }

    /// Defines a clip with steps by service time, see [`Clip::scripted`].
    pub fn scripted(self, steps: impl IntoIterator<Item = Step>) -> Clip {
        Clip::scripted(steps)
    }
}

/// Duration literals: `30.s()`, `250.ms()`, `5.minutes()`.
///
/// ```
/// use rhombus_clips_sim::prelude::*;
/// use std::time::Duration;
///
/// assert_eq!(30.s(), Duration::from_secs(30));
/// assert_eq!(250.ms(), Duration::from_millis(250));
/// assert_eq!(5.minutes(), Duration::from_secs(300));
/// ```
///
/// The trait is implemented for `u64` only, so that the type of an integer literal can be
/// inferred. There is no method `min`, because `Ord::min` applies to every integer.
pub trait DurationUnits {
    /// Returns this number of milliseconds.
    fn ms(self) -> Duration;

    /// Returns this number of seconds.
    fn s(self) -> Duration;

    /// Returns this number of minutes.
    fn minutes(self) -> Duration;
}

impl DurationUnits for u64 {
    fn ms(self) -> Duration {
        Duration::from_millis(self)
    }

    fn s(self) -> Duration {
        Duration::from_secs(self)
    }

    fn minutes(self) -> Duration {
        Duration::from_secs(self.saturating_mul(60))
    }
}

/// Runs the body of an example against a simulated service that has one clip, in virtual time.
///
/// The caller names the variables for the service, a client of it, and the clip's UUID, because a macro's
/// own names are invisible to its caller. It expects `rhombus_clips` and `tokio` among the caller's
/// dependencies.
#[doc(hidden)]
#[macro_export]
macro_rules! example {
    ($service:ident, $client:ident, $uuid:ident, $clip:expr, $body:block) => {{
        #[allow(unused_imports)]
        use $crate::prelude::*;
        let mut runtime = ::tokio::runtime::Builder::new_current_thread();
        let runtime = runtime.enable_all().start_paused(true).build().unwrap();
        let result = runtime.block_on(async {
            let $uuid = ::rhombus_clips::ClipUuid::from_bytes([1; 16]);
            let $service = $crate::Service::start().await?.with_clip($uuid, $clip);
            let $client = ::rhombus_clips::Client::builder()
                .api_key($service.api_key())
                .base_url($service.base_url())
                .media_url($service.media_url())
                .build()?;
            $body;
            Ok::<(), Box<dyn std::error::Error>>(())
        });
        result.unwrap();
    }};
}
