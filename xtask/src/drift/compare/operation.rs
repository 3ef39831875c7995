//! Comparison of operations: endpoint, credentials, parameters, request body, responses and examples.
//!
//! Response headers, links and callbacks are not compared, because the generator ignores them.

use std::collections::{BTreeMap, BTreeSet};

use heck::ToPascalCase;
use serde_json::Value;

use super::{Comparison, Direction};
use crate::drift::node::Node;
use crate::drift::report::{ChangeKind, Class, Finding};
use crate::drift::rust_item::{RustItem, client_method};
use crate::extract::upstream::Operation;
use crate::spec::pointer;

/// Parameters by location (`in`) and name.
type Parameters<'d> = BTreeMap<(&'d str, &'d str), Node<'d>>;

/// Keys of a security scheme that affect requests.
const REQUEST_KEYS: [&str; 4] = ["type", "in", "name", "scheme"];

/// Keys of a security scheme that do not affect requests.
const INFORMATIONAL_KEYS: [&str; 3] = ["bearerFormat", "flows", "openIdConnectUrl"];

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
    fn compare_examples(&mut self, ours: &Node<'d>, theirs: &Node<'d>, item: &RustItem) {
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
    fn compare_optional_schemas(
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

    /// Compares the accepted credentials.
    ///
    /// The client remains compatible as long as each alternative of the fragment is still accepted.
    fn compare_security(&mut self, ours: &Node<'d>, theirs: &Node<'d>, item: &RustItem) {
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

    fn compare_parameters(
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

/// Returns the `deprecated` keyword if it is true: an explicit `false` equals its absence.
fn deprecated_flag<'d>(node: &Node<'d>) -> Option<Node<'d>> {
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
