//! Cameras of the simulated service.

use rhombus_clips_sim::{Service, camera};

/// Names of the cameras that are online.
const ONLINE: [&str; 2] = ["Loading dock", "Front door"];
/// Name of the camera that is offline. The footage of all but its last moments is in the cloud.
const OFFLINE: &str = "Warehouse aisle 12";

/// Adds the cameras. Their order determines what a seed produces, so append new ones.
pub(crate) fn register(service: &Service) {
    for name in ONLINE {
        service.add_camera(camera(name));
    }
    service.add_camera(camera(OFFLINE).offline());
}
