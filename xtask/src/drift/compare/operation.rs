//! Comparison of operations: endpoint, credentials, parameters, request body, responses and examples.
//!
//! Response headers, links and callbacks are not compared, because the generator ignores them.

use std::collections::{BTreeMap, BTreeSet};

use heck::ToPascalCase;
use serde_json::Value;

use super::{Comparison, Direction, class_of};
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
        self.compare_content(&ours, &theirs, &item.nested("body"), Direction::SENT);
    }

    fn compare_responses(&mut self, ours: &Node<'d>, theirs: &Node<'d>, item: &RustItem) {
        let responses = |operation: &Node<'d>| -> BTreeMap<&'d str, Node<'d>> {
            let responses = operation.entries("responses").into_iter();
            responses
                .map(|(status, node)| (status, node.dereferenced()))
                .collect()
        };
        // Responses with a body, and success responses, determine the method's result type.
        let described = |status: &&str, response: &Node<'d>, change| {
            let has_body = !response.entries("content").is_empty();
            let (class, consequence) = match (change, has_body || status.starts_with('2')) {
                (ChangeKind::Added, true) => {
                    (Class::Breaking, "; the method's result type changes")
                }
                (ChangeKind::Added, false) => (Class::Additive, ", without a body"),
                (_, true) => (Class::Breaking, ""),
                (_, false) => (Class::Docs, ""),
            };
            (class, format!("response {status} {change}{consequence}"))
        };
        let (ours, theirs) = (responses(ours), responses(theirs));
        for (status, our, their) in self.match_entries(&ours, &theirs, item, described) {
            let inner = item.nested(&format!("{} response", status.to_pascal_case()));
            self.compare_content(our, their, &inner, Direction::RECEIVED);
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
        let (ours, theirs) = (ours.entries("content"), theirs.entries("content"));
        let described = |name: &&str, _: &Node<'d>, change| {
            let class = match change {
                ChangeKind::Added if ours.is_empty() => Class::Breaking,
                change => class_of(change),
            };
            (class, format!("content type {name} {change}"))
        };
        for (_, our, their) in self.match_entries(&ours, &theirs, item, described) {
            self.compare_examples(our, their, item);
            self.compare_optional_schemas(our, their, item, direction);
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
        let schemas = (ours.get("schema"), theirs.get("schema"));
        if let Some((ours, theirs)) = self.match_elements("schema", schemas.0, schemas.1, item) {
            self.compare_schemas(&ours, &theirs, item, direction);
        }
    }

    /// Compares the accepted credentials.
    ///
    /// The client remains compatible as long as each alternative of the fragment is still accepted.
    fn compare_security(&mut self, ours: &Node<'d>, theirs: &Node<'d>, item: &RustItem) {
        let (ours, theirs) = (alternatives(ours), alternatives(theirs));
        self.match_entries(&ours, &theirs, item, |schemes, _, change| {
            let acceptance = match change {
                ChangeKind::Added => "now accepted",
                _ => "no longer accepted",
            };
            let message = format!("credentials {} are {acceptance}", format_schemes(schemes));
            (class_of(change), message)
        });
        let names: BTreeSet<&str> = ours.keys().flatten().copied().collect();
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
        let described = |(location, name): &(&str, &str), parameter: &Node<'d>, change| {
            // Breaking even if optional: the method gets an additional argument.
            let message = match (change, parameter.is_true("required")) {
                (ChangeKind::Added, true) => format!("required {location} parameter added: {name}"),
                (ChangeKind::Added, false) => format!("{location} parameter added: {name}"),
                _ => format!("{location} parameter {name} removed"),
            };
            (Class::Breaking, message)
        };
        let both = self.match_entries(&ours, &theirs, item, described);
        for ((location, name), our, their) in both {
            if our.is_true("required") != their.is_true("required") {
                let necessity = match their.is_true("required") {
                    true => "required",
                    false => "optional",
                };
                let message = format!("{location} parameter {name} is now {necessity}");
                self.record_changed(Class::Breaking, our, item, message);
            }
            let [was, is] = [our, their].map(deprecated_flag);
            self.compare_annotation("deprecated", was, is, item);
            self.compare_examples(our, their, item);
            self.compare_optional_schemas(our, their, &item.nested(name), Direction::SENT);
            self.check_client_parameter(our, their, name);
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

/// Returns the alternative sets of schemes: those of the operation, or the document's defaults.
fn alternatives<'d>(operation: &Node<'d>) -> BTreeMap<BTreeSet<&'d str>, Node<'d>> {
    let declaring = match operation.get("security") {
        Some(_) => Some(operation.clone()),
        None => Node::find(operation.document, ""),
    };
    let alternatives = declaring.map(|node| node.items("security"));
    let with_names = alternatives.into_iter().flatten().map(|node| {
        let names = node.value.as_object().into_iter().flatten();
        (names.map(|(name, _)| name.as_str()).collect(), node)
    });
    with_names.collect()
}

fn format_schemes(schemes: &BTreeSet<&str>) -> String {
    match schemes.is_empty() {
        true => "none".to_owned(),
        false => schemes.iter().copied().collect::<Vec<_>>().join(" + "),
    }
}
