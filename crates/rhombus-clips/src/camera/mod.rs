//! Cameras: their identifiers, their state, and their search by name.

mod device;
mod list;

use std::fmt;

use rhombus_clips_api::types::{DeviceStatus, MinimalDeviceState};

pub use device::{
    CameraUuid, DeviceFacetUuid, Facet, ParseCameraUuidError, ParseDeviceFacetUuidError,
};
pub use list::Cameras;

use crate::text::present;

/// A camera and its state, from [`Client::cameras`](crate::Client::cameras).
///
/// ```
/// # rhombus_clips_sim::example!(service, client, uuid, clip().renders_in(30.s()), {
/// # service.add_camera(camera("Loading dock"));
/// for camera in client.cameras().await? {
///     println!("{} {:?} online: {:?}", camera.uuid(), camera.name(), camera.is_online());
///     println!("streams: {:?}, model: {:?}", camera.facets(), camera.record().hw_variation);
/// }
/// # });
/// ```
#[derive(Clone, PartialEq)]
pub struct Camera {
    uuid: CameraUuid,
    record: Box<MinimalDeviceState>,
}

impl Camera {
    fn new(uuid: CameraUuid, record: MinimalDeviceState) -> Self {
        Self {
            uuid,
            record: Box::new(record),
        }
    }

    /// Identifier of the camera.
    pub fn uuid(&self) -> CameraUuid {
        self.uuid
    }

    /// Name of the camera, which need not be unique.
    pub fn name(&self) -> Option<&str> {
        present(self.record.name.as_deref()?)
    }

    /// Returns whether the service reaches the camera; `None` if it does not say.
    ///
    /// The service gives a color, whose meaning is undocumented: `RED` counts as not reachable, by the name
    /// that the service gives to a device's poor health, and `GREEN`, `YELLOW` and `ORANGE` as reachable.
    /// A color unknown to this version is `None`.
    pub fn is_online(&self) -> Option<bool> {
        match self.record.connection_status.as_ref()? {
            DeviceStatus::Red => Some(false),
            DeviceStatus::Orange | DeviceStatus::Yellow | DeviceStatus::Green => Some(true),
            _ => None,
        }
    }

    /// Video and audio streams of the camera that this version knows; empty if the service lists none.
    pub fn facets(&self) -> Vec<Facet> {
        let facets = self.record.supported_facets.iter().flatten().flatten();
        facets
            .filter_map(|facet| facet.as_str().parse().ok())
            .collect()
    }

    /// The complete record of the service.
    pub fn record(&self) -> &MinimalDeviceState {
        &self.record
    }
}

impl fmt::Debug for Camera {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Camera")
            .field("uuid", &self.uuid)
            .field("name", &self.name())
            .field("is_online", &self.is_online())
            .finish_non_exhaustive()
    }
}

impl From<&Camera> for DeviceFacetUuid {
    fn from(camera: &Camera) -> Self {
        camera.uuid.into()
    }
}
