//! The first words of a story: a clip, a fault.

use crate::clip::Clip;
use crate::fault::Fault;
use crate::rendering::Rendering;
use crate::response::Response;
use crate::step::Step;
use rhombus_clips_api::types::ClipStatus;
use std::time::Duration;

/// Begins the story of a clip.
///
/// ```
/// use rhombus_clips_sim::prelude::*;
///
/// let good = clip().renders_in(30.s());
/// let late = clip().renders_in(30.s()).appears_after(4.s());
/// let lost = clip().renders_in(30.s()).then_fails("Camera gave no footage");
/// let stuck = clip().stays(ClipStatus::Uploading);
/// let told = clip().by_request([Step::null(), Step::new(ClipStatus::Complete)]);
/// let timed = clip().scripted([Step::at(5.minutes(), ClipStatus::Complete)]);
/// ```
pub fn clip() -> NewClip {
    NewClip(())
}

/// Begins the story of a fault: this answer in place of the service's own, as with
/// [`Fault::respond`].
///
/// ```
/// use rhombus_clips_sim::prelude::*;
///
/// let bad_start = fault(Response::status(503)).on_requests(..=2);
/// let flaky = fault(Response::reset()).with_probability(0.3);
/// let gone = fault(Response::hang()).times(1);
/// ```
pub fn fault(answer: Response) -> Fault {
    Fault::respond(answer)
}

/// A clip of which nothing is told yet, from [`clip()`].
#[derive(Clone, Debug)]
#[must_use]
pub struct NewClip(());

impl NewClip {
    /// See [`Clip::renders_in`].
    pub fn renders_in(self, takes: Duration) -> Rendering {
        Clip::renders_in(takes)
    }

    /// A clip that is always in this status.
    pub fn stays(self, status: ClipStatus) -> Clip {
        Clip::by_request([Step::new(status)])
    }

    /// See [`Clip::by_request`].
    pub fn by_request(self, steps: impl IntoIterator<Item = Step>) -> Clip {
        Clip::by_request(steps)
    }

    /// See [`Clip::scripted`].
    pub fn scripted(self, steps: impl IntoIterator<Item = Step>) -> Clip {
        Clip::scripted(steps)
    }
}
