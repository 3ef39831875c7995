//! Deduplication of updates: decides whether a poll result is worth an update.

use std::num::NonZeroU64;

use super::content_hash::content_hash;
use crate::Clip;

/// Hash of the state that a poll showed last, and whether an update has reported it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct ChangeDetector {
    pub(super) content_hash: Option<NonZeroU64>,
    pub(super) is_reported: bool,
}

impl ChangeDetector {
    /// Returns whether a poll with this clip, or one that failed, is a change worth an update.
    ///
    /// Every failure is, and so is the first success after one, whatever it shows.
    pub(super) fn is_change(&mut self, clip: Option<&Clip>, has_failed: bool) -> bool {
        if let Some(clip) = clip {
            let content_hash = clip_hash(clip);
            if self.content_hash.replace(content_hash) != Some(content_hash) {
                self.is_reported = false;
            }
        }
        let is_change = has_failed || !self.is_reported;
        self.is_reported = !has_failed;
        is_change
    }
}

fn clip_hash(clip: &Clip) -> NonZeroU64 {
    let issues = clip.decode_issues().iter().map(ToString::to_string);
    let issues: Vec<_> = issues.collect();
    let hash = content_hash(&(clip.record(), clip.warning(), issues));
    NonZeroU64::new(hash).unwrap_or(NonZeroU64::MIN)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ClipUuid;
    use rhombus_clips_api::types::SavedClip;

    fn clip(change: impl FnOnce(&mut SavedClip), warning: Option<&str>) -> Clip {
        let mut record = SavedClip::default();
        record.percent_complete = Some(40);
        change(&mut record);
        let warning = warning.map(str::to_owned);
        Clip::new(ClipUuid::from_bytes([0; 16]), record, warning, Vec::new())
    }

    #[test]
    fn any_difference_in_the_response_is_a_change() {
        let mut detector = ChangeDetector::default();
        let mut is_change = |clip: Option<Clip>| detector.is_change(clip.as_ref(), false);
        assert!(is_change(None));
        assert!(!is_change(None));
        assert!(is_change(Some(clip(|_| (), None))));
        assert!(!is_change(Some(clip(|_| (), None))));
        let titled = |record: &mut SavedClip| record.title = Some("Front door".to_owned());
        assert!(is_change(Some(clip(titled, None))));
        assert!(is_change(Some(clip(titled, Some("but")))));
        assert!(!is_change(Some(clip(titled, Some("but")))));
        let extra = |record: &mut SavedClip| {
            record.extra.insert("new".to_owned(), 1.into());
        };
        assert!(is_change(Some(clip(extra, None))));
        // A missing record may return: the grace period decides, not the detector.
        assert!(!is_change(None));
        assert!(!is_change(Some(clip(extra, None))));
    }

    #[test]
    fn a_failure_and_the_recovery_are_changes() {
        let mut detector = ChangeDetector::default();
        let clip = clip(|_| (), None);
        assert!(detector.is_change(Some(&clip), false));
        assert!(detector.is_change(None, true));
        assert!(detector.is_change(None, true));
        assert!(detector.is_change(Some(&clip), false));
        assert!(!detector.is_change(Some(&clip), false));
    }
}
