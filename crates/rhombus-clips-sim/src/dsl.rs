//! Entry points of the test DSL.
//!
//! The functions [`clip`] and [`fault`] start the builder chains with which a test describes its
//! scenario. They are part of the prelude, unlike the types [`Clip`] and
//! [`Request`](crate::Request), whose names a client's own types would conflict with.

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
