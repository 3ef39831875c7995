//! Tests of types, properties and names.

use super::*;
use crate::drift::compare::uses::Direction;

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
        (
            json!({ "oneOf": [string(), { "type": "integer" }] }),
            "union",
        ),
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
            "breaking changed Request::a: now optional in requests; `new` loses an argument",
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
            "breaking changed Request::a: now required in requests; `new` gains an argument",
            "docs changed Response::a: now required in responses; its Rust type remains optional",
        ]
    );
}

#[test]
fn schemas_without_a_type_of_their_own_are_equal_inline_and_by_reference() {
    let size = json!({ "type": "object", "properties": { "w": { "type": "integer" } } });
    let sizes = json!({ "type": "array", "items": schema("Size") });
    let response = |p: Value| json!({ "type": "object", "properties": { "p": p } });
    let ways = [
        json!({ "Response": response(sizes.clone()), "Size": size }),
        json!({ "Response": response(schema("Sizes")), "Sizes": sizes, "Size": size }),
        json!({ "Response": response(json!({ "allOf": [schema("Sizes")] })), "Sizes": sizes, "Size": size }),
        json!({ "Response": response(schema("Alias")), "Alias": schema("Sizes"), "Sizes": sizes, "Size": size }),
        json!({ "Response": { "allOf": [schema("Base"), { "type": "object" }] }, "Base": response(sizes.clone()), "Size": size }),
        json!({
            "Response": response(json!({ "type": "array", "items": schema("Alias") })),
            "Alias": { "oneOf": [schema("Size"), { "nullable": true }] },
            "Size": size,
        }),
    ];
    for ours in &ways {
        for theirs in &ways {
            assert_eq!(compare_documents(ours.clone(), theirs.clone()), NO_FINDINGS);
        }
    }
}

#[test]
fn a_type_that_moves_inline_is_renamed() {
    let size = json!({ "type": "object", "properties": { "w": { "type": "integer" } } });
    let response = |p: Value| json!({ "type": "object", "properties": { "p": p } });
    let named = || json!({ "Response": response(schema("Size")), "Size": size });
    let mut wider = size.clone();
    wider["properties"]["h"] = json!({});
    assert_eq!(
        compare_documents(named(), json!({ "Response": response(wider) })),
        [
            "breaking changed Response::p: type renamed: Size -> ResponseP",
            "breaking removed Size: schema removed: object",
            "additive added Size::h: property added: any value",
        ]
    );
    assert_eq!(
        compare_documents(json!({ "Response": response(size.clone()) }), named()),
        [
            "breaking changed Response::p: type renamed: ResponseP -> Size",
            "additive added Size: schema added: object",
        ]
    );
    let same_name = json!({ "Response": response(schema("ResponseP")), "ResponseP": size });
    assert_eq!(
        compare_documents(json!({ "Response": response(size.clone()) }), same_name),
        ["additive added ResponseP: schema added: object"]
    );
}

#[test]
fn the_name_of_an_enclosing_type_is_part_of_an_inline_types_name() {
    let list = || json!({ "type": "array", "items": { "type": "string", "enum": ["A"] } });
    let response = |p: Value| json!({ "type": "object", "properties": { "p": p } });
    assert_eq!(
        compare_documents(
            json!({ "Response": response(schema("Kinds")), "Kinds": list() }),
            json!({ "Response": response(list()) }),
        ),
        ["breaking changed Response::p: type renamed: KindsItem -> ResponsePItem"]
    );
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
    assert_eq!(
        compare_documents(node(json!({})), named),
        [
            "breaking changed Response::list: type renamed: ResponseList -> List",
            "breaking changed ResponseList::next: type renamed: Response -> ListNext",
            "additive added List: schema added: object",
        ]
    );
    let circle =
        |name: &str| json!({ "Response": schema(name), "A": schema("B"), "B": schema("A") });
    compare_documents(circle("A"), circle("B"));
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
    let directions = Directions::compute(&document, &[&list_operations(&document)[0]]);
    assert_eq!(directions.get("Request"), Direction::SENT);
    assert_eq!(directions.get("Response"), Direction::RECEIVED);
    let both = directions.get("Both");
    assert!(both.sent && both.received);
    assert_eq!(directions.get("Neither"), Direction::RECEIVED);
}

