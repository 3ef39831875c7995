//! Direction in which schemas are used: in requests, in responses, or both.
//!
//! The same change can be breaking in a request and harmless in a response, so a schema is classified
//! by the parts of the operations that reach it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::node::Node;
use crate::extract::operation;
use crate::spec::node::SpecNode;
use crate::spec::pointer;
use crate::spec::reference::find_references;

/// Use of a schema in requests, responses, or both.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Direction {
    pub(super) sent: bool,
    pub(super) received: bool,
}

impl Direction {
    pub(super) const SENT: Self = Self {
        sent: true,
        received: false,
    };
    pub(super) const RECEIVED: Self = Self {
        sent: false,
        received: true,
    };
    const BOTH: Self = Self {
        sent: true,
        received: true,
    };
}

/// Directions of all named schemas, combined over two documents.
#[derive(Debug, Default)]
pub(super) struct Directions(BTreeMap<String, Direction>);

impl Directions {
    pub(super) fn compute(documents: [&Value; 2]) -> Self {
        let mut directions = Self::default();
        for document in documents {
            for (direction, keys) in [
                (Direction::SENT, &["parameters", "requestBody"][..]),
                (Direction::RECEIVED, &["responses"][..]),
            ] {
                for name in reachable_schemas(document, keys) {
                    directions
                        .0
                        .entry(name)
                        .and_modify(|present| {
                            present.sent |= direction.sent;
                            present.received |= direction.received;
                        })
                        .or_insert(direction);
                }
            }
        }
        directions
    }

    /// Returns the direction of a named schema; both for one that only a callback references.
    pub(super) fn get(&self, schema: &str) -> Direction {
        self.0.get(schema).copied().unwrap_or(Direction::BOTH)
    }
}

/// Returns the names of schemas that are reachable from the given parts of the operations.
fn reachable_schemas(document: &Value, keys: &[&str]) -> BTreeSet<String> {
    let mut pending = Vec::new();
    for operation in operation::list_operations(document) {
        for place in [
            pointer::from_segments(["paths", &operation.path]),
            operation.pointer(),
        ] {
            let parts = keys.iter().map(|key| pointer::join(&place, key));
            pending.extend(parts.filter_map(|part| Node::find(document, &part)));
        }
    }
    let mut visited = BTreeSet::new();
    let mut names = BTreeSet::new();
    while let Some(node) = pending.pop() {
        if visited.insert(node.pointer.clone()) {
            names.extend(node.schema_name());
            let found = find_references(node.value, place(&node.pointer), &node.pointer);
            let targets = found
                .iter()
                .filter_map(|reference| reference.target.as_deref());
            pending.extend(targets.filter_map(|target| Node::find(document, target)));
        }
    }
    names
}

/// Returns the node kind at a pointer: `responses` is keyed by status, everything else is an object.
fn place(pointer: &str) -> SpecNode {
    if pointer.starts_with("/paths/") && pointer.ends_with("/responses") {
        SpecNode::Map
    } else {
        SpecNode::Object
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

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
}
