//! The filters of a list: those that the service is sent, and those that are applied here.

use std::ops::Range;
use std::time::{Duration, SystemTime};

use rhombus_clips_api::types::GetClipsWithProgressRequest;

use crate::time::unix_ms;
use crate::{CameraUuid, Clip};

/// Distance of a bound that is sent from the one that is wanted. It makes up for a bound that is not
/// included, and for clocks that differ. Chosen, not tuned.
const MARGIN: Duration = Duration::from_secs(60);

/// Bounds of a time, the end not included.
type Bounds = Range<Option<SystemTime>>;

/// Filters of a list.
#[derive(Clone, Debug)]
pub(super) struct Filter {
    pub(super) cameras: Vec<CameraUuid>,
    pub(super) created: Bounds,
    pub(super) recorded: Bounds,
    pub(super) search: Option<String>,
}

impl Default for Filter {
    fn default() -> Self {
        Self {
            cameras: Vec::new(),
            created: None..None,
            recorded: None..None,
            search: None,
        }
    }
}

impl Filter {
    /// Returns the request for the first page.
    pub(super) fn request(&self, page_size: u8) -> GetClipsWithProgressRequest {
        let mut request = GetClipsWithProgressRequest::new(page_size.into());
        if !self.cameras.is_empty() {
            let cameras = self.cameras.iter().map(ToString::to_string);
            request = request.with_device_uuid_filters(cameras);
        }
        // Recorded after a time is created after it, and created before a time is recorded before it: so
        // these hold whichever of the two the service compares.
        let after = self
            .recorded
            .start
            .and_then(|time| time.checked_sub(MARGIN));
        let before = self.created.end.and_then(|time| time.checked_add(MARGIN));
        request.timestamp_ms_after = after.map(unix_ms);
        request.timestamp_ms_before = before.map(unix_ms);
        request.search_filter.clone_from(&self.search);
        request
    }

    /// Returns whether a clip is listed. A property that it lacks does not exclude it.
    pub(super) fn matches(&self, clip: &Clip) -> bool {
        contains(&self.created, clip.created_at())
            && contains(&self.recorded, clip.recorded_at())
            && self.has_camera(clip)
    }

    fn has_camera(&self, clip: &Clip) -> bool {
        let record = clip.record();
        let several = record.device_uuids.iter().flatten().flatten();
        let mut devices = several.chain(&record.device_uuid).peekable();
        if self.cameras.is_empty() || devices.peek().is_none() {
            return true;
        }
        let mut cameras = devices.filter_map(|device| CameraUuid::of_response(device));
        cameras.any(|camera| self.cameras.contains(&camera))
    }
}

fn contains(bounds: &Bounds, time: Option<SystemTime>) -> bool {
    let Some(time) = time else {
        return true;
    };
    bounds.start.is_none_or(|start| time >= start) && bounds.end.is_none_or(|end| time < end)
}

#[cfg(test)]
mod tests {
    use std::time::UNIX_EPOCH;

    use rhombus_clips_api::types::SavedClip;

    use super::*;
    use crate::ClipUuid;

    fn at(seconds: u64) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(seconds)
    }

    fn clip(created: Option<i64>, recorded: Option<i64>, devices: &[&str]) -> Clip {
        let mut record = SavedClip::default();
        record.created_at_ms = created.map(|seconds| seconds * 1000);
        record.timestamp_ms = recorded.map(|seconds| seconds * 1000);
        record.device_uuids = Some(devices.iter().map(|it| Some((*it).to_owned())).collect());
        Clip::from_record(ClipUuid::from_bytes([1; 16]), record)
    }

    #[test]
    fn a_bound_is_sent_only_if_it_loses_no_clip() {
        let filter = |change: fn(&mut Filter)| {
            let mut filter = Filter::default();
            change(&mut filter);
            let request = filter.request(7);
            (request.timestamp_ms_after, request.timestamp_ms_before)
        };
        assert_eq!(filter(|_| {}), (None, None));
        assert_eq!(filter(|it| it.created.start = Some(at(900))), (None, None));
        assert_eq!(
            filter(|it| it.created.end = Some(at(900))),
            (None, Some(960_000))
        );
        assert_eq!(
            filter(|it| it.recorded.start = Some(at(900))),
            (Some(840_000), None)
        );
        assert_eq!(filter(|it| it.recorded.end = Some(at(900))), (None, None));
    }

    /// Whatever the service compares, and however it treats a bound, each matching clip is on its pages.
    #[test]
    fn no_reading_of_the_bounds_loses_a_clip() {
        let bounds = [None, Some(at(800)), Some(at(1_000)), Some(at(1_200))];
        let mut matching = 0;
        for recorded in [700, 800, 999, 1_000, 1_001, 1_199] {
            for created in [recorded, recorded + 1, recorded + 300] {
                let clip = clip(Some(created), Some(recorded), &[]);
                for number in 0..256 {
                    let bound = |shift: u32| bounds[number >> shift & 3];
                    let filter = Filter {
                        created: bound(0)..bound(2),
                        recorded: bound(4)..bound(6),
                        ..Filter::default()
                    };
                    if !filter.matches(&clip) {
                        continue;
                    }
                    matching += 1;
                    let request = filter.request(1);
                    for compared in [recorded * 1000, created * 1000] {
                        assert!(
                            request
                                .timestamp_ms_after
                                .is_none_or(|after| compared > after)
                        );
                        assert!(
                            request
                                .timestamp_ms_before
                                .is_none_or(|before| compared < before)
                        );
                    }
                }
            }
        }
        assert!(matching > 500, "{matching}");
    }

    #[test]
    fn a_clip_without_a_property_is_listed() {
        let camera = CameraUuid::from_bytes([1; 16]);
        let filter = Filter {
            cameras: vec![camera],
            created: Some(at(100))..Some(at(200)),
            recorded: Some(at(50))..None,
            search: None,
        };
        let facet = format!("{camera}.v3");
        let matches = |clip: Clip| filter.matches(&clip);
        assert!(matches(clip(None, None, &[])));
        assert!(matches(clip(Some(100), Some(50), &["other", &facet])));
        assert!(!matches(clip(Some(100), Some(50), &["other"])));
        assert!(!matches(clip(Some(200), Some(50), &[&facet])));
        assert!(!matches(clip(Some(99), Some(50), &[&facet])));
        assert!(!matches(clip(Some(100), Some(49), &[&facet])));
    }
}
