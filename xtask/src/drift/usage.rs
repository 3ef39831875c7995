//! Which way a schema travels: a change may break what is sent and not what is received.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::at::At;
use crate::fragment::operation;
use crate::spec::node::SpecNode;
use crate::spec::pointer;
use crate::spec::reference::find_references;

/// Whether a schema is sent, received, or both.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Usage {
    pub(super) sent: bool,
    pub(super) received: bool,
}

impl Usage {
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

/// The usage of every named schema, in either of two documents.
#[derive(Debug, Default)]
pub(super) struct Usages(BTreeMap<String, Usage>);

impl Usages {
    pub(super) fn of(documents: [&Value; 2]) -> Self {
        let mut usages = Self::default();
        for document in documents {
            for (usage, keys) in [
                (Usage::SENT, &["parameters", "requestBody"][..]),
                (Usage::RECEIVED, &["responses"][..]),
            ] {
                for name in reached(document, keys) {
                    usages
                        .0
                        .entry(name)
                        .and_modify(|present| {
                            present.sent |= usage.sent;
                            present.received |= usage.received;
                        })
                        .or_insert(usage);
                }
            }
        }
        usages
    }

    /// How a named schema is used. One that only a callback reaches may go either way.
    pub(super) fn get(&self, schema: &str) -> Usage {
        self.0.get(schema).copied().unwrap_or(Usage::BOTH)
    }
}

/// The names of the schemas that some parts of the operations reach.
fn reached(document: &Value, keys: &[&str]) -> BTreeSet<String> {
    let mut unfollowed = Vec::new();
    for operation in operation::of_document(document) {
        for place in [
            pointer::from_segments(["paths", &operation.path]),
            operation.pointer(),
        ] {
            let parts = keys.iter().map(|key| pointer::join(&place, key));
            unfollowed.extend(parts.filter_map(|part| At::find(document, &part)));
        }
    }
    let mut visited = BTreeSet::new();
    let mut names = BTreeSet::new();
    while let Some(at) = unfollowed.pop() {
        if visited.insert(at.pointer.clone()) {
            names.extend(at.schema_name());
            let found = find_references(at.value, place(&at.pointer), &at.pointer);
            let targets = found
                .iter()
                .filter_map(|reference| reference.target.as_deref());
            unfollowed.extend(targets.filter_map(|target| At::find(document, target)));
        }
    }
    names
}

/// Responses go by their status, everything else is an object of the specification.
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
    fn a_schema_is_used_the_way_that_it_is_reached() {
        let schema = |name: &str| json!({ "$ref": format!("#/components/schemas/{name}") });
        let document = json!({
            "paths": { "/a": { "post": {
                "operationId": "a",
                "requestBody": { "content": { "application/json": { "schema": schema("Asked") } } },
                "responses": { "200": { "$ref": "#/components/responses/Told" } },
            } } },
            "components": {
                "responses": { "Told": { "content": { "x": { "schema": schema("Told") } } } },
                "schemas": {
                    "Asked": { "items": schema("Both") }, "Told": { "items": schema("Both") },
                    "Both": { "items": schema("Both") }, "Neither": {},
                },
            },
        });
        let usages = Usages::of([&document, &json!({})]);
        assert_eq!(usages.get("Asked"), Usage::SENT);
        assert_eq!(usages.get("Told"), Usage::RECEIVED);
        assert_eq!(usages.get("Both"), Usage::BOTH);
        assert_eq!(usages.get("Neither"), Usage::BOTH);
    }
}
