//! The operation `spliceV3`: what is asked for, and the clips that follow from it.

use super::fields::{Fields, Invalid, without_facet};
use super::registry::{RequestedClip, ms};
use super::simulation::Simulation;
use crate::behavior::{InvalidRange, NoFootage, SeveralClips};
use crate::camera::Availability;
use crate::clip::Clip;
use crate::response::Response;
use crate::step::Step;
use rhombus_clips_api::types::ClipStatus;
use serde_json::{Value, json};
use std::ops::Range;
use std::time::Duration;

/// Time in milliseconds by which a clip may end after now: a length is rounded up to whole seconds.
const MAX_AHEAD_MS: i64 = 1_000;
/// Render time of a clip that fails because of its range. Chosen.
const INVALID_RENDER_TIME: Duration = Duration::from_secs(5);
/// A clip that `spliceV3` made, from [`Service::created_clips`](crate::Service::created_clips).
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct CreatedClip {
    /// UUID of the clip.
    pub uuid: String,
    /// Number of the request that made it, counted from 1 over all that were processed. Several clips of one
    /// request have the same.
    pub request: u64,
    /// Devices of the clip, with their facets as they were sent.
    pub devices: Vec<String>,
    /// Start of the footage, in milliseconds since 1970.
    pub start_ms: i64,
    /// Length of the footage, in seconds.
    pub duration_sec: i64,
    /// Title, if one was sent.
    pub title: Option<String>,
    /// Description, if one was sent.
    pub description: Option<String>,
    /// Clip that this one is a part of.
    pub parent: Option<String>,
}

/// A valid request.
struct Splice {
    devices: Vec<String>,
    ranges: Vec<Range<i64>>,
    title: Option<String>,
    description: Option<String>,
    access: Value,
    is_saved: bool,
}

impl Splice {
    fn parse(fields: Fields<'_>) -> Result<Self, Invalid> {
        for name in ["audioIncluded", "sendToSharedStorage", "sendToUserStorage"] {
            fields.boolean(name)?;
        }
        for name in ["alteredViewMap", "integrationUploadMap"] {
            fields.object(name)?;
        }
        let visibility = fields.visibility("clipVisibility")?;
        let access = match fields.access_settings()? {
            Some(access) => Value::Object(access.0.clone()),
            None => json!({"visibility": visibility.unwrap_or("ORG_WIDE")}),
        };
        let mut devices: Vec<String> = fields
            .texts("deviceUuids")?
            .into_iter()
            .map(str::to_owned)
            .collect();
        let start = fields.long("startTimeMillis")?;
        let duration = fields.int("durationSec")?;
        let intervals = fields.object("deviceIntervalMap")?;
        let ranges = match intervals.filter(|map| !map.0.is_empty()) {
            Some(map) => {
                devices = map.0.keys().cloned().collect();
                let mut all = Vec::new();
                for intervals in map.0.values().filter(|value| !value.is_null()) {
                    let intervals = intervals.as_array().ok_or(Invalid::Malformed)?;
                    for interval in intervals {
                        let interval = interval.as_object().ok_or(Invalid::Malformed)?;
                        let interval = Fields(interval);
                        let start = interval.long("startMs")?.ok_or(Invalid::Missing)?;
                        let end = interval.long("endMs")?.ok_or(Invalid::Missing)?;
                        if !all.contains(&(start..end)) {
                            all.push(start..end);
                        }
                    }
                }
                all.sort_by_key(|range| range.start);
                all
            }
            None => {
                let start = start.ok_or(Invalid::Missing)?;
                let duration = duration.ok_or(Invalid::Missing)?;
                let end = start.saturating_add(duration.saturating_mul(1000));
                std::iter::once(start..end).collect()
            }
        };
        if devices.is_empty() || ranges.is_empty() {
            return Err(Invalid::Missing);
        }
        Ok(Self {
            devices,
            ranges,
            title: fields.text("title")?.map(str::to_owned),
            description: fields.text("description")?.map(str::to_owned),
            access,
            is_saved: fields.boolean("saveToConsole")?,
        })
    }

    /// The cameras, each with its devices.
    fn cameras(&self) -> Vec<Vec<String>> {
        let mut cameras: Vec<Vec<String>> = Vec::new();
        for device in &self.devices {
            let is_same = |devices: &Vec<String>| {
                devices
                    .first()
                    .is_some_and(|it| without_facet(it) == without_facet(device))
            };
            match cameras.iter_mut().find(|devices| is_same(devices)) {
                Some(devices) => devices.push(device.clone()),
                None => cameras.push(vec![device.clone()]),
            }
        }
        cameras
    }
}

impl Simulation {
    /// Defines the clip that is created next.
    pub(crate) fn prepare_clip(&mut self, clip: Clip) {
        self.prepared_clips.push_back(clip);
    }

    pub(crate) fn created_clips(&self) -> Vec<CreatedClip> {
        let created = self.clips.requested().map(|(uuid, requested)| CreatedClip {
            uuid: uuid.to_owned(),
            request: requested.request,
            devices: requested.devices.clone(),
            start_ms: requested.start_ms(),
            duration_sec: requested.duration_sec(),
            title: requested.title.clone(),
            description: requested.description.clone(),
            parent: requested.parent.clone(),
        });
        created.collect()
    }

    /// Carries out a request that another client sent.
    pub(crate) fn splice_elsewhere(&mut self, now: Duration, body: &Value) {
        if let Some(object) = body.as_object() {
            let _ = self.splice(now, Fields(object));
        }
    }

