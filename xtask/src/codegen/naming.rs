//! What schemas are called in Rust.

use std::collections::BTreeMap;

use heck::ToUpperCamelCase;
use serde_json::{Map, Value};

use super::blame::Blame;
use super::open_enum;
use super::shape::{INSIDE, SCHEMAS};
use crate::document::walk_mut;
use crate::error::{Error, Result};

/// The mark that names a schema.
pub(crate) const NAME: &str = "x-rust-name";

/// Gives every schema its name in Rust; what they were called, by those.
pub(super) fn rename_schemas(
    blame: &Blame<'_>,
    document: &mut Value,
) -> Result<BTreeMap<String, String>> {
    let overlaid = document.clone();
    let Some(schemas) = document
        .pointer_mut("/components/schemas")
        .and_then(Value::as_object_mut)
    else {
        let file = match blame.shaped.pointer("/components/schemas") {
            Some(_) => blame.overlay,
            None => blame.fragment,
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
        let new = rust_name(blame, &overlaid, schemas, &old)?;
        if !open_enum::is_name(&new) || type_name(&new) != new {
            let fault = format!("{new:?} is no name of a Rust type: give it another with {NAME}");
            return Err(name_fault(blame, &overlaid, schemas, &old, fault));
        }
        if let Some(other) = old_names.insert(new.clone(), old.clone()) {
            // Whom the overlay names is the one that could be called otherwise.
            let named = [&old, &other]
                .into_iter()
                .find(|name| naming(schemas, name).is_some());
            let fault = format!("another schema is called {new} in Rust already");
            let at = named.unwrap_or(&old);
            return Err(name_fault(blame, &overlaid, schemas, at, fault));
        }
        names.insert(format!("{SCHEMAS}{old}"), (old, new));
    }
    for (old, new) in names.values() {
        let mut schema = schemas.remove(old).unwrap_or_default();
        if let Some(object) = schema.as_object_mut() {
            object.retain(|key, _| key != NAME && key != INSIDE);
        }
        renamed.insert(new.clone(), schema);
    }
    *schemas = renamed;
    walk_mut(document, &mut |value| {
        if let Some(Value::String(reference)) = value.get_mut("$ref")
            && let Some((_, new)) = names.get(reference)
        {
            *reference = format!("{SCHEMAS}{new}");
        }
    });
    Ok(old_names)
}

/// A fault of a schema's name: of the mark that gives it, if there is one.
fn name_fault(
    blame: &Blame<'_>,
    overlaid: &Value,
    schemas: &Map<String, Value>,
    schema: &str,
    message: String,
) -> Error {
    match naming(schemas, schema) {
        Some(named) => blame.at(overlaid, named, &[NAME], message),
        None => blame.at(overlaid, schema, &[], message),
    }
}

/// The name that the overlay gives to a schema, or one made of the service's; that of a schema
/// which was inline begins with the name of the schema around it.
fn rust_name(
    blame: &Blame<'_>,
    overlaid: &Value,
    schemas: &Map<String, Value>,
    old: &str,
) -> Result<String> {
    let schema = schemas.get(old);
    match schema.and_then(|schema| schema.get(NAME)) {
        Some(Value::String(new)) => return Ok(new.clone()),
        Some(_) => return Err(blame.at(overlaid, old, &[NAME], "not a string")),
        None => {}
    }
    match schema.and_then(inside) {
        Some((around, role)) => {
            let around = rust_name(blame, overlaid, schemas, around)?;
            Ok(type_name(&format!("{around}{role}")))
        }
        None => Ok(type_name(old)),
    }
}

/// A name in Rust's case. Progenitor puts names into that case again, which must change nothing.
pub(crate) fn type_name(text: &str) -> String {
    let name = text.to_upper_camel_case();
    if name == text { name } else { type_name(&name) }
}

/// The schema around one that was inline, and its role there.
fn inside(schema: &Value) -> Option<(&str, &str)> {
    match schema.get(INSIDE)?.as_array()?.as_slice() {
        [Value::String(around), Value::String(role), ..] => Some((around, role)),
        _ => None,
    }
}

/// The schema that gives a name to what a schema is called in Rust: itself, or one around it.
fn naming<'s>(schemas: &'s Map<String, Value>, schema: &'s str) -> Option<&'s str> {
    let value = schemas.get(schema)?;
    match value.get(NAME) {
        Some(_) => Some(schema),
        None => naming(schemas, inside(value)?.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_what_progenitor_makes_of_it() {
        assert_eq!(type_name("Event_SavedClip"), "EventSavedClip");
        assert_eq!(type_name("SavedClipX15B"), "SavedClipX15b");
        assert_eq!(type_name("A_B"), "Ab");
    }
}
