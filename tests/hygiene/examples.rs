//! Runs the programs in `crates/rhombus-clips/examples` as a user does, against the simulated
//! service.
//!
//! `first_export` is the README's example and is tested with it; `watch_with_bar` needs a terminal.

use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, SystemTime};
use std::{env, fs, process};

use rhombus_clips::{Checkpoint, ClipUuid};
use rhombus_clips_sim::prelude::*;
use rhombus_clips_tests::{complete, rendering, without_credentials};
use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};
use tokio::time::timeout;

const FIRST: ClipUuid = ClipUuid::from_bytes([1; 16]);
const SECOND: ClipUuid = ClipUuid::from_bytes([2; 16]);

/// Builds an example and returns a command that runs it with the credentials of the service.
fn example(name: &str, service: &Service) -> Command {
    let build = escargot::CargoBuild::new()
        .package("rhombus-clips")
        .example(name)
        .manifest_path(xtask::workspace::root().join("Cargo.toml"));
    let mut command = Command::from(without_credentials(build.run().unwrap().path()));
    command
        .env("RHOMBUS_API_KEY", service.api_key())
        .env("RHOMBUS_ENDPOINT_URL", service.base_url())
        .env("RHOMBUS_MEDIA_URL", service.media_url())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .kill_on_drop(true);
    command
}

fn stdout_lines(child: &mut Child) -> Lines<BufReader<ChildStdout>> {
    BufReader::new(child.stdout.take().unwrap()).lines()
}

async fn start_with(clips: [(ClipUuid, Vec<Step>); 2]) -> Service {
    let mut service = Service::start().await.unwrap();
    for (uuid, steps) in clips {
        service = service.with_clip(uuid, clip().by_request(steps));
    }
    service
}

#[test]
fn every_example_is_listed_with_its_command() {
    let directory = xtask::workspace::root().join("crates/rhombus-clips/examples");
    let list = fs::read_to_string(directory.join("README.md")).unwrap();
    for entry in fs::read_dir(directory).unwrap() {
        let file = entry.unwrap().file_name().into_string().unwrap();
        if let Some(name) = file.strip_suffix(".rs") {
            assert!(list.contains(&format!("| [`{file}`]({file}) |")), "{file}");
            let command = format!("\ncargo run -p rhombus-clips --example {name}");
            assert!(list.contains(&command), "{file}");
        }
    }
}

/// Starts a service whose time is that of the examples, with a camera.
async fn start_with_camera() -> Service {
    let service = Service::builder().start_time(SystemTime::now()).speed(60.0);
    let service = service.start().await.unwrap();
    service.add_camera(camera("Loading dock"));
    service
}

