//! The `rhombus-clips` program, run as a user runs it.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::{Child, Command, Output};
use std::sync::{Arc, Mutex, OnceLock};

use jsonschema::Validator;
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

/// What a watch printed on standard output as JSON, but for the summary, which is the last line.
/// Every line is as the schema says.
pub fn json_lines(output: &Output) -> Vec<Value> {
    let (_, events) = summary_and_events(output);
    events
}

/// The summary at the end of a watch's JSON.
pub fn summary(output: &Output) -> Value {
    let (summary, _) = summary_and_events(output);
    summary
}

fn summary_and_events(output: &Output) -> (Value, Vec<Value>) {
    let shown = text(&output.stdout);
    let mut lines: Vec<_> = shown.lines().map(|line| checked("watch", line)).collect();
    let summary = lines.pop().unwrap();
    assert_eq!(summary["event"], "summary", "{summary}");
    let is_summary = |line: &Value| line["event"] == "summary";
    assert!(!lines.iter().any(is_summary), "{shown}");
    (summary, lines)
}

/// The JSON text, which is as the schema of this command's output says.
pub fn checked(command: &'static str, json: &str) -> Value {
    let value = serde_json::from_str(json).unwrap();
    if let Err(error) = validator(command).validate(&value) {
        panic!("{error} at {}: {value}", error.instance_path());
    }
    value
}

/// Checks what a command prints against the schema that the program itself prints.
pub fn validator(command: &'static str) -> Arc<Validator> {
    static MADE: Mutex<BTreeMap<&str, Arc<Validator>>> = Mutex::new(BTreeMap::new());
    let mut made = MADE.lock().unwrap();
    let make = || {
        let mut schema = schema(command);
        // The program prints nothing that the schema does not name, though others are to expect
        // that a later one does.
        let events = schema.get_mut("oneOf").and_then(Value::as_array_mut);
        for event in events.into_iter().flatten() {
            event["unevaluatedProperties"] = false.into();
        }
        Arc::new(jsonschema::validator_for(&schema).unwrap())
    };
    made.entry(command).or_insert_with(make).clone()
}

/// The schema of what a command prints.
pub fn schema(command: &str) -> Value {
    let output = program().args(["schema", command]).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Sends a signal, such as `INT`, to a program that was started.
#[cfg(unix)]
pub fn signal(child: &Child, name: &str) {
    let command = format!("kill -{name} {}", child.id());
    let sent = Command::new("sh").args(["-c", &command]).status().unwrap();
    assert!(sent.success());
}
