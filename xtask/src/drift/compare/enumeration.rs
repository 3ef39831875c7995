//! The values of two enumerations. Their order means nothing.

use std::collections::BTreeMap;

use super::Comparison;
use crate::drift::at::At;
use crate::drift::finding::Class;
use crate::drift::rust::Item;

impl<'d> Comparison<'d> {
    /// Our enumerations read a value that they do not know, so a new one breaks nobody. A value
    /// that is gone takes its variant along.
    pub(super) fn values(
        &mut self,
        ours: &BTreeMap<String, At<'d>>,
        theirs: &BTreeMap<String, At<'d>>,
        item: &Item,
    ) {
        for (value, at) in ours {
            if !theirs.contains_key(value) {
                let message = format!("the value {value} is gone");
                self.removed(Class::Breaking, at, &item.variant(value), message);
            }
        }
        for (value, at) in theirs {
            if !ours.contains_key(value) {
                let message = format!("a new value: {value}");
                self.added(Class::Additive, at, &item.variant(value), message);
            }
        }
    }
}
