//! Comparison of operations: endpoint, request body, responses and examples.
//!
//! Response headers, links and callbacks are not compared, because the generator ignores them.

use std::collections::{BTreeMap, BTreeSet};

use heck::ToPascalCase;
use serde_json::Value;

use super::Comparison;
use crate::drift::direction::Direction;
use crate::drift::finding::Class;
use crate::drift::node::Node;
use crate::drift::rust_item::{RustItem, client_method};
use crate::extract::operation::Operation;

impl<'d> Comparison<'d> {
    pub(super) fn compare_operation(&mut self, our: &Operation, their: &Operation) {
        let item = client_method(&our.id);
        let (Some(ours), Some(theirs)) = (
            Node::find(self.ours, &our.pointer()),
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
        self.compare_security(&ours, &theirs, &item);
        self.compare_parameters((our, &ours), (their, &theirs), &item);
        self.compare_request_bodies(&ours, &theirs, &item);
        self.compare_responses(&ours, &theirs, &item);
    }

    fn compare_request_bodies(&mut self, ours: &Node<'d>, theirs: &Node<'d>, item: &RustItem) {
        let body = |operation: &Node<'d>| Some(operation.get("requestBody")?.dereferenced());
        match (body(ours), body(theirs)) {
            (Some(ours), Some(theirs)) => {
                if ours.is_true("required") != theirs.is_true("required") {
                    let message = match theirs.is_true("required") {
                        true => "request body is now required; the method always sends one",
                        false => "request body is now optional; the method always sends one",
                    };
                    self.record_changed(Class::Docs, &ours, item, message.to_owned());
                }
                self.compare_content(&ours, &theirs, &item.nested("body"), Direction::SENT);
            }
            (Some(ours), None) => {
                let message = "request body removed".to_owned();
                self.record_removed(Class::Breaking, &ours, &item.name, message);
            }
            (None, Some(theirs)) => {
                let message = "request body added".to_owned();
                self.record_added(Class::Breaking, &theirs, &item.name, message);
            }
            (None, None) => {}
        }
    }

    fn compare_responses(&mut self, ours: &Node<'d>, theirs: &Node<'d>, item: &RustItem) {
        for (status, our) in ours.entries("responses") {
            let our = our.dereferenced();
            let inner = item.nested(&format!("{} response", status.to_pascal_case()));
            match theirs.get("responses").and_then(|all| all.get(status)) {
                Some(their) => {
                    self.compare_content(&our, &their.dereferenced(), &inner, Direction::RECEIVED)
                }
                None => {
                    let message = format!("response {status} removed");
                    let class = response_class(&our, status);
                    self.record_removed(class, &our, &item.name, message);
                }
            }
        }
        for (status, their) in theirs.entries("responses") {
            let known = ours.get("responses").and_then(|all| all.get(status));
            if known.is_none() {
                let their = their.dereferenced();
                let (class, message) = match response_class(&their, status) {
                    Class::Breaking => (
                        Class::Breaking,
                        format!("response {status} added; the method's result type changes"),
                    ),
                    _ => (
                        Class::Additive,
                        format!("response {status} added, without a body"),
                    ),
                };
                self.record_added(class, &their, &item.name, message);
            }
        }
    }

    /// Compares the bodies of a request or response by content type.
    fn compare_content(
        &mut self,
        ours: &Node<'d>,
        theirs: &Node<'d>,
        item: &RustItem,
        direction: Direction,
    ) {
        for (name, our) in ours.entries("content") {
            let their = theirs.get("content").and_then(|all| all.get(name));
            let Some(their) = their else {
                let message = format!("content type {name} removed");
                self.record_removed(Class::Breaking, &our, &item.name, message);
                continue;
            };
            self.compare_examples(&our, &their, item);
            self.compare_optional_schemas(&our, &their, item, direction);
        }
        for (name, their) in theirs.entries("content") {
            if ours.get("content").and_then(|all| all.get(name)).is_none() {
                let message = format!("content type {name} added");
                let class = match ours.entries("content").is_empty() {
                    true => Class::Breaking,
                    false => Class::Additive,
                };
                self.record_added(class, &their, &item.name, message);
            }
        }
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
        match (ours.get("schema"), theirs.get("schema")) {
            (Some(ours), Some(theirs)) => self.compare_schemas(&ours, &theirs, item, direction),
            (Some(our), None) => {
                let message = "schema removed".to_owned();
                self.record_removed(Class::Breaking, &our, &item.name, message);
            }
            (None, Some(their)) => {
                let message = "schema added".to_owned();
                self.record_added(Class::Breaking, &their, &item.name, message);
            }
            (None, None) => {}
        }
    }
}

/// Returns the `deprecated` keyword if it is true: an explicit `false` equals its absence.
pub(super) fn deprecated_flag<'d>(node: &Node<'d>) -> Option<Node<'d>> {
    node.get("deprecated")
        .filter(|_| node.is_true("deprecated"))
}

fn tags<'d>(operation: &Node<'d>) -> BTreeSet<&'d str> {
    let tags = operation.value.get("tags").and_then(Value::as_array);
    tags.into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect()
}

/// Returns the class of an added or removed response.
///
/// Responses with a body, and success responses, determine the method's result type.
fn response_class(response: &Node<'_>, status: &str) -> Class {
    if status.starts_with('2') || !response.entries("content").is_empty() {
        Class::Breaking
    } else {
        Class::Docs
    }
}
