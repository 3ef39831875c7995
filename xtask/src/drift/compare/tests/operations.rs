//! Tests of operations: arguments, content types and results.

use super::*;

fn json_body(schema: Value) -> Value {
    json!({ "description": "", "content": { "application/json": { "schema": schema } } })
}

/// Compares two operations, which are given by their members.
fn compare_operations(ours: Value, theirs: Value) -> Vec<String> {
    let [ours, theirs] = [ours, theirs].map(|mut operation| {
        operation["operationId"] = json!("getA");
        let result = json!({ "type": "object", "properties": { "x": {} } });
        json!({
            "paths": { "/a": { "post": operation } },
            "components": { "schemas": { "Result": result, "Other": result } },
        })
    });
    compare_overlaid(&ours, ours.clone(), &theirs)
}

fn compare_responses(ours: Value, theirs: Value) -> Vec<String> {
    compare_operations(json!({ "responses": ours }), json!({ "responses": theirs }))
}

fn compare_parameters(ours: Value, theirs: Value) -> Vec<String> {
    compare_operations(
        json!({ "parameters": ours }),
        json!({ "parameters": theirs }),
    )
}

fn compare_requests(ours: Value, theirs: Value) -> Vec<String> {
    compare_operations(
        json!({ "requestBody": ours }),
        json!({ "requestBody": theirs }),
    )
}

#[test]
fn an_empty_response_beside_the_result_is_additive() {
    let result = || json_body(schema("Result"));
    let (one, both) = (
        json!({ "200": result() }),
        json!({ "200": result(), "204": { "description": "" } }),
    );
    assert_eq!(
        compare_responses(one.clone(), both.clone()),
        ["additive added Client::get_a: response 204 added; the method returns the default value"]
    );
    assert_eq!(
        compare_responses(both, one),
        ["docs removed Client::get_a: response 204 removed"]
    );
}

#[test]
fn a_default_response_alone_is_the_result() {
    let result = |status: &str| json!({ status: json_body(schema("Result")) });
    for (ours, theirs) in [("200", "default"), ("default", "200"), ("2XX", "default")] {
        let findings = compare_responses(result(ours), result(theirs));
        assert_eq!(findings.len(), 2);
        assert!(
            findings.iter().all(|line| line.starts_with("docs ")),
            "{findings:?}"
        );
    }
    assert_eq!(
        compare_responses(result("200"), result("201")),
        [
            "breaking removed Client::get_a: response 200 removed",
            "additive added Client::get_a: response 201 added",
        ]
    );
}

#[test]
fn another_body_changes_the_result_type() {
    let ours = || json!({ "200": json_body(schema("Result")) });
    let message = "added; the method's result type changes";
    let theirs = json!({ "200": json_body(schema("Result")), "202": json_body(schema("Other")) });
    assert_eq!(
        compare_responses(ours(), theirs)[0],
        format!("breaking added Client::get_a: response 202 {message}")
    );
    let empty = || json!({ "200": { "description": "" } });
    assert_eq!(
        compare_responses(empty(), ours())[0],
        format!("breaking added Client::get_a: response body {message}")
    );
    let removed = "response body removed; the method's result type changes";
    assert_eq!(
        compare_responses(ours(), empty())[0],
        format!("breaking changed Client::get_a: {removed}")
    );
}

#[test]
fn error_responses_have_no_type() {
    let ours = json!({ "200": json_body(schema("Result")) });
    let mut theirs = ours.clone();
    theirs["400"] = json_body(json!({ "type": "string" }));
    theirs["default"] = json_body(json!({ "type": "integer" }));
    assert_eq!(
        compare_responses(ours, theirs),
        [
            "docs added Client::get_a: error response 400 added",
            "docs added Client::get_a: error response default added",
        ]
    );
}

