//! Comparison of enum values, irrespective of their order.

use std::collections::BTreeMap;

use super::Comparison;
use crate::drift::finding::Class;
use crate::drift::node::Node;
use crate::drift::rust_item::RustItem;

impl<'d> Comparison<'d> {
    /// Compares the values of two enums.
    ///
    /// A new value is not breaking, because the generated enums are open. A removed value is, because
    /// its variant is removed.
    pub(super) fn compare_enum_values(
        &mut self,
        ours: &BTreeMap<String, Node<'d>>,
        theirs: &BTreeMap<String, Node<'d>>,
        item: &RustItem,
    ) {
        for (value, node) in ours {
            if !theirs.contains_key(value) {
                let message = format!("enum value removed: {value}");
                self.record_removed(Class::Breaking, node, &item.variant(value), message);
            }
        }
        for (value, node) in theirs {
            if !ours.contains_key(value) {
                let message = format!("enum value added: {value}");
                self.record_added(Class::Additive, node, &item.variant(value), message);
            }
        }
    }
}
