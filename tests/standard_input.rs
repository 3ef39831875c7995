//! The `rhombus-clips` program, given its clips on standard input.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, Command, Stdio};

use rhombus_clips_sim::{Clip, ClipStatus, Service, Step};
use rhombus_clips_tests::program::*;
use rhombus_clips_tests::{add, complete, rendering};
use serde_json::Value;

/// A program with pipes to and from it.
fn piped(mut command: Command) -> Child {
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

fn watching(service: &Service, more: &[&str]) -> Child {
    let arguments = ["watch", "--interval", "0.01", "--output", "json", "-"];
    piped(at(service, &[&arguments, more].concat()))
}

#[tokio::test(flavor = "multi_thread")]
async fn clips_are_watched_as_they_come() {
    let service = Service::start().await.unwrap();
    let done = || add(&service, Clip::by_request([complete()])).to_string();
    let (named, first, second) = (done(), done(), done());
    let mut child = watching(&service, &[&named]);
    let run = tokio::task::spawn_blocking(move || {
        let mut stdin = child.stdin.take().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut next = || checked("watch", &lines.next().unwrap().unwrap());
        assert_eq!(next()["clipUuid"], named);
        // Each is told before the next is given.
        for clip in [&first, &second] {
            writeln!(stdin, "{clip}\n\n# nothing\n{clip}").unwrap();
            let line = next();
            assert_eq!(
                (&line["event"], &line["clipUuid"]),
                (&"complete".into(), &clip.as_str().into())
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
async fn a_malformed_line_is_told_and_the_others_go_on() {
    let service = Service::start().await.unwrap();
    let failed = add(&service, Clip::by_request([Step::new(ClipStatus::Failed)]));
    let mut child = watching(&service, &[]);
    let mut stdin = child.stdin.take().unwrap();
    let output = tokio::task::spawn_blocking(move || {
        stdin.write_all(b"AAAA\n\xff\xfe\n").unwrap();
        write!(stdin, "{failed}").unwrap();
        drop(stdin);
        child.wait_with_output().unwrap()
    });
    let output = output.await.unwrap();
    // Worse than a clip that failed.
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    assert_eq!(json_lines(&output)[0]["event"], "failed");
    let told = text(&output.stderr);
    let told: Vec<_> = told.lines().collect();
    assert_eq!(
        told[0],
        "error: line 1 of standard input: not a clip UUID: 4 characters where there must be 22"
    );
    assert!(
        told[1].starts_with("error: line 2 of standard input: "),
        "{told:?}"
    );
    assert!(told[2].contains("the clip will not be done"), "{told:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_any_clip_the_program_ends_well() {
    let service = Service::start().await.unwrap();
    let mut command = at(&service, &["watch", "--output", "json", "-"]);
    let output = finished({
        command.stdin(Stdio::null());
        command
    });
    let output = output.await;
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert_eq!(json_lines(&output), Vec::<Value>::new());
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn waiting_for_a_line_does_not_hold_up_the_end() {
    let service = Service::start().await.unwrap();
    let clip = add(&service, Clip::by_request([rendering(1)])).to_string();
    let mut child = watching(&service, &[&clip]);
    service.wait_for_requests(1).await;
    let run = tokio::task::spawn_blocking(move || {
        let _open = child.stdin.take();
        signal(&child, "TERM");
        child.wait_with_output().unwrap()
    });
    let output = run.await.unwrap();
    assert_eq!(output.status.code(), Some(143), "{output:?}");
    assert_eq!(summary(&output)["unfinished"], 1);
}
