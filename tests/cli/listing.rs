//! The commands `cameras` and `list`.

use std::process::{Output, Stdio};
use std::time::{Duration, SystemTime};

use rhombus_clips_sim::{Clip, Response, Service, camera};
use rhombus_clips_tests::program::*;
use rhombus_clips_tests::{add, complete, rendering};
use serde_json::Value;

async fn run(service: &Service, arguments: &[&str]) -> Output {
    run_command(command_for(service, arguments)).await
}

/// Runs a command without credentials, with the simulated service inside the program.
fn simulate(arguments: &[&str]) -> Output {
    program()
        .args(arguments)
        .arg("--simulate")
        .output()
        .unwrap()
}

fn validated_lines(command: &'static str, output: &Output) -> Vec<Value> {
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    text(&output.stdout)
        .lines()
        .map(|line| validated(command, line))
        .collect()
}

#[test]
fn the_simulated_cameras_have_a_state() {
    let output = simulate(&["cameras", "--output", "table"]);
    insta::assert_snapshot!(text(&output.stdout), @r"
    CAMERA                  STATE    STREAMS  NAME
    a286ERjEQDO0EEtvuNIvig  online   v0,a0    Loading dock
    UNNPEBnnQC-xvoFb79pWPA  online   v0,a0    Front door
    oQ_LAxIXQv6pimnV7yoK4Q  offline  v0,a0    Warehouse aisle 12
    ");
    assert!(output.stderr.is_empty(), "{output:?}");
}

#[test]
fn one_camera_is_found_by_a_part_of_its_name() {
    let output = simulate(&["cameras", "AISLE"]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert_eq!(
        text(&output.stdout),
        "oQ_LAxIXQv6pimnV7yoK4Q  offline  v0,a0  Warehouse aisle 12\n"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn cameras_are_one_json_object_each() {
    let service = Service::start().await.unwrap();
    let dock = service.add_camera(camera("Dock").facets(["v0", "v1", "a0"]));
    service.add_camera(camera("Gate").offline());
    let output = run(&service, &["cameras", "--output", "json"]).await;
    let lines = validated_lines("cameras", &output);
    assert_eq!(lines.len(), 2);
    assert_eq!(lines[0]["cameraUuid"], dock);
    assert_eq!(lines[0]["name"], "Dock");
    assert_eq!(lines[0]["facets"], serde_json::json!(["v0", "v1", "a0"]));
    let states: Vec<_> = lines.iter().map(|line| &line["state"]).collect();
    assert_eq!(states, ["online", "offline"]);
    assert_eq!(lines[1]["record"]["connectionStatus"], "RED");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_ambiguous_camera_is_an_error_that_lists_the_candidates() {
    let service = Service::start().await.unwrap();
    let uuids = ["Dock, north", "Dock, south"].map(|name| service.add_camera(camera(name)));
    service.add_camera(camera("Gate"));
    for arguments in [
        &["cameras", "dock"][..],
        &["list", "--camera", "dock"],
        &["create", "--camera", "dock", "--from", "-5m", "--to", "now"],
    ] {
        let output = run(&service, arguments).await;
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        let stderr = text(&output.stderr);
        assert!(
            uuids.iter().all(|uuid| stderr.contains(uuid)) && !stderr.contains("Gate"),
            "{stderr}"
        );
        assert!(output.stdout.is_empty());
    }
    let output = run(&service, &["cameras", "attic"]).await;
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).contains("Gate"), "{output:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn listed_clips_are_those_of_get() {
    let service = Service::start().await.unwrap();
    let uuids =
        [rendering(40), complete()].map(|step| add(&service, Clip::by_request([step])).to_string());
    let output = run(&service, &["list", "--output", "json"]).await;
    let lines = validated_lines("list", &output);
    let mut listed: Vec<_> = lines
        .iter()
        .map(|line| line["clipUuid"].as_str().unwrap())
        .collect();
    listed.sort();
    let mut expected = uuids.each_ref().map(String::as_str);
    expected.sort();
    assert_eq!(listed, expected);
    for line in &lines {
        let uuid = line["clipUuid"].as_str().unwrap();
        let output = run(&service, &["get", "--output", "json", uuid]).await;
        assert_eq!(*line, validated("get", &text(&output.stdout)));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn filters_and_the_limit_select_clips() {
    let service = Service::builder()
        .start_time(SystemTime::now())
        .start()
        .await
        .unwrap();
    let camera = service.add_camera(camera("Dock"));
    let ms = |ago: u64| {
        let time = SystemTime::now() - Duration::from_secs(ago);
        let since_epoch = time.duration_since(SystemTime::UNIX_EPOCH).unwrap();
        u64::try_from(since_epoch.as_millis()).unwrap()
    };
    let hour = 60 * 60;
    let recorded = |step: rhombus_clips_sim::Step, ago: u64| step.with("timestampMs", ms(ago));
    let old = add(
        &service,
        Clip::by_request([recorded(complete(), 50 * hour)]),
    );
    let new = add(&service, Clip::by_request([recorded(complete(), hour)]));
    let running = add(&service, Clip::by_request([recorded(rendering(7), hour)]));
    let of_dock = recorded(complete(), 10 * hour).with("deviceUuids", [format!("{camera}.v0")]);
    let of_dock = add(&service, Clip::by_request([of_dock]));
    for (arguments, expected) in [
        (&["--after", "-2d"][..], vec![new, running, of_dock]),
        (&["--before", "-2d"], vec![old]),
        (&["--after", "-2d", "--before", "-2h"], vec![of_dock]),
        (&["--status", "rendering"], vec![running]),
        (&["--camera", "dock"], vec![of_dock]),
        (&["--camera", &camera], vec![of_dock]),
    ] {
        let output = run(&service, &[&["list"], arguments].concat()).await;
        let stdout = text(&output.stdout);
        let mut listed: Vec<_> = stdout.lines().map(|line| &line[..22]).collect();
        listed.sort();
        let mut expected: Vec<_> = expected.iter().map(ToString::to_string).collect();
        expected.sort();
        assert_eq!(listed, expected, "{arguments:?}: {output:?}");
    }
    let output = run(&service, &["list", "--limit", "3"]).await;
    assert_eq!(text(&output.stdout).lines().count(), 3);
    let output = run(&service, &["list", "--status", "completed"]).await;
    assert_eq!(output.status.code(), Some(0));
    assert!(output.stdout.is_empty());
    let stderr = text(&output.stderr);
    assert!(
        stderr.starts_with("warning: the status COMPLETED is unknown; "),
        "{stderr}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_before_an_error_are_printed() {
    let service = Service::start().await.unwrap();
    for _ in 0..201 {
        add(&service, Clip::by_request([complete()]));
    }
    let fault = rhombus_clips_sim::Fault::respond(Response::domain_failure("no more"))
        .for_operation("getClipsWithProgress")
        .on_requests(2..);
    service.inject(fault);
    let output = run(&service, &["list"]).await;
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(text(&output.stdout).lines().count(), 200);
    assert_eq!(
        text(&output.stderr),
        "error: the service reported an error: no more\n"
    );
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn a_list_whose_reader_has_left_ends_quietly() {
    let service = Service::start().await.unwrap();
    for _ in 0..1000 {
        add(&service, Clip::by_request([complete()]));
    }
    let mut child = command_for(&service, &["list"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = tokio::task::spawn_blocking(|| child.wait_with_output().unwrap())
        .await
        .unwrap();
    assert_eq!(output.status.code(), Some(141));
    assert!(output.stderr.is_empty(), "{}", text(&output.stderr));
    service.verify_operation("getClipsWithProgress").at_most(1);
}

#[test]
fn the_table_has_a_header() {
    let output = simulate(&["list", "--output", "table"]);
    let stdout = text(&output.stdout);
    let rows: Vec<_> = stdout.lines().collect();
    // The clip `late` has no record yet.
    assert_eq!(rows.len(), 6, "{stdout}");
    let columns: Vec<_> = rows[0].split_whitespace().collect();
    assert_eq!(
        columns,
        ["CLIP", "STATUS", "%", "RECORDED", "LENGTH", "SIZE", "TITLE"]
    );
}
