//! Comparison of validation constraints.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{Comparison, is_equal};
use crate::drift::direction::Direction;
use crate::drift::finding::Class;
use crate::drift::rust_item::RustItem;
use crate::drift::schema::SchemaFacts;

impl<'d> Comparison<'d> {
    /// Compares the constraints of two schemas of the same type.
    ///
    /// A stricter constraint may cause requests to be rejected. Responses are decoded without checking
    /// constraints.
    pub(super) fn compare_constraints(
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
                    match our {
                        Some(our) => self.record_changed(Class::Breaking, our, item, message),
                        None => self.record_added(Class::Breaking, their, &item.name, message),
                    }
                }
                _ => self.compare_annotation(key, our.cloned(), their.cloned(), item),
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
