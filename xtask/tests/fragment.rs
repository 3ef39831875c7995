//! `cargo xtask fragment` as a maintainer meets it: what it prints, how it exits, what it leaves.

#![allow(clippy::unwrap_used, reason = "a test may")]

mod support;

use serde_json::{Value, json};

use support::{Desk, stderr, stdout, upstream};

const FROM: [&str; 5] = [
    "fragment",
    "--from",
    "full.json",
    "--fragment",
    "fragment.json",
];

/// A desk with a whole document on it.
fn desk(whole: &Value) -> Desk {
    let desk = Desk::new();
    desk.write("full.json", &whole.to_string());
    desk
}

fn with<'a>(options: &[&'a str]) -> Vec<&'a str> {
    FROM.into_iter().chain(options.iter().copied()).collect()
}

/// A document of its own, with operations that reach this and that.
fn small() -> Value {
    let schema = |name: &str| json!({ "$ref": format!("#/components/schemas/{name}") });
    let body =
        |name: &str| json!({ "content": { "application/json": { "schema": schema(name) } } });
    let told = |name: &str| {
        let mut told = body(name);
        told["description"] = json!("OK");
        json!({ "200": told })
    };
    json!({
        "openapi": "3.0.3",
        "info": { "title": "T", "version": "1" },
        "externalDocs": { "url": "https://example.com" },
        "servers": [{ "url": "https://example.com" }],
        "tags": [{ "name": "B" }, { "name": "A", "description": "Theirs." }],
        "security": [{ "Key": [] }],
        "paths": {
            "/a": {
                "parameters": [{ "$ref": "#/components/parameters/Shared" }],
                "servers": [{ "url": "https://a.example.com" }],
                "get": { "operationId": "getA", "tags": ["A"], "responses": told("A") },
                "put": {
                    "operationId": "putA", "tags": ["B"], "security": [{ "Other": [] }],
                    "requestBody": body("B"), "responses": told("Odd~name"),
                },
            },
            "/b": { "get": { "operationId": "getB", "responses": told("Lost") } },
        },
        "components": {
            "schemas": {
                "A": { "type": "object", "properties": { "b": schema("B") } },
                "B": { "type": "object", "properties": { "a": schema("A") } },
                "Lost": { "type": "object", "properties": { "x": schema("Gone") } },
                "Odd~name": { "type": "array", "items": { "$ref": "#/components/schemas/Odd~0name" } },
                "Unused": { "type": "string" },
            },
            "parameters": {
                "Shared": { "name": "s", "in": "query", "schema": { "type": "string" } },
                "Unused": { "name": "u", "in": "query", "schema": { "type": "string" } },
            },
            "securitySchemes": {
                "Key": { "type": "apiKey", "in": "header", "name": "k" },
                "Other": { "type": "http", "scheme": "basic" },
                "Unused": { "type": "http", "scheme": "basic" },
            },
        },
    })
}

/// What is cut out of `small`.
fn cut(operations: &[&str]) -> Value {
    let desk = desk(&small());
    let mut arguments = with(&["--out", "out.json"]);
    for id in operations {
        arguments.extend(["--operation", *id]);
    }
    let output = desk.run(&arguments);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    serde_json::from_str(&desk.read("out.json")).unwrap()
}

fn names(value: &Value) -> Vec<&str> {
    value
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect()
}

#[test]
fn a_document_that_says_the_same_gives_the_same_bytes() {
    let ours = Desk::new().read("fragment.json");
    for whole in [support::fragment(), upstream::in_their_words()] {
        let desk = desk(&whole);
        assert_eq!(desk.run(&with(&["--check"])).status.code(), Some(0));
        let output = desk.run(&with(&["--out", "out.json"]));
        assert_eq!(output.status.code(), Some(0));
        assert!(
            output.stdout.is_empty() && output.stderr.is_empty(),
            "{output:?}"
        );
        assert_eq!(desk.read("out.json"), ours);
    }
}

