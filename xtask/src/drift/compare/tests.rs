//! Tests of the comparison: detected differences and their classes.

use super::*;
use serde_json::json;

/// Creates a document with one operation, whose request and response are the schemas `Request` and `Response`.
fn document(schemas: &Value) -> Value {
    let body = |name: &str| {
        let schema = json!({ "$ref": format!("#/components/schemas/{name}") });
        json!({ "description": "OK", "content": { "application/json": { "schema": schema } } })
    };
    let mut schemas = schemas.clone();
    for name in ["Request", "Response"] {
        let all = schemas.as_object_mut().unwrap();
        all.entry(name)
            .or_insert(json!({ "type": "object", "properties": { "x": {} } }));
    }
    json!({
        "paths": { "/a": { "post": {
            "operationId": "getA",
            "requestBody": body("Request"),
            "responses": { "200": body("Response") },
        } } },
        "components": { "schemas": schemas },
    })
}

/// Compares two sets of schemas and formats each finding as one line.
fn compare_documents(ours: Value, theirs: Value) -> Vec<String> {
    let (ours, theirs) = (document(&ours), document(&theirs));
    let overlaid = OverlaidFragment::new(ours.clone(), ours.clone());
    let operation = &list_operations(&ours)[0];
    let findings = compare(&ours, &theirs, &[(operation, operation)], &overlaid);
    findings
        .into_iter()
        .map(|found| {
            let item = found.item.unwrap_or_default();
            let (class, kind) = (found.class, found.kind);
            format!("{class} {kind} {item}: {}", found.message)
        })
        .collect()
}

/// Compares two schemas of a response property `p`.
fn compare_in_response(ours: Value, theirs: Value) -> Vec<String> {
    let response = |p: Value| json!({ "Response": { "type": "object", "properties": { "p": p } } });
    compare_documents(response(ours), response(theirs))
}

/// Compares two schemas of a request property `p`.
fn compare_in_request(ours: Value, theirs: Value) -> Vec<String> {
    let request = |p: Value| json!({ "Request": { "type": "object", "properties": { "p": p } } });
    compare_documents(request(ours), request(theirs))
}

fn schema(name: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{name}") })
}

const NO_FINDINGS: [&str; 0] = [];

#[test]
fn changed_type_is_breaking() {
    let string = || json!({ "type": "string" });
    for (theirs, described) in [
        (
            json!({ "type": "integer", "format": "int32" }),
            "integer int32",
        ),
        (
            json!({ "type": "array", "items": string() }),
            "array of string",
        ),
        (
            json!({ "type": "object", "additionalProperties": string() }),
            "map of string",
        ),
        (json!({ "type": "object" }), "map"),
        (json!({ "type": "string", "enum": ["A"] }), "enum"),
        (json!({ "oneOf": [string()] }), "union"),
        (json!({}), "any value"),
    ] {
        let message = format!("breaking changed Response::p: type changed: string -> {described}");
        assert_eq!(compare_in_response(string(), theirs.clone()), [message]);
        let message = format!("breaking changed Request::p: type changed: {described} -> string");
        assert_eq!(compare_in_request(theirs, string()), [message]);
    }
}

#[test]
fn nested_schemas_are_compared_at_any_depth() {
    let views = |kind: &str| {
        let view = json!({ "type": "object", "properties": { "x": { "type": kind } } });
        json!({ "type": "object", "additionalProperties": { "type": "array", "items": view } })
    };
    assert_eq!(
        compare_in_response(views("string"), views("string")),
        NO_FINDINGS
    );
    assert_eq!(
        compare_in_response(views("integer"), views("boolean")),
        ["breaking changed ResponsePValueItem::x: type changed: integer -> boolean"]
    );
    let untyped = json!({ "type": "array" });
    assert_eq!(
        compare_in_response(
            json!({ "type": "array", "items": { "type": "string" } }),
            untyped
        ),
        ["breaking changed Response::p: element type changed: string -> any value"]
    );
}

#[test]
fn formats_and_nullability_are_classed_as_docs() {
    for (ours, theirs, message) in [
        (
            json!({ "type": "integer", "format": "int32" }),
            json!({ "type": "integer", "format": "int64" }),
            "format: int32 -> int64; the Rust type is unaffected",
        ),
        (
            json!({ "type": "number", "format": "float" }),
            json!({ "type": "number" }),
            "format: float -> none; the Rust type is unaffected",
        ),
        (
            json!({ "type": "string" }),
            json!({ "type": "string", "format": "date-time" }),
            "format: none -> date-time; the Rust type is unaffected",
        ),
        (
            json!({ "type": "string", "nullable": true }),
            json!({ "type": "string" }),
            "no longer nullable; the overlay determines the Rust type",
        ),
        (
            json!({ "type": "string", "nullable": false }),
            json!({ "type": "string", "nullable": true }),
            "now nullable; the overlay determines the Rust type",
        ),
    ] {
        let expected = format!("docs changed Response::p: {message}");
        assert_eq!(compare_in_response(ours, theirs), [expected]);
    }
}

