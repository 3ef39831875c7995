//! Whether there is something new to tell.

use std::num::NonZeroU64;

use super::fingerprint::fingerprint;
use crate::Clip;

/// What was seen last, in a few bytes, and whether it was told.
#[derive(Debug, Default)]
pub(super) struct Changes {
    seen: Option<NonZeroU64>,
    is_told: bool,
}

impl Changes {
    /// Whether a look is to be told, that found this or failed.
    ///
    /// After a failure, the next look that succeeds is news whatever it shows.
    pub(super) fn are_there(&mut self, found: Option<&Clip>, failed: bool) -> bool {
        if let Some(clip) = found {
            let seen = sight(clip);
            if self.seen.replace(seen) != Some(seen) {
                self.is_told = false;
            }
        }
        let news = failed || !self.is_told;
        self.is_told = !failed;
        news
    }
}

/// The same for equal clips, and as good as never for others.
fn sight(clip: &Clip) -> NonZeroU64 {
    let degraded = clip.degraded().iter().map(ToString::to_string);
    let degraded: Vec<_> = degraded.collect();
    let sight = fingerprint(&(clip.record(), clip.warning(), degraded));
    NonZeroU64::new(sight).unwrap_or(NonZeroU64::MIN)
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
        let mut changes = Changes::default();
        let mut are_there = |found: Option<Clip>| changes.are_there(found.as_ref(), false);
        assert!(are_there(None));
        assert!(!are_there(None));
        assert!(are_there(Some(clip(|_| (), None))));
        assert!(!are_there(Some(clip(|_| (), None))));
        let titled = |record: &mut SavedClip| record.title = Some("Front door".to_owned());
        assert!(are_there(Some(clip(titled, None))));
        assert!(are_there(Some(clip(titled, Some("but")))));
        assert!(!are_there(Some(clip(titled, Some("but")))));
        let extra = |record: &mut SavedClip| {
            record.extra.insert("new".to_owned(), 1.into());
        };
        assert!(are_there(Some(clip(extra, None))));
        // A record that is gone may come back: the grace period decides.
        assert!(!are_there(None));
        assert!(!are_there(Some(clip(extra, None))));
    }

    #[test]
    fn a_failure_and_its_end_are_changes() {
        let mut changes = Changes::default();
        let clip = clip(|_| (), None);
        assert!(changes.are_there(Some(&clip), false));
        assert!(changes.are_there(None, true));
        assert!(changes.are_there(None, true));
        assert!(changes.are_there(Some(&clip), false));
        assert!(!changes.are_there(Some(&clip), false));
    }
}
