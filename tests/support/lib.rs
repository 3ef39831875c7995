//! What the workspace's tests share.

pub mod canary;
pub mod contract;
pub mod failures;
pub mod fragment;
#[cfg(unix)]
pub mod home;
pub mod http2;
pub mod outline;
pub mod places;
pub mod program;
mod rust_text;
pub mod telemetry;
pub mod tls;

use std::error::Error as _;
use std::path::Path;
use std::process::Command;

use rhombus_clips::{Client, ClipUuid, Error};
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

/// Everything that an error shows: itself, what came with it, and its causes.
pub fn shown(error: &Error) -> String {
    let mut shown = format!("{error} {error:?} {}", error.body().unwrap_or_default());
    for cause in causes(error) {
        shown.push_str(&format!(" {cause} {cause:?}"));
    }
    shown
}

/// What an error was caused by, outermost first.
pub fn causes(error: &Error) -> impl Iterator<Item = &(dyn std::error::Error + 'static)> {
    std::iter::successors(error.source(), |cause| (*cause).source())
}

/// A command that finds no credentials in its environment.
pub fn without_credentials(program: &Path) -> Command {
    let mut command = Command::new(program);
    command
        .env_remove("RHOMBUS_API_KEY")
        .env_remove("RHOMBUS_PROFILE")
        .env_remove("RHOMBUS_OUTPUT")
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
