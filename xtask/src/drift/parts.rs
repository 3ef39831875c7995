//! Parts of a composition, and the kind of Rust type that they generate together.
//!
//! These are the generator's rules: a composition of objects is one struct with the properties of all
//! parts, whether each value has all of them (`allOf`) or some (`oneOf`, `anyOf`); any other has the type
//! that its parts share, or is an arbitrary JSON value. A discriminator has no effect.

use serde_json::{Map, Value, json};

use super::kind::{SchemaKind, shared_kind};
use super::node::Node;

/// Keywords of a composition, whose values are lists of schemas.
pub(super) const COMPOSITIONS: [&str; 3] = ["allOf", "anyOf", "oneOf"];

/// Keywords that determine a type.
const TYPE_KEYWORDS: [&str; 9] = [
    "$ref",
    "additionalProperties",
    "allOf",
    "anyOf",
    "enum",
    "items",
    "oneOf",
    "properties",
    "type",
];

/// A schema and, recursively, the parts of its compositions.
#[derive(Debug)]
pub(super) struct Parts<'d> {
    /// The schema itself, and the parts that every value has.
    pub(super) certain: Vec<Node<'d>>,
    /// The parts of which a value has some.
    choices: Vec<Node<'d>>,
}

impl<'d> Parts<'d> {
    pub(super) fn of(schema: &Node<'d>) -> Self {
        let mut parts = Self {
            certain: Vec::new(),
            choices: Vec::new(),
        };
        parts.add(schema, true);
        parts
    }

    fn add(&mut self, schema: &Node<'d>, is_certain: bool) {
        let schema = schema.dereferenced();
        // Parts may contain each other.
        if self.all().any(|part| part.pointer == schema.pointer) {
            return;
        }
        match is_certain {
            true => self.certain.push(schema.clone()),
            false => self.choices.push(schema.clone()),
        }
        for key in COMPOSITIONS {
            let is_all = key == "allOf";
            for part in schema.items(key) {
                if is_all || !is_null_only(&part) {
                    self.add(&part, is_certain && is_all);
                }
            }
        }
    }

    fn all(&self) -> impl Iterator<Item = &Node<'d>> {
        self.certain.iter().chain(&self.choices)
    }

    /// Returns the kind of the Rust type.
    pub(super) fn kind(&self) -> SchemaKind {
        match self.certain.first() {
            Some(schema) if !is_composition(schema) => plain_kind(schema),
            _ if self.all().any(is_object) && self.others().is_empty() => SchemaKind::Object,
            _ if self.all().any(is_object) => SchemaKind::Any,
            _ => match &self.others()[..] {
                [only] => plain_kind(only),
                others => shared_kind(others.iter().map(|part| plain_kind(part))),
            },
        }
    }

    /// Returns the parts from which a type of this kind takes its properties, elements or values.
    pub(super) fn sources(&self, kind: SchemaKind) -> Vec<Node<'d>> {
        let is_plain = self
            .certain
            .first()
            .is_some_and(|schema| !is_composition(schema));
        match kind {
            _ if is_plain => self.certain.clone(),
            SchemaKind::Object => self.all().cloned().collect(),
            _ => match &self.others()[..] {
                [only] => vec![(*only).clone()],
                _ => Vec::new(),
            },
        }
    }

    /// Returns the parts that are not objects.
    fn others(&self) -> Vec<&Node<'d>> {
        let has_type = |part: &Node<'d>| {
            ["type", "enum", "items", "additionalProperties"]
                .iter()
                .any(|key| part.get(key).is_some())
        };
        let certain = self.certain.iter().filter(|part| has_type(part));
        // A choice without a type allows any value.
        let choices = self.choices.iter();
        let choices = choices.filter(|part| has_type(part) || !is_composition(part));
        certain
            .chain(choices)
            .filter(|part| !is_object(part))
            .collect()
    }
}

