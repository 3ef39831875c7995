//! The `rhombus-clips` program, run as a user runs it.

use std::path::PathBuf;
use std::process::{Command, Output};
use std::sync::OnceLock;

use rhombus_clips::ClipUuid;
use rhombus_clips_sim::Service;
use serde_json::Value;

use crate::without_credentials;

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
    let mut command = without_credentials(path);
    command.env("HOME", "/nonexistent");
    command
}

/// What the program printed, and how it exited.
pub async fn finished(mut command: Command) -> Output {
    tokio::task::spawn_blocking(move || command.output().unwrap())
        .await
        .unwrap()
}

/// The program with these arguments, at a simulated service.
pub fn at(service: &Service, arguments: &[&str]) -> Command {
    let mut command = program();
    command.args(arguments);
    command
        .env("RHOMBUS_API_KEY", service.api_key())
        .env("RHOMBUS_ENDPOINT_URL", service.base_url());
    command
}

/// What a watch of the clip printed, and how it exited.
pub async fn watch(service: &Service, uuid: &ClipUuid, more: &[&str]) -> Output {
    let uuid = uuid.to_string();
    let arguments = [&["watch", "--interval", "0.01"], more, &[&uuid]].concat();
    finished(at(service, &arguments)).await
}

/// What was printed, as text.
pub fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// What was printed on standard output, as JSON a line.
pub fn json_lines(output: &Output) -> Vec<Value> {
    text(&output.stdout)
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}
