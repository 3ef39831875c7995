//! End-to-end tests of `cargo xtask drift`: output and exit codes.

use serde_json::{Value, json};

use crate::support::{self, Sandbox, stderr, stdout, upstream};

const AGAINST: [&str; 7] = [
    "drift",
    "--against",
    "full.json",
    "--fragment",
    "fragment.json",
    "--overlay",
    "overlay.json",
];

const CLIP: &str = "/components/schemas/Event_SavedClipWithProgressType/properties";

/// Creates a sandbox with an upstream document that equals the fragment except for an edit.
fn sandbox(edit: impl FnOnce(&mut Value)) -> Sandbox {
    let mut document = upstream::fragment_only();
    edit(&mut document);
    let sandbox = Sandbox::new();
    sandbox.write("full.json", &document.to_string());
    sandbox
}

fn with<'a>(options: &[&'a str]) -> Vec<&'a str> {
    AGAINST.into_iter().chain(options.iter().copied()).collect()
}

fn at<'v>(document: &'v mut Value, pointer: &str) -> &'v mut Value {
    document.pointer_mut(pointer).unwrap()
}

fn operation(document: &mut Value) -> &mut Value {
    at(document, "/paths/~1api~1event~1getClipWithProgress/post")
}

/// Applies a typical set of upstream changes.
fn apply_upstream_changes(document: &mut Value) {
    let clip = at(document, CLIP).as_object_mut().unwrap();
    clip.remove("placeholder");
    clip["percentComplete"]["type"] = json!("string");
    clip["percentComplete"]
        .as_object_mut()
        .unwrap()
        .remove("format");
    clip["durationSec"]["format"] = json!("int64");
    clip["lastUpdatedSec"]["example"] = json!(1_700_000_000);
    clip["title"].as_object_mut().unwrap().remove("nullable");
    clip.insert(
        "expiry".to_owned(),
        json!({ "$ref": "#/components/schemas/ClipExpiryType" }),
    );
    let resolution = document["components"]["schemas"]["Resolution"].clone();
    at(document, CLIP)["videoResolution"] = resolution;
    let schemas = at(document, "/components/schemas");
    schemas["ClipExpiryType"] =
        json!({ "type": "object", "properties": { "atMs": { "type": "integer" } } });
    let statuses = schemas["ClipStatusEnum"]["enum"].as_array_mut().unwrap();
    statuses.retain(|status| status != "OFFLINE");
    statuses.push(json!("PAUSED"));
    let request = &mut schemas["Event_GetClipWithProgressWSRequest"];
    request["properties"]["orgUuid"] = json!({ "type": "string" });
    request["properties"]["locale"] = json!({ "type": "string" });
    request["required"] = json!(["orgUuid", "clipUuid"]);
    at(document, "/components/parameters/XAuthSchemeParam")["schema"] = json!({
        "type": "string",
        "enum": ["api-token", "api", "partner-api-token", "partner-api"],
        "default": "api-token",
    });
    operation(document)["responses"]["429"] = json!({ "description": "Too many requests" });
    operation(document)["deprecated"] = json!(true);
}

#[test]
fn equivalent_document_has_no_drift() {
    let output = sandbox(|_| ()).run(&AGAINST);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert_eq!(
        stdout(&output),
        "no drift: fragment.json and full.json agree on getClipWithProgress\n"
    );
    assert!(output.stderr.is_empty());
}

#[test]
fn unrelated_operations_are_ignored() {
    let sandbox = Sandbox::new();
    let document = upstream::document(3_000, 10_000).to_string();
    let mut arguments = AGAINST;
    arguments[2] = "-";
    let output = sandbox.run_with(&arguments, &document);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert!(stdout(&output).starts_with("no drift: fragment.json and <stdin> agree"));
}

#[test]
fn text_report_lists_changes_by_rust_item() {
    let output = sandbox(apply_upstream_changes).run(&AGAINST);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert!(output.stderr.is_empty());
    insta::assert_snapshot!("text_report", stdout(&output));
}

#[test]
fn json_report_lists_the_same_changes() {
    let output = sandbox(apply_upstream_changes).run(&with(&["--output", "json"]));
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    insta::assert_snapshot!("json_report", stdout(&output));
}

