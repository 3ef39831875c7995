//! The `rhombus-clips` program, run as a user runs it: what it prints.

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
    let output = finished(at(
        &service,
        &["get", "--output", "json", &uuid.to_string()],
    ))
    .await;
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let shown = checked("get", &text(&output.stdout));
    assert_eq!(shown["clipUuid"], uuid.to_string());
    assert_eq!(shown["status"], "RENDERING");
    assert_eq!(shown["percentComplete"], 40);
    assert_eq!(shown["record"]["title"], "Front door");
    assert!(output.stderr.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn get_prints_readable_text() {
    let service = Service::start().await.unwrap();
    let uuid = add(
        &service,
        Clip::by_request([complete().with("title", "Front door")]),
    );
    let output = finished(at(&service, &["get", &uuid.to_string()])).await;
    let shown = text(&output.stdout);
    assert!(
        shown.contains("COMPLETE") && shown.contains("Front door"),
        "{shown}"
    );
    assert!(
        !shown.contains('\u{1b}'),
        "escape codes in a pipe: {shown:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn watch_prints_one_json_object_a_change() {
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
async fn an_error_comes_with_what_the_service_said() {
    let service = Service::start().await.unwrap();
    let uuid = add(&service, Clip::by_request([complete()]));
    let body = r#"{"msg":"JSON doesn't match expected object structure"}"#;
    let line = format!("error: unexpected status 400: {body}\n");

    service.respond_next(Response::bad_request());
    let output = finished(at(&service, &["get", &uuid.to_string()])).await;
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
    let output = finished(at(&service, &["get", &uuid.to_string()])).await;
    let shown = text(&output.stderr);
    assert!(
        shown.starts_with("error: unexpected status 501: <html> <h1>\u{fffd}[31mOops</h1> xxx")
            && shown.ends_with("x...\n")
            && shown.chars().count() < 250,
        "{shown}"
    );

    service.respond_next(Response::json(&serde_json::json!(["no", "object"])));
    let output = finished(at(&service, &["get", &uuid.to_string()])).await;
    assert!(
        text(&output.stderr).ends_with(": [\"no\",\"object\"]\n"),
        "{}",
        text(&output.stderr)
    );

    service.respond_next(Response::access_denied(0));
    let output = finished(at(&service, &["get", &uuid.to_string()])).await;
    assert_eq!(output.status.code(), Some(5));
    assert!(text(&output.stderr).contains(r#""msg":"Access Denied""#));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missed_deadline_comes_with_the_last_answer() {
    let service = Service::start().await.unwrap();
    let away = Step::response(Response::status(503).body("back soon"));
    let uuid = add(&service, Clip::by_request([away]));
    let output = watch(&service, &uuid, &["--output", "json", "--timeout", "0.5"]).await;
    assert_eq!(output.status.code(), Some(4));
    let told = text(&output.stderr);
    assert_eq!(told.lines().count(), 2, "{told}");
    assert!(
        told.ends_with(": the service has trouble (503): back soon\n"),
        "{told}"
    );
    let last = json_lines(&output).pop().unwrap();
    assert_eq!(
        (&last["kind"], &last["httpStatus"], &last["body"]),
        (&"deadlineExceeded".into(), &503.into(), &"back soon".into())
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_could_not_be_read_is_shown() {
    let service = Service::start().await.unwrap();
    let odd = complete().with("title", serde_json::json!({}));
    let uuid = add(&service, Clip::by_request([odd]));
    let row = "unread    /clip/title: expected a string, found an object\n";
    for command in ["get", "watch"] {
        let output = finished(at(&service, &[command, &uuid.to_string()])).await;
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
async fn a_status_that_cannot_be_read_is_told_once() {
    let service = Service::start().await.unwrap();
    let odd = |percent| rendering(percent).with("status", serde_json::json!({}));
    let uuid = add(&service, Clip::by_request([odd(1), odd(2), odd(3)]));
    for output in ["text", "json"] {
        let output = watch(&service, &uuid, &["--output", output, "--timeout", "0.3"]).await;
        assert_eq!(output.status.code(), Some(4));
        let told = text(&output.stderr);
        let [warning, error] = told.lines().collect::<Vec<_>>()[..] else {
            panic!("{told}");
        };
        assert_eq!(
            warning,
            "warning: the clip's status cannot be read (expected a string, found an object): \
             its end may go unseen"
        );
        assert!(error.starts_with("error: the deadline of 0.3 s passed"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_watch_waits_for_a_record_as_long_as_it_is_told() {
    let service = Service::start().await.unwrap();
    let late = || Clip::by_request([Step::null(), Step::null(), complete()]);
    let uuid = add(&service, late());
    let output = watch(&service, &uuid, &["--not-found-grace-period", "0"]).await;
    assert_eq!(output.status.code(), Some(6), "{output:?}");
    assert_eq!(service.request_count(), 1);
    let uuid = add(&service, late());
    let output = watch(&service, &uuid, &["--not-found-grace-period", "30"]).await;
    assert_eq!(output.status.code(), Some(0), "{output:?}");
}

#[test]
fn simulate_on_get_needs_neither_key_nor_clip() {
    let output = program()
        .args(["get", "--simulate", "--output", "json"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let shown = checked("get", &text(&output.stdout));
    assert!(
        shown["clipUuid"]
            .as_str()
            .unwrap()
            .parse::<ClipUuid>()
            .is_ok()
    );
}

#[test]
fn simulate_serves_what_its_first_line_says() {
    let mut serving = program()
        .args(["simulate", "--output", "json", "--speed", "1000"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    std::io::BufRead::read_line(
        &mut std::io::BufReader::new(serving.stdout.take().unwrap()),
        &mut line,
    )
    .unwrap();
    let told = checked("simulate", &line);
    let watch = |clip: &str| {
        let mut command = program();
        command.args([
            "watch",
            "--interval",
            "0.01",
            told["clips"][clip].as_str().unwrap(),
        ]);
        command.env("RHOMBUS_API_KEY", told["apiKey"].as_str().unwrap());
        command.env("RHOMBUS_ENDPOINT_URL", told["baseUrl"].as_str().unwrap());
        command.output().unwrap().status.code()
    };
    let codes = [watch("completes"), watch("fails"), watch("deleted")];
    serving.kill().unwrap();
    serving.wait().unwrap();
    assert_eq!(codes, [Some(0), Some(3), Some(3)]);
}