#[test]
fn a_type_of_both_directions_gains_properties() {
    let shared = |properties: Value, required: Value| {
        let user = json!({ "properties": { "shared": schema("Shared") } });
        json!({
            "Shared": { "properties": properties, "required": required },
            "Request": user,
            "Response": user,
        })
    };
    let compare = |required: Value| {
        let ours = shared(json!({ "a": {} }), json!([]));
        compare_documents(ours, shared(json!({ "a": {}, "b": {} }), required))
    };
    assert_eq!(
        compare(json!([])),
        ["additive added Shared::b: property added: any value"]
    );
    assert_eq!(
        compare(json!(["b"])),
        ["breaking added Shared::b: required property added: any value"]
    );
}

#[test]
fn a_type_within_a_named_array_has_all_directions_of_the_array() {
    let views = |required: Value| {
        let view = json!({ "properties": { "a": {} }, "required": required });
        let user = json!({ "properties": { "p": schema("Views") } });
        json!({
            "Views": { "type": "array", "items": view },
            "Request": user,
            "Response": user,
        })
    };
    assert_eq!(
        compare_documents(views(json!([])), views(json!(["a"]))),
        ["breaking changed ViewsItem::a: now required in requests; `new` gains an argument"]
    );
}

#[test]
fn a_type_that_only_the_other_document_sends_breaks_no_request() {
    let documents = |request: Value, required: Value| {
        json!({
            "Shared": { "properties": { "a": {} }, "required": required },
            "Request": { "properties": request },
            "Response": { "properties": { "shared": schema("Shared") } },
        })
    };
    assert_eq!(
        compare_documents(
            documents(json!({ "x": {} }), json!([])),
            documents(json!({ "x": {}, "shared": schema("Shared") }), json!(["a"])),
        ),
        [
            "additive added Request::shared: property added: Shared",
            "docs changed Shared::a: now required in responses; its Rust type remains optional",
        ]
    );
}

#[test]
fn names_chosen_by_the_overlay_name_the_items() {
    let ours = document(&json!({ "Response": { "properties": { "m": {}, "M": {} } } }));
    let mut overlaid = ours.clone();
    let response = &mut overlaid["components"]["schemas"]["Response"];
    response["x-rust-name"] = json!("Clip");
    response["properties"]["M"]["x-rust-name"] = json!("minutes");
    overlaid["paths"]["/a"]["post"]["x-rust-name"] = json!("read_a");
    let mut theirs = ours.clone();
    theirs["components"]["schemas"]["Response"]["properties"] = json!({ "m": {} });
    theirs["paths"]["/a"]["post"]["deprecated"] = json!(true);
    assert_eq!(
        compare_overlaid(&ours, overlaid, &theirs),
        [
            "breaking removed Clip::minutes: property removed: any value",
            "docs added Client::read_a: deprecated: none -> true",
        ]
    );
}

#[test]
fn a_named_object_without_properties_is_a_struct_that_can_gain_some() {
    let response = |properties: Value, extra: Value| {
        let mut empty = json!({ "type": "object" });
        let members = empty.as_object_mut().unwrap();
        members.extend(properties.as_object().unwrap().clone());
        members.extend(extra.as_object().unwrap().clone());
        json!({ "Empty": empty, "Response": { "properties": { "p": schema("Empty") } } })
    };
    let empty = || response(json!({}), json!({}));
    assert_eq!(
        compare_documents(
            empty(),
            response(json!({ "properties": { "a": {} } }), json!({}))
        ),
        ["additive added Empty::a: property added: any value"]
    );
    let map = response(json!({}), json!({ "additionalProperties": true }));
    assert_eq!(
        compare_documents(empty(), map),
        [
            "breaking removed Empty: schema removed: object",
            "breaking changed Response::p: type changed: Empty -> map",
        ]
    );
}
