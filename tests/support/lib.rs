//! What the workspace's tests share.

pub mod contract;
pub mod fragment;
pub mod outline;
pub mod places;
pub mod program;
mod rust_text;

use std::path::Path;
use std::process::Command;

use rhombus_clips::{Client, ClipUuid};
use rhombus_clips_sim::{Clip, ClipStatus, Service, Step};

/// A client of the simulated service.
pub fn client_of(service: &Service) -> Client {
    Client::builder()
        .api_key(service.api_key())
        .base_url(service.base_url())
        .build()
        .unwrap()
}

/// Registers a clip with the simulated service.
pub fn add(service: &Service, clip: impl Into<Clip>) -> ClipUuid {
    service.add(clip).parse().unwrap()
}

/// A command that finds no credentials in its environment.
pub fn without_credentials(program: &Path) -> Command {
    let mut command = Command::new(program);
    command
        .env_remove("RHOMBUS_API_KEY")
        .env_remove("RHOMBUS_ENDPOINT_URL");
    command
}

/// A step of a clip whose video is being processed.
pub fn rendering(percent: i64) -> Step {
    Step::new(ClipStatus::Rendering)
        .percent(percent)
        .operation("Processing video")
}

/// The step of a finished clip.
pub fn complete() -> Step {
    Step::new(ClipStatus::Complete)
        .percent(100)
        .operation("Complete")
}
