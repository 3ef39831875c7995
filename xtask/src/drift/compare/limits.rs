//! Comparison of what restricts a value without changing its Rust type: formats, constraints, the
//! values of an enumeration of numbers, and the variants of a union that is a JSON value.
//!
//! A stricter limit may cause requests to be rejected. Responses are decoded without checking limits.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::uses::Direction;
use super::{Comparison, is_equal};
use crate::drift::kind::SchemaKind;
use crate::drift::node::Node;
use crate::drift::report::{ChangeKind, Class};
use crate::drift::rust_item::RustItem;
use crate::drift::schema::SchemaFacts;

impl<'d> Comparison<'d> {
    /// Compares the limits of two schemas of the same kind.
    pub(super) fn compare_limits(
        &mut self,
        node: &Node<'d>,
        (ours, theirs): (&SchemaFacts<'d>, &SchemaFacts<'d>),
        item: &RustItem,
        direction: Direction,
    ) {
        self.compare_formats(node, (ours, theirs), item, direction);
        self.compare_constraints(ours, theirs, item, direction);
        if ours.kind != SchemaKind::Enum {
            let sides = (&ours.values, &theirs.values);
            self.compare_choices("enum value", node, sides, item, direction);
        }
        let sides = (&ours.variants, &theirs.variants);
        self.compare_choices("union variant", node, sides, item, direction);
    }

    fn compare_formats(
        &mut self,
        node: &Node<'d>,
        (ours, theirs): (&SchemaFacts<'d>, &SchemaFacts<'d>),
        item: &RustItem,
        direction: Direction,
    ) {
        if ours.format == theirs.format {
            return;
        }
        let display = |format: Option<&'d str>| format.unwrap_or("none");
        let change = format!("{} -> {}", display(ours.format), display(theirs.format));
        // The Rust type has 64 bits, and may contain values that are no longer accepted.
        let is_narrower = ours.kind == SchemaKind::Integer && theirs.format == Some("int32");
        match direction.sent && is_narrower {
            true => {
                let message = format!("stricter format in requests: {change}");
                self.record_changed(Class::Breaking, node, item, message);
            }
            false => {
                let message = format!("format: {change}; the Rust type is unaffected");
                self.record_changed(Class::Docs, node, item, message);
            }
        }
    }

    fn compare_constraints(
        &mut self,
        ours: &SchemaFacts<'d>,
        theirs: &SchemaFacts<'d>,
        item: &RustItem,
        direction: Direction,
    ) {
        let keys: BTreeSet<&str> = ours
            .constraints
            .keys()
            .chain(theirs.constraints.keys())
            .copied()
            .collect();
        for key in keys {
            let (our, their) = (ours.constraints.get(key), theirs.constraints.get(key));
            match their.filter(|their| is_stricter(key, our.map(|our| our.value), their.value)) {
                Some(their) if direction.sent => {
                    let before = our.map_or("none".to_owned(), |our| our.value.to_string());
                    let message =
                        format!("stricter {key} in requests: {before} -> {}", their.value);
                    let (node, change) = match our {
                        Some(our) => (our, ChangeKind::Changed),
                        None => (their, ChangeKind::Added),
                    };
                    self.record(Class::Breaking, change, node, &item.name, message);
                }
                _ => self.compare_annotation(key, our.cloned(), their.cloned(), item),
            }
        }
    }

    /// Compares alternatives that are no Rust items. None at all means that there is no limit.
    fn compare_choices(
        &mut self,
        noun: &str,
        node: &Node<'d>,
        (ours, theirs): (&BTreeMap<String, Node<'d>>, &BTreeMap<String, Node<'d>>),
        item: &RustItem,
        direction: Direction,
    ) {
        let class_of_less = match direction.sent {
            true => Class::Breaking,
            false => Class::Docs,
        };
        let list = |choices: &BTreeMap<String, Node<'d>>| {
            choices.keys().cloned().collect::<Vec<_>>().join(", ")
        };
        match (ours.is_empty(), theirs.is_empty()) {
            (true, true) => {}
            (true, false) => {
                let message = format!("now limited to {noun}s: {}", list(theirs));
                self.record_changed(class_of_less, node, item, message);
            }
            (false, true) => {
                let message = format!("no longer limited to {noun}s: {}", list(ours));
                self.record_changed(Class::Docs, node, item, message);
            }
            (false, false) => {
                self.match_entries(ours, theirs, item, |name, _, change| {
                    let (class, effect) = match change {
                        ChangeKind::Added => (Class::Docs, "; the Rust type is unaffected"),
                        _ => (class_of_less, ""),
                    };
                    (class, format!("{noun} {change}: {name}{effect}"))
                });
            }
        }
    }
}

/// Returns whether the new constraint may reject a value that the old one accepted.
fn is_stricter(key: &str, before: Option<&Value>, after: &Value) -> bool {
    let Some(before) = before else { return true };
    match (before.as_f64(), after.as_f64()) {
        (Some(before), Some(after)) if key.starts_with("max") => after < before,
        (Some(before), Some(after)) if key.starts_with("min") => after > before,
        _ => !is_equal(before, after),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn constraint_is_stricter_if_it_rejects_more_values() {
        assert!(is_stricter("maxLength", Some(&json!(9)), &json!(8)));
        assert!(!is_stricter("maxLength", Some(&json!(9)), &json!(10)));
        assert!(is_stricter("minimum", Some(&json!(0)), &json!(0.5)));
        assert!(!is_stricter("minimum", Some(&json!(0)), &json!(-1)));
        assert!(is_stricter("pattern", Some(&json!("a")), &json!("b")));
        assert!(is_stricter("pattern", None, &json!("b")));
    }
}
