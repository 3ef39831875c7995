//! The command `create`.

use std::process::{Output, Stdio};
use std::time::{Duration, SystemTime};

use rhombus_clips_sim::{Fault, Response, Service, camera};
use rhombus_clips_tests::program::*;

/// A service whose clock is that of the program, with the cameras Dock and Gate.
async fn service() -> Service {
    let service = Service::builder()
        .start_time(SystemTime::now())
        .start()
        .await
        .unwrap();
    service.add_camera(camera("Dock"));
    service.add_camera(camera("Gate"));
    service
}

const RANGE: [&str; 4] = ["--from", "-10m", "--to", "-5m"];

async fn create(service: &Service, arguments: &[&str]) -> Output {
    run_command(command_for(service, &[&["create"], arguments].concat())).await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_request_is_announced_and_the_uuid_printed() {
    let service = service().await;
    let from = "2026-01-05T09:30:00";
    let range = [
        "--from",
        from,
        "--to",
        "2026-01-05T10:00",
        "--tz",
        "Europe/Berlin",
    ];
    let more = [
        "--camera",
        "dock",
        "--title",
        "Delivery",
        "--description",
        "Pallet 7",
    ];
    let output = create(&service, &[&range[..], &more].concat()).await;
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let created = service.created_clips();
    assert_eq!(created.len(), 1);
    assert_eq!(text(&output.stdout), format!("{}\n", created[0].uuid));
    assert_eq!(
        text(&output.stderr),
        "requesting a clip of \"Dock\" from 2026-01-05T09:30:00+01:00 to 2026-01-05T10:00:00+01:00 \
         (Europe/Berlin), 30m\n"
    );
    assert_eq!(created[0].start_ms, 1_767_601_800_000);
    assert_eq!(created[0].duration_sec, 30 * 60);
    assert_eq!(created[0].title.as_deref(), Some("Delivery"));
    assert_eq!(created[0].description.as_deref(), Some("Pallet 7"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_json_has_all_clips_and_the_footage() {
    let service = service().await;
    let cameras = ["--camera", "Dock", "--camera", "Gate", "--audio"];
    let arguments = [&cameras[..], &RANGE, &["--output", "json"]].concat();
    let output = create(&service, &arguments).await;
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let created = validated("create", &text(&output.stdout));
    let uuids: Vec<_> = service
        .created_clips()
        .into_iter()
        .map(|it| it.uuid)
        .collect();
    assert_eq!(created["clipUuids"], serde_json::json!(uuids));
    assert_eq!(created["clipUuid"], uuids[0]);
    assert_eq!(created["recovered"], false);
    let footage = created["footage"].as_array().unwrap();
    assert_eq!(footage.len(), 2);
    let is_complete = |text: &serde_json::Value| {
        text.as_str()
            .unwrap()
            .ends_with(": all footage is available")
    };
    assert!(footage.iter().all(is_complete), "{created}");
    let stderr = text(&output.stderr);
    assert!(stderr.ends_with(", 5m, with sound\n"), "{stderr}");
    // Nothing is announced.
    let output = create(&service, &[&arguments[..], &["--quiet"]].concat()).await;
    assert!(output.stderr.is_empty(), "{output:?}");
    validated("create", &text(&output.stdout));
}

#[tokio::test(flavor = "multi_thread")]
async fn footage_is_required_by_the_policy() {
    let now = SystemTime::now();
    let service = Service::builder().start_time(now).start().await.unwrap();
    let at = |ago: u64| now - Duration::from_secs(60 * ago);
    service.add_camera(camera("Dock").no_footage(at(60)..at(7)));
    let create = |footage| {
        let arguments = [&["--camera", "dock", "--footage", footage], &RANGE[..]].concat();
        let service = &service;
        async move { create(service, &arguments).await }
    };
    let output = create("full").await;
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let stderr = text(&output.stderr);
    assert!(
        stderr.contains("the clip was not requested, because of its footage"),
        "{stderr}"
    );
    assert!(service.created_clips().is_empty());
    let output = create("any").await;
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let stderr = text(&output.stderr);
    assert!(
        stderr.contains("\nwarning: camera ") && stderr.contains(" s without footage"),
        "{stderr}"
    );
    let output = create("off").await;
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert!(!text(&output.stderr).contains("warning"), "{output:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn invalid_requests_are_not_sent() {
    let service = service().await;
    for (arguments, code, message) in [
        (
            &["--camera", "dock", "--from", "-3h", "--to", "now"][..],
            2,
            "the clip lasts 3h, and the longest",
        ),
        (
            &[
                "--camera", "dock", "--camera", "gate", "--from", "-40m", "--to", "-5m",
            ],
            2,
            "the clip lasts 35m for each of 2 cameras",
        ),
        (
            &[
                "--camera",
                "dock",
                "--from",
                "-5m",
                "--to",
                "2999-01-01T00:00Z",
            ],
            1,
            "in the future",
        ),
        (
            &[
                "--camera", "dock", "--camera", "Dock", "--from", "-5m", "--to", "now",
            ],
            2,
            "given twice",
        ),
        (
            &["--camera", "dock", "--from", "-5m", "--to", "-10m"],
            2,
            "write the earlier time first",
        ),
    ] {
        let output = create(&service, arguments).await;
        assert_eq!(
            output.status.code(),
            Some(code),
            "{arguments:?}: {output:?}"
        );
        let stderr = text(&output.stderr);
        assert!(stderr.contains(message), "{stderr}");
    }
    service.verify_operation("spliceV3").none();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unlisted_camera_is_requested_by_its_uuid() {
    let service = service().await;
    service.inject(
        Fault::respond(Response::domain_failure("no list"))
            .for_operation("getMinimalCameraStateList"),
    );
    let uuid = "AAAAAAAAAAAAAAAAAAAAAA";
    let output = create(&service, &[&["--camera", uuid], &RANGE[..]].concat()).await;
    assert_eq!(output.status.code(), Some(1));
    let stderr = text(&output.stderr);
    assert!(
        stderr.starts_with(&format!("requesting a clip of {uuid} from ")),
        "{stderr}"
    );
    assert!(stderr.contains("No such device"), "{stderr}");
    let output = create(&service, &[&["--camera", "dock"], &RANGE[..]].concat()).await;
    assert!(text(&output.stderr).contains("no list"), "{output:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clip_is_found_after_a_lost_response() {
    let service = service().await;
    let lost = Fault::map_response(|response| response.cut_after(2)).for_operation("spliceV3");
    service.inject(lost.times(1));
    let output = create(
        &service,
        &[&["--camera", "dock", "--output", "json"], &RANGE[..]].concat(),
    )
    .await;
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let created = validated("create", &text(&output.stdout));
    assert_eq!(created["recovered"], true);
    assert_eq!(created["clipUuid"], service.created_clips()[0].uuid);
    service.verify_operation("spliceV3").count(1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_outcome_exits_with_7_and_names_the_command_that_looks_for_the_clip() {
    let service = service().await;
    // Lost before it is processed, so that there is no clip to find.
    service.inject(Fault::respond(Response::close()).for_operation("spliceV3"));
    let arguments = ["--camera", "dock", "--not-found-grace-period", "0"];
    let output = create(&service, &[&arguments[..], &RANGE].concat()).await;
    assert_eq!(output.status.code(), Some(7), "{output:?}");
    assert!(output.stdout.is_empty());
    service.verify_operation("spliceV3").count(1);
    let stderr = text(&output.stderr);
    let lines: Vec<_> = stderr.lines().collect();
    assert!(
        lines[1].starts_with("error: the response to the request for a clip was lost"),
        "{stderr}"
    );
    let (_, rest) = lines[2]
        .split_once("hint: look for it with `rhombus-clips ")
        .unwrap();
    let (command, rest) = rest.split_once('`').unwrap();
    assert_eq!(rest, ", and request it again only if it is not there");

    // The command works, and finds a clip of that range.
    service.clear_faults();
    let words: Vec<_> = command.split(' ').collect();
    let output = run_command(command_for(&service, &words)).await;
    assert_eq!(
        (output.status.code(), text(&output.stdout).as_str()),
        (Some(0), "")
    );
    let time = |name: &str| {
        let position = words.iter().position(|word| *word == name).unwrap();
        words[position + 1]
    };
    let arguments = [
        "--camera",
        "dock",
        "--from",
        time("--after"),
        "--to",
        time("--before"),
    ];
    let created = create(&service, &arguments).await;
    let output = run_command(command_for(&service, &words)).await;
    let listed = text(&output.stdout);
    assert!(listed.starts_with(text(&created.stdout).trim()), "{listed}");
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn an_interruption_after_the_request_says_so() {
    let service = service().await;
    service.inject(Fault::respond(Response::hang()).for_operation("spliceV3"));
    let mut command = command_for(
        &service,
        &[&["create", "--camera", "dock"], &RANGE[..]].concat(),
    );
    let child = command
        .stderr(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    loop {
        let count = service.request_count();
        if service
            .requests()
            .iter()
            .any(|it| it.operation.as_deref() == Some("spliceV3"))
        {
            break;
        }
        service.wait_for_requests(count + 1).await;
    }
    signal(&child, "INT");
    let output = tokio::task::spawn_blocking(|| child.wait_with_output().unwrap())
        .await
        .unwrap();
    assert_eq!(output.status.code(), Some(130));
    let stderr = text(&output.stderr);
    assert!(
        stderr.contains("\nwarning: the clip may have been requested\nhint: look for it with `"),
        "{stderr}"
    );
}

#[test]
fn the_simulated_cameras_have_footage() {
    for (name, warns) in [("loading dock", false), ("warehouse", true)] {
        let mut command = program();
        command
            .args(["create", "--simulate", "--camera", name])
            .args(RANGE);
        let output = command.output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{output:?}");
        assert_eq!(text(&output.stdout).trim().len(), 22);
        let stderr = text(&output.stderr);
        assert_eq!(stderr.contains("the camera is offline"), warns, "{stderr}");
    }
}
