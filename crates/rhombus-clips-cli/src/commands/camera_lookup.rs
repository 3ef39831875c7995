//! Cameras that are named on the command line.

use rhombus_clips::{Client, DeviceFacetUuid, Error};

use crate::client::short_retry;
use crate::text::sanitize_line;

/// A camera, or one of its streams, of the command line.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct NamedCamera {
    pub(super) device: DeviceFacetUuid,
    /// Name of the camera, if it is known.
    pub(super) name: Option<String>,
}

impl NamedCamera {
    /// Returns a text for the user.
    pub(super) fn label(&self) -> String {
        match &self.name {
            Some(name) => format!("\"{}\"", sanitize_line(name)),
            None => self.device.to_string(),
        }
    }
}

/// Finds the cameras that these texts name: by UUID, by name, or by a part of the name.
///
/// A UUID need not be in the list of cameras, which lacks those out of service and may not be
/// permitted to the API key.
pub(super) async fn find_cameras(
    client: &Client,
    texts: &[String],
) -> Result<Vec<NamedCamera>, Error> {
    if texts.is_empty() {
        return Ok(Vec::new());
    }
    let devices: Vec<Option<DeviceFacetUuid>> =
        texts.iter().map(|text| text.parse().ok()).collect();
    let cameras = match client.cameras().retry(short_retry()).await {
        Ok(cameras) => cameras,
        Err(_) if devices.iter().all(Option::is_some) => Default::default(),
        Err(error) => return Err(error),
    };
    let find = |(text, device): (&String, Option<DeviceFacetUuid>)| match device {
        Some(device) => {
            let camera = cameras.iter().find(|it| it.uuid() == device.camera());
            let name = camera.and_then(|camera| camera.name());
            let name = name.map(str::to_owned);
            Ok(NamedCamera { device, name })
        }
        None => cameras.find(text).map(|camera| NamedCamera {
            device: camera.into(),
            name: camera.name().map(str::to_owned),
        }),
    };
    texts.iter().zip(devices).map(find).collect()
}