/// Returns the kind of a schema that is not a composition.
fn plain_kind(schema: &Node<'_>) -> SchemaKind {
    let has = |key: &str| schema.get(key).is_some();
    let values = schema.value.get("enum").and_then(Value::as_array);
    let declared = schema.text("type");
    if has("properties") {
        return SchemaKind::Object;
    }
    if let Some(values) = values {
        return enum_kind(declared, values);
    }
    match declared {
        Some("boolean") => SchemaKind::Boolean,
        Some("integer") => SchemaKind::Integer,
        Some("number") => SchemaKind::Number,
        Some("string") => SchemaKind::String,
        Some("array") => SchemaKind::Array,
        // An object without properties can gain some.
        Some("object") if schema.schema_name().is_some() && !is_map(schema) => SchemaKind::Object,
        Some("object") => SchemaKind::Map,
        None if has("items") => SchemaKind::Array,
        None if has("additionalProperties") => SchemaKind::Map,
        _ => SchemaKind::Any,
    }
}

/// Returns the kind of an enumeration: that of all its values, except for null.
fn enum_kind(declared: Option<&str>, values: &[Value]) -> SchemaKind {
    let values = || values.iter().filter(|value| !value.is_null());
    let all = |name: &str, is_of_kind: fn(&Value) -> bool| {
        declared.is_none_or(|declared| declared == name)
            && values().next().is_some()
            && values().all(is_of_kind)
    };
    // An integer is a number as well.
    match () {
        () if all("boolean", Value::is_boolean) => SchemaKind::Boolean,
        () if all("integer", Value::is_i64) => SchemaKind::Integer,
        () if all("number", Value::is_number) => SchemaKind::Number,
        () if all("string", Value::is_string) => SchemaKind::Enum,
        () => SchemaKind::Any,
    }
}

/// Returns whether an object without properties has arbitrary keys.
fn is_map(schema: &Node<'_>) -> bool {
    let additional = schema.value.get("additionalProperties");
    additional.is_some_and(|value| *value != json!(false))
}

fn is_object(part: &Node<'_>) -> bool {
    part.get("properties").is_some() || part.text("type") == Some("object")
}

fn is_composition(schema: &Node<'_>) -> bool {
    COMPOSITIONS.iter().any(|key| schema.get(key).is_some())
}

/// Returns whether a part of a composition has no effect on the type.
fn is_annotation(part: &Node<'_>) -> bool {
    let mut keys = part.value.as_object().into_iter().flat_map(Map::keys);
    !keys.any(|key| TYPE_KEYWORDS.contains(&key.as_str()) || key == "required")
}

/// Returns whether a part of a composition allows nothing but null.
pub(super) fn is_null_only(part: &Node<'_>) -> bool {
    let says_null = |key: &str| {
        let value = part.value.get(key);
        value.is_some_and(|value| *value == json!([null]) || *value == json!("null"))
    };
    says_null("enum") || says_null("type") || (part.is_true("nullable") && is_annotation(part))
}

/// Returns the reference in a composition of a single reference, which is how OpenAPI 3.0 annotates one.
pub(super) fn wrapped_reference<'d>(schema: &Node<'d>) -> Option<Node<'d>> {
    let mut keys = COMPOSITIONS
        .into_iter()
        .filter(|key| schema.get(key).is_some());
    let (Some(key), None) = (keys.next(), keys.next()) else {
        return None;
    };
    let has_type = ["properties", "enum", "additionalProperties", "items"]
        .iter()
        .any(|key| schema.get(key).is_some());
    let is_relevant = |part: &Node<'d>| match key {
        "allOf" => !is_annotation(part),
        _ => !is_null_only(part),
    };
    let mut parts = schema.items(key).into_iter().filter(is_relevant);
    match (parts.next(), parts.next()) {
        (Some(part), None) if !has_type && part.get("$ref").is_some() => Some(part),
        _ => None,
    }
}
