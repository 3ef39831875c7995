//! Semantic comparison of two OpenAPI documents.
//!
//! [`Comparison`] records the findings. Its submodules add the comparison of schemas and of
//! operations to it.
//!
//! The same change can be breaking in a request and harmless in a response, so each named schema has
//! a [`Direction`]: the parts of the operations that reach it.

mod operation;
mod schema;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::node::Node;
use super::report::{ChangeKind, Class, Finding};
use super::rust_item::{OverlaidFragment, RustItem};
use super::schema::describe;
use crate::extract::upstream::{Operation, list_operations};
use crate::spec::pointer;
use crate::spec::reference::{SpecNode, find_references};

/// Returns the differences from `ours` to `theirs`.
///
/// Both documents must contain the same operations only; paths and methods may differ.
pub(super) fn compare(
    ours: &Value,
    theirs: &Value,
    operations: &[(&Operation, &Operation)],
    overlaid: &OverlaidFragment,
) -> Vec<Finding> {
    let mut comparison = Comparison {
        ours,
        theirs,
        overlaid,
        directions: Directions::compute([ours, theirs]),
        matched_names: BTreeSet::new(),
        compared_pairs: BTreeSet::new(),
        findings: Vec::new(),
    };
    comparison.compare_metadata();
    for (our, their) in operations {
        comparison.compare_operation(our, their);
    }
    comparison.compare_components();
    let mut findings = comparison.findings;
    findings.sort();
    findings.dedup();
    findings
}

/// The state of a comparison of two documents.
struct Comparison<'d> {
    ours: &'d Value,
    theirs: &'d Value,
    overlaid: &'d OverlaidFragment,
    directions: Directions,
    /// Named schemas that were compared through a reference. If only one document has such a name,
    /// the other one defines the schema inline, which is not a difference.
    matched_names: BTreeSet<String>,
    /// Pairs of pointers that were already compared, which terminates recursive schemas.
    compared_pairs: BTreeSet<(String, String)>,
    findings: Vec<Finding>,
}

impl<'d> Comparison<'d> {
    /// Compares the title, version and servers.
    fn compare_metadata(&mut self) {
        let client = RustItem::for_type("Client".to_owned());
        for key in ["title", "version"] {
            let pointer = format!("/info/{key}");
            let (ours, theirs) = (
                Node::find(self.ours, &pointer),
                Node::find(self.theirs, &pointer),
            );
            self.compare_annotation(key, ours, theirs, &client);
        }
        let servers = |document| -> BTreeMap<&'d str, Node<'d>> {
            let root = Node::find(document, "");
            let servers = root.into_iter().flat_map(|root| root.items("servers"));
            let by_url = servers.filter_map(|server| Some((server.text("url")?, server)));
            by_url.collect()
        };
        let (ours, theirs) = (servers(self.ours), servers(self.theirs));
        self.match_entries(&ours, &theirs, &client, |url, _, change| {
            (Class::Docs, format!("server {change}: {url}"))
        });
    }

    /// Compares the named schemas, each of which is a Rust type.
    ///
    /// Must be called last: by then `matched_names` contains the names that only one document uses
    /// for a schema that the other one defines inline.
    fn compare_components(&mut self) {
        let schemas = |document| -> BTreeMap<&'d str, Node<'d>> {
            let components = Node::find(document, "/components");
            let schemas = components.map(|components| components.entries("schemas"));
            schemas.unwrap_or_default()
        };
        let (ours, theirs) = (schemas(self.ours), schemas(self.theirs));
        for (name, our) in &ours {
            if let Some(their) = theirs.get(name) {
                let (item, direction) = (self.overlaid.rust_type(name), self.directions.get(name));
                self.compare_schemas(our, their, &item, direction);
            }
        }
        for (nodes, others, change) in [
            (&ours, &theirs, ChangeKind::Removed),
            (&theirs, &ours, ChangeKind::Added),
        ] {
            for (name, node) in nodes {
                if !others.contains_key(name) && !self.matched_names.contains(*name) {
                    let item = self.overlaid.rust_type(name);
                    let message = format!("schema {change}: {}", describe(node));
                    self.record(class_of(change), change, node, &item.name, message);
                }
            }
        }
    }

    /// Matches the entries of two maps: returns those that both have, and records the others, with
    /// class and message, as changes of the item.
    fn match_entries<'m, K: Ord>(
        &mut self,
        ours: &'m BTreeMap<K, Node<'d>>,
        theirs: &'m BTreeMap<K, Node<'d>>,
        item: &RustItem,
        describe: impl Fn(&K, &Node<'d>, ChangeKind) -> (Class, String),
    ) -> Vec<(&'m K, &'m Node<'d>, &'m Node<'d>)> {
        for (nodes, others, change) in [
            (ours, theirs, ChangeKind::Removed),
            (theirs, ours, ChangeKind::Added),
        ] {
            for (key, node) in nodes.iter().filter(|(key, _)| !others.contains_key(key)) {
                let (class, message) = describe(key, node, change);
                self.record(class, change, node, &item.name, message);
            }
        }
        let both = ours
            .iter()
            .filter_map(|(key, our)| Some((key, our, theirs.get(key)?)));
        both.collect()
    }

