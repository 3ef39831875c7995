//! Semantic view of schemas, independent of the notation: inline, by reference, or composed.
//!
//! [`ResolvedSchema`] removes references and `allOf` wrappers; [`SchemaFacts`] merges the parts of a
//! composition. Two schemas with the same facts generate the same Rust type.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::node::Node;
use crate::spec::{CONSTRAINTS, pointer};

/// Maximum number of wrappers removed from a schema, which terminates cyclic references. Chosen: far
/// more than any schema in the upstream document has; not tuned.
const MAX_UNWRAP_DEPTH: usize = 16;

/// Keywords that make a schema with an `allOf` more than a wrapper.
const STRUCTURAL_KEYWORDS: [&str; 9] = [
    "properties",
    "required",
    "additionalProperties",
    "items",
    "enum",
    "format",
    "oneOf",
    "anyOf",
    "not",
];

/// A schema without its references and wrappers.
#[derive(Debug)]
pub(super) struct ResolvedSchema<'d> {
    /// The name by which the schema was referenced last.
    pub(super) name: Option<String>,
    /// The removed references and `allOf` wrappers, outermost first.
    pub(super) wrappers: Vec<Node<'d>>,
    /// The innermost schema.
    pub(super) schema: Node<'d>,
}

impl<'d> ResolvedSchema<'d> {
    /// Removes references and wrappers: `{"allOf": [{"$ref": ...}]}` is equivalent to the reference.
    pub(super) fn resolve(node: &Node<'d>) -> Self {
        let mut resolved = Self {
            name: None,
            wrappers: Vec::new(),
            schema: node.clone(),
        };
        for _ in 0..MAX_UNWRAP_DEPTH {
            let inner = match resolved.schema.ref_target() {
                Some(target) => {
                    resolved.name = target.schema_name();
                    target
                }
                None => match &wrapped_schemas(&resolved.schema)[..] {
                    [only] => only.clone(),
                    _ => break,
                },
            };
            resolved
                .wrappers
                .push(std::mem::replace(&mut resolved.schema, inner));
        }
        resolved
    }

    /// Returns all names of the schema, including those of aliases.
    pub(super) fn names(&self) -> impl Iterator<Item = String> {
        let chain = self.wrappers.iter().chain([&self.schema]);
        chain.skip(1).filter_map(Node::schema_name)
    }

    /// Describes the schema for messages: its name, or its type.
    pub(super) fn describe(&self) -> String {
        match &self.name {
            Some(name) => name.clone(),
            None => SchemaFacts::collect(&self.schema).describe(),
        }
    }
}

/// Returns the parts of an `allOf` if the schema has no structural keyword or constraint of its own.
fn wrapped_schemas<'d>(node: &Node<'d>) -> Vec<Node<'d>> {
    let mut keys = STRUCTURAL_KEYWORDS.iter().chain(&CONSTRAINTS);
    if keys.any(|key| node.value.get(key).is_some()) {
        return Vec::new();
    }
    node.items("allOf")
}

/// Basic type of a value, which determines the kind of its Rust type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SchemaKind {
    Any,
    Boolean,
    Integer,
    Number,
    String,
    Array,
    /// An object with declared properties.
    Object,
    /// An object with arbitrary keys.
    Map,
    /// A `oneOf` or `anyOf` of several schemas.
    Union,
}

/// All keywords of a schema, merged over the parts of its `allOf`.
#[derive(Debug)]
pub(super) struct SchemaFacts<'d> {
    pub(super) kind: SchemaKind,
    /// The names of the composed parts.
    pub(super) names: Vec<String>,
    pub(super) format: Option<&'d str>,
    /// The values of an enum with their nodes; the order is insignificant.
    pub(super) enum_values: Option<BTreeMap<String, Node<'d>>>,
    pub(super) constraints: BTreeMap<&'static str, Node<'d>>,
    pub(super) items: Option<Node<'d>>,
    pub(super) properties: BTreeMap<&'d str, Node<'d>>,
    pub(super) required: BTreeSet<&'d str>,
    /// The `additionalProperties` keyword.
    pub(super) additional_properties: Option<Node<'d>>,
    /// The variants of a union, by schema name, or by keyword and index.
    pub(super) variants: BTreeMap<String, Node<'d>>,
}

