//! Watching several clips with the `rhombus-clips` program.
//!
//! Order, labels and exit codes of watches of more than one clip, in the JSON and table formats.

use rhombus_clips_sim::{Clip, ClipStatus, Service, Step};
use rhombus_clips_tests::program::*;
use rhombus_clips_tests::{add, complete, rendering};

#[tokio::test(flavor = "multi_thread")]
async fn watch_follows_several_clips() {
    let service = Service::start().await.unwrap();
    let one = add(&service, Clip::by_request([rendering(1), complete()])).to_string();
    let other = add(&service, Clip::by_request([complete()])).to_string();
    let output = run_command(command_for(
        &service,
        &[
            "watch",
            "--interval",
            "0.01",
            "--output",
            "json",
            &one,
            &other,
        ],
    ))
    .await;
    assert_eq!(output.status.code(), Some(0));
    let events = json_lines(&output);
    for uuid in [one, other] {
        let last = events
            .iter()
            .rfind(|event| event["clipUuid"] == uuid.as_str())
            .unwrap();
        assert_eq!(last["event"], "complete");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_has_one_row_per_clip() {
    let service = Service::start().await.unwrap();
    let done = add(
        &service,
        Clip::by_request([complete().with("title", "Tür \u{1b}[2J")]),
    );
    let failed = add(
        &service,
        Clip::by_request([rendering(1), Step::new(ClipStatus::Failed)]),
    );
    let (done, failed) = (done.to_string(), failed.to_string());
    let options = ["watch", "--interval", "0.01", "--output", "table"];
    let output = run_command(command_for(
        &service,
        &[&options[..], &[&done, &failed]].concat(),
    ))
    .await;
    assert_eq!(output.status.code(), Some(3), "{output:?}");
    let stdout = text(&output.stdout);
    let rows: Vec<Vec<_>> = stdout
        .lines()
        .map(|line| line.split_whitespace().collect())
        .collect();
    assert_eq!(rows.len(), 3, "{stdout}");
    assert_eq!(rows[0][..4], ["CLIP", "RESULT", "STATUS", "POLLS"]);
    assert_eq!(rows[1][..4], [&done, "complete", "COMPLETE", "1"]);
    assert_eq!(rows[2][..4], [&failed, "failed", "FAILED", "2"]);
    assert!(!stdout.contains('\u{1b}'), "{stdout:?}");
    // The error of the failed clip; totals are printed to terminals only.
    assert_eq!(text(&output.stderr).lines().count(), 1, "{output:?}");

    let output = run_command(command_for(&service, &["get", "--output", "table", &done])).await;
    let stdout = text(&output.stdout);
    assert!(
        stdout
            .lines()
            .nth(1)
            .unwrap()
            .starts_with(&format!("{done}  COMPLETE")),
        "{stdout}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeated_argument_is_watched_once() {
    let service = Service::start().await.unwrap();
    let uuid = add(&service, Clip::by_request([complete()])).to_string();
    let output = run_command(command_for(
        &service,
        &["watch", "--output", "json", &uuid, &uuid],
    ))
    .await;
    assert_eq!(json_lines(&output).len(), 1);
    assert_eq!(service.request_count(), 1);
}

#[test]
fn simulated_clips_are_selected_by_name() {
    let run = |arguments: &[&str]| program().args(arguments).output().unwrap();
    let output = run(&["watch", "--simulate", "done", "done:3", "--output", "json"]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert_eq!(summary(&output)["complete"], 3);
    let output = run(&["watch", "fails"]);
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    assert_eq!(
        text(&output.stderr),
        "error: fails is a simulated clip; add --simulate\n"
    );
}
