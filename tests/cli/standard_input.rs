//! Reading clips from standard input with `rhombus-clips watch -`.
//!
//! Clips are watched as their lines arrive; invalid lines are reported and skipped; a blocked read
//! does not delay the end of the program.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, Command, Stdio};

use rhombus_clips_sim::{Clip, ClipStatus, Service, Step};
use rhombus_clips_tests::program::*;
use rhombus_clips_tests::{add, complete, rendering};
use serde_json::Value;

/// Starts a program with piped input and output.
fn spawn_piped(mut command: Command) -> Child {
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

fn spawn_watch(service: &Service, more: &[&str]) -> Child {
    let arguments = ["watch", "--interval", "0.01", "--output", "json", "-"];
    spawn_piped(command_for(service, &[&arguments, more].concat()))
}

#[tokio::test(flavor = "multi_thread")]
async fn clips_are_watched_as_their_lines_arrive() {
    let service = Service::start().await.unwrap();
    let add_complete = || add(&service, Clip::by_request([complete()])).to_string();
    let (argument, first, second) = (add_complete(), add_complete(), add_complete());
    let mut child = spawn_watch(&service, &[&argument]);
    let run = tokio::task::spawn_blocking(move || {
        let mut stdin = child.stdin.take().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut next = || validated("watch", &lines.next().unwrap().unwrap());
        assert_eq!(next()["clipUuid"], argument);
        // The event of each clip is received before the next clip is written.
        for uuid in [&first, &second] {
            writeln!(stdin, "{uuid}\n\n# comment\n{uuid}").unwrap();
            let line = next();
            assert_eq!(
                (&line["event"], &line["clipUuid"]),
                (&"complete".into(), &uuid.as_str().into())
            );
        }
        drop(stdin);
        let summary = next();
        assert_eq!(summary["complete"], 3);
        child.wait().unwrap().code()
    });
    assert_eq!(run.await.unwrap(), Some(0));
    assert_eq!(service.request_count(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invalid_line_is_reported_and_skipped() {
    let service = Service::start().await.unwrap();
    let failed = add(&service, Clip::by_request([Step::new(ClipStatus::Failed)]));
    let mut child = spawn_watch(&service, &[]);
    let mut stdin = child.stdin.take().unwrap();
    let output = tokio::task::spawn_blocking(move || {
        stdin.write_all(b"AAAA\n\xff\xfe\n").unwrap();
        write!(stdin, "{failed}").unwrap();
        drop(stdin);
        child.wait_with_output().unwrap()
    });
    let output = output.await.unwrap();
    // An invalid line takes precedence over a failed clip.
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    assert_eq!(json_lines(&output)[0]["event"], "failed");
    let stderr = text(&output.stderr);
    let lines: Vec<_> = stderr.lines().collect();
    assert_eq!(
        lines[0],
        "error: line 1 of standard input: invalid clip UUID: expected 22 characters, found 4"
    );
    assert!(
        lines[1].starts_with("error: line 2 of standard input: "),
        "{lines:?}"
    );
    assert!(lines[2].contains("clip failed"), "{lines:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn empty_input_is_successful() {
    let service = Service::start().await.unwrap();
    let mut command = command_for(&service, &["watch", "--output", "json", "-"]);
    let output = run_command({
        command.stdin(Stdio::null());
        command
    });
    let output = output.await;
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert_eq!(json_lines(&output), Vec::<Value>::new());
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn a_blocked_read_does_not_delay_the_end() {
    let service = Service::start().await.unwrap();
    let uuid = add(&service, Clip::by_request([rendering(1)])).to_string();
    let mut child = spawn_watch(&service, &[&uuid]);
    service.wait_for_requests(1).await;
    let run = tokio::task::spawn_blocking(move || {
        let _open_stdin = child.stdin.take();
        signal(&child, "TERM");
        child.wait_with_output().unwrap()
    });
    let output = run.await.unwrap();
    assert_eq!(output.status.code(), Some(143), "{output:?}");
    assert_eq!(summary(&output)["unfinished"], 1);
}