impl<'d> SchemaFacts<'d> {
    pub(super) fn collect(schema: &Node<'d>) -> Self {
        let mut parts = Vec::new();
        collect_parts(schema, &mut parts);
        let first = |key: &str| parts.iter().find_map(|part| part.get(key));
        let all = |key: &str| parts.iter().flat_map(|part| part.entries(key)).collect();
        let mut facts = Self {
            kind: SchemaKind::Any,
            names: parts.iter().skip(1).filter_map(Node::schema_name).collect(),
            format: parts.iter().find_map(|part| part.text("format")),
            enum_values: first("enum").map(|_| parts.iter().flat_map(enum_values).collect()),
            constraints: CONSTRAINTS
                .into_iter()
                .filter_map(|key| Some((key, first(key).filter(|node| is_effective(node.value))?)))
                .collect(),
            items: first("items"),
            properties: all("properties"),
            required: parts
                .iter()
                .filter_map(|part| part.value.get("required")?.as_array())
                .flatten()
                .filter_map(Value::as_str)
                .collect(),
            additional_properties: first("additionalProperties"),
            variants: parts
                .iter()
                .flat_map(|part| [part.items("oneOf"), part.items("anyOf")])
                .flatten()
                .map(|variant| (variant_key(&variant), variant))
                .collect(),
        };
        let declared = parts.iter().find_map(|part| part.text("type"));
        facts.kind = facts.derive_kind(declared);
        facts
    }

    fn derive_kind(&self, declared: Option<&str>) -> SchemaKind {
        match declared {
            Some("boolean") => SchemaKind::Boolean,
            Some("integer") => SchemaKind::Integer,
            Some("number") => SchemaKind::Number,
            Some("string") => SchemaKind::String,
            Some("array") => SchemaKind::Array,
            _ if !self.properties.is_empty() => SchemaKind::Object,
            _ if !self.variants.is_empty() => SchemaKind::Union,
            Some("object") if self.is_closed() => SchemaKind::Object,
            Some("object") => SchemaKind::Map,
            _ if self.typed_additional_properties().is_some() => SchemaKind::Map,
            _ if self.items.is_some() => SchemaKind::Array,
            _ if self.enum_values.is_some() => SchemaKind::String,
            _ => SchemaKind::Any,
        }
    }

    /// Returns the schema of additional properties, if it specifies one.
    pub(super) fn typed_additional_properties(&self) -> Option<Node<'d>> {
        let is_typed = |node: &&Node<'d>| node.value.as_object().is_some_and(|o| !o.is_empty());
        self.additional_properties
            .as_ref()
            .filter(is_typed)
            .cloned()
    }

    /// Returns whether additional properties are forbidden.
    pub(super) fn is_closed(&self) -> bool {
        self.additional_properties
            .as_ref()
            .is_some_and(|node| *node.value == json!(false))
    }

    /// Describes the type for messages, one level deep.
    pub(super) fn describe(&self) -> String {
        let element = |node: &Option<Node<'d>>| match node {
            Some(node) => format!(" of {}", describe(node)),
            None => String::new(),
        };
        let word = match self.kind {
            SchemaKind::Any => "any value",
            SchemaKind::Boolean => "boolean",
            SchemaKind::Integer => "integer",
            SchemaKind::Number => "number",
            SchemaKind::String if self.enum_values.is_some() => "enum",
            SchemaKind::String => "string",
            SchemaKind::Array => return format!("array{}", element(&self.items)),
            SchemaKind::Object => "object",
            SchemaKind::Map => {
                return format!("map{}", element(&self.typed_additional_properties()));
            }
            SchemaKind::Union => "union",
        };
        match self.format {
            Some(format) => format!("{word} {format}"),
            None => word.to_owned(),
        }
    }
}

/// Returns whether a constraint has an effect: `uniqueItems: false` has none.
fn is_effective(value: &Value) -> bool {
    *value != json!(false)
}

fn collect_parts<'d>(schema: &Node<'d>, parts: &mut Vec<Node<'d>>) {
    if parts.iter().any(|part| part.pointer == schema.pointer) {
        return;
    }
    parts.push(schema.clone());
    for part in schema.items("allOf") {
        collect_parts(&ResolvedSchema::resolve(&part).schema, parts);
    }
}

/// Lists enum values. Null is skipped: it expresses nullability, not a variant.
fn enum_values<'d>(part: &Node<'d>) -> Vec<(String, Node<'d>)> {
    let values = part.items("enum").into_iter();
    values
        .filter(|node| !node.value.is_null())
        .map(|node| {
            let text = node.value.as_str().map(str::to_owned);
            (text.unwrap_or_else(|| node.value.to_string()), node)
        })
        .collect()
}

/// Describes the schema at a node for messages.
pub(super) fn describe(node: &Node<'_>) -> String {
    ResolvedSchema::resolve(node).describe()
}

/// Returns the key that identifies a `oneOf` variant: its schema name, or its keyword and index.
fn variant_key(variant: &Node<'_>) -> String {
    let inline = || {
        let segments = pointer::segments(&variant.pointer);
        segments[segments.len().saturating_sub(2)..].join("/")
    };
    ResolvedSchema::resolve(variant).name.unwrap_or_else(inline)
}
