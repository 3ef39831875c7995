//! Builds the model of a document.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::cycles::box_cycles;
use super::directions::{Directions, is_operation, referenced_names};
use super::{Field, Method, Model, Struct, TypeItem, TypeKind, ValueType};
use crate::codegen::extensions::{EFFECT, ESSENTIAL, NAME, TYPE_NAME, VARIANT_NAMES};
use crate::codegen::flatten::{self, INLINE_IN, ORIGIN, Schemas, enum_texts, is_struct};
use crate::codegen::naming::{NameKind, name_scope};
use crate::codegen::operations::{self, Operation, Parameter, REQUEST, RESPONSE, ResponseContent};
use crate::codegen::overlay::Provenance;
use crate::error::{Error, Result};
use crate::spec::{SCHEMA_PREFIX, pointer};

/// Builds the model of a document.
pub fn build(provenance: &Provenance<'_>) -> Result<Model> {
    let operations = operations::read(provenance);
    let named = provenance.overlaid.pointer("/components/schemas");
    let mut schemas: Schemas = named
        .and_then(Value::as_object)
        .cloned()
        .unwrap_or_default();
    let mut edges = referenced_names(&schemas);
    schemas.extend(operations.schemas);
    let mut malformed = BTreeSet::new();
    let flat = flatten::flatten(provenance.overlaid, &schemas, &mut malformed);
    for (name, found) in referenced_names(&flat) {
        edges.entry(name).or_default().extend(found);
    }
    let mut builder = Builder {
        provenance,
        schemas: &flat,
        names: BTreeMap::new(),
        evaluated: BTreeSet::new(),
        notes: operations.skipped,
        errors: operations.errors,
    };
    builder.note_malformed(&malformed);
    builder.name_types();
    let directions = Directions::of(&flat, &edges);
    let mut types = builder.types(&directions);
    let methods = builder.methods(operations.operations);
    let responses = methods.iter().filter_map(|method| method.response.as_ref());
    let responses: BTreeSet<&str> = responses.filter_map(ValueType::as_named).collect();
    for item in &mut types {
        item.is_response = responses.contains(item.name.as_str());
    }
    builder.check_extensions();
    let Builder { errors, notes, .. } = builder;
    Error::fail_if_any(errors)?;
    box_cycles(&mut types);
    Ok(Model {
        types,
        methods,
        notes,
    })
}

pub(super) struct Builder<'a> {
    pub(super) provenance: &'a Provenance<'a>,
    schemas: &'a Schemas,
    /// Rust name of each type, by schema.
    names: BTreeMap<String, String>,
    /// Locations of the extensions that have an effect.
    pub(super) evaluated: BTreeSet<String>,
    pub(super) notes: Vec<Error>,
    pub(super) errors: Vec<Error>,
}

