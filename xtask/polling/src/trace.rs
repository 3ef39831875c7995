//! Trace of one clip: its states over time, as the service reports them.
//!
//! The common form of recorded and synthetic clips; it must not know about policies.

use std::time::Duration;

use rhombus_clips::ClipStatus;
use rhombus_clips::polling::PollState;
use serde::Serialize;

/// States of one clip, from the beginning of a watch.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Trace {
    /// Name of the group of similar clips that it belongs to.
    pub(crate) family: String,
    /// Client that watches the clip; clients do not share what their policies learn.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) client: Option<String>,
    /// Length of the footage.
    pub(crate) clip_duration_sec: Option<u32>,
    /// In ascending order of time; the last step is the first one that is done.
    pub(crate) steps: Vec<Step>,
}

/// State that the service reports from some time on.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Step {
    pub(crate) at_ms: u64,
    pub(crate) status: Option<ClipStatus>,
    pub(crate) percent: Option<u8>,
    pub(crate) operation: Option<String>,
}

impl Step {
    pub(crate) fn elapsed(&self) -> Duration {
        Duration::from_millis(self.at_ms)
    }

    /// Returns whether a watch ends here, by the rule of the library.
    pub(crate) fn is_done(&self) -> bool {
        self.is_complete() || matches!(self.status, Some(ClipStatus::Failed | ClipStatus::Deleted))
    }

    /// Returns whether the clip was rendered successfully.
    pub(crate) fn is_complete(&self) -> bool {
        match self.status {
            Some(ClipStatus::Complete) => true,
            Some(ClipStatus::Failed | ClipStatus::Deleted) => false,
            _ => self.percent == Some(100) && self.operation.as_deref() == Some("Complete"),
        }
    }
}

impl Trace {
    /// Returns whether the clip reports a percentage above 0 before it is done.
    pub(crate) fn has_progress(&self) -> bool {
        let earlier = self.steps.iter().take_while(|step| !step.is_done());
        earlier
            .filter_map(|step| step.percent)
            .any(|percent| percent > 0)
    }

    /// Returns the input of a poll policy after a poll at this time. `step` is the last one at or
    /// before it; without one, the service has no record of the clip yet.
    pub(crate) fn poll_state<'t>(
        &'t self,
        step: Option<&'t Step>,
        elapsed: Duration,
    ) -> PollState<'t> {
        let mut state = PollState::new(elapsed);
        let Some(step) = step else {
            return state;
        };
        if let Some(status) = &step.status {
            state = state.with_status(status);
        }
        if let Some(percent) = step.percent {
            state = state.with_percent(percent);
        }
        if let Some(operation) = &step.operation {
            state = state.with_operation(operation);
        }
        if let Some(length) = self.clip_duration_sec {
            state = state.with_footage_duration(Duration::from_secs(length.into()));
        }
        state
    }
}
