//! Types that `cargo xtask codegen` generates for the forms of a schema.

use crate::support::{Sandbox, stderr};

#[test]
fn values_of_any_text_are_variants() {
    let dir = Sandbox::new();
    let statuses = "\"DELETED\",\n          \"UNKNOWN\"";
    let unusual = r#""DELETED", "UNKNOWN", "4K", "360_VIEW", "", "<=", "SELF", "UNRECOGNIZED", "complete", null"#;
    dir.edit("fragment.json", statuses, unusual);
    let output = dir.codegen(&[]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let status = dir.read("out/types/clip_status.rs");
    for arm in [
        "\"4K\" => Some(Self::N4k)",
        "\"360_VIEW\" => Some(Self::N360View)",
        "\"\" => Some(Self::Empty)",
        "\"<=\" => Some(Self::LessThanEqual)",
        "\"SELF\" => Some(Self::Self_)",
        "\"UNRECOGNIZED\" => Some(Self::Unrecognized_)",
        "\"COMPLETE\" => Some(Self::Complete)",
        "\"complete\" => Some(Self::Complete2)",
    ] {
        assert!(status.contains(arm), "{arm}\n{status}");
    }
}

#[test]
fn a_property_with_the_name_of_a_generated_field_gets_an_underscore() {
    let dir = Sandbox::new();
    let with =
        r#""extra": { "type": "string" }, "decodeIssues": { "type": "boolean" }, "analyzed": {"#;
    dir.edit("fragment.json", "\"analyzed\": {", with);
    assert_eq!(dir.codegen(&[]).status.code(), Some(0));
    let clip = dir.read("out/types/saved_clip.rs");
    for field in [
        "pub extra_: Option<String>",
        "entries.add(\"extra\", &self.extra_)",
        "pub decode_issues_: Option<bool>",
        "pub extra: ::serde_json::Map<String, ::serde_json::Value>",
    ] {
        assert!(clip.contains(field), "{field}\n{clip}");
    }
}

#[test]
fn compositions_of_objects_are_structs_and_others_arbitrary_json() {
    let dir = Sandbox::new();
    let composition = r##"{ "description": "Either.", "oneOf": [{ "type": "string" }, { "$ref": "#/components/schemas/Resolution" }] }"##;
    let objects = r##"{ "oneOf": [{ "properties": { "own": { "type": "string" } } }, { "$ref": "#/components/schemas/Resolution" }] }"##;
    dir.edit(
        "fragment.json",
        "\"schemas\": {",
        &format!("\"schemas\": {{ \"Choice\": {composition}, \"Objects\": {objects},"),
    );
    let properties = format!(
        r##""inline": {composition},
            "named": {{ "$ref": "#/components/schemas/Choice" }},
            "listed": {{ "type": "array", "items": {composition} }},
            "mapped": {{ "type": "object", "additionalProperties": {composition} }},
            "objects": {{ "$ref": "#/components/schemas/Objects" }},
            "annotated": {{ "allOf": [{{ "$ref": "#/components/schemas/Resolution" }}] }},
            "analyzed": {{"##
    );
    dir.edit("fragment.json", "\"analyzed\": {", &properties);
    let output = dir.codegen(&[]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert!(!dir.path("out/types/choice.rs").exists());
    let clip = dir.read("out/types/saved_clip.rs");
    for field in [
        "pub inline: Option<::serde_json::Value>",
        "pub named: Option<::serde_json::Value>",
        "pub listed: Option<Vec<Option<::serde_json::Value>>>",
        "pub mapped: Option<::serde_json::Map<String, ::serde_json::Value>>",
        "pub objects: Option<Objects>",
        "pub annotated: Option<Resolution>",
    ] {
        assert!(clip.contains(field), "{field}\n{clip}");
    }
    let objects = dir.read("out/types/objects.rs");
    assert!(objects.contains("pub own: Option<String>"), "{objects}");
    assert!(objects.contains("pub width: Option<i64>"), "{objects}");
}

#[test]
fn types_of_error_responses_can_be_decoded() {
    let dir = Sandbox::new();
    let response = r##""responses": { "400": { "description": "-", "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Problem" } } } },"##;
    dir.edit("fragment.json", "\"responses\": {", response);
    let problem = r##""schemas": { "Problem": { "properties": { "request": { "$ref": "#/components/schemas/Event_GetClipWithProgressWSRequest" } } },"##;
    dir.edit("fragment.json", "\"schemas\": {", problem);
    assert_eq!(dir.codegen(&[]).status.code(), Some(0));
    for (file, name) in [
        ("problem", "Problem"),
        (
            "get_clip_with_progress_request",
            "GetClipWithProgressRequest",
        ),
    ] {
        let text = dir.read(&format!("out/types/{file}.rs"));
        let decoder = format!("impl crate::lenient::Object for {name}");
        assert!(text.contains(&decoder), "{text}");
    }
}

#[test]
fn a_malformed_schema_is_a_note() {
    let dir = Sandbox::new();
    dir.edit(
        "fragment.json",
        "\"analyzed\": {",
        "\"odd\": [1], \"list\": { \"type\": \"array\", \"items\": 7 }, \"analyzed\": {",
    );
    let output = dir.codegen(&[]);
    assert_eq!(output.status.code(), Some(0));
    let notes = stderr(&output);
    assert_eq!(notes.lines().count(), 2, "{notes}");
    assert!(
        notes.contains("/properties/list/items: not a valid schema"),
        "{notes}"
    );
    let clip = dir.read("out/types/saved_clip.rs");
    assert!(
        clip.contains("pub odd: Option<::serde_json::Value>"),
        "{clip}"
    );
}

#[test]
fn equivalent_forms_of_a_schema_generate_the_same_kinds_of_types() {
    let dir = Sandbox::new();
    dir.edit(
        "fragment.json",
        "\"analyzed\": {",
        "\"cut\": { \"type\": \"object\", \"properties\": { \"side\": { \"type\": \"string\", \"enum\": [\"LEFT\"] } } },
         \"owner\": { \"$ref\": \"#/components/schemas/plain_text\" },
         \"retries\": { \"type\": \"integer\", \"default\": 3, \"maximum\": 9 },
         \"analyzed\": {",
    );
    dir.edit(
        "fragment.json",
        "\"schemas\": {",
        "\"schemas\": { \"plain_text\": { \"type\": \"string\", \"maxLength\": 5, \"description\": \"Text.\" },",
    );
    let output = dir.codegen(&[]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let read = |path: &str| dir.read(&format!("out/types/{path}"));
    let clip = read("saved_clip.rs");
    for field in ["pub owner: Option<String>", "pub retries: Option<i64>"] {
        assert!(clip.contains(field), "{field}");
    }
    let cut = read("saved_clip_cut.rs");
    assert!(
        cut.contains("impl crate::lenient::Object for SavedClipCut"),
        "{cut}"
    );
    let side = read("saved_clip_cut_side.rs");
    assert!(side.contains("Unrecognized(String)"), "{side}");
}
