//! The question before a clip is ended, on a terminal: the program `script` of Linux has one.

#![cfg(target_os = "linux")]

use std::io::Write as _;
use std::process::{Command, Output, Stdio};

use rhombus_clips_sim::{Clip, Service};
use rhombus_clips_tests::program::*;
use rhombus_clips_tests::{add, complete};

/// Runs a command on a terminal, on which this is typed.
async fn run_on_terminal(command: Command, typed: &'static str) -> Output {
    let words = [command.get_program()]
        .into_iter()
        .chain(command.get_args());
    let words: Vec<_> = words.map(|word| word.to_str().unwrap()).collect();
    let mut script = Command::new("script");
    script.args(["-qec", &words.join(" "), "/dev/null"]);
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => script.env(name, value),
            None => script.env_remove(name),
        };
    }
    script.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = script.spawn().unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(typed.as_bytes())
        .unwrap();
    tokio::task::spawn_blocking(|| child.wait_with_output().unwrap())
        .await
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clip_is_deleted_after_a_yes() {
    let service = Service::start().await.unwrap();
    let titled = complete().with("title", "Dock").with("timestampMs", 0);
    let uuid = add(&service, Clip::by_request([titled])).to_string();
    let delete = || command_for(&service, &["delete", &uuid]);
    for typed in ["n\n", "\n"] {
        let output = run_on_terminal(delete(), typed).await;
        let shown = text(&output.stdout);
        let question = format!("Delete \"Dock\" {uuid} of 1970-01-01 00:00:00 UTC? [y/N] ");
        assert!(shown.contains(&question), "{shown:?}");
        assert!(shown.contains("  not deleted"), "{shown:?}");
        assert_eq!(output.status.code(), Some(1));
    }
    service.verify_operation("deleteSavedClip").none();
    let output = run_on_terminal(delete(), "y\n").await;
    assert!(text(&output.stdout).contains("  deleted"), "{output:?}");
    assert_eq!(output.status.code(), Some(0));
    service.verify_operation("deleteSavedClip").count(1);
}

#[tokio::test(flavor = "multi_thread")]
async fn each_clip_has_its_question() {
    let service = Service::start().await.unwrap();
    let uuids = ["A", "B"].map(|title| {
        add(
            &service,
            Clip::by_request([complete().with("title", title)]),
        )
    });
    let [first, second] = uuids.map(|uuid| uuid.to_string());
    let command = command_for(&service, &["delete", &first, &second]);
    let output = run_on_terminal(command, "n\ny\n").await;
    let shown = text(&output.stdout);
    assert_eq!(shown.matches("[y/N]").count(), 2, "{shown}");
    assert!(shown.contains(&format!("{first}  not deleted")), "{shown}");
    assert!(shown.contains(&format!("{second}  deleted")), "{shown}");
    // That of the clip that was not deleted.
    assert_eq!(output.status.code(), Some(1));
}
