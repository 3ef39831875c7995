//! The limits of two schemas of one type.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{Comparison, is_same};
use crate::drift::finding::Class;
use crate::drift::rust::Item;
use crate::drift::schema::Contents;
use crate::drift::usage::Usage;

impl<'d> Comparison<'d> {
    /// What we send may be refused for a stricter limit. What we receive is taken as it comes: a
    /// limit that makes another type in Rust is a change of the type.
    pub(super) fn limits(
        &mut self,
        ours: &Contents<'d>,
        theirs: &Contents<'d>,
        item: &Item,
        usage: Usage,
    ) {
        let keys: BTreeSet<&str> = ours
            .limits
            .keys()
            .chain(theirs.limits.keys())
            .copied()
            .collect();
        for key in keys {
            let (our, their) = (ours.limits.get(key), theirs.limits.get(key));
            match their.filter(|their| is_stricter(key, our.map(|our| our.value), their.value)) {
                Some(their) if usage.sent => {
                    let before = our.map_or("none".to_owned(), |our| our.value.to_string());
                    let message = format!("{key} of what is sent: {before} -> {}", their.value);
                    match our {
                        Some(our) => self.changed(Class::Breaking, our, item, message),
                        None => self.added(Class::Breaking, their, &item.name, message),
                    }
                }
                _ => self.documentation(key, our.cloned(), their.cloned(), item),
            }
        }
    }
}

/// Whether a value that was allowed may no longer be.
fn is_stricter(key: &str, before: Option<&Value>, after: &Value) -> bool {
    let Some(before) = before else { return true };
    match (before.as_f64(), after.as_f64()) {
        (Some(before), Some(after)) if key.starts_with("max") => after < before,
        (Some(before), Some(after)) if key.starts_with("min") => after > before,
        _ => !is_same(before, after),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_limit_is_stricter_when_it_leaves_less_room() {
        assert!(is_stricter("maxLength", Some(&json!(9)), &json!(8)));
        assert!(!is_stricter("maxLength", Some(&json!(9)), &json!(10)));
        assert!(is_stricter("minimum", Some(&json!(0)), &json!(0.5)));
        assert!(!is_stricter("minimum", Some(&json!(0)), &json!(-1)));
        assert!(is_stricter("pattern", Some(&json!("a")), &json!("b")));
        assert!(is_stricter("pattern", None, &json!("b")));
    }
}
