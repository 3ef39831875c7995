//! The operations on cameras.

use super::fields::{Fields, Invalid, without_facet};
use super::simulation::Simulation;
use crate::camera::{Camera, RegisteredCamera};
use crate::response::Response;
use serde_json::{Value, json};
use std::time::Duration;

impl Simulation {
    pub(crate) fn add_camera(&mut self, uuid: Option<String>, camera: Camera) -> String {
        let index = self.cameras.len() as u64;
        let epoch_ms = self.unix_ms(Duration::ZERO);
        let camera = RegisteredCamera::new(camera, uuid, self.settings.seed, index, epoch_ms);
        let uuid = camera.uuid.clone();
        self.cameras.retain(|other| other.uuid != uuid);
        self.cameras.push(camera);
        uuid
    }

    pub(super) fn list_cameras(&self, fields: Fields<'_>) -> Result<Response, Invalid> {
        fields.boolean("includeMummified")?;
        let records: Vec<Value> = self.cameras.iter().map(RegisteredCamera::record).collect();
        Ok(Response::json(&json!({"cameraStates": records})))
    }

    pub(super) fn get_presence(
        &self,
        now: Duration,
        fields: Fields<'_>,
    ) -> Result<Response, Invalid> {
        let uuid = fields.required_text("cameraUuid")?;
        let start = fields.long("startTimeSec")?.ok_or(Invalid::Missing)?;
        let duration = fields.long("durationSec")?.ok_or(Invalid::Missing)?;
        // A facet is not part of an RUUID.
        if uuid.contains('.') {
            return Err(Invalid::Malformed);
        }
        let Some(camera) = self.camera(uuid) else {
            return Ok(Response::domain_failure("No such camera"));
        };
        let range = start..start.saturating_add(duration);
        let windows = camera.presence(&range, self.unix_ms(now) / 1000);
        Ok(Response::json(&json!({"presenceWindows": windows})))
    }

    /// Returns the camera of a device, whatever its facet is.
    pub(super) fn camera(&self, device: &str) -> Option<&RegisteredCamera> {
        let uuid = without_facet(device);
        self.cameras.iter().find(|camera| camera.uuid == uuid)
    }
}