impl Builder<'_> {
    fn name_types(&mut self) {
        let schemas = self.schemas;
        let mut chosen = BTreeMap::new();
        for (key, schema) in schemas
            .iter()
            .filter(|(key, schema)| !is_operation(key, schema))
        {
            let extension = match schema.get(INLINE_IN) {
                Some(_) => TYPE_NAME,
                None => NAME,
            };
            let name = self.chosen_name(NameKind::Type, schema, extension);
            chosen.extend(name.map(|name| (key.clone(), name)));
        }
        self.check_unique(&chosen, |key| (&schemas[key], NAME));
        let texts: BTreeMap<&str, String> = schemas
            .iter()
            .filter(|(key, schema)| !is_operation(key, schema))
            .map(|(key, _)| (key.as_str(), text_of_type(schemas, &chosen, key)))
            .collect();
        let entries = texts.iter().map(|(key, text)| (*key, text.as_str()));
        let scope = name_scope(NameKind::Type, entries, &chosen);
        self.note_conflicts(&scope, |key| {
            let schema = &schemas[key];
            let extension = schema.get(INLINE_IN).map_or(NAME, |_| TYPE_NAME);
            (location(schema), extension)
        });
        self.names = scope.names;
    }

    fn types(&mut self, directions: &Directions) -> Vec<TypeItem> {
        let schemas = self.schemas;
        let mut types: Vec<TypeItem> = schemas
            .iter()
            .filter(|(key, schema)| !is_operation(key, schema))
            .filter_map(|(key, schema)| {
                let kind = match enum_texts(schema) {
                    Some(texts) => TypeKind::OpenEnum(self.variants(schema, &texts)),
                    None => TypeKind::Struct(self.structure(key, schema, directions)),
                };
                Some(TypeItem {
                    name: self.names.get(key)?.clone(),
                    schema: match schema.get(INLINE_IN) {
                        Some(_) => self.provenance.location_in_fragment(&location(schema)),
                        None => key.clone(),
                    },
                    description: text(schema, "description"),
                    kind,
                    is_response: false,
                })
            })
            .collect();
        types.sort_by(|one, other| one.name.cmp(&other.name));
        types
    }

    fn variants(&mut self, schema: &Value, texts: &[&str]) -> Vec<(String, String)> {
        let mut chosen = BTreeMap::new();
        let names = schema.get(VARIANT_NAMES).and_then(Value::as_object);
        for (value, name) in names.into_iter().flatten() {
            let extension = format!("{}/{VARIANT_NAMES}", location(schema));
            let pointer = pointer::join(&extension, value);
            self.evaluated.insert(extension);
            match name.as_str().filter(|name| NameKind::Variant.accepts(name)) {
                _ if !texts.contains(&value.as_str()) => {
                    let message = format!("{value:?} is not a value of the enumeration");
                    self.errors
                        .push(self.provenance.error_at(&pointer, message));
                }
                None => self.reject_name(&pointer, name, NameKind::Variant),
                Some(name) => {
                    chosen.insert(value.clone(), name.to_owned());
                }
            }
        }
        self.check_unique(&chosen, |_| (schema, VARIANT_NAMES));
        let scope = name_scope(
            NameKind::Variant,
            texts.iter().map(|text| (*text, *text)),
            &chosen,
        );
        self.note_conflicts(&scope, |_| (location(schema), VARIANT_NAMES));
        let named = texts
            .iter()
            .filter_map(|text| Some(((*text).to_owned(), scope.names.get(*text)?.clone())));
        named.collect()
    }

    fn structure(&mut self, key: &str, schema: &Value, directions: &Directions) -> Struct {
        let empty = Map::new();
        let properties = schema
            .get("properties")
            .and_then(Value::as_object)
            .unwrap_or(&empty);
        let mut chosen = BTreeMap::new();
        for (property, value) in properties {
            let name = self.chosen_name(NameKind::Field, value, NAME);
            chosen.extend(name.map(|name| (property.clone(), name)));
        }
        self.check_unique(&chosen, |property| (&properties[property], NAME));
        let entries = properties
            .keys()
            .map(|property| (property.as_str(), property.as_str()));
        let scope = name_scope(NameKind::Field, entries, &chosen);
        self.note_conflicts(&scope, |property| (location(&properties[property]), NAME));
        for value in properties.values() {
            let pointer = format!("{}/{ESSENTIAL}", location(value));
            self.evaluated.insert(pointer);
        }
        let required = schema.get("required").and_then(Value::as_array);
        let required: Vec<&str> = required
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        let fields = properties.iter().filter_map(|(property, value)| {
            Some(Field {
                name: scope.names.get(property)?.clone(),
                property: property.clone(),
                description: text(value, "description"),
                value: self.value_type(value),
                is_required: required.contains(&property.as_str()),
                is_essential: value.get(ESSENTIAL) == Some(&Value::Bool(true)),
                is_boxed: false,
            })
        });
        let is_sent = directions.sent.contains(key);
        let is_received = directions.received.contains(key);
        let additional = schema.get("additionalProperties");
        Struct {
            fields: fields.collect(),
            is_sent,
            is_received,
            is_open: is_received || additional.is_some_and(|value| *value != Value::Bool(false)),
        }
    }

    fn value_type(&self, schema: &Value) -> ValueType {
        let reference = schema.get("$ref").and_then(Value::as_str);
        if let Some(key) = reference.and_then(|reference| reference.strip_prefix(SCHEMA_PREFIX)) {
            let name = self.names.get(key);
            return name.map_or(ValueType::Any, |name| ValueType::Named(name.clone()));
        }
        let element = |key: &str| {
            let element = schema.get(key).filter(|element| element.is_object());
            Box::new(element.map_or(ValueType::Any, |element| self.value_type(element)))
        };
        let kind = schema.get("type").and_then(Value::as_str);
        match kind.unwrap_or_else(|| implied_type(schema)) {
            kind if !has_values_of(schema, kind) => ValueType::Any,
            "boolean" => ValueType::Boolean,
            "integer" => ValueType::Integer,
            "number" => ValueType::Number,
            "string" => ValueType::Text,
            "array" => ValueType::Array(element("items")),
            "object" => match *element("additionalProperties") {
                ValueType::Any => ValueType::AnyObject,
                value => ValueType::Map(Box::new(value)),
            },
            _ => ValueType::Any,
        }
    }

    fn methods(&mut self, operations: Vec<Operation>) -> Vec<Method> {
        let mut chosen = BTreeMap::new();
        for operation in &operations {
            for extension in [NAME, EFFECT] {
                let pointer = format!("{}/{extension}", operation.pointer);
                self.evaluated.insert(pointer);
            }
            if let Some(name) = &operation.chosen_name {
                let pointer = format!("{}/{NAME}", operation.pointer);
                match NameKind::Method.accepts(name) {
                    true => chosen.extend([(operation.id.clone(), name.clone())]),
                    false => self.reject_name(&pointer, &name.as_str().into(), NameKind::Method),
                }
            }
        }
        let pointers: BTreeMap<String, String> = operations
            .iter()
            .map(|operation| (operation.id.clone(), operation.pointer.clone()))
            .collect();
        let entries = pointers.keys().map(|id| (id.as_str(), id.as_str()));
        let scope = name_scope(NameKind::Method, entries, &chosen);
        self.note_conflicts(&scope, |id| (pointers[id].clone(), NAME));
        let methods = operations.into_iter().filter_map(|operation| {
            let name = scope.names.get(&operation.id)?.clone();
            self.method(name, operation)
        });
        methods.collect()
    }

    fn method(&mut self, name: String, operation: Operation) -> Option<Method> {
        let slots = self.schemas.get(&operations::schema_name(&operation.id))?;
        let slot = |slot: &str| Some(self.value_type(slots.get("properties")?.get(slot)?));
        let request = slot(REQUEST);
        let is_json = operation.response.content == ResponseContent::Json;
        let response = slot(RESPONSE).filter(|_| is_json);
        let entries = operation
            .parameters
            .iter()
            .map(|parameter| parameter.name.as_str());
        let scope = name_scope(
            NameKind::Parameter,
            entries.map(|name| (name, name)),
            &BTreeMap::new(),
        );
        let mut parameters = Vec::new();
        for parameter in &operation.parameters {
            let value =
                slot(&operations::parameter_slot(&parameter.name)).unwrap_or(ValueType::Text);
            if !self.is_sendable(parameter, &value) {
                let problem = format!(
                    "the {} parameter {:?} has no plain form",
                    parameter.location, parameter.name
                );
                let location = &operation.pointer;
                let report =
                    operations::skipped(self.provenance, location, "/parameters", &problem, None);
                self.notes.push(report);
                return None;
            }
            parameters.push((scope.names.get(&parameter.name)?.clone(), value));
        }
        Some(Method {
            name,
            operation,
            request,
            response,
            parameters,
        })
    }

    /// Returns whether a parameter of this type has one form only.
    fn is_sendable(&self, parameter: &Parameter, value: &ValueType) -> bool {
        match value {
            ValueType::Boolean | ValueType::Integer | ValueType::Number | ValueType::Text => true,
            ValueType::Named(name) => {
                self.names
                    .iter()
                    .filter(|(_, other)| *other == name)
                    .any(|(key, _)| {
                        self.schemas
                            .get(key)
                            .is_some_and(|schema| !is_struct(schema))
                    })
            }
            ValueType::Array(item) => {
                parameter.location == "query"
                    && !matches!(**item, ValueType::Array(_))
                    && self.is_sendable(parameter, item)
            }
            ValueType::Any | ValueType::AnyObject | ValueType::Map(_) => false,
        }
    }
}

