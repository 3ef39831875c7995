//! Cameras, and where their footage is.

use crate::rng::{SeededRng, Stream, generate_ruuid};
use serde_json::{Value, json};
use std::ops::Range;
use std::time::{SystemTime, UNIX_EPOCH};

/// Time in seconds by which the windows of footage lag behind, at most. Another client of the service assumes
/// as much.
const MAX_INGEST_LAG_SEC: i64 = 120;

/// Starts the definition of a camera.
///
/// ```
/// use rhombus_clips_sim::prelude::*;
///
/// let dock = camera("Loading dock");
/// let gate = camera("Gate").offline();
/// ```
pub fn camera(name: impl Into<String>) -> Camera {
    Camera::new(name)
}

/// Camera to be added with [`Service::add_camera`](crate::Service::add_camera).
///
/// By default it is online, has one video and one audio stream, and has footage in the cloud of all time until a
/// moment before now, of up to two minutes.
///
/// ```
/// use rhombus_clips_sim::prelude::*;
/// use std::time::{Duration, UNIX_EPOCH};
///
/// let at = |seconds| UNIX_EPOCH + Duration::from_secs(seconds);
/// let camera = camera("Loading dock")
///     .facets(["v0", "v1", "a0"])
///     .no_footage(at(1_766_000_000)..at(1_766_000_600))
///     .footage_on_camera(at(1_766_100_000)..at(1_766_100_600))
///     .footage_since(at(1_765_000_000));
/// ```
#[derive(Clone, Debug, PartialEq)]
#[must_use]
pub struct Camera {
    name: String,
    is_online: bool,
    facets: Vec<String>,
    outages: Vec<Range<i64>>,
    local: Vec<Range<i64>>,
    since_sec: i64,
}

impl Camera {
    /// Creates a camera. Its name need not be unique.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            is_online: true,
            facets: vec!["v0".to_owned(), "a0".to_owned()],
            outages: Vec::new(),
            local: Vec::new(),
            since_sec: 0,
        }
    }

    /// Takes the camera offline: its status is `RED`, and footage that only it has cannot be used.
    pub fn offline(mut self) -> Self {
        self.is_online = false;
        self
    }

    /// Sets the video and audio streams.
    pub fn facets(mut self, facets: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.facets = facets.into_iter().map(Into::into).collect();
        self
    }

    /// Removes the footage of a time. Times have whole seconds.
    pub fn no_footage(mut self, range: Range<SystemTime>) -> Self {
        self.outages.push(seconds(&range));
        self
    }

    /// Moves the footage of a time from the cloud to the camera.
    pub fn footage_on_camera(mut self, range: Range<SystemTime>) -> Self {
        self.local.push(seconds(&range));
        self
    }

    /// Removes the footage before a time.
    pub fn footage_since(mut self, time: SystemTime) -> Self {
        self.since_sec = unix_sec(time);
        self
    }
}

fn seconds(range: &Range<SystemTime>) -> Range<i64> {
    unix_sec(range.start)..unix_sec(range.end)
}

fn unix_sec(time: SystemTime) -> i64 {
    let since_epoch = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since_epoch.as_secs()).unwrap_or(i64::MAX)
}

/// A camera of the organization.
#[derive(Debug)]
pub(crate) struct RegisteredCamera {
    pub(crate) uuid: String,
    camera: Camera,
    location: String,
    ingest_lag_sec: i64,
    created_at_ms: i64,
}

impl RegisteredCamera {
    /// `index` is the number of cameras before.
    pub(crate) fn new(
        camera: Camera,
        uuid: Option<String>,
        seed: u64,
        index: u64,
        epoch_ms: i64,
    ) -> Self {
        let mut rng = SeededRng::new(seed, Stream::Camera, index);
        let generated = generate_ruuid(&mut rng);
        Self {
            uuid: uuid.unwrap_or(generated),
            camera,
            location: generate_ruuid(&mut SeededRng::new(seed, Stream::Camera, u64::MAX)),
            ingest_lag_sec: rng.range(0..MAX_INGEST_LAG_SEC + 1),
            created_at_ms: epoch_ms - rng.range(1..1_000_000) * 1000,
        }
    }

