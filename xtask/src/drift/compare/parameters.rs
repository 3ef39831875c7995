//! Comparison of parameters: those that are arguments of the method, and those that the overlay hides.
//!
//! A hidden parameter is not in the types, but still in the contract: the client sends the
//! [authentication headers](super::credentials) with every request, and nothing else.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::credentials::{accepts, names_any_of, rejected_values, sent_header};
use super::uses::Direction;
use super::{Comparison, deprecated_flag};
use crate::drift::node::Node;
use crate::drift::report::{ChangeKind, Class};
use crate::drift::rust_item::{OverlaidFragment, RustItem};
use crate::extract::upstream::Operation;
use crate::spec::pointer;

/// Location (`in`) and name of a parameter. Names of headers are in lower case.
pub(super) type Key = (String, String);

type Parameters<'d> = BTreeMap<Key, Node<'d>>;

/// Item of a finding about the headers that the client sends.
const CREDENTIALS: &str = "Credentials";

/// Returns the parameters that the overlay removes from the operations of `ours`, but not those of an
/// operation that it removes as a whole.
pub(super) fn hidden_parameters(
    ours: &Value,
    overlaid: &OverlaidFragment,
    operations: &[(&Operation, &Operation)],
) -> BTreeSet<Key> {
    let mut hidden = BTreeSet::new();
    let kept = operations
        .iter()
        .filter(|(our, _)| overlaid.overlaid().pointer(&our.pointer()).is_some());
    for (our, _) in kept {
        let shown = effective_parameters(overlaid.overlaid(), our);
        let all = effective_parameters(ours, our).into_keys();
        hidden.extend(all.filter(|key| !shown.contains_key(key)));
    }
    hidden
}

impl<'d> Comparison<'d> {
    pub(super) fn compare_parameters(
        &mut self,
        our: &Operation,
        their: &Operation,
        item: &RustItem,
    ) {
        let shown = effective_parameters(self.overlaid.overlaid(), our);
        let (mut ours, mut theirs) = (
            effective_parameters(self.ours, our),
            effective_parameters(self.theirs, their),
        );
        if self.is_excluded {
            // Without a method, no request is sent.
            return self.compare_arguments(&ours, &theirs, item);
        }
        let hidden: Vec<Key> = ours
            .keys()
            .filter(|key| !shown.contains_key(key))
            .cloned()
            .collect();
        for key in hidden {
            let Some(our) = ours.remove(&key) else {
                continue;
            };
            match theirs.remove(&key) {
                Some(their) => self.compare_hidden(&key, &our, &their, item),
                None => self.compare_missing(&key, &our, &mut theirs),
            }
        }
        let is_hidden = |key: &Key| self.hidden_parameters.contains(key) && !ours.contains_key(key);
        let added: Vec<Key> = theirs
            .keys()
            .filter(|key| is_hidden(key))
            .cloned()
            .collect();
        for key in added {
            if let Some(their) = theirs.remove(&key) {
                self.record_added_hidden(&key, &their);
            }
        }
        self.compare_arguments(&ours, &theirs, item);
    }

