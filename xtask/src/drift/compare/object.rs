//! Comparison of object properties.

use super::Comparison;
use crate::drift::direction::Direction;
use crate::drift::finding::Class;
use crate::drift::node::Node;
use crate::drift::rust_item::RustItem;
use crate::drift::schema::{ResolvedSchema, SchemaFacts};

impl<'d> Comparison<'d> {
    pub(super) fn compare_properties(
        &mut self,
        ours: &SchemaFacts<'d>,
        theirs: &SchemaFacts<'d>,
        item: &RustItem,
        direction: Direction,
    ) {
        for (name, our) in &ours.properties {
            let field = item.field(name);
            match theirs.properties.get(name) {
                Some(their) => {
                    self.compare_schemas(our, their, &field, direction);
                    let required = [ours, theirs].map(|side| side.required.contains(name));
                    self.compare_required(our, required, &field, direction);
                }
                None => {
                    let message = format!(
                        "property removed: {}",
                        ResolvedSchema::resolve(our).describe()
                    );
                    self.record_removed(Class::Breaking, our, &field.name, message);
                }
            }
        }
        for (name, their) in &theirs.properties {
            if !ours.properties.contains_key(name) {
                let described = ResolvedSchema::resolve(their).describe();
                let (class, message) = match direction.sent && theirs.required.contains(name) {
                    true => (
                        Class::Breaking,
                        format!("required property added: {described}"),
                    ),
                    false => (Class::Additive, format!("property added: {described}")),
                };
                self.record_added(class, their, &item.field(name).name, message);
            }
        }
        self.compare_additional_properties(ours, theirs, item, direction);
    }

    /// Compares whether a property is required.
    ///
    /// The generated types decode every response property as optional, so only requests are affected.
    fn compare_required(
        &mut self,
        node: &Node<'d>,
        required: [bool; 2],
        field: &RustItem,
        direction: Direction,
    ) {
        let (class, message) = match (required, direction.sent) {
            ([false, true], true) => (Class::Breaking, "now required in requests"),
            ([true, false], true) => (
                Class::Breaking,
                "now optional in requests; its Rust type becomes an `Option`",
            ),
            ([false, true], false) => (
                Class::Docs,
                "now required in responses; its Rust type remains optional",
            ),
            ([true, false], false) => (
                Class::Docs,
                "now optional in responses; its Rust type is already optional",
            ),
            _ => return,
        };
        self.record_changed(class, node, field, message.to_owned());
    }

    /// Compares `additionalProperties`; the generated types retain unknown properties in any case.
    fn compare_additional_properties(
        &mut self,
        ours: &SchemaFacts<'d>,
        theirs: &SchemaFacts<'d>,
        item: &RustItem,
        direction: Direction,
    ) {
        match (
            ours.typed_additional_properties(),
            theirs.typed_additional_properties(),
        ) {
            (Some(ours), Some(theirs)) => {
                self.compare_schemas(&ours, &theirs, &item.nested("extra"), direction);
            }
            (None, None) if ours.is_closed() == theirs.is_closed() => {}
            _ => {
                let (ours, theirs) = (
                    ours.additional_properties.clone(),
                    theirs.additional_properties.clone(),
                );
                self.compare_annotation("unknown properties", ours, theirs, item);
            }
        }
    }
}
