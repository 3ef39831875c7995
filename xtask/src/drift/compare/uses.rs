//! Use of the named schemas: which of them are Rust types, and whether these are sent or received.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::drift::kind::SchemaKind;
use crate::drift::node::Node;
use crate::drift::parts::{COMPOSITIONS, Parts, wrapped_reference};
use crate::extract::upstream::Operation;
use crate::spec::pointer;
use crate::spec::reference::{SpecNode, find_references};

/// Use of a schema in requests, responses, or both.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
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
}

/// Directions of all named schemas of the fragment, in the operations that have a method.
///
/// The other document has no say: what it sends in addition is new, so that no request can break.
#[derive(Debug, Default)]
pub(super) struct Directions(BTreeMap<String, Direction>);

impl Directions {
    pub(super) fn compute(document: &Value, operations: &[&Operation]) -> Self {
        let mut directions = Self::default();
        for name in reachable_schemas(document, operations, &["parameters", "requestBody"]) {
            directions.0.entry(name).or_default().sent = true;
        }
        for name in reachable_schemas(document, operations, &["responses"]) {
            directions.0.entry(name).or_default().received = true;
        }
        directions
    }

    /// Returns the direction of a named schema; received for one that only a callback references.
    pub(super) fn get(&self, schema: &str) -> Direction {
        self.0.get(schema).copied().unwrap_or(Direction::RECEIVED)
    }
}

/// Returns the names of schemas that are reachable from the given parts of the operations.
fn reachable_schemas(
    document: &Value,
    operations: &[&Operation],
    keys: &[&str],
) -> BTreeSet<String> {
    let mut pending = Vec::new();
    for operation in operations {
        for parent in [
            pointer::from_segments(["paths", &operation.path]),
            operation.pointer(),
        ] {
            let parts = keys.iter().map(|key| pointer::join(&parent, key));
            pending.extend(parts.filter_map(|part| Node::find(document, &part)));
        }
    }
    let mut visited = BTreeSet::new();
    let mut names = BTreeSet::new();
    while let Some(node) = pending.pop() {
        if visited.insert(node.pointer.clone()) {
            names.extend(node.schema_name());
            let found = find_references(node.value, node_kind(&node.pointer), &node.pointer);
            let targets = found
                .iter()
                .filter_map(|reference| reference.target.as_deref());
            pending.extend(targets.filter_map(|target| Node::find(document, target)));
        }
    }
    names
}

/// Returns the node kind at a pointer: `responses` is keyed by status, everything else is an object.
fn node_kind(pointer: &str) -> SpecNode {
    if pointer.starts_with("/paths/") && pointer.ends_with("/responses") {
        SpecNode::Map
    } else {
        SpecNode::Object
    }
}

/// Named schemas of a document that are Rust types.
#[derive(Debug)]
pub(super) struct NamedTypes<'d> {
    /// All structs and enumerations.
    pub(super) all: BTreeMap<&'d str, Node<'d>>,
    /// Those that serve compositions only: their properties are those of other types.
    pub(super) parts: BTreeSet<&'d str>,
}

impl<'d> NamedTypes<'d> {
    pub(super) fn find(document: &'d Value) -> Self {
        let components = Node::find(document, "/components");
        let schemas = components.map(|components| components.entries("schemas"));
        let mut all = schemas.unwrap_or_default();
        all.retain(|_, schema| {
            let is_alias = schema.get("$ref").is_some() || wrapped_reference(schema).is_some();
            !is_alias && is_type(schema)
        });
        let mut as_part = BTreeSet::new();
        let mut as_type = BTreeSet::new();
        for reference in find_references(document, SpecNode::Object, "") {
            let segments = reference.target.as_deref().map(pointer::segments);
            if let Some([_, _, name, ..]) = segments.as_deref() {
                match is_part(document, &reference.pointer) {
                    true => as_part.insert(name.clone()),
                    false => as_type.insert(name.clone()),
                };
            }
        }
        let parts = all.keys().copied();
        let parts = parts.filter(|name| as_part.contains(*name) && !as_type.contains(*name));
        Self {
            parts: parts.collect(),
            all,
        }
    }

    /// Returns the types that a value can have.
    pub(super) fn used(&self) -> impl Iterator<Item = (&'d str, &Node<'d>)> {
        let all = self.all.iter().map(|(name, node)| (*name, node));
        all.filter(|(name, _)| !self.parts.contains(name))
    }
}

fn is_type(schema: &Node<'_>) -> bool {
    let kind: SchemaKind = Parts::of(schema).kind();
    kind.has_name()
}

/// Returns whether the reference at a pointer is a part of a composition, whose type it does not name.
fn is_part(document: &Value, reference: &str) -> bool {
    let segments = pointer::segments(reference);
    let [schema @ .., key, index, _] = &segments[..] else {
        return false;
    };
    if !COMPOSITIONS.contains(&key.as_str()) || index.parse::<usize>().is_err() {
        return false;
    }
    let schema = pointer::from_segments(schema.iter().map(String::as_str));
    let schema = Node::find(document, &schema);
    schema.is_some_and(|schema| wrapped_reference(&schema).is_none())
}