#[test]
fn a_document_of_several_thousand_operations_gives_the_same_bytes() {
    let whole = upstream::whole(3_000, 10_000);
    let desk = desk(&whole);
    let output = desk.run(&with(&["--out", "out.json"]));
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert!(output.stderr.is_empty(), "{output:?}");
    assert_eq!(desk.read("out.json"), desk.read("fragment.json"));
}

#[test]
fn a_closure_in_circles_through_thousands_of_schemas_holds_together() {
    let whole = upstream::whole(300, 1_500);
    let desk = desk(&whole);
    let output = desk.run(&with(&["--operation", "some7", "--out", "out.json"]));
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let fragment: Value = serde_json::from_str(&desk.read("out.json")).unwrap();
    let schemas = &fragment["components"]["schemas"];
    assert!(names(schemas).len() > 500);
    for name in names(schemas) {
        assert!(whole["components"]["schemas"].get(name).is_some());
    }
    xtask::spec::check_references(&desk.path("out.json"), &fragment).unwrap();
}

#[test]
fn the_document_may_come_on_the_standard_input() {
    let desk = Desk::new();
    let arguments = [
        "fragment",
        "--from",
        "-",
        "--fragment",
        "fragment.json",
        "--check",
    ];
    let output = desk.run_with(&arguments, &upstream::in_their_words().to_string());
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let output = desk.run_with(&arguments, "{");
    assert_eq!(output.status.code(), Some(2));
    let message = stderr(&output);
    assert!(
        message.starts_with("error: <stdin>: not JSON: EOF"),
        "{message}"
    );
}

#[test]
fn an_operation_takes_along_what_it_reaches_and_nothing_else() {
    let fragment = cut(&["getA"]);
    assert_eq!(
        names(&fragment),
        [
            "components",
            "info",
            "openapi",
            "paths",
            "security",
            "servers",
            "tags"
        ]
    );
    assert_eq!(names(&fragment["paths"]), ["/a"]);
    assert_eq!(
        names(&fragment["paths"]["/a"]),
        ["get", "parameters", "servers"]
    );
    let components = &fragment["components"];
    assert_eq!(names(&components["schemas"]), ["A", "B"]);
    assert_eq!(names(&components["parameters"]), ["Shared"]);
    assert_eq!(names(&components["securitySchemes"]), ["Key"]);
    assert_eq!(
        fragment["tags"],
        json!([{ "name": "A", "description": "Theirs." }])
    );
}

#[test]
fn an_operations_own_security_is_kept_beside_the_documents() {
    let fragment = cut(&["putA", "getA"]);
    assert_eq!(
        names(&fragment["paths"]["/a"]),
        ["get", "parameters", "put", "servers"]
    );
    let components = &fragment["components"];
    assert_eq!(names(&components["securitySchemes"]), ["Key", "Other"]);
    assert_eq!(names(&components["schemas"]), ["A", "B", "Odd~name"]);
}

