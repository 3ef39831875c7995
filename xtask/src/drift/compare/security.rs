//! Which credentials an operation takes.

use std::collections::BTreeSet;

use super::Comparison;
use crate::drift::at::At;
use crate::drift::finding::Class;
use crate::drift::rust::Item;
use crate::spec::pointer;

/// What a request with a scheme's credentials is made of.
const ESSENTIAL: [&str; 4] = ["type", "in", "name", "scheme"];

/// What else a scheme says.
const REST: [&str; 3] = ["bearerFormat", "flows", "openIdConnectUrl"];

impl<'d> Comparison<'d> {
    /// What the client sends goes on being taken as long as each alternative that it knows is.
    pub(super) fn security(&mut self, ours: &At<'d>, theirs: &At<'d>, item: &Item) {
        let (our, their) = (alternatives(ours), alternatives(theirs));
        for (schemes, at) in our.iter().filter(|(schemes, _)| !has(&their, schemes)) {
            let message = format!("the credentials {} are no longer taken", show(schemes));
            self.removed(Class::Breaking, at, &item.name, message);
        }
        for (schemes, at) in their.iter().filter(|(schemes, _)| !has(&our, schemes)) {
            let message = format!("the credentials {} are taken now", show(schemes));
            self.added(Class::Additive, at, &item.name, message);
        }
        let names: BTreeSet<&str> = our.iter().flat_map(|(names, _)| names).copied().collect();
        for name in names {
            self.scheme(name);
        }
    }

    fn scheme(&mut self, name: &str) {
        let place = pointer::from_segments(["components", "securitySchemes", name]);
        let find = |document| Some(At::find(document, &place)?.followed());
        let (Some(ours), Some(theirs)) = (find(self.ours), find(self.theirs)) else {
            return;
        };
        let item = Item::of_type("Credentials".to_owned());
        for key in ESSENTIAL {
            if ours.text(key) != theirs.text(key) {
                let show = |at: &At<'d>| at.text(key).unwrap_or("none").to_owned();
                let message = format!("{key}: {} -> {}", show(&ours), show(&theirs));
                self.changed(Class::Breaking, &ours, &item, message);
            }
        }
        for key in REST {
            self.documentation(key, ours.get(key), theirs.get(key), &item);
        }
    }
}

type Alternative<'d> = (BTreeSet<&'d str>, At<'d>);

/// Sets of schemes, each of which suffices: the operation's own, or else the document's.
fn alternatives<'d>(operation: &At<'d>) -> Vec<Alternative<'d>> {
    let root = At::find(operation.document, "");
    let listing = match operation.get("security") {
        Some(_) => Some(operation.clone()),
        None => root,
    };
    let alternatives = listing.map(|at| at.items("security")).unwrap_or_default();
    alternatives
        .into_iter()
        .map(|at| {
            let names = at.value.as_object().into_iter().flatten();
            (names.map(|(name, _)| name.as_str()).collect(), at)
        })
        .collect()
}

fn has(alternatives: &[Alternative<'_>], schemes: &BTreeSet<&str>) -> bool {
    alternatives.iter().any(|(other, _)| other == schemes)
}

fn show(schemes: &BTreeSet<&str>) -> String {
    match schemes.is_empty() {
        true => "none".to_owned(),
        false => schemes.iter().copied().collect::<Vec<_>>().join(" + "),
    }
}