    pub(super) fn splice(
        &mut self,
        now: Duration,
        fields: Fields<'_>,
    ) -> Result<Response, Invalid> {
        let splice = Splice::parse(fields)?;
        if splice
            .devices
            .iter()
            .any(|device| self.camera(device).is_none())
        {
            return Ok(Response::domain_failure("No such device"));
        }
        let problem = self.invalid_range(now, &splice);
        match (problem, self.settings.behavior.invalid_range) {
            (Some(problem), InvalidRange::Error) => return Ok(Response::domain_failure(problem)),
            (Some(_), InvalidRange::BadRequest) => return Err(Invalid::Malformed),
            (_, _) => {}
        }
        self.splice_count += 1;
        let clip = self.clip_of(now, &splice, problem);
        let mut body = self.register_clips(now, splice, clip);
        if self.settings.behavior.splice_warns {
            body["warningMsg"] = "The clip may take longer than usual".into();
        }
        Ok(Response::json(&body))
    }

    /// Returns why the service does not make such a clip.
    fn invalid_range(&self, now: Duration, splice: &Splice) -> Option<&'static str> {
        let now_ms = self.unix_ms(now);
        let lengths = splice
            .ranges
            .iter()
            .map(|range| range.end.saturating_sub(range.start));
        if lengths.clone().any(|length| length < 1_000) {
            return Some("A clip has at least one second");
        }
        if splice
            .ranges
            .iter()
            .any(|range| range.end > now_ms.saturating_add(MAX_AHEAD_MS))
        {
            return Some("The footage is in the future");
        }
        let cameras = match splice.ranges.len() {
            1 if !self.settings.behavior.limit_counts_cameras => 1,
            _ => i64::try_from(splice.cameras().len()).unwrap_or(i64::MAX),
        };
        let total = lengths.fold(0, i64::saturating_add).saturating_mul(cameras);
        (total > ms(self.settings.max_clip_duration)).then_some("The clip is too long")
    }

    /// Returns the timeline of a clip.
    fn clip_of(&mut self, now: Duration, splice: &Splice, problem: Option<&'static str>) -> Clip {
        if let Some(problem) = problem {
            return Clip::renders_in(INVALID_RENDER_TIME)
                .then_fails(problem)
                .into();
        }
        let now_sec = self.unix_ms(now) / 1000;
        let mut availabilities = Vec::new();
        for device in &splice.devices {
            for range in &splice.ranges {
                let range = range.start / 1000..(range.end + 999) / 1000;
                let camera = self.camera(device);
                availabilities.extend(camera.map(|it| it.availability(&range, now_sec)));
            }
        }
        let prepared = self.prepared_clips.pop_front();
        if availabilities.contains(&Availability::Unreachable) {
            return Clip::by_request([Step::new(ClipStatus::Offline)]);
        }
        let is_missing = availabilities.iter().all(|it| *it == Availability::Missing);
        match (prepared, self.settings.behavior.no_footage) {
            (Some(clip), _) => clip,
            (None, NoFootage::Failed) if is_missing => Clip::renders_in(INVALID_RENDER_TIME)
                .then_fails("No footage")
                .into(),
            (None, _) => self.settings.created_clip.clone(),
        }
    }

    /// Registers the clips of a request, and returns the body of the response.
    fn register_clips(&mut self, now: Duration, splice: Splice, clip: Clip) -> Value {
        let behavior = &self.settings.behavior;
        let several = |mode: SeveralClips, count: usize| match count {
            0 | 1 => SeveralClips::Joined,
            _ => mode,
        };
        let cameras = splice.cameras();
        let camera_mode = several(behavior.several_cameras, cameras.len());
        let range_mode = several(behavior.several_ranges, splice.ranges.len());
        let devices = match camera_mode {
            SeveralClips::Joined => vec![splice.devices.clone()],
            SeveralClips::Each | SeveralClips::Parent => cameras,
        };
        let ranges: Vec<Vec<Range<i64>>> = match range_mode {
            SeveralClips::Joined => vec![splice.ranges.clone()],
            SeveralClips::Each | SeveralClips::Parent => splice
                .ranges
                .iter()
                .cloned()
                .map(|range| vec![range])
                .collect(),
        };
        let part_count = devices.len() * ranges.len();
        let has_parent = [camera_mode, range_mode].contains(&SeveralClips::Parent);
        let whole = RequestedClip {
            request: self.splice_count,
            devices: splice.devices,
            ranges: splice.ranges,
            title: splice.title,
            description: splice.description,
            access: splice.access,
            is_saved: splice.is_saved,
            parent: None,
            part_count: if has_parent { part_count } else { 0 },
        };
        let clip = clip.from_registration();
        if part_count == 1 {
            let uuid = self.clips.register(now, None, clip, Some(whole));
            return json!({"clipUuid": uuid});
        }
        let parent = has_parent.then(|| {
            let requested = Some(whole.clone());
            self.clips.register(now, None, clip.clone(), requested)
        });
        let mut parts = Vec::new();
        for devices in &devices {
            for ranges in &ranges {
                let part = RequestedClip {
                    devices: devices.clone(),
                    ranges: ranges.clone(),
                    parent: parent.clone(),
                    part_count: 0,
                    ..whole.clone()
                };
                parts.push(self.clips.register(now, None, clip.clone(), Some(part)));
            }
        }
        json!({"clipUuid": parent, "clipUuidList": parts})
    }
}
