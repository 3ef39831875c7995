//! The commands `cancel`, `retry`, `delete` and `update`.

use std::process::{Command, Output, Stdio};

use rhombus_clips_sim::{Clip, ClipStatus, Response, Service, Step};
use rhombus_clips_tests::program::*;
use rhombus_clips_tests::{add, complete, rendering};
use serde_json::Value;

/// Runs without a terminal.
async fn run(service: &Service, arguments: &[&str]) -> Output {
    let mut command = command_for(service, arguments);
    command.stdin(Stdio::null());
    run_command(command).await
}

/// Runs with the simulated service inside the program.
fn simulate(arguments: &[&str]) -> Output {
    let mut command: Command = program();
    command.args(arguments).arg("--simulate");
    command.stdin(Stdio::null()).output().unwrap()
}

fn results(command: &'static str, output: &Output) -> Vec<Value> {
    let lines = text(&output.stdout);
    lines.lines().map(|line| validated(command, line)).collect()
}

#[test]
fn simulated_clips_are_named() {
    for (arguments, expected) in [
        (
            &["cancel", "--yes", "completes"][..],
            "  canceled  DELETED  ",
        ),
        (&["cancel", "--yes"], "  canceled  DELETED  "),
        (
            &["cancel", "--yes", "done"],
            "  already complete  COMPLETE  ",
        ),
        (&["retry", "fails"], "  restarted  INITIATING  "),
        (&["retry"], "  restarted  INITIATING  "),
        (&["retry", "completes"], "  already complete  COMPLETE  "),
        (&["delete", "done", "--yes"], "  deleted\n"),
        (&["delete", "--yes"], "  deleted\n"),
        (&["update", "--title", "Delivery", "done"], "  updated\n"),
        (
            &["update", "--visibility", "org-wide"],
            "  unchanged  COMPLETE  ",
        ),
    ] {
        let output = simulate(arguments);
        assert_eq!(output.status.code(), Some(0), "{arguments:?}: {output:?}");
        let stdout = text(&output.stdout);
        assert!(stdout.contains(expected), "{arguments:?}: {stdout}");
        assert_eq!(stdout.lines().count(), 1, "{stdout}");
        assert!(output.stderr.is_empty(), "{output:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_terminal_nothing_is_ended_unless_confirmed() {
    let service = Service::start().await.unwrap();
    let uuid = add(&service, Clip::by_request([complete()])).to_string();
    for command in ["delete", "cancel"] {
        let output = run(&service, &[command, &uuid]).await;
        assert_eq!(output.status.code(), Some(2), "{output:?}");
        assert_eq!(
            text(&output.stderr),
            format!("error: {command} can ask for confirmation on a terminal only; add --yes\n")
        );
    }
    assert_eq!(service.request_count(), 0);
    let output = run(&service, &["delete", "--yes", &uuid]).await;
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    service.verify_operation("deleteSavedClip").count(1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_error_does_not_keep_the_other_clips_from_being_processed() {
    let service = Service::start().await.unwrap();
    let uuids = [complete(), complete(), rendering(7)]
        .map(|step| add(&service, Clip::by_request([step])).to_string());
    service.inject(
        rhombus_clips_sim::Fault::respond(Response::domain_failure("not now"))
            .for_operation("deleteSavedClip")
            .times(1),
    );
    let [first, second, third] = uuids.each_ref().map(String::as_str);
    let arguments = ["delete", "--yes", first, second, third, second];
    let output = run(&service, &arguments).await;
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert_eq!(
        text(&output.stdout),
        format!("{second}  deleted\n{third}  deleted\n")
    );
    assert_eq!(
        text(&output.stderr),
        format!("error: {first}: the service reported an error: not now\n")
    );
    // A clip that is given twice is processed once.
    service.verify_operation("deleteSavedClip").count(3);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_most_severe_code_applies() {
    let service = Service::start().await.unwrap();
    let failed = Clip::by_request([Step::new(ClipStatus::Failed)]);
    let failed = add(&service, failed).to_string();
    let unknown = "AAAAAAAAAAAAAAAAAAAAAA";
    let output = run(&service, &["retry", unknown, &failed]).await;
    assert_eq!(output.status.code(), Some(6), "{output:?}");
    let deleted = Clip::by_request([Step::new(ClipStatus::Deleted)]);
    let deleted = add(&service, deleted).to_string();
    let output = run(&service, &["retry", &deleted, unknown]).await;
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let mut command = command_for(&service, &["retry", &failed, unknown]);
    command.env("RHOMBUS_API_KEY", "another");
    let output = run_command(command).await;
    assert_eq!(output.status.code(), Some(5), "{output:?}");
    let stderr = text(&output.stderr);
    let hints = stderr.lines().filter(|line| line.starts_with("hint: "));
    assert_eq!(hints.count(), 1, "{stderr}");
}

#[tokio::test(flavor = "multi_thread")]
async fn results_are_json_objects() {
    let service = Service::start().await.unwrap();
    let titled = complete().with("title", "Dock");
    let done = add(&service, Clip::by_request([titled])).to_string();
    let running = add(&service, Clip::by_request([rendering(7)])).to_string();
    let unknown = "AAAAAAAAAAAAAAAAAAAAAA";
    let result = |lines: &[Value]| -> Vec<String> {
        let results = lines.iter().map(|line| line["result"].as_str().unwrap());
        results.map(str::to_owned).collect()
    };

    let arguments = ["cancel", "--yes", "--output", "json", &done, &running];
    let lines = results("cancel", &run(&service, &arguments).await);
    assert_eq!(result(&lines), ["alreadyComplete", "canceled"]);
    assert_eq!(lines[0]["clipUuid"], done);
    assert_eq!(lines[0]["title"], "Dock");
    assert_eq!(lines[0]["status"], "COMPLETE");
    assert_eq!(lines[0]["error"], Value::Null);

    let output = run(&service, &["retry", "--output", "json", &done, unknown]).await;
    assert_eq!(output.status.code(), Some(6));
    let lines = results("retry", &output);
    assert_eq!(result(&lines), ["alreadyComplete", "error"]);
    assert_eq!(lines[1]["error"]["kind"], "notFound");
    assert_eq!(text(&output.stderr).lines().count(), 1);

    let arguments = ["update", "--output", "json", "--title", "Dock", &done];
    let lines = results("update", &run(&service, &arguments).await);
    assert_eq!(result(&lines), ["unchanged"]);

    let arguments = ["delete", "--yes", "--output", "json", &done, &done, unknown];
    let lines = results("delete", &run(&service, &arguments).await);
    assert_eq!(result(&lines), ["deleted", "alreadyGone"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_table_has_one_row_per_clip() {
    let service = Service::start().await.unwrap();
    let uuids = [complete(), rendering(7)].map(|step| {
        let step = step.with("title", "Dock");
        add(&service, Clip::by_request([step])).to_string()
    });
    let arguments = ["cancel", "--yes", "--output", "table", &uuids[0], &uuids[1]];
    let output = run(&service, &arguments).await;
    assert_eq!(
        text(&output.stdout),
        format!(
            "CLIP                    RESULT            STATUS    TITLE\n\
             {}  already complete  COMPLETE  Dock\n\
             {}  canceled          DELETED   Dock\n",
            uuids[0], uuids[1]
        )
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_update_changes_what_is_given() {
    let service = Service::start().await.unwrap();
    let titled = complete().with("title", "Dock").with("description", "old");
    let uuid = add(&service, Clip::by_request([titled])).to_string();
    let arguments = [
        "update",
        "--description",
        "",
        "--visibility",
        "private",
        &uuid,
    ];
    let output = run(&service, &arguments).await;
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert_eq!(text(&output.stdout), format!("{uuid}  updated\n"));
    let output = run(&service, &["get", "--output", "json", &uuid]).await;
    let record = &validated("get", &text(&output.stdout))["record"];
    assert_eq!(record["title"], "Dock");
    assert_eq!(record["description"], "");
    assert_eq!(record["accessSettings"]["visibility"], "PRIVATE");
}
