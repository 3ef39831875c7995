//! Shapes of the values that a schema of a document describes, read from the document alone.
//!
//! The generator brings schemas into one form before it reads them. These shapes are independent of
//! that, so that a property which the generator loses is found.

use std::collections::{BTreeMap, BTreeSet};

use percent_encoding::percent_decode_str;
use serde_json::Value;

/// Values that a schema describes. Compositions are combined: `allOf`, `oneOf` and `anyOf` of objects
/// are one object with the properties of all parts.
#[derive(Debug, Default)]
pub(crate) struct Shape<'d> {
    /// Schemas by property, one for each part that declares it.
    pub(crate) properties: BTreeMap<&'d str, Vec<&'d Value>>,
    /// Schemas of the entries without a declared name.
    pub(crate) entries: Vec<&'d Value>,
    /// Schemas of the items.
    pub(crate) items: Vec<&'d Value>,
    /// Values of the enumerations of strings.
    pub(crate) texts: Vec<&'d str>,
    /// Values of other enumerations.
    pub(crate) values: Vec<&'d Value>,
    /// Kinds of JSON values.
    pub(crate) kinds: BTreeSet<Kind>,
    /// Number of the parts that were combined, without annotations and limits.
    pub(crate) parts: usize,
}

/// Kind of a JSON value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    /// An object.
    Object,
    /// An array.
    Array,
    /// A value of an enumeration of strings.
    EnumText,
    /// Any string.
    Text,
    /// An integer.
    Integer,
    /// A number.
    Number,
    /// A boolean.
    Boolean,
    /// Any value.
    Any,
}

impl Shape<'_> {
    /// Returns the kind of all values; [`Kind::Any`] if there are several.
    pub(crate) fn kind(&self) -> Kind {
        // Every integer is a number, and every value of an enumeration of strings is a string.
        let mut kinds = self.kinds.iter().filter(|kind| match kind {
            Kind::Integer => !self.kinds.contains(&Kind::Number),
            Kind::EnumText => !self.kinds.contains(&Kind::Text),
            _ => true,
        });
        match (kinds.next(), kinds.next()) {
            (Some(kind), None) => *kind,
            _ => Kind::Any,
        }
    }
}

/// Returns the shape of a schema, or of several that declare the same property.
pub(crate) fn shape<'d>(document: &'d Value, schemas: &[&'d Value]) -> Shape<'d> {
    let mut collector = Collector {
        document,
        visited: Vec::new(),
        shape: Shape::default(),
    };
    for schema in schemas {
        collector.collect(schema, schemas.len() == 1);
    }
    collector.shape
}

/// Follows a reference to its target, also within schemas and with escapes.
pub(crate) fn resolve<'d>(document: &'d Value, reference: &str) -> Option<&'d Value> {
    let pointer = percent_decode_str(reference.strip_prefix('#')?);
    document.pointer(&pointer.decode_utf8().ok()?)
}

struct Collector<'d> {
    document: &'d Value,
    /// Schemas that were collected, which end a cycle.
    visited: Vec<&'d Value>,
    shape: Shape<'d>,
}

impl<'d> Collector<'d> {
    /// Collects the values of a schema. One without a type restricts the other parts of an `allOf`, and
    /// is any value elsewhere.
    fn collect(&mut self, schema: &'d Value, is_any_without_type: bool) {
        if self
            .visited
            .iter()
            .any(|visited| std::ptr::eq(*visited, schema))
        {
            return;
        }
        self.visited.push(schema);
        if let Some(reference) = schema.get("$ref").and_then(Value::as_str) {
            if let Some(target) = resolve(self.document, reference) {
                self.collect(target, is_any_without_type);
            }
            return;
        }
        let before = self.shape.parts;
        self.collect_own(schema);
        let list = |key: &str| schema.get(key).and_then(Value::as_array);
        for part in list("allOf").into_iter().flatten() {
            self.collect(part, false);
        }
        for part in ["oneOf", "anyOf"].into_iter().filter_map(list).flatten() {
            // Such a part beside properties says which of them are required.
            let is_restriction = self.shape.parts > before && part.get("required").is_some();
            self.collect(part, !is_restriction);
        }
        let says_more = ["allOf", "oneOf", "anyOf", "enum"]
            .iter()
            .any(|key| list(key).is_some());
        if self.shape.parts == before && is_any_without_type && !says_more {
            self.add(Kind::Any);
        }
    }

    fn add(&mut self, kind: Kind) {
        self.shape.kinds.insert(kind);
        self.shape.parts += 1;
    }

    /// Collects the values of the schema itself, without those of its composition.
    fn collect_own(&mut self, schema: &'d Value) {
        let declared = schema.get("type").and_then(Value::as_str);
        if let Some(values) = schema.get("enum").and_then(Value::as_array) {
            self.collect_enum(values, declared);
            return;
        }
        match declared {
            Some("string") => self.add(Kind::Text),
            Some("integer") => self.add(Kind::Integer),
            Some("number") => self.add(Kind::Number),
            Some("boolean") => self.add(Kind::Boolean),
            Some("array") => self.collect_items(schema),
            None if schema.get("items").is_some() => self.collect_items(schema),
            _ => self.collect_object(schema, declared),
        }
    }

    fn collect_enum(&mut self, values: &'d [Value], declared: Option<&str>) {
        let texts: Vec<&str> = values.iter().filter_map(Value::as_str).collect();
        let others: Vec<&Value> = values
            .iter()
            .filter(|value| !value.is_string() && !value.is_null())
            .collect();
        match declared {
            Some("integer") => self.add(Kind::Integer),
            Some("number") => self.add(Kind::Number),
            Some("boolean") => self.add(Kind::Boolean),
            _ if !others.is_empty() => self.add(Kind::Any),
            // An enumeration without values, or of null alone.
            _ if texts.is_empty() => {}
            _ => self.add(Kind::EnumText),
        }
        match others.is_empty() {
            true => self.shape.texts.extend(texts),
            false => self
                .shape
                .values
                .extend(values.iter().filter(|value| !value.is_null())),
        }
    }

    fn collect_items(&mut self, schema: &'d Value) {
        self.add(Kind::Array);
        self.shape.items.extend(schema.get("items"));
    }

    fn collect_object(&mut self, schema: &'d Value, declared: Option<&str>) {
        let properties = schema.get("properties").and_then(Value::as_object);
        let entries = schema.get("additionalProperties");
        if properties.is_none() && entries.is_none() && declared != Some("object") {
            return;
        }
        self.add(Kind::Object);
        for (name, property) in properties.into_iter().flatten() {
            self.shape
                .properties
                .entry(name)
                .or_default()
                .push(property);
        }
        self.shape
            .entries
            .extend(entries.filter(|entries| **entries != Value::Bool(false)));
    }
}
