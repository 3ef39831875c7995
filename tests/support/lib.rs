//! What the workspace's tests share.

pub mod contract;
pub mod fragment;
pub mod outline;
pub mod places;
mod rust_text;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use rhombus_clips::{Client, ClipUuid};
use rhombus_clips_sim::{Clip, Service};

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

/// The `rhombus-clips` program, built as a user builds it, with no credentials around.
pub fn program() -> Command {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    let path = BUILT.get_or_init(|| {
        let build = escargot::CargoBuild::new()
            .package("rhombus-clips-cli")
            .bin("rhombus-clips");
        build
            .manifest_path(xtask::workspace::root().join("Cargo.toml"))
            .run()
            .unwrap()
            .path()
            .to_owned()
    });
    without_credentials(path)
}

/// A command that finds no credentials in its environment.
pub fn without_credentials(program: &Path) -> Command {
    let mut command = Command::new(program);
    command
        .env_remove("RHOMBUS_API_KEY")
        .env_remove("RHOMBUS_ENDPOINT_URL");
    command
}
