//! Signals, and standard output that is full or that nobody reads.

#![cfg(unix)]

use std::fs::File;
use std::io::Read as _;
use std::process::{Command, Stdio};

use rhombus_clips_sim::{Clip, Service};
use rhombus_clips_tests::program::*;
use rhombus_clips_tests::{add, rendering};

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

/// The output exceeds the pipe's capacity and is not read, so that the program blocks in a write and
/// does not process the first signal.
#[tokio::test(flavor = "multi_thread")]
async fn a_second_signal_ends_a_blocked_program() {
    let service = Service::start().await.unwrap();
    let long_operation = |letter: &str| rendering(1).operation(letter.repeat(200_000));
    let uuid = add(
        &service,
        Clip::by_request([long_operation("a"), long_operation("b")]),
    )
    .to_string();
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
