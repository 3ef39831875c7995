//! Semantic view of schemas, independent of the notation: inline, by reference, or composed.
//!
//! [`ResolvedSchema`] removes references; [`SchemaFacts`] merges the parts of a composition by the rules
//! of the generator. Two schemas with the same facts generate the same Rust type.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::kind::{SchemaKind, shared_kind};
use super::node::Node;
use super::parts::{COMPOSITIONS, Parts, is_null_only, wrapped_reference};
use crate::spec::CONSTRAINTS;

/// Maximum number of wrappers removed from a schema, which terminates cyclic references. Chosen: far
/// more than any schema in the upstream document has; not tuned.
const MAX_UNWRAP_DEPTH: usize = 16;

/// Maximum depth of the elements that a description includes, which terminates arrays that contain
/// themselves. Chosen: far more than any schema in the upstream document has; not tuned.
const MAX_DEPTH: usize = 8;

/// A schema without its references and wrappers.
#[derive(Debug)]
pub(super) struct ResolvedSchema<'d> {
    /// The name by which the schema was referenced last.
    pub(super) name: Option<String>,
    /// The removed references and compositions of a single reference, outermost first.
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
                None => match wrapped_reference(&resolved.schema) {
                    Some(reference) => reference,
                    None => break,
                },
            };
            resolved
                .wrappers
                .push(std::mem::replace(&mut resolved.schema, inner));
        }
        resolved
    }

    /// Collects the facts of the schema, including the constraints of its wrappers.
    pub(super) fn facts(&self) -> SchemaFacts<'d> {
        let mut facts = SchemaFacts::collect(&self.schema);
        for wrapper in &self.wrappers {
            facts.constraints.extend(constraints(wrapper));
            let parts = wrapper.items("allOf");
            facts.constraints.extend(parts.iter().flat_map(constraints));
        }
        facts
    }
}

/// All keywords of a schema, merged over the parts of its compositions.
#[derive(Debug)]
pub(super) struct SchemaFacts<'d> {
    pub(super) kind: SchemaKind,
    pub(super) format: Option<&'d str>,
    /// The values of an enumeration with their nodes; the order is insignificant.
    pub(super) values: BTreeMap<String, Node<'d>>,
    pub(super) constraints: BTreeMap<&'static str, Node<'d>>,
    pub(super) items: Option<Node<'d>>,
    /// The properties, each with the schemas that the parts give it.
    pub(super) properties: BTreeMap<&'d str, Vec<Node<'d>>>,
    pub(super) required: BTreeSet<&'d str>,
    /// The `additionalProperties` keyword.
    pub(super) additional_properties: Option<Node<'d>>,
    /// The descriptions of a union's variants, if it is not merged into a struct.
    pub(super) variants: BTreeMap<String, Node<'d>>,
}

impl<'d> SchemaFacts<'d> {
    pub(super) fn collect(schema: &Node<'d>) -> Self {
        let parts = Parts::of(schema);
        let kind = parts.kind();
        let sources = parts.sources(kind);
        let first = |key: &str| sources.iter().find_map(|part| part.get(key));
        let mut properties: BTreeMap<&'d str, Vec<Node<'d>>> = BTreeMap::new();
        for (name, property) in sources.iter().flat_map(|part| part.entries("properties")) {
            properties.entry(name).or_default().push(property);
        }
        let certain = || parts.certain.iter();
        Self {
            kind,
            format: certain().find_map(|part| part.text("format")),
            values: sources.iter().flat_map(enum_values).collect(),
            constraints: certain().flat_map(constraints).collect(),
            items: first("items"),
            properties,
            required: certain()
                .filter_map(|part| part.value.get("required")?.as_array())
                .flatten()
                .filter_map(Value::as_str)
                .collect(),
            additional_properties: first("additionalProperties"),
            variants: match kind {
                SchemaKind::Object => BTreeMap::new(),
                _ => certain()
                    .flat_map(|part| [part.items("oneOf"), part.items("anyOf")])
                    .flatten()
                    .filter(|variant| !is_null_only(variant))
                    .map(|variant| (describe(&variant), variant))
                    .collect(),
            },
        }
    }

