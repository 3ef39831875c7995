//! End-to-end tests of `cargo xtask fragment`: output, exit codes and written files.

use serde_json::{Value, json};

use crate::support::{self, Sandbox, stderr, stdout, upstream};

const FROM: [&str; 5] = [
    "fragment",
    "--from",
    "full.json",
    "--fragment",
    "fragment.json",
];

/// Creates a sandbox with an upstream document.
fn sandbox(document: &Value) -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("full.json", &document.to_string());
    sandbox
}

fn with<'a>(options: &[&'a str]) -> Vec<&'a str> {
    FROM.into_iter().chain(options.iter().copied()).collect()
}

/// Creates a small document with a few operations, references and security schemes.
fn small_document() -> Value {
    let schema = |name: &str| json!({ "$ref": format!("#/components/schemas/{name}") });
    let body =
        |name: &str| json!({ "content": { "application/json": { "schema": schema(name) } } });
    let response = |name: &str| {
        let mut response = body(name);
        response["description"] = json!("OK");
        json!({ "200": response })
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
                "get": { "operationId": "getA", "tags": ["A"], "responses": response("A") },
                "put": {
                    "operationId": "putA", "tags": ["B"], "security": [{ "Other": [] }],
                    "requestBody": body("B"), "responses": response("Tilde~name"),
                },
            },
            "/b": { "get": { "operationId": "getB", "responses": response("Lost") } },
        },
        "components": {
            "schemas": {
                "A": { "type": "object", "properties": { "b": schema("B") } },
                "B": { "type": "object", "properties": { "a": schema("A") } },
                "Lost": { "type": "object", "properties": { "x": schema("Gone") } },
                "Tilde~name": { "type": "array", "items": { "$ref": "#/components/schemas/Tilde~0name" } },
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

/// Extracts operations from `small_document`.
fn extract(operations: &[&str]) -> Value {
    let sandbox = sandbox(&small_document());
    let mut arguments = with(&["--out", "out.json"]);
    for id in operations {
        arguments.extend(["--operation", *id]);
    }
    let output = sandbox.run(&arguments);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    serde_json::from_str(&sandbox.read("out.json")).unwrap()
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
fn equivalent_document_reproduces_the_fragment() {
    let ours = Sandbox::new().read("fragment.json");
    for document in [support::fragment(), upstream::fragment_only()] {
        let sandbox = sandbox(&document);
        assert_eq!(sandbox.run(&with(&["--check"])).status.code(), Some(0));
        let output = sandbox.run(&with(&["--out", "out.json"]));
        assert_eq!(output.status.code(), Some(0));
        assert!(
            output.stdout.is_empty() && output.stderr.is_empty(),
            "{output:?}"
        );
        assert_eq!(sandbox.read("out.json"), ours);
    }
}

#[test]
fn unrelated_operations_do_not_affect_the_fragment() {
    let document = upstream::document(3_000, 10_000);
    let sandbox = sandbox(&document);
    let output = sandbox.run(&with(&["--out", "out.json"]));
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert!(output.stderr.is_empty(), "{output:?}");
    assert_eq!(sandbox.read("out.json"), sandbox.read("fragment.json"));
}

#[test]
fn cyclic_closure_over_many_schemas_is_self_contained() {
    let document = upstream::document(300, 1_500);
    let sandbox = sandbox(&document);
    let output = sandbox.run(&with(&["--operation", "some7", "--out", "out.json"]));
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let fragment: Value = serde_json::from_str(&sandbox.read("out.json")).unwrap();
    let schemas = &fragment["components"]["schemas"];
    assert!(names(schemas).len() > 500);
    for name in names(schemas) {
        assert!(document["components"]["schemas"].get(name).is_some());
    }
    xtask::spec::reference::check_references(&sandbox.path("out.json"), &fragment).unwrap();
}

#[test]
fn document_can_be_read_from_stdin() {
    let sandbox = Sandbox::new();
    let arguments = [
        "fragment",
        "--from",
        "-",
        "--fragment",
        "fragment.json",
        "--check",
    ];
    let output = sandbox.run_with(&arguments, &upstream::fragment_only().to_string());
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let output = sandbox.run_with(&arguments, "{");
    assert_eq!(output.status.code(), Some(2));
    let message = stderr(&output);
    assert!(
        message.starts_with("error: <stdin>: not JSON: EOF"),
        "{message}"
    );
}

#[test]
fn only_reachable_elements_are_extracted() {
    let fragment = extract(&["getA"]);
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
fn operation_level_security_is_extracted_with_the_defaults() {
    let fragment = extract(&["putA", "getA"]);
    assert_eq!(
        names(&fragment["paths"]["/a"]),
        ["get", "parameters", "put", "servers"]
    );
    let components = &fragment["components"];
    assert_eq!(names(&components["securitySchemes"]), ["Key", "Other"]);
    assert_eq!(names(&components["schemas"]), ["A", "B", "Tilde~name"]);
}

#[test]
fn upstream_changes_are_applied_and_descriptions_preserved() {
    let mut document = upstream::fragment_only();
    let clip = &mut document["components"]["schemas"]["Event_SavedClipWithProgressType"];
    let properties = clip["properties"].as_object_mut().unwrap();
    properties.remove("placeholder");
    properties["durationSec"]["format"] = json!("int64");
    properties.insert(
        "isNew".to_owned(),
        json!({ "type": "boolean", "description": "Theirs." }),
    );
    properties.insert("isBare".to_owned(), json!({ "type": "boolean" }));
    let sandbox = sandbox(&document);
    let ours = sandbox.read("fragment.json");

    let output = sandbox.run(&with(&["--check"]));
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
        "error: fragment.json is stale; run `cargo xtask fragment --from full.json --fragment fragment.json`\n"
    ));
    assert_eq!(sandbox.read("fragment.json"), ours);

    let output = sandbox.run(&FROM);
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(
        stderr(&output),
        "note: upstream descriptions need rewriting:\n  \
         /components/schemas/Event_SavedClipWithProgressType/properties/isNew/description\n\
         note: descriptions are missing:\n  \
         /components/schemas/Event_SavedClipWithProgressType/properties/isBare\n"
    );
    let fragment: Value = serde_json::from_str(&sandbox.read("fragment.json")).unwrap();
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
    assert_eq!(sandbox.run(&with(&["--check"])).status.code(), Some(0));
}

#[test]
fn check_compares_with_the_output_file() {
    let sandbox = sandbox(&upstream::fragment_only());
    let output = sandbox.run(&with(&["--check", "--out", "new file.json"]));
    assert_eq!(output.status.code(), Some(1));
    assert!(stdout(&output).starts_with("--- /dev/null\n+++ b/new file.json\n@@"));
    assert!(stderr(&output).contains("--out 'new file.json'`"));
}

#[test]
fn unresolved_reference_is_an_error_with_its_pointer() {
    assert_eq!(
        sandbox(&small_document()).run_error(&with(&["--operation", "getB"])),
        "error: full.json: /components/schemas/Lost/properties/x/$ref: \
         unresolved reference \"#/components/schemas/Gone\"\n"
    );
}

#[test]
fn external_references_are_errors() {
    let mut document = small_document();
    for external in ["other.json#/A", "https://example.com/a.json#/A"] {
        document["components"]["schemas"]["A"]["properties"]["b"]["$ref"] = json!(external);
        assert_eq!(
            sandbox(&document).run_error(&with(&["--operation", "getA"])),
            format!(
                "error: full.json: /components/schemas/A/properties/b/$ref: \
                 external reference \"{external}\"; only references within the document are supported\n"
            )
        );
    }
}

#[test]
fn references_into_unselected_operations_are_errors() {
    let mut document = small_document();
    let own = "#/paths/~1a/get/responses/200/content/application~1json/schema";
    document["paths"]["/a"]["put"]["requestBody"]["content"]["application/json"]["schema"]["$ref"] =
        json!(own);
    let message = sandbox(&document).run_error(&with(&["--operation", "putA"]));
    assert!(message.starts_with(
        "error: full.json: /paths/~1a/put/requestBody/content/application~1json/schema/$ref: "
    ));
    assert!(
        message.contains("neither a component nor a selected operation"),
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
    assert_eq!(sandbox(&document).run(&both).status.code(), Some(0));
}

#[test]
fn missing_security_scheme_is_an_error() {
    let mut document = small_document();
    document["paths"]["/a"]["get"]["security"] = json!([{ "Key": [] }, { "Lost": [] }]);
    assert_eq!(
        sandbox(&document).run_error(&with(&["--operation", "getA"])),
        "error: full.json: /paths/~1a/get/security/1/Lost: unresolved reference \"Lost\"\n"
    );
}

#[test]
fn unknown_operation_is_an_error_with_suggestions() {
    let mut document = upstream::document(20, 20);
    document["paths"]["/api/area0/some0"]["post"]["operationId"] = json!("getClip");
    let sandbox = sandbox(&document);
    assert_eq!(
        sandbox.run_error(&with(&["--operation", "getclipwithprogres"])),
        "error: full.json: /paths: operation \"getclipwithprogres\" not found; \
         similar ids: getClipWithProgress, getClip\n"
    );
    assert_eq!(
        sandbox.run_error(&with(&["--operation", "zzz"])),
        "error: full.json: /paths: operation \"zzz\" not found\n"
    );
}

#[test]
fn duplicate_operation_id_is_an_error() {
    let mut document = small_document();
    document["paths"]["/b"]["get"]["operationId"] = json!("getA");
    assert_eq!(
        sandbox(&document).run_error(&with(&["--operation", "getA"])),
        "error: full.json: /paths/~1b/get/operationId: duplicate operation id \"getA\"; \
         also used at /paths/~1a/get\n"
    );
}

#[test]
fn unsupported_openapi_version_is_an_error() {
    let mut document = upstream::fragment_only();
    document["openapi"] = json!("3.1.0");
    assert_eq!(
        sandbox(&document).run_error(&FROM),
        "error: full.json: /openapi: unsupported version \"3.1.0\"; only OpenAPI 3.0.x is supported\n"
    );
}

#[test]
fn all_unresolved_references_are_reported_in_one_run() {
    let mut document = upstream::fragment_only();
    let schemas = document["components"]["schemas"].as_object_mut().unwrap();
    schemas.remove("Resolution");
    schemas.remove("TimeInterval");
    let sandbox = sandbox(&document);
    let before = sandbox.files();
    let output = sandbox.run(&FROM);
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(sandbox.files(), before);
    let message = stderr(&output);
    for name in ["Resolution", "TimeInterval"] {
        let reference = format!("unresolved reference \"#/components/schemas/{name}\"\n");
        assert!(message.contains(&reference), "{message}");
    }
}

#[test]
fn an_added_operation_stands_beside_those_of_the_fragment() {
    let mut document = upstream::fragment_only();
    document["paths"]["/api/other"] =
        json!({ "post": { "operationId": "other", "responses": {} } });
    let sandbox = sandbox(&document);
    let output = sandbox.run(&with(&["--add", "other", "--check"]));
    assert_eq!(output.status.code(), Some(1));
    let command =
        "run `cargo xtask fragment --from full.json --add other --fragment fragment.json`";
    assert!(stderr(&output).contains(command), "{output:?}");
    for _ in 0..2 {
        let output = sandbox.run(&with(&["--add", "other"]));
        assert_eq!(output.status.code(), Some(0), "{output:?}");
        let fragment: Value = serde_json::from_str(&sandbox.read("fragment.json")).unwrap();
        let paths: Vec<&String> = fragment["paths"].as_object().unwrap().keys().collect();
        assert_eq!(paths, ["/api/event/getClipWithProgress", "/api/other"]);
    }
}

#[test]
fn all_operations_are_those_that_are_described_completely() {
    let mut document = upstream::fragment_only();
    let broken = json!({ "post": { "operationId": "broken", "responses": { "200": { "$ref": "#/components/responses/Gone" } } } });
    document["paths"]["/api/broken"] = broken;
    document["paths"]["/api/unnamed"] = json!({ "post": { "responses": {} } });
    document["paths"]["/api/other"] =
        json!({ "post": { "operationId": "other", "responses": {} } });
    let sandbox = sandbox(&document);
    let all = [
        "fragment",
        "--from",
        "full.json",
        "--all",
        "--fragment",
        "none.json",
        "--out",
        "all.json",
    ];
    let output = sandbox.run(&all);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let notes: String = stderr(&output)
        .lines()
        .take(2)
        .collect::<Vec<_>>()
        .join("\n");
    insta::assert_snapshot!(notes);
    let fragment: Value = serde_json::from_str(&sandbox.read("all.json")).unwrap();
    let paths: Vec<&String> = fragment["paths"].as_object().unwrap().keys().collect();
    assert_eq!(paths, ["/api/event/getClipWithProgress", "/api/other"]);
}

#[test]
fn truncated_document_is_an_error() {
    let sandbox = Sandbox::new();
    let document = upstream::fragment_only().to_string();
    sandbox.write("full.json", &document[..document.len() / 2]);
    let message = sandbox.run_error(&FROM);
    assert!(
        message.starts_with("error: full.json: not JSON: EOF"),
        "{message}"
    );
}

#[test]
fn unwritable_output_is_an_error_and_leaves_no_files() {
    let sandbox = sandbox(&upstream::fragment_only());
    let message = sandbox.run_error(&with(&["--out", "no/such/folder.json"]));
    assert!(
        message.starts_with("error: no/such/folder.json: not writable: "),
        "{message}"
    );
}

#[cfg(unix)]
#[test]
fn symlink_target_is_replaced_and_a_device_is_an_error() {
    let sandbox = sandbox(&upstream::fragment_only());
    sandbox.write("target.json", "old");
    std::os::unix::fs::symlink("target.json", sandbox.path("link.json")).unwrap();
    assert_eq!(
        sandbox.run(&with(&["--out", "link.json"])).status.code(),
        Some(0)
    );
    assert!(sandbox.path("link.json").is_symlink());
    assert_eq!(sandbox.read("target.json"), sandbox.read("fragment.json"));
    assert_eq!(
        sandbox.run_error(&with(&["--out", "/dev/null"])),
        "error: /dev/null: not writable: not a regular file\n"
    );
}

/// Prints the cost of extraction from documents of realistic size; run manually:
///
/// `cargo test -p xtask fragment -- --ignored --nocapture`
#[cfg(target_os = "linux")]
#[test]
#[ignore = "prints measurements without assertions"]
fn measure_realistic_documents() {
    for (operations, schemas) in [(1_000, 3_500), (4_000, 14_000)] {
        let text = upstream::document(operations, schemas).to_string();
        let sandbox = Sandbox::new();
        sandbox.write("full.json", &text);
        let usage = sandbox.measure(&with(&["--check"]));
        support::print_usage(&text, [operations, schemas], &usage);
    }
}
