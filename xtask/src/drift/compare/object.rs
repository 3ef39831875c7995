//! The properties of two objects.

use super::Comparison;
use crate::drift::at::At;
use crate::drift::finding::Class;
use crate::drift::rust::Item;
use crate::drift::schema::{Bare, Contents};
use crate::drift::usage::Usage;

impl<'d> Comparison<'d> {
    pub(super) fn objects(
        &mut self,
        ours: &Contents<'d>,
        theirs: &Contents<'d>,
        item: &Item,
        usage: Usage,
    ) {
        for (name, our) in &ours.properties {
            let field = item.field(name);
            match theirs.properties.get(name) {
                Some(their) => {
                    self.schemas(our, their, &field, usage);
                    let required = [ours, theirs].map(|side| side.required.contains(name));
                    self.requirement(our, required, &field, usage);
                }
                None => {
                    let message = format!("the property is gone: {}", Bare::of(our).describe());
                    self.removed(Class::Breaking, our, &field.name, message);
                }
            }
        }
        for (name, their) in &theirs.properties {
            if !ours.properties.contains_key(name) {
                let described = Bare::of(their).describe();
                let (class, message) = match usage.sent && theirs.required.contains(name) {
                    true => (
                        Class::Breaking,
                        format!("a new property that every request must carry: {described}"),
                    ),
                    false => (Class::Additive, format!("a new property: {described}")),
                };
                self.added(class, their, &item.field(name).name, message);
            }
        }
        self.unknown_properties(ours, theirs, item, usage);
    }

    /// Our types take every property of an answer as one that may be missing.
    fn requirement(&mut self, at: &At<'d>, required: [bool; 2], field: &Item, usage: Usage) {
        let (class, message) = match (required, usage.sent) {
            ([false, true], true) => (Class::Breaking, "every request must carry it now"),
            ([true, false], true) => (
                Class::Breaking,
                "a request may leave it out now: its type becomes an Option",
            ),
            ([false, true], false) => (
                Class::Docs,
                "always present now; our types allow for its absence all the same",
            ),
            ([true, false], false) => (
                Class::Docs,
                "no longer always present; our types allow for that already",
            ),
            _ => return,
        };
        self.changed(class, at, field, message.to_owned());
    }

    /// Our types keep unknown properties, whatever the document says of them.
    fn unknown_properties(
        &mut self,
        ours: &Contents<'d>,
        theirs: &Contents<'d>,
        item: &Item,
        usage: Usage,
    ) {
        match (ours.described_others(), theirs.described_others()) {
            (Some(ours), Some(theirs)) => {
                self.schemas(&ours, &theirs, &item.within("extra"), usage);
            }
            (None, None) if ours.is_closed() == theirs.is_closed() => {}
            _ => {
                let (ours, theirs) = (ours.others.clone(), theirs.others.clone());
                self.documentation("unknown properties", ours, theirs, item);
            }
        }
    }
}
