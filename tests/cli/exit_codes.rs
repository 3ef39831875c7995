//! Exit codes of the `rhombus-clips` program.

use std::process::Stdio;

use rhombus_clips_sim::{Clip, ClipStatus, Response, Service, Step};
use rhombus_clips_tests::program::*;
use rhombus_clips_tests::{add, complete, rendering};

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_or_deleted_clip_exits_with_3() {
    for status in [ClipStatus::Failed, ClipStatus::Deleted] {
        let service = Service::start().await.unwrap();
        let uuid = add(
            &service,
            Clip::by_request([rendering(1), Step::new(status.clone())]),
        );
        let output = watch(&service, &uuid, &["--output", "json"]).await;
        assert_eq!(output.status.code(), Some(3));
        let last = json_lines(&output).pop().unwrap();
        assert_eq!(
            (&last["event"], &last["status"]),
            (&"failed".into(), &status.as_str().into())
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_elapsed_timeout_exits_with_4() {
    let service = Service::start().await.unwrap();
    let uuid = add(&service, Clip::by_request([rendering(40)]));
    let output = watch(&service, &uuid, &["--timeout", "0.05"]).await;
    assert_eq!(output.status.code(), Some(4), "{output:?}");
    assert!(
        text(&output.stderr).starts_with("error: "),
        "{}",
        text(&output.stderr)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn rejected_credentials_exit_with_5_and_are_not_shown() {
    let service = Service::start().await.unwrap();
    let uuid = add(&service, Clip::by_request([complete()])).to_string();
    for arguments in [
        &["get", &uuid][..],
        &["watch", &uuid],
        &["watch", "--output", "json", &uuid],
        &["watch", &uuid, "AAAAAAAAAAAAAAAAAAAAAA"],
    ] {
        let mut command = command_for(&service, arguments);
        command.env("RHOMBUS_API_KEY", "canary-key");
        let output = run_command(command).await;
        assert_eq!(output.status.code(), Some(5));
        let stderr = text(&output.stderr);
        assert!(!text(&output.stdout).contains("canary") && !stderr.contains("canary"));
        let errors = stderr.lines().filter(|line| line.starts_with("error: "));
        assert_eq!(errors.count(), 1, "{stderr}");
        let hints = stderr.lines().filter(|line| line.starts_with("hint: "));
        let is_json = arguments.contains(&"json");
        assert_eq!(hints.count(), usize::from(!is_json), "{stderr}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_error_includes_its_root_cause_and_suggests_doctor() {
    let mut command = program();
    command.args(["get", "--endpoint-url", "http://127.0.0.1:1"]);
    command
        .arg("AAAAAAAAAAAAAAAAAAAAAA")
        .env("RHOMBUS_API_KEY", "k");
    let output = run_command(command).await;
    assert_eq!(output.status.code(), Some(1));
    let stderr = text(&output.stderr);
    let lines: Vec<_> = stderr.lines().collect();
    assert_eq!(lines.len(), 2, "{stderr}");
    let start = "error: cannot connect to http://127.0.0.1:1: Connection refused";
    assert!(lines[0].starts_with(start), "{stderr}");
    assert!(lines[0].contains("; check --endpoint-url"), "{stderr}");
    assert!(lines[1].contains("rhombus-clips doctor"), "{stderr}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_clip_exits_with_6() {
    let service = Service::start().await.unwrap();
    let output = run_command(command_for(&service, &["get", "AAAAAAAAAAAAAAAAAAAAAA"])).await;
    assert_eq!(output.status.code(), Some(6));
}

#[tokio::test(flavor = "multi_thread")]
async fn any_other_error_exits_with_1_in_one_line() {
    let service = Service::start().await.unwrap();
    let uuid = add(&service, Clip::by_request([complete()])).to_string();
    service.respond_next(Response::domain_failure("the footage is gone"));
    let output = run_command(command_for(&service, &["get", &uuid])).await;
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(
        text(&output.stderr),
        "error: the service reported an error: the footage is gone\n"
    );
    assert!(output.stdout.is_empty());
}

#[test]
fn a_missing_key_is_an_error_that_names_the_setting() {
    let output = program()
        .args(["get", "AAAAAAAAAAAAAAAAAAAAAA"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).contains("set RHOMBUS_API_KEY"));
}

#[test]
fn get_accepts_the_name_of_a_simulated_clip() {
    let arguments = ["get", "--simulate", "--output", "json", "late"];
    let output = program().args(arguments).output().unwrap();
    assert_eq!(output.status.code(), Some(6), "{output:?}");
    let arguments = ["get", "--simulate", "--output", "json", "fails"];
    let output = program().args(arguments).output().unwrap();
    let clip: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(clip["status"], "INITIATING");
}

#[test]
fn an_invalid_command_line_exits_with_2() {
    for arguments in [
        &["get"][..],
        &["watch"],
        &["get", "AAAA"],
        &["fetch"],
        &["watch", "--timeout", "soon", "AAAAAAAAAAAAAAAAAAAAAA"],
        &["get", "--output", "yaml", "AAAAAAAAAAAAAAAAAAAAAA"],
        &["get", "--region", "mars", "AAAAAAAAAAAAAAAAAAAAAA"],
        &["get", "--org", "org", "AAAAAAAAAAAAAAAAAAAAAA"],
        &["get", "--profile", "", "AAAAAAAAAAAAAAAAAAAAAA"],
        &["get", "-q", "-v", "AAAAAAAAAAAAAAAAAAAAAA"],
        &["get", "--api-key", "k", "AAAAAAAAAAAAAAAAAAAAAA"],
        &[
            "get",
            "--region",
            "eu",
            "--endpoint-url",
            "https://a.example",
            "AAAAAAAAAAAAAAAAAAAAAA",
        ],
        &["get", "fails"],
        &["get", "--simulate", "-"],
        &["get", "--simulate", "fails:2"],
        &["get", "--simulate", "all"],
        &["watch", "fails"],
        &["watch", "--api-key-file", "-", "-"],
        &["cameras", ""],
        &["list", "--limit", "0"],
        &["list", "--after", "soon"],
        &["list", "--status", "not good"],
        &["create", "--camera", "dock"],
        &[
            "create",
            "--simulate",
            "--camera",
            "dock",
            "--from",
            "now",
            "--to",
            "-1m",
        ],
        &["cancel"],
        &["cancel", "--simulate", "-"],
        &["retry", "fails"],
        &["delete", "AAAAAAAAAAAAAAAAAAAAAA"],
        &["update", "--simulate"],
        &["update", "--simulate", "--title", "a", "all"],
        &["completions", "cmd"],
    ] {
        let output = program().args(arguments).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(output.stdout.is_empty());
    }
    let output = program()
        .args(["get", "AAAAAAAAAAAAAAAAAAA+A"])
        .output()
        .unwrap();
    assert!(
        text(&output.stderr).contains("'+' at character 20"),
        "{}",
        text(&output.stderr)
    );
}

#[test]
fn help_documents_the_exit_codes() {
    for arguments in [
        &["--help"][..],
        &["get", "--help"],
        &["watch", "--help"],
        &["create", "--help"],
    ] {
        let output = program().args(arguments).output().unwrap();
        assert_eq!(output.status.code(), Some(0));
        let help = text(&output.stdout);
        for code in [
            "0  the clip is complete",
            "2  invalid command line",
            "6  clip not found",
            "7  it is not known",
        ] {
            assert!(help.contains(code), "{arguments:?}: {help}");
        }
    }
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn a_broken_pipe_ends_the_program_without_an_error() {
    let service = Service::start().await.unwrap();
    let uuid = add(&service, Clip::by_request((0..100).map(rendering)));
    let mut child = command_for(
        &service,
        &["watch", "--interval", "0.01", &uuid.to_string()],
    )
    .stdout(Stdio::piped())
    .stderr(Stdio::piped())
    .spawn()
    .unwrap();
    drop(child.stdout.take());
    let output = tokio::task::spawn_blocking(|| child.wait_with_output().unwrap())
        .await
        .unwrap();
    assert!(output.stderr.is_empty(), "{}", text(&output.stderr));
    assert_eq!(output.status.code(), Some(141));
    assert!(service.request_count() < 100);
}
