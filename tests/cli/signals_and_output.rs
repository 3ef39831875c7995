//! Signals, and standard output that is full or not read.

#![cfg(unix)]

use std::fs::{self, File};
use std::io::Read as _;
use std::process::{Child, Command, Stdio};

use rhombus_clips_sim::{Clip, Service};
use rhombus_clips_tests::program::*;
use rhombus_clips_tests::{add, complete, rendering};

/// Returns a command that runs another in a shell, after this part of a script.
fn in_shell(script: &str, command: &Command) -> Command {
    let mut shell = Command::new("sh");
    shell.args(["-c", &format!("{script} exec \"$@\""), "sh"]);
    shell.arg(command.get_program()).args(command.get_args());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => shell.env(name, value),
            None => shell.env_remove(name),
        };
    }
    shell
}

/// Linux alone tells which signals are ignored.
#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn a_signal_that_is_ignored_at_the_start_stays_ignored() {
    let service = Service::start().await.unwrap();
    let uuid = add(&service, Clip::by_request([rendering(40)])).to_string();
    for (ignored, used, code) in [("INT", "TERM", 143), ("TERM", "INT", 130)] {
        let watch = command_for(&service, &["watch", "--interval", "0.01", &uuid]);
        let mut command = in_shell(&format!("trap '' {ignored};"), &watch);
        command.stdout(Stdio::null()).stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        service.wait_for_requests(service.request_count() + 1).await;
        // It would end at the second one, whatever it does with the first.
        for _ in 0..2 {
            signal(&child, ignored);
            service.wait_for_requests(service.request_count() + 2).await;
        }
        assert_eq!(child.try_wait().unwrap(), None);
        signal(&child, used);
        let wait = tokio::task::spawn_blocking(move || child.wait().unwrap());
        assert_eq!(wait.await.unwrap().code(), Some(code));
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_standard_output_is_an_error() {
    for arguments in [
        &["--help"][..],
        &["--version"],
        &["help", "watch"],
        &["watch", "-h"],
        &["completions", "zsh"],
        &["man"],
        &["schema", "get"],
        &["get", "--simulate"],
        &["cameras", "--simulate"],
        &["list", "--simulate"],
        &["retry", "--simulate"],
        &["simulate"],
        &["doctor"],
    ] {
        let mut command = program();
        command.args(arguments);
        let full = File::options().write(true).open("/dev/full").unwrap();
        let output = command.stdout(full).output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{arguments:?}: {output:?}");
        let stderr = text(&output.stderr);
        let expected = "error: cannot write to standard output: No space left on device";
        assert!(stderr.starts_with(expected), "{arguments:?}: {stderr}");
        assert_eq!(stderr.lines().count(), 1, "{arguments:?}: {stderr}");
    }
}

/// Adds a clip whose changes exceed the capacity of a pipe.
fn add_talkative(service: &Service) -> String {
    let steps = ["a", "b"].map(|letter| rendering(1).operation(letter.repeat(200_000)));
    let steps = steps.iter().cycle().take(1000).cloned();
    add(service, Clip::by_request(steps)).to_string()
}

/// Starts a program whose output is read up to its first byte.
fn spawn_unread(command: &mut Command) -> Child {
    let command = command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let stdout = child.stdout.as_mut().unwrap();
    stdout.read_exact(&mut [0]).unwrap();
    child
}

/// Waits for a program without reading its standard output, and returns its exit code and standard error.
async fn wait_unread(mut child: Child) -> (Option<i32>, String) {
    let wait = tokio::task::spawn_blocking(move || {
        let code = child.wait().unwrap().code();
        let mut stderr = String::new();
        let pipe = child.stderr.as_mut().unwrap();
        pipe.read_to_string(&mut stderr).unwrap();
        (code, stderr)
    });
    wait.await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_output_that_nobody_reads_stops_neither_polls_nor_checkpoints_nor_ctrl_c() {
    let service = Service::start().await.unwrap();
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("watch.json");
    let uuid = add_talkative(&service);
    let file_name = file.to_str().unwrap();
    let arguments = [
        "watch",
        "--interval",
        "0.01",
        "--checkpoint",
        file_name,
        &uuid,
    ];
    for output in ["json", "text"] {
        let requests = service.request_count() + 20;
        let arguments = [&arguments[..], &["--output", output]].concat();
        let child = spawn_unread(&mut command_for(&service, &arguments));
        service.wait_for_requests(requests).await;
        signal(&child, "INT");
        let (code, stderr) = wait_unread(child).await;
        assert_eq!(code, Some(130), "{stderr}");
        assert!(
            stderr.contains("standard output was not read for 1 s")
                && stderr.contains("changes were left out")
                && stderr.contains("resume with: "),
            "{stderr}"
        );
        let saved = fs::read_to_string(&file).unwrap();
        assert!(saved.contains(&uuid), "{saved}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_output_that_nobody_reads_does_not_stop_the_timeout() {
    let service = Service::start().await.unwrap();
    let uuid = add_talkative(&service);
    let arguments = ["watch", "--interval", "0.01", "--timeout", "0.5", &uuid];
    let arguments = [&arguments[..], &["--output", "json"]].concat();
    let child = spawn_unread(&mut command_for(&service, &arguments));
    let (code, stderr) = wait_unread(child).await;
    assert_eq!(code, Some(4), "{stderr}");
    assert!(stderr.contains("standard output was not read"), "{stderr}");
}

/// Standard error may be the same pipe, and has messages of its own.
#[tokio::test(flavor = "multi_thread")]
async fn a_common_pipe_that_nobody_reads_does_not_stop_the_program() {
    let service = Service::start().await.unwrap();
    let uuid = add_talkative(&service);
    let arguments = ["watch", "--interval", "0.01", "--timeout", "0.5", &uuid];
    let arguments = [&arguments[..], &["--output", "json"]].concat();
    let (mut reader, writer) = std::io::pipe().unwrap();
    let mut command = command_for(&service, &arguments);
    command.stderr(writer.try_clone().unwrap()).stdout(writer);
    let mut child = command.spawn().unwrap();
    drop(command);
    reader.read_exact(&mut [0]).unwrap();
    let wait = tokio::task::spawn_blocking(move || child.wait().unwrap());
    assert_eq!(wait.await.unwrap().code(), Some(4));
}

/// A reader that starts late gets what is queued.
#[tokio::test(flavor = "multi_thread")]
async fn an_output_that_is_read_late_has_every_end() {
    let service = Service::start().await.unwrap();
    let steps = [rendering(1).operation("a".repeat(200_000)), complete()];
    let uuid = add(&service, Clip::by_request(steps)).to_string();
    let arguments = ["watch", "--interval", "0.01", "--output", "json", &uuid];
    let mut child = spawn_unread(&mut command_for(&service, &arguments));
    service.wait_for_requests(2).await;
    let output = tokio::task::spawn_blocking(move || {
        let mut stdout = String::new();
        let pipe = child.stdout.as_mut().unwrap();
        pipe.read_to_string(&mut stdout).unwrap();
        (child.wait().unwrap().code(), stdout)
    });
    let (code, stdout) = output.await.unwrap();
    let lines: Vec<_> = stdout.lines().skip(1).collect();
    assert_eq!((code, lines.len()), (Some(0), 2), "{lines:?}");
    assert!(lines[0].contains(r#""event":"complete""#));
}

#[tokio::test(flavor = "multi_thread")]
async fn ctrl_c_ends_a_command_whose_output_nobody_reads() {
    let service = Service::start().await.unwrap();
    let uuid = add_talkative(&service);
    for output in ["json", "text", "table"] {
        let arguments = ["get", "--output", output, &uuid];
        let child = spawn_unread(&mut command_for(&service, &arguments));
        signal(&child, "INT");
        let (code, stderr) = wait_unread(child).await;
        assert_eq!((code, &stderr[..]), (Some(130), ""));
    }
}

/// The program waits for a reader after the first signal.
#[tokio::test(flavor = "multi_thread")]
async fn a_second_signal_ends_the_program_at_once() {
    let service = Service::start().await.unwrap();
    let uuid = add_talkative(&service);
    let mut child = command_for(&service, &["watch", "--output", "json", &uuid])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let code = tokio::task::spawn_blocking(move || {
        // The first byte of a line: the program is blocked in the middle of it.
        let mut first_byte = [0; 1];
        let stdout = child.stdout.as_mut().unwrap();
        stdout.read_exact(&mut first_byte).unwrap();
        signal(&child, "INT");
        // A signal that follows at once may be merged with the first.
        loop {
            match child.try_wait().unwrap() {
                Some(status) => break status.code(),
                None => signal(&child, "INT"),
            }
        }
    });
    assert_eq!(code.await.unwrap(), Some(130));
}
