//! What counts as a difference, and of which class.

use super::*;
use crate::fragment::operation;
use serde_json::json;

/// A document of one operation, whose request and response are the schemas `Asked` and `Told`.
fn document(schemas: &Value) -> Value {
    let body = |name: &str| {
        let schema = json!({ "$ref": format!("#/components/schemas/{name}") });
        json!({ "description": "OK", "content": { "application/json": { "schema": schema } } })
    };
    let mut schemas = schemas.clone();
    for name in ["Asked", "Told"] {
        let all = schemas.as_object_mut().unwrap();
        all.entry(name)
            .or_insert(json!({ "type": "object", "properties": { "x": {} } }));
    }
    json!({
        "paths": { "/a": { "post": {
            "operationId": "getA",
            "requestBody": body("Asked"),
            "responses": { "200": body("Told") },
        } } },
        "components": { "schemas": schemas },
    })
}

/// The findings between two sets of schemas, each as one line.
fn between(ours: Value, theirs: Value) -> Vec<String> {
    let (ours, theirs) = (document(&ours), document(&theirs));
    let overlaid = Overlaid::new(ours.clone(), ours.clone());
    let operation = &operation::of_document(&ours)[0];
    let findings = compare(&ours, &theirs, &[(operation, operation)], &overlaid);
    findings
        .into_iter()
        .map(|found| {
            let item = found.item.unwrap_or_default();
            let (class, kind) = (found.class, found.kind.as_str());
            format!("{class} {kind} {item}: {}", found.message)
        })
        .collect()
}

/// The same for one property `p` of what is received.
fn received(ours: Value, theirs: Value) -> Vec<String> {
    let told = |p: Value| json!({ "Told": { "type": "object", "properties": { "p": p } } });
    between(told(ours), told(theirs))
}

/// The same for one property `p` of what is sent.
fn sent(ours: Value, theirs: Value) -> Vec<String> {
    let asked = |p: Value| json!({ "Asked": { "type": "object", "properties": { "p": p } } });
    between(asked(ours), asked(theirs))
}

fn schema(name: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{name}") })
}

const NOTHING: [&str; 0] = [];

#[test]
fn another_type_is_breaking() {
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
        (json!({ "type": "string", "enum": ["A"] }), "enumeration"),
        (json!({ "oneOf": [string()] }), "one of several schemas"),
        (json!({}), "anything"),
    ] {
        let message = format!("breaking changed Told::p: the type: string -> {described}");
        assert_eq!(received(string(), theirs.clone()), [message]);
        let message = format!("breaking changed Asked::p: the type: {described} -> string");
        assert_eq!(sent(theirs, string()), [message]);
    }
}

#[test]
fn what_is_inside_counts_as_deep_as_it_goes() {
    let views = |kind: &str| {
        let view = json!({ "type": "object", "properties": { "x": { "type": kind } } });
        json!({ "type": "object", "additionalProperties": { "type": "array", "items": view } })
    };
    assert_eq!(received(views("string"), views("string")), NOTHING);
    assert_eq!(
        received(views("integer"), views("boolean")),
        ["breaking changed ToldPValueItem::x: the type: integer -> boolean"]
    );
    let untyped = json!({ "type": "array" });
    assert_eq!(
        received(
            json!({ "type": "array", "items": { "type": "string" } }),
            untyped
        ),
        ["breaking changed Told::p: what it holds: string -> anything"]
    );
}

#[test]
fn what_our_types_take_either_way_is_documentation() {
    for (ours, theirs, message) in [
        (
            json!({ "type": "integer", "format": "int32" }),
            json!({ "type": "integer", "format": "int64" }),
            "format: int32 -> int64; the same type in Rust",
        ),
        (
            json!({ "type": "number", "format": "float" }),
            json!({ "type": "number" }),
            "format: float -> none; the same type in Rust",
        ),
        (
            json!({ "type": "string" }),
            json!({ "type": "string", "format": "date-time" }),
            "format: none -> date-time; the same type in Rust",
        ),
        (
            json!({ "type": "string", "nullable": true }),
            json!({ "type": "string" }),
            "null is no longer allowed; for our types the overlay decides",
        ),
        (
            json!({ "type": "string", "nullable": false }),
            json!({ "type": "string", "nullable": true }),
            "null is allowed now; for our types the overlay decides",
        ),
    ] {
        let expected = format!("docs changed Told::p: {message}");
        assert_eq!(received(ours, theirs), [expected]);
    }
}

#[test]
fn limits_bind_what_is_sent() {
    let number = |maximum: u64| json!({ "type": "integer", "maximum": maximum });
    assert_eq!(
        sent(number(10), number(9)),
        ["breaking changed Asked::p: maximum of what is sent: 10 -> 9"]
    );
    assert_eq!(
        sent(number(9), number(10)),
        ["docs changed Asked::p: maximum: 9 -> 10"]
    );
    assert_eq!(
        received(number(10), number(9)),
        ["docs changed Told::p: maximum: 10 -> 9"]
    );
}

#[test]
fn a_limit_of_what_is_received_is_documentation() {
    let limited = json!({ "type": "string", "maxLength": 9 });
    assert_eq!(
        received(json!({ "type": "string" }), limited),
        ["docs added Told::p: maxLength: none -> 9"]
    );
}

#[test]
fn values_come_and_go_and_their_order_means_nothing() {
    let state = |values: Value| {
        json!({ "State": { "type": "string", "enum": values },
        "Told": { "type": "object", "properties": { "p": schema("State") } } })
    };
    assert_eq!(
        between(state(json!(["A", "B"])), state(json!(["B", null, "A"]))),
        NOTHING
    );
    assert_eq!(
        between(state(json!(["A", "ON_HOLD"])), state(json!(["NEW_1", "A"]))),
        [
            "breaking removed State::OnHold: the value ON_HOLD is gone",
            "additive added State::New1: a new value: NEW_1",
        ]
    );
}

