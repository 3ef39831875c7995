//! An operation in two documents.
//!
//! Headers of responses, links and callbacks are not compared: the generator makes nothing of
//! them.

use std::collections::{BTreeMap, BTreeSet};

use heck::ToPascalCase;
use serde_json::Value;

use super::Comparison;
use crate::drift::at::At;
use crate::drift::finding::Class;
use crate::drift::rust::{Item, method};
use crate::drift::usage::Usage;
use crate::fragment::operation::Operation;

impl<'d> Comparison<'d> {
    pub(super) fn operations(&mut self, our: &Operation, their: &Operation) {
        let item = method(&our.id);
        let (Some(ours), Some(theirs)) = (
            At::find(self.ours, &our.pointer()),
            At::find(self.theirs, &their.pointer()),
        ) else {
            return;
        };
        let [here, there] =
            [our, their].map(|at| format!("{} {}", at.method.to_uppercase(), at.path));
        if here != there {
            let message = format!("the address: {here} -> {there}");
            self.changed(Class::Breaking, &ours, &item, message);
        }
        let [was, is] = [&ours, &theirs].map(deprecation);
        self.documentation("deprecated", was, is, &item);
        if tags(&ours) != tags(&theirs) {
            let key = "tags";
            self.documentation(key, ours.get(key), theirs.get(key), &item);
        }
        self.security(&ours, &theirs, &item);
        self.parameters((our, &ours), (their, &theirs), &item);
        self.bodies(&ours, &theirs, &item);
        self.responses(&ours, &theirs, &item);
    }

    fn bodies(&mut self, ours: &At<'d>, theirs: &At<'d>, item: &Item) {
        let body = |operation: &At<'d>| Some(operation.get("requestBody")?.followed());
        match (body(ours), body(theirs)) {
            (Some(ours), Some(theirs)) => {
                if ours.is_true("required") != theirs.is_true("required") {
                    let message = match theirs.is_true("required") {
                        true => "the body is required now; the method always sends it",
                        false => "the body may be left out now; the method always sends it",
                    };
                    self.changed(Class::Docs, &ours, item, message.to_owned());
                }
                self.media(&ours, &theirs, &item.within("body"), Usage::SENT);
            }
            (Some(ours), None) => {
                let message = "the request has no body any more".to_owned();
                self.removed(Class::Breaking, &ours, &item.name, message);
            }
            (None, Some(theirs)) => {
                let message = "the request has a body now".to_owned();
                self.added(Class::Breaking, &theirs, &item.name, message);
            }
            (None, None) => {}
        }
    }

    fn responses(&mut self, ours: &At<'d>, theirs: &At<'d>, item: &Item) {
        for (status, our) in ours.names("responses") {
            let our = our.followed();
            let inner = item.within(&format!("{} response", status.to_pascal_case()));
            match theirs.get("responses").and_then(|all| all.get(status)) {
                Some(their) => self.media(&our, &their.followed(), &inner, Usage::RECEIVED),
                None => {
                    let message = format!("the response {status} is gone");
                    let class = weight(&our, status);
                    self.removed(class, &our, &item.name, message);
                }
            }
        }
        for (status, their) in theirs.names("responses") {
            let known = ours.get("responses").and_then(|all| all.get(status));
            if known.is_none() {
                let their = their.followed();
                let (class, message) = match weight(&their, status) {
                    Class::Breaking => (
                        Class::Breaking,
                        format!("a new response {status}: the method's result has another type"),
                    ),
                    _ => (
                        Class::Additive,
                        format!("a new response {status} without a body"),
                    ),
                };
                self.added(class, &their, &item.name, message);
            }
        }
    }

    /// The bodies of a request or a response, by media type.
    fn media(&mut self, ours: &At<'d>, theirs: &At<'d>, item: &Item, usage: Usage) {
        for (name, our) in ours.names("content") {
            let their = theirs.get("content").and_then(|all| all.get(name));
            let Some(their) = their else {
                let message = format!("a body of type {name} is gone");
                self.removed(Class::Breaking, &our, &item.name, message);
                continue;
            };
            self.examples(&our, &their, item);
            self.optional_schemas(&our, &their, item, usage);
        }
        for (name, their) in theirs.names("content") {
            if ours.get("content").and_then(|all| all.get(name)).is_none() {
                let message = format!("a new body of type {name}");
                let class = match ours.names("content").is_empty() {
                    true => Class::Breaking,
                    false => Class::Additive,
                };
                self.added(class, &their, &item.name, message);
            }
        }
    }

    /// The values of examples: what is written about them is ours.
    pub(super) fn examples(&mut self, ours: &At<'d>, theirs: &At<'d>, item: &Item) {
        self.documentation("example", ours.get("example"), theirs.get("example"), item);
        let named = |at: &At<'d>| -> BTreeMap<&'d str, At<'d>> {
            let examples = at.names("examples").into_iter();
            let values =
                examples.filter_map(|(name, at)| Some((name, at.followed().get("value")?)));
            values.collect()
        };
        let (mut ours, mut theirs) = (named(ours), named(theirs));
        let names: BTreeSet<&str> = ours.keys().chain(theirs.keys()).copied().collect();
        for name in names {
            let what = format!("example {name}");
            self.documentation(&what, ours.remove(name), theirs.remove(name), item);
        }
    }

    /// The schemas below two places that may do without.
    pub(super) fn optional_schemas(
        &mut self,
        ours: &At<'d>,
        theirs: &At<'d>,
        item: &Item,
        usage: Usage,
    ) {
        match (ours.get("schema"), theirs.get("schema")) {
            (Some(ours), Some(theirs)) => self.schemas(&ours, &theirs, item, usage),
            (Some(our), None) => {
                let message = "its schema is gone".to_owned();
                self.removed(Class::Breaking, &our, &item.name, message);
            }
            (None, Some(their)) => {
                let message = "it has a schema now".to_owned();
                self.added(Class::Breaking, &their, &item.name, message);
            }
            (None, None) => {}
        }
    }
}

/// Not deprecated is the same as nothing said.
pub(super) fn deprecation<'d>(at: &At<'d>) -> Option<At<'d>> {
    at.get("deprecated").filter(|_| at.is_true("deprecated"))
}

fn tags<'d>(operation: &At<'d>) -> BTreeSet<&'d str> {
    let tags = operation.value.get("tags").and_then(Value::as_array);
    tags.into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect()
}

/// A response with a body gives the method's result its type, and so does one that means success.
fn weight(response: &At<'_>, status: &str) -> Class {
    if status.starts_with('2') || !response.names("content").is_empty() {
        Class::Breaking
    } else {
        Class::Docs
    }
}
