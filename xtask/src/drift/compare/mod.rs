//! Semantic comparison of two OpenAPI documents.
//!
//! Each submodule adds the comparison of one kind of element to [`Comparison`], which records the
//! findings.

mod constraints;
mod document;
mod enumeration;
mod object;
mod operation;
mod parameter;
mod schema;
mod security;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use serde_json::Value;

use super::direction::Directions;
use super::finding::{ChangeKind, Class, Finding};
use super::node::Node;
use super::rust_item::{OverlaidFragment, RustItem};
use crate::extract::operation::Operation;

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
    /// Records an element that exists in both documents but differs, at its node in ours.
    fn record_changed(&mut self, class: Class, node: &Node<'d>, item: &RustItem, message: String) {
        self.record(class, ChangeKind::Changed, node, Some(&item.name), message);
    }

    /// Records an element that exists only in ours.
    fn record_removed(&mut self, class: Class, node: &Node<'d>, item: &str, message: String) {
        self.record(class, ChangeKind::Removed, node, Some(item), message);
    }

    /// Records an element that exists only in theirs.
    fn record_added(&mut self, class: Class, node: &Node<'d>, item: &str, message: String) {
        self.record(class, ChangeKind::Added, node, Some(item), message);
    }

    /// Records a finding; its class is lowered if the overlay excludes the element from the types.
    fn record(
        &mut self,
        class: Class,
        kind: ChangeKind,
        node: &Node<'d>,
        item: Option<&str>,
        message: String,
    ) {
        let excluded = self.overlaid.is_excluded(&node.pointer);
        self.findings.push(Finding {
            class: if excluded { Class::Docs } else { class },
            pointer: node.pointer.clone(),
            kind,
            item: item.filter(|_| !excluded).map(str::to_owned),
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
        match (ours, theirs) {
            (Some(ours), Some(theirs)) if is_equal(ours.value, theirs.value) => {}
            (Some(ours), Some(_)) => self.record_changed(Class::Docs, &ours, item, message),
            (Some(ours), None) => self.record_removed(Class::Docs, &ours, &item.name, message),
            (None, Some(theirs)) => self.record_added(Class::Docs, &theirs, &item.name, message),
            (None, None) => {}
        }
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