#[test]
fn a_changed_content_type_is_breaking() {
    let body = |name: &str| json!({ "content": { name: { "schema": { "type": "string" } } } });
    let response = |name: &str| json!({ "200": body(name) });
    assert_eq!(
        compare_responses(response("application/json"), response("text/csv")),
        ["breaking changed Client::get_a: content type changed: application/json -> text/csv"]
    );
    assert_eq!(
        compare_requests(body("application/json"), body("multipart/form-data")),
        [
            "breaking changed Client::get_a: content type changed: application/json -> multipart/form-data"
        ]
    );
    for same in [
        "Application/JSON; charset=utf-8",
        "*/*",
        "application/problem+json",
    ] {
        assert_eq!(
            compare_responses(response("application/json"), response(same)),
            NO_FINDINGS
        );
    }
    let mut both = body("application/json");
    both["content"]["text/csv"] = json!({});
    assert_eq!(
        compare_requests(body("application/json"), both.clone()),
        ["docs added Client::get_a: content type text/csv added; the client does not use it"]
    );
    let mut plain_or_json = body("application/json");
    plain_or_json["content"]["text/plain"] = json!({});
    assert_eq!(
        compare_requests(body("text/plain"), plain_or_json),
        ["breaking changed Client::get_a: content type changed: text/plain -> application/json"]
    );
}

#[test]
fn every_change_of_an_argument_is_breaking() {
    let query = |extra: Value| {
        let mut parameter =
            json!({ "in": "query", "name": "page", "schema": { "type": "integer" } });
        parameter
            .as_object_mut()
            .unwrap()
            .extend(extra.as_object().unwrap().clone());
        json!([parameter])
    };
    let plain = || query(json!({}));
    for (ours, theirs, message) in [
        (
            json!([]),
            plain(),
            "added Client::get_a: query parameter added: page",
        ),
        (
            json!([]),
            query(json!({ "required": true })),
            "added Client::get_a: required query parameter added: page",
        ),
        (
            plain(),
            json!([]),
            "removed Client::get_a: query parameter page removed",
        ),
        (
            plain(),
            query(json!({ "required": true })),
            "changed Client::get_a: query parameter page is now required",
        ),
        (
            plain(),
            query(json!({ "explode": false })),
            "changed Client::get_a: query parameter page has another form: form, exploded -> form",
        ),
        (
            plain(),
            query(json!({ "schema": { "type": "string" } })),
            "changed Client::get_a: type changed: integer -> string",
        ),
    ] {
        assert_eq!(
            compare_parameters(ours, theirs),
            [format!("breaking {message}")]
        );
    }
    assert_eq!(
        compare_parameters(plain(), query(json!({ "explode": true, "style": "form" }))),
        NO_FINDINGS
    );
}

#[test]
fn values_of_a_parameter_are_variants() {
    let parameter = |values: Value| {
        let schema = json!({ "type": "string", "enum": values });
        json!([{ "in": "query", "name": "order", "schema": schema }])
    };
    assert_eq!(
        compare_parameters(parameter(json!(["UP"])), parameter(json!(["DOWN"]))),
        [
            "breaking removed GetAOrderParameter::Up: enum value removed: UP",
            "additive added GetAOrderParameter::Down: enum value added: DOWN",
        ]
    );
}

#[test]
fn an_operation_that_the_overlay_removes_is_excluded() {
    let ours = document(&json!({}));
    let mut overlaid = ours.clone();
    overlaid["paths"] = json!({});
    let mut theirs = ours.clone();
    theirs["paths"]["/a"]["post"]["requestBody"] = json!(null);
    let findings = compare_overlaid(&ours, overlaid, &theirs);
    assert!(!findings.is_empty() && findings.iter().all(|line| line.starts_with("docs ")));
}

#[test]
fn an_operation_that_cannot_be_generated_is_not_in_the_types() {
    let upload = |properties: Value| {
        let schema = json!({ "type": "object", "properties": properties });
        json!({ "content": { "multipart/form-data": { "schema": schema } } })
    };
    let findings = compare_requests(upload(json!({ "a": {} })), upload(json!({})));
    assert_eq!(
        findings,
        ["docs removed : property removed: any value; the generated types do not contain it"]
    );
    let cookie = |name: &str| json!([{ "in": "cookie", "name": name, "schema": {} }]);
    let findings = compare_parameters(cookie("a"), cookie("b"));
    assert!(
        findings.iter().all(|line| line.starts_with("docs ")),
        "{findings:?}"
    );
    let added = compare_parameters(json!([]), cookie("b"));
    assert_eq!(
        added,
        ["breaking added Client::get_a: cookie parameter added: b"]
    );
}