    /// The record in the list of cameras.
    pub(crate) fn record(&self) -> Value {
        let status = if self.camera.is_online {
            "GREEN"
        } else {
            "RED"
        };
        json!({
            "uuid": self.uuid,
            "name": self.camera.name,
            "connectionStatus": status,
            "healthStatus": status,
            "locationUuid": self.location,
            "supportedFacets": self.camera.facets,
            "mediaRegion": "us-west-2",
            "region": "us-west-2",
            "createdAtMillis": self.created_at_ms,
            "mummified": false,
        })
    }

    /// The windows of footage in a range, by storage.
    pub(crate) fn presence(&self, range: &Range<i64>, now_sec: i64) -> Value {
        let windows = |ranges: Vec<Range<i64>>| -> Vec<Value> {
            let in_range = ranges
                .iter()
                .map(|it| it.start.max(range.start)..it.end.min(range.end));
            in_range
                .filter(|it| !it.is_empty())
                .map(|it| json!({"startSeconds": it.start, "durationSeconds": it.end - it.start}))
                .collect()
        };
        let (cloud, local) = self.footage(now_sec);
        let kinds = [
            ("VideoCloud", windows(cloud)),
            ("VideoLocal", windows(local)),
        ];
        let kinds = kinds.into_iter().filter(|(_, windows)| !windows.is_empty());
        kinds
            .map(|(kind, windows)| (kind.to_owned(), Value::Array(windows)))
            .collect()
    }

    /// Returns whether there is any footage of a range, and whether only an offline camera has it.
    pub(crate) fn availability(&self, range: &Range<i64>, now_sec: i64) -> Availability {
        let (cloud, local) = self.footage(now_sec);
        let overlaps = |ranges: &[Range<i64>]| {
            ranges
                .iter()
                .any(|it| it.start < range.end && range.start < it.end)
        };
        match (overlaps(&cloud), overlaps(&local)) {
            (false, false) => Availability::Missing,
            (false, true) if !self.camera.is_online => Availability::Unreachable,
            _ => Availability::Available,
        }
    }

    /// Footage in the cloud, and on the camera alone.
    fn footage(&self, now_sec: i64) -> (Vec<Range<i64>>, Vec<Range<i64>>) {
        let ingested = now_sec - self.ingest_lag_sec;
        let all = std::iter::once(self.camera.since_sec..now_sec).collect();
        let mut local = self.camera.local.clone();
        local.push(ingested..now_sec);
        let recorded = without(all, &self.camera.outages);
        let cloud = without(recorded.clone(), &local);
        let local = without(recorded, &cloud);
        (cloud, local)
    }
}

/// Availability of the footage that a clip is requested of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Availability {
    Available,
    /// The camera that has it is offline.
    Unreachable,
    Missing,
}

/// Returns ranges without parts of them.
fn without(ranges: Vec<Range<i64>>, removed: &[Range<i64>]) -> Vec<Range<i64>> {
    removed.iter().fold(ranges, |ranges, removed| {
        let parts = ranges.into_iter().flat_map(|range| {
            let before = range.start..range.end.min(removed.start);
            let after = range.start.max(removed.end)..range.end;
            [before, after]
        });
        parts.filter(|part| !part.is_empty()).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn at(sec: u64) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(sec)
    }

    #[test]
    fn footage_is_in_the_cloud_or_on_the_camera_or_missing() {
        let camera = camera("Dock")
            .no_footage(at(100)..at(200))
            .footage_on_camera(at(150)..at(300))
            .footage_since(at(50))
            .offline();
        let mut camera = RegisteredCamera::new(camera, None, 0, 0, 0);
        camera.ingest_lag_sec = 10;
        let expected = json!({
            "VideoCloud": [
                {"startSeconds": 50, "durationSeconds": 50},
                {"startSeconds": 300, "durationSeconds": 690},
            ],
            "VideoLocal": [
                {"startSeconds": 200, "durationSeconds": 100},
                {"startSeconds": 990, "durationSeconds": 10},
            ],
        });
        assert_eq!(camera.presence(&(0..2_000), 1_000), expected);
        assert_eq!(camera.presence(&(100..200), 1_000), json!({}));
        let availability = |range: Range<i64>| camera.availability(&range, 1_000);
        assert_eq!(availability(90..110), Availability::Available);
        assert_eq!(availability(100..200), Availability::Missing);
        assert_eq!(availability(100..201), Availability::Unreachable);
        assert_eq!(availability(0..50), Availability::Missing);
    }
}