    /// Matches two elements, either of which may be missing: returns them, or records a breaking
    /// change of the item.
    fn match_elements(
        &mut self,
        name: &str,
        ours: Option<Node<'d>>,
        theirs: Option<Node<'d>>,
        item: &RustItem,
    ) -> Option<(Node<'d>, Node<'d>)> {
        let (node, change) = match (ours, theirs) {
            (Some(ours), Some(theirs)) => return Some((ours, theirs)),
            (Some(ours), None) => (ours, ChangeKind::Removed),
            (None, Some(theirs)) => (theirs, ChangeKind::Added),
            (None, None) => return None,
        };
        let message = format!("{name} {change}");
        self.record(Class::Breaking, change, &node, &item.name, message);
        None
    }

    /// Records an element that exists in both documents but differs, at its node in ours.
    fn record_changed(&mut self, class: Class, node: &Node<'d>, item: &RustItem, message: String) {
        self.record(class, ChangeKind::Changed, node, &item.name, message);
    }

    /// Records a finding; its class is lowered if the overlay excludes the element from the types.
    fn record(
        &mut self,
        class: Class,
        kind: ChangeKind,
        node: &Node<'d>,
        item: &str,
        message: String,
    ) {
        let excluded = self.overlaid.is_excluded(&node.pointer);
        self.findings.push(Finding {
            class: if excluded { Class::Docs } else { class },
            pointer: node.pointer.clone(),
            kind,
            item: (!excluded).then(|| item.to_owned()),
            message: match excluded {
                true => format!("{message}; excluded from the generated types by the overlay"),
                false => message,
            },
        });
    }

    /// Compares an annotation, which does not affect the generated types.
    fn compare_annotation(
        &mut self,
        name: &str,
        ours: Option<Node<'d>>,
        theirs: Option<Node<'d>>,
        item: &RustItem,
    ) {
        let display = |node: &Option<Node<'d>>| match node {
            Some(node) => truncate(node.value),
            None => "none".to_owned(),
        };
        let message = format!("{name}: {} -> {}", display(&ours), display(&theirs));
        let (node, change) = match (ours, theirs) {
            (Some(ours), Some(theirs)) if is_equal(ours.value, theirs.value) => return,
            (Some(ours), Some(_)) => (ours, ChangeKind::Changed),
            (Some(ours), None) => (ours, ChangeKind::Removed),
            (None, Some(theirs)) => (theirs, ChangeKind::Added),
            (None, None) => return,
        };
        self.record(Class::Docs, change, &node, &item.name, message);
    }
}

/// Returns the class of most changes: a removal is breaking, an addition is not.
fn class_of(change: ChangeKind) -> Class {
    match change {
        ChangeKind::Added => Class::Additive,
        ChangeKind::Removed | ChangeKind::Changed => Class::Breaking,
    }
}

/// Returns whether two values are equal, comparing numbers by value: `75` equals `75.0`.
fn is_equal(one: &Value, other: &Value) -> bool {
    match (one.as_f64(), other.as_f64()) {
        (Some(one), Some(other)) => one == other,
        _ => one == other,
    }
}

/// Formats a value, truncated to fit one line.
fn truncate(value: &Value) -> String {
    // Chosen: leaves room for two values in a line of output; not tuned.
    const MAX_CHARS: usize = 60;
    let text = value.to_string();
    match text.char_indices().nth(MAX_CHARS) {
        None => text,
        Some((end, _)) => format!("{}...", text.get(..end).unwrap_or_default()),
    }
}

/// Use of a schema in requests, responses, or both.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Direction {
    sent: bool,
    received: bool,
}

impl Direction {
    const SENT: Self = Self {
        sent: true,
        received: false,
    };
    const RECEIVED: Self = Self {
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
struct Directions(BTreeMap<String, Direction>);

impl Directions {
    fn compute(documents: [&Value; 2]) -> Self {
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
    fn get(&self, schema: &str) -> Direction {
        self.0.get(schema).copied().unwrap_or(Direction::BOTH)
    }
}

/// Returns the names of schemas that are reachable from the given parts of the operations.
fn reachable_schemas(document: &Value, keys: &[&str]) -> BTreeSet<String> {
    let mut pending = Vec::new();
    for operation in list_operations(document) {
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
