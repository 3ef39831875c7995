//! The programs in `crates/rhombus-clips/examples`, run as a user runs them. `watch` is the
//! README's: tests/readme.rs; `watch_with_bar` wants a terminal.

use std::process::Stdio;
use std::time::Duration;
use std::{env, fs, process};

use rhombus_clips::{Checkpoint, ClipUuid};
use rhombus_clips_sim::prelude::*;
use rhombus_clips_tests::{complete, rendering, without_credentials};
use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};
use tokio::time::timeout;

const ONE: ClipUuid = ClipUuid::from_bytes([1; 16]);
const TWO: ClipUuid = ClipUuid::from_bytes([2; 16]);

/// An example, with the credentials of the service.
fn example(name: &str, service: &Service) -> Command {
    let build = escargot::CargoBuild::new()
        .package("rhombus-clips")
        .example(name)
        .manifest_path(xtask::workspace::root().join("Cargo.toml"));
    let mut command = Command::from(without_credentials(build.run().unwrap().path()));
    command
        .env("RHOMBUS_API_KEY", service.api_key())
        .env("RHOMBUS_ENDPOINT_URL", service.base_url())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .kill_on_drop(true);
    command
}

fn lines(child: &mut Child) -> Lines<BufReader<ChildStdout>> {
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
fn all_are_listed_with_how_to_try_them() {
    let folder = xtask::workspace::root().join("crates/rhombus-clips/examples");
    let list = fs::read_to_string(folder.join("README.md")).unwrap();
    for entry in fs::read_dir(folder).unwrap() {
        let file = entry.unwrap().file_name().into_string().unwrap();
        if let Some(name) = file.strip_suffix(".rs") {
            assert!(list.contains(&format!("| [`{file}`]({file}) |")), "{file}");
            let command = format!("\ncargo run -p rhombus-clips --example {name}");
            assert!(list.contains(&command), "{file}");
        }
    }
}

#[tokio::test]
async fn get_says_what_there_is_to_know() {
    let done = complete()
        .with("title", "Dock")
        .with("byteCount", 1234)
        .with("durationSec", 60)
        .with("sha256Hex", "00ff");
    let service = start_with([(ONE, vec![done]), (TWO, vec![])]).await;
    let output = example("get", &service)
        .arg(ONE.to_string())
        .output()
        .await
        .unwrap();
    let shown = String::from_utf8(output.stdout).unwrap();
    for line in [
        "title      Dock",
        "status     COMPLETE",
        "operation  Complete 100 %",
        "length     60 s",
        "size       1234 bytes",
        "sha256     00ff",
    ] {
        assert!(shown.lines().any(|shown| shown == line), "{line}: {shown}");
    }
}

#[tokio::test]
async fn watch_many_takes_more_clips_while_it_runs() {
    let done = vec![complete().with("byteCount", 1234)];
    let failed = vec![Step::new(ClipStatus::Failed)];
    let service = start_with([(ONE, done), (TWO, failed)]).await;
    let mut child = example("watch_many", &service)
        .arg(ONE.to_string())
        .stdin(Stdio::piped())
        .stderr(Stdio::null()) // What changes on the way, for people.
        .spawn()
        .unwrap();
    let mut stdout = lines(&mut child);
    let first = stdout.next_line().await.unwrap().unwrap();
    assert_eq!(first, format!("{ONE} 1234 bytes"));

    // All that it was started with is done, and it goes on.
    let mut stdin = child.stdin.take().unwrap();
    let more = format!("rubbish\n{TWO}\n");
    stdin.write_all(more.as_bytes()).await.unwrap();
    let second = stdout.next_line().await.unwrap().unwrap();
    assert!(
        second.starts_with(&format!("{TWO} the clip will not be done")),
        "{second}"
    );

    drop(stdin);
    assert!(child.wait().await.unwrap().success());
    service.verify(ONE).count(1);
    service.verify(TWO).count(1);
}

#[cfg(unix)]
#[tokio::test]
async fn resume_goes_on_after_an_interrupt() {
    let service = start_with([(ONE, vec![rendering(40), complete()]), (TWO, vec![])]).await;
    let file = env::temp_dir().join(format!("rhombus-clips-example-{}", process::id()));
    let mut child = example("resume", &service)
        .arg(&file)
        .arg(ONE.to_string())
        .spawn()
        .unwrap();
    let mut stdout = lines(&mut child);
    assert_eq!(stdout.next_line().await.unwrap().unwrap(), "RENDERING 40 %");
    let interrupt = ["-INT".to_owned(), child.id().unwrap().to_string()];
    let sent = process::Command::new("kill").args(interrupt).status();
    assert!(sent.unwrap().success());
    let last = stdout.next_line().await.unwrap().unwrap();
    assert_eq!(last, "stopped; run again to resume");
    assert!(child.wait().await.unwrap().success());

    // A minute later, so that the next look is due.
    let kept = fs::read_to_string(&file).unwrap();
    let mut checkpoint: Value = serde_json::from_str(&kept).unwrap();
    let taken = checkpoint["taken_at_ms"].as_u64().unwrap();
    checkpoint["taken_at_ms"] = (taken - 60_000).into();
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
    service.verify(ONE).count(2);
}

/// What a browser gets to hear.
struct Browser(reqwest::Response, String);

impl Browser {
    async fn open(address: &str, clip: ClipUuid) -> Self {
        let events = format!("{address}clips/{clip}/events");
        let response = reqwest::get(events).await.unwrap();
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        Self(response, String::new())
    }

    /// The next state; `None` after the last.
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
    let done = vec![complete().with("byteCount", 1234)];
    let service = start_with([(ONE, vec![rendering(40)]), (TWO, done)]).await;
    let mut child = example("web", &service).arg("127.0.0.1:0").spawn().unwrap();
    let address = lines(&mut child).next_line().await.unwrap().unwrap();

    for page in [address.clone(), format!("{address}clips/{ONE}")] {
        let page = reqwest::get(page).await.unwrap().text().await.unwrap();
        assert!(page.contains("new EventSource("));
        assert!(!page.contains(service.api_key()));
    }
    let odd = reqwest::get(format!("{address}clips/odd/events")).await;
    assert_eq!(odd.unwrap().status(), 400);

    let mut first = Browser::open(&address, ONE).await;
    let mut state = first.state().await.unwrap();
    while state["phase"] == "connecting" {
        state = first.state().await.unwrap();
    }
    assert_eq!(state["clip"]["status"], "RENDERING");
    assert_eq!(state["clip"]["percent"], 40);
    assert!(state["remaining"]["estimate"].as_f64().is_some(), "{state}");

    // A second one looks on at the same watch: it knows at once what the first one knows.
    let mut second = Browser::open(&address, ONE).await;
    let state = second.state().await.unwrap();
    assert_eq!(state["clip"]["status"], "RENDERING");

    // The last state says what there is to know, and the stream ends.
    let mut third = Browser::open(&address, TWO).await;
    let mut last = Value::Null;
    while let Some(state) = third.state().await {
        last = state;
    }
    assert_eq!(last["phase"], "complete");
    assert_eq!(last["clip"]["bytes"], 1234);

    // When all have gone the watch ends, and one who comes later starts it anew.
    drop((first, second));
    let anew = async {
        while Browser::open(&address, ONE).await.state().await.unwrap()["phase"] != "connecting" {}
    };
    timeout(Duration::from_secs(60), anew).await.unwrap();
}
