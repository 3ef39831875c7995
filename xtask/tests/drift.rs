//! `cargo xtask drift` as a maintainer meets it: what it prints and how it exits.

#![allow(clippy::unwrap_used, reason = "a test may")]

mod support;

use serde_json::{Value, json};

use support::{Desk, stderr, stdout, upstream};

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

/// A desk with another document on it, which says the same but for an edit.
fn desk(edit: impl FnOnce(&mut Value)) -> Desk {
    let mut whole = upstream::in_their_words();
    edit(&mut whole);
    let desk = Desk::new();
    desk.write("full.json", &whole.to_string());
    desk
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

/// What may happen in a few months.
fn a_few_months_later(whole: &mut Value) {
    let clip = at(whole, CLIP).as_object_mut().unwrap();
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
    let resolution = whole["components"]["schemas"]["Resolution"].clone();
    at(whole, CLIP)["videoResolution"] = resolution;
    let schemas = at(whole, "/components/schemas");
    schemas["ClipExpiryType"] =
        json!({ "type": "object", "properties": { "atMs": { "type": "integer" } } });
    let statuses = schemas["ClipStatusEnum"]["enum"].as_array_mut().unwrap();
    statuses.retain(|status| status != "OFFLINE");
    statuses.push(json!("PAUSED"));
    let request = &mut schemas["Event_GetClipWithProgressWSRequest"];
    request["properties"]["orgUuid"] = json!({ "type": "string" });
    request["properties"]["locale"] = json!({ "type": "string" });
    request["required"] = json!(["orgUuid", "clipUuid"]);
    at(whole, "/components/parameters/XAuthSchemeParam")["schema"] = json!({
        "type": "string",
        "enum": ["api-token", "api", "partner-api-token", "partner-api"],
        "default": "api-token",
    });
    operation(whole)["responses"]["429"] = json!({ "description": "Too many requests" });
    operation(whole)["deprecated"] = json!(true);
}

#[test]
fn a_document_that_says_the_same_is_no_drift() {
    let output = desk(|_| ()).run(&AGAINST);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert_eq!(
        stdout(&output),
        "no drift: fragment.json and full.json agree about getClipWithProgress\n"
    );
    assert!(output.stderr.is_empty());
}

#[test]
fn other_operations_are_no_drift() {
    let desk = Desk::new();
    let whole = upstream::whole(3_000, 10_000).to_string();
    let mut arguments = AGAINST;
    arguments[2] = "-";
    let output = desk.run_with(&arguments, &whole);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert!(stdout(&output).starts_with("no drift: fragment.json and <stdin> agree"));
}

#[test]
fn the_report_says_what_changed_by_rust_item() {
    let output = desk(a_few_months_later).run(&AGAINST);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert!(output.stderr.is_empty());
    insta::assert_snapshot!("text_report", stdout(&output));
}

#[test]
fn the_report_for_machines_says_the_same() {
    let output = desk(a_few_months_later).run(&with(&["--output", "json"]));
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    insta::assert_snapshot!("json_report", stdout(&output));
}

#[test]
fn an_older_document_shows_what_we_have_and_it_lacks() {
    let output = desk(|whole| {
        let clip = at(whole, CLIP).as_object_mut().unwrap();
        clip.remove("deviceIntervalMap");
    })
    .run(&AGAINST);
    assert_eq!(output.status.code(), Some(1));
    insta::assert_snapshot!(stdout(&output), @r#"
    fragment.json -> full.json: 2 breaking, 0 additive, 0 docs

    breaking
      removed SavedClip::device_interval_map
          the property is gone: map of array of TimeInterval
          at /components/schemas/Event_SavedClipWithProgressType/properties/deviceIntervalMap
      removed TimeInterval
          the schema is gone: object
          at /components/schemas/TimeInterval
    "#);
}

#[test]
fn what_counts_is_what_one_asks_for() {
    let breaking = |whole: &mut Value| {
        at(whole, CLIP).as_object_mut().unwrap().remove("title");
    };
    let additive = |whole: &mut Value| at(whole, CLIP)["new"] = json!({ "type": "boolean" });
    let docs = |whole: &mut Value| operation(whole)["deprecated"] = json!(true);
    for (edit, exits) in [
        (&breaking as &dyn Fn(&mut Value), [1, 1, 1, 1]),
        (&additive, [0, 1, 1, 1]),
        (&docs, [0, 0, 1, 1]),
        (&|_: &mut Value| (), [0, 0, 0, 0]),
    ] {
        let desk = desk(edit);
        let options: [&[&str]; 4] = [
            &["--fail-on", "breaking"],
            &["--fail-on", "additive"],
            &["--fail-on", "docs"],
            &[],
        ];
        let codes = options.map(|options| desk.run(&with(options)).status.code().unwrap());
        assert_eq!(codes, exits);
    }
}

#[test]
fn what_does_not_count_is_shown_all_the_same() {
    let desk = desk(|whole| operation(whole)["tags"] = json!(["Clip Webservice"]));
    let output = desk.run(&with(&["--fail-on", "breaking", "--output", "json"]));
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
fn the_credentials_are_part_of_the_contract() {
    let output = desk(|whole| {
        at(whole, "/components/securitySchemes/ApiKeyAuth")["name"] = json!("x-new-apikey");
        let scheme = at(whole, "/components/parameters/XAuthSchemeParam/schema");
        *scheme = json!({ "type": "string", "enum": ["token"] });
    })
    .run(&with(&["--fail-on", "breaking"]));
    assert_eq!(output.status.code(), Some(1));
    insta::assert_snapshot!(stdout(&output), @r#"
    fragment.json -> full.json: 2 breaking, 0 additive, 6 docs

    breaking
      changed Credentials
          x-auth-scheme: "api-token" is sent, and no longer taken
          at /components/parameters/XAuthSchemeParam
      changed Credentials
          name: x-auth-apikey -> x-new-apikey
          at /components/securitySchemes/ApiKeyAuth

    docs
      removed (not in our types)
          default: "api-token" -> none; the overlay leaves it out of our types
          at /components/parameters/XAuthSchemeParam/schema/default
      added (not in our types)
          a new value: token; the overlay leaves it out of our types
          at /components/parameters/XAuthSchemeParam/schema/enum/0
      removed (not in our types)
          the value api-token is gone; the overlay leaves it out of our types
          at /components/parameters/XAuthSchemeParam/schema/enum/0
      removed (not in our types)
          the value api is gone; the overlay leaves it out of our types
          at /components/parameters/XAuthSchemeParam/schema/enum/1
      removed (not in our types)
          the value partner-api-token is gone; the overlay leaves it out of our types
          at /components/parameters/XAuthSchemeParam/schema/enum/2
      removed (not in our types)
          the value partner-api is gone; the overlay leaves it out of our types
          at /components/parameters/XAuthSchemeParam/schema/enum/3
    "#);
}

#[test]
fn a_moved_operation_with_another_interface_is_breaking() {
    let output = desk(|whole| {
        let parameter = json!({ "in": "query", "name": "pageSize", "schema": { "type": "integer" } });
        operation(whole)["parameters"].as_array_mut().unwrap().insert(0, parameter);
        operation(whole)["responses"]["default"] = json!({
            "description": "An error",
            "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Resolution" } } },
        });
        let paths = whole["paths"].as_object_mut().unwrap();
        let item = paths.remove("/api/event/getClipWithProgress").unwrap();
        paths.insert("/api/clip/getClipWithProgress".to_owned(), item);
    })
    .run(&AGAINST);
    assert_eq!(output.status.code(), Some(1));
    insta::assert_snapshot!(stdout(&output), @r#"
    fragment.json -> full.json: 3 breaking, 0 additive, 0 docs

    breaking
      added Client::get_clip_with_progress
          a new query parameter: pageSize
          at /paths/~1api~1clip~1getClipWithProgress/post/parameters/0
      added Client::get_clip_with_progress
          a new response default: the method's result has another type
          at /paths/~1api~1clip~1getClipWithProgress/post/responses/default
      changed Client::get_clip_with_progress
          the address: POST /api/event/getClipWithProgress -> POST /api/clip/getClipWithProgress
          at /paths/~1api~1event~1getClipWithProgress/post
    "#);
}

#[test]
fn an_operation_that_is_gone_is_drift_and_no_error() {
    let output =
        desk(|whole| operation(whole)["operationId"] = json!("getClipProgress")).run(&AGAINST);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    insta::assert_snapshot!(stdout(&output), @r#"
    fragment.json -> full.json: 1 breaking, 0 additive, 0 docs

    breaking
      removed Client::get_clip_with_progress
          the operation is gone; the nearest are getClipProgress
          at /paths/~1api~1event~1getClipWithProgress/post
    "#);
}

#[test]
fn a_hostile_name_does_not_steer_the_terminal() {
    let output = desk(|whole| {
        at(whole, CLIP)["\u{1b}[2Jtwo\nlines"] = json!({ "type": "boolean" });
    })
    .run(&AGAINST);
    let report = stdout(&output);
    assert!(
        !report.contains('\u{1b}') && report.contains("\\u{1b}[2Jtwo\\nlines"),
        "{report}"
    );
}

#[test]
fn a_document_that_cannot_be_compared_is_an_error() {
    let refusal = |edit: &dyn Fn(&mut Value)| desk(edit).refusal(&AGAINST);
    assert_eq!(
        refusal(&|whole| whole["openapi"] = json!("3.1.0")),
        "error: full.json: /openapi: unsupported version \"3.1.0\"; only OpenAPI 3.0.x is supported\n"
    );
    assert_eq!(
        refusal(&|whole| at(whole, CLIP)["new"] = json!({ "$ref": "#/components/schemas/Gone" })),
        format!(
            "error: full.json: {CLIP}/new/$ref: unresolved reference \"#/components/schemas/Gone\"\n"
        )
    );
    let twice = |whole: &mut Value| {
        let item = whole["paths"]["/api/event/getClipWithProgress"].clone();
        whole["paths"]["/api/z"] = item;
    };
    assert!(refusal(&twice).starts_with(
        "error: full.json: /paths/~1api~1z/post/operationId: two operations have the id \"getClipWithProgress\""
    ));
}

#[test]
fn a_missing_document_and_a_mistyped_option_are_errors() {
    let desk = Desk::new();
    let message = desk.refusal(&AGAINST);
    assert!(
        message.starts_with("error: full.json: not readable: "),
        "{message}"
    );
    let output = desk.run(&with(&["--fail-on", "nothing"]));
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("breaking"));
}

#[test]
fn an_overlay_that_does_not_fit_the_fragment_is_an_error() {
    let desk = desk(|_| ());
    let overlay = desk
        .read("overlay.json")
        .replace("ClipStatusEnum", "ClipStateEnum");
    desk.write("overlay.json", &overlay);
    let message = desk.refusal(&AGAINST);
    assert!(
        message.starts_with("error: overlay.json: /actions/"),
        "{message}"
    );
}

/// What comparing a real-size document costs, for people to read: times are no test.
///
/// `cargo test -p xtask --test drift -- --ignored --nocapture`
#[cfg(target_os = "linux")]
#[test]
#[ignore = "measures, and asserts nothing"]
fn the_cost_of_a_whole_document() {
    for (operations, schemas) in [(1_000, 3_500), (4_000, 14_000)] {
        let text = upstream::whole(operations, schemas).to_string();
        let desk = Desk::new();
        desk.write("full.json", &text);
        support::print_cost(&text, [operations, schemas], &desk.cost(&AGAINST));
    }
}
