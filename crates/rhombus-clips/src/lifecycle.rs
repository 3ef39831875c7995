//! Which state of a clip is terminal.

use rhombus_clips_api::types::{ClipStatus, SavedClip};

/// Where a clip is between its request and its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lifecycle {
    /// Not terminal, as far as is known.
    Pending,
    /// Terminal: the clip is rendered.
    Complete,
    /// Terminal: the clip will never be.
    Failed,
}

impl Lifecycle {
    /// The service documents no terminal states. `COMPLETE` and `FAILED` are those that Rhombus's
    /// own React SDK ends on, which also takes 100 percent with the operation `Complete` as done.
    /// A deleted clip does not come back. Everything else may pass, values that this version does
    /// not know included.
    pub(crate) fn of(record: &SavedClip) -> Self {
        let last_step = record.percent_complete == Some(100)
            && record.current_operation.as_deref() == Some("Complete");
        match record.status {
            Some(ClipStatus::Failed | ClipStatus::Deleted) => Self::Failed,
            Some(ClipStatus::Complete) => Self::Complete,
            _ if last_step => Self::Complete,
            _ => Self::Pending,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lifecycle(status: Option<&str>, percent: Option<i64>, operation: Option<&str>) -> Lifecycle {
        let mut record = SavedClip::default();
        record.status = status.map(ClipStatus::from);
        record.percent_complete = percent;
        record.current_operation = operation.map(str::to_owned);
        Lifecycle::of(&record)
    }

    #[test]
    fn every_status_has_its_place() {
        for status in ClipStatus::KNOWN {
            let expected = match status {
                ClipStatus::Complete => Lifecycle::Complete,
                ClipStatus::Failed | ClipStatus::Deleted => Lifecycle::Failed,
                _ => Lifecycle::Pending,
            };
            assert_eq!(
                lifecycle(Some(status.as_str()), None, None),
                expected,
                "{status}"
            );
        }
        assert_eq!(lifecycle(None, None, None), Lifecycle::Pending);
        assert_eq!(lifecycle(Some("PAUSED"), None, None), Lifecycle::Pending);
    }

    #[test]
    fn a_hundred_percent_is_done_only_of_the_last_operation() {
        assert_eq!(
            lifecycle(Some("RENDERING"), Some(100), Some("Complete")),
            Lifecycle::Complete
        );
        assert_eq!(
            lifecycle(None, Some(100), Some("Complete")),
            Lifecycle::Complete
        );
        assert_eq!(
            lifecycle(Some("RENDERING"), Some(100), Some("Processing video")),
            Lifecycle::Pending
        );
        assert_eq!(
            lifecycle(Some("RENDERING"), Some(99), Some("Complete")),
            Lifecycle::Pending
        );
        assert_eq!(
            lifecycle(Some("FAILED"), Some(100), Some("Complete")),
            Lifecycle::Failed
        );
    }
}