#[test]
fn older_document_reports_removed_elements() {
    let output = sandbox(|document| {
        let clip = at(document, CLIP).as_object_mut().unwrap();
        clip.remove("deviceIntervalMap");
    })
    .run(&AGAINST);
    assert_eq!(output.status.code(), Some(1));
    insta::assert_snapshot!(stdout(&output), @r#"
    fragment.json -> full.json: 2 breaking, 0 additive, 0 docs

    breaking
      removed SavedClip::device_interval_map
          property removed: map of array of TimeInterval
          at /components/schemas/Event_SavedClipWithProgressType/properties/deviceIntervalMap
      removed TimeInterval
          schema removed: object
          at /components/schemas/TimeInterval
    "#);
}

#[test]
fn fail_on_sets_the_class_that_fails() {
    let breaking = |document: &mut Value| {
        at(document, CLIP).as_object_mut().unwrap().remove("title");
    };
    let additive = |document: &mut Value| at(document, CLIP)["new"] = json!({ "type": "boolean" });
    let docs = |document: &mut Value| operation(document)["deprecated"] = json!(true);
    for (edit, exits) in [
        (&breaking as &dyn Fn(&mut Value), [1, 1, 1, 1]),
        (&additive, [0, 1, 1, 1]),
        (&docs, [0, 0, 1, 1]),
        (&|_: &mut Value| (), [0, 0, 0, 0]),
    ] {
        let sandbox = sandbox(edit);
        let options: [&[&str]; 4] = [
            &["--fail-on", "breaking"],
            &["--fail-on", "additive"],
            &["--fail-on", "docs"],
            &[],
        ];
        let codes = options.map(|options| sandbox.run(&with(options)).status.code().unwrap());
        assert_eq!(codes, exits);
    }
}

#[test]
fn findings_below_the_threshold_are_reported() {
    let sandbox = sandbox(|document| operation(document)["tags"] = json!(["Clip Webservice"]));
    let output = sandbox.run(&with(&["--fail-on", "breaking", "--output", "json"]));
    assert_eq!(output.status.code(), Some(0));
    let report: Value = serde_json::from_str(&stdout(&output)).unwrap();
    assert_eq!(report["drift"], false);
    assert_eq!(
        report["counts"],
        json!({ "breaking": 0, "additive": 0, "docs": 1 })
    );
    assert_eq!(
        report["findings"][0]["item"],
        "Client::get_clip_with_progress"
    );
}

#[test]
fn changed_credentials_are_breaking() {
    let output = sandbox(|document| {
        at(document, "/components/securitySchemes/ApiKeyAuth")["name"] = json!("x-new-apikey");
        let scheme = at(document, "/components/parameters/XAuthSchemeParam/schema");
        *scheme = json!({ "type": "string", "enum": ["token"] });
    })
    .run(&with(&["--fail-on", "breaking"]));
    assert_eq!(output.status.code(), Some(1));
    insta::assert_snapshot!(stdout(&output), @r#"
    fragment.json -> full.json: 2 breaking, 0 additive, 6 docs

    breaking
      changed Credentials
          x-auth-scheme: the client sends "api-token", "api", "partner-api-token", "partner-api", which are no longer accepted
          at /components/parameters/XAuthSchemeParam
      changed Credentials
          name: x-auth-apikey -> x-new-apikey
          at /components/securitySchemes/ApiKeyAuth

    docs
      removed (not in the generated types)
          default: "api-token" -> none; the generated types do not contain it
          at /components/parameters/XAuthSchemeParam/schema/default
      added (not in the generated types)
          enum value added: token; the generated types do not contain it
          at /components/parameters/XAuthSchemeParam/schema/enum/0
      removed (not in the generated types)
          enum value removed: api-token; the generated types do not contain it
          at /components/parameters/XAuthSchemeParam/schema/enum/0
      removed (not in the generated types)
          enum value removed: api; the generated types do not contain it
          at /components/parameters/XAuthSchemeParam/schema/enum/1
      removed (not in the generated types)
          enum value removed: partner-api-token; the generated types do not contain it
          at /components/parameters/XAuthSchemeParam/schema/enum/2
      removed (not in the generated types)
          enum value removed: partner-api; the generated types do not contain it
          at /components/parameters/XAuthSchemeParam/schema/enum/3
    "#);
}

#[test]
fn moved_operation_with_a_changed_signature_is_breaking() {
    let output = sandbox(|document| {
        let parameter = json!({ "in": "query", "name": "pageSize", "schema": { "type": "integer" } });
        operation(document)["parameters"].as_array_mut().unwrap().insert(0, parameter);
        operation(document)["responses"]["default"] = json!({
            "description": "An error",
            "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Resolution" } } },
        });
        let paths = document["paths"].as_object_mut().unwrap();
        let item = paths.remove("/api/event/getClipWithProgress").unwrap();
        paths.insert("/api/clip/getClipWithProgress".to_owned(), item);
    })
    .run(&AGAINST);
    assert_eq!(output.status.code(), Some(1));
    insta::assert_snapshot!(stdout(&output), @r#"
    fragment.json -> full.json: 2 breaking, 0 additive, 1 docs

    breaking
      added Client::get_clip_with_progress
          query parameter added: pageSize
          at /paths/~1api~1clip~1getClipWithProgress/post/parameters/0
      changed Client::get_clip_with_progress
          endpoint changed: POST /api/event/getClipWithProgress -> POST /api/clip/getClipWithProgress
          at /paths/~1api~1event~1getClipWithProgress/post

    docs
      added Client::get_clip_with_progress
          error response default added
          at /paths/~1api~1clip~1getClipWithProgress/post/responses/default
    "#);
}