#[test]
fn a_change_of_theirs_comes_in_and_our_words_stay() {
    let mut whole = upstream::in_their_words();
    let clip = &mut whole["components"]["schemas"]["Event_SavedClipWithProgressType"];
    let properties = clip["properties"].as_object_mut().unwrap();
    properties.remove("placeholder");
    properties["durationSec"]["format"] = json!("int64");
    properties.insert(
        "isNew".to_owned(),
        json!({ "type": "boolean", "description": "Theirs." }),
    );
    properties.insert("isBare".to_owned(), json!({ "type": "boolean" }));
    let desk = desk(&whole);
    let ours = desk.read("fragment.json");

    let output = desk.run(&with(&["--check"]));
    assert_eq!(output.status.code(), Some(1));
    let diff = stdout(&output);
    assert!(
        diff.starts_with("--- a/fragment.json\n+++ b/fragment.json\n@@"),
        "{diff}"
    );
    assert!(
        diff.contains("-            \"format\": \"int32\",\n+            \"format\": \"int64\",\n")
    );
    assert!(stderr(&output).ends_with(
        "error: fragment.json is stale: run `cargo xtask fragment --from full.json --fragment fragment.json`\n"
    ));
    assert_eq!(desk.read("fragment.json"), ours);

    let output = desk.run(&FROM);
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(
        stderr(&output),
        "note: the words are the service's here; write our own:\n  \
         /components/schemas/Event_SavedClipWithProgressType/properties/isNew/description\n\
         note: nothing is described here; describe it:\n  \
         /components/schemas/Event_SavedClipWithProgressType/properties/isBare\n"
    );
    let fragment: Value = serde_json::from_str(&desk.read("fragment.json")).unwrap();
    let clip = &fragment["components"]["schemas"]["Event_SavedClipWithProgressType"];
    assert_eq!(clip["properties"]["placeholder"], Value::Null);
    let duration = &clip["properties"]["durationSec"];
    assert_eq!(duration["format"], "int64");
    assert!(
        duration["description"]
            .as_str()
            .unwrap()
            .starts_with("Duration of the clip's footage")
    );
    assert_eq!(desk.run(&with(&["--check"])).status.code(), Some(0));
}

#[test]
fn check_compares_with_what_would_be_written() {
    let desk = desk(&upstream::in_their_words());
    let output = desk.run(&with(&["--check", "--out", "new file.json"]));
    assert_eq!(output.status.code(), Some(1));
    assert!(stdout(&output).starts_with("--- /dev/null\n+++ b/new file.json\n@@"));
    assert!(stderr(&output).contains("--out 'new file.json'`"));
}

#[test]
fn a_reference_that_leads_nowhere_is_refused_with_the_pointer() {
    assert_eq!(
        desk(&small()).refusal(&with(&["--operation", "getB"])),
        "error: full.json: /components/schemas/Lost/properties/x/$ref: \
         unresolved reference \"#/components/schemas/Gone\"\n"
    );
}

#[test]
fn references_out_of_the_document_are_refused() {
    let mut whole = small();
    for elsewhere in ["other.json#/A", "https://example.com/a.json#/A"] {
        whole["components"]["schemas"]["A"]["properties"]["b"]["$ref"] = json!(elsewhere);
        assert_eq!(
            desk(&whole).refusal(&with(&["--operation", "getA"])),
            format!(
                "error: full.json: /components/schemas/A/properties/b/$ref: \
                 external reference \"{elsewhere}\"; only references within the document are supported\n"
            )
        );
    }
}

#[test]
fn a_reference_into_another_operation_is_refused_and_one_into_its_own_is_not() {
    let mut whole = small();
    let own = "#/paths/~1a/get/responses/200/content/application~1json/schema";
    whole["paths"]["/a"]["put"]["requestBody"]["content"]["application/json"]["schema"]["$ref"] =
        json!(own);
    let message = desk(&whole).refusal(&with(&["--operation", "putA"]));
    assert!(message.starts_with(
        "error: full.json: /paths/~1a/put/requestBody/content/application~1json/schema/$ref: "
    ));
    assert!(
        message.contains("neither a component nor a part of these operations"),
        "{message}"
    );
    let both = with(&[
        "--operation",
        "putA",
        "--operation",
        "getA",
        "--out",
        "out.json",
    ]);
    assert_eq!(desk(&whole).run(&both).status.code(), Some(0));
}

#[test]
fn a_security_scheme_that_is_missing_is_refused() {
    let mut whole = small();
    whole["paths"]["/a"]["get"]["security"] = json!([{ "Key": [] }, { "Lost": [] }]);
    assert_eq!(
        desk(&whole).refusal(&with(&["--operation", "getA"])),
        "error: full.json: /paths/~1a/get/security/1/Lost: unresolved reference \"Lost\"\n"
    );
}

