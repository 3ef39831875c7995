//! Comparison of operations: endpoint, request body, and what both have in common with responses.
//!
//! Response headers, links and callbacks are not compared, because the generator ignores them.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::parameters::{effective_parameters, is_argument};
use super::responses::MediaType;
use super::uses::Direction;
use super::{Comparison, deprecated_flag};
use crate::drift::node::Node;
use crate::drift::report::Class;
use crate::drift::rust_item::{RustItem, client_method};
use crate::extract::upstream::Operation;

impl<'d> Comparison<'d> {
    pub(super) fn compare_operation(&mut self, our: &Operation, their: &Operation) {
        let pointer = our.pointer();
        let item = client_method(&our.id, self.overlaid.chosen_name(&pointer));
        let (Some(ours), Some(theirs)) = (
            Node::find(self.ours, &pointer),
            Node::find(self.theirs, &their.pointer()),
        ) else {
            return;
        };
        let [our_endpoint, their_endpoint] = [our, their]
            .map(|operation| format!("{} {}", operation.method.to_uppercase(), operation.path));
        if our_endpoint != their_endpoint {
            let message = format!("endpoint changed: {our_endpoint} -> {their_endpoint}");
            self.record_changed(Class::Breaking, &ours, &item, message);
        }
        let [was, is] = [&ours, &theirs].map(deprecated_flag);
        self.compare_annotation("deprecated", was, is, &item);
        if tags(&ours) != tags(&theirs) {
            let key = "tags";
            self.compare_annotation(key, ours.get(key), theirs.get(key), &item);
        }
        if !self.is_excluded {
            self.compare_security(&ours, &theirs, &item);
        }
        self.compare_parameters(our, their, &item);
        self.compare_request_bodies(&ours, &theirs, &item);
        self.compare_responses(&ours, &theirs, &item);
    }

    fn compare_request_bodies(&mut self, ours: &Node<'d>, theirs: &Node<'d>, item: &RustItem) {
        let body = |operation: &Node<'d>| Some(operation.get("requestBody")?.dereferenced());
        let bodies = self.match_elements("request body", body(ours), body(theirs), item);
        let Some((ours, theirs)) = bodies else {
            return;
        };
        if ours.is_true("required") != theirs.is_true("required") {
            let message = match theirs.is_true("required") {
                true => "request body is now required; the method always sends one",
                false => "request body is now optional; the method always sends one",
            };
            self.record_changed(Class::Docs, &ours, item, message.to_owned());
        }
        let chosen = [&ours, &theirs].map(MediaType::sent);
        self.compare_media(
            (&ours, &theirs),
            chosen,
            &item.nested("request"),
            Direction::SENT,
        );
    }

    /// Compares the values of examples, but not their descriptions.
    pub(super) fn compare_examples(&mut self, ours: &Node<'d>, theirs: &Node<'d>, item: &RustItem) {
        self.compare_annotation("example", ours.get("example"), theirs.get("example"), item);
        let named = |node: &Node<'d>| -> BTreeMap<&'d str, Node<'d>> {
            let examples = node.entries("examples").into_iter();
            let values =
                examples.filter_map(|(name, node)| Some((name, node.dereferenced().get("value")?)));
            values.collect()
        };
        let (mut ours, mut theirs) = (named(ours), named(theirs));
        let names: BTreeSet<&str> = ours.keys().chain(theirs.keys()).copied().collect();
        for name in names {
            let label = format!("example {name}");
            self.compare_annotation(&label, ours.remove(name), theirs.remove(name), item);
        }
    }

    /// Compares the schemas of two nodes, either of which may lack one.
    pub(super) fn compare_optional_schemas(
        &mut self,
        ours: &Node<'d>,
        theirs: &Node<'d>,
        item: &RustItem,
        direction: Direction,
    ) {
        let schemas = (ours.get("schema"), theirs.get("schema"));
        if let Some((ours, theirs)) = self.match_elements("schema", schemas.0, schemas.1, item) {
            self.compare_schemas(&ours, &theirs, item, direction);
        }
    }
}

/// Returns whether an operation of the overlaid fragment has a method: the overlay does not remove it,
/// and its request can be generated.
pub(in crate::drift) fn is_generated(overlaid: &Value, operation: &Operation) -> bool {
    let Some(node) = Node::find(overlaid, &operation.pointer()) else {
        return false;
    };
    let body = node.get("requestBody").map(|body| body.dereferenced());
    let can_send_body = body.is_none_or(|body| MediaType::can_be_sent(&body));
    let parameters = effective_parameters(overlaid, operation);
    can_send_body && parameters.values().all(is_argument)
}

fn tags<'d>(operation: &Node<'d>) -> BTreeSet<&'d str> {
    let tags = operation.value.get("tags").and_then(Value::as_array);
    tags.into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect()
}
