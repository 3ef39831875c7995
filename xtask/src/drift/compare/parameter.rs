//! The parameters of an operation, which are the arguments of its method.

use std::collections::BTreeMap;

use super::Comparison;
use super::operation::deprecation;
use crate::drift::at::At;
use crate::drift::finding::{Class, Finding, Kind};
use crate::drift::rust::Item;
use crate::drift::usage::Usage;
use crate::fragment::operation::Operation;
use crate::spec::pointer;

/// Parameters by where they travel and by their name.
type Parameters<'d> = BTreeMap<(&'d str, &'d str), At<'d>>;

impl<'d> Comparison<'d> {
    pub(super) fn parameters(
        &mut self,
        ours: (&Operation, &At<'d>),
        theirs: (&Operation, &At<'d>),
        item: &Item,
    ) {
        let (ours, theirs) = (parameters(ours.0, ours.1), parameters(theirs.0, theirs.1));
        for (key @ (place, name), our) in &ours {
            let inner = item.within(name);
            let Some(their) = theirs.get(key) else {
                let message = format!("the {place} parameter {name} is gone");
                self.removed(Class::Breaking, our, &item.name, message);
                continue;
            };
            match (our.is_true("required"), their.is_true("required")) {
                (false, true) => {
                    let message = format!("the {place} parameter {name} is required now");
                    self.changed(Class::Breaking, our, item, message);
                }
                (true, false) => {
                    let message = format!("the {place} parameter {name} may be left out now");
                    self.changed(Class::Breaking, our, item, message);
                }
                _ => {}
            }
            let [was, is] = [our, their].map(deprecation);
            self.documentation("deprecated", was, is, item);
            self.examples(our, their, item);
            self.optional_schemas(our, their, &inner, Usage::SENT);
            self.sent_by_the_client(our, their, name);
        }
        for (key @ (place, name), their) in &theirs {
            if !ours.contains_key(key) {
                // Even an optional one is one more argument.
                let message = match their.is_true("required") {
                    true => format!("a new {place} parameter, required: {name}"),
                    false => format!("a new {place} parameter: {name}"),
                };
                self.added(Class::Breaking, their, &item.name, message);
            }
        }
    }

    /// A parameter that the overlay leaves out of the method is sent by the client itself, with
    /// the value that the document gives as its default.
    fn sent_by_the_client(&mut self, ours: &At<'d>, theirs: &At<'d>, name: &str) {
        if !self.overlaid.leaves_out(&ours.pointer) {
            return;
        }
        let schema = |parameter: &At<'d>| Some(parameter.get("schema")?.followed());
        let sent = schema(ours).and_then(|schema| schema.get("default"));
        let taken = schema(theirs).map(|schema| schema.items("enum"));
        if let (Some(sent), Some(taken)) = (sent, taken)
            && !taken.is_empty()
            && taken.iter().all(|at| at.value != sent.value)
        {
            self.findings.push(Finding {
                class: Class::Breaking,
                pointer: ours.pointer.clone(),
                kind: Kind::Changed,
                item: Some("Credentials".to_owned()),
                message: format!("{name}: {} is sent, and no longer taken", sent.value),
            });
        }
    }
}

/// An operation's parameters, with those of its path.
fn parameters<'d>(operation: &Operation, at: &At<'d>) -> Parameters<'d> {
    let path = At::find(
        at.document,
        &pointer::from_segments(["paths", &operation.path]),
    );
    let shared = path
        .map(|path| path.items("parameters"))
        .unwrap_or_default();
    let own = at.items("parameters");
    let all = shared.into_iter().chain(own).map(|at| at.followed());
    all.filter_map(|at| Some(((at.text("in")?, at.text("name")?), at)))
        .collect()
}
