//! Comparison of operation parameters, which are the arguments of the client's method.

use std::collections::BTreeMap;

use super::Comparison;
use super::operation::deprecated_flag;
use crate::drift::direction::Direction;
use crate::drift::finding::{ChangeKind, Class, Finding};
use crate::drift::node::Node;
use crate::drift::rust_item::RustItem;
use crate::extract::operation::Operation;
use crate::spec::pointer;

/// Parameters by location (`in`) and name.
type Parameters<'d> = BTreeMap<(&'d str, &'d str), Node<'d>>;

impl<'d> Comparison<'d> {
    pub(super) fn compare_parameters(
        &mut self,
        ours: (&Operation, &Node<'d>),
        theirs: (&Operation, &Node<'d>),
        item: &RustItem,
    ) {
        let (ours, theirs) = (
            effective_parameters(ours.0, ours.1),
            effective_parameters(theirs.0, theirs.1),
        );
        for (key @ (location, name), our) in &ours {
            let inner = item.nested(name);
            let Some(their) = theirs.get(key) else {
                let message = format!("{location} parameter {name} removed");
                self.record_removed(Class::Breaking, our, &item.name, message);
                continue;
            };
            match (our.is_true("required"), their.is_true("required")) {
                (false, true) => {
                    let message = format!("{location} parameter {name} is now required");
                    self.record_changed(Class::Breaking, our, item, message);
                }
                (true, false) => {
                    let message = format!("{location} parameter {name} is now optional");
                    self.record_changed(Class::Breaking, our, item, message);
                }
                _ => {}
            }
            let [was, is] = [our, their].map(deprecated_flag);
            self.compare_annotation("deprecated", was, is, item);
            self.compare_examples(our, their, item);
            self.compare_optional_schemas(our, their, &inner, Direction::SENT);
            self.check_client_parameter(our, their, name);
        }
        for (key @ (location, name), their) in &theirs {
            if !ours.contains_key(key) {
                // Breaking even if optional: the method gets an additional argument.
                let message = match their.is_true("required") {
                    true => format!("required {location} parameter added: {name}"),
                    false => format!("{location} parameter added: {name}"),
                };
                self.record_added(Class::Breaking, their, &item.name, message);
            }
        }
    }

    /// Checks a parameter that the overlay excludes from the method's arguments.
    ///
    /// The client sends it with the document's default value, which must still be accepted.
    fn check_client_parameter(&mut self, ours: &Node<'d>, theirs: &Node<'d>, name: &str) {
        if !self.overlaid.is_excluded(&ours.pointer) {
            return;
        }
        let schema = |parameter: &Node<'d>| Some(parameter.get("schema")?.dereferenced());
        let sent = schema(ours).and_then(|schema| schema.get("default"));
        let accepted = schema(theirs).map(|schema| schema.items("enum"));
        if let (Some(sent), Some(accepted)) = (sent, accepted)
            && !accepted.is_empty()
            && accepted.iter().all(|node| node.value != sent.value)
        {
            self.findings.push(Finding {
                class: Class::Breaking,
                pointer: ours.pointer.clone(),
                kind: ChangeKind::Changed,
                item: Some("Credentials".to_owned()),
                message: format!(
                    "{name}: the client sends {}, which is no longer accepted",
                    sent.value
                ),
            });
        }
    }
}

/// Returns the parameters of an operation, including those of its path item.
fn effective_parameters<'d>(operation: &Operation, node: &Node<'d>) -> Parameters<'d> {
    let path = Node::find(
        node.document,
        &pointer::from_segments(["paths", &operation.path]),
    );
    let shared = path
        .map(|path| path.items("parameters"))
        .unwrap_or_default();
    let own = node.items("parameters");
    let all = shared
        .into_iter()
        .chain(own)
        .map(|node| node.dereferenced());
    all.filter_map(|node| Some(((node.text("in")?, node.text("name")?), node)))
        .collect()
}
