//! Tests of the comparison: detected differences and their classes.

mod compositions;
mod credentials;
mod limits;
mod operations;
mod schemas;

use super::*;
use crate::extract::upstream::list_operations;
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
    compare_overlaid(&ours, ours.clone(), &theirs)
}

/// Compares two documents with one operation each, of which ours has the given overlaid form.
fn compare_overlaid(ours: &Value, overlaid: Value, theirs: &Value) -> Vec<String> {
    let overlaid = OverlaidFragment::new(ours.clone(), overlaid);
    let (our, their) = (&list_operations(ours)[0], &list_operations(theirs)[0]);
    let findings = compare(ours, theirs, &[(our, their)], &overlaid);
    let lines = findings.into_iter().map(|found| {
        let item = found.item.unwrap_or_default();
        let (class, kind) = (found.class, found.kind);
        format!("{class} {kind} {item}: {}", found.message)
    });
    lines.collect()
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
