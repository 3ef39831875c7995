//! Semantic comparison of two OpenAPI documents.
//!
//! [`Comparison`] records the findings. Its submodules add the comparison of schemas and of
//! operations to it.
//!
//! The same change can be breaking in a request and harmless in a response, so each named schema has
//! a [`Direction`](uses::Direction): the parts of the operations that reach it.

mod credentials;
mod limits;
mod operation;
mod parameters;
mod responses;
mod schema;
#[cfg(test)]
mod tests;
mod uses;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::node::Node;
use super::report::{ChangeKind, Class, Finding};
use super::rust_item::{OverlaidFragment, RustItem};
use super::schema::describe;
use crate::extract::upstream::Operation;
pub(in crate::drift) use operation::is_generated;
use uses::{Directions, NamedTypes};

/// Returns the differences from `ours` to `theirs`.
///
/// Both documents must contain the same operations only; paths and methods may differ.
pub(super) fn compare(
    ours: &Value,
    theirs: &Value,
    operations: &[(&Operation, &Operation)],
    overlaid: &OverlaidFragment,
) -> Vec<Finding> {
    let generated = operations.iter().map(|(our, _)| *our);
    let generated: Vec<&Operation> = generated
        .filter(|our| is_generated(overlaid.overlaid(), our))
        .collect();
    let mut comparison = Comparison {
        ours,
        theirs,
        overlaid,
        directions: Directions::compute(ours, &generated),
        our_types: NamedTypes::find(ours),
        their_types: NamedTypes::find(theirs),
        hidden_parameters: parameters::hidden_parameters(ours, overlaid, operations),
        is_excluded: false,
        compared_pairs: BTreeSet::new(),
        enclosing_pairs: Vec::new(),
        findings: Vec::new(),
    };
    comparison.compare_metadata();
    for (our, their) in operations {
        comparison.is_excluded = !is_generated(overlaid.overlaid(), our);
        comparison.compare_operation(our, their);
    }
    comparison.is_excluded = false;
    comparison.compare_types();
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
    our_types: NamedTypes<'d>,
    their_types: NamedTypes<'d>,
    /// Parameters that the overlay removes from methods, by location and name.
    hidden_parameters: BTreeSet<parameters::Key>,
    /// Whether the types do not contain what is being compared: the overlay removes it, or it cannot be
    /// generated.
    is_excluded: bool,
    /// Pairs of pointers that were already compared for an item.
    compared_pairs: BTreeSet<(String, String, String)>,
    /// Pairs of pointers that are being compared, which terminates recursive schemas.
    enclosing_pairs: Vec<(String, String)>,
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

    /// Compares the named schemas that are Rust types.
    fn compare_types(&mut self) {
        let ours: Vec<_> = clone_entries(self.our_types.used());
        for (name, our) in ours {
            let item = RustItem::for_type(self.overlaid.rust_type(name));
            match self.their_types.all.get(name).cloned() {
                Some(their) => {
                    let direction = self.directions.get(name);
                    self.compare_named(&our, &their, &item, direction);
                }
                None => self.record_type(ChangeKind::Removed, &our, &item),
            }
        }
        let theirs: Vec<_> = clone_entries(self.their_types.used());
        for (name, their) in theirs {
            if !self.our_types.all.contains_key(name) {
                let item = RustItem::for_type(self.overlaid.rust_type(name));
                self.record_type(ChangeKind::Added, &their, &item);
            }
        }
    }

    fn record_type(&mut self, change: ChangeKind, schema: &Node<'d>, item: &RustItem) {
        let message = format!("schema {change}: {}", describe(schema));
        self.record(class_of(change), change, schema, &item.name, message);
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

    /// Records a finding; its class is lowered if the types do not contain the element.
    fn record(
        &mut self,
        class: Class,
        kind: ChangeKind,
        node: &Node<'d>,
        item: &str,
        message: String,
    ) {
        if self.is_hidden(node) {
            return self.record_hidden(node, kind, message);
        }
        self.findings.push(Finding {
            class,
            pointer: node.pointer.clone(),
            kind,
            item: Some(item.to_owned()),
            message,
        });
    }

    /// Returns whether the types do not contain an element.
    fn is_hidden(&self, node: &Node<'d>) -> bool {
        self.is_excluded || self.overlaid.is_excluded(&node.pointer)
    }

    /// Records a change that affects requests although the element is not in the types.
    fn record_effective(&mut self, node: &Node<'d>, kind: ChangeKind, item: &str, message: String) {
        self.findings.push(Finding {
            class: Class::Breaking,
            pointer: node.pointer.clone(),
            kind,
            item: Some(item.to_owned()),
            message,
        });
    }

    /// Records a change of an element that is not in the types.
    fn record_hidden(&mut self, node: &Node<'d>, kind: ChangeKind, message: String) {
        self.findings.push(Finding {
            class: Class::Docs,
            pointer: node.pointer.clone(),
            kind,
            item: None,
            message: format!("{message}; the generated types do not contain it"),
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

fn clone_entries<'d, 'n>(
    entries: impl Iterator<Item = (&'d str, &'n Node<'d>)>,
) -> Vec<(&'d str, Node<'d>)>
where
    'd: 'n,
{
    entries.map(|(name, node)| (name, node.clone())).collect()
}

/// Returns the `deprecated` keyword if it is true: an explicit `false` equals its absence.
fn deprecated_flag<'d>(node: &Node<'d>) -> Option<Node<'d>> {
    node.get("deprecated")
        .filter(|_| node.is_true("deprecated"))
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