#[test]
fn properties_come_and_go() {
    let object = |properties: Value, required: Value| {
        let object = json!({ "type": "object", "properties": properties, "required": required });
        json!({ "Told": object, "Asked": object })
    };
    let string = || json!({ "type": "string" });
    let ours = object(json!({ "a": string(), "someName": string() }), json!(["a"]));
    let theirs = object(
        json!({ "a": string(), "b": string(), "type": string() }),
        json!(["b"]),
    );
    assert_eq!(
        between(ours, theirs),
        [
            "breaking changed Asked::a: a request may leave it out now: its type becomes an Option",
            "breaking added Asked::b: a new property that every request must carry: string",
            "breaking removed Asked::some_name: the property is gone: string",
            "breaking removed Told::some_name: the property is gone: string",
            "additive added Asked::type_: a new property: string",
            "additive added Told::b: a new property: string",
            "additive added Told::type_: a new property: string",
            "docs changed Told::a: no longer always present; our types allow for that already",
        ]
    );
}

#[test]
fn newly_required_is_breaking_for_what_is_sent_alone() {
    let object = |required: Value| {
        let properties = json!({ "a": { "type": "string" } });
        let object = json!({ "type": "object", "properties": properties, "required": required });
        json!({ "Told": object, "Asked": object })
    };
    assert_eq!(
        between(object(json!([])), object(json!(["a"]))),
        [
            "breaking changed Asked::a: every request must carry it now",
            "docs changed Told::a: always present now; our types allow for its absence all the same",
        ]
    );
}

#[test]
fn in_place_by_name_and_wrapped_mean_the_same() {
    let size = json!({ "type": "object", "properties": { "w": { "type": "integer" } } });
    let told = |p: Value| json!({ "type": "object", "properties": { "p": p } });
    let ways = [
        json!({ "Told": told(size.clone()) }),
        json!({ "Told": told(schema("Size")), "Size": size }),
        json!({ "Told": told(json!({ "allOf": [schema("Size")] })), "Size": size }),
        json!({ "Told": told(schema("Alias")), "Alias": schema("Size"), "Size": size }),
        json!({ "Told": { "allOf": [schema("Base"), { "type": "object" }] }, "Base": told(size) }),
    ];
    for ours in &ways {
        for theirs in &ways {
            assert_eq!(between(ours.clone(), theirs.clone()), NOTHING);
        }
    }
}

#[test]
fn two_names_are_two_types() {
    let named = |name: &str| {
        json!({ name: { "type": "object", "properties": { "x": { "type": "string" } } },
            "Told": { "type": "object", "properties": { "p": schema(name) } } })
    };
    assert_eq!(
        between(named("Old"), named("New")),
        [
            "breaking removed Old: the schema is gone: object",
            "breaking changed Told::p: the type: Old -> New",
            "additive added New: a new schema: object",
        ]
    );
}

#[test]
fn schemas_that_contain_each_other_end() {
    let node = |extra: Value| {
        let inner = json!({ "type": "object", "properties": { "next": schema("Told") } });
        json!({ "Told": { "type": "object", "properties": { "list": inner, "p": extra } } })
    };
    let named = json!({
        "Told": { "type": "object", "properties": { "list": schema("List"), "p": {} } },
        "List": { "type": "object", "properties": { "next": {
            "type": "object", "properties": { "list": schema("List"), "p": {} },
        } } },
    });
    assert_eq!(between(node(json!({})), named), NOTHING);
    let circle = |name: &str| json!({ "Told": schema(name), "A": schema("B"), "B": schema("A") });
    between(circle("A"), circle("B"));
}

#[test]
fn choices_come_and_go() {
    let choice = |kinds: &[&str]| {
        let kinds: Vec<Value> = kinds.iter().map(|kind| json!({ "type": kind })).collect();
        json!({ "oneOf": kinds })
    };
    assert_eq!(
        received(choice(&["string"]), choice(&["string", "integer"])),
        ["breaking added Told::p: integer is a new choice"]
    );
    assert_eq!(
        sent(choice(&["string"]), choice(&["string", "integer"])),
        ["additive added Asked::p: integer is a new choice"]
    );
    assert_eq!(
        received(choice(&["string", "integer"]), choice(&["boolean"])),
        [
            "breaking changed Told::p: the type: string -> boolean",
            "breaking removed Told::p: the choice of integer is gone",
        ]
    );
}

#[test]
fn documentation_is_compared_and_nothing_said_is_the_same_as_false() {
    assert_eq!(
        received(
            json!({ "type": "string", "title": "A", "description": "Ours.", "example": "x" }),
            json!({ "type": "string", "title": "B", "description": "Theirs.", "deprecated": true }),
        ),
        [
            "docs added Told::p: deprecated: none -> true",
            "docs removed Told::p: example: \"x\" -> none",
            "docs changed Told::p: title: \"A\" -> \"B\"",
        ]
    );
    let example = |example: Value| json!({ "type": "number", "example": example });
    assert_eq!(received(example(json!(75)), example(json!(75.0))), NOTHING);
    assert_eq!(
        received(
            json!({ "type": "string" }),
            json!({ "type": "string", "deprecated": false, "nullable": false, "readOnly": false }),
        ),
        NOTHING
    );
}

#[test]
fn unknown_properties_are_documentation() {
    let told = |others: Value| json!({ "Told": { "type": "object", "properties": { "x": {} }, "additionalProperties": others } });
    assert_eq!(between(told(json!(true)), told(json!({}))), NOTHING);
    assert_eq!(
        between(told(json!(true)), told(json!(false))),
        ["docs changed Told: unknown properties: true -> false"]
    );
}
