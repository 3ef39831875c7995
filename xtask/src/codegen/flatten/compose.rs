//! Turns compositions into plain schemas.
//!
//! A response is decoded leniently into optional properties, so that one object with the properties of
//! all parts holds whatever part the service sends, and needs no discriminator: the service's document
//! does not say which value of one stands for which schema. `allOf` and `oneOf` therefore differ in
//! the required properties only.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::{COMPOSITIONS, INLINE_IN, ORIGIN, Schemas, enum_texts, is_composition};
use crate::spec::SCHEMA_PREFIX;

/// Composes every named schema, and makes objects of those without properties.
pub(super) fn compose(schemas: &mut Schemas) {
    let composed: Vec<(String, Value)> = schemas
        .iter()
        .filter_map(|(name, schema)| Some((name.clone(), composed(name, schema, schemas)?)))
        .collect();
    schemas.extend(composed);
}

/// Returns the plain form of a schema; `None` if it is plain.
fn composed<'s>(name: &'s str, schema: &'s Value, schemas: &'s Schemas) -> Option<Value> {
    let has = |key: &str| schema.get(key).is_some();
    if !is_composition(schema) {
        // An object without properties can gain some. An object with arbitrary keys is a map.
        let is_empty_object = schema.get("type") == Some(&json!("object"))
            && !has("properties")
            && schema
                .get("additionalProperties")
                .is_none_or(|value| *value == json!(false));
        return is_empty_object.then(|| {
            let mut schema = schema.clone();
            schema["properties"] = json!({});
            schema
        });
    }
    let mut parts = Parts::of(name, schemas);
    parts.collect(schema, true);
    let mut plain = parts.into_plain(schema);
    for (key, value) in schema.as_object().into_iter().flatten() {
        if key == "description" || key.starts_with("x-rust-") {
            plain.insert(key.clone(), value.clone());
        }
    }
    Some(Value::Object(plain))
}

/// The parts of a composition, with those of their own compositions.
struct Parts<'s> {
    schemas: &'s Schemas,
    /// Names of the schemas that were collected, which end a cycle.
    visited: Vec<&'s str>,
    /// Whether any part is an object.
    has_object: bool,
    properties: BTreeMap<&'s str, Vec<&'s Value>>,
    required: Vec<&'s Value>,
    additional_properties: Vec<&'s Value>,
    /// Parts that are not objects.
    others: Vec<&'s Value>,
}

impl<'s> Parts<'s> {
    fn of(name: &'s str, schemas: &'s Schemas) -> Self {
        Self {
            schemas,
            visited: vec![name],
            has_object: false,
            properties: BTreeMap::new(),
            required: Vec::new(),
            additional_properties: Vec::new(),
            others: Vec::new(),
        }
    }

    /// Collects a part. `is_certain` says whether every value has it: it is not one of a choice.
    fn collect(&mut self, schema: &'s Value, is_certain: bool) {
        if let Some(target) = schema.get("$ref").and_then(Value::as_str) {
            let name = target.strip_prefix(SCHEMA_PREFIX).unwrap_or(target);
            if !self.visited.contains(&name)
                && let Some(named) = self.schemas.get(name)
            {
                self.visited.push(name);
                self.collect(named, is_certain);
            }
            return;
        }
        let properties = schema.get("properties").and_then(Value::as_object);
        for (name, property) in properties.into_iter().flatten() {
            self.properties.entry(name).or_default().push(property);
        }
        let is_object = schema.get("type") == Some(&json!("object"));
        let additional = schema.get("additionalProperties");
        if properties.is_some() || is_object {
            self.has_object = true;
            self.additional_properties.extend(additional);
        } else if ["type", "enum", "items", "additionalProperties"]
            .iter()
            .any(|key| schema.get(key).is_some())
            || (!is_certain && !is_composition(schema))
        {
            self.others.push(schema);
        }
        if is_certain {
            let required = schema.get("required").and_then(Value::as_array);
            self.required.extend(required.into_iter().flatten());
        }
        for key in COMPOSITIONS {
            let parts = schema.get(key).and_then(Value::as_array);
            let is_certain = is_certain && key == "allOf";
            for part in parts.into_iter().flatten() {
                self.collect(part, is_certain);
            }
        }
    }

