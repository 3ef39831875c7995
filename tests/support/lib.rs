//! Support code shared by the workspace's integration tests.
//!
//! The tests themselves are the binaries listed in this package's manifest.

pub mod canary;
#[cfg(unix)]
pub mod config_home;
pub mod contract;
pub mod failures;
pub mod fragment;
pub mod goaway;
pub mod http2;
pub mod json_paths;
pub mod operations;
pub mod program;
pub mod public_api;
mod rust_format;
pub mod telemetry;
pub mod tls;

use std::error::Error as _;
use std::path::Path;
use std::process::Command;

use rhombus_clips::{Client, ClipUuid, Error};
use rhombus_clips_sim::{Clip, ClipStatus, Service, Step};

/// Builds a client of the simulated service.
pub fn client_for(service: &Service) -> Client {
    Client::builder()
        .api_key(service.api_key())
        .base_url(service.base_url())
        .media_url(service.media_url())
        .build()
        .unwrap()
}

/// Registers a clip with the simulated service and returns its UUID.
pub fn add(service: &Service, clip: impl Into<Clip>) -> ClipUuid {
    service.add(clip).parse().unwrap()
}

/// Returns everything that an error exposes as text: its message, body, debug output and causes.
pub fn error_text(error: &Error) -> String {
    let mut error_text = format!("{error} {error:?} {}", error.body().unwrap_or_default());
    for cause in causes(error) {
        error_text.push_str(&format!(" {cause} {cause:?}"));
    }
    error_text
}

/// Returns the causes of an error, outermost first.
pub fn causes(error: &Error) -> impl Iterator<Item = &(dyn std::error::Error + 'static)> {
    std::iter::successors(error.source(), |cause| (*cause).source())
}

/// Returns a command without credentials in its environment.
pub fn without_credentials(program: &Path) -> Command {
    let mut command = Command::new(program);
    command
        .env_remove("RHOMBUS_API_KEY")
        .env_remove("RHOMBUS_PROFILE")
        .env_remove("RHOMBUS_OUTPUT")
        .env_remove("RHOMBUS_ENDPOINT_URL")
        .env_remove("RHOMBUS_MEDIA_URL")
        .env_remove("XDG_STATE_HOME")
        // What one test learns must not change another.
        .env("RHOMBUS_HISTORY", "false");
    command
}

/// A step of a clip that is rendering.
pub fn rendering(percent: i64) -> Step {
    Step::new(ClipStatus::Rendering)
        .percent(percent)
        .operation("Processing video")
}

/// The final step of a complete clip.
pub fn complete() -> Step {
    Step::new(ClipStatus::Complete)
        .percent(100)
        .operation("Complete")
}

/// Returns the SHA-256 of these bytes in hexadecimal, by another implementation than that of the library and the
/// simulated service.
pub fn sha256_hex(bytes: &[u8]) -> String {
    use tokio_rustls::rustls::crypto::aws_lc_rs;
    let suite = aws_lc_rs::cipher_suite::TLS13_AES_128_GCM_SHA256;
    let suite = suite.tls13().unwrap();
    let hash = suite.common.hash_provider.hash(bytes);
    hash.as_ref()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}
