//! Interrupting and resuming `rhombus-clips watch`.
//!
//! Tests of the checkpoint file across runs of the program: signals, `kill -9`, closed pipes, and
//! files that cannot be read or written. Signals make them specific to Unix.

#![cfg(unix)]

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Output, Stdio};

use rhombus_clips::{Checkpoint, ClipUuid};
use rhombus_clips_sim::{Clip, ClipStatus, Response, Service, Step};
use rhombus_clips_tests::program::*;
use rhombus_clips_tests::{add, complete, rendering};
use serde_json::{Value, json};
use tempfile::TempDir;

/// Adds a clip that renders until [`complete_next`].
fn add_endless(service: &Service) -> ClipUuid {
    add(service, Clip::by_request([rendering(40)]))
}

/// Makes the next response report the clip as complete.
fn complete_next(service: &Service, uuid: ClipUuid) {
    let record = json!({"uuid": uuid.to_string(), "status": "COMPLETE"});
    service.respond_next_for(uuid, Response::json(&json!({ "clip": record })));
}

/// Starts a watch with this checkpoint file, with piped output.
fn spawn_watch(service: &Service, file: &Path, more: &[&str]) -> Child {
    let file = file.to_str().unwrap();
    let arguments = [
        "watch",
        "--interval",
        "0.01",
        "--output",
        "json",
        "--checkpoint",
        file,
    ];
    command_for(service, &[&arguments, more].concat())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// Reads the first line of a program that continues to run.
fn read_first_line(child: &mut Child) -> String {
    let mut line = String::new();
    let stdout = child.stdout.as_mut().unwrap();
    BufReader::with_capacity(1, stdout)
        .read_line(&mut line)
        .unwrap();
    line
}

/// Waits for a program and returns its output, including the first line.
fn wait_for_output(child: Child, first_line: String) -> Output {
    let mut output = child.wait_with_output().unwrap();
    output.stdout.splice(0..0, first_line.into_bytes());
    output
}

async fn run_watch(service: &Service, file: &Path, more: &[&str]) -> Output {
    let child = spawn_watch(service, file, more);
    tokio::task::spawn_blocking(move || wait_for_output(child, String::new()))
        .await
        .unwrap()
}

fn read_checkpoints(file: &Path) -> Vec<Checkpoint> {
    let content: Value = serde_json::from_slice(&fs::read(file).unwrap()).unwrap();
    assert_eq!(content["version"], 1);
    let clips = content["clips"].as_object().unwrap();
    clips
        .values()
        .map(|text| text.as_str().unwrap().parse().unwrap())
        .collect()
}

fn temp_dir() -> TempDir {
    tempfile::tempdir().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unwritable_file_is_reported_before_the_first_request() {
    let service = Service::start().await.unwrap();
    let directory = temp_dir();
    let file = directory.path().join("none").join("watch.json");
    let output = run_watch(&service, &file, &["-"]).await;
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert!(text(&output.stderr).contains("cannot be written"));
    assert_eq!(service.request_count(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_of_another_service_is_unchanged() {
    let service = Service::start().await.unwrap();
    let directory = temp_dir();
    let file = directory.path().join("watch.json");
    let uuid = add_endless(&service).to_string();
    let output = run_watch(&service, &file, &["--timeout", "0.05", &uuid]).await;
    assert_eq!(output.status.code(), Some(4), "{output:?}");
    let before = fs::read(&file).unwrap();
    let output = run_watch(
        &service,
        &file,
        &["--simulate", "--not-found-grace-period", "0"],
    )
    .await;
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert!(text(&output.stderr).contains("belongs to"), "{output:?}");
    assert_eq!(fs::read(&file).unwrap(), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interrupted_watch_resumes_from_its_file() {
    for (name, code) in [("INT", 130), ("TERM", 143)] {
        let service = Service::start().await.unwrap();
        let directory = temp_dir();
        let file = directory.path().join("watch.json");
        let (uuid, done) = (
            add_endless(&service),
            add(&service, Clip::by_request([complete()])),
        );
        let mut child = spawn_watch(&service, &file, &[&uuid.to_string(), &done.to_string()]);
        // Three requests: at least one per clip, and a second one for the endless clip.
        service.wait_for_requests(3).await;
        let output = tokio::task::spawn_blocking(move || {
            let line = read_first_line(&mut child);
            signal(&child, name);
            wait_for_output(child, line)
        });
        let output = output.await.unwrap();
        assert_eq!(output.status.code(), Some(code), "{output:?}");
        let first = summary(&output);
        assert_eq!(
            (&first["complete"], &first["unfinished"]),
            (&1.into(), &1.into())
        );
        assert_eq!(first["requests"], service.request_count());
        let stderr = text(&output.stderr);
        assert!(
            stderr.contains("1 clip unfinished; resume with: rhombus-clips watch --checkpoint ")
                && stderr.contains(file.to_str().unwrap()),
            "{stderr}"
        );
        let [checkpoint] = &read_checkpoints(&file)[..] else {
            panic!("{:?}", read_checkpoints(&file));
        };
        assert_eq!(checkpoint.clip_uuid(), uuid);
        let content = fs::read_to_string(&file).unwrap();
        assert!(!content.contains(service.api_key()), "{content}");

        let requests_before = service.request_count();
        complete_next(&service, uuid);
        let output = run_watch(&service, &file, &[]).await;
        assert_eq!(output.status.code(), Some(0), "{output:?}");
        let last = json_lines(&output).pop().unwrap();
        assert_eq!(
            (&last["event"], &last["clipUuid"]),
            (&"complete".into(), &uuid.to_string().into())
        );
        assert_eq!(last["polls"], checkpoint.polls() + 1);
        assert_eq!(
            summary(&output)["requests"],
            service.request_count() - requests_before
        );
        assert!(!file.exists());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_watch_resumes_from_its_file() {
    let service = Service::start().await.unwrap();
    let directory = temp_dir();
    let file = directory.path().join("watch.json");
    let uuid = add_endless(&service);
    let mut child = spawn_watch(&service, &file, &[&uuid.to_string()]);
    tokio::task::spawn_blocking(move || {
        read_first_line(&mut child);
        child.kill().unwrap();
        child.wait().unwrap();
    })
    .await
    .unwrap();
    assert_eq!(read_checkpoints(&file)[0].clip_uuid(), uuid);
    let added = add(&service, Clip::by_request([complete()]));
    complete_next(&service, uuid);
    let arguments = [added, added, uuid].map(|uuid| uuid.to_string());
    let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
    let output = run_watch(&service, &file, &arguments).await;
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert_eq!(summary(&output)["complete"], 2);
    assert!(!file.exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_watch_past_its_deadline_is_saved_and_can_be_extended() {
    let service = Service::start().await.unwrap();
    let directory = temp_dir();
    let file = directory.path().join("watch.json");
    let uuid = add_endless(&service);
    let failed = add(&service, Clip::by_request([Step::new(ClipStatus::Failed)]));
    let uuids = [uuid, failed].map(|uuid| uuid.to_string());
    let first = ["--timeout", "0.1", &uuids[0], &uuids[1]];
    // A resumed watch past its deadline polls once more.
    for arguments in [&first[..], &[]] {
        let output = run_watch(&service, &file, arguments).await;
        assert_eq!(output.status.code(), Some(4), "{output:?}");
        assert_eq!(read_checkpoints(&file).len(), 1);
        assert!(text(&output.stderr).contains("resume with: "), "{output:?}");
    }
    complete_next(&service, uuid);
    let output = run_watch(&service, &file, &["--timeout", "600"]).await;
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert!(!file.exists());
}

/// As with an API key of another organization, for which the service has no record of the clip.
#[tokio::test(flavor = "multi_thread")]
async fn a_clip_without_a_record_stays_in_the_file_if_it_was_seen_once() {
    let service = Service::start().await.unwrap();
    let directory = temp_dir();
    let file = directory.path().join("watch.json");
    let steps = [rendering(40), Step::null(), Step::null(), complete()];
    let uuid = add(&service, Clip::by_request(steps));
    let never_seen = add(&service, Clip::by_request([Step::null()]));
    let uuids = [uuid, never_seen].map(|uuid| uuid.to_string());
    let no_grace = ["--not-found-grace-period", "0", &uuids[0], &uuids[1]];
    for arguments in [&no_grace[..], &[]] {
        let output = run_watch(&service, &file, arguments).await;
        assert_eq!(output.status.code(), Some(6), "{output:?}");
        let stderr = text(&output.stderr);
        assert!(
            stderr.contains("clip not found any more") && stderr.contains("resume with: "),
            "{stderr}"
        );
        let saved = read_checkpoints(&file);
        let saved: Vec<_> = saved.iter().map(Checkpoint::clip_uuid).collect();
        assert_eq!(saved, [uuid]);
    }
    let output = run_watch(&service, &file, &[]).await;
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert!(!file.exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invalid_file_is_named_and_unchanged() {
    let service = Service::start().await.unwrap();
    let directory = temp_dir();
    let file = directory.path().join("notes.json");
    let uuid = add_endless(&service).to_string();
    for content in [
        "buy milk",
        "{\"name\": \"something else\"}",
        "{\"version\": 2}",
    ] {
        fs::write(&file, content).unwrap();
        let output = run_watch(&service, &file, &[&uuid]).await;
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        let stderr = text(&output.stderr);
        assert_eq!(stderr.lines().count(), 1, "{stderr}");
        assert!(
            stderr.contains("notes.json cannot be resumed: "),
            "{stderr}"
        );
        assert_eq!(fs::read_to_string(&file).unwrap(), content);
    }
    let missing = directory.path().join("none").join("watch.json");
    let output = run_watch(&service, &missing, &[&uuid]).await;
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let output = run_watch(&service, &missing, &[]).await;
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    assert!(
        text(&output.stderr).contains("nothing to watch"),
        "{output:?}"
    );
    assert_eq!(service.request_count(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closed_pipe_saves_unfinished_clips() {
    let service = Service::start().await.unwrap();
    let directory = temp_dir();
    let file = directory.path().join("watch.json");
    let steps = (0..100).map(rendering);
    let uuid = add(&service, Clip::by_request(steps));
    let mut child = spawn_watch(&service, &file, &[&uuid.to_string()]);
    let output = tokio::task::spawn_blocking(move || {
        read_first_line(&mut child);
        drop(child.stdout.take());
        child.wait_with_output().unwrap()
    });
    let output = output.await.unwrap();
    assert_eq!(output.status.code(), Some(141), "{output:?}");
    assert!(output.stderr.is_empty(), "{output:?}");
    assert!(read_checkpoints(&file)[0].polls() > 1);
}
