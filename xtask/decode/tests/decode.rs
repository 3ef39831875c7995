//! End-to-end tests of `cargo xtask decode`: output and exit codes.

#![allow(clippy::unwrap_used, reason = "panics are the test failures")]

use std::fs;
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

fn decode(text: &str) -> Output {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("responses.jsonl"), text).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_xtask-decode"));
    command
        .arg("responses.jsonl")
        .current_dir(folder.path())
        .output()
        .unwrap()
}

#[test]
fn responses_with_and_without_issues_are_counted() {
    let output = decode(
        "{\"clip\": {\"status\": \"COMPLETE\"}}\n\n{\"clip\": null}\n\
         {\"clip\": {\"title\": {}, \"deviceUuids\": [1, \"a\", 2]}}\n{\"clip\": {\"title\": {}}}",
    );
    assert_eq!(
        String::from_utf8(output.stdout).unwrap(),
        "\
responses        4
clean            2
with issues      2
                 2  /clip/deviceUuids/*: expected a string, found a number
                 2  /clip/title: expected a string, found an object
failed           0
"
    );
    assert_eq!(output.status.code(), Some(0));
}

#[test]
fn failed_response_is_reported_with_its_line() {
    let output = decode("{\"clip\": {}}\n{\"clip\": 5}\n<html>\n");
    let shown = String::from_utf8(output.stdout).unwrap();
    assert!(
        shown.contains(
            "failed           2\n           line 2: /clip: expected an object, found a number"
        ),
        "{shown}"
    );
    assert!(shown.contains("line 3: expected value"), "{shown}");
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn only_the_first_failures_are_listed() {
    let shown = String::from_utf8(decode(&"x\n".repeat(25)).stdout).unwrap();
    assert!(shown.ends_with("           and 5 more\n"), "{shown}");
}

#[test]
fn missing_file_is_an_error() {
    let output = Command::new(env!("CARGO_BIN_EXE_xtask-decode"))
        .arg("missing.jsonl")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(
        String::from_utf8(output.stderr)
            .unwrap()
            .starts_with("error: missing.jsonl: ")
    );
}

#[test]
fn same_issue_under_different_map_keys_is_counted_once() {
    let interval = r#"[{"startMs": 1, "endMs": 2}, 5]"#;
    let body = |device: &str| {
        format!(
            "{{\"clip\": {{\"deviceIntervalMap\": {{\"{device}\": {interval}}}, \
             \"deviceUuidMap\": {{\"{device}\": {{\"region\": 5}}}}, \
             \"devicePresentationOrder\": 7}}}}\n"
        )
    };
    let output = decode(&(body("AAAAAAAAAAAAAAAAAAAAAA.v0") + &body("7")));
    assert_eq!(
        String::from_utf8(output.stdout).unwrap(),
        "\
responses        2
clean            0
with issues      2
                 2  /clip/deviceIntervalMap/*/*: expected an object, found a number
                 2  /clip/devicePresentationOrder: expected an array, found a number
                 2  /clip/deviceUuidMap/*/region: expected a string, found a number
failed           0
"
    );
}

#[cfg(unix)]
#[test]
fn non_utf8_path_is_accepted() {
    use std::os::unix::ffi::OsStrExt as _;

    let folder = TempDir::new().unwrap();
    let path = folder
        .path()
        .join(std::ffi::OsStr::from_bytes(b"\xff.jsonl"));
    fs::write(&path, "{}\n").unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_xtask-decode"));
    let output = command.arg(&path).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
}

#[cfg(unix)]
#[test]
fn closed_stdout_is_not_an_error() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_xtask-decode"))
        .arg("-")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    drop(child.stdin.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(String::from_utf8(output.stderr).unwrap(), "");
    assert_eq!(output.status.code(), Some(0));
}
