//! Clips as a test defines them.
//!
//! A [`Clip`] is a timeline with its start condition and changed properties, before it is
//! registered: it has no UUID, and it knows neither service nor seed.

use crate::rendering::Rendering;
use crate::step::{PropertyChange, Step};
use crate::timeline::Timeline;
use serde_json::Value;
use std::time::Duration;

/// Clip to be registered with [`Service::add`](crate::Service::add) or
/// [`Service::with_clip`](crate::Service::with_clip).
///
/// A timeline in service time starts with the first request for the clip, so that the client
/// observes all of it, or at registration with [`Clip::from_registration`].
#[derive(Clone, Debug, PartialEq)]
#[must_use]
pub struct Clip {
    pub(crate) timeline: Timeline,
    pub(crate) starts_at: StartsAt,
    pub(crate) changes: Vec<PropertyChange>,
}

/// Start of a clip's timeline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum StartsAt {
    FirstRequest,
    Registration,
}

impl Clip {
    /// Creates a clip with a realistic timeline, generated from the service's seed, that is
    /// complete after exactly `duration` of service time. Render times of the service are
    /// undocumented; expect seconds to tens of minutes.
    ///
    /// ```
    /// # use rhombus_clips_sim::Clip;
    /// # use std::time::Duration;
    /// let render_time = Duration::from_secs(30);
    /// let complete = Clip::renders_in(render_time);
    /// let delayed = Clip::renders_in(render_time).appears_after(Duration::from_secs(4));
    /// let interrupted = Clip::renders_in(render_time).goes_offline_for(Duration::from_secs(600));
    /// let failed = Clip::renders_in(render_time).then_fails("Camera gave no footage");
    /// ```
    pub fn renders_in(duration: Duration) -> Rendering {
        Rendering::new(duration)
    }

    /// Creates a clip whose steps are selected by service time: each step lasts until the offset
    /// of the next one, the last one indefinitely. Before the first step the record is null. Steps
    /// may be given in any order; of two with the same offset, the one given later is used.
    pub fn scripted(steps: impl IntoIterator<Item = Step>) -> Self {
        Self::with_timeline(Timeline::by_time(steps.into_iter().collect()))
    }

    /// Creates a clip whose steps are selected by request: the n-th request for the clip receives
    /// the n-th step, and the last step repeats indefinitely. Time has no effect. Without any step
    /// the record is always null.
    pub fn by_request(steps: impl IntoIterator<Item = Step>) -> Self {
        Self::with_timeline(Timeline::ByRequest(steps.into_iter().collect()))
    }

    fn with_timeline(timeline: Timeline) -> Self {
        Self {
            timeline,
            starts_at: StartsAt::FirstRequest,
            changes: Vec::new(),
        }
    }

    /// Starts the clip's timeline when it is registered, not with the first request.
    pub fn from_registration(mut self) -> Self {
        self.starts_at = StartsAt::Registration;
        self
    }

    /// Sets a property to a JSON value in all of the clip's records. [`Step::with`] takes
    /// precedence.
    pub fn with(mut self, property: impl Into<String>, value: impl Into<Value>) -> Self {
        self.changes.push(PropertyChange::set(property, value));
        self
    }
}

impl From<Rendering> for Clip {
    fn from(rendering: Rendering) -> Self {
        Self::with_timeline(Timeline::Rendering(rendering))
    }
}