#[test]
fn stricter_constraints_are_breaking_in_requests_only() {
    let number = |maximum: u64| json!({ "type": "integer", "maximum": maximum });
    assert_eq!(
        compare_in_request(number(10), number(9)),
        ["breaking changed Request::p: stricter maximum in requests: 10 -> 9"]
    );
    assert_eq!(
        compare_in_request(number(9), number(10)),
        ["docs changed Request::p: maximum: 9 -> 10"]
    );
    assert_eq!(
        compare_in_response(number(10), number(9)),
        ["docs changed Response::p: maximum: 10 -> 9"]
    );
}

#[test]
fn constraints_of_responses_are_classed_as_docs() {
    let limited = json!({ "type": "string", "maxLength": 9 });
    assert_eq!(
        compare_in_response(json!({ "type": "string" }), limited),
        ["docs added Response::p: maxLength: none -> 9"]
    );
}

#[test]
fn enum_values_are_compared_regardless_of_order() {
    let state = |values: Value| {
        json!({ "State": { "type": "string", "enum": values },
        "Response": { "type": "object", "properties": { "p": schema("State") } } })
    };
    assert_eq!(
        compare_documents(state(json!(["A", "B"])), state(json!(["B", null, "A"]))),
        NO_FINDINGS
    );
    assert_eq!(
        compare_documents(state(json!(["A", "ON_HOLD"])), state(json!(["NEW_1", "A"]))),
        [
            "breaking removed State::OnHold: enum value removed: ON_HOLD",
            "additive added State::New1: enum value added: NEW_1",
        ]
    );
}

#[test]
fn added_and_removed_properties_are_reported() {
    let object = |properties: Value, required: Value| {
        let object = json!({ "type": "object", "properties": properties, "required": required });
        json!({ "Response": object, "Request": object })
    };
    let string = || json!({ "type": "string" });
    let ours = object(json!({ "a": string(), "someName": string() }), json!(["a"]));
    let theirs = object(
        json!({ "a": string(), "b": string(), "type": string() }),
        json!(["b"]),
    );
    assert_eq!(
        compare_documents(ours, theirs),
        [
            "breaking changed Request::a: now optional in requests; its Rust type becomes an `Option`",
            "breaking added Request::b: required property added: string",
            "breaking removed Request::some_name: property removed: string",
            "breaking removed Response::some_name: property removed: string",
            "additive added Request::type_: property added: string",
            "additive added Response::b: property added: string",
            "additive added Response::type_: property added: string",
            "docs changed Response::a: now optional in responses; its Rust type is already optional",
        ]
    );
}

#[test]
fn newly_required_property_is_breaking_in_requests_only() {
    let object = |required: Value| {
        let properties = json!({ "a": { "type": "string" } });
        let object = json!({ "type": "object", "properties": properties, "required": required });
        json!({ "Response": object, "Request": object })
    };
    assert_eq!(
        compare_documents(object(json!([])), object(json!(["a"]))),
        [
            "breaking changed Request::a: now required in requests",
            "docs changed Response::a: now required in responses; its Rust type remains optional",
        ]
    );
}

#[test]
fn inline_named_and_wrapped_schemas_are_equal() {
    let size = json!({ "type": "object", "properties": { "w": { "type": "integer" } } });
    let response = |p: Value| json!({ "type": "object", "properties": { "p": p } });
    let ways = [
        json!({ "Response": response(size.clone()) }),
        json!({ "Response": response(schema("Size")), "Size": size }),
        json!({ "Response": response(json!({ "allOf": [schema("Size")] })), "Size": size }),
        json!({ "Response": response(schema("Alias")), "Alias": schema("Size"), "Size": size }),
        json!({ "Response": { "allOf": [schema("Base"), { "type": "object" }] }, "Base": response(size) }),
    ];
    for ours in &ways {
        for theirs in &ways {
            assert_eq!(compare_documents(ours.clone(), theirs.clone()), NO_FINDINGS);
        }
    }
}

