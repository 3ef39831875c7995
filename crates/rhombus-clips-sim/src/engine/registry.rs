//! The clips of the service in the order of their registration, and what was asked for.

use crate::clip::{Clip, StartsAt, Timeline};
use crate::media_file::{FileKind, MediaFile};
use crate::record::{FileFacts, file_size};
use crate::rng::{SeededRng, Stream, generate_ruuid};
use crate::step::{PropertyChange, Step};
use rhombus_clips_api::types::ClipStatus;
use serde_json::{Map, Value, json};
use std::collections::HashMap;
use std::ops::Range;
use std::time::Duration;

/// Footage of a segment, from the service's streams.
const SEGMENT_SEC: i64 = 2;

/// A registered clip and its progress.
#[derive(Debug)]
pub(super) struct RegisteredClip {
    pub(super) clip: Clip,
    /// Number of clips registered before.
    pub(super) index: u64,
    /// Start of the timeline in service time, once it has started.
    pub(super) started_at: Option<Duration>,
    pub(super) request_count: u64,
    pub(super) registered_at: Duration,
    /// The request that made the clip, if one did.
    pub(super) requested: Option<RequestedClip>,
    /// Changes by `updateSavedClip`.
    pub(super) updates: Vec<PropertyChange>,
    /// State after the clip was canceled or deleted.
    pub(super) ended: Option<Ended>,
    /// Whether the clip was seen at its end, which no request changes any more but those that change clips.
    pub(super) is_over: bool,
    /// Number of times that the file was replaced.
    pub(super) file_version: u64,
    file_facts: Option<FileFacts>,
}

/// State of a clip that was canceled or deleted.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Ended {
    Status(ClipStatus),
    Gone,
}

/// Clips in the order of their registration, and by UUID.
#[derive(Debug)]
pub(super) struct Clips {
    seed: u64,
    by_uuid: HashMap<String, RegisteredClip>,
    uuids: Vec<String>,
    registered_count: u64,
}

/// The valid part of a request for a clip.
#[derive(Clone, Debug)]
pub(super) struct RequestedClip {
    pub(super) request: u64,
    pub(super) devices: Vec<String>,
    pub(super) ranges: Vec<Range<i64>>,
    pub(super) title: Option<String>,
    pub(super) description: Option<String>,
    pub(super) access: Value,
    pub(super) is_saved: bool,
    pub(super) parent: Option<String>,
    /// Number of parts; 0 for a clip without parts.
    pub(super) part_count: usize,
}

impl RequestedClip {
    pub(super) fn start_ms(&self) -> i64 {
        self.ranges.first().map_or(0, |range| range.start)
    }

    pub(super) fn duration_sec(&self) -> i64 {
        let seconds = |range: &Range<i64>| (range.end - range.start + 999) / 1000;
        self.ranges.iter().map(seconds).sum()
    }

    /// Number of segments of each device.
    pub(super) fn segments(&self) -> i64 {
        (self.duration_sec() + SEGMENT_SEC - 1) / SEGMENT_SEC
    }

    /// Sets the properties of a record.
    pub(super) fn apply_to(
        &self,
        record: &mut Map<String, Value>,
        created_at_ms: i64,
        updated_at_ms: i64,
    ) {
        let mut set = |property: &str, value: Value| match value {
            Value::Null => record.remove(property),
            value => record.insert(property.to_owned(), value),
        };
        set("deviceUuid", json!(self.devices.first()));
        set("deviceUuids", json!(self.devices));
        set("devicePresentationOrder", json!(self.devices));
        set("timestampMs", json!(self.start_ms()));
        set("durationSec", json!(self.duration_sec()));
        set("title", json!(self.title));
        set("description", json!(self.description));
        set("accessSettings", self.access.clone());
        set("createdAtMs", json!(created_at_ms));
        set("lastUpdatedSec", json!(updated_at_ms / 1000));
        set("placeholder", json!(self.part_count > 0));
        if self.ranges.len() > 1 {
            let interval = |range: &Range<i64>| json!({"startMs": range.start, "endMs": range.end});
            let intervals: Vec<Value> = self.ranges.iter().map(interval).collect();
            let map = self
                .devices
                .iter()
                .map(|device| (device.clone(), json!(intervals)));
            set("deviceIntervalMap", map.collect());
        }
    }
}

