//! Conformance of the program's JSON output to its published schemas.
//!
//! Snapshots record the schemas themselves; the other tests validate the output of every command,
//! for records and failures of every kind, against the schema that the program prints.

use std::collections::BTreeSet;
use std::process::Stdio;

use rhombus_clips_sim::{Clip, ClipStatus, Response, Service, Step};
use rhombus_clips_tests::program::*;
use rhombus_clips_tests::{add, complete, rendering};
use serde_json::{Value, json};

#[test]
fn schemas_match_their_snapshots() {
    for command in [
        "get", "watch", "cameras", "create", "cancel", "history", "simulate",
    ] {
        insta::assert_json_snapshot!(format!("schema_{command}"), schema(command));
    }
}

#[test]
fn commands_with_the_same_output_have_the_same_schema() {
    for (command, like) in [
        ("list", "get"),
        ("retry", "cancel"),
        ("delete", "cancel"),
        ("update", "cancel"),
    ] {
        let mut expected = schema(like);
        expected["title"] = format!("rhombus-clips {command}").into();
        assert_eq!(schema(command), expected);
    }
}

/// Returns the responses for clips with every outcome and with malformed records.
fn clip_steps() -> Vec<Vec<Step>> {
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
async fn watch_output_matches_its_schema() {
    let service = Service::start().await.unwrap();
    let mut arguments = vec![
        "watch",
        "--interval",
        "0.01",
        "--not-found-grace-period",
        "0.3",
    ];
    arguments.extend(["--output", "json"]);
    let uuids: Vec<_> = clip_steps()
        .into_iter()
        .map(|steps| add(&service, Clip::by_request(steps)).to_string())
        .collect();
    arguments.extend(uuids.iter().map(String::as_str));
    let output = run_command(command_for(&service, &arguments)).await;
    let requests = service.request_count();
    let endless = add(&service, Clip::by_request([rendering(50)]));
    let timed_out = watch(
        &service,
        &endless,
        &["--output", "json", "--timeout", "0.05"],
    )
    .await;
    // `json_lines` validates each line.
    let lines = [json_lines(&output), json_lines(&timed_out)].concat();
    let values_of = |property: &str| -> BTreeSet<String> {
        let values = lines.iter().filter_map(|line| line[property].as_str());
        values.map(str::to_owned).collect()
    };
    assert_eq!(
        values_of("event"),
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
    assert_eq!(values_of("kind"), kinds.map(str::to_owned).into());
    for property in [
        "warning",
        "decodeIssues",
        "body",
        "httpStatus",
        "remainingMs",
    ] {
        let is_present = lines.iter().any(|line| line.get(property).is_some());
        assert!(is_present, "{property} is in no line");
    }
    for line in &lines {
        let time = line["time"].as_str().unwrap();
        assert!(time.len() == 24 && time.ends_with('Z'), "{line}");
        let has_clip = line["clip"]["clipUuid"] == line["clipUuid"];
        match line["event"].as_str() {
            Some("complete" | "failed") => assert!(has_clip, "{line}"),
            Some("error") if line["kind"] != "notFound" => {}
            _ => assert!(line.get("clip").is_none(), "{line}"),
        }
    }
    let with_clip = |kind: &str| {
        let mut errors = lines.iter().filter(|line| line["kind"] == kind);
        errors.any(|line| line["clip"]["status"] == "RENDERING")
    };
    assert!(with_clip("deadlineExceeded") && with_clip("decode"));
    assert_eq!(values_of("reason"), ["no footage".to_owned()].into());
    let summary = summary(&output);
    let counts = ["complete", "failed", "errors", "unfinished"].map(|name| summary[name].as_u64());
    assert_eq!(counts, [3, 2, 4, 0].map(Some), "{summary}");
    assert_eq!(summary["requests"], requests);
}

#[tokio::test(flavor = "multi_thread")]
async fn progress_includes_the_remaining_time_by_default() {
    let service = Service::start().await.unwrap();
    let uuid = add(&service, Clip::by_request([rendering(40), complete()])).to_string();
    let output = run_command(command_for(&service, &["watch", "--output", "json", &uuid])).await;
    let lines = json_lines(&output);
    let remaining = |name: &str| lines[0][name].as_u64().unwrap();
    assert!(remaining("remainingLowerMs") <= remaining("remainingMs"));
    assert!(remaining("remainingMs") <= remaining("remainingUpperMs"));
}

#[tokio::test(flavor = "multi_thread")]
async fn get_output_matches_its_schema() {
    let service = Service::start().await.unwrap();
    let steps = clip_steps().into_iter().flatten();
    let views =
        json!({"v0": [{"dewarp": {"pitchDegrees": 1.5, "aspectRatio": {"width": 16}}}, null]});
    let full_record = complete()
        .with("alterMap", views)
        .with("integrationUploadList", json!(["SLACK", "A_NEW_ONE", null]))
        .with(
            "deviceIntervalMap",
            json!({"v0": [{"startMs": 1, "endMs": null}]}),
        )
        .with("mountingDirection", "SIDEWAYS")
        .with("somethingNew", json!({"a": [1, "b"]}));
    let mut successes = 0;
    for step in steps.chain([full_record]) {
        let uuid = add(&service, Clip::by_request([step])).to_string();
        let output = run_command(command_for(&service, &["get", "--output", "json", &uuid])).await;
        if output.status.success() {
            validated("get", &text(&output.stdout));
            successes += 1;
        }
    }
    assert!(successes > 12, "{successes}");
}

#[test]
fn simulate_output_matches_its_schema() {
    let mut server = program()
        .args(["simulate", "--output", "json"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    let stdout = server.stdout.take().unwrap();
    std::io::BufRead::read_line(&mut std::io::BufReader::new(stdout), &mut line).unwrap();
    server.kill().unwrap();
    server.wait().unwrap();
    validated("simulate", &line);
}

#[test]
fn the_schema_rejects_invalid_lines() {
    let line = json!({
        "event": "error",
        "time": "2026-11-24T14:02:05.123Z",
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
    let changes: [&dyn Fn(&mut Value); 9] = [
        &|line| line["event"] = "progress".into(),
        &|line| line["event"] = "another".into(),
        &|line| line["clipUuid"] = "Vu0s9xQbQ1OsHk3tLw6rWh".into(),
        &|line| line["percentComplete"] = 101.into(),
        &|line| line["kind"] = "unknown".into(),
        &|line| _ = line.as_object_mut().unwrap().remove("status"),
        &|line| line["elapsed"] = 1.into(),
        &|line| _ = line.as_object_mut().unwrap().remove("time"),
        &|line| line["clip"] = json!({"clipUuid": "Vu0s9xQbQ1OsHk3tLw6rWg"}),
    ];
    for (number, change) in changes.into_iter().enumerate() {
        assert!(!is_valid(change), "change {number}");
    }
}

/// Collects the names of all properties in a schema.
fn collect_properties(schema: &Value, names: &mut BTreeSet<String>) {
    match schema {
        Value::Object(object) => {
            let properties = object.get("properties").and_then(Value::as_object);
            names.extend(
                properties
                    .into_iter()
                    .flatten()
                    .map(|(name, _)| name.clone()),
            );
            object
                .values()
                .for_each(|value| collect_properties(value, names));
        }
        Value::Array(items) => items
            .iter()
            .for_each(|value| collect_properties(value, names)),
        _ => {}
    }
}

#[test]
fn help_documents_every_json_key() {
    for (command, count) in [
        ("get", 10),
        ("watch", 10),
        ("cameras", 5),
        ("list", 10),
        ("create", 5),
        ("cancel", 10),
        ("retry", 10),
        ("delete", 10),
        ("update", 10),
    ] {
        let help = text(&program().args([command, "--help"]).output().unwrap().stdout);
        let mut schema = schema(command);
        // The help of `watch` refers to that of `get` for the properties of the clip.
        if let Some(definitions) = schema["$defs"].as_object_mut() {
            definitions.remove("Details");
        }
        let mut names = BTreeSet::new();
        collect_properties(&schema, &mut names);
        assert!(names.len() >= count, "{command}: {names:?}");
        for name in names {
            assert!(help.contains(&name), "{command}, {name}: {help}");
        }
    }
}
