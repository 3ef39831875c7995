//! Tests of limits: formats, constraints, and values that are not variants.

use super::*;

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
            "no longer nullable; the Rust type is unaffected",
        ),
        (
            json!({ "type": "string", "nullable": false }),
            json!({ "type": "string", "nullable": true }),
            "now nullable; the Rust type is unaffected",
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
fn values_of_a_number_are_limits() {
    let level = |values: Value| json!({ "type": "integer", "enum": values });
    let (two, three) = (level(json!([1, 2])), level(json!([1, 2, 3, null])));
    let added = "added Response::p: enum value added: 3; the Rust type is unaffected";
    assert_eq!(
        compare_in_response(two.clone(), three.clone()),
        [format!("docs {added}")]
    );
    assert_eq!(
        compare_in_response(three.clone(), two.clone()),
        ["docs removed Response::p: enum value removed: 3"]
    );
    assert_eq!(
        compare_in_request(three, two.clone()),
        ["breaking removed Request::p: enum value removed: 3"]
    );
    let any = || json!({ "type": "integer" });
    assert_eq!(
        compare_in_request(any(), two.clone()),
        ["breaking changed Request::p: now limited to enum values: 1, 2"]
    );
    assert_eq!(
        compare_in_request(two, any()),
        ["docs changed Request::p: no longer limited to enum values: 1, 2"]
    );
}

#[test]
fn narrower_integers_are_breaking_in_requests_only() {
    let integer = |format: &str| json!({ "type": "integer", "format": format });
    assert_eq!(
        compare_in_request(integer("int64"), integer("int32")),
        ["breaking changed Request::p: stricter format in requests: int64 -> int32"]
    );
    for findings in [
        compare_in_request(integer("int32"), integer("int64")),
        compare_in_response(integer("int64"), integer("int32")),
    ] {
        assert!(
            findings.len() == 1 && findings[0].starts_with("docs "),
            "{findings:?}"
        );
    }
}

#[test]
fn constraints_beside_a_reference_are_compared() {
    let limited = |maximum: u64| {
        json!({
            "Text": { "type": "string" },
            "Request": { "properties": { "p": { "allOf": [schema("Text"), { "maxLength": maximum }] } } },
        })
    };
    assert_eq!(
        compare_documents(limited(9), limited(8)),
        ["breaking changed Request::p: stricter maxLength in requests: 9 -> 8"]
    );
}

#[test]
fn a_request_that_forbids_unknown_properties_loses_their_field() {
    let request = |additional: Value| json!({ "Request": { "properties": { "x": {} }, "additionalProperties": additional } });
    let message = "unknown properties are no longer allowed; the field `extra` is removed";
    let (open, closed) = (
        document(&request(json!(true))),
        document(&request(json!(false))),
    );
    assert_eq!(
        compare_overlaid(&open, open.clone(), &closed),
        [format!("breaking changed Request: {message}")]
    );
    let overlaid = document(&request(json!({})));
    let findings = compare_overlaid(&open, overlaid, &closed);
    assert_eq!(
        findings,
        ["docs changed Request: unknown properties: true -> false"]
    );
}
