//! The `rhombus-clips` program, interrupted and going on.

#![cfg(unix)]

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::Path;
use std::process::{Child, Output, Stdio};

use rhombus_clips::{Checkpoint, ClipUuid};
use rhombus_clips_sim::{Clip, ClipStatus, Response, Service, Step};
use rhombus_clips_tests::program::*;
use rhombus_clips_tests::{add, complete, rendering};
use serde_json::{Value, json};
use tempfile::TempDir;

/// A clip that is rendered until it is told to be complete.
fn endless(service: &Service) -> ClipUuid {
    add(service, Clip::by_request([rendering(40)]))
}

fn let_complete(service: &Service, clip: ClipUuid) {
    let record = json!({"uuid": clip.to_string(), "status": "COMPLETE"});
    service.respond_next_for(clip, Response::json(&json!({ "clip": record })));
}

/// A watch that keeps its checkpoints in this file, with pipes.
fn watching(service: &Service, file: &Path, more: &[&str]) -> Child {
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
    at(service, &[&arguments, more].concat())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// The first line of a program that goes on.
fn first_line(child: &mut Child) -> String {
    let mut line = String::new();
    let stdout = child.stdout.as_mut().unwrap();
    BufReader::with_capacity(1, stdout)
        .read_line(&mut line)
        .unwrap();
    line
}

/// The end of a program that began with this line.
fn ended(child: Child, first_line: String) -> Output {
    let mut output = child.wait_with_output().unwrap();
    output.stdout.splice(0..0, first_line.into_bytes());
    output
}

async fn finished_watch(service: &Service, file: &Path, more: &[&str]) -> Output {
    let child = watching(service, file, more);
    tokio::task::spawn_blocking(move || ended(child, String::new()))
        .await
        .unwrap()
}

fn kept(file: &Path) -> Vec<Checkpoint> {
    let content: Value = serde_json::from_slice(&fs::read(file).unwrap()).unwrap();
    assert_eq!(content["version"], 1);
    let clips = content["clips"].as_object().unwrap();
    clips
        .values()
        .map(|text| text.as_str().unwrap().parse().unwrap())
        .collect()
}

fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_read_or_asked_when_nothing_can_be_kept() {
    let service = Service::start().await.unwrap();
    let folder = folder();
    let file = folder.path().join("none").join("watch.json");
    let output = finished_watch(&service, &file, &["-"]).await;
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert!(text(&output.stderr).contains("cannot be written"));
    assert_eq!(service.request_count(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_service_has_is_not_lost_at_another() {
    let service = Service::start().await.unwrap();
    let folder = folder();
    let file = folder.path().join("watch.json");
    let clip = endless(&service).to_string();
    let output = finished_watch(&service, &file, &["--timeout", "0.05", &clip]).await;
    assert_eq!(output.status.code(), Some(4), "{output:?}");
    let before = fs::read(&file).unwrap();
    let output = finished_watch(
        &service,
        &file,
        &["--simulate", "--not-found-grace-period", "0"],
    )
    .await;
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert!(
        text(&output.stderr).contains("keeps clips of"),
        "{output:?}"
    );
    assert_eq!(fs::read(&file).unwrap(), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interrupted_watch_goes_on_from_its_file() {
    for (name, code) in [("INT", 130), ("TERM", 143)] {
        let service = Service::start().await.unwrap();
        let folder = folder();
        let file = folder.path().join("watch.json");
        let (clip, done) = (
            endless(&service),
            add(&service, Clip::by_request([complete()])),
        );
        let mut child = watching(&service, &file, &[&clip.to_string(), &done.to_string()]);
        // The answers to three requests: both clips are known, and more was asked.
        service.wait_for_requests(3).await;
        let output = tokio::task::spawn_blocking(move || {
            let line = first_line(&mut child);
            signal(&child, name);
            ended(child, line)
        });
        let output = output.await.unwrap();
        assert_eq!(output.status.code(), Some(code), "{output:?}");
        let first = summary(&output);
        assert_eq!(
            (&first["complete"], &first["unfinished"]),
            (&1.into(), &1.into())
        );
        assert_eq!(first["requests"], service.request_count());
        let told = text(&output.stderr);
        assert!(
            told.contains("1 clip is not done; to go on: rhombus-clips watch --checkpoint ")
                && told.contains(file.to_str().unwrap()),
            "{told}"
        );
        let [checkpoint] = &kept(&file)[..] else {
            panic!("{:?}", kept(&file));
        };
        assert_eq!(checkpoint.clip_uuid(), clip);
        let content = fs::read_to_string(&file).unwrap();
        assert!(!content.contains(service.api_key()), "{content}");

        let asked = service.request_count();
        let_complete(&service, clip);
        let output = finished_watch(&service, &file, &[]).await;
        assert_eq!(output.status.code(), Some(0), "{output:?}");
        let last = json_lines(&output).pop().unwrap();
        assert_eq!(
            (&last["event"], &last["clipUuid"]),
            (&"complete".into(), &clip.to_string().into())
        );
        assert_eq!(last["polls"], checkpoint.polls() + 1);
        assert_eq!(
            summary(&output)["requests"],
            service.request_count() - asked
        );
        assert!(!file.exists());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_watch_that_was_killed_goes_on_too() {
    let service = Service::start().await.unwrap();
    let folder = folder();
    let file = folder.path().join("watch.json");
    let clip = endless(&service);
    let mut child = watching(&service, &file, &[&clip.to_string()]);
    tokio::task::spawn_blocking(move || {
        first_line(&mut child);
        child.kill().unwrap();
        child.wait().unwrap();
    })
    .await
    .unwrap();
    assert_eq!(kept(&file)[0].clip_uuid(), clip);
    let besides = add(&service, Clip::by_request([complete()]));
    let_complete(&service, clip);
    let again = [besides, besides, clip].map(|clip| clip.to_string());
    let again: Vec<_> = again.iter().map(String::as_str).collect();
    let output = finished_watch(&service, &file, &again).await;
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert_eq!(summary(&output)["complete"], 2);
    assert!(!file.exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missed_deadline_is_kept_and_may_be_put_off() {
    let service = Service::start().await.unwrap();
    let folder = folder();
    let file = folder.path().join("watch.json");
    let clip = endless(&service);
    let gone = add(&service, Clip::by_request([Step::new(ClipStatus::Failed)]));
    let clips = [clip, gone].map(|clip| clip.to_string());
    let first = ["--timeout", "0.1", &clips[0], &clips[1]];
    // At the second time there is one last look.
    for arguments in [&first[..], &[]] {
        let output = finished_watch(&service, &file, arguments).await;
        assert_eq!(output.status.code(), Some(4), "{output:?}");
        assert_eq!(kept(&file).len(), 1);
        assert!(text(&output.stderr).contains("to go on: "), "{output:?}");
    }
    let_complete(&service, clip);
    let output = finished_watch(&service, &file, &["--timeout", "600"]).await;
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert!(!file.exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_none_is_named_and_left_alone() {
    let service = Service::start().await.unwrap();
    let folder = folder();
    let file = folder.path().join("notes.json");
    let clip = endless(&service).to_string();
    for content in ["", "{\"name\": \"something else\"}", "{\"version\": 2}"] {
        fs::write(&file, content).unwrap();
        let output = finished_watch(&service, &file, &[&clip]).await;
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        let told = text(&output.stderr);
        assert_eq!(told.lines().count(), 1, "{told}");
        assert!(told.contains("notes.json cannot be gone on from"), "{told}");
        assert_eq!(fs::read_to_string(&file).unwrap(), content);
    }
    let nowhere = folder.path().join("none").join("watch.json");
    let output = finished_watch(&service, &nowhere, &[&clip]).await;
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let output = finished_watch(&service, &nowhere, &[]).await;
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    assert!(
        text(&output.stderr).contains("nothing to watch"),
        "{output:?}"
    );
    assert_eq!(service.request_count(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closed_pipe_keeps_what_is_not_done() {
    let service = Service::start().await.unwrap();
    let folder = folder();
    let file = folder.path().join("watch.json");
    let lives = (0..100).map(rendering);
    let clip = add(&service, Clip::by_request(lives));
    let mut child = watching(&service, &file, &[&clip.to_string()]);
    let output = tokio::task::spawn_blocking(move || {
        first_line(&mut child);
        drop(child.stdout.take());
        child.wait_with_output().unwrap()
    });
    let output = output.await.unwrap();
    assert_eq!(output.status.code(), Some(141), "{output:?}");
    assert!(output.stderr.is_empty(), "{output:?}");
    assert!(kept(&file)[0].polls() > 1);
}

/// What is written is more than a pipe takes, and nobody reads it: the first signal is not seen.
#[tokio::test(flavor = "multi_thread")]
async fn a_second_signal_ends_the_program_whatever_it_does() {
    let service = Service::start().await.unwrap();
    let long = |letter: &str| rendering(1).operation(letter.repeat(200_000));
    let clip = add(&service, Clip::by_request([long("a"), long("b")])).to_string();
    let mut child = at(&service, &["watch", "--output", "json", &clip])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let code = tokio::task::spawn_blocking(move || {
        // It is in the middle of a line.
        let mut beginning = [0; 1];
        let stdout = child.stdout.as_mut().unwrap();
        stdout.read_exact(&mut beginning).unwrap();
        signal(&child, "INT");
        assert_eq!(child.try_wait().unwrap(), None);
        signal(&child, "INT");
        child.wait().unwrap().code()
    });
    assert_eq!(code.await.unwrap(), Some(130));
}
