//! What a service showed of one clip, and when.

use std::time::Duration;

use rhombus_clips::ClipStatus;
use rhombus_clips::polling::PollState;
use serde::Serialize;

/// What a service showed of one clip, from the moment that a watch of it begins.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Trace {
    /// What the clips of this kind have in common.
    pub(crate) family: String,
    /// Who watches it. What a policy learns stays with its client.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) client: Option<String>,
    /// Length of the footage.
    pub(crate) clip_duration_sec: Option<u32>,
    /// In order of time. The last one is the first that is done.
    pub(crate) steps: Vec<Step>,
}

/// What the service shows from some time on.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Step {
    pub(crate) at_ms: u64,
    pub(crate) status: Option<ClipStatus>,
    pub(crate) percent: Option<u8>,
    pub(crate) operation: Option<String>,
}

impl Step {
    pub(crate) fn at(&self) -> Duration {
        Duration::from_millis(self.at_ms)
    }

    /// Whether a watch ends here, by the rule of the product.
    pub(crate) fn is_done(&self) -> bool {
        self.is_complete() || matches!(self.status, Some(ClipStatus::Failed | ClipStatus::Deleted))
    }

    /// Whether the clip is rendered.
    pub(crate) fn is_complete(&self) -> bool {
        match self.status {
            Some(ClipStatus::Complete) => true,
            Some(ClipStatus::Failed | ClipStatus::Deleted) => false,
            _ => self.percent == Some(100) && self.operation.as_deref() == Some("Complete"),
        }
    }
}

impl Trace {
    /// Whether there is anything to tell from before the end.
    pub(crate) fn has_progress(&self) -> bool {
        let before = self.steps.iter().take_while(|step| !step.is_done());
        before
            .filter_map(|step| step.percent)
            .any(|percent| percent > 0)
    }

    /// What a look at this time sees, `step` being the last at or before it; without one, the
    /// service has no record of the clip yet.
    pub(crate) fn observation<'t>(
        &'t self,
        step: Option<&'t Step>,
        elapsed: Duration,
    ) -> PollState<'t> {
        let mut seen = PollState::new(elapsed);
        let Some(step) = step else {
            return seen;
        };
        if let Some(status) = &step.status {
            seen = seen.with_status(status);
        }
        if let Some(percent) = step.percent {
            seen = seen.with_percent(percent);
        }
        if let Some(operation) = &step.operation {
            seen = seen.with_operation(operation);
        }
        if let Some(length) = self.clip_duration_sec {
            seen = seen.with_clip_length(Duration::from_secs(length.into()));
        }
        seen
    }
}
