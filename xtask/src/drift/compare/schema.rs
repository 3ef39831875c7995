//! Comparison of schemas: types first, and nested elements only if the types are equal.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{Comparison, Direction, class_of, is_equal};
use crate::drift::node::Node;
use crate::drift::report::{ChangeKind, Class};
use crate::drift::rust_item::{self, RustItem};
use crate::drift::schema::{ResolvedSchema, SchemaFacts, SchemaKind, describe};

/// Keywords for which an explicit `false` equals absence.
const BOOLEAN_FLAGS: [&str; 4] = ["deprecated", "nullable", "readOnly", "writeOnly"];

/// Annotation keywords, which the generator ignores.
const ANNOTATIONS: [&str; 7] = [
    "title",
    "example",
    "default",
    "deprecated",
    "readOnly",
    "writeOnly",
    "discriminator",
];

impl<'d> Comparison<'d> {
    /// Compares two schemas at corresponding nodes.
    ///
    /// An inline schema equals a named one with the same facts. Two different names are two Rust
    /// types, even if their schemas are equal.
    pub(super) fn compare_schemas(
        &mut self,
        ours: &Node<'d>,
        theirs: &Node<'d>,
        item: &RustItem,
        direction: Direction,
    ) {
        let (our, their) = (
            ResolvedSchema::resolve(ours),
            ResolvedSchema::resolve(theirs),
        );
        let same_name = our.name == their.name && our.name.is_some();
        if !same_name && our.name.is_some() && their.name.is_some() {
            return self.record_type_change(&our, &their, ours, item);
        }
        if same_name {
            self.matched_names.extend(our.names().chain(their.names()));
            return self.compare_annotations(&our, &their, item);
        }
        let pointers = (our.schema.pointer.clone(), their.schema.pointer.clone());
        if self.compared_pairs.insert(pointers) {
            let item = match &our.name {
                Some(name) => RustItem {
                    inner: self.overlaid.rust_type(name).inner,
                    name: item.name.clone(),
                },
                None => item.clone(),
            };
            self.compare_facts(&our, &their, ours, &item, direction);
        }
    }

    fn compare_facts(
        &mut self,
        our: &ResolvedSchema<'d>,
        their: &ResolvedSchema<'d>,
        node: &Node<'d>,
        item: &RustItem,
        direction: Direction,
    ) {
        let (ours, theirs) = (
            SchemaFacts::collect(&our.schema),
            SchemaFacts::collect(&their.schema),
        );
        if ours.kind != theirs.kind
            || ours.enum_values.is_some() != theirs.enum_values.is_some()
            || rust_item::scalar_type(&ours) != rust_item::scalar_type(&theirs)
        {
            return self.record_type_change(our, their, node, item);
        }
        self.matched_names.extend(our.names().chain(their.names()));
        self.matched_names
            .extend(ours.names.iter().chain(&theirs.names).cloned());
        self.compare_annotations(our, their, item);
        if ours.format != theirs.format {
            let display = |format: Option<&'d str>| format.unwrap_or("none");
            let message = format!(
                "format: {} -> {}; the Rust type is unaffected",
                display(ours.format),
                display(theirs.format)
            );
            self.record_changed(Class::Docs, node, item, message);
        }
        self.compare_constraints(&ours, &theirs, item, direction);
        if let (Some(ours), Some(theirs)) = (&ours.enum_values, &theirs.enum_values) {
            // Generated enums are open, so that a new value is not breaking. The variant of a removed
            // one is removed.
            for (nodes, others, change) in [
                (ours, theirs, ChangeKind::Removed),
                (theirs, ours, ChangeKind::Added),
            ] {
                for (value, node) in nodes
                    .iter()
                    .filter(|(value, _)| !others.contains_key(*value))
                {
                    let message = format!("enum value {change}: {value}");
                    self.record(
                        class_of(change),
                        change,
                        node,
                        &item.variant(value),
                        message,
                    );
                }
            }
        }
        match ours.kind {
            SchemaKind::Array => {
                let inner = item.nested("item");
                self.compare_elements(&ours.items, &theirs.items, node, &inner, direction);
            }
            SchemaKind::Map => {
                let inner = item.nested("value");
                let (ours, theirs) = (
                    ours.typed_additional_properties(),
                    theirs.typed_additional_properties(),
                );
                self.compare_elements(&ours, &theirs, node, &inner, direction);
            }
            SchemaKind::Object => self.compare_properties(&ours, &theirs, item, direction),
            SchemaKind::Union => self.compare_variants(&ours, &theirs, item, direction),
            _ => {}
        }
    }

