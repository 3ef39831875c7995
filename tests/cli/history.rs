//! Tests of the statistics that the program keeps: their place, their use, and their removal.

#![cfg(target_os = "linux")]

use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use rhombus_clips_sim::{Clip, ClipStatus, Service, Step};
use rhombus_clips_tests::program::*;
use rhombus_clips_tests::{add, complete, rendering};
use serde_json::Value;
use tempfile::TempDir;

/// A state directory.
struct State(TempDir);

impl State {
    fn new() -> Self {
        Self(TempDir::new().unwrap())
    }

    fn folder(&self) -> PathBuf {
        self.0.path().join("rhombus-clips/history")
    }

    fn apply(&self, mut command: Command) -> Command {
        command
            .env("HOME", self.0.path())
            .env("XDG_STATE_HOME", self.0.path())
            .env_remove("RHOMBUS_HISTORY");
        command
    }

    /// Watches a new clip that is in progress for one poll.
    async fn watch(&self, service: &Service, more: &[&str]) -> Output {
        let uuid = add(service, Clip::by_request([rendering(40), complete()])).to_string();
        let arguments = [&["watch", "--json", &uuid], more].concat();
        let output = run_command(self.apply(command_for(service, &arguments))).await;
        assert_eq!(output.status.code(), Some(0), "{output:?}");
        output
    }

    async fn history(&self, arguments: &[&str]) -> String {
        let mut command = program();
        command.arg("history").args(arguments);
        let output = run_command(self.apply(command)).await;
        assert_eq!(output.status.code(), Some(0), "{output:?}");
        text(&output.stdout)
    }

    async fn entries(&self) -> Vec<Value> {
        let lines = self.history(&["show", "--json"]).await;
        let entries = lines.lines().map(|line| validated("history", line));
        entries.collect()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn runs_add_to_the_file_of_the_organization() {
    let service = Service::start().await.unwrap();
    let state = State::new();
    for clips in 1..3 {
        state.watch(&service, &[]).await;
        let [entry] = &state.entries().await[..] else {
            panic!("one organization");
        };
        assert_eq!(entry["clips"], clips);
        assert!(entry["organization"].is_string(), "{entry}");
        let path = entry["path"].as_str().unwrap();
        assert!(PathBuf::from(path).starts_with(state.folder()), "{path}");
    }
    let shown = state.history(&[]).await;
    assert!(
        shown.starts_with("127.0.0.1-") && shown.contains(" 2 clips"),
        "{shown}"
    );
    let path = state.history(&["path"]).await;
    assert_eq!(path.trim_end(), state.folder().to_str().unwrap());
    state.history(&["clear"]).await;
    assert!(!state.folder().exists());
    assert_eq!(state.history(&[]).await, "");
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_kept_if_it_is_off_or_the_service_is_simulated() {
    let service = Service::start().await.unwrap();
    let state = State::new();
    state.watch(&service, &["--no-history"]).await;
    let uuid = add(&service, Clip::by_request([rendering(40), complete()])).to_string();
    let mut command = state.apply(command_for(&service, &["watch", &uuid]));
    command.env("RHOMBUS_HISTORY", "false");
    assert_eq!(run_command(command).await.status.code(), Some(0));
    let mut simulated = program();
    simulated.args(["watch", "--simulate", "late"]);
    let output = run_command(state.apply(simulated)).await;
    assert_eq!(output.status.code(), Some(0));
    assert!(!state.folder().exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_watch_that_is_interrupted_keeps_what_it_learned() {
    let service = Service::start().await.unwrap();
    let state = State::new();
    let upload = |percent| Step::new(ClipStatus::Uploading).percent(percent);
    let steps = [upload(40), upload(80), rendering(10)];
    let uuid = add(&service, Clip::by_request(steps)).to_string();
    let mut command = state.apply(command_for(&service, &["watch", "--json", &uuid]));
    let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
    let stdout = BufReader::new(child.stdout.take().unwrap());
    let ended = tokio::task::spawn_blocking(move || {
        let mut lines = stdout.lines().map(Result::unwrap);
        assert!(lines.any(|line| line.contains("RENDERING")));
        signal(&child, "INT");
        lines.for_each(drop);
        child.wait().unwrap()
    });
    assert_eq!(ended.await.unwrap().code(), Some(130));
    assert_eq!(state.entries().await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_file_costs_nothing_but_what_it_had() {
    let service = Service::start().await.unwrap();
    let state = State::new();
    state.watch(&service, &[]).await;
    let path = state.entries().await[0]["path"].clone();
    std::fs::write(path.as_str().unwrap(), "no JSON").unwrap();
    assert!(state.entries().await[0]["error"].is_string());
    let output = state.watch(&service, &[]).await;
    assert_eq!(text(&output.stderr), "");
    assert_eq!(state.entries().await[0]["clips"], 1);
}
