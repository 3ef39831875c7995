//! Whether there is something new to tell.

use std::num::NonZeroU64;

use super::content_hash::content_hash;
use crate::Clip;

/// What was seen last, in a few bytes, and whether it was told.
#[derive(Debug, Default)]
pub(super) struct ChangeDetector {
    seen: Option<NonZeroU64>,
    is_reported: bool,
}

impl ChangeDetector {
    /// Whether a look is to be told, that found this or failed.
    ///
    /// After a failure, the next look that succeeds is news whatever it shows.
    pub(super) fn is_change(&mut self, found: Option<&Clip>, failed: bool) -> bool {
        if let Some(clip) = found {
            let seen = clip_hash(clip);
            if self.seen.replace(seen) != Some(seen) {
                self.is_reported = false;
            }
        }
        let news = failed || !self.is_reported;
        self.is_reported = !failed;
        news
    }
}

/// The same for equal clips, and as good as never for others.
fn clip_hash(clip: &Clip) -> NonZeroU64 {
    let decode_issues = clip.decode_issues().iter().map(ToString::to_string);
    let decode_issues: Vec<_> = decode_issues.collect();
    let clip_hash = content_hash(&(clip.record(), clip.warning(), decode_issues));
    NonZeroU64::new(clip_hash).unwrap_or(NonZeroU64::MIN)
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
    fn whatever_the_service_says_anew_is_a_change() {
        let mut changes = ChangeDetector::default();
        let mut is_change = |found: Option<Clip>| changes.is_change(found.as_ref(), false);
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
        // A record that is gone may come back: the grace period decides.
        assert!(!is_change(None));
        assert!(!is_change(Some(clip(extra, None))));
    }

    #[test]
    fn a_failure_and_its_end_are_changes() {
        let mut changes = ChangeDetector::default();
        let clip = clip(|_| (), None);
        assert!(changes.is_change(Some(&clip), false));
        assert!(changes.is_change(None, true));
        assert!(changes.is_change(None, true));
        assert!(changes.is_change(Some(&clip), false));
        assert!(!changes.is_change(Some(&clip), false));
    }
}