#[test]
fn removed_operation_is_drift_and_not_an_error() {
    let output = sandbox(|document| operation(document)["operationId"] = json!("getClipProgress"))
        .run(&AGAINST);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    insta::assert_snapshot!(stdout(&output), @r#"
    fragment.json -> full.json: 1 breaking, 0 additive, 0 docs

    breaking
      removed Client::get_clip_with_progress
          operation removed; similar operations: getClipProgress
          at /paths/~1api~1event~1getClipWithProgress/post
    "#);
}

#[test]
fn schema_that_contains_itself_inline_ends_the_comparison() {
    let recursive = |text: &str| {
        json!({ "type": "object", "properties": {
            "text": { "type": text },
            "inner": { "allOf": [
                { "$ref": "#/components/schemas/Recursive" },
                { "properties": { "own": { "type": "string" } } },
            ] },
        } })
    };
    let with_recursive = |document: &mut Value, text: &str| {
        at(document, CLIP)["tree"] = json!({ "$ref": "#/components/schemas/Recursive" });
        at(document, "/components/schemas")["Recursive"] = recursive(text);
    };
    let sandbox = sandbox(|document| with_recursive(document, "string"));
    let mut fragment = support::fragment();
    with_recursive(&mut fragment, "integer");
    sandbox.write("fragment.json", &fragment.to_string());
    let output = sandbox.run(&AGAINST);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let finding = "changed Recursive::text\n      type changed: integer -> string";
    assert!(stdout(&output).contains(finding), "{output:?}");
}

#[test]
fn stale_overlay_step_does_not_prevent_the_comparison() {
    let sandbox = sandbox(|document| {
        at(document, CLIP).as_object_mut().unwrap().remove("title");
    });
    let (name, stale) = (
        "$.components.schemas.MetaDataLocationType",
        "$.components.schemas.GoneType",
    );
    sandbox.edit("overlay.json", name, stale);
    let output = sandbox.run(&AGAINST);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert!(
        stdout(&output).contains("removed SavedClip::title"),
        "{output:?}"
    );
    assert_eq!(stderr(&output), "");
}

#[test]
fn operation_that_the_overlay_removes_may_be_removed() {
    let sandbox = sandbox(|document| operation(document)["operationId"] = json!("other"));
    let mut overlay: Value = serde_json::from_str(&sandbox.read("overlay.json")).unwrap();
    overlay["actions"].as_array_mut().unwrap().push(json!({
        "target": "$.paths['/api/event/getClipWithProgress']",
        "description": "Not of interest.",
        "remove": true,
    }));
    sandbox.write("overlay.json", &overlay.to_string());
    let output = sandbox.run(&with(&["--fail-on", "breaking"]));
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert!(stdout(&output).contains("operation removed"));
}

#[test]
fn control_characters_in_names_are_escaped() {
    let output = sandbox(|document| {
        at(document, CLIP)["\u{1b}[2Jtwo\nlines"] = json!({ "type": "boolean" });
    })
    .run(&AGAINST);
    let report = stdout(&output);
    assert!(
        !report.contains('\u{1b}') && report.contains("\\u{1b}[2Jtwo\\nlines"),
        "{report}"
    );
}

#[test]
fn invalid_document_is_an_error() {
    let run_error = |edit: &dyn Fn(&mut Value)| sandbox(edit).run_error(&AGAINST);
    assert_eq!(
        run_error(&|document| document["openapi"] = json!("3.1.0")),
        "error: full.json: /openapi: unsupported version \"3.1.0\"; only OpenAPI 3.0.x is supported\n"
    );
    assert_eq!(
        run_error(
            &|document| at(document, CLIP)["new"] = json!({ "$ref": "#/components/schemas/Gone" })
        ),
        format!(
            "error: full.json: {CLIP}/new/$ref: unresolved reference \"#/components/schemas/Gone\"\n"
        )
    );
    let twice = |document: &mut Value| {
        let item = document["paths"]["/api/event/getClipWithProgress"].clone();
        document["paths"]["/api/z"] = item;
    };
    assert!(run_error(&twice).starts_with(
        "error: full.json: /paths/~1api~1z/post/operationId: duplicate operation id \"getClipWithProgress\""
    ));
}

#[test]
fn missing_document_and_invalid_option_are_errors() {
    let sandbox = Sandbox::new();
    let message = sandbox.run_error(&AGAINST);
    assert!(
        message.starts_with("error: full.json: not readable: "),
        "{message}"
    );
    let output = sandbox.run(&with(&["--fail-on", "nothing"]));
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("breaking"));
}

/// Prints the cost of comparing documents of realistic size; run manually:
///
/// `cargo test -p xtask drift -- --ignored --nocapture`
#[cfg(target_os = "linux")]
#[test]
#[ignore = "prints measurements without assertions"]
fn measure_realistic_documents() {
    for (operations, schemas) in [(1_000, 3_500), (4_000, 14_000)] {
        let text = upstream::document(operations, schemas).to_string();
        let sandbox = Sandbox::new();
        sandbox.write("full.json", &text);
        support::print_usage(&text, [operations, schemas], &sandbox.measure(&AGAINST));
    }
}
