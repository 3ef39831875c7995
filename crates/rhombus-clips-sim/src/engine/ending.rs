//! The operations that change and end clips.

use super::clips::Current;
use super::fields::{Fields, Invalid};
use super::registry::{Ended, RegisteredClip};
use super::simulation::Simulation;
use crate::behavior::{CanceledClip, DeletedClip};
use crate::clip::{Clip, Timeline};
use crate::response::Response;
use crate::step::PropertyChange;
use rhombus_clips_api::types::ClipStatus;
use serde_json::{Value, json};
use std::time::Duration;

/// Render time of a clip that is rendered again, if its definition has none. Chosen.
const RETRY_RENDER_TIME: Duration = Duration::from_secs(30);

impl Simulation {
    pub(super) fn cancel(
        &mut self,
        now: Duration,
        fields: Fields<'_>,
    ) -> Result<Response, Invalid> {
        let mut uuids = fields.texts("clipUuidList")?;
        uuids.extend(fields.text("clipUuid")?);
        let devices = fields.texts("deviceUuids")?;
        if uuids.is_empty() || (devices.is_empty() && self.settings.behavior.cancel_needs_devices) {
            return Err(Invalid::Missing);
        }
        for uuid in uuids {
            match self.status(now, uuid) {
                None => return Ok(no_such_clip()),
                Some(ClipStatus::Complete | ClipStatus::Failed | ClipStatus::Deleted) => {
                    if self.settings.behavior.rejects_repeats {
                        return Ok(Response::domain_failure("The clip is not in progress"));
                    }
                }
                Some(_) => {
                    let ended = match self.settings.behavior.canceled_clip {
                        CanceledClip::Deleted => Some(Ended::Status(ClipStatus::Deleted)),
                        CanceledClip::Failed => Some(Ended::Status(ClipStatus::Failed)),
                        CanceledClip::Gone => Some(Ended::Gone),
                        CanceledClip::Unchanged => None,
                    };
                    self.change(uuid, |clip| clip.ended = ended);
                }
            }
        }
        Ok(success())
    }

    pub(super) fn retry(&mut self, now: Duration, fields: Fields<'_>) -> Result<Response, Invalid> {
        let uuid = fields.required_text("clipUuid")?;
        let behavior = &self.settings.behavior;
        let (retries_offline, rejects) = (behavior.retries_offline, behavior.rejects_repeats);
        let is_retried = match self.status(now, uuid) {
            None | Some(ClipStatus::Deleted) => return Ok(no_such_clip()),
            Some(ClipStatus::Failed) => true,
            Some(ClipStatus::Offline) => retries_offline,
            Some(_) => false,
        };
        if !is_retried && rejects {
            return Ok(Response::domain_failure("The clip has not failed"));
        }
        if is_retried {
            self.change(uuid, |clip| {
                clip.clip.timeline = match &clip.clip.timeline {
                    Timeline::Rendering(rendering) => {
                        Timeline::Rendering(rendering.clone().retried())
                    }
                    Timeline::ByTime(_) | Timeline::ByRequest(_) => {
                        Clip::from(Clip::renders_in(RETRY_RENDER_TIME)).timeline
                    }
                };
                clip.started_at = Some(now);
                clip.ended = None;
            });
        }
        Ok(success())
    }

    pub(super) fn delete(
        &mut self,
        now: Duration,
        fields: Fields<'_>,
    ) -> Result<Response, Invalid> {
        let uuid = fields.required_text("savedClipUuid")?;
        let is_gone = matches!(self.status(now, uuid), None | Some(ClipStatus::Deleted));
        if is_gone && self.settings.behavior.rejects_repeats {
            return Ok(no_such_clip());
        }
        let ended = match self.settings.behavior.deleted_clip {
            DeletedClip::Deleted => Ended::Status(ClipStatus::Deleted),
            DeletedClip::Gone => Ended::Gone,
        };
        self.change(uuid, |clip| clip.ended = Some(ended));
        Ok(success())
    }

    pub(super) fn update(
        &mut self,
        now: Duration,
        fields: Fields<'_>,
    ) -> Result<Response, Invalid> {
        let uuid = fields.required_text("savedClipUuid")?;
        for name in ["title", "description"] {
            fields.text(name)?;
        }
        fields.access_settings()?;
        if matches!(self.status(now, uuid), None | Some(ClipStatus::Deleted)) {
            return Ok(no_such_clip());
        }
        let clears = self.settings.behavior.update_clears;
        let changes = ["title", "description", "accessSettings"].map(|property| {
            let value = fields.get(property).cloned();
            let is_changed = value.is_some() || clears;
            let property = property.to_owned();
            is_changed.then_some(PropertyChange { property, value })
        });
        self.change(uuid, |clip| {
            clip.updates.extend(changes.into_iter().flatten())
        });
        Ok(success())
    }

    /// Returns the status of a clip; `None` without a record.
    fn status(&mut self, now: Duration, uuid: &str) -> Option<ClipStatus> {
        match self.current(now, uuid)? {
            Current::Record { fields, .. } => Some(fields.status),
            // A clip whose record is delayed exists.
            Current::Null => {
                let clip = self.clips.get_mut(uuid)?;
                (clip.ended.is_none() && clip.requested.is_some()).then_some(ClipStatus::Initiating)
            }
            Current::Raw(_) => Some(ClipStatus::Unknown),
        }
    }

    fn change(&mut self, uuid: &str, change: impl FnOnce(&mut RegisteredClip)) {
        if let Some(clip) = self.clips.get_mut(uuid) {
            clip.is_over = false;
            change(clip);
        }
    }
}

fn success() -> Response {
    Response::json(&json!({"error": false, "errorMsg": Value::Null, "warningMsg": Value::Null}))
}

fn no_such_clip() -> Response {
    Response::domain_failure("No such clip")
}
