//! Terminal states of a clip.
//!
//! The service documents none, so this is the one place that defines them, with the source of each.

use rhombus_clips_api::types::{ClipStatus, SavedClip};

/// Phase of a clip's life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lifecycle {
    /// Not terminal, as far as known.
    Pending,
    /// Terminal: the clip is rendered.
    Complete,
    /// Terminal: the clip will not be rendered.
    Failed,
}

impl Lifecycle {
    /// Returns the phase of a record.
    ///
    /// `COMPLETE` and `FAILED` are the states that Rhombus's own React SDK stops at; it also stops at
    /// 100 percent of the operation `Complete`. A deleted clip does not return. Any other state may
    /// change, unrecognized ones included.
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
    fn every_status_has_a_phase() {
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
    fn a_hundred_percent_is_complete_only_for_the_last_operation() {
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
