//! Comparison of schemas: types first, and nested elements only if the types are equal.

use serde_json::Value;

use super::uses::Direction;
use super::{Comparison, class_of};
use crate::drift::kind::SchemaKind;
use crate::drift::node::Node;
use crate::drift::report::{ChangeKind, Class};
use crate::drift::rust_item::RustItem;
use crate::drift::schema::{ResolvedSchema, SchemaFacts, describe, merged_kind};

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
    /// A schema without a Rust type of its own, such as a string or an array, is the same inline and by
    /// reference. A struct or an enumeration is not: its Rust name changes with that of the schema.
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
        if let (Some(name), Some(their_name)) = (our.name.as_deref(), their.name.as_deref())
            && name == their_name
            && self.our_types.all.contains_key(name)
            && self.their_types.all.contains_key(name)
        {
            // Compared once, as a type.
            return self.compare_annotations(&our, &their, item);
        }
        let (our_facts, their_facts) = (our.facts(), their.facts());
        if our_facts.kind != their_facts.kind {
            return self.record_type_change(ours, theirs, item);
        }
        let rust_type = |schema: &ResolvedSchema<'d>| {
            let name = schema.name.as_deref();
            name.map(|name| self.overlaid.rust_type(name))
        };
        let item = item.with_type_names(rust_type(&our), rust_type(&their));
        if our_facts.kind.has_name() && item.inner != item.their_inner {
            let names = format!("{} -> {}", item.inner, item.their_inner);
            if our.name.is_some() && their.name.is_some() {
                // Two types, of which one is reported as removed or the other one as added.
                let message = format!("type changed: {names}");
                return self.record_changed(Class::Breaking, ours, &item, message);
            }
            let message = format!("type renamed: {names}");
            self.record_changed(Class::Breaking, ours, &item, message);
        }
        let direction = match &our.name {
            // A type has all directions of its uses; a scalar is no type.
            Some(name) if !our_facts.kind.is_scalar() => self.directions.get(name),
            _ => direction,
        };
        let pair = (
            our.schema.pointer.clone(),
            their.schema.pointer.clone(),
            item.name.clone(),
        );
        // The name of an inline type grows with each level, so that it does not end a recursion.
        let nested = (pair.0.clone(), pair.1.clone());
        if !self.enclosing_pairs.contains(&nested) && self.compared_pairs.insert(pair) {
            self.enclosing_pairs.push(nested);
            self.compare_annotations(&our, &their, &item);
            self.compare_facts(ours, (&our_facts, &their_facts), &item, direction);
            self.enclosing_pairs.pop();
        }
    }

    /// Compares two named types.
    pub(super) fn compare_named(
        &mut self,
        ours: &Node<'d>,
        theirs: &Node<'d>,
        item: &RustItem,
        direction: Direction,
    ) {
        let (our, their) = (SchemaFacts::collect(ours), SchemaFacts::collect(theirs));
        if our.kind != their.kind {
            return self.record_type_change(ours, theirs, item);
        }
        let resolve = ResolvedSchema::resolve;
        self.compare_annotations(&resolve(ours), &resolve(theirs), item);
        self.compare_facts(ours, (&our, &their), item, direction);
    }

    /// Compares the facts of two schemas of the same kind.
    fn compare_facts(
        &mut self,
        node: &Node<'d>,
        (ours, theirs): (&SchemaFacts<'d>, &SchemaFacts<'d>),
        item: &RustItem,
        direction: Direction,
    ) {
        self.compare_limits(node, (ours, theirs), item, direction);
        match ours.kind {
            SchemaKind::Enum => self.compare_enum_values(ours, theirs, item),
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
            SchemaKind::Object => self.compare_properties(ours, theirs, item, direction),
            _ => {}
        }
    }

    /// Compares the values of an open enumeration, whose variants they are.
    fn compare_enum_values(
        &mut self,
        ours: &SchemaFacts<'d>,
        theirs: &SchemaFacts<'d>,
        item: &RustItem,
    ) {
        for (values, others, change) in [
            (&ours.values, &theirs.values, ChangeKind::Removed),
            (&theirs.values, &ours.values, ChangeKind::Added),
        ] {
            let unmatched = values
                .iter()
                .filter(|(value, _)| !others.contains_key(*value));
            for (value, node) in unmatched {
                let message = format!("enum value {change}: {value}");
                let variant = item.variant(value);
                self.record(class_of(change), change, node, &variant, message);
            }
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
            None => SchemaKind::Any.describe().to_owned(),
        };
        if let (Some(ours), Some(theirs)) = (ours, theirs) {
            return self.compare_schemas(ours, theirs, item, direction);
        }
        let kind = |node: &Option<Node<'d>>| match node {
            Some(node) => ResolvedSchema::resolve(node).facts().kind,
            None => SchemaKind::Any,
        };
        if kind(ours) != kind(theirs) {
            let message = format!(
                "element type changed: {} -> {}",
                describe(ours),
                describe(theirs)
            );
            self.record_changed(Class::Breaking, node, item, message);
        }
    }

    /// Compares the annotations of a schema and its wrappers.
    ///
    /// Nullability is an annotation here: every Rust type is optional.
    fn compare_annotations(
        &mut self,
        our: &ResolvedSchema<'d>,
        their: &ResolvedSchema<'d>,
        item: &RustItem,
    ) {
        let is_type = |schema: &ResolvedSchema<'d>| {
            let name = schema.name.as_deref();
            name.is_some_and(|name| self.our_types.all.contains_key(name))
        };
        let is_compared_as_type = our.name == their.name && is_type(our);
        let annotation = |schema: &ResolvedSchema<'d>, key: &str| {
            let own = Some(&schema.schema).filter(|_| !is_compared_as_type);
            let mut nodes = schema.wrappers.iter().chain(own);
            nodes
                .find_map(|node| node.get(key))
                .filter(|node| is_meaningful(key, node))
        };
        for key in ANNOTATIONS {
            self.compare_annotation(key, annotation(our, key), annotation(their, key), item);
        }
        let node = our.wrappers.first().unwrap_or(&our.schema);
        let subject = match node.pointer.rsplit('/').next() {
            Some("items") => "items are ",
            Some("additionalProperties") => "values are ",
            _ => "",
        };
        let change = match [our, their].map(|schema| annotation(schema, "nullable").is_some()) {
            [true, false] => "no longer",
            [false, true] => "now",
            _ => return,
        };
        let message = format!("{subject}{change} nullable; the Rust type is unaffected");
        self.record_changed(Class::Docs, &node.clone(), item, message);
    }

    fn record_type_change(&mut self, ours: &Node<'d>, theirs: &Node<'d>, item: &RustItem) {
        let message = format!("type changed: {} -> {}", describe(ours), describe(theirs));
        self.record_changed(Class::Breaking, ours, item, message);
    }

    fn compare_properties(
        &mut self,
        ours: &SchemaFacts<'d>,
        theirs: &SchemaFacts<'d>,
        item: &RustItem,
        direction: Direction,
    ) {
        for (name, schemas) in &ours.properties {
            let Some(our) = schemas.first() else { continue };
            let field = item.field(name, self.overlaid.chosen_name(&our.pointer));
            match theirs.properties.get(name) {
                Some(their_schemas) => {
                    self.compare_property(schemas, their_schemas, &field, direction);
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
        for (name, schemas) in &theirs.properties {
            if let Some(their) = schemas.first()
                && !ours.properties.contains_key(name)
            {
                let (class, required) = match direction.sent && theirs.required.contains(name) {
                    true => (Class::Breaking, "required "),
                    false => (Class::Additive, ""),
                };
                let message = format!("{required}property added: {}", describe(their));
                let field = item.field(name, None);
                self.record(class, ChangeKind::Added, their, &field.name, message);
            }
        }
        self.compare_unknown_properties(ours, theirs, item, direction);
    }

    /// Compares the schemas that the parts of a composition give a property: usually one.
    fn compare_property(
        &mut self,
        ours: &[Node<'d>],
        theirs: &[Node<'d>],
        field: &RustItem,
        direction: Direction,
    ) {
        let ([our, ..], [their, ..]) = (ours, theirs) else {
            return;
        };
        let kinds = (merged_kind(ours), merged_kind(theirs));
        if kinds == (None, None) {
            return self.compare_schemas(our, their, field, direction);
        }
        let kind = |merged: Option<SchemaKind>, node: &Node<'d>| {
            merged.unwrap_or_else(|| ResolvedSchema::resolve(node).facts().kind)
        };
        let describe = |merged: Option<SchemaKind>, node: &Node<'d>| match merged {
            Some(kind) => kind.describe().to_owned(),
            None => describe(node),
        };
        if kind(kinds.0, our) != kind(kinds.1, their) {
            let message = format!(
                "type changed: {} -> {}",
                describe(kinds.0, our),
                describe(kinds.1, their)
            );
            self.record_changed(Class::Breaking, our, field, message);
        }
    }

    /// Compares whether a property is required.
    ///
    /// Every field is optional; the required ones of a request are the arguments of `new`.
    fn compare_required(
        &mut self,
        node: &Node<'d>,
        required: [bool; 2],
        field: &RustItem,
        direction: Direction,
    ) {
        let (class, message) = match (required, direction.sent) {
            ([false, true], true) if self.is_hidden(node) => {
                let message = "now required in requests, but the overlay removes it from the types";
                let (kind, message) = (ChangeKind::Changed, message.to_owned());
                return self.record_effective(node, kind, &field.name, message);
            }
            ([false, true], true) => (
                Class::Breaking,
                "now required in requests; `new` gains an argument",
            ),
            ([true, false], true) => (
                Class::Breaking,
                "now optional in requests; `new` loses an argument",
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

    /// Compares `additionalProperties`. Types that are received retain unknown properties in any case;
    /// one that is only sent has the field `extra` if the document mentions them.
    fn compare_unknown_properties(
        &mut self,
        ours: &SchemaFacts<'d>,
        theirs: &SchemaFacts<'d>,
        item: &RustItem,
        direction: Direction,
    ) {
        let (our, their) = (&ours.additional_properties, &theirs.additional_properties);
        let has_extra = !direction.received && self.overlay_keeps(our);
        let typed = |facts: &SchemaFacts<'d>| Some(describe(&facts.typed_additional_properties()?));
        match (ours.is_open(), theirs.is_open(), our) {
            (true, false, Some(our)) if has_extra => {
                let message =
                    "unknown properties are no longer allowed; the field `extra` is removed";
                self.record_changed(Class::Breaking, our, item, message.to_owned());
            }
            _ if is_default(our) && is_default(their) => {}
            // The fragment's descriptions are its own.
            _ if typed(ours).is_some() && typed(ours) == typed(theirs) => {}
            _ => self.compare_annotation("unknown properties", our.clone(), their.clone(), item),
        }
    }

    /// Returns whether the overlay leaves an element as it is.
    fn overlay_keeps(&self, node: &Option<Node<'d>>) -> bool {
        let node = node.as_ref();
        node.is_some_and(|node| self.overlaid.overlaid().pointer(&node.pointer) == Some(node.value))
    }
}

/// Returns whether the keyword's value has an effect.
fn is_meaningful(key: &str, node: &Node<'_>) -> bool {
    !BOOLEAN_FLAGS.contains(&key) || *node.value == Value::Bool(true)
}

/// Returns whether `additionalProperties` allows any value, which it does by default.
fn is_default(additional_properties: &Option<Node<'_>>) -> bool {
    match additional_properties.as_ref().map(|node| node.value) {
        None | Some(Value::Bool(true)) => true,
        Some(value) => value.as_object().is_some_and(|object| object.is_empty()),
    }
}
