//! The clips of the service: their registration, and their state at a time.

use super::fields::{Fields, Invalid};
use super::splice::RequestedClip;
use super::{Outcome, Simulation};
use crate::behavior::{Behavior, FileLocation};
use crate::clip::{Clip, StartsAt, Timeline};
use crate::record::{build_record, response_body};
use crate::response::Response;
use crate::rng::{SeededRng, Stream, generate_ruuid};
use crate::step::{PropertyChange, RecordFields, Step, StepResponse};
use rhombus_clips_api::types::ClipStatus;
use serde_json::{Map, Value};
use std::collections::HashMap;
use std::time::Duration;

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
    /// What `spliceV3` was asked for.
    pub(super) requested: Option<RequestedClip>,
    /// Changes by `updateSavedClip`.
    pub(super) updates: Vec<PropertyChange>,
    /// State after the clip was canceled or deleted.
    pub(super) ended: Option<Ended>,
    /// Whether the clip was seen at its end, which no request changes any more but those that change clips.
    pub(super) is_over: bool,
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

/// State of a clip at a time.
pub(super) enum Current {
    Record {
        record: Map<String, Value>,
        fields: RecordFields,
        /// Service time of the step's start.
        since: Duration,
    },
    Null,
    Raw(Response),
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
    fn step(&mut self, seed: u64, now: Duration, request_index: u64) -> Option<(Step, Duration)> {
        let started_at = *self.started_at.get_or_insert(now);
        let rng = SeededRng::new(seed, Stream::Timeline, self.index);
        let age = now.saturating_sub(started_at);
        let step = self.clip.timeline.step(age, request_index, rng)?;
        let since = started_at.saturating_add(step.offset);
        Some((step, since))
    }

    fn is_by_time(&self) -> bool {
        !matches!(self.clip.timeline, Timeline::ByRequest(_))
    }
}

impl Simulation {
    pub(super) fn get_clip(
        &mut self,
        now: Duration,
        fields: Fields<'_>,
    ) -> Result<Outcome, Invalid> {
        let uuid = fields.required_text("clipUuid")?;
        let Some(registered) = self.clips.get_mut(uuid) else {
            return Ok(self.settings.unknown_clip.response().into());
        };
        let request_index = registered.request_count;
        registered.request_count += 1;
        Ok(match self.current_at(now, uuid, request_index) {
            Some(Current::Record { record, fields, .. }) => Outcome {
                response: Response::json(&response_body(Some(record), fields.warning.as_deref())),
                clip_status: Some(fields.status),
                fault_injected: false,
            },
            Some(Current::Raw(response)) => response.into(),
            Some(Current::Null) | None => Response::json(&response_body(None, None)).into(),
        })
    }

    /// Returns the state of a clip, without counting a request for it; `None` for an unknown one.
    pub(super) fn current(&mut self, now: Duration, uuid: &str) -> Option<Current> {
        let request_index = self.clips.get_mut(uuid)?.request_count;
        self.current_at(now, uuid, request_index)
    }

    fn current_at(&mut self, now: Duration, uuid: &str, request_index: u64) -> Option<Current> {
        let (seed, epoch_ms) = (self.settings.seed, self.unix_ms(Duration::ZERO));
        let behavior = &self.settings.behavior;
        let registered = self.clips.get_mut(uuid)?;
        if registered.ended == Some(Ended::Gone) || !has_record(registered, behavior, now) {
            return Some(Current::Null);
        }
        let Some((step, since)) = registered.step(seed, now, request_index) else {
            return Some(Current::Null);
        };
        let mut fields = match step.response {
            StepResponse::Record(fields) => fields,
            StepResponse::Null => return Some(Current::Null),
            StepResponse::Raw(response) => return Some(Current::Raw(response)),
        };
        if let Some(Ended::Status(status)) = &registered.ended {
            fields.status = status.clone();
            fields.operation = Some("Canceled".into());
        }
        let is_parent = registered
            .requested
            .as_ref()
            .is_some_and(|it| it.part_count > 0);
        if is_parent && fields.status == ClipStatus::Complete && !behavior.placeholder_completes {
            fields.status = ClipStatus::Rendering;
            fields.operation = Some("Waiting for parts".into());
        }
        let mut rng = SeededRng::new(seed, Stream::Record, registered.index);
        let step_fields = (&fields, step.offset);
        let changes = &registered.clip.changes;
        let mut record = build_record(uuid, &self.org, epoch_ms, &mut rng, step_fields, changes);
        if let Some(requested) = &registered.requested {
            let created_at_ms = epoch_ms + ms(registered.registered_at);
            requested.apply_to(&mut record, created_at_ms, epoch_ms + ms(since));
        }
        for PropertyChange { property, value } in &registered.updates {
            match value {
                Some(value) => record.insert(property.clone(), value.clone()),
                None => record.remove(property),
            };
        }
        place_file(&mut record, behavior.file_location);
        let is_over = matches!(
            fields.status,
            ClipStatus::Complete | ClipStatus::Failed | ClipStatus::Deleted
        );
        registered.is_over = is_over && registered.is_by_time();
        Some(Current::Record {
            record,
            fields,
            since,
        })
    }
}

/// Returns whether a clip that was requested has a record already.
fn has_record(clip: &RegisteredClip, behavior: &Behavior, now: Duration) -> bool {
    let Some(requested) = &clip.requested else {
        return true;
    };
    let appears_at = clip.registered_at.saturating_add(behavior.record_delay);
    now >= appears_at && (requested.is_saved || behavior.unsaved_has_record)
}

/// Moves the location of the file to where a record has it.
fn place_file(record: &mut Map<String, Value>, place: FileLocation) {
    match place {
        FileLocation::AtCompletion => {}
        FileLocation::FromTheBeginning => {
            let location = serde_json::json!({"region": "us-west-2"});
            record.entry("clipLocation").or_insert(location);
        }
        FileLocation::V2Only => {
            if let Some(location) = record.remove("clipLocation") {
                let region = location.get("region").cloned().unwrap_or_default();
                record.insert("clipLocationV2".to_owned(), region);
            }
        }
    }
}

/// Returns a service time in milliseconds.
pub(super) fn ms(time: Duration) -> i64 {
    i64::try_from(time.as_millis()).unwrap_or(i64::MAX / 2)
}