    fn into_plain(self, schema: &Value) -> Map<String, Value> {
        let mut plain = Map::new();
        if !self.has_object {
            if let Some(shared) = shared_type(&self.others, schema) {
                plain = shared;
            }
            return plain;
        }
        if !self.others.is_empty() {
            return plain;
        }
        plain.insert("type".to_owned(), "object".into());
        let is_open = |additional: &&Value| **additional != json!(false);
        let open: Vec<&Value> = self
            .additional_properties
            .iter()
            .copied()
            .filter(is_open)
            .collect();
        if !open.is_empty() {
            plain.insert(
                "additionalProperties".to_owned(),
                merged(&open, self.schemas),
            );
            if self.properties.is_empty() {
                // A map stays a map.
                return plain;
            }
        }
        let properties = self
            .properties
            .into_iter()
            .map(|(name, variants)| (name.to_owned(), merged(&variants, self.schemas)));
        plain.insert("properties".to_owned(), Value::Object(properties.collect()));
        let mut required: Vec<Value> = Vec::new();
        for name in self.required {
            if !required.contains(name) {
                required.push(name.clone());
            }
        }
        if !required.is_empty() {
            plain.insert("required".to_owned(), Value::Array(required));
        }
        plain
    }
}

/// Merges the schemas that several parts give a property.
fn merged(variants: &[&Value], schemas: &Schemas) -> Value {
    let Some((first, rest)) = variants.split_first() else {
        return json!({});
    };
    let type_of = |schema: &Value| {
        let mut schema = schema.clone();
        if let Some(object) = schema.as_object_mut() {
            object.retain(|key, _| key != "description" && !key.starts_with("x-rust-"));
        }
        crate::spec::walk_mut(&mut schema, &mut |value| {
            if let Some(object) = value.as_object_mut() {
                object.retain(|key, _| key != ORIGIN && key != INLINE_IN);
            }
        });
        schema
    };
    if rest.iter().all(|other| type_of(other) == type_of(first)) {
        return (*first).clone();
    }
    let targets: Vec<&Value> = variants
        .iter()
        .map(|schema| dereferenced(schema, schemas))
        .collect();
    let mut merged = shared_type(&targets, first).unwrap_or_default();
    for (key, value) in first.as_object().into_iter().flatten() {
        if key == "description" || (key.starts_with("x-rust-") && key != INLINE_IN) {
            merged.insert(key.clone(), value.clone());
        }
    }
    Value::Object(merged)
}

fn dereferenced<'v>(schema: &'v Value, schemas: &'v Schemas) -> &'v Value {
    let mut target = schema;
    // A chain of aliases ends, or is a cycle.
    for _ in 0..schemas.len() {
        let name = target.get("$ref").and_then(Value::as_str);
        match name.and_then(|name| schemas.get(name.strip_prefix(SCHEMA_PREFIX)?)) {
            Some(next) => target = next,
            None => break,
        }
    }
    target
}

/// Returns the type that schemas other than objects have in common, as a schema.
fn shared_type(schemas: &[&Value], composition: &Value) -> Option<Map<String, Value>> {
    let kind = |schema: &&Value| match schema.get("type").and_then(Value::as_str) {
        _ if enum_texts(schema).is_some() => Some("string".to_owned()),
        kind => kind.map(str::to_owned),
    };
    // A part without a type, such as a limit, restricts the others.
    let typed: Vec<&Value> = schemas
        .iter()
        .copied()
        .filter(|schema| kind(schema).is_some() || composition.get("allOf").is_none())
        .collect();
    let kinds: Vec<String> = typed.iter().map(kind).collect::<Option<_>>()?;
    let (first, rest) = typed.split_first()?;
    let is_number = |kind: &String| kind == "number" || kind == "integer";
    let shared = match kinds.first()?.as_str() {
        // A single part keeps its items, values or enumeration.
        _ if rest.is_empty() => return first.as_object().cloned(),
        "integer" | "number" if kinds.iter().all(is_number) => {
            match kinds.iter().all(|kind| kind == "integer") {
                true => "integer",
                false => "number",
            }
        }
        shared @ ("string" | "boolean") if kinds.iter().all(|kind| kind == shared) => shared,
        _ => return None,
    };
    json!({ "type": shared }).as_object().cloned()
}
