//! Runs the `rhombus-clips` program as a user does, and reads its output.
//!
//! JSON output is validated against the schema that the program itself prints.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::{Child, Command, Output};
use std::sync::{Arc, Mutex, OnceLock};

use jsonschema::Validator;
use rhombus_clips::ClipUuid;
use rhombus_clips_sim::Service;
use serde_json::Value;

use crate::without_credentials;

/// Returns a command that runs the program without credentials in its environment. The program is
/// built on first use.
pub fn program() -> Command {
    static PATH: OnceLock<PathBuf> = OnceLock::new();
    let path = PATH.get_or_init(|| {
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

/// Runs a command to its end and returns its output.
pub async fn run_command(mut command: Command) -> Output {
    tokio::task::spawn_blocking(move || command.output().unwrap())
        .await
        .unwrap()
}

/// Returns a command that runs the program with these arguments against a simulated service.
pub fn command_for(service: &Service, arguments: &[&str]) -> Command {
    let mut command = program();
    command.args(arguments);
    command
        .env("RHOMBUS_API_KEY", service.api_key())
        .env("RHOMBUS_ENDPOINT_URL", service.base_url())
        .env("RHOMBUS_MEDIA_URL", service.media_url());
    command
}

/// Watches a clip with the program, and returns its output.
pub async fn watch(service: &Service, uuid: &ClipUuid, more: &[&str]) -> Output {
    let uuid = uuid.to_string();
    let arguments = [&["watch", "--interval", "0.01"], more, &[&uuid]].concat();
    run_command(command_for(service, &arguments)).await
}

/// Converts printed bytes to text.
pub fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// Returns the JSON lines that a watch printed, without the summary in the last line. Every line is
/// validated.
pub fn json_lines(output: &Output) -> Vec<Value> {
    let (_, events) = summary_and_events(output);
    events
}

/// Returns the summary at the end of a watch's JSON lines.
pub fn summary(output: &Output) -> Value {
    let (summary, _) = summary_and_events(output);
    summary
}

fn summary_and_events(output: &Output) -> (Value, Vec<Value>) {
    let stdout = text(&output.stdout);
    let mut lines: Vec<_> = stdout
        .lines()
        .map(|line| validated("watch", line))
        .collect();
    let summary = lines.pop().unwrap();
    assert_eq!(summary["event"], "summary", "{summary}");
    let is_summary = |line: &Value| line["event"] == "summary";
    assert!(!lines.iter().any(is_summary), "{stdout}");
    (summary, lines)
}

/// Parses JSON output of a command and validates it.
pub fn validated(command: &'static str, json: &str) -> Value {
    let value = serde_json::from_str(json).unwrap();
    if let Err(error) = validator(command).validate(&value) {
        panic!("{error} at {}: {value}", error.instance_path());
    }
    value
}

/// Returns the validator for the JSON output of a command.
pub fn validator(command: &'static str) -> Arc<Validator> {
    static VALIDATORS: Mutex<BTreeMap<&str, Arc<Validator>>> = Mutex::new(BTreeMap::new());
    let mut validators = VALIDATORS.lock().unwrap();
    let build = || {
        let mut schema = schema(command);
        // The schema permits unknown properties, for later versions; this version must not print
        // any.
        let events = schema.get_mut("oneOf").and_then(Value::as_array_mut);
        for event in events.into_iter().flatten() {
            event["unevaluatedProperties"] = false.into();
        }
        Arc::new(jsonschema::validator_for(&schema).unwrap())
    };
    validators.entry(command).or_insert_with(build).clone()
}

/// Returns the schema of a command's JSON output, as printed by the program.
pub fn schema(command: &str) -> Value {
    let output = program().args(["schema", command]).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Sends a signal, such as `INT`, to a running program.
#[cfg(unix)]
pub fn signal(child: &Child, name: &str) {
    let command = format!("kill -{name} {}", child.id());
    let status = Command::new("sh").args(["-c", &command]).status().unwrap();
    assert!(status.success());
}
