//! What the program prints as JSON is what its schemas say.

use std::collections::BTreeSet;
use std::process::Stdio;

use rhombus_clips_sim::{Clip, ClipStatus, Response, Service, Step};
use rhombus_clips_tests::program::*;
use rhombus_clips_tests::{add, complete, rendering};
use serde_json::{Value, json};

#[test]
fn the_schemas_change_on_purpose_only() {
    for command in ["get", "watch", "simulate"] {
        insta::assert_json_snapshot!(format!("schema_{command}"), schema(command));
    }
}

/// Clips that end in every way, and whose records are as odd as they may be.
fn lives() -> Vec<Vec<Step>> {
    let failure = Response::status(400).body("{\"msg\": \"\\u001b[31m no\"}");
    vec![
        vec![complete()],
        vec![
            Step::null(),
            Step::new(ClipStatus::Initiating),
            rendering(0),
            rendering(99).warning("slow"),
            Step::response(Response::status(503).body("back soon")),
            complete().warning("half of it").with("title", 7),
        ],
        vec![Step::new(ClipStatus::Failed).operation("no footage")],
        vec![rendering(7), Step::new(ClipStatus::Deleted)],
        vec![rendering(7), Step::response(failure)],
        vec![Step::response(Response::domain_failure(
            "the footage is gone",
        ))],
        vec![
            rendering(1),
            Step::response(Response::json(&json!(["no", "object"]))),
        ],
        vec![Step::null()],
        vec![
            rendering(0)
                .with("status", json!({"a": []}))
                .with("percentComplete", 1e300)
                .with("currentOperation", json!([null])),
            rendering(0)
                .with("status", "")
                .with("percentComplete", -5)
                .with("currentOperation", "\u{0}\u{1f600}"),
            rendering(0)
                .with("status", "A_NEW_ONE")
                .with("percentComplete", 12_345),
            complete().with("status", Value::Null),
        ],
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn every_line_of_a_watch_is_as_its_schema_says() {
    let service = Service::start().await.unwrap();
    let mut arguments = vec![
        "watch",
        "--interval",
        "0.01",
        "--not-found-grace-period",
        "0.3",
    ];
    arguments.extend(["--output", "json"]);
    let clips: Vec<_> = lives()
        .into_iter()
        .map(|life| add(&service, Clip::by_request(life)).to_string())
        .collect();
    arguments.extend(clips.iter().map(String::as_str));
    let output = finished(at(&service, &arguments)).await;
    let requests = service.request_count();
    let endless = add(&service, Clip::by_request([rendering(50)]));
    let late = watch(
        &service,
        &endless,
        &["--output", "json", "--timeout", "0.05"],
    )
    .await;
    // Checked on the way.
    let lines = [json_lines(&output), json_lines(&late)].concat();
    let seen = |property: &str| -> BTreeSet<String> {
        let values = lines.iter().filter_map(|line| line[property].as_str());
        values.map(str::to_owned).collect()
    };
    assert_eq!(
        seen("event"),
        ["complete", "error", "failed", "progress"]
            .map(str::to_owned)
            .into()
    );
    let kinds = [
        "deadlineExceeded",
        "decode",
        "notFound",
        "service",
        "unexpectedStatus",
    ];
    assert_eq!(seen("kind"), kinds.map(str::to_owned).into());
    for property in [
        "warning",
        "decodeIssues",
        "body",
        "httpStatus",
        "remainingMs",
    ] {
        let is_there = lines.iter().any(|line| line.get(property).is_some());
        assert!(is_there, "{property} is in no line");
    }
    let summary = summary(&output);
    let counts = ["complete", "failed", "errors", "unfinished"].map(|name| summary[name].as_u64());
    assert_eq!(counts, [3, 2, 4, 0].map(Some), "{summary}");
    assert_eq!(summary["requests"], requests);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_adaptive_poll_policy_says_how_much_longer_it_takes() {
    let service = Service::start().await.unwrap();
    let uuid = add(&service, Clip::by_request([rendering(40), complete()])).to_string();
    let output = finished(at(&service, &["watch", "--output", "json", &uuid])).await;
    let lines = json_lines(&output);
    let left = |name: &str| lines[0][name].as_u64().unwrap();
    assert!(left("remainingLowerMs") <= left("remainingMs"));
    assert!(left("remainingMs") <= left("remainingUpperMs"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_get_prints_is_as_its_schema_says() {
    let service = Service::start().await.unwrap();
    let lives = lives().into_iter().flatten();
    let views =
        json!({"v0": [{"dewarp": {"pitchDegrees": 1.5, "aspectRatio": {"width": 16}}}, null]});
    let rich = complete()
        .with("alterMap", views)
        .with("integrationUploadList", json!(["SLACK", "A_NEW_ONE", null]))
        .with(
            "deviceIntervalMap",
            json!({"v0": [{"startMs": 1, "endMs": null}]}),
        )
        .with("mountingDirection", "SIDEWAYS")
        .with("somethingNew", json!({"a": [1, "b"]}));
    let mut shown = 0;
    for step in lives.chain([rich]) {
        let uuid = add(&service, Clip::by_request([step])).to_string();
        let output = finished(at(&service, &["get", "--output", "json", &uuid])).await;
        if output.status.success() {
            checked("get", &text(&output.stdout));
            shown += 1;
        }
    }
    assert!(shown > 12, "{shown}");
}

#[test]
fn what_simulate_prints_is_as_its_schema_says() {
    let mut serving = program()
        .args(["simulate", "--output", "json"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    let stdout = serving.stdout.take().unwrap();
    std::io::BufRead::read_line(&mut std::io::BufReader::new(stdout), &mut line).unwrap();
    serving.kill().unwrap();
    serving.wait().unwrap();
    checked("simulate", &line);
}

#[test]
fn what_is_not_so_is_refused() {
    let line = json!({
        "event": "error",
        "clipUuid": "Vu0s9xQbQ1OsHk3tLw6rWg",
        "status": null,
        "percentComplete": 100,
        "currentOperation": null,
        "polls": 1,
        "elapsedMs": 0,
        "kind": "decode",
        "message": "no",
    });
    let is_valid = |change: &dyn Fn(&mut Value)| {
        let mut line = line.clone();
        change(&mut line);
        validator("watch").is_valid(&line)
    };
    assert!(is_valid(&|_| ()));
    let changes: [&dyn Fn(&mut Value); 7] = [
        &|line| line["event"] = "progress".into(),
        &|line| line["event"] = "another".into(),
        &|line| line["clipUuid"] = "Vu0s9xQbQ1OsHk3tLw6rWh".into(),
        &|line| line["percentComplete"] = 101.into(),
        &|line| line["kind"] = "unheard of".into(),
        &|line| _ = line.as_object_mut().unwrap().remove("status"),
        &|line| line["elapsed"] = 1.into(),
    ];
    for (number, change) in changes.into_iter().enumerate() {
        assert!(!is_valid(change), "change {number}");
    }
}

/// The names of all properties in a schema.
fn properties(schema: &Value, names: &mut BTreeSet<String>) {
    match schema {
        Value::Object(object) => {
            let named = object.get("properties").and_then(Value::as_object);
            names.extend(named.into_iter().flatten().map(|(name, _)| name.clone()));
            object.values().for_each(|value| properties(value, names));
        }
        Value::Array(items) => items.iter().for_each(|value| properties(value, names)),
        _ => {}
    }
}

#[test]
fn help_documents_every_key_that_json_may_have() {
    for command in ["get", "watch"] {
        let help = text(&program().args([command, "--help"]).output().unwrap().stdout);
        let mut names = BTreeSet::new();
        properties(&schema(command), &mut names);
        assert!(names.len() > 10, "{names:?}");
        for name in names {
            assert!(help.contains(&name), "{name}: {help}");
        }
    }
}