    /// Compares the element schemas of arrays or maps, which may be untyped.
    fn compare_elements(
        &mut self,
        ours: &Option<Node<'d>>,
        theirs: &Option<Node<'d>>,
        node: &Node<'d>,
        item: &RustItem,
        direction: Direction,
    ) {
        let describe = |node: &Option<Node<'d>>| match node {
            Some(node) => describe(node),
            None => "any value".to_owned(),
        };
        match (ours, theirs) {
            (Some(ours), Some(theirs)) => self.compare_schemas(ours, theirs, item, direction),
            (None, None) => {}
            _ => {
                let message = format!(
                    "element type changed: {} -> {}",
                    describe(ours),
                    describe(theirs)
                );
                self.record_changed(Class::Breaking, node, item, message);
            }
        }
    }

    fn compare_variants(
        &mut self,
        ours: &SchemaFacts<'d>,
        theirs: &SchemaFacts<'d>,
        item: &RustItem,
        direction: Direction,
    ) {
        let described = |_: &String, variant: &Node<'d>, change| {
            // The generated Rust enum for a union is closed.
            let class = match change {
                ChangeKind::Added if direction.received => Class::Breaking,
                change => class_of(change),
            };
            (
                class,
                format!("union variant {change}: {}", describe(variant)),
            )
        };
        for (_, our, their) in self.match_entries(&ours.variants, &theirs.variants, item, described)
        {
            self.compare_schemas(our, their, &item.nested("variant"), direction);
        }
    }

    /// Compares the annotations of a schema and its wrappers.
    ///
    /// Nullability is an annotation here: the overlay determines it for the generated types.
    fn compare_annotations(
        &mut self,
        our: &ResolvedSchema<'d>,
        their: &ResolvedSchema<'d>,
        item: &RustItem,
    ) {
        let named = our.name.is_some() && our.name == their.name;
        let annotation = |schema: &ResolvedSchema<'d>, key: &str| {
            // A schema with the same name in both documents is compared once, as a component.
            let own = Some(&schema.schema).filter(|_| !named);
            let mut nodes = schema.wrappers.iter().chain(own);
            nodes
                .find_map(|node| node.get(key))
                .filter(|node| is_meaningful(key, node))
        };
        for key in ANNOTATIONS {
            self.compare_annotation(key, annotation(our, key), annotation(their, key), item);
        }
        let node = our.wrappers.first().unwrap_or(&our.schema);
        let message = match [our, their].map(|schema| annotation(schema, "nullable").is_some()) {
            [true, false] => "no longer nullable; the overlay determines the Rust type",
            [false, true] => "now nullable; the overlay determines the Rust type",
            _ => return,
        };
        self.record_changed(Class::Docs, &node.clone(), item, message.to_owned());
    }

    fn record_type_change(
        &mut self,
        our: &ResolvedSchema<'d>,
        their: &ResolvedSchema<'d>,
        node: &Node<'d>,
        item: &RustItem,
    ) {
        let message = format!("type changed: {} -> {}", our.describe(), their.describe());
        self.record_changed(Class::Breaking, node, item, message);
    }

    /// Compares the constraints of two schemas of the same type.
    ///
    /// A stricter constraint may cause requests to be rejected. Responses are decoded without checking
    /// constraints.
    fn compare_constraints(
        &mut self,
        ours: &SchemaFacts<'d>,
        theirs: &SchemaFacts<'d>,
        item: &RustItem,
        direction: Direction,
    ) {
        let keys: BTreeSet<&str> = ours
            .constraints
            .keys()
            .chain(theirs.constraints.keys())
            .copied()
            .collect();
        for key in keys {
            let (our, their) = (ours.constraints.get(key), theirs.constraints.get(key));
            match their.filter(|their| is_stricter(key, our.map(|our| our.value), their.value)) {
                Some(their) if direction.sent => {
                    let before = our.map_or("none".to_owned(), |our| our.value.to_string());
                    let message =
                        format!("stricter {key} in requests: {before} -> {}", their.value);
                    let (node, change) = match our {
                        Some(our) => (our, ChangeKind::Changed),
                        None => (their, ChangeKind::Added),
                    };
                    self.record(Class::Breaking, change, node, &item.name, message);
                }
                _ => self.compare_annotation(key, our.cloned(), their.cloned(), item),
            }
        }
    }

    fn compare_properties(
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
                    let message = format!("property removed: {}", describe(our));
                    let class = Class::Breaking;
                    self.record(class, ChangeKind::Removed, our, &field.name, message);
                }
            }
        }
        for (name, their) in &theirs.properties {
            if !ours.properties.contains_key(name) {
                let (class, required) = match direction.sent && theirs.required.contains(name) {
                    true => (Class::Breaking, "required "),
                    false => (Class::Additive, ""),
                };
                let message = format!("{required}property added: {}", describe(their));
                let field = item.field(name);
                self.record(class, ChangeKind::Added, their, &field.name, message);
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

/// Returns whether the keyword's value has an effect.
fn is_meaningful(key: &str, node: &Node<'_>) -> bool {
    !BOOLEAN_FLAGS.contains(&key) || *node.value == Value::Bool(true)
}

/// Returns whether the new constraint may reject a value that the old one accepted.
fn is_stricter(key: &str, before: Option<&Value>, after: &Value) -> bool {
    let Some(before) = before else { return true };
    match (before.as_f64(), after.as_f64()) {
        (Some(before), Some(after)) if key.starts_with("max") => after < before,
        (Some(before), Some(after)) if key.starts_with("min") => after > before,
        _ => !is_equal(before, after),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn constraint_is_stricter_if_it_rejects_more_values() {
        assert!(is_stricter("maxLength", Some(&json!(9)), &json!(8)));
        assert!(!is_stricter("maxLength", Some(&json!(9)), &json!(10)));
        assert!(is_stricter("minimum", Some(&json!(0)), &json!(0.5)));
        assert!(!is_stricter("minimum", Some(&json!(0)), &json!(-1)));
        assert!(is_stricter("pattern", Some(&json!("a")), &json!("b")));
        assert!(is_stricter("pattern", None, &json!("b")));
    }
}