    /// Returns the schema of additional properties, if it specifies one.
    pub(super) fn typed_additional_properties(&self) -> Option<Node<'d>> {
        self.additional_properties.clone().filter(is_typed)
    }

    /// Returns whether additional properties are mentioned and not forbidden.
    pub(super) fn is_open(&self) -> bool {
        self.additional_properties
            .as_ref()
            .is_some_and(|node| *node.value != json!(false))
    }
}

fn constraints<'d>(schema: &Node<'d>) -> impl Iterator<Item = (&'static str, Node<'d>)> {
    let schema = schema.clone();
    // `uniqueItems: false` has no effect.
    let is_effective = |node: &Node<'d>| *node.value != json!(false);
    CONSTRAINTS
        .into_iter()
        .filter_map(move |key| Some((key, schema.get(key).filter(is_effective)?)))
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

/// Describes the schema at a node for messages: its name, or its type.
pub(super) fn describe(node: &Node<'_>) -> String {
    describe_within(node, MAX_DEPTH)
}

fn describe_within(node: &Node<'_>, depth: usize) -> String {
    let resolved = ResolvedSchema::resolve(node);
    let parts = Parts::of(&resolved.schema);
    let kind = parts.kind();
    let named = resolved.name.filter(|_| kind.has_name());
    if let Some(name) = named {
        return name;
    }
    let is_union = || {
        COMPOSITIONS
            .iter()
            .any(|key| resolved.schema.get(key).is_some())
    };
    let word = match kind {
        SchemaKind::Any if is_union() => "union",
        kind => kind.describe(),
    };
    let format = parts.certain.iter().find_map(|part| part.text("format"));
    match (element(kind, &parts), format) {
        (Some(element), _) if depth > 0 => {
            format!("{word} of {}", describe_within(&element, depth - 1))
        }
        (None, Some(format)) if kind.is_scalar() => format!("{word} {format}"),
        _ => word.to_owned(),
    }
}

/// Returns the schema of the elements of an array or map, if it specifies one.
fn element<'d>(kind: SchemaKind, parts: &Parts<'d>) -> Option<Node<'d>> {
    let key = match kind {
        SchemaKind::Array => "items",
        SchemaKind::Map => "additionalProperties",
        _ => return None,
    };
    let found = parts.sources(kind).iter().find_map(|part| part.get(key));
    found.filter(is_typed)
}

fn is_typed(node: &Node<'_>) -> bool {
    node.value
        .as_object()
        .is_some_and(|object| !object.is_empty())
}

/// Returns the kind of a property to which several parts give different schemas; `None` if they agree.
///
/// The generator then chooses the type that they have in common, or an arbitrary JSON value.
pub(super) fn merged_kind(schemas: &[Node<'_>]) -> Option<SchemaKind> {
    let (first, others) = schemas
        .split_first()
        .filter(|(_, others)| !others.is_empty())?;
    let shape_of_first = shape(first);
    if others.iter().all(|other| shape(other) == shape_of_first) {
        return None;
    }
    let kinds = schemas
        .iter()
        .map(|schema| Parts::of(&ResolvedSchema::resolve(schema).schema).kind());
    Some(shared_kind(kinds))
}

/// Returns a text that two schemas of one document share if they generate the same Rust type.
pub(super) fn shape(node: &Node<'_>) -> String {
    shape_within(node, MAX_DEPTH)
}

fn shape_within(node: &Node<'_>, depth: usize) -> String {
    let resolved = ResolvedSchema::resolve(node);
    let parts = Parts::of(&resolved.schema);
    let kind = parts.kind();
    match element(kind, &parts) {
        _ if kind.has_name() => resolved.name.unwrap_or(resolved.schema.pointer),
        Some(element) if depth > 0 => {
            format!(
                "{} of {}",
                kind.describe(),
                shape_within(&element, depth - 1)
            )
        }
        _ => kind.describe().to_owned(),
    }
}