/// Returns the text that a type is named after. That of an inline schema starts with the Rust name of what
/// encloses it.
fn text_of_type(schemas: &Schemas, chosen: &BTreeMap<String, String>, key: &str) -> String {
    if let Some(name) = chosen.get(key) {
        return name.clone();
    }
    let inline_in = schemas
        .get(key)
        .and_then(|schema| schema.get(INLINE_IN)?.as_array());
    match inline_in.map(Vec::as_slice) {
        Some([Value::String(enclosing), Value::String(role)]) => {
            let enclosing = text_of_type(schemas, chosen, enclosing);
            format!(
                "{}{role}",
                NameKind::Type.name(&enclosing).trim_end_matches('_')
            )
        }
        _ => key
            .strip_prefix(&operations::schema_name(""))
            .unwrap_or(key)
            .to_owned(),
    }
}

/// Returns the JSON pointer of a schema in the document.
pub(super) fn location(schema: &Value) -> String {
    text(schema, ORIGIN).unwrap_or_default()
}

fn text(schema: &Value, key: &str) -> Option<String> {
    Some(schema.get(key)?.as_str()?.to_owned())
}

/// Returns the type of a schema that does not state it.
fn implied_type(schema: &Value) -> &'static str {
    let has = |key: &str| schema.get(key).is_some();
    let types = ["boolean", "integer", "number", "string"];
    match schema.get("enum") {
        Some(_) => types
            .into_iter()
            .find(|kind| has_values_of(schema, kind))
            .unwrap_or(""),
        None if has("items") => "array",
        None if has("additionalProperties") => "object",
        None => "",
    }
}

/// Returns whether all values of an enumeration have a type; true for a schema that is none.
fn has_values_of(schema: &Value, kind: &str) -> bool {
    let Some(values) = schema.get("enum").and_then(Value::as_array) else {
        return true;
    };
    let mut values = values.iter().filter(|value| !value.is_null()).peekable();
    values.peek().is_some()
        && values.all(|value| match kind {
            "boolean" => value.is_boolean(),
            "integer" => value.is_i64(),
            "number" => value.is_number(),
            "string" => value.is_string(),
            "array" => value.is_array(),
            _ => false,
        })
}