#[test]
fn different_names_are_different_types() {
    let named = |name: &str| {
        json!({ name: { "type": "object", "properties": { "x": { "type": "string" } } },
            "Response": { "type": "object", "properties": { "p": schema(name) } } })
    };
    assert_eq!(
        compare_documents(named("Old"), named("New")),
        [
            "breaking removed Old: schema removed: object",
            "breaking changed Response::p: type changed: Old -> New",
            "additive added New: schema added: object",
        ]
    );
}

#[test]
fn recursive_schemas_terminate() {
    let node = |extra: Value| {
        let inner = json!({ "type": "object", "properties": { "next": schema("Response") } });
        json!({ "Response": { "type": "object", "properties": { "list": inner, "p": extra } } })
    };
    let named = json!({
        "Response": { "type": "object", "properties": { "list": schema("List"), "p": {} } },
        "List": { "type": "object", "properties": { "next": {
            "type": "object", "properties": { "list": schema("List"), "p": {} },
        } } },
    });
    assert_eq!(compare_documents(node(json!({})), named), NO_FINDINGS);
    let circle =
        |name: &str| json!({ "Response": schema(name), "A": schema("B"), "B": schema("A") });
    compare_documents(circle("A"), circle("B"));
}

#[test]
fn added_and_removed_union_variants_are_reported() {
    let union = |kinds: &[&str]| {
        let kinds: Vec<Value> = kinds.iter().map(|kind| json!({ "type": kind })).collect();
        json!({ "oneOf": kinds })
    };
    assert_eq!(
        compare_in_response(union(&["string"]), union(&["string", "integer"])),
        ["breaking added Response::p: union variant added: integer"]
    );
    assert_eq!(
        compare_in_request(union(&["string"]), union(&["string", "integer"])),
        ["additive added Request::p: union variant added: integer"]
    );
    assert_eq!(
        compare_in_response(union(&["string", "integer"]), union(&["boolean"])),
        [
            "breaking changed Response::p: type changed: string -> boolean",
            "breaking removed Response::p: union variant removed: integer",
        ]
    );
}

#[test]
fn annotations_are_compared_and_absence_equals_false() {
    assert_eq!(
        compare_in_response(
            json!({ "type": "string", "title": "A", "description": "Ours.", "example": "x" }),
            json!({ "type": "string", "title": "B", "description": "Theirs.", "deprecated": true }),
        ),
        [
            "docs added Response::p: deprecated: none -> true",
            "docs removed Response::p: example: \"x\" -> none",
            "docs changed Response::p: title: \"A\" -> \"B\"",
        ]
    );
    let example = |example: Value| json!({ "type": "number", "example": example });
    assert_eq!(
        compare_in_response(example(json!(75)), example(json!(75.0))),
        NO_FINDINGS
    );
    assert_eq!(
        compare_in_response(
            json!({ "type": "string" }),
            json!({ "type": "string", "deprecated": false, "nullable": false, "readOnly": false }),
        ),
        NO_FINDINGS
    );
}

#[test]
fn additional_properties_are_classed_as_docs() {
    let response = |additional_properties: Value| json!({ "Response": { "type": "object", "properties": { "x": {} }, "additionalProperties": additional_properties } });
    assert_eq!(
        compare_documents(response(json!(true)), response(json!({}))),
        NO_FINDINGS
    );
    assert_eq!(
        compare_documents(response(json!(true)), response(json!(false))),
        ["docs changed Response: unknown properties: true -> false"]
    );
}

#[test]
fn direction_depends_on_the_parts_that_reach_a_schema() {
    let schema = |name: &str| json!({ "$ref": format!("#/components/schemas/{name}") });
    let document = json!({
        "paths": { "/a": { "post": {
            "operationId": "a",
            "requestBody": { "content": { "application/json": { "schema": schema("Request") } } },
            "responses": { "200": { "$ref": "#/components/responses/Response" } },
        } } },
        "components": {
            "responses": { "Response": { "content": { "x": { "schema": schema("Response") } } } },
            "schemas": {
                "Request": { "items": schema("Both") }, "Response": { "items": schema("Both") },
                "Both": { "items": schema("Both") }, "Neither": {},
            },
        },
    });
    let directions = Directions::compute([&document, &json!({})]);
    assert_eq!(directions.get("Request"), Direction::SENT);
    assert_eq!(directions.get("Response"), Direction::RECEIVED);
    assert_eq!(directions.get("Both"), Direction::BOTH);
    assert_eq!(directions.get("Neither"), Direction::BOTH);
}