    /// Compares the parameters that are arguments of the method.
    fn compare_arguments(
        &mut self,
        ours: &Parameters<'d>,
        theirs: &Parameters<'d>,
        item: &RustItem,
    ) {
        let described = |(location, name): &Key, parameter: &Node<'d>, change| {
            // Breaking even if optional: the method gets an additional argument.
            let message = match (change, parameter.is_true("required")) {
                (ChangeKind::Added, true) => format!("required {location} parameter added: {name}"),
                (ChangeKind::Added, false) => format!("{location} parameter added: {name}"),
                _ => format!("{location} parameter {name} removed"),
            };
            (Class::Breaking, message)
        };
        for (key, our, their) in self.match_entries(ours, theirs, item, described) {
            let (location, name) = key;
            if our.is_true("required") != their.is_true("required") {
                let necessity = match their.is_true("required") {
                    true => "required",
                    false => "optional",
                };
                let message = format!("{location} parameter {name} is now {necessity}");
                self.record_changed(Class::Breaking, our, item, message);
            }
            let forms = [our, their].map(|parameter| form(location, parameter));
            if forms[0] != forms[1] {
                let message = format!(
                    "{location} parameter {name} has another form: {} -> {}",
                    forms[0], forms[1]
                );
                self.record_changed(Class::Breaking, our, item, message);
            }
            self.compare_contents(name, our, their, item);
        }
    }

    /// Compares what does not depend on whether the parameter is an argument.
    fn compare_contents(&mut self, name: &str, our: &Node<'d>, their: &Node<'d>, item: &RustItem) {
        self.compare_annotation("name", our.get("name"), their.get("name"), item);
        let [was, is] = [our, their].map(deprecated_flag);
        self.compare_annotation("deprecated", was, is, item);
        self.compare_examples(our, their, item);
        let inner = item.nested(&format!("{name} parameter"));
        self.compare_optional_schemas(our, their, &inner, Direction::SENT);
    }

    /// Compares a hidden parameter. Its values are those that the client sends, which must still be
    /// accepted; the rest is documentation.
    fn compare_hidden(&mut self, key: &Key, our: &Node<'d>, their: &Node<'d>, item: &RustItem) {
        let (location, name) = key;
        let is_now_required = their.is_true("required") && !our.is_true("required");
        match sent_header(location, name) {
            Some(values) => {
                let rejected = rejected_values(values, our, their);
                if !rejected.is_empty() {
                    self.record_rejected(name, &rejected, our, ChangeKind::Changed);
                }
            }
            None if is_now_required => {
                let message = format!("{location} parameter {name} is now required");
                let message = format!("{message}, but the overlay removes it from the arguments");
                self.record_effective(our, ChangeKind::Changed, &item.name, message);
            }
            None => {}
        }
        let was_excluded = std::mem::replace(&mut self.is_excluded, true);
        if our.is_true("required") != their.is_true("required") {
            let message = format!(
                "required: {} -> {}",
                our.is_true("required"),
                !our.is_true("required")
            );
            self.record_changed(Class::Docs, our, item, message);
        }
        self.compare_contents(name, our, their, item);
        self.is_excluded = was_excluded;
    }

    /// Compares a hidden parameter that `theirs` lacks with what may have replaced it.
    fn compare_missing(&mut self, key: &Key, our: &Node<'d>, theirs: &mut Parameters<'d>) {
        let (location, name) = key;
        let sent = sent_header(location, name);
        let moved = theirs
            .keys()
            .find(|(_, other)| other.eq_ignore_ascii_case(name));
        let renamed = || {
            let mut candidates = theirs.iter();
            let found = candidates
                .find(|(_, parameter)| sent.is_some_and(|values| names_any_of(values, parameter)));
            found.map(|(key, _)| key)
        };
        let successor = moved.or_else(renamed).cloned();
        match successor {
            Some(successor) if sent.is_some() => {
                theirs.remove(&successor);
                let message = format!(
                    "the client sends the {location} {name}, which is now the {} {}",
                    successor.0, successor.1
                );
                self.record_effective(our, ChangeKind::Changed, CREDENTIALS, message);
            }
            _ => {
                let effect = match sent {
                    Some(_) => "; the client goes on sending it",
                    None => "",
                };
                let message = format!("{location} parameter {name} removed{effect}");
                self.record_hidden(our, ChangeKind::Removed, message);
            }
        }
    }

    /// Records a parameter that is hidden in other operations.
    fn record_added_hidden(&mut self, key: &Key, their: &Node<'d>) {
        let (location, name) = key;
        let change = ChangeKind::Added;
        let sent = sent_header(location, name);
        let values = sent.unwrap_or_default().iter().copied();
        let rejected: Vec<&str> = values.filter(|value| !accepts(value, their)).collect();
        match sent {
            Some(_) if !rejected.is_empty() => {
                self.record_rejected(name, &rejected, their, change);
            }
            None if their.is_true("required") => {
                let message = format!("required {location} parameter added: {name}");
                let message = format!("{message}, which the overlay removes from the arguments");
                self.record_effective(their, change, CREDENTIALS, message);
            }
            sent => {
                let effect = match sent {
                    Some(_) => "; the client sends it already",
                    None => "",
                };
                let message = format!("{location} parameter added: {name}{effect}");
                self.record_hidden(their, change, message);
            }
        }
    }

    fn record_rejected(
        &mut self,
        name: &str,
        values: &[&str],
        parameter: &Node<'d>,
        change: ChangeKind,
    ) {
        let (quoted, verb) = (
            values
                .iter()
                .map(|value| format!("{value:?}"))
                .collect::<Vec<_>>(),
            if values.len() == 1 { "is" } else { "are" },
        );
        let acceptance = match change {
            ChangeKind::Added => "not accepted",
            _ => "no longer accepted",
        };
        let message = format!(
            "{name}: the client sends {}, which {verb} {acceptance}",
            quoted.join(", ")
        );
        self.record_effective(parameter, change, CREDENTIALS, message);
    }
}

/// Returns the form of an array or object in a parameter: its style, and whether it is exploded.
fn form(location: &str, parameter: &Node<'_>) -> String {
    let default = match location {
        "query" | "cookie" => "form",
        _ => "simple",
    };
    let style = parameter.text("style").unwrap_or(default);
    let explode = parameter.value.get("explode").and_then(Value::as_bool);
    match explode.unwrap_or(style == "form") {
        true => format!("{style}, exploded"),
        false => style.to_owned(),
    }
}

/// Returns whether a parameter can be an argument of a generated method.
pub(super) fn is_argument(parameter: &Node<'_>) -> bool {
    let style = parameter.text("style");
    let has_plain_form = match parameter.text("in") {
        Some("path" | "header") => style.is_none_or(|style| style == "simple"),
        Some("query") => style.is_none_or(|style| style == "form"),
        _ => false,
    };
    has_plain_form && parameter.get("content").is_none()
}

/// Returns the parameters of an operation, including those of its path item.
pub(super) fn effective_parameters<'d>(
    document: &'d Value,
    operation: &Operation,
) -> Parameters<'d> {
    let path = pointer::from_segments(["paths", &operation.path]);
    let nodes = [path, operation.pointer()].map(|pointer| Node::find(document, &pointer));
    let all = nodes
        .iter()
        .flatten()
        .flat_map(|node| node.items("parameters"));
    all.filter_map(|node| {
        let node = node.dereferenced();
        let (location, name) = (node.text("in")?, node.text("name")?);
        let name = match location {
            "header" => name.to_ascii_lowercase(),
            _ => name.to_owned(),
        };
        Some(((location.to_owned(), name), node))
    })
    .collect()
}
