//! Comparison of security requirements and schemes.

use std::collections::BTreeSet;

use super::Comparison;
use crate::drift::finding::Class;
use crate::drift::node::Node;
use crate::drift::rust_item::RustItem;
use crate::spec::pointer;

/// Keys of a security scheme that affect requests.
const REQUEST_KEYS: [&str; 4] = ["type", "in", "name", "scheme"];

/// Keys of a security scheme that do not affect requests.
const INFORMATIONAL_KEYS: [&str; 3] = ["bearerFormat", "flows", "openIdConnectUrl"];

impl<'d> Comparison<'d> {
    /// Compares the accepted credentials.
    ///
    /// The client remains compatible as long as each alternative of the fragment is still accepted.
    pub(super) fn compare_security(&mut self, ours: &Node<'d>, theirs: &Node<'d>, item: &RustItem) {
        let (our, their) = (alternatives(ours), alternatives(theirs));
        for (schemes, node) in our
            .iter()
            .filter(|(schemes, _)| !contains_schemes(&their, schemes))
        {
            let message = format!(
                "credentials {} are no longer accepted",
                format_schemes(schemes)
            );
            self.record_removed(Class::Breaking, node, &item.name, message);
        }
        for (schemes, node) in their
            .iter()
            .filter(|(schemes, _)| !contains_schemes(&our, schemes))
        {
            let message = format!("credentials {} are now accepted", format_schemes(schemes));
            self.record_added(Class::Additive, node, &item.name, message);
        }
        let names: BTreeSet<&str> = our.iter().flat_map(|(names, _)| names).copied().collect();
        for name in names {
            self.compare_security_scheme(name);
        }
    }

    fn compare_security_scheme(&mut self, name: &str) {
        let pointer = pointer::from_segments(["components", "securitySchemes", name]);
        let find = |document| Some(Node::find(document, &pointer)?.dereferenced());
        let (Some(ours), Some(theirs)) = (find(self.ours), find(self.theirs)) else {
            return;
        };
        let item = RustItem::for_type("Credentials".to_owned());
        for key in REQUEST_KEYS {
            if ours.text(key) != theirs.text(key) {
                let display = |node: &Node<'d>| node.text(key).unwrap_or("none").to_owned();
                let message = format!("{key}: {} -> {}", display(&ours), display(&theirs));
                self.record_changed(Class::Breaking, &ours, &item, message);
            }
        }
        for key in INFORMATIONAL_KEYS {
            self.compare_annotation(key, ours.get(key), theirs.get(key), &item);
        }
    }
}

type Alternative<'d> = (BTreeSet<&'d str>, Node<'d>);

/// Returns the alternative sets of schemes: those of the operation, or the document's defaults.
fn alternatives<'d>(operation: &Node<'d>) -> Vec<Alternative<'d>> {
    let root = Node::find(operation.document, "");
    let declaring = match operation.get("security") {
        Some(_) => Some(operation.clone()),
        None => root,
    };
    let alternatives = declaring
        .map(|node| node.items("security"))
        .unwrap_or_default();
    alternatives
        .into_iter()
        .map(|node| {
            let names = node.value.as_object().into_iter().flatten();
            (names.map(|(name, _)| name.as_str()).collect(), node)
        })
        .collect()
}

fn contains_schemes(alternatives: &[Alternative<'_>], schemes: &BTreeSet<&str>) -> bool {
    alternatives.iter().any(|(other, _)| other == schemes)
}

fn format_schemes(schemes: &BTreeSet<&str>) -> String {
    match schemes.is_empty() {
        true => "none".to_owned(),
        false => schemes.iter().copied().collect::<Vec<_>>().join(" + "),
    }
}