#[test]
fn an_unknown_operation_is_refused_with_the_nearest_names() {
    let mut whole = upstream::whole(20, 20);
    whole["paths"]["/api/area0/some0"]["post"]["operationId"] = json!("getClip");
    let desk = desk(&whole);
    assert_eq!(
        desk.refusal(&with(&["--operation", "getclipwithprogres"])),
        "error: full.json: /paths: no operation has the id \"getclipwithprogres\": \
         the nearest are getClipWithProgress, getClip\n"
    );
    assert_eq!(
        desk.refusal(&with(&["--operation", "zzz"])),
        "error: full.json: /paths: no operation has the id \"zzz\"\n"
    );
}

#[test]
fn two_operations_with_one_id_are_refused() {
    let mut whole = small();
    whole["paths"]["/b"]["get"]["operationId"] = json!("getA");
    assert_eq!(
        desk(&whole).refusal(&with(&["--operation", "getA"])),
        "error: full.json: /paths/~1b/get/operationId: two operations have the id \"getA\": \
         the other is at /paths/~1a/get\n"
    );
}

#[test]
fn another_version_of_openapi_is_refused() {
    let mut whole = upstream::in_their_words();
    whole["openapi"] = json!("3.1.0");
    assert_eq!(
        desk(&whole).refusal(&FROM),
        "error: full.json: /openapi: unsupported version \"3.1.0\"; only OpenAPI 3.0.x is supported\n"
    );
}

#[test]
fn what_openapi_does_not_allow_is_refused_with_the_pointer() {
    let mut whole = upstream::in_their_words();
    whole["components"]["schemas"]["Resolution"]["properties"] = json!([1]);
    let message = desk(&whole).refusal(&FROM);
    assert!(
        message.starts_with("error: full.json: /components/schemas/Resolution"),
        "{message}"
    );
}

#[test]
fn a_cut_off_download_is_refused() {
    let desk = Desk::new();
    let whole = upstream::in_their_words().to_string();
    desk.write("full.json", &whole[..whole.len() / 2]);
    let message = desk.refusal(&FROM);
    assert!(
        message.starts_with("error: full.json: not JSON: EOF"),
        "{message}"
    );
}

#[test]
fn a_target_that_cannot_be_written_is_refused_and_leaves_nothing_behind() {
    let desk = desk(&upstream::in_their_words());
    let message = desk.refusal(&with(&["--out", "no/such/folder.json"]));
    assert!(
        message.starts_with("error: no/such/folder.json: not writable: "),
        "{message}"
    );
}

#[cfg(unix)]
#[test]
fn the_file_that_a_link_leads_to_is_written_and_a_device_is_not() {
    let desk = desk(&upstream::in_their_words());
    desk.write("target.json", "old");
    std::os::unix::fs::symlink("target.json", desk.path("link.json")).unwrap();
    assert_eq!(
        desk.run(&with(&["--out", "link.json"])).status.code(),
        Some(0)
    );
    assert!(desk.path("link.json").is_symlink());
    assert_eq!(desk.read("target.json"), desk.read("fragment.json"));
    assert_eq!(
        desk.refusal(&with(&["--out", "/dev/null"])),
        "error: /dev/null: not writable: it is not a file\n"
    );
}

/// What a real-size document costs, for people to read: times are no test.
///
/// `cargo test -p xtask --test fragment -- --ignored --nocapture`
#[cfg(target_os = "linux")]
#[test]
#[ignore = "measures, and asserts nothing"]
fn the_cost_of_a_whole_document() {
    for (operations, schemas) in [(1_000, 3_500), (4_000, 14_000)] {
        let text = upstream::whole(operations, schemas).to_string();
        let desk = Desk::new();
        desk.write("full.json", &text);
        let cost = desk.cost(&with(&["--check"]));
        support::print_cost(&text, [operations, schemas], &cost);
    }
}
