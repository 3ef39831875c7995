//! Two documents, side by side.

mod document;
mod enumeration;
mod limits;
mod object;
mod operation;
mod parameter;
mod schema;
mod security;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use serde_json::Value;

use super::at::At;
use super::finding::{Class, Finding, Kind};
use super::rust::{Item, Overlaid};
use super::usage::Usages;
use crate::fragment::operation::Operation;

/// The differences from `ours` to `theirs`: documents of the same operations and of nothing else,
/// where an operation may stand in another place.
pub(super) fn compare(
    ours: &Value,
    theirs: &Value,
    operations: &[(&Operation, &Operation)],
    overlaid: &Overlaid,
) -> Vec<Finding> {
    let mut comparison = Comparison {
        ours,
        theirs,
        overlaid,
        usages: Usages::of([ours, theirs]),
        met: BTreeSet::new(),
        compared: BTreeSet::new(),
        findings: Vec::new(),
    };
    comparison.documents();
    for (our, their) in operations {
        comparison.operations(our, their);
    }
    comparison.components();
    let mut findings = comparison.findings;
    findings.sort();
    findings.dedup();
    findings
}

/// The two documents, and what is known about them so far.
struct Comparison<'d> {
    ours: &'d Value,
    theirs: &'d Value,
    overlaid: &'d Overlaid,
    usages: Usages,
    /// Named schemas whose contents were compared. One that only one side names is then no
    /// difference: the other says the same in place.
    met: BTreeSet<String>,
    /// Pairs of places that were compared already, for schemas that contain themselves.
    compared: BTreeSet<(String, String)>,
    findings: Vec<Finding>,
}

impl<'d> Comparison<'d> {
    /// Records a difference at a place of ours.
    fn changed(&mut self, class: Class, at: &At<'d>, item: &Item, message: String) {
        self.record(class, Kind::Changed, at, Some(&item.name), message);
    }

    /// Records what only ours has.
    fn removed(&mut self, class: Class, at: &At<'d>, item: &str, message: String) {
        self.record(class, Kind::Removed, at, Some(item), message);
    }

    /// Records what only theirs has.
    fn added(&mut self, class: Class, at: &At<'d>, item: &str, message: String) {
        self.record(class, Kind::Added, at, Some(item), message);
    }

    /// What the overlay leaves out of our types touches none of them.
    fn record(
        &mut self,
        class: Class,
        kind: Kind,
        at: &At<'d>,
        item: Option<&str>,
        message: String,
    ) {
        let left_out = self.overlaid.leaves_out(&at.pointer);
        self.findings.push(Finding {
            class: if left_out { Class::Docs } else { class },
            pointer: at.pointer.clone(),
            kind,
            item: item.filter(|_| !left_out).map(str::to_owned),
            message: match left_out {
                true => format!("{message}; the overlay leaves it out of our types"),
                false => message,
            },
        });
    }

    /// Records what only people read, where it differs.
    fn documentation(
        &mut self,
        what: &str,
        ours: Option<At<'d>>,
        theirs: Option<At<'d>>,
        item: &Item,
    ) {
        let show = |at: &Option<At<'d>>| match at {
            Some(at) => brief(at.value),
            None => "none".to_owned(),
        };
        let message = format!("{what}: {} -> {}", show(&ours), show(&theirs));
        match (ours, theirs) {
            (Some(ours), Some(theirs)) if is_same(ours.value, theirs.value) => {}
            (Some(ours), Some(_)) => self.changed(Class::Docs, &ours, item, message),
            (Some(ours), None) => self.removed(Class::Docs, &ours, &item.name, message),
            (None, Some(theirs)) => self.added(Class::Docs, &theirs, &item.name, message),
            (None, None) => {}
        }
    }
}

/// Whether two values mean the same: `75` is `75.0`.
fn is_same(one: &Value, other: &Value) -> bool {
    match (one.as_f64(), other.as_f64()) {
        (Some(one), Some(other)) => one == other,
        _ => one == other,
    }
}

/// A value, cut short where it is long.
fn brief(value: &Value) -> String {
    const LENGTH: usize = 60;
    let text = value.to_string();
    match text.char_indices().nth(LENGTH) {
        None => text,
        Some((end, _)) => format!("{}...", text.get(..end).unwrap_or_default()),
    }
}
