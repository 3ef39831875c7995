//! Output of the `rhombus-clips` program.
//!
//! The program runs as a separate process against the simulated service; its output streams and
//! exit codes are compared with the documented ones.

use std::process::Stdio;

use rhombus_clips::ClipUuid;
use rhombus_clips_sim::{Clip, Response, Service, Step};
use rhombus_clips_tests::program::*;
use rhombus_clips_tests::{add, complete, rendering};

#[tokio::test(flavor = "multi_thread")]
async fn get_prints_one_json_object() {
    let service = Service::start().await.unwrap();
    let uuid = add(
        &service,
        Clip::by_request([rendering(40).with("title", "Front door")]),
    );
    let output = run_command(command_for(
        &service,
        &["get", "--output", "json", &uuid.to_string()],
    ))
    .await;
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let details = validated("get", &text(&output.stdout));
    assert_eq!(details["clipUuid"], uuid.to_string());
    assert_eq!(details["status"], "RENDERING");
    assert_eq!(details["percentComplete"], 40);
    assert_eq!(details["record"]["title"], "Front door");
    assert!(output.stderr.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn get_prints_readable_text() {
    let service = Service::start().await.unwrap();
    let uuid = add(
        &service,
        Clip::by_request([complete().with("title", "Front door")]),
    );
    let output = run_command(command_for(&service, &["get", &uuid.to_string()])).await;
    let stdout = text(&output.stdout);
    assert!(
        stdout.contains("COMPLETE") && stdout.contains("Front door"),
        "{stdout}"
    );
    assert!(
        !stdout.contains('\u{1b}'),
        "escape codes in a pipe: {stdout:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn hidden_characters_of_the_service_never_reach_the_terminal() {
    let service = Service::start().await.unwrap();
    let hidden =
        "\u{1b}[2J\u{7f}\u{9b}0m\u{85}\u{ad}\u{200b}\u{202e}\u{2028}\u{2066}\u{feff}\u{e0041}";
    let writing = "\u{5e9}\u{5c1} \u{6cc}\u{200c}\u{62e} \u{915}\u{94d}\u{200d}\u{937} \
                   \u{1f469}\u{1f3fd}\u{200d}\u{1f680} \u{2764}\u{fe0f}";
    let title = format!("{hidden}{writing}");
    let uuid = add(
        &service,
        Clip::by_request([complete()
            .with("title", &*title)
            .with("currentOperation", &*title)
            .with(&*title, &*title)]),
    )
    .to_string();
    for command in ["get", "watch"] {
        for output in ["text", "table", "json"] {
            let command = command_for(&service, &[command, "-v", "--output", output, &uuid]);
            let result = run_command(command).await;
            assert_eq!(result.status.code(), Some(0), "{result:?}");
            let stdout = text(&result.stdout);
            let shown = stdout.replace('\n', "");
            assert!(
                !shown.contains(|c| hidden.contains(c) && !"[2J0m".contains(c)),
                "{shown:?}"
            );
            assert!(shown.contains(writing) || output == "table", "{shown:?}");
            if output == "json" {
                let first = stdout.lines().next().unwrap();
                let json: serde_json::Value = serde_json::from_str(first).unwrap();
                assert_eq!(json["currentOperation"], title);
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn watch_prints_one_json_object_per_change() {
    let service = Service::start().await.unwrap();
    let uuid = add(
        &service,
        Clip::by_request([rendering(40), rendering(40), complete()]),
    );
    let output = watch(&service, &uuid, &["--output", "json"]).await;
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let events = json_lines(&output);
    assert_eq!(events.len(), 2);
    for event in &events {
        assert_eq!(event["clipUuid"], uuid.to_string());
        assert!(event["elapsedMs"].is_u64());
    }
    assert_eq!(
        (&events[0]["event"], &events[0]["polls"]),
        (&"progress".into(), &1.into())
    );
    assert_eq!(events[0]["status"], "RENDERING");
    assert_eq!(events[0]["percentComplete"], 40);
    assert_eq!(events[0]["currentOperation"], "Processing video");
    assert_eq!(
        (&events[1]["event"], &events[1]["polls"]),
        (&"complete".into(), &3.into())
    );
    assert!(output.stderr.is_empty(), "{}", text(&output.stderr));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_error_includes_an_excerpt_of_the_response() {
    let service = Service::start().await.unwrap();
    let uuid = add(&service, Clip::by_request([complete()]));
    let body = r#"{"msg":"JSON doesn't match expected object structure"}"#;
    let line = format!("error: unexpected status 400: {body}\n");

    service.respond_next(Response::bad_request());
    let output = run_command(command_for(&service, &["get", &uuid.to_string()])).await;
    assert_eq!(text(&output.stderr), line);

    service.respond_next(Response::bad_request());
    let output = watch(&service, &uuid, &["--output", "json"]).await;
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(text(&output.stderr), line);
    let last = json_lines(&output).pop().unwrap();
    assert_eq!(last["message"], "unexpected status 400");
    assert_eq!(
        (&last["httpStatus"], &last["body"]),
        (&400.into(), &body.into())
    );

    let html = "<html>\n\t<h1>\u{1b}[31mOops</h1>\n";
    service.respond_next(Response::status(501).body(format!("{html}{}", "x".repeat(500))));
    let output = run_command(command_for(&service, &["get", &uuid.to_string()])).await;
    let stderr = text(&output.stderr);
    assert!(
        stderr.starts_with("error: unexpected status 501: <html> <h1>\u{fffd}[31mOops</h1> xxx")
            && stderr.ends_with("x...\n")
            && stderr.chars().count() < 250,
        "{stderr}"
    );

    service.respond_next(Response::json(&serde_json::json!(["no", "object"])));
    let output = run_command(command_for(&service, &["get", &uuid.to_string()])).await;
    assert!(
        text(&output.stderr).ends_with(": [\"no\",\"object\"]\n"),
        "{}",
        text(&output.stderr)
    );

    service.respond_next(Response::access_denied(0));
    let output = run_command(command_for(&service, &["get", &uuid.to_string()])).await;
    assert_eq!(output.status.code(), Some(5));
    assert!(text(&output.stderr).contains(r#""msg":"Access Denied""#));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_exceeded_deadline_includes_the_last_response() {
    let service = Service::start().await.unwrap();
    let unavailable = Step::response(Response::status(503).body("back soon"));
    let uuid = add(&service, Clip::by_request([unavailable]));
    let output = watch(&service, &uuid, &["--output", "json", "--timeout", "0.5"]).await;
    assert_eq!(output.status.code(), Some(4));
    let stderr = text(&output.stderr);
    assert_eq!(stderr.lines().count(), 2, "{stderr}");
    assert!(
        stderr.ends_with(": service unavailable (503): back soon; set a longer --timeout\n"),
        "{stderr}"
    );
    let last = json_lines(&output).pop().unwrap();
    assert_eq!(
        (&last["kind"], &last["httpStatus"], &last["body"]),
        (&"deadlineExceeded".into(), &503.into(), &"back soon".into())
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn decode_issues_are_printed() {
    let service = Service::start().await.unwrap();
    let invalid_title = complete().with("title", serde_json::json!({}));
    let uuid = add(&service, Clip::by_request([invalid_title]));
    let row = "undecoded /clip/title: expected a string, found an object\n";
    for command in ["get", "watch"] {
        let output = run_command(command_for(&service, &[command, &uuid.to_string()])).await;
        assert_eq!(output.status.code(), Some(0));
        assert!(text(&output.stdout).contains(row), "{output:?}");
        assert!(output.stderr.is_empty(), "{output:?}");
    }
    let output = watch(&service, &uuid, &["--output", "json"]).await;
    let last = json_lines(&output).pop().unwrap();
    assert_eq!(
        last["decodeIssues"],
        serde_json::json!(["/clip/title: expected a string, found an object"])
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_undecodable_status_is_reported_once() {
    let service = Service::start().await.unwrap();
    let invalid_status = |percent| rendering(percent).with("status", serde_json::json!({}));
    let uuid = add(
        &service,
        Clip::by_request([invalid_status(1), invalid_status(2), invalid_status(3)]),
    );
    for output in ["text", "json"] {
        let output = watch(&service, &uuid, &["--output", output, "--timeout", "0.3"]).await;
        assert_eq!(output.status.code(), Some(4));
        let stderr = text(&output.stderr);
        let [warning, error] = stderr.lines().collect::<Vec<_>>()[..] else {
            panic!("{stderr}");
        };
        assert_eq!(
            warning,
            "warning: cannot decode the clip's status (expected a string, found an object); \
             its completion may go undetected"
        );
        assert!(
            error.starts_with("error: watch timed out after 0.3 s"),
            "{error}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn watch_waits_for_a_record_until_the_grace_period_ends() {
    let service = Service::start().await.unwrap();
    let late_record = || Clip::by_request([Step::null(), Step::null(), complete()]);
    let uuid = add(&service, late_record());
    let output = watch(&service, &uuid, &["--not-found-grace-period", "0"]).await;
    assert_eq!(output.status.code(), Some(6), "{output:?}");
    assert_eq!(service.request_count(), 1);
    let uuid = add(&service, late_record());
    let output = watch(&service, &uuid, &["--not-found-grace-period", "30"]).await;
    assert_eq!(output.status.code(), Some(0), "{output:?}");
}

#[test]
fn get_with_simulate_requires_neither_key_nor_clip() {
    let output = program()
        .args(["get", "--simulate", "--output", "json"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let details = validated("get", &text(&output.stdout));
    assert!(
        details["clipUuid"]
            .as_str()
            .unwrap()
            .parse::<ClipUuid>()
            .is_ok()
    );
}

#[test]
fn simulate_serves_the_clips_that_it_announces() {
    let mut server = program()
        .args(["simulate", "--output", "json", "--speed", "1000"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    std::io::BufRead::read_line(
        &mut std::io::BufReader::new(server.stdout.take().unwrap()),
        &mut line,
    )
    .unwrap();
    let announcement = validated("simulate", &line);
    let watch = |name: &str| {
        let mut command = program();
        command.args([
            "watch",
            "--interval",
            "0.01",
            announcement["clips"][name].as_str().unwrap(),
        ]);
        command.env("RHOMBUS_API_KEY", announcement["apiKey"].as_str().unwrap());
        command.env(
            "RHOMBUS_ENDPOINT_URL",
            announcement["baseUrl"].as_str().unwrap(),
        );
        command.output().unwrap().status.code()
    };
    let codes = [watch("completes"), watch("fails"), watch("deleted")];
    server.kill().unwrap();
    server.wait().unwrap();
    assert_eq!(codes, [Some(0), Some(3), Some(3)]);
}