/// Returns the names of the files in a directory, in order.
fn file_names(directory: &Path) -> Vec<String> {
    let entries = fs::read_dir(directory).unwrap();
    let mut names: Vec<_> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[tokio::test]
async fn export_continues_after_it_was_killed() {
    let service = start_with_camera().await;
    let folder = tempfile::tempdir().unwrap();
    let arguments = ["dock", "-900", "-600"];
    let mut child = example("export", &service)
        .arg(folder.path())
        .args(arguments)
        .spawn()
        .unwrap();
    let mut lines = stdout_lines(&mut child);
    while let Some(line) = lines.next_line().await.unwrap() {
        if line.starts_with("requested ") {
            break;
        }
    }
    child.kill().await.unwrap();
    let names = file_names(folder.path());
    assert!(names.contains(&"export.checkpoint".to_owned()), "{names:?}");

    let second = example("export", &service)
        .arg(folder.path())
        .args(arguments)
        .output()
        .await
        .unwrap();
    let stdout = String::from_utf8(second.stdout).unwrap();
    assert!(second.status.success(), "{stdout}");
    assert!(stdout.starts_with("resuming "), "{stdout}");
    assert!(
        stdout.contains("\nverified     SHA-256 verified\n"),
        "{stdout}"
    );
    // One request, one file, and nothing beside it.
    assert_eq!(service.created_clips().len(), 1);
    let names = file_names(folder.path());
    assert_eq!(names.len(), 1, "{names:?}");
    assert!(names[0].ends_with(".mp4"), "{names:?}");
    let path = folder.path().join(&names[0]);
    assert!(stdout.contains(&path.display().to_string()), "{stdout}");
}

#[tokio::test]
async fn watch_prints_the_size_of_the_complete_clip() {
    let complete_clip = vec![complete().with("byteCount", 1234)];
    let service = start_with([(FIRST, complete_clip), (SECOND, vec![])]).await;
    let output = example("watch", &service)
        .arg(FIRST.to_string())
        .output()
        .await
        .unwrap();
    assert_eq!(String::from_utf8(output.stdout).unwrap(), "1234 bytes\n");
}

#[tokio::test]
async fn create_requests_a_clip_and_waits_for_it() {
    let service = start_with_camera().await;
    let mut child = example("create", &service).arg("dock").spawn().unwrap();
    let mut lines = stdout_lines(&mut child);
    let mut printed = Vec::new();
    while let Some(line) = lines.next_line().await.unwrap() {
        printed.push(
            line.split_whitespace()
                .next()
                .unwrap_or_default()
                .to_owned(),
        );
    }
    assert_eq!(printed, ["intent", "footage", "requested", "complete"]);
    assert_eq!(service.created_clips().len(), 1);
}

#[tokio::test]
async fn get_prints_the_properties_of_a_clip() {
    let complete_clip = complete()
        .with("title", "Dock")
        .with("byteCount", 1234)
        .with("durationSec", 60)
        .with("sha256Hex", "00ff");
    let service = start_with([(FIRST, vec![complete_clip]), (SECOND, vec![])]).await;
    let output = example("get", &service)
        .arg(FIRST.to_string())
        .output()
        .await
        .unwrap();
    let stdout = String::from_utf8(output.stdout).unwrap();
    for line in [
        "title      Dock",
        "status     COMPLETE",
        "operation  Complete 100 %",
        "length     60 s",
        "size       1234 bytes",
        "sha256     00ff",
    ] {
        assert!(
            stdout.lines().any(|stdout| stdout == line),
            "{line}: {stdout}"
        );
    }
}

#[tokio::test]
async fn watch_many_accepts_clips_while_it_runs() {
    let complete_clip = vec![complete().with("byteCount", 1234)];
    let failed = vec![Step::new(ClipStatus::Failed)];
    let service = start_with([(FIRST, complete_clip), (SECOND, failed)]).await;
    let mut child = example("watch_many", &service)
        .arg(FIRST.to_string())
        .stdin(Stdio::piped())
        .stderr(Stdio::null()) // Progress messages.
        .spawn()
        .unwrap();
    let mut stdout = stdout_lines(&mut child);
    let first = stdout.next_line().await.unwrap().unwrap();
    assert_eq!(first, format!("{FIRST} 1234 bytes"));

    // The initial clip is complete, and the program still accepts others.
    let mut stdin = child.stdin.take().unwrap();
    let more = format!("rubbish\n{SECOND}\n");
    stdin.write_all(more.as_bytes()).await.unwrap();
    let second = stdout.next_line().await.unwrap().unwrap();
    assert!(
        second.starts_with(&format!("{SECOND} clip failed")),
        "{second}"
    );

    drop(stdin);
    assert!(child.wait().await.unwrap().success());
    service.verify(FIRST).count(1);
    service.verify(SECOND).count(1);
}

#[cfg(unix)]
#[tokio::test]
async fn resume_continues_after_an_interrupt() {
    let service = start_with([(FIRST, vec![rendering(40), complete()]), (SECOND, vec![])]).await;
    let file = env::temp_dir().join(format!("rhombus-clips-example-{}", process::id()));
    let mut child = example("resume", &service)
        .arg(&file)
        .arg(FIRST.to_string())
        .spawn()
        .unwrap();
    let mut stdout = stdout_lines(&mut child);
    assert_eq!(stdout.next_line().await.unwrap().unwrap(), "RENDERING 40 %");
    let interrupt = ["-INT".to_owned(), child.id().unwrap().to_string()];
    let status = process::Command::new("kill").args(interrupt).status();
    assert!(status.unwrap().success());
    let last = stdout.next_line().await.unwrap().unwrap();
    assert_eq!(last, "stopped; run again to resume");
    assert!(child.wait().await.unwrap().success());

    // Moves the checkpoint one minute into the past, so that the next poll is due.
    let saved = fs::read_to_string(&file).unwrap();
    let mut checkpoint: Value = serde_json::from_str(&saved).unwrap();
    let taken_at_ms = checkpoint["taken_at_ms"].as_u64().unwrap();
    checkpoint["taken_at_ms"] = (taken_at_ms - 60_000).into();
    checkpoint.to_string().parse::<Checkpoint>().unwrap();
    fs::write(&file, checkpoint.to_string()).unwrap();

    let output = example("resume", &service)
        .arg(&file)
        .output()
        .await
        .unwrap();
    assert_eq!(
        String::from_utf8(output.stdout).unwrap(),
        "resuming after 1 polls\nCOMPLETE 100 %\n"
    );
    assert!(!file.exists());
    service.verify(FIRST).count(2);
}

/// A browser's connection to the event stream, and the data that is not parsed yet.
struct Browser(reqwest::Response, String);

impl Browser {
    async fn open(address: &str, uuid: ClipUuid) -> Self {
        let events = format!("{address}clips/{uuid}/events");
        let response = reqwest::get(events).await.unwrap();
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        Self(response, String::new())
    }

    /// Returns the next state; `None` at the end of the stream.
    async fn state(&mut self) -> Option<Value> {
        loop {
            if let Some((event, rest)) = self.1.split_once("\n\n") {
                let state = event.strip_prefix("data: ").map(serde_json::from_str);
                self.1 = rest.to_owned();
                match state {
                    Some(state) => return Some(state.unwrap()),
                    None => continue, // A comment that keeps the connection alive.
                }
            }
            let chunk = self.0.chunk().await.unwrap()?;
            self.1.push_str(std::str::from_utf8(&chunk).unwrap());
        }
    }
}

#[tokio::test]
async fn web_streams_progress_to_browsers() {
    let complete_clip = vec![complete().with("byteCount", 1234)];
    let service = start_with([(FIRST, vec![rendering(40)]), (SECOND, complete_clip)]).await;
    let mut child = example("web", &service).arg("127.0.0.1:0").spawn().unwrap();
    let address = stdout_lines(&mut child).next_line().await.unwrap().unwrap();

    for page in [address.clone(), format!("{address}clips/{FIRST}")] {
        let page = reqwest::get(page).await.unwrap().text().await.unwrap();
        assert!(page.contains("new EventSource("));
        assert!(!page.contains(service.api_key()));
    }
    let invalid = reqwest::get(format!("{address}clips/odd/events")).await;
    assert_eq!(invalid.unwrap().status(), 400);

    let mut first = Browser::open(&address, FIRST).await;
    let mut state = first.state().await.unwrap();
    while state["phase"] == "connecting" {
        state = first.state().await.unwrap();
    }
    assert_eq!(state["clip"]["status"], "RENDERING");
    assert_eq!(state["clip"]["percent"], 40);
    assert!(state["remaining"]["estimate"].as_f64().is_some(), "{state}");

    // A second browser joins the running watch and receives its current state at once.
    let mut second = Browser::open(&address, FIRST).await;
    let state = second.state().await.unwrap();
    assert_eq!(state["clip"]["status"], "RENDERING");

    // The stream ends with the final state.
    let mut third = Browser::open(&address, SECOND).await;
    let mut last = Value::Null;
    while let Some(state) = third.state().await {
        last = state;
    }
    assert_eq!(last["phase"], "complete");
    assert_eq!(last["clip"]["bytes"], 1234);

    // The watch ends when the last browser disconnects; the next browser starts a new one.
    drop((first, second));
    let restarted = async {
        while Browser::open(&address, FIRST).await.state().await.unwrap()["phase"] != "connecting" {
        }
    };
    timeout(Duration::from_secs(60), restarted).await.unwrap();
}
