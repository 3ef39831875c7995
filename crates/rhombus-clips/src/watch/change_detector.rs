//! Deduplication of updates: decides whether a poll result is worth an update.
//!
//! A watch retains a hash of the clip, and not the clip, which is large. A checkpoint carries it between processes,
//! machines and versions of this crate, so it is FNV-1a over the clip's JSON and not a hasher whose
//! result may change. It detects changes; it does not defend against an adversary, who gains nothing
//! from a collision but a missing update.

use std::hash::Hasher as _;
use std::io;
use std::num::NonZeroU64;

use fnv::FnvHasher;
use serde::Serialize;

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

/// Returns the 64-bit FNV-1a hash of the value's compact JSON.
fn content_hash(value: &impl Serialize) -> u64 {
    let mut writer = HashWriter(FnvHasher::default());
    match serde_json::to_writer(&mut writer, value) {
        Ok(()) => writer.0.finish(),
        // A map whose keys are not strings. A response has none: it came from JSON.
        Err(_) => 0,
    }
}

struct HashWriter(FnvHasher);

impl io::Write for HashWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ClipUuid;
    use rhombus_clips_api::DecodeIssues;
    use rhombus_clips_api::types::SavedClip;
    use serde_json::json;

    fn clip(change: impl FnOnce(&mut SavedClip), warning: Option<&str>) -> Clip {
        let mut record = SavedClip::default();
        record.percent_complete = Some(40);
        change(&mut record);
        let warning = warning.map(str::to_owned);
        Clip::new(
            ClipUuid::from_bytes([0; 16]),
            record,
            warning,
            DecodeIssues::default(),
        )
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

    /// Computed with an independent implementation of FNV-1a over the texts in the comments.
    #[test]
    fn test_vectors() {
        // "" (the two quotation marks)
        assert_eq!(content_hash(&""), 0x07cc_7607_b494_9e25);
        // {"a":[1,2.5,null,{"b":"é"}],"d":true}
        let value = json!({"a": [1, 2.5, null, {"b": "é"}], "d": true});
        assert_eq!(content_hash(&value), 0xb9e5_80b1_37cf_c9cb);
    }

    #[test]
    fn different_values_have_different_hashes() {
        let values = [
            json!(null),
            json!(false),
            json!(true),
            json!(0),
            json!(0.0),
            json!(1),
            json!(-1),
            json!(u64::MAX),
            json!("null"),
            json!(""),
            json!("0"),
            json!([]),
            json!([[]]),
            json!([[], []]),
            json!(["ab", "c"]),
            json!(["a", "bc"]),
            json!([["a"], "bc"]),
            json!([["a", "bc"]]),
            json!({}),
            json!({"a": null}),
            json!({"a": {"b": 1}, "c": 2}),
            json!({"a": {"b": 1, "c": 2}}),
        ];
        let hashes: std::collections::HashSet<_> = values.iter().map(content_hash).collect();
        assert_eq!(hashes.len(), values.len());
    }
}