impl Clips {
    pub(super) fn new(seed: u64) -> Self {
        Self {
            seed,
            by_uuid: HashMap::new(),
            uuids: Vec::new(),
            registered_count: 0,
        }
    }

    pub(super) fn register(
        &mut self,
        now: Duration,
        uuid: Option<String>,
        clip: Clip,
        requested: Option<RequestedClip>,
    ) -> String {
        let index = self.registered_count;
        self.registered_count += 1;
        let generate = || generate_ruuid(&mut SeededRng::new(self.seed, Stream::ClipUuid, index));
        let uuid = uuid.unwrap_or_else(generate);
        let registered = RegisteredClip {
            started_at: (clip.starts_at == StartsAt::Registration).then_some(now),
            clip,
            index,
            request_count: 0,
            registered_at: now,
            requested,
            updates: Vec::new(),
            ended: None,
            is_over: false,
            file_version: 0,
            file_facts: None,
        };
        if self.by_uuid.insert(uuid.clone(), registered).is_none() {
            self.uuids.push(uuid.clone());
        }
        uuid
    }

    pub(super) fn get_mut(&mut self, uuid: &str) -> Option<&mut RegisteredClip> {
        self.by_uuid.get_mut(uuid)
    }

    /// UUIDs in the order of registration.
    pub(super) fn uuids(&self) -> &[String] {
        &self.uuids
    }

    pub(super) fn requested(&self) -> impl Iterator<Item = (&str, &RequestedClip)> {
        self.uuids.iter().filter_map(|uuid| {
            let requested = self.by_uuid.get(uuid)?.requested.as_ref()?;
            Some((uuid.as_str(), requested))
        })
    }
}

impl RegisteredClip {
    /// Returns the step at a time, and its start in service time.
    pub(super) fn step(
        &mut self,
        seed: u64,
        now: Duration,
        request_index: u64,
    ) -> Option<(Step, Duration)> {
        let started_at = *self.started_at.get_or_insert(now);
        let rng = SeededRng::new(seed, Stream::Timeline, self.index);
        let age = now.saturating_sub(started_at);
        let step = self.clip.timeline.step(age, request_index, rng)?;
        let since = started_at.saturating_add(step.offset);
        Some((step, since))
    }

    /// The file of the clip.
    pub(super) fn file(&self, seed: u64, uuid: &str) -> MediaFile {
        let mut rng = SeededRng::new(seed, Stream::Record, self.index);
        let size = self.clip.file_size.unwrap_or_else(|| file_size(&mut rng));
        MediaFile::new(seed, uuid, self.file_version, FileKind::Video, size)
    }

    /// Length and hash of the file, which are computed once.
    pub(super) fn file_facts(&mut self, seed: u64, uuid: &str) -> FileFacts {
        if let Some(facts) = &self.file_facts {
            return facts.clone();
        }
        let file = self.file(seed, uuid);
        let facts = FileFacts {
            byte_count: i64::try_from(file.len()).unwrap_or(i64::MAX),
            sha256_hex: file.sha256_hex(),
        };
        self.file_facts.insert(facts).clone()
    }

    pub(super) fn replace_file(&mut self) {
        self.file_version += 1;
        self.file_facts = None;
    }

    pub(super) fn is_by_time(&self) -> bool {
        !matches!(self.clip.timeline, Timeline::ByRequest(_))
    }
}

/// Returns a service time in milliseconds.
pub(super) fn ms(time: Duration) -> i64 {
    i64::try_from(time.as_millis()).unwrap_or(i64::MAX / 2)
}
