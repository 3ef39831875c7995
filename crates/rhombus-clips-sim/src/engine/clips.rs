//! The state of a clip at a time, and the operation that returns it.

use super::fields::{Fields, Invalid};
use super::file_path::{MEDIA_PREFIX, regions_of};
use super::registry::{Ended, RegisteredClip, ms};
use super::simulation::{Outcome, Simulation};
use crate::behavior::{Behavior, FileChecksum, FileLocation};
use crate::record::{build_record, region, response_body};
use crate::response::Response;
use crate::rng::{SeededRng, Stream};
use crate::step::{PropertyChange, RecordFields, StepResponse};
use rhombus_clips_api::types::ClipStatus;
use serde_json::{Map, Value};
use std::time::Duration;

/// State of a clip at a time.
pub(super) enum Current {
    Record {
        record: Map<String, Value>,
        fields: RecordFields,
        /// Service time of the step's start.
        since: Duration,
        /// Regions that have the file.
        regions: Vec<String>,
    },
    Null,
    Raw(Response),
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
        let file = match fields.status {
            ClipStatus::Complete => Some(registered.file_facts(seed, uuid)),
            _ => None,
        };
        let changes = &registered.clip.changes;
        let mut record = build_record(
            (uuid, &self.org),
            epoch_ms,
            &mut rng,
            file,
            step_fields,
            changes,
        );
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
        let regions = regions_of(&record);
        let mut rng = SeededRng::new(seed, Stream::Record, registered.index);
        let named = (self.urls.media.as_str(), region(&mut rng), uuid);
        place_file(&mut record, behavior.file_location, named);
        if behavior.file_checksum == FileChecksum::Absent {
            record.remove("sha256Hex");
        }
        if !behavior.states_byte_count && record.contains_key("byteCount") {
            record.insert("byteCount".to_owned(), 0.into());
        }
        let is_over = matches!(
            fields.status,
            ClipStatus::Complete | ClipStatus::Failed | ClipStatus::Deleted
        );
        registered.is_over = is_over && registered.is_by_time();
        Some(Current::Record {
            record,
            fields,
            since,
            regions,
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

/// Moves the location of the file to where a record has it. `region` is that of a file that is not there yet.
fn place_file(
    record: &mut Map<String, Value>,
    place: FileLocation,
    (media_url, region, uuid): (&str, &str, &str),
) {
    match place {
        FileLocation::AtCompletion => {}
        FileLocation::FromTheBeginning => {
            let location = serde_json::json!({"region": region});
            record.entry("clipLocation").or_insert(location);
        }
        FileLocation::V2Only => {
            if let Some(location) = record.remove("clipLocation") {
                let region = location.get("region").cloned().unwrap_or_default();
                record.insert("clipLocationV2".to_owned(), region);
            }
        }
        FileLocation::Url => {
            if let Some(location) = record.remove("clipLocation") {
                let region = location.get("region").and_then(Value::as_str);
                let region = region.unwrap_or_default();
                let url = format!("{media_url}{MEDIA_PREFIX}{region}/{uuid}.mp4");
                record.insert("clipLocationV2".to_owned(), url.into());
            }
        }
        FileLocation::ThumbnailOnly => {
            record.remove("clipLocation");
        }
    }
}
