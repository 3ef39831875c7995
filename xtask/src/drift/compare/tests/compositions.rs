//! Tests of compositions, which are one struct if all parts are objects.

use super::*;

fn object(properties: Value) -> Value {
    json!({ "type": "object", "properties": properties })
}

fn string() -> Value {
    json!({ "type": "string" })
}

#[test]
fn variants_of_objects_are_compared_by_their_properties() {
    let choice = |variants: &[&str]| {
        let variants: Vec<Value> = variants.iter().map(|name| schema(name)).collect();
        json!({
            "Choice": { "oneOf": variants },
            "A": object(json!({ "a": string(), "kind": string() })),
            "B": object(json!({ "b": string(), "kind": string() })),
            "C": object(json!({ "kind": string() })),
            "Response": object(json!({ "p": schema("Choice") })),
            "Request": object(json!({ "p": schema("Choice") })),
        })
    };
    assert_eq!(
        compare_documents(choice(&["A", "C"]), choice(&["A", "B", "C"])),
        ["additive added Choice::b: property added: string"]
    );
    assert_eq!(
        compare_documents(choice(&["A", "B", "C"]), choice(&["A", "C"])),
        ["breaking removed Choice::b: property removed: string"]
    );
    assert_eq!(
        compare_documents(choice(&["A", "B"]), choice(&["A", "B", "C"])),
        NO_FINDINGS
    );
}

#[test]
fn parts_move_between_base_and_derived_without_drift() {
    let composed = |base: Value, own: Value| {
        json!({
            "Base": object(base),
            "Response": { "allOf": [schema("Base"), object(own)] },
        })
    };
    let all = json!({ "a": string(), "b": string() });
    let expected = json!({ "Response": object(all.clone()) });
    let ways = [
        composed(json!({ "a": string() }), json!({ "b": string() })),
        composed(json!({ "b": string() }), json!({ "a": string() })),
        composed(all, json!({ "a": string() })),
        expected,
    ];
    for ours in &ways {
        for theirs in &ways {
            assert_eq!(compare_documents(ours.clone(), theirs.clone()), NO_FINDINGS);
        }
    }
}

#[test]
fn a_part_that_is_a_type_as_well_is_compared_as_one() {
    let composed = |base: Value| {
        json!({
            "Base": object(base),
            "Derived": { "allOf": [schema("Base"), object(json!({ "d": string() }))] },
            "Response": object(json!({ "base": schema("Base"), "derived": schema("Derived") })),
        })
    };
    assert_eq!(
        compare_documents(
            composed(json!({ "a": string() })),
            composed(json!({ "a": string(), "b": string() }))
        ),
        [
            "additive added Base::b: property added: string",
            "additive added Derived::b: property added: string",
        ]
    );
}

#[test]
fn a_union_beyond_objects_is_a_json_value() {
    let named = |p: Value| json!({ "Response": object(json!({ "p": p })), "A": object(json!({})) });
    let objects = named(json!({ "oneOf": [schema("A"), object(json!({ "x": string() }))] }));
    let mixed = named(json!({ "oneOf": [schema("A"), string()] }));
    assert_eq!(
        compare_documents(objects, mixed.clone()),
        ["breaking changed Response::p: type changed: object -> union"]
    );
    assert_eq!(
        compare_documents(mixed, named(json!({}))),
        ["docs changed Response::p: no longer limited to union variants: A, string"]
    );
    let union = |kinds: &[&str]| {
        let kinds: Vec<Value> = kinds.iter().map(|kind| json!({ "type": kind })).collect();
        json!({ "oneOf": kinds })
    };
    let (few, many) = (
        union(&["string", "integer"]),
        union(&["string", "integer", "boolean"]),
    );
    let added = "union variant added: boolean; the Rust type is unaffected";
    assert_eq!(
        compare_in_request(few.clone(), many.clone()),
        [format!("docs added Request::p: {added}")]
    );
    assert_eq!(
        compare_in_request(many.clone(), few.clone()),
        ["breaking removed Request::p: union variant removed: boolean"]
    );
    assert_eq!(
        compare_in_response(many, few),
        ["docs removed Response::p: union variant removed: boolean"]
    );
}

#[test]
fn a_union_of_one_scalar_type_has_that_type() {
    let union = json!({ "anyOf": [string(), { "type": "string", "enum": ["A"] }] });
    assert_eq!(
        compare_in_response(string(), union),
        ["docs changed Response::p: now limited to union variants: enum, string"]
    );
    let nullable = json!({ "oneOf": [string(), { "enum": [null] }] });
    assert_eq!(
        compare_in_response(json!({ "type": "integer" }), nullable),
        ["breaking changed Response::p: type changed: integer -> string"]
    );
}

#[test]
fn required_properties_of_a_choice_are_not_required() {
    let request = |required: Value, key: &str| {
        let variant = json!({ "properties": { "a": string() }, "required": required });
        let other = object(json!({ "b": string() }));
        json!({ "Request": { key: [variant, other] } })
    };
    let compare = |key| compare_documents(request(json!([]), key), request(json!(["a"]), key));
    assert_eq!(compare("oneOf"), NO_FINDINGS);
    assert_eq!(
        compare("allOf"),
        ["breaking changed Request::a: now required in requests; `new` gains an argument"]
    );
}

#[test]
fn a_property_with_two_types_has_what_they_share() {
    let choice = |one: Value, other: Value| {
        let variants = [object(json!({ "p": one })), object(json!({ "p": other }))];
        json!({ "Response": { "oneOf": variants } })
    };
    let integer = || json!({ "type": "integer" });
    let number = || json!({ "type": "number" });
    assert_eq!(
        compare_documents(choice(integer(), integer()), choice(integer(), number())),
        ["breaking changed Response::p: type changed: integer -> number"]
    );
    assert_eq!(
        compare_documents(choice(integer(), string()), choice(integer(), integer())),
        ["breaking changed Response::p: type changed: any value -> integer"]
    );
    assert_eq!(
        compare_documents(choice(number(), integer()), choice(number(), number())),
        NO_FINDINGS
    );
}

#[test]
fn a_discriminator_is_an_annotation() {
    let base = |discriminator: Value| {
        let mut base = object(json!({ "type": string() }));
        base["discriminator"] = discriminator;
        json!({
            "Base": base,
            "Sub": { "allOf": [schema("Base"), object(json!({ "s": string() }))] },
            "Response": object(json!({ "p": schema("Base") })),
        })
    };
    let findings = compare_documents(
        base(json!({ "propertyName": "type", "mapping": { "S": "Sub" } })),
        base(json!({ "propertyName": "type", "mapping": { "T": "Sub" } })),
    );
    assert_eq!(findings.len(), 1);
    assert!(findings[0].starts_with("docs changed Base: discriminator: "));
}

#[test]
fn compositions_that_contain_each_other_terminate() {
    let circle = |property: &str| {
        json!({
            "Base": { "oneOf": [schema("Sub"), schema("Other")], "properties": { "b": string() } },
            "Sub": { "allOf": [schema("Base"), object(json!({ property: schema("Sub") }))] },
            "Other": { "allOf": [schema("Base")] },
            "List": { "type": "array", "items": schema("List") },
            "Choice": { "anyOf": [schema("Choice"), schema("List")] },
            "Response": object(json!({
                "base": schema("Base"), "list": schema("List"), "choice": schema("Choice"),
            })),
        })
    };
    assert_eq!(compare_documents(circle("s"), circle("s")), NO_FINDINGS);
    let findings = compare_documents(circle("s"), circle("t"));
    assert!(findings.contains(&"breaking removed Base::s: property removed: Sub".to_owned()));
}
