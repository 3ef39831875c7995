//! Renames schemas to Rust type names.
//!
//! progenitor derives type names from schema names. Renaming the schemas and their references
//! beforehand gives the overlay control over the names, and conflicts are found here, where the
//! file and the location at fault are known.

use std::collections::BTreeMap;

use heck::ToUpperCamelCase;
use serde_json::{Map, Value};

use super::flatten::INLINE_ORIGIN;
use super::open_enum;
use super::overlay::Provenance;
use crate::error::{Error, Result};
use crate::spec::{SCHEMA_PREFIX, walk_mut};

/// Extension that sets the Rust name of a schema.
pub(crate) const NAME: &str = "x-rust-name";

/// Renames every schema to its Rust name. Returns the previous names by Rust name.
pub(super) fn rename_schemas(
    provenance: &Provenance<'_>,
    document: &mut Value,
) -> Result<BTreeMap<String, String>> {
    let overlaid = document.clone();
    let Some(schemas) = document
        .pointer_mut("/components/schemas")
        .and_then(Value::as_object_mut)
    else {
        let file = match provenance.flattened.pointer("/components/schemas") {
            Some(_) => provenance.overlay,
            None => provenance.fragment,
        };
        return Err(Error::at(
            file,
            "/components/schemas",
            "the document has no schemas",
        ));
    };
    let mut names = BTreeMap::new();
    let mut old_names = BTreeMap::new();
    let mut renamed = Map::new();
    for old in schemas.keys().cloned().collect::<Vec<_>>() {
        let new = rust_name(provenance, &overlaid, schemas, &old)?;
        if !open_enum::is_valid_name(&new) || type_name(&new) != new {
            let message = format!("{new:?} is not a valid Rust type name; set another with {NAME}");
            return Err(name_error(provenance, &overlaid, schemas, &old, message));
        }
        if let Some(other) = old_names.insert(new.clone(), old.clone()) {
            // Report the schema with a name from the overlay: that name can be changed.
            let named = [&old, &other]
                .into_iter()
                .find(|name| naming_schema(schemas, name).is_some());
            let message = format!("duplicate Rust type name {new}; set another with {NAME}");
            let schema = named.unwrap_or(&old);
            return Err(name_error(provenance, &overlaid, schemas, schema, message));
        }
        names.insert(format!("{SCHEMA_PREFIX}{old}"), (old, new));
    }
    for (old, new) in names.values() {
        let mut schema = schemas.remove(old).unwrap_or_default();
        if let Some(object) = schema.as_object_mut() {
            object.retain(|key, _| key != NAME && key != INLINE_ORIGIN);
        }
        renamed.insert(new.clone(), schema);
    }
    *schemas = renamed;
    walk_mut(document, &mut |value| {
        if let Some(Value::String(reference)) = value.get_mut("$ref")
            && let Some((_, new)) = names.get(reference)
        {
            *reference = format!("{SCHEMA_PREFIX}{new}");
        }
    });
    Ok(old_names)
}

/// Builds an error about a schema's Rust name, at the extension that sets it, if any.
fn name_error(
    provenance: &Provenance<'_>,
    overlaid: &Value,
    schemas: &Map<String, Value>,
    schema: &str,
    message: String,
) -> Error {
    match naming_schema(schemas, schema) {
        Some(named) => provenance.error_at(overlaid, named, &[NAME], message),
        None => provenance.error_at(overlaid, schema, &[], message),
    }
}

/// Returns the Rust name of a schema: from the overlay, or else derived from the service's name.
/// The derived name of a schema that was inline starts with that of the enclosing schema.
fn rust_name(
    provenance: &Provenance<'_>,
    overlaid: &Value,
    schemas: &Map<String, Value>,
    old: &str,
) -> Result<String> {
    let schema = schemas.get(old);
    match schema.and_then(|schema| schema.get(NAME)) {
        Some(Value::String(new)) => return Ok(new.clone()),
        Some(_) => return Err(provenance.error_at(overlaid, old, &[NAME], "not a string")),
        None => {}
    }
    match schema.and_then(inline_origin) {
        Some((enclosing, role)) => {
            let enclosing = rust_name(provenance, overlaid, schemas, enclosing)?;
            Ok(type_name(&format!("{enclosing}{role}")))
        }
        None => Ok(type_name(old)),
    }
}

/// Converts a name to camel case, repeatedly until it is stable: progenitor converts it once more,
/// which must not change it.
pub(crate) fn type_name(text: &str) -> String {
    let name = text.to_upper_camel_case();
    if name == text { name } else { type_name(&name) }
}

/// Returns the enclosing schema of a schema that was inline, and its role there.
fn inline_origin(schema: &Value) -> Option<(&str, &str)> {
    match schema.get(INLINE_ORIGIN)?.as_array()?.as_slice() {
        [Value::String(enclosing), Value::String(role), ..] => Some((enclosing, role)),
        _ => None,
    }
}

/// Finds the schema with the extension that determines a schema's Rust name: the schema itself, or
/// one that encloses it.
fn naming_schema<'s>(schemas: &'s Map<String, Value>, schema: &'s str) -> Option<&'s str> {
    let value = schemas.get(schema)?;
    match value.get(NAME) {
        Some(_) => Some(schema),
        None => naming_schema(schemas, inline_origin(value)?.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn type_names_are_stable_under_progenitors_conversion() {
        assert_eq!(type_name("Event_SavedClip"), "EventSavedClip");
        assert_eq!(type_name("SavedClipX15B"), "SavedClipX15b");
        assert_eq!(type_name("A_B"), "Ab");
    }
}
