//! A clip as a program describes it, before the service knows it.

use crate::life::Life;
use crate::rendering::Rendering;
use crate::step::{Change, Step};
use serde_json::Value;
use std::time::Duration;

/// A clip to be registered with [`Service::add`](crate::Service::add): the life it will lead.
///
/// A life that goes by time begins with the first request for the clip, so that whoever asks sees
/// it from its start, or with registration if [`Clip::from_registration`] says so.
#[derive(Clone, Debug, PartialEq)]
#[must_use]
pub struct Clip {
    pub(crate) life: Life,
    pub(crate) begins: Begins,
    pub(crate) changes: Vec<Change>,
}

/// When a clip's life begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Begins {
    AtFirstRequest,
    AtRegistration,
}

impl Clip {
    /// A realistic life that follows from the service's seed, complete after exactly `takes` of
    /// service time. Render times are undocumented; expect seconds to tens of minutes.
    ///
    /// ```
    /// # use rhombus_clips_sim::Clip;
    /// # use std::time::Duration;
    /// let half_a_minute = Duration::from_secs(30);
    /// let good = Clip::renders_in(half_a_minute);
    /// let late = Clip::renders_in(half_a_minute).appears_after(Duration::from_secs(4));
    /// let slow = Clip::renders_in(half_a_minute).goes_offline_for(Duration::from_secs(600));
    /// let lost = Clip::renders_in(half_a_minute).then_fails("Camera gave no footage");
    /// ```
    pub fn renders_in(takes: Duration) -> Rendering {
        Rendering::new(takes)
    }

    /// A life by service time: each step holds from its moment until the next one's, the last
    /// for ever. Before the first step the record is null. Steps may come in any order; of two at
    /// the same moment the later one given holds.
    pub fn scripted(steps: impl IntoIterator<Item = Step>) -> Self {
        Self::living(Life::by_time(steps.into_iter().collect()))
    }

    /// A life by requests: the n-th request for the clip sees the n-th step, and the last step
    /// repeats for ever. Time plays no part. Without any step the record is always null.
    pub fn by_request(steps: impl IntoIterator<Item = Step>) -> Self {
        Self::living(Life::ByRequest(steps.into_iter().collect()))
    }

    fn living(life: Life) -> Self {
        Self {
            life,
            begins: Begins::AtFirstRequest,
            changes: Vec::new(),
        }
    }

    /// Lets the clip's life begin when it is registered, not at the first request.
    pub fn from_registration(mut self) -> Self {
        self.begins = Begins::AtRegistration;
        self
    }

    /// Sets a property to a JSON value in all of the clip's records. A step's own
    /// [`with`](Step::with) has the last word.
    pub fn with(mut self, property: impl Into<String>, value: impl Into<Value>) -> Self {
        self.changes.push(Change::set(property, value));
        self
    }
}

impl From<Rendering> for Clip {
    fn from(rendering: Rendering) -> Self {
        Self::living(Life::Rendering(rendering))
    }
}
